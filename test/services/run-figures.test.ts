import { describe, expect, it } from 'vitest';
import { RunFigures } from '../../src-main/services/run-figures.ts';
import { parseSpec } from '../../src-main/training/spec.ts';
import type { FrozenTrial } from '../../src-main/tuner/trial/frozen-trial.ts';

const spec = (
  split: object = { fractions: { train: 0.6, validation: 0.2, test: 0.2 } },
): ReturnType<typeof parseSpec> =>
  parseSpec(
    {
      name: 'figures',
      data: { table: 'iris', task: 'classification', target: 'species', split },
      network: { depth: 1, width: 4 },
      training: { epochs: 10, optimizer: { type: 'sgd', learningRate: 0.1 } },
      sampler: { type: 'random' },
      stop: { trials: 5 },
      objective: { metric: 'accuracy', direction: 'maximize' },
    },
    'The spec',
  );
const trial = (state: FrozenTrial['state'], nReports: number): FrozenTrial => ({
  trialId: 1,
  number: 0,
  state,
  values: null,
  startedAtMs: 0,
  completedAtMs: 1,
  params: {},
  internalParams: {},
  distributions: {},
  intermediateValues: new Map(Array.from({ length: nReports }, (_, step) => [step, 0])),
  userAttrs: {},
  systemAttrs: {},
});

describe('RunFigures', () => {
  it('counts the epochs that pruning saved, of trials before and in the run', () => {
    const figures = new RunFigures(0);
    figures.begin(spec(), [trial('pruned', 3), trial('complete', 4)]);
    expect([figures.finishedTrials, figures.epochsSaved]).toEqual([2, 7]);
    figures.addFinished(trial('pruned', 10), 1);
    figures.addFinished(trial('pruned', 9), 2);
    expect(figures.epochsSaved).toBe(8);
  });

  it('counts whole folds where trials report folds', () => {
    const figures = new RunFigures(0);
    figures.begin(spec({ folds: 4, repeats: 2 }), [trial('pruned', 3)]);
    expect(figures.epochsSaved).toBe(5 * 10);
  });

  it('knows nothing of the epochs of an own program', () => {
    const figures = new RunFigures(0);
    const own = parseSpec({ name: 'own', run: { module: '/own.mjs' } }, 'The spec');
    figures.begin(own, [trial('pruned', 3)]);
    expect(figures.epochsSaved).toBe(0);
  });

  it('takes the rate from the last trials, and what is left from it', () => {
    const figures = new RunFigures(1000);
    figures.begin(spec(), []);
    expect(figures.rate()).toBeNull();
    expect(figures.etaMs(5, null, 2000)).toBeNull();
    figures.addFinished(trial('complete', 1), 3000);
    figures.finishedTrials = 1;
    expect(figures.rate()).toBe(0.5);
    expect(figures.etaMs(5, null, 3000)).toBe(8000);
    expect(figures.etaMs(5, 4000, 3000)).toBe(2000);
    expect(figures.etaMs(null, 4000, 9000)).toBe(0);
    // Ten later the first seconds no longer count.
    for (let i = 1; i <= 10; i++) figures.addFinished(trial('complete', 1), 10_000 + 100 * i);
    expect(figures.rate()).toBeCloseTo(10, 12);
    figures.finishedTrials = 11;
    expect(figures.etaMs(5, null, 12_000)).toBe(0);
  });
});
