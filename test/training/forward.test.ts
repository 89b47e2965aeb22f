import { describe, expect, it } from 'vitest';
import { forward } from '../../src-main/training/forward.ts';
import { fusedDenseFactory } from '../../src-main/training/models/fused-dense.ts';
import { loadBackend } from '../../src-main/training/backends.ts';
import { createTfjsFactory } from '../../src-main/training/models/tfjs-network.ts';
import { activations } from '../../src-main/training/vocabulary.ts';
import { layerOf, optionsOf, planOf, randomData } from './models/small-networks.ts';

const { tf } = await loadBackend('cpu');
const tfjs = createTfjsFactory(tf, 'cpu');
const data = randomData('crossEntropy');

/** The largest distance between two lists. */
const distance = (a: Float32Array, b: Float32Array): number =>
  a.reduce((max, value, i) => Math.max(max, Math.abs(value - (b[i] as number))), 0);

describe('forward', () => {
  it.each(activations)('predicts as the engines do: %s', (activation) => {
    const plan = planOf([layerOf({ nUnits: 7, activation }), layerOf({ nUnits: 5, activation })]);
    const options = optionsOf(plan, data);
    const outputs = forward(plan.network, options.weights, data.validation.features);
    for (const factory of [tfjs, fusedDenseFactory])
      expect(
        distance(outputs, factory.create(options).predict(data.validation.features)),
      ).toBeLessThan(2e-6);
  });

  it.each([
    ['batch norm', { norm: 'batch' }],
    ['layer norm', { norm: 'layer' }],
    ['a skip connection', { norm: 'batch', skip: 'identity' }],
  ] as const)('predicts as tfjs does: %s', (_, more) => {
    const second = layerOf({ nUnits: 6, skip: 'projection' });
    const plan = planOf([layerOf({ nUnits: 8 }), second, layerOf({ nUnits: 6, ...more })]);
    const model = tfjs.create(optionsOf(plan, data));
    // Running means and scales that are not 0 and 1.
    model.runEpoch(
      0,
      Int32Array.from({ length: data.train.nRows }, (__, i) => i),
      0.05,
    );
    const outputs = forward(plan.network, model.getWeights(), data.validation.features);
    expect(distance(outputs, model.predict(data.validation.features))).toBeLessThan(2e-6);
  });

  it('predicts as tfjs does: embeddings', () => {
    const embeddings = [{ column: 'kind', start: 1, nCategories: 2, nDims: 3 }];
    const plan = planOf([layerOf({ nUnits: 6 })], { embeddings });
    const options = optionsOf(plan, data);
    const outputs = forward(plan.network, options.weights, data.validation.features);
    const expected = tfjs.create(options).predict(data.validation.features);
    expect(distance(outputs, expected)).toBeLessThan(2e-6);
  });

  it.each([
    ['layer', 2],
    ['batch', 1],
  ] as const)('predicts as tfjs does: convolutions with %s norm', (norm, poolHeight) => {
    const plan = planOf([layerOf({ nUnits: 6 })]);
    const block = {
      nFilters: 3,
      kernelHeight: 2,
      kernelWidth: 3,
      norm,
      activation: 'elu' as const,
      poolHeight,
      poolWidth: 1,
      dropout: 0,
      init: 'pytorch' as const,
    };
    const convolution = {
      image: { height: 2, width: 2, channels: 1 },
      layers: [block, { ...block, norm: 'none' as const, poolHeight: 1, nFilters: 2 }],
    };
    const convolved = { ...plan, network: { ...plan.network, convolution } };
    const model = tfjs.create(optionsOf(convolved, data));
    model.runEpoch(
      0,
      Int32Array.from({ length: data.train.nRows }, (__, i) => i),
      0.05,
    );
    const outputs = forward(convolved.network, model.getWeights(), data.validation.features);
    expect(distance(outputs, model.predict(data.validation.features))).toBeLessThan(2e-6);
  });
});
