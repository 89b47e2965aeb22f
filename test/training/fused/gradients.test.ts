import { describe, expect, it } from 'vitest';
import {
  DENSE_ACTIVATIONS,
  type DenseConfig,
  type DenseLoss,
} from '../../../src-main/training/fused/dense-config.ts';
import {
  createDenseEngine,
  type DenseData,
  type DenseEngineOptions,
} from '../../../src-main/training/fused/dense-engine.ts';
import { builds } from './builds.ts';
import { activation, toFlat, toLayers } from './reference.ts';

const N_ROWS = 9;
const N_INPUTS = 3;
const N_OUTPUTS = 3;
const STEP = 4e-3;

/** Numbers in [-1, 1] without a generator. */
function spread(count: number, phase: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => Math.sin(phase + 2.3 * i + 0.01 * i * i));
}

const order = Int32Array.from({ length: N_ROWS }, (_, i) => i);
const rowWeights = Float32Array.from(order, (i) => 0.5 + (i % 3));

/** Largest difference between the gradient and central differences of the loss, dropout mask included. */
function gradientError(config: DenseConfig, data: DenseData, runtime: DenseEngineOptions): number {
  const engine = createDenseEngine(config, runtime);
  engine.setTrain(data);
  const widths = [config.nInputs, ...config.hidden.map((layer) => layer.units), config.nOutputs];
  const nParameters = widths.slice(1).reduce((sum, n, i) => sum + (widths[i]! + 1) * n, 0);
  const start = spread(nParameters, 0.7);
  const epoch = (weights: Float32Array, learningRate: number): number => {
    engine.setWeights(toLayers(config, weights));
    return engine.trainEpoch({ order, batchSize: N_ROWS, learningRate, seed: 3, epoch: 1 }).loss;
  };
  epoch(start, 1);
  const after = toFlat(engine.getWeights());
  let largest = 0;
  for (let i = 0; i < nParameters; i++) {
    const losses = [STEP, -STEP].map((step) => {
      const moved = start.slice();
      moved[i] = moved[i]! + step;
      return { at: moved[i]!, loss: epoch(moved, 0) };
    });
    const [up, down] = losses as [{ at: number; loss: number }, { at: number; loss: number }];
    const expected = (up.loss - down.loss) / (up.at - down.at);
    largest = Math.max(largest, Math.abs(start[i]! - after[i]! - expected));
  }
  return largest;
}

const features = spread(N_ROWS * N_INPUTS, 0.2);
const classes = Int32Array.from(order, (i) => (i * 2) % N_OUTPUTS);
const targets = spread(N_ROWS * N_OUTPUTS, 1.1);

function config(loss: DenseLoss, hidden: DenseConfig['hidden']): DenseConfig {
  return { nInputs: N_INPUTS, hidden, nOutputs: N_OUTPUTS, loss, optimizer: { kind: 'sgd' } };
}

const LOSSES: DenseLoss[] = [
  { kind: 'crossEntropy' },
  { kind: 'crossEntropy', classWeights: [0.2, 1, 3], labelSmoothing: 0.1 },
  { kind: 'focal', gamma: 0 },
  { kind: 'focal', gamma: 0.5 },
  { kind: 'focal', gamma: 2, classWeights: [0.2, 1, 3], labelSmoothing: 0.1 },
  { kind: 'mse' },
  { kind: 'mae' },
  { kind: 'huber', delta: 0.8 },
];

describe.each(builds)('gradients of $name', ({ runtime }) => {
  it.each(DENSE_ACTIVATIONS)('agree with finite differences: %s', (name) => {
    const hidden = [
      { units: 6, activation: name, dropout: 0.3 },
      { units: 5, activation: name, dropout: 0.1 },
    ];
    const data = { features, targets: classes };
    expect(gradientError(config({ kind: 'crossEntropy' }, hidden), data, runtime)).toBeLessThan(
      5e-4,
    );
  });

  it.each(LOSSES)('agree with finite differences: %j', (loss) => {
    const isClass = loss.kind === 'crossEntropy' || loss.kind === 'focal';
    const data = { features, targets: isClass ? classes : targets, rowWeights };
    const hidden = [{ units: 7, activation: 'tanh' as const }];
    expect(gradientError(config(loss, hidden), data, runtime)).toBeLessThan(5e-4);
  });

  it('agree with finite differences in layers of more than one register', () => {
    const hidden = [
      { units: 20, activation: 'tanh' as const, dropout: 0.2 },
      { units: 35, activation: 'tanh' as const },
    ];
    const data = { features, targets: classes };
    expect(gradientError(config({ kind: 'crossEntropy' }, hidden), data, runtime)).toBeLessThan(
      5e-4,
    );
  });
});

describe.each(builds)('activations of $name', ({ runtime }) => {
  it.each(DENSE_ACTIVATIONS)('are accurate from -40 to 40: %s', (name) => {
    const engine = createDenseEngine(
      {
        nInputs: 1,
        hidden: [{ units: 1, activation: name }],
        nOutputs: 1,
        loss: { kind: 'mse' },
        optimizer: { kind: 'sgd' },
      },
      runtime,
    );
    const identity = { kernel: Float32Array.of(1), bias: Float32Array.of(0) };
    engine.setWeights([identity, identity]);
    const points = Float32Array.from(
      { length: 20_001 },
      (_, i) => ((i - 10_000) / 250) ** 3 / 1600,
    );
    let worst = 0;
    engine.predict(points).forEach((value, i) => {
      const [expected] = activation(name, points[i]!);
      // Relative, down to 1e-6.
      const error = Math.abs(value - expected) / (Math.abs(expected) + 1e-6);
      worst = Math.max(worst, error);
    });
    // In the tail of gelu the rounding of x^2 / 2 becomes a relative error.
    expect(worst).toBeLessThan(name === 'gelu' ? 1e-6 : 5e-7);
  });
});
