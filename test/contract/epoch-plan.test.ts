import { describe, expect, it } from 'vitest';

import { epochPlan, epochsSaved } from '../../src-main/contract/epoch-plan.ts';
import { parseSpec } from '../../src-main/training/spec.ts';

const spec = (
  epochs: unknown,
  split: object = { fractions: { train: 0.6, validation: 0.2, test: 0.2 } },
) =>
  parseSpec(
    {
      name: 'plan',
      data: { table: 'iris', task: 'classification', target: 'species', split },
      network: { depth: 1, width: 4 },
      training: { epochs, optimizer: { type: 'sgd', learningRate: 0.1 } },
      sampler: { type: 'random' },
      stop: { trials: 5 },
      objective: { metric: 'accuracy', direction: 'maximize' },
    },
    'The spec',
  );

describe('epochPlan', () => {
  it.each([
    [10, 10],
    [{ int: [5, 20] }, 20],
    [{ choices: [4, 10, 8] }, 10],
  ])('takes of the epochs %j the most that a trial may have', (epochs, nReports) => {
    expect(epochPlan(spec(epochs))).toEqual({ nReports, epochsPerReport: 1 });
  });

  it('counts a report per fold, with all repeats', () => {
    expect(epochPlan(spec(10, { folds: 3, repeats: 2 }))).toEqual({
      nReports: 6,
      epochsPerReport: 10,
    });
    expect(epochPlan(spec(10, { folds: 3 }))).toEqual({ nReports: 3, epochsPerReport: 10 });
  });

  it('knows nothing of an own program, or of a study without a spec', () => {
    const own = parseSpec({ name: 'own', run: { module: '/own.mjs' } }, 'The spec');
    expect(epochPlan(own)).toBeNull();
    expect(epochPlan(null)).toBeNull();
  });
});

describe('epochsSaved', () => {
  it('is what was not reported, in epochs, and never less than nothing', () => {
    expect(epochsSaved({ nReports: 10, epochsPerReport: 1 }, 3)).toBe(7);
    expect(epochsSaved({ nReports: 6, epochsPerReport: 10 }, 4)).toBe(20);
    expect(epochsSaved({ nReports: 10, epochsPerReport: 1 }, 12)).toBe(0);
  });
});
