/** Small networks, random rows for them, and what tests do with both. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { DataPart, TrainingData } from '../../../src-main/training/datasets/dataset.ts';
import { initialWeights } from '../../../src-main/training/models/initializers.ts';
import type { ModelFactory, ModelOptions } from '../../../src-main/training/models/model.ts';
import { weightInfos } from '../../../src-main/training/plan.ts';
import type {
  ConvolutionPlan,
  EmbeddingPlan,
  LayerPlan,
  LossPlan,
  OptimizerPlan,
  SchedulePlan,
  TrialPlan,
} from '../../../src-main/training/plan.ts';
import { createSchedule } from '../../../src-main/training/schedule.ts';
import { lossesOf } from '../../../src-main/training/vocabulary.ts';
import type { Initializer, LossType } from '../../../src-main/training/vocabulary.ts';
import { createRng, shuffle } from '../../../src-main/tuner/math/rng.ts';
import { factoryOf } from './available-backends.ts';
import type { available } from './available-backends.ts';

/** A hidden layer with nothing special but what is given. */
export function layerOf(given: Partial<LayerPlan> & { readonly nUnits: number }): LayerPlan {
  return { norm: 'none', activation: 'relu', dropout: 0, skip: 'none', init: 'pytorch', ...given };
}

function isClassLoss(loss: LossType): boolean {
  return lossesOf.classification.includes(loss);
}

export const adam: OptimizerPlan = {
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

export const constantRate: SchedulePlan = {
  type: 'constant',
  every: 10,
  factor: 0.1,
  decay: 0.95,
  minShare: 0,
  patience: 10,
  warmupEpochs: 0,
};

export function planOf(
  layers: readonly LayerPlan[],
  {
    optimizer = adam,
    loss = 'crossEntropy' as LossType,
    lossSettings = {} as Partial<LossPlan>,
    schedule = constantRate,
    init = 'pytorch' as Initializer,
    batchSize = 7,
    nInputs = 4,
    embeddings = [] as readonly EmbeddingPlan[],
    convolution = null as ConvolutionPlan | null,
  } = {},
): TrialPlan {
  const nOutputs = isClassLoss(loss) ? 3 : 1;
  return {
    network: { nInputs, embeddings, convolution, layers, nOutputs, init },
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

export function randomData(loss: LossType, nRows = 24, nFeatures = 4): TrainingData {
  const rng = createRng('models.test', loss);
  const part = (size: number): DataPart => ({
    nRows: size,
    features: Float32Array.from({ length: nFeatures * size }, () => rng.normal()),
    targets: Float32Array.from({ length: size }, () =>
      isClassLoss(loss) ? rng.integer(3) : rng.normal(),
    ),
  });
  return {
    task: isClassLoss(loss) ? 'classification' : 'regression',
    nFeatures,
    nOutputs: isClassLoss(loss) ? 3 : 1,
    classes: isClassLoss(loss) ? ['a', 'b', 'c'].map((name) => ({ name, nTrainRows: 1 })) : null,
    targetScales: isClassLoss(loss) ? null : [{ mean: 0, scale: 1 }],
    train: part(nRows),
    validation: part(9),
  };
}

export function optionsOf(plan: TrialPlan, data: TrainingData): ModelOptions {
  const weights = initialWeights(plan.network, createRng('models.test'));
  return { plan, data, weights, dropoutSeed: 7 };
}

/** Train and validation loss of every epoch, rows shuffled the same way for everyone. */
export async function trainOn(
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

interface NetworkFixture {
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

/** Trains as PyTorch did for `test/fixtures/torch/{file}` and compares every epoch. */
export function expectEpochsOfTorch(factory: ModelFactory, file: string, plan: TrialPlan): void {
  const torch = JSON.parse(readFileSync(`test/fixtures/torch/${file}`, 'utf8')) as NetworkFixture;
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
  const model = factory.create({
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
}

/** Steps of plain gradient descent: weights move by their gradients. */
const descent: OptimizerPlan = { ...adam, type: 'sgd', momentum: 0, weightDecay: 0 };

/**
 * Finite differences of the whole network's training loss, one weight at a time, against the step of plain gradient descent.
 *
 * @param every Of so many weights one is looked at.
 * @returns How many weights were compared: corners of activations and losses have no slope.
 */
export function expectGradients(
  factory: ModelFactory,
  plan: TrialPlan,
  data: TrainingData,
  every = 3,
): number {
  const { nRows } = data.train;
  const training = { ...plan.training, optimizer: descent, batchSize: nRows };
  const options = optionsOf({ ...plan, training }, data);
  const order = Int32Array.from({ length: nRows }, (_, i) => i);
  const model = factory.create(options);
  model.runEpoch(0, order, 1);
  const after = model.getWeights();
  const lossAt = (array: number, i: number, shift: number): number => {
    const shifted = options.weights.map((values) => values.slice());
    const values = shifted[array] as Float32Array;
    values[i] = (values[i] as number) + shift;
    model.setWeights(shifted);
    return model.runEpoch(0, order, 0).train.loss / nRows;
  };
  const infos = weightInfos(plan.network);
  const atHome = lossAt(0, 0, 0);
  const h = 1 / 256;
  /** Slope and bend from the losses on both sides. */
  const around = (array: number, i: number, distance: number): { slope: number; bend: number } => {
    const [before, after] = [lossAt(array, i, -distance), lossAt(array, i, distance)];
    return {
      slope: (after - before) / (2 * distance),
      bend: (after - 2 * atHome + before) / distance,
    };
  };
  let nCompared = 0;
  options.weights.forEach((before, array) => {
    if (!infos[array]?.isTrainable) return;
    for (let i = 0; i < before.length; i += every) {
      const [whole, half] = [around(array, i, h), around(array, i, h / 2)];
      // A corner within reach, or right here: what is smooth bends half as much at half the distance.
      if (Math.abs(whole.slope - half.slope) > 3e-4) continue;
      if (Math.abs(whole.bend - 2 * half.bend) > 5e-4) continue;
      nCompared++;
      const step = (before[i] as number) - (after[array]?.[i] as number);
      expect(step).toBeCloseTo((4 * half.slope - whole.slope) / 3, 3);
    }
  });
  model.dispose();
  return nCompared;
}
