import { describe, expect, it } from 'vitest';
import { TrialPruned } from '../../../src-main/tuner/errors.ts';
import { loadDataset } from '../../../src-main/training/datasets/prepare.ts';
import type { Checkpoint } from '../../../src-main/training/checkpoint.ts';
import { createModelFactory } from '../../../src-main/training/choose-backend.ts';
import { fusedDenseFactory } from '../../../src-main/training/models/fused-dense.ts';
import type { ModelFactory } from '../../../src-main/training/models/model.ts';
import { runNetworkTrial } from '../../../src-main/training/objectives/network.ts';
import type { ObjectiveRun } from '../../../src-main/training/objectives/objective.ts';
import { objectivesOf } from '../../../src-main/training/objectives-of.ts';
import { loadSpec, parseSpec } from '../../../src-main/training/spec.ts';
import type { NetworkStudySpec } from '../../../src-main/training/spec.ts';
import type { Epoch } from '../../../src-main/training/train.ts';
import { RecordingTrial } from '../helpers/recording-trial.ts';
import type { RecordingTrialOptions } from '../helpers/recording-trial.ts';

const iris = loadSpec('iris');
const good = {
  n_layers: 2,
  hidden_dim_layer_0: 128,
  hidden_dim_layer_1: 64,
  weight_decay: 1e-4,
  learning_rate: 1e-2,
  dropout_rate: 0.2,
};

async function runOn(
  spec: NetworkStudySpec,
  options: RecordingTrialOptions = {},
  signal = new AbortController().signal,
  factory: ModelFactory = fusedDenseFactory,
) {
  const trial = new RecordingTrial(options);
  const epochs: Epoch[] = [];
  const objective = {
    spec,
    data: await loadDataset({ ...iris, spec }),
    seed: 1,
    factory,
  };
  const value = await runNetworkTrial(objective, trial, {
    signal,
    onEpoch: (epoch) => epochs.push(epoch),
  });
  return { value, trial, epochs };
}

