import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type {
  DenseActivation,
  DenseConfig,
  DenseLoss,
  DenseOptimizer,
} from '../../../src-main/training/fused/dense-config.ts';
import {
  createDenseEngine,
  type DenseData,
} from '../../../src-main/training/fused/dense-engine.ts';
import { builds } from './builds.ts';
import { ReferenceEngine, toFlat, toLayers } from './reference.ts';

interface TorchCase {
  losses: number[];
  parameters: number[];
}
type Group = 'activations' | 'losses' | 'optimizers' | 'extras';

/** Made by torch-steps.py beside it, which also says what the cases are. */
const torch = JSON.parse(
  readFileSync(new URL('../../fixtures/fused/torch-steps.json', import.meta.url), 'utf8'),
) as Record<Group, Record<string, TorchCase>>;

function wave(count: number, phase: number, size: number): number[] {
  return Array.from({ length: count }, (_, i) => size * Math.sin(phase + 1.7 * i));
}

const features = Float32Array.from(wave(21, 0.3, 1.5));
const classes = Int32Array.from([0, 2, 1, 1, 0, 2, 2]);
const targets = Float32Array.from(wave(21, 0.9, 2));
const classWeights = [0.5, 2, 1.25];
const start = [
  ...wave(15, 0.1, 0.8),
  ...wave(5, 0.2, 0.3),
  ...wave(15, 0.4, 0.9),
  ...wave(3, 0.5, 0.3),
];

const LOSSES: Record<string, DenseLoss> = {
  crossEntropy: { kind: 'crossEntropy' },
  'crossEntropy weighted': { kind: 'crossEntropy', classWeights },
  'crossEntropy smoothed': { kind: 'crossEntropy', labelSmoothing: 0.15 },
  'crossEntropy weighted smoothed': { kind: 'crossEntropy', classWeights, labelSmoothing: 0.15 },
  focal: { kind: 'focal', gamma: 2 },
  'focal half': { kind: 'focal', gamma: 0.5 },
  mse: { kind: 'mse' },
  mae: { kind: 'mae' },
  huber: { kind: 'huber', delta: 0.7 },
};

const adjusted = { beta1: 0.8, beta2: 0.95, weightDecay: 0.05 };
const OPTIMIZERS: Record<string, [DenseOptimizer, number]> = {
  sgd: [{ kind: 'sgd' }, 0.1],
  'sgd decay': [{ kind: 'sgd', weightDecay: 0.05 }, 0.1],
  'sgd momentum': [{ kind: 'sgd', momentum: 0.9, weightDecay: 0.05 }, 0.1],
  'sgd nesterov': [{ kind: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 0.05 }, 0.1],
  adam: [{ kind: 'adam' }, 0.02],
  'adam decay': [{ kind: 'adam', ...adjusted, epsilon: 1e-6 }, 0.02],
  adamw: [{ kind: 'adamw' }, 0.02],
  'adamw decay': [{ kind: 'adamw', weightDecay: 0.3 }, 0.02],
  rmsprop: [{ kind: 'rmsprop' }, 0.02],
  'rmsprop momentum': [{ kind: 'rmsprop', alpha: 0.9, momentum: 0.8, weightDecay: 0.05 }, 0.02],
  adagrad: [{ kind: 'adagrad' }, 0.05],
  'adagrad decay': [{ kind: 'adagrad', learningRateDecay: 0.1, weightDecay: 0.05 }, 0.05],
  nadam: [{ kind: 'nadam' }, 0.02],
  'nadam decay': [{ kind: 'nadam', ...adjusted, momentumDecay: 0.01 }, 0.02],
};

function base(activation: DenseActivation = 'tanh'): DenseConfig {
  return {
    nInputs: 3,
    hidden: [{ units: 5, activation }],
    nOutputs: 3,
    loss: { kind: 'crossEntropy' },
    optimizer: { kind: 'sgd' },
  };
}

interface Case {
  name: string;
  config: DenseConfig;
  learningRate: number;
  expected: TorchCase;
}

function casesOf(group: Group, toCase: (key: string) => [DenseConfig, number]): Case[] {
  return Object.entries(torch[group]).map(([key, expected]) => {
    const [config, learningRate] = toCase(key);
    return { name: `${group}: ${key}`, config, learningRate, expected };
  });
}

const cases = [
  ...casesOf('activations', (key) => [base(key as DenseActivation), 0.1]),
  ...casesOf('losses', (key) => [{ ...base(), loss: LOSSES[key]! }, 0.1]),
  ...casesOf('optimizers', (key) => {
    const [optimizer, learningRate] = OPTIMIZERS[key]!;
    return [{ ...base(), optimizer }, learningRate];
  }),
  ...casesOf('extras', (key) => [
    {
      ...base(),
      l1: key.includes('l1') ? 0.02 : 0,
      clipNorm: key.includes('clip') ? 0.1 : 0,
    },
    0.1,
  ]),
];

function dataFor(config: DenseConfig): DenseData {
  const isClass = config.loss.kind === 'crossEntropy' || config.loss.kind === 'focal';
  return { features, targets: isClass ? classes : targets };
}

function largestDifference(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));
}

const order = Int32Array.from([0, 1, 2, 3, 4, 5, 6]);

describe.each(builds)('$name against PyTorch', ({ runtime }) => {
  it.each(cases)('$name', ({ config, learningRate, expected }) => {
    const engine = createDenseEngine(config, runtime);
    engine.setWeights(toLayers(config, start));
    engine.setTrain(dataFor(config));
    const losses = expected.losses.map(
      (_, epoch) => engine.trainEpoch({ order, batchSize: 7, learningRate, seed: 1, epoch }).loss,
    );
    expect(largestDifference(losses, expected.losses)).toBeLessThan(2e-6);
    expect(largestDifference(toFlat(engine.getWeights()), expected.parameters)).toBeLessThan(5e-6);
  });
});

describe('the float64 reference against PyTorch', () => {
  it.each(cases)('$name', ({ config, learningRate, expected }) => {
    const reference = new ReferenceEngine(config, toLayers(config, start), dataFor(config));
    const losses = expected.losses.map(
      (_, epoch) =>
        reference.trainEpoch({ order, batchSize: 7, learningRate, seed: 1, epoch }).loss,
    );
    expect(largestDifference(losses, expected.losses)).toBeLessThan(2e-6);
    expect(largestDifference(reference.parameters(), expected.parameters)).toBeLessThan(5e-6);
  });
});
