import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createRng, shuffle } from '../../../src-main/tuner/math/rng.ts';
import { loadBackend } from '../../../src-main/training/backends.ts';
import type { DataPart, TrainingData } from '../../../src-main/training/datasets/dataset.ts';
import { classScores } from '../../../src-main/training/models/class-scores.ts';
import { initialWeights } from '../../../src-main/training/models/initializers.ts';
import { computeLoss } from '../../../src-main/training/models/losses.ts';
import type { ModelOptions } from '../../../src-main/training/models/model.ts';
import type {
  LayerPlan,
  LossPlan,
  OptimizerPlan,
  SchedulePlan,
  TrialPlan,
} from '../../../src-main/training/plan.ts';
import { createSchedule } from '../../../src-main/training/schedule.ts';
import {
  activations,
  losses,
  lossesOf,
  optimizers,
} from '../../../src-main/training/vocabulary.ts';
import type { Initializer, LossType } from '../../../src-main/training/vocabulary.ts';
import { available, factoryOf } from './available-backends.ts';

function isClassLoss(loss: LossType): boolean {
  return lossesOf.classification.includes(loss);
}

const adam: OptimizerPlan = {
  type: 'adam',
  learningRate: 0.02,
  weightDecay: 0.003,
  l1: 0,
  clipNorm: 0,
  momentum: 0.9,
  nesterov: true,
  alpha: 0.99,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
};

const constantRate: SchedulePlan = {
  type: 'constant',
  every: 10,
  factor: 0.1,
  decay: 0.95,
  minShare: 0,
  patience: 10,
  warmupEpochs: 0,
};

function planOf(
  layers: readonly LayerPlan[],
  {
    optimizer = adam,
    loss = 'crossEntropy' as LossType,
    lossSettings = {} as Partial<LossPlan>,
    schedule = constantRate,
    init = 'pytorch' as Initializer,
    batchSize = 7,
  } = {},
): TrialPlan {
  const nOutputs = isClassLoss(loss) ? 3 : 1;
  return {
    network: { nInputs: 4, layers, nOutputs, init },
    training: {
      optimizer,
      schedule,
      loss: {
        type: loss,
        delta: 0.7,
        gamma: 2,
        labelSmoothing: 0,
        classWeights: null,
        ...lossSettings,
      },
      batchSize,
      epochs: 20,
      earlyStopping: null,
    },
  };
}

function randomData(loss: LossType, nRows = 24): TrainingData {
  const rng = createRng('models.test', loss);
  const part = (size: number): DataPart => ({
    nRows: size,
    features: Float32Array.from({ length: 4 * size }, () => rng.normal()),
    targets: Float32Array.from({ length: size }, () =>
      isClassLoss(loss) ? rng.integer(3) : rng.normal(),
    ),
  });
  return {
    task: isClassLoss(loss) ? 'classification' : 'regression',
    nFeatures: 4,
    nOutputs: isClassLoss(loss) ? 3 : 1,
    classes: isClassLoss(loss) ? ['a', 'b', 'c'].map((name) => ({ name, nTrainRows: 1 })) : null,
    targetScale: isClassLoss(loss) ? null : { mean: 0, scale: 1 },
    train: part(nRows),
    validation: part(9),
  };
}

function optionsOf(plan: TrialPlan, data: TrainingData): ModelOptions {
  const weights = initialWeights(plan.network, createRng('models.test'));
  return { plan, data, weights, dropoutSeed: 7 };
}

/** Train and validation loss of every epoch, rows shuffled the same way for everyone. */
async function trainOn(
  one: (typeof available)[number],
  options: ModelOptions,
  nEpochs = 20,
): Promise<number[]> {
  const model = (await factoryOf(one)).create(options);
  const { train, validation } = options.data;
  const rng = createRng('order');
  const order = Int32Array.from({ length: train.nRows }, (_, i) => i);
  const rates = createSchedule(options.plan.training);
  const curve: number[] = [];
  for (let epoch = 0; epoch < nEpochs; epoch++) {
    const sums = model.runEpoch(epoch, shuffle(order, rng), rates.rateAt(epoch));
    curve.push(sums.train.loss / train.nRows, sums.validation.loss / validation.nRows);
  }
  model.dispose();
  return curve;
}

