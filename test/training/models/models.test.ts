import { describe, expect, it } from 'vitest';
import { loadBackend } from '../../../src-main/training/backends.ts';
import { classScores } from '../../../src-main/training/models/class-scores.ts';
import type {
  LayerPlan,
  LossPlan,
  OptimizerPlan,
  SchedulePlan,
} from '../../../src-main/training/plan.ts';
import { activations, losses, optimizers } from '../../../src-main/training/vocabulary.ts';
import type { Initializer, LossType } from '../../../src-main/training/vocabulary.ts';
import { available, factoryOf } from './available-backends.ts';
import {
  adam,
  constantRate,
  expectEpochsOfTorch,
  expectGradients,
  layerOf,
  optionsOf,
  planOf,
  randomData,
  trainOn,
} from './small-networks.ts';

const hidden: LayerPlan[] = [
  layerOf({ nUnits: 6, dropout: 0.3 }),
  layerOf({ nUnits: 5, activation: 'tanh' }),
];

describe.each(available)('a network on $name', (one) => {
  it('learns what PyTorch learns, epoch by epoch', async () => {
    const layers = [layerOf({ nUnits: 5 })];
    expectEpochsOfTorch(await factoryOf(one), 'network.json', planOf(layers));
  });

  it.each(activations.flatMap((activation) => losses.map((loss) => ({ activation, loss }))))(
    'has the gradient of its loss: $activation, $loss',
    async ({ activation, loss }) => {
      const layers = [layerOf({ nUnits: 5, activation }), layerOf({ nUnits: 4, activation })];
      const plan = planOf(layers, { loss });
      const nCompared = expectGradients(await factoryOf(one), plan, randomData(loss, 6));
      expect(nCompared).toBeGreaterThan(15);
    },
  );

  it('tells the outputs for the validation rows with every epoch', async () => {
    const data = randomData('crossEntropy');
    const model = (await factoryOf(one)).create(optionsOf(planOf(hidden), data));
    const order = Int32Array.from({ length: 24 }, (_, i) => i);
    const { validation, validationOutputs } = model.runEpoch(0, order, 0.01);
    expect(validationOutputs).toEqual(model.predict(data.validation.features));
    const logLoss = classScores.logLoss(validationOutputs, data.validation.targets, 3);
    expect(logLoss).toBeCloseTo(validation.loss / 9, 5);
    model.dispose();
  });

  it('predicts the same row by row and all at once', async () => {
    const data = randomData('crossEntropy', 5000);
    const model = (await factoryOf(one)).create(optionsOf(planOf(hidden), data));
    const all = model.predict(data.train.features);
    expect(all).toHaveLength(15_000);
    for (const row of [0, 17, 4095, 4096, 4999])
      model
        .predict(data.train.features.slice(4 * row, 4 * row + 4))
        .forEach((value, k) => expect(value).toBeCloseTo(all[3 * row + k] as number, 5));
    model.dispose();
  });
});

describe('all backends', () => {
  const reference = available.find(({ name }) => name === 'cpu') as (typeof available)[number];
  const others = available.filter((one) => one !== reference);

  it.each(optimizers.flatMap((type) => others.map((one) => ({ type, ...one }))))(
    'see the same losses over 20 epochs, dropout included: $type on $name',
    async ({ type, ...one }) => {
      const optimizer: OptimizerPlan = {
        ...adam,
        type,
        momentum: type === 'rmsprop' ? 0.5 : 0.9,
        learningRate: type === 'rmsprop' ? 0.002 : 0.02,
        epsilon: type === 'rmsprop' ? 1e-3 : 1e-8,
      };
      const options = optionsOf(planOf(hidden, { optimizer }), randomData('crossEntropy'));
      const expected = await trainOn(reference, options);
      const curve = await trainOn(one, options);
      curve.forEach((loss, i) => expect(loss).toBeCloseTo(expected[i] as number, 4));
      expect(curve.at(-2)).toBeLessThan(curve[0] as number);
    },
  );

  it.each(others)('see the same losses in regression: $name', async (one) => {
    const options = optionsOf(planOf(hidden, { loss: 'huber' }), randomData('huber'));
    const expected = await trainOn(reference, options);
    const curve = await trainOn(one, options);
    curve.forEach((loss, i) => expect(loss).toBeCloseTo(expected[i] as number, 4));
  });

  interface Variant {
    what: string;
    optimizer?: OptimizerPlan;
    loss?: LossType;
    lossSettings?: Partial<LossPlan>;
    schedule?: SchedulePlan;
    init?: Initializer;
  }
  const ofClasses = { labelSmoothing: 0.1, classWeights: [0.5, 2, 1] };
  it.each(
    others.flatMap((one): (Variant & typeof one)[] => [
      { what: 'clipped gradients', optimizer: { ...adam, clipNorm: 0.3 }, ...one },
      {
        what: 'a cosine after warm-up',
        schedule: { ...constantRate, type: 'cosine', warmupEpochs: 5 },
        ...one,
      },
      { what: 'orthogonal weights', init: 'orthogonal', ...one },
      { what: 'L1', optimizer: { ...adam, l1: 0.01 }, ...one },
      {
        what: 'clipped gradients with L1',
        optimizer: { ...adam, type: 'sgd' as const, l1: 0.02, clipNorm: 0.2 },
        ...one,
      },
      { what: 'smoothed, weighted cross-entropy', lossSettings: ofClasses, ...one },
      { what: 'focal loss', loss: 'focal' as const, ...one },
      {
        what: 'smoothed, weighted focal loss',
        loss: 'focal' as const,
        lossSettings: { gamma: 0.7, ...ofClasses },
        ...one,
      },
    ]),
  )(
    'see the same losses with $what: $name',
    async ({ what: _what, name, backend, engine, ...settings }) => {
      const one = { name, backend, engine };
      const plan = planOf(hidden, settings);
      const options = optionsOf(plan, randomData('crossEntropy'));
      const expected = await trainOn(reference, options);
      const curve = await trainOn(one, options);
      curve.forEach((value, i) => expect(value).toBeCloseTo(expected[i] as number, 4));
      const plain = await trainOn(reference, optionsOf(planOf(hidden), randomData('crossEntropy')));
      expect(curve.at(-1)).not.toBeCloseTo(plain.at(-1) as number, 4);
    },
  );

  it.each(available)('repeat themselves exactly: $name', async (one) => {
    const options = optionsOf(planOf(hidden), randomData('crossEntropy'));
    expect(await trainOn(one, options, 5)).toEqual(await trainOn(one, options, 5));
  });
});

describe('tensors', () => {
  it.each(available.filter(({ engine }) => engine === 'tfjs'))(
    'are all gone after 200 trials on $name',
    async (one) => {
      const options = optionsOf(planOf(hidden), randomData('crossEntropy'));
      const factory = await factoryOf(one);
      const { tf } = await loadBackend(one.backend);
      const before = tf.memory().numTensors;
      const order = Int32Array.from({ length: 24 }, (_, i) => i);
      for (let trial = 0; trial < 200; trial++) {
        const model = factory.create(options);
        model.runEpoch(0, order, 0.01);
        model.dispose();
      }
      expect(tf.memory().numTensors).toBe(before);
    },
  );
});
