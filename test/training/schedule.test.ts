import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { OptimizerPlan, SchedulePlan } from '../../src-main/training/plan.ts';
import { createSchedule } from '../../src-main/training/schedule.ts';

interface Fixture {
  learningRate: number;
  validationLosses: number[];
  cases: { settings: Partial<SchedulePlan>; rates: number[] }[];
}

const fixture = JSON.parse(readFileSync('test/fixtures/torch/schedules.json', 'utf8')) as Fixture;

function ratesOf(settings: Partial<SchedulePlan>, losses = fixture.validationLosses): number[] {
  const { learningRate } = fixture;
  const schedule = createSchedule({
    optimizer: { learningRate } as OptimizerPlan,
    schedule: {
      type: 'constant',
      every: 10,
      factor: 0.1,
      decay: 0.95,
      minShare: 0,
      patience: 10,
      warmupEpochs: 0,
      ...settings,
    },
    epochs: losses.length,
  });
  return losses.map((loss, epoch) => {
    const rate = schedule.rateAt(epoch);
    schedule.observe(epoch, loss);
    return rate;
  });
}

describe('createSchedule', () => {
  it.each(fixture.cases)("gives PyTorch's rates: $settings", ({ settings, rates }) => {
    ratesOf(settings).forEach((rate, epoch) => expect(rate).toBeCloseTo(rates[epoch] as number, 9));
    expect(new Set(rates).size).toBeGreaterThan(2);
  });

  it('stays as it is where nothing is asked for', () => {
    expect(new Set(ratesOf({}))).toEqual(new Set([0.1]));
  });

  it.each(fixture.cases)('warms up in front of $settings', ({ settings }) => {
    const rates = ratesOf({ ...settings, warmupEpochs: 3 });
    expect(rates.slice(0, 3)).toEqual([0.025, 0.05, expect.closeTo(0.075, 12)]);
    const afterwards = ratesOf(settings, fixture.validationLosses.slice(3));
    expect(rates.slice(3)).toEqual(afterwards);
  });
});
