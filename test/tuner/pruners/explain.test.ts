import { describe, expect, it } from 'vitest';
import { explainPruning } from '../../../src-main/tuner/pruners/explain.ts';
import { MedianPruner } from '../../../src-main/tuner/pruners/percentile.ts';
import type { Pruner } from '../../../src-main/tuner/pruners/pruner.ts';
import { createPruner } from '../../../src-main/tuner/pruners/registry.ts';
import { InMemoryStorage } from '../../../src-main/tuner/storages/in-memory.ts';
import type { FrozenTrial } from '../../../src-main/tuner/trial/frozen-trial.ts';
import { createStudy } from '../../../src-main/tuner/study/study.ts';
import { TrialPruned } from '../../../src-main/tuner/errors.ts';

/** A study whose trials report a rising curve, pruned by the pruner as it runs. */
async function runStudy(pruner: Pruner): Promise<readonly FrozenTrial[]> {
  const study = await createStudy({
    storage: new InMemoryStorage(),
    direction: 'maximize',
    seed: 4,
    pruner,
  });
  await study.optimize(
    async (trial) => {
      const height = await trial.suggestFloat('height', 0, 1);
      for (let step = 0; step < 8; step++) {
        await trial.report(height * (1 + step / 10), step);
        if (await trial.shouldPrune()) throw new TrialPruned();
      }
      return height;
    },
    { nTrials: 40 },
  );
  return study.getTrials();
}

describe('explainPruning', () => {
  it.each([
    ['median', { nStartupTrials: 4, nWarmupSteps: 2 }],
    ['percentile', { percentile: 70, nStartupTrials: 3, intervalSteps: 3 }],
  ])('gives up what the %s pruner gave up, at the very step', async (name, options) => {
    const pruner = createPruner(name, options);
    const trials = await runStudy(pruner);
    let nPruned = 0;
    for (const trial of trials) {
      const { steps, decisions } = (await explainPruning(pruner, trial, trials, 'maximize'))!;
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
    const { decisions } = (await explainPruning(pruner, judged, trials, 'maximize'))!;
    expect(decisions).toEqual([
      { phase: 'warmup', own: 0, threshold: null, nOthers: 0, isPruned: false },
      { phase: 'compared', own: 1, threshold: 4, nOthers: 3, isPruned: true },
      { phase: 'compared', own: 5, threshold: 4.5, nOthers: 2, isPruned: false },
    ]);
    const early = trialOf(4, 'pruned', [0, 1], 5);
    const first = await explainPruning(pruner, early, trials, 'maximize');
    expect(first?.decisions.map(({ phase }) => phase)).toEqual(['warmup', 'startup']);
  });

  it('has nothing to say of other pruners, nor of trials without reports', async () => {
    const trial = trialOf(0, 'complete', [], 0);
    expect(await explainPruning(new MedianPruner(), trial, [trial], 'minimize')).toBeNull();
    const reported = trialOf(0, 'complete', [1], 0);
    const hyperband = createPruner('hyperband');
    expect(await explainPruning(hyperband, reported, [reported], 'minimize')).toBeNull();
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
