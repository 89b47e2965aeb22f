import { describe, expect, it } from 'vitest';
import { InvalidArgumentError } from '../../../src-main/tuner/errors.ts';
import { HyperbandPruner } from '../../../src-main/tuner/pruners/hyperband.ts';
import { PatientPruner } from '../../../src-main/tuner/pruners/patient.ts';
import { MedianPruner, PercentilePruner } from '../../../src-main/tuner/pruners/percentile.ts';
import type { Pruner } from '../../../src-main/tuner/pruners/pruner.ts';
import { SuccessiveHalvingPruner } from '../../../src-main/tuner/pruners/successive-halving.ts';
import { ThresholdPruner } from '../../../src-main/tuner/pruners/threshold.ts';
import { WilcoxonPruner } from '../../../src-main/tuner/pruners/wilcoxon.ts';
import { RandomSampler } from '../../../src-main/tuner/samplers/random.ts';
import { InMemoryStorage } from '../../../src-main/tuner/storages/in-memory.ts';
import { createStudy, type Study } from '../../../src-main/tuner/study/study.ts';

function newStudy(pruner: Pruner, direction: 'minimize' | 'maximize' = 'minimize') {
  return createStudy({
    storage: new InMemoryStorage(),
    studyName: 'ref',
    direction,
    sampler: new RandomSampler(),
    pruner,
  });
}

async function complete(study: Study, reports: Record<number, number>, value = 0): Promise<void> {
  const trial = await study.ask();
  for (const [step, y] of Object.entries(reports)) await trial.report(y, Number(step));
  await study.tell(trial, value);
}

/** The pruner's answer after each of the reports. */
async function answers(study: Study, reports: readonly [number, number][]): Promise<string> {
  const trial = await study.ask();
  let text = '';
  for (const [step, y] of reports) {
    await trial.report(y, step);
    text += (await trial.shouldPrune()) ? '1' : '0';
  }
  return text;
}

describe('PercentilePruner', () => {
  it('keeps a trial before the warm-up ends, and checks at intervals', async () => {
    const pruner = new PercentilePruner({ nStartupTrials: 1, nWarmupSteps: 2, intervalSteps: 3 });
    const study = await newStudy(pruner);
    await complete(study, Object.fromEntries([...Array(12).keys()].map((step) => [step, 0])));
    const worse = [...Array(10).keys()].map((step): [number, number] => [step, 1]);
    expect(await answers(study, worse)).toBe('0010010010');
    // Without a report at step 5, the next one is checked in its place.
    expect(
      await answers(
        study,
        worse.filter(([step]) => step !== 5),
      ),
    ).toBe('001001010');
  });

  it('judges the best report, not the last', async () => {
    const study = await newStudy(new MedianPruner({ nStartupTrials: 1 }));
    await complete(study, { 0: 5, 1: 5 });
    expect(
      await answers(study, [
        [0, 4],
        [1, 9],
      ]),
    ).toBe('00');
  });

  it('counts infinite reports of others', async () => {
    // Optuna's median of these is NaN, and prunes nothing.
    const study = await newStudy(new MedianPruner({ nStartupTrials: 1 }));
    await complete(study, { 0: -Infinity, 1: Infinity });
    await complete(study, { 0: 1, 1: 1 });
    expect(
      await answers(study, [
        [0, 0],
        [1, 3],
      ]),
    ).toBe('10');
  });

  it('prunes a trial that has reported nothing but NaN', async () => {
    const study = await newStudy(new MedianPruner({ nStartupTrials: 1 }));
    await complete(study, { 0: 5 });
    expect(
      await answers(study, [
        [0, NaN],
        [1, NaN],
      ]),
    ).toBe('11');
  });

  it('keeps a trial at a step that too few others have reached', async () => {
    const study = await newStudy(new MedianPruner({ nStartupTrials: 1, nMinTrials: 2 }));
    await complete(study, { 0: 1, 1: 1 });
    await complete(study, { 0: 1 });
    expect(
      await answers(study, [
        [0, 9],
        [1, 9],
      ]),
    ).toBe('10');
  });

  it('needs no order of reports', async () => {
    const study = await newStudy(new MedianPruner({ nStartupTrials: 1 }));
    await complete(study, { 5: 1, 2: 7 });
    expect(
      await answers(study, [
        [5, 3],
        [2, 0],
      ]),
    ).toBe('10');
  });

  it('checks its options', () => {
    expect(() => new PercentilePruner({ percentile: 120 })).toThrow(
      'PercentilePruner: `percentile` must be a number between 0 and 100, but got 120.',
    );
    expect(() => new MedianPruner({ intervalSteps: 0 })).toThrow(InvalidArgumentError);
    expect(() => new MedianPruner({ percentile: 25 } as never)).toThrow(/no option `percentile`/);
  });
});

