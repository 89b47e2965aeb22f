import { describe, expect, it } from 'vitest';
import type { DataPart, TrainingData } from '../../../src-main/training/datasets/dataset.ts';
import { initialWeights } from '../../../src-main/training/models/initializers.ts';
import type { EmbeddingPlan } from '../../../src-main/training/plan.ts';
import { countParameters, weightInfos } from '../../../src-main/training/plan.ts';
import { createRng } from '../../../src-main/tuner/math/rng.ts';
import { available, factoryOf } from './available-backends.ts';
import {
  expectGradients,
  layerOf,
  optionsOf,
  planOf,
  randomData,
  trainOn,
} from './small-networks.ts';

/** A number, three categories, a number, two categories. */
const WIDTH = 7;
const embeddings: EmbeddingPlan[] = [
  { column: 'color', start: 1, nCategories: 3, nDims: 2 },
  { column: 'size', start: 5, nCategories: 2, nDims: 1 },
];
const layers = [layerOf({ nUnits: 5, activation: 'tanh' })];
const plan = planOf(layers, { nInputs: WIDTH, embeddings });

function withCategories(data: TrainingData): TrainingData {
  const rng = createRng('embedding.test');
  const part = ({ nRows, targets }: DataPart): DataPart => ({
    nRows,
    targets,
    features: Float32Array.from(
      Array.from({ length: nRows }, () => {
        const color = rng.integer(4);
        const size = rng.integer(2);
        // Color 3 is unknown: no feature is 1.
        return [
          rng.normal(),
          ...[0, 1, 2].map((k) => Number(k === color)),
          rng.normal(),
          ...[0, 1].map((k) => Number(k === size)),
        ];
      }).flat(),
    ),
  });
  return {
    ...data,
    nFeatures: WIDTH,
    train: part(data.train),
    validation: part(data.validation),
  };
}

describe.each(available.filter(({ engine }) => engine === 'tfjs'))('embeddings on $name', (one) => {
  it('have the gradient of the loss', async () => {
    const data = withCategories(randomData('crossEntropy', 12));
    expect(expectGradients(await factoryOf(one), plan, data)).toBeGreaterThan(15);
  });

  it('give what the product of their matrices and the first kernel gives', async () => {
    const data = withCategories(randomData('crossEntropy'));
    const factory = await factoryOf(one);
    const [color, size, kernel, ...others] = initialWeights(plan.network, createRng(5)) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    const rowOf = (unit: number): Float32Array => kernel.subarray(5 * unit, 5 * (unit + 1));
    const mix = (shares: Float32Array, first: number): number[] =>
      Array.from({ length: 5 }, (_, unit) =>
        shares.reduce((sum, share, dim) => sum + share * (rowOf(first + dim)[unit] as number), 0),
      );
    // The first layer sees number, color (2), number, size (1).
    const wide = Float32Array.from([
      ...rowOf(0),
      ...[0, 1, 2].flatMap((k) => mix(color.subarray(2 * k, 2 * k + 2), 1)),
      ...rowOf(3),
      ...[0, 1].flatMap((k) => mix(size.subarray(k, k + 1), 4)),
    ]);
    const plain = planOf(layers, { nInputs: WIDTH });
    const { features } = data.validation;
    const expected = factory
      .create({
        plan: plain,
        data,
        weights: [wide, ...others],
        dropoutSeed: 0,
      })
      .predict(features);
    const outputs = factory
      .create({ plan, data, weights: [color, size, kernel, ...others], dropoutSeed: 0 })
      .predict(features);
    outputs.forEach((value, i) => expect(value).toBeCloseTo(expected[i] as number, 5));
  });

  it('learn', async () => {
    const options = optionsOf(plan, withCategories(randomData('crossEntropy')));
    const curve = await trainOn(one, options);
    expect(curve.at(-2)).toBeLessThan(0.9 * (curve[0] as number));
  });
});

it('counts embeddings, and starts them as wide as standardized numbers', () => {
  expect(weightInfos(plan.network).slice(0, 3)).toMatchObject([
    { part: 'embedding', layer: 0, shape: [3, 2], isTrainable: true },
    { part: 'embedding', layer: 1, shape: [2, 1], isTrainable: true },
    { part: 'dense', layer: 0, shape: [2 + 2 + 1, 5] },
  ]);
  expect(countParameters(plan.network)).toBe(3 * 2 + 2 * 1 + 5 * 5 + 5 + 5 * 3 + 3);
  const many = {
    ...plan.network,
    nInputs: 5002,
    embeddings: [{ ...embeddings[0], nCategories: 5000 }],
  };
  const [matrix] = initialWeights(many as typeof plan.network, createRng(1)) as [Float32Array];
  const square = matrix.reduce((sum, value) => sum + value * value, 0) / matrix.length;
  expect(square).toBeCloseTo(1, 1);
});
