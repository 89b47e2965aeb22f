import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { searchSpaceOf } from '../../src-main/training/search-space.ts';
import { loadSpec, parseSpec } from '../../src-main/training/spec.ts';
import type { NetworkStudySpecInput } from '../../src-main/training/spec.ts';
import { suggestPlan } from '../../src-main/training/suggest-plan.ts';
import { RecordingTrial } from './helpers/recording-trial.ts';

const sizes = {
  task: 'classification',
  nFeatures: 4,
  nOutputs: 2,
  classes: [
    { name: 'a', nTrainRows: 10 },
    { name: 'b', nTrainRows: 20 },
  ],
} as const;

function specWith(
  network: NetworkStudySpecInput['network'],
  training: Partial<NetworkStudySpecInput['training']> = {},
) {
  return parseSpec({
    name: 'x',
    data: {
      table: 'iris',
      task: 'classification',
      target: 'species',
      split: { fractions: { train: 0.6, validation: 0.2, test: 0.2 } },
    },
    network,
    training: { optimizer: { type: 'sgd', learningRate: 0.1 }, epochs: 5, ...training },
  });
}

describe('searchSpaceOf', () => {
  it("finds the notebook's space with the conditions of its layers", async () => {
    const { params, nCombinations } = await searchSpaceOf(loadSpec('iris').spec, sizes);
    expect(params.map(({ name, condition }) => [name, condition])).toEqual([
      ['n_layers', null],
      ['hidden_dim_layer_0', null],
      ['hidden_dim_layer_1', 'n_layers ≥ 2'],
      ['hidden_dim_layer_2', 'n_layers = 3'],
      ['weight_decay', null],
      ['learning_rate', null],
      ['dropout_rate', null],
    ]);
    expect(nCombinations).toBe(Infinity);
  });

  it('counts every way through the conditions once', async () => {
    const spec = specWith(
      { depth: { int: [0, 2] }, width: { choices: [8, 16, 32] } },
      {
        optimizer: {
          type: { choices: ['adam', 'sgd'] },
          learningRate: 0.1,
          momentum: { choices: [0, 0.5, 0.9, 0.95] },
        },
      },
    );
    const { params, nCombinations } = await searchSpaceOf(spec, sizes);
    // 1 + 3 + 9 networks, times one way for adam and four for sgd.
    expect(nCombinations).toBe((1 + 3 + 9) * (1 + 4));
    expect(params.find(({ name }) => name === 'momentum')?.condition).toBe('optimizer = sgd');
  });

  it('is one combination where everything is fixed', async () => {
    expect(await searchSpaceOf(specWith({ depth: 1, width: 8 }), sizes)).toEqual({
      params: [],
      nCombinations: 1,
    });
  });

  it('does not count where conditions multiply beyond measure', async () => {
    const spec = specWith(
      {
        depth: { int: [0, 100] },
        width: { choices: [8, 16] },
        dropout: { name: 'd_{layer}', choices: [0, 0.5] },
        shape: { choices: ['free', 'constant', 'pyramid', 'hourglass'] },
      },
      {
        optimizer: {
          type: { choices: ['adam', 'sgd', 'rmsprop'] },
          learningRate: 0.1,
          momentum: { choices: [0, 0.9] },
        },
        schedule: { type: { choices: ['constant', 'step', 'cosine'] }, every: { int: [1, 9] } },
        loss: { type: { choices: ['crossEntropy', 'focal'] }, gamma: { choices: [1, 2] } },
      },
    );
    const { params, nCombinations } = await searchSpaceOf(spec, sizes);
    expect(nCombinations).toBeNull();
    expect(params.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['d_0', 'd_99', 'momentum', 'schedule_every', 'focal_gamma']),
    );
  });

  it('has every parameter that a trial is ever asked for, and no other', async () => {
    const depth = fc.constantFrom(1, { int: [0, 3] as [number, number] }, { choices: [0, 2] });
    const width = fc.constantFrom(
      8,
      { choices: [8, 16] },
      { name: 'w', int: [4, 9] as [number, number] },
    );
    const shape = fc.constantFrom('free' as const, {
      choices: ['free' as const, 'pyramid' as const],
    });
    const optimizer = fc.subarray(['adam', 'sgd', 'rmsprop'] as const, { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(depth, width, shape, optimizer, async (depth, width, shape, choices) => {
        const spec = specWith(
          { depth, width, shape },
          {
            optimizer: {
              type: { choices },
              learningRate: { float: [1e-4, 0.1], log: true },
              ...(choices.some((type) => type !== 'adam') ? { momentum: { float: [0, 0.9] } } : {}),
            },
          },
        );
        const { params } = await searchSpaceOf(spec, sizes);
        const known = new Map(params.map(({ name, distribution }) => [name, distribution]));
        const asked = new Set<string>();
        for (let number = 0; number < 60; number++) {
          const trial = new RecordingTrial({ number });
          await suggestPlan(trial, spec, sizes);
          for (const [name, distribution] of Object.entries(trial.distributions)) {
            expect(known.get(name)).toEqual(distribution);
            asked.add(name);
          }
        }
        expect([...known.keys()].sort()).toEqual([...asked].sort());
      }),
      { numRuns: 40 },
    );
  });
});
