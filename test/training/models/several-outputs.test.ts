import { describe, expect, it } from 'vitest';
import { createRng } from '../../../src-main/tuner/math/rng.ts';
import type { DataPart, TrainingData } from '../../../src-main/training/datasets/dataset.ts';
import { createMetrics } from '../../../src-main/training/models/metrics.ts';
import { computeLoss } from '../../../src-main/training/models/losses.ts';
import type { TrialPlan } from '../../../src-main/training/plan.ts';
import type { LossType } from '../../../src-main/training/vocabulary.ts';
import { available, factoryOf } from './available-backends.ts';
import { expectGradients, layerOf, optionsOf, planOf, trainOn } from './small-networks.ts';

const losses: LossType[] = ['mse', 'mae', 'huber'];

/** Two numbers to predict from four. */
function data(): TrainingData {
  const rng = createRng('several-outputs');
  const part = (nRows: number): DataPart => ({
    nRows,
    features: Float32Array.from({ length: 4 * nRows }, () => rng.normal()),
    targets: Float32Array.from({ length: 2 * nRows }, () => rng.normal()),
  });
  return {
    task: 'regression',
    nFeatures: 4,
    nOutputs: 2,
    classes: null,
    targetScales: [
      { mean: 10, scale: 2 },
      { mean: -5, scale: 100 },
    ],
    train: part(24),
    validation: part(9),
  };
}

function planFor(loss: LossType): TrialPlan {
  const plan = planOf([layerOf({ nUnits: 5, activation: 'tanh' })], { loss });
  return { ...plan, network: { ...plan.network, nOutputs: 2 } };
}

describe.each(available)('several numbers to predict, on $name', (one) => {
  it.each(losses)('have the gradient of %s over all of them', async (loss) => {
    expect(expectGradients(await factoryOf(one), planFor(loss), data())).toBeGreaterThan(10);
  });

  it('are learned as on any other backend', async () => {
    const [first] = available as [(typeof available)[number]];
    const [expected, actual] = [
      await trainOn(first, optionsOf(planFor('mse'), data())),
      await trainOn(one, optionsOf(planFor('mse'), data())),
    ];
    actual.forEach((loss, epoch) => expect(loss).toBeCloseTo(expected[epoch] as number, 3));
    expect(actual.at(-2)).toBeLessThan(actual[0] as number);
  });
});

describe('several numbers to predict', () => {
  it('have metrics that are the means over them, as scikit-learn has it', () => {
    // r2_score, mean_squared_error, mean_absolute_error of [[1, 20], [3, 10], [2, 60]] against [[2, 10], [2, 30], [2, 50]].
    const scales = [
      { mean: 2, scale: 1 },
      { mean: 30, scale: 10 },
    ];
    const standardize = (rows: number[][]): Float32Array =>
      Float32Array.from(
        rows.flatMap((row) => row.map((value, k) => (value - scales[k]!.mean) / scales[k]!.scale)),
      );
    const targets = standardize([
      [1, 20],
      [3, 10],
      [2, 60],
    ]);
    const outputs = standardize([
      [2, 10],
      [2, 30],
      [2, 50],
    ]);
    const part = { nRows: 3, features: new Float32Array(12), targets };
    const toMetrics = createMetrics({ ...data(), targetScales: scales }, part);
    const loss = computeLoss(
      { type: 'mse', delta: 1, gamma: 0, labelSmoothing: 0, classWeights: null },
      outputs,
      targets,
      2,
    );
    const metrics = toMetrics(loss, outputs);
    expect(metrics.mse).toBeCloseTo((2 / 3 + 200) / 2, 4);
    expect(metrics.mae).toBeCloseTo((2 / 3 + 40 / 3) / 2, 4);
    expect(metrics.rmse).toBeCloseTo((Math.sqrt(2 / 3) + Math.sqrt(200)) / 2, 4);
    expect(metrics.r2).toBeCloseTo((0 + (1 - 600 / 1400)) / 2, 4);
    expect(metrics.loss).toBeCloseTo((2 / 3 + 2) / 2, 5);
    expect(toMetrics(loss)).toEqual({ loss: metrics.loss });
  });
});
