import { describe, expect, it } from 'vitest';
import { loadBackend } from '../../../src-main/training/backends.ts';
import { countParameters, imagesOf, weightInfos } from '../../../src-main/training/plan.ts';
import type { ConvLayerPlan, ConvolutionPlan } from '../../../src-main/training/plan.ts';
import { norms } from '../../../src-main/training/vocabulary.ts';
import { available, factoryOf } from './available-backends.ts';
import {
  expectEpochsOfTorch,
  expectGradients,
  layerOf,
  optionsOf,
  planOf,
  randomData,
  trainOn,
} from './small-networks.ts';

function blockOf(given: Partial<ConvLayerPlan> & { readonly nFilters: number }): ConvLayerPlan {
  return {
    kernelHeight: 3,
    kernelWidth: 3,
    norm: 'none',
    activation: 'relu',
    poolHeight: 1,
    poolWidth: 1,
    dropout: 0,
    init: 'pytorch',
    ...given,
  };
}

/** One row of pixels is left over by the pooling, and the second filter has no middle. */
const convolution: ConvolutionPlan = {
  image: { height: 5, width: 4, channels: 2 },
  layers: [
    blockOf({ nFilters: 3, activation: 'tanh', poolHeight: 2, poolWidth: 2 }),
    blockOf({ nFilters: 4, kernelHeight: 2, kernelWidth: 2, norm: 'batch' }),
  ],
};
const N_FEATURES = 40;
const plan = planOf([layerOf({ nUnits: 5 })], { nInputs: N_FEATURES, convolution });
const tfjs = available.filter(({ engine }) => engine === 'tfjs');

describe.each(tfjs)('convolutions on $name', (one) => {
  it('learn what PyTorch learns, epoch by epoch', async () => {
    const layers = convolution.layers.map((block) => ({ ...block, norm: 'none' as const }));
    const plain = planOf([layerOf({ nUnits: 5 })], {
      nInputs: N_FEATURES,
      convolution: { ...convolution, layers },
    });
    expectEpochsOfTorch(await factoryOf(one), 'convolution.json', plain);
  });

  it.each(norms)('have the gradient of the loss: norm %s', async (norm) => {
    const layers = convolution.layers.map((block) => ({
      ...block,
      norm,
      dropout: 0.2,
    }));
    const blocks = planOf([layerOf({ nUnits: 5 })], {
      nInputs: N_FEATURES,
      convolution: { ...convolution, layers },
    });
    const data = randomData('crossEntropy', 5, N_FEATURES);
    expect(expectGradients(await factoryOf(one), blocks, data, 5)).toBeGreaterThan(25);
  });

  it('have the gradient of the loss in one dimension, straight to the outputs', async () => {
    const sequence = planOf([], {
      nInputs: 12,
      convolution: {
        image: { height: 1, width: 12, channels: 1 },
        layers: [
          blockOf({ nFilters: 3, kernelHeight: 1, activation: 'elu', poolWidth: 3 }),
          blockOf({ nFilters: 2, kernelHeight: 1, kernelWidth: 5, activation: 'swish' }),
        ],
      },
      loss: 'huber',
    });
    const data = randomData('huber', 5, 12);
    expect(expectGradients(await factoryOf(one), sequence, data)).toBeGreaterThan(10);
  });

  it('leave no tensors behind', async () => {
    const factory = await factoryOf(one);
    const { tf } = await loadBackend(one.backend);
    const before = tf.memory().numTensors;
    const model = factory.create(optionsOf(plan, randomData('crossEntropy', 24, N_FEATURES)));
    const order = Int32Array.from({ length: 24 }, (_, i) => i);
    for (let epoch = 0; epoch < 3; epoch++) model.runEpoch(epoch, order, 0.01);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('see the same losses as on cpu, dropout included', async () => {
    const layers = convolution.layers.map((block) => ({ ...block, dropout: 0.2 }));
    const options = optionsOf(
      planOf([layerOf({ nUnits: 5, norm: 'layer', dropout: 0.2 })], {
        nInputs: N_FEATURES,
        convolution: { ...convolution, layers },
      }),
      randomData('crossEntropy', 24, N_FEATURES),
    );
    const cpu = tfjs.find(({ name }) => name === 'cpu') as typeof one;
    const expected = await trainOn(cpu, options, 10);
    (await trainOn(one, options, 10)).forEach((loss, i) =>
      expect(loss).toBeCloseTo(expected[i] as number, 3),
    );
  });
});

it('knows its images, weights and parameters', () => {
  expect(imagesOf(convolution)).toEqual([
    { height: 5, width: 4, channels: 2 },
    { height: 2, width: 2, channels: 3 },
    { height: 2, width: 2, channels: 4 },
  ]);
  expect(
    weightInfos(plan.network).map(({ part, layer, role, shape }) => [part, layer, role, ...shape]),
  ).toEqual([
    ['convolution', 0, 'kernel', 3, 3, 2, 3],
    ['convolution', 0, 'bias', 3],
    ['convolution', 1, 'kernel', 2, 2, 3, 4],
    ['convolution', 1, 'bias', 4],
    ['convolution', 1, 'normScale', 4],
    ['convolution', 1, 'normShift', 4],
    ['convolution', 1, 'runningMean', 4],
    ['convolution', 1, 'runningVariance', 4],
    ['dense', 0, 'kernel', 16, 5],
    ['dense', 0, 'bias', 5],
    ['dense', 1, 'kernel', 5, 3],
    ['dense', 1, 'bias', 3],
  ]);
  expect(countParameters(plan.network)).toBe(54 + 3 + 48 + 4 + 8 + 80 + 5 + 15 + 3);
});