describe('SuccessiveHalvingPruner', () => {
  it("takes 'auto' from the first trial to complete, also after others have", async () => {
    const study = await newStudy(new SuccessiveHalvingPruner({ reductionFactor: 2 }));
    await complete(study, { 300: 1 });
    await complete(study, { 9000: 1 });
    // The first rung is after 3 steps, not after 90.
    expect(
      await answers(study, [
        [2, 5],
        [3, 5],
        [6, 5],
      ]),
    ).toBe('000');
    expect((await study.getTrials()).at(-1)?.systemAttrs).toMatchObject({
      completed_rung_0: 5,
      completed_rung_1: 5,
    });
    expect(await answers(study, [[3, 6]])).toBe('1');
  });

  it('prunes NaN at a rung, and not between rungs', async () => {
    const study = await newStudy(new SuccessiveHalvingPruner({ minResource: 2 }));
    expect(
      await answers(study, [
        [1, NaN],
        [2, NaN],
      ]),
    ).toBe('01');
  });

  it('checks its options', () => {
    expect(() => new SuccessiveHalvingPruner({ bootstrapCount: 1 })).toThrow(
      /`bootstrapCount` must be 0 with `minResource: 'auto'`, but got 1/,
    );
    expect(() => new SuccessiveHalvingPruner({ minResource: 'most' as never })).toThrow(
      /whole number of at least 1, or 'auto', but got "most"/,
    );
  });
});

describe('HyperbandPruner', () => {
  it('prunes in one bracket where the first trial ended before `minResource`', async () => {
    const study = await newStudy(new HyperbandPruner({ minResource: 2, reductionFactor: 4 }));
    await complete(study, { 0: 1 });
    const steps = (y: number) => [0, 1, 2].map((step): [number, number] => [step, y]);
    expect(await answers(study, steps(1))).toBe('000');
    expect(await answers(study, steps(5))).toBe('001');
  });

  it('compares a trial with its bracket only', async () => {
    const study = await newStudy(new HyperbandPruner({ maxResource: 9, reductionFactor: 3 }));
    for (let number = 0; number < 30; number++) await complete(study, { 1: number });
    const brackets = new Map<string, number[]>();
    for (const trial of await study.getTrials()) {
      const view = await study.pruner.studyFor?.(study, trial);
      const key = (await view?.getTrials())?.map(({ number }) => number).join() ?? '';
      brackets.set(key, [...(brackets.get(key) ?? []), trial.number]);
      expect((await view?.getHistory())?.nFinished).toBe((await view?.getTrials())?.length);
    }
    expect(brackets.size).toBe(3);
    for (const [key, members] of brackets) expect(members.join()).toBe(key);
  });

  it('sees the whole study as long as it does not know the brackets', async () => {
    const study = await newStudy(new HyperbandPruner());
    const trial = await study.ask();
    await trial.report(1, 3);
    expect(await trial.shouldPrune()).toBe(false);
    const frozen = await study.storage.getTrial(trial.trialId);
    expect(await study.pruner.studyFor?.(study, frozen)).toBe(study);
  });

  it('checks its options', () => {
    expect(() => new HyperbandPruner({ minResource: 5, maxResource: 4 })).toThrow(
      /`maxResource` must be at least `minResource` \(5\), but got 4/,
    );
    expect(() => new HyperbandPruner({ bootstrapCount: 1 })).toThrow(/must be 0 with/);
  });
});

