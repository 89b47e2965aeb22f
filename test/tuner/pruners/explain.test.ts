import { describe, expect, it } from 'vitest';
import { explainPruning } from '../../../src-main/tuner/pruners/explain.ts';
import { MedianPruner } from '../../../src-main/tuner/pruners/percentile.ts';
import type { Pruner } from '../../../src-main/tuner/pruners/pruner.ts';
import { createPruner } from '../../../src-main/tuner/pruners/registry.ts';
import { InMemoryStorage } from '../../../src-main/tuner/storages/in-memory.ts';
import type { Attrs, FrozenTrial } from '../../../src-main/tuner/trial/frozen-trial.ts';
import { createStudy } from '../../../src-main/tuner/study/study.ts';
import { TrialPruned } from '../../../src-main/tuner/errors.ts';

const study = { studyName: 'explained', direction: 'maximize' } as const;
const rising = (height: number, step: number): number => height * (1 + step / 10);
const falling = (height: number, step: number): number =>
  step < 2 + 4 * height ? height + step / 10 : height - step / 10;

/** A study whose trials report a curve, pruned by the pruner as it runs. */
async function runStudy(
  pruner: Pruner,
  curve: (height: number, step: number) => number = rising,
): Promise<readonly FrozenTrial[]> {
  const created = await createStudy({
    studyName: study.studyName,
    storage: new InMemoryStorage(),
    direction: 'maximize',
    seed: 4,
    pruner,
  });
  await created.optimize(
    async (trial) => {
      const height = await trial.suggestFloat('height', 0, 1);
      for (let step = 0; step < 8; step++) {
        await trial.report(curve(height, step), step);
        if (await trial.shouldPrune()) throw new TrialPruned();
      }
      return height;
    },
    { nTrials: 40 },
  );
  return created.getTrials();
}