describe('runNetworkTrial', () => {
  it("learns iris with the notebook's settings", async () => {
    const { value, trial, epochs } = await runOn(iris.spec, { params: good });
    expect(value).toBeGreaterThanOrEqual(0.93);
    expect(value).toBe(Math.max(...epochs.map(({ valAccuracy }) => valAccuracy as number)));
    expect(trial.userAttrs).toMatchObject({
      epochs: epochs.length,
      val_accuracy: value,
      n_parameters: 4 * 128 + 128 + 128 * 64 + 64 + 64 * 3 + 3,
      backend: 'wasm',
      engine: 'fused',
      kernels: fusedDenseFactory.kernels,
    });
    const best = trial.userAttrs.best_epoch as number;
    expect(epochs[best]?.valAccuracy).toBe(value);
    expect(trial.reports.get(best)).toBe(value);
  });

  it('lets each network be trained by the engine that can, and keeps which', async () => {
    const spec = parseSpec({
      ...iris.spec,
      network: {
        width: [8, 8],
        norm: { choices: ['none', 'layer'] },
        skip: { choices: ['none', 'residual'] },
      },
    }) as NetworkStudySpec;
    const factory = await createModelFactory({ backend: 'cpu', engine: 'mixed' });
    const engineOf = async (norm: string, skip: string) =>
      (await runOn(spec, { params: { ...good, norm, skip } }, undefined, factory)).trial.userAttrs;
    expect(await engineOf('none', 'none')).toMatchObject({ engine: 'fused', backend: 'wasm' });
    for (const [norm, skip] of [
      ['layer', 'none'],
      ['none', 'residual'],
    ] as const) {
      const other = await engineOf(norm, skip);
      expect(other).toMatchObject({ engine: 'tfjs', backend: 'cpu' });
      expect(other).not.toHaveProperty('kernels');
    }
  });

  it('stops after 15 epochs without a better one, unreported', async () => {
    const { trial, epochs } = await runOn(iris.spec, { params: { ...good, learning_rate: 1e-5 } });
    expect(trial.userAttrs.ended_by).toBe('earlyStopping');
    expect(epochs.length).toBe((trial.userAttrs.best_epoch as number) + 16);
    expect(trial.reports.size).toBe(epochs.length - 1);
  });

  it('gives up when pruned, and says how far it got', async () => {
    const trial = new RecordingTrial({ params: good, pruneAt: 3 });
    const objective = {
      spec: iris.spec,
      data: await loadDataset(iris),
      seed: 1,
      factory: fusedDenseFactory,
    };
    const run = runNetworkTrial(objective, trial, {
      signal: new AbortController().signal,
      onEpoch() {},
    });
    await expect(run).rejects.toThrow(TrialPruned);
    expect(trial.reports.size).toBe(4);
    expect(trial.userAttrs.epochs).toBe(4);
  });

  it('gives up when aborted', async () => {
    const abort = new AbortController();
    abort.abort(new Error('no more'));
    await expect(runOn(iris.spec, { params: good }, abort.signal)).rejects.toThrow('no more');
  });

  it('is the same for the same seed and trial number, and another for another number', async () => {
    const [first, again, other] = await Promise.all(
      [0, 0, 1].map((number) => runOn(iris.spec, { number, params: good })),
    );
    const curve = (run: typeof first) => run?.epochs.map(({ valLoss }) => valLoss);
    expect(curve(again)).toEqual(curve(first));
    expect(curve(other)).not.toEqual(curve(first));
  });

  it('returns all objectives, of the best epoch of the first one or of the last epoch', async () => {
    const spec = (value: 'best' | 'last') =>
      parseSpec({
        ...iris.spec,
        objective: [
          { metric: 'accuracy', value },
          { metric: 'loss', value },
        ],
      });
    const best = await runOn(spec('best'), { params: good });
    expect(best.value).toEqual([best.trial.userAttrs.val_accuracy, best.trial.userAttrs.val_loss]);
    const last = await runOn(spec('last'), { params: good });
    const { valAccuracy, valLoss } = last.epochs.at(-1) as Epoch;
    expect(last.value).toEqual([valAccuracy, valLoss]);
  });

  it.each(['balancedAccuracy', 'f1', 'rocAuc', 'logLoss'] as const)(
    'returns and reports %s, beside costs',
    async (metric) => {
      const spec = parseSpec({
        ...iris.spec,
        objective: [{ metric }, { metric: 'parameters' }, { metric: 'trainingSeconds' }],
        training: { ...iris.spec.training, epochs: 20, earlyStopping: { metric, patience: 20 } },
      });
      expect(objectivesOf(spec).map(({ direction }) => direction)).toEqual([
        metric === 'logLoss' ? 'minimize' : 'maximize',
        'minimize',
        'minimize',
      ]);
      const { value, trial, epochs } = await runOn(spec, { params: good });
      const [score, nParameters, seconds] = value as number[];
      const reported = [...trial.reports.values()];
      expect(score).toBe(Math[metric === 'logLoss' ? 'min' : 'max'](...reported));
      const name = {
        balancedAccuracy: 'balanced_accuracy',
        rocAuc: 'roc_auc',
        logLoss: 'log_loss',
      };
      expect(trial.userAttrs[`val_${metric === 'f1' ? metric : name[metric]}`]).toBe(score);
      expect(nParameters).toBe(trial.userAttrs.n_parameters);
      expect(seconds).toBeCloseTo(
        epochs.reduce((sum, epoch) => sum + epoch.seconds, 0),
        9,
      );
    },
  );

  it('learns the shipped regression table', async () => {
    const spec = parseSpec({
      name: 'diabetes',
      data: {
        table: 'diabetes',
        task: 'regression',
        target: 'progression',
        split: { fractions: { train: 0.6, validation: 0.2, test: 0.2 } },
      },
      objective: { metric: 'r2' },
      network: { width: [16] },
      training: {
        optimizer: { type: 'adamW', learningRate: 0.01 },
        epochs: 60,
        earlyStopping: { patience: 10 },
      },
    });
    const { value, trial } = await runOn(spec);
    expect(value).toBeGreaterThan(0.35);
    expect(trial.userAttrs.val_r2).toBe(value);
    expect(trial.userAttrs.val_rmse).toBeGreaterThan(30);
  });

  it('hands over the weights that its value was measured with, where they are wanted', async () => {
    const data = await loadDataset(iris);
    const objective = { spec: iris.spec, data, seed: 1, factory: fusedDenseFactory };
    const kept: Checkpoint[] = [];
    const run = (more: Partial<ObjectiveRun>) =>
      runNetworkTrial(objective, new RecordingTrial({ params: good }), {
        signal: new AbortController().signal,
        onEpoch() {},
        onCheckpoint: (checkpoint) => kept.push(checkpoint),
        ...more,
      });
    await run({});
    const value = (await run({ keepWeights: true })) as number;
    await run({ keepWeights: { betterThan: value, direction: 'maximize' } });
    expect(kept).toHaveLength(1);
    const [{ plan, weights }] = kept as [Checkpoint];
    const model = fusedDenseFactory.create({ plan, data, weights, dropoutSeed: 0 });
    const { validation } = data;
    const outputs = model.predict(validation.features);
    expect(nRight(outputs, validation.targets) / validation.nRows).toBe(value);

    await run({ keepWeights: true, nEpochs: 7 });
    expect(kept[1]?.epoch).toBe(6);
  });
});

function nRight(outputs: Float32Array, targets: Float32Array): number {
  const nClasses = outputs.length / targets.length;
  return targets.filter((label, row) => {
    const own = outputs.slice(row * nClasses, (row + 1) * nClasses);
    return own.indexOf(Math.max(...own)) === label;
  }).length;
}

describe('runNetworkTrial with folds', () => {
  const data = { ...iris.spec.data, split: { folds: 3, repeats: 2, test: 0.2 } };
  const spec = parseSpec({ ...iris.spec, data }) as NetworkStudySpec;

  it('gives the mean over the folds, and reports each of them', async () => {
    const { value, trial, epochs } = await runOn(spec, { params: good });
    const { reports, userAttrs } = trial;
    expect([...reports.keys()]).toEqual([0, 1, 2, 3, 4, 5]);
    const scores = [...reports.values()];
    const mean = scores.reduce((sum, score) => sum + score, 0) / 6;
    expect(value).toBeCloseTo(mean, 12);
    expect(userAttrs.fold_values).toEqual(scores);
    const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / 5;
    expect(userAttrs.fold_deviation).toBeCloseTo(Math.sqrt(variance), 12);
    expect(userAttrs.epochs).toBe(epochs.length);
    expect(epochs.map(({ epoch }) => epoch)).toEqual(epochs.map((_, i) => i));
    expect(new Set(scores).size).toBeGreaterThan(1);
  });

  it('ends after the fold at which it is pruned', async () => {
    const run = runOn(spec, { params: good, pruneAt: 2 });
    await expect(run).rejects.toThrow(TrialPruned);
    await expect(run).rejects.toThrow('Trial was pruned at fold 2.');
  });
});