describe('PatientPruner', () => {
  it('waits, then prunes, then lets a trial go on that improves again', async () => {
    const study = await newStudy(new PatientPruner({ patience: 1 }));
    const ys = [3, 2, 2.5, 2.6, 2.7, 1];
    expect(
      await answers(
        study,
        ys.map((y, step): [number, number] => [step, y]),
      ),
    ).toBe('000110');
  });

  it('asks the wrapped pruner only then', async () => {
    const asked: number[] = [];
    const wrapped: Pruner = {
      name: 'asked',
      prune: async (_study, { intermediateValues }) => asked.push(intermediateValues.size) > 1,
    };
    const study = await newStudy(new PatientPruner({ patience: 1, wrapped }));
    const ys = [1, 2, 3, 4, 5];
    expect(
      await answers(
        study,
        ys.map((y, step): [number, number] => [step, y]),
      ),
    ).toBe('00011');
    expect(asked).toEqual([3, 4, 5]);
  });

  it('leaves a trial alone whose recent or earlier reports are all NaN', async () => {
    const study = await newStudy(new PatientPruner({ patience: 0 }));
    const ys = [1, NaN, NaN];
    expect(
      await answers(
        study,
        ys.map((y, step): [number, number] => [step, y]),
      ),
    ).toBe('000');
  });

  it('checks its options', () => {
    expect(() => new PatientPruner({} as never)).toThrow(
      'PatientPruner: `patience` must be given.',
    );
    expect(() => new PatientPruner({ patience: 1, wrapped: 3 as never })).toThrow(
      /`wrapped` must be a pruner/,
    );
  });
});

describe('ThresholdPruner', () => {
  it('prunes what is outside, and NaN', async () => {
    const study = await newStudy(new ThresholdPruner({ lower: 0, upper: 1 }));
    const ys = [0, 1, -0.1, 1.1, 0.5, NaN, Infinity];
    expect(
      await answers(
        study,
        ys.map((y, step): [number, number] => [step, y]),
      ),
    ).toBe('0011011');
  });

  it('checks its options', () => {
    expect(() => new ThresholdPruner()).toThrow(/`lower` or `upper` must be given/);
    expect(() => new ThresholdPruner({ lower: 2, upper: 1 })).toThrow(
      /`lower` must not be above `upper`, but got 2 and 1/,
    );
  });
});

describe('WilcoxonPruner', () => {
  it('prunes once the instances in common speak clearly', async () => {
    const study = await newStudy(new WilcoxonPruner({ pThreshold: 0.1 }));
    await complete(study, { 0: 1, 1: 2, 2: 3, 3: 4, 4: 5 }, 3);
    const worse = [0, 1, 2, 3, 4].map((step): [number, number] => [step, step + 1.5 + step / 10]);
    expect(await answers(study, worse)).toBe('00011');
    const instancesOfNobody = worse.map(([step, y]): [number, number] => [step + 10, y]);
    expect(await answers(study, instancesOfNobody)).toBe('00000');
  });

  it('compares with the best feasible trial, and leaves reports alone that are not finite', async () => {
    const study = await newStudy(new WilcoxonPruner({ pThreshold: 1 }), 'maximize');
    const infeasible = await study.ask();
    await infeasible.setConstraint('c', 1);
    await infeasible.report(100, 0);
    await study.tell(infeasible, 100);
    expect(
      await answers(study, [
        [0, 0],
        [1, 0],
        [2, 0],
      ]),
    ).toBe('000');
    await complete(study, { 0: 5, 1: 5, 2: 5 }, 5);
    expect(
      await answers(study, [
        [0, 4],
        [1, 4],
        [2, 4],
      ]),
    ).toBe('011');
    expect(
      await answers(study, [
        [0, 4],
        [1, -Infinity],
        [2, 4],
      ]),
    ).toBe('000');
  });
});