const hidden: LayerPlan[] = [
  { nUnits: 6, activation: 'relu', dropout: 0.3 },
  { nUnits: 5, activation: 'tanh', dropout: 0 },
];

interface NetworkFixture {
  batchSize: number;
  train: { features: number[]; targets: number[] };
  validation: { features: number[]; targets: number[] };
  weights: number[][];
  epochs: {
    order: number[];
    trainLoss: number;
    trainCorrect: number;
    valLoss: number;
    valCorrect: number;
  }[];
}

const torch = JSON.parse(
  readFileSync('test/fixtures/torch/network.json', 'utf8'),
) as NetworkFixture;

describe.each(available)('a network on $name', (one) => {
  it('learns what PyTorch learns, epoch by epoch', async () => {
    const toPart = ({ features, targets }: NetworkFixture['train']): DataPart => ({
      nRows: targets.length,
      features: Float32Array.from(features),
      targets: Float32Array.from(targets),
    });
    const data: TrainingData = {
      ...randomData('crossEntropy'),
      train: toPart(torch.train),
      validation: toPart(torch.validation),
    };
    const plan = planOf([{ nUnits: 5, activation: 'relu', dropout: 0 }]);
    const model = (await factoryOf(one)).create({
      plan,
      data,
      weights: torch.weights.map((array) => Float32Array.from(array)),
      dropoutSeed: 0,
    });
    torch.epochs.forEach((expected, epoch) => {
      const { train, validation } = model.runEpoch(epoch, Int32Array.from(expected.order), 0.02);
      expect(train.loss / 24).toBeCloseTo(expected.trainLoss, 4);
      expect(validation.loss / 9).toBeCloseTo(expected.valLoss, 4);
      expect(train.correct).toBe(expected.trainCorrect);
      expect(validation.correct).toBe(expected.valCorrect);
    });
    model.dispose();
  });

  // Finite differences of the whole network's loss, one weight at a time, against the step of plain gradient descent.
  it.each(activations.flatMap((activation) => losses.map((loss) => ({ activation, loss }))))(
    'has the gradient of its loss: $activation, $loss',
    async ({ activation, loss }) => {
      const data = randomData(loss, 6);
      const optimizer: OptimizerPlan = { ...adam, type: 'sgd', momentum: 0, weightDecay: 0 };
      const plan = planOf(
        [
          { nUnits: 5, activation, dropout: 0 },
          { nUnits: 4, activation, dropout: 0 },
        ],
        { optimizer, loss, batchSize: 6 },
      );
      const options = optionsOf(plan, data);
      const factory = await factoryOf(one);
      const model = factory.create(options);
      model.runEpoch(0, Int32Array.of(0, 1, 2, 3, 4, 5), 1);
      const after = model.getWeights();
      const lossAt = (array: number, i: number, shift: number): number => {
        const shifted = options.weights.map((values) => values.slice());
        const values = shifted[array] as Float32Array;
        values[i] = (values[i] as number) + shift;
        model.setWeights(shifted);
        const outputs = model.predict(data.train.features);
        const { nOutputs } = plan.network;
        return computeLoss(plan.training.loss, outputs, data.train.targets, nOutputs).loss / 6;
      };
      const h = 1 / 256;
      let nChecked = 0;
      options.weights.forEach((before, array) => {
        for (let i = 0; i < before.length; i += 3) {
          const numeric = (lossAt(array, i, h) - lossAt(array, i, -h)) / (2 * h);
          const half = (lossAt(array, i, h / 2) - lossAt(array, i, -h / 2)) / h;
          // A corner of the activation or the loss within reach: no slope to compare with.
          if (Math.abs(numeric - half) > 2e-3) continue;
          nChecked++;
          const slope = (before[i] as number) - (after[array]?.[i] as number);
          expect(slope).toBeCloseTo(half, 2);
        }
      });
      expect(nChecked).toBeGreaterThan(15);
      model.dispose();
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