describe('explainPruning', () => {
  it.each([
    ['median', { nStartupTrials: 4, nWarmupSteps: 2 }],
    ['percentile', { percentile: 70, nStartupTrials: 3, intervalSteps: 3 }],
    ['successive-halving', { minResource: 1, reductionFactor: 2 }],
    ['successive-halving', { minResource: 2, reductionFactor: 2, bootstrapCount: 3 }],
    ['successive-halving', {}],
    ['hyperband', { minResource: 1, reductionFactor: 2 }],
    ['threshold', { lower: 0.2, upper: 0.9, nWarmupSteps: 1 }],
    ['patient', { patience: 1, minDelta: 0 }],
    ['patient', { patience: 1, wrapped: { type: 'threshold', options: { lower: 0.2 } } }],
    [
      'patient',
      { patience: 1, wrapped: { type: 'successive-halving', options: { minResource: 1 } } },
    ],
  ])('gives up what the %s pruner gave up, at the very step', async (name, options) => {
    const pruner = createPruner(name, options);
    // Patience runs out only where a curve falls.
    const trials = await runStudy(pruner, name === 'patient' ? falling : rising);
    let nPruned = 0;
    for (const trial of trials) {
      const { steps, decisions } = (await explainPruning(pruner, trial, trials, study))!;
      expect(steps).toEqual([...trial.intermediateValues.keys()]);
      expect(decisions.slice(0, -1).some(({ isPruned }) => isPruned)).toBe(false);
      expect(decisions.at(-1)?.isPruned).toBe(trial.state === 'pruned');
      if (trial.state === 'pruned') nPruned++;
    }
    expect(nPruned).toBeGreaterThan(5);
  });

  it('says what was compared, and why nothing was', async () => {
    const pruner = new MedianPruner({ nStartupTrials: 2, nWarmupSteps: 1, nMinTrials: 2 });
    const complete = (number: number, values: number[]): FrozenTrial =>
      trialOf(number, 'complete', values, number * 10);
    const trials = [complete(0, [1, 2, 3]), complete(1, [2, 4, 6]), complete(2, [9, 9])];
    const judged = trialOf(3, 'pruned', [0, 1, 5], 30);
    const { decisions } = (await explainPruning(pruner, judged, trials, study))!;
    expect(decisions).toEqual([
      { phase: 'warmup', basis: 'best', own: 0, threshold: null, nOthers: 0, isPruned: false },
      { phase: 'compared', basis: 'best', own: 1, threshold: 4, nOthers: 3, isPruned: true },
      { phase: 'compared', basis: 'best', own: 5, threshold: 4.5, nOthers: 2, isPruned: false },
    ]);
    const early = trialOf(4, 'pruned', [0, 1], 5);
    const first = await explainPruning(pruner, early, trials, study);
    expect(first?.decisions.map(({ phase }) => phase)).toEqual(['warmup', 'startup']);
  });

  it('compares at a rung with those that had got there by then', async () => {
    const pruner = createPruner('successive-halving', { minResource: 2, reductionFactor: 2 });
    const rungs = (...values: number[]): Attrs =>
      Object.fromEntries(values.map((value, i) => [`completed_rung_${i}`, value]));
    const trials = [
      { ...trialOf(0, 'complete', [1, 2, 5, 7, 8], 10), systemAttrs: rungs(5, 8) },
      { ...trialOf(1, 'pruned', [2, 3, 4], 20), systemAttrs: rungs(4) },
      { ...trialOf(2, 'complete', [1, 3, 9, 9, 10], 40), systemAttrs: rungs(9, 10) },
    ];
    const judged = { ...trialOf(3, 'pruned', [1, 2, 3], 30), systemAttrs: rungs(3) };
    const { decisions } = (await explainPruning(pruner, judged, trials, study))!;
    const between = { phase: 'interval', basis: 'rung', threshold: null, nOthers: 0 };
    expect(decisions).toEqual([
      { ...between, own: 1, isPruned: false },
      { ...between, own: 2, isPruned: false },
      { ...between, phase: 'compared', own: 3, threshold: 5, nOthers: 2, isPruned: true },
    ]);
  });

  it('counts of a trial that was running only the rungs it had reached', async () => {
    const pruner = createPruner('successive-halving', { minResource: 1, reductionFactor: 2 });
    const systemAttrs = { completed_rung_0: 2, completed_rung_1: 6, completed_rung_2: 9 };
    const other = {
      ...trialOf(0, 'complete', [1, 2, 6, 7, 9], 100),
      startedAtMs: 0,
      systemAttrs,
    };
    const judged = { ...trialOf(1, 'complete', [1, 3, 4, 5, 5], 65), startedAtMs: 55 };
    const { decisions } = (await explainPruning(pruner, judged, [other, judged], study))!;
    expect(decisions.map(({ phase, nOthers }) => [phase, nOthers])).toEqual([
      ['interval', 0],
      ['compared', 1],
      ['compared', 1],
      ['interval', 0],
      ['few', 0],
    ]);
  });

  it('has both bounds of a threshold pruner, or the one there is', async () => {
    const trial = trialOf(0, 'pruned', [0.5, 2], 0);
    const explain = async (options: object): Promise<unknown> => {
      const pruner = createPruner('threshold', { ...options });
      return (await explainPruning(pruner, trial, [trial], study))?.decisions.at(-1);
    };
    const decision = { phase: 'compared', basis: 'bounds', own: 2, nOthers: 0, isPruned: true };
    expect(await explain({ lower: 0, upper: 1 })).toEqual({ ...decision, threshold: 0, upper: 1 });
    expect(await explain({ upper: 1 })).toEqual({ ...decision, threshold: 1 });
    expect(await explain({ lower: 0 })).toEqual({ ...decision, threshold: 0, isPruned: false });
  });

  it('has nothing to say of a test of many reports, nor of trials without reports', async () => {
    const trial = trialOf(0, 'complete', [], 0);
    expect(await explainPruning(new MedianPruner(), trial, [trial], study)).toBeNull();
    const reported = trialOf(0, 'complete', [1], 0);
    const wilcoxon = createPruner('wilcoxon');
    expect(await explainPruning(wilcoxon, reported, [reported], study)).toBeNull();
    const patient = createPruner('patient', { patience: 0, wrapped: { type: 'wilcoxon' } });
    const falling = trialOf(0, 'complete', [2, 1], 0);
    expect(await explainPruning(patient, falling, [falling], study)).toBeNull();
  });
});

function trialOf(
  number: number,
  state: FrozenTrial['state'],
  values: number[],
  completedAtMs: number,
): FrozenTrial {
  return {
    trialId: number + 1,
    number,
    state,
    values: state === 'complete' ? [values.at(-1) ?? 0] : null,
    startedAtMs: completedAtMs - 1,
    completedAtMs,
    params: {},
    internalParams: {},
    distributions: {},
    intermediateValues: new Map(values.entries()),
    userAttrs: {},
    systemAttrs: {},
  };
}
