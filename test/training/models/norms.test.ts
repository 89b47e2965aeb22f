import { describe, expect, it } from 'vitest';
import { initialWeights } from '../../../src-main/training/models/initializers.ts';
import { countParameters, weightInfos } from '../../../src-main/training/plan.ts';
import type { LayerPlan, OptimizerPlan } from '../../../src-main/training/plan.ts';
import { activations, norms, optimizers } from '../../../src-main/training/vocabulary.ts';
import { createRng } from '../../../src-main/tuner/math/rng.ts';
import { available, factoryOf } from './available-backends.ts';
import {
  adam,
  expectEpochsOfTorch,
  expectGradients,
  layerOf,
  optionsOf,
  planOf,
  randomData,
  trainOn,
} from './small-networks.ts';

const tfjs = available.filter(({ engine }) => engine === 'tfjs');
const mixed: LayerPlan[] = [
  layerOf({ nUnits: 5, norm: 'batch', activation: 'tanh' }),
  layerOf({ nUnits: 6, norm: 'layer' }),
];

describe.each(tfjs)('norms on $name', (one) => {
  it('are those of PyTorch, epoch by epoch', async () => {
    expectEpochsOfTorch(await factoryOf(one), 'norms.json', planOf(mixed));
  });

  it.each(
    norms
      .filter((norm) => norm !== 'none')
      .flatMap((norm) => activations.map((activation) => ({ norm, activation }))),
  )('have the gradient of the loss: $norm, $activation', async ({ norm, activation }) => {
    const layers = [
      layerOf({ nUnits: 5, norm, activation, dropout: 0.3 }),
      layerOf({ nUnits: 4, norm, activation }),
    ];
    const data = randomData('crossEntropy', 6);
    expect(expectGradients(await factoryOf(one), planOf(layers), data)).toBeGreaterThan(15);
  });

  it('normalize a batch of one row with the running statistics, and keep those', async () => {
    const plan = planOf([layerOf({ nUnits: 5, norm: 'batch' })], { batchSize: 1 });
    const data = randomData('crossEntropy', 6);
    expect(
      expectGradients(await factoryOf(one), planOf(mixed), randomData('crossEntropy', 1)),
    ).toBeGreaterThan(15);
    const options = optionsOf(plan, data);
    const model = (await factoryOf(one)).create(options);
    const { train } = model.runEpoch(0, Int32Array.of(0, 1, 2, 3, 4, 5), 0.01);
    expect(train.loss).toBeGreaterThan(0);
    expect(model.getWeights().slice(4, 6)).toEqual(options.weights.slice(4, 6));
    model.dispose();
  });

  it('predict the same after their weights went elsewhere and back', async () => {
    const data = randomData('crossEntropy');
    const options = optionsOf(planOf(mixed), data);
    const factory = await factoryOf(one);
    const model = factory.create(options);
    for (let epoch = 0; epoch < 5; epoch++)
      model.runEpoch(
        epoch,
        Int32Array.from({ length: 24 }, (_, i) => i),
        0.02,
      );
    const fresh = factory.create(options);
    const { features } = data.validation;
    expect(fresh.predict(features)).not.toEqual(model.predict(features));
    fresh.setWeights(model.getWeights());
    expect(fresh.predict(features)).toEqual(model.predict(features));
    model.dispose();
    fresh.dispose();
  });
});

describe('networks with norms', () => {
  const others = tfjs.filter(({ name }) => name !== 'cpu');

  it.each(optimizers.flatMap((type) => others.map((one) => ({ type, ...one }))))(
    'see the same losses on $name as on cpu: $type',
    async ({ type, ...one }) => {
      const reference = tfjs.find(({ name }) => name === 'cpu') as typeof one;
      const optimizer: OptimizerPlan = { ...adam, type, l1: 0.001, clipNorm: 1, epsilon: 1e-3 };
      const layers = mixed.map((layer) => ({ ...layer, dropout: 0.2 }));
      const options = optionsOf(planOf(layers, { optimizer }), randomData('crossEntropy'));
      const expected = await trainOn(reference, options);
      (await trainOn(one, options)).forEach((loss, i) =>
        expect(loss).toBeCloseTo(expected[i] as number, 3),
      );
    },
  );

  it('count what is trained, and not what is only kept', () => {
    const { network } = planOf(mixed);
    const kept = weightInfos(network).filter(({ isTrainable }) => !isTrainable);
    expect(kept.map(({ layer, role, shape }) => [layer, role, shape])).toEqual([
      [0, 'runningMean', [5]],
      [0, 'runningVariance', [5]],
    ]);
    expect(countParameters(network)).toBe(4 * 5 + 5 + 2 * 5 + 5 * 6 + 6 + 2 * 6 + 6 * 3 + 3);
  });

  it('start as networks without: scale 1, shift 0, mean 0, variance 1', () => {
    const plain = mixed.map((layer): LayerPlan => ({ ...layer, norm: 'none' }));
    const { network } = planOf(mixed);
    const isOfNorm = weightInfos(network).map(({ role }) => role !== 'kernel' && role !== 'bias');
    const weights = initialWeights(network, createRng(1));
    expect(weights.filter((_, i) => !isOfNorm[i])).toEqual(
      initialWeights(planOf(plain).network, createRng(1)),
    );
    expect(weights.filter((_, i) => isOfNorm[i]).map(([first]) => first)).toEqual([
      1, 0, 0, 1, 1, 0,
    ]);
  });
});
