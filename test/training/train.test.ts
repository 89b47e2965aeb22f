import { describe, expect, it } from 'vitest';
import { createRng } from '../../src-main/tuner/math/rng.ts';
import type { TrainingData } from '../../src-main/training/datasets/dataset.ts';
import { noSums } from '../../src-main/training/models/losses.ts';
import type { Model } from '../../src-main/training/models/model.ts';
import type { TrainingPlan } from '../../src-main/training/plan.ts';
import { train } from '../../src-main/training/train.ts';
import type { TrainOptions } from '../../src-main/training/train.ts';

const part = { nRows: 10, features: new Float32Array(10), targets: new Float32Array(10) };
const data: TrainingData = {
  task: 'classification',
  nFeatures: 1,
  nOutputs: 2,
  classes: null,
  targetScales: null,
  train: part,
  validation: part,
};

/** Gets so many of the ten validation rows right in each epoch; loss falls by 1 per right row. */
function scripted(
  corrects: readonly number[],
  orders: number[][] = [],
  rates: number[] = [],
): Model {
  return {
    runEpoch(epoch, order, learningRate) {
      rates.push(learningRate);
      orders.push([...order]);
      const correct = corrects[epoch] ?? 0;
      const loss = Number.isNaN(correct) ? NaN : 10 - correct;
      const sums = { ...noSums, loss, correct };
      // Row by row right or wrong; all rows are of class 0.
      const validationOutputs = Float32Array.from({ length: 20 }, (_, i) =>
        i % 2 === Number(i >= 2 * correct) ? 1 : 0,
      );
      return { train: sums, validation: sums, validationOutputs };
    },
    predict: () => new Float32Array(),
    getWeights: () => [],
    setWeights() {},
    dispose() {},
  };
}

async function run(
  corrects: readonly number[],
  {
    patience,
    minDelta = 0,
    ...options
  }: Partial<TrainOptions> & { patience?: number; minDelta?: number } = {},
) {
  const reported: number[] = [];
  const shown: number[] = [];
  const plan = {
    epochs: corrects.length,
    optimizer: { learningRate: 0.1 },
    schedule: { type: 'step', every: 2, factor: 0.5, warmupEpochs: 1 },
    earlyStopping: patience === undefined ? null : { metric: 'accuracy', patience, minDelta },
  } as TrainingPlan;
  const result = await train({
    model: scripted(corrects),
    data,
    plan,
    rng: createRng(1),
    leading: { metric: 'accuracy', direction: 'maximize' },
    onEpoch: ({ epoch }) => shown.push(epoch),
    afterEpoch: async (_metrics, epoch) => void reported.push(epoch),
    ...options,
  });
  return { ...result, reported, shown };
}

describe('train', () => {
  it('runs all epochs without early stopping and knows the first best one', async () => {
    const { best, last, nEpochs, endedBy, reported } = await run([3, 7, 5, 7]);
    expect(best).toMatchObject({ epoch: 1, validation: { accuracy: 0.7, loss: 0.3 } });
    expect(last).toMatchObject({ epoch: 3, train: { accuracy: 0.7 } });
    expect([nEpochs, endedBy]).toEqual([4, 'epochs']);
    expect(reported).toEqual([0, 1, 2, 3]);
  });

  // As the notebook: the patience check breaks out of the loop before the report.
  it('does not report the epoch that uses up the patience, but shows it', async () => {
    const { nEpochs, endedBy, reported, shown } = await run([5, 6, 6, 4, 6, 9], { patience: 3 });
    expect([nEpochs, endedBy]).toEqual([5, 'earlyStopping']);
    expect(reported).toEqual([0, 1, 2, 3]);
    expect(shown).toEqual([0, 1, 2, 3, 4]);
  });

  it('counts patience from the start where nothing is ever right', async () => {
    const { best, nEpochs, reported } = await run([0, 0, 0, 0], { patience: 2 });
    expect(nEpochs).toBe(2);
    expect(reported).toEqual([0]);
    expect(best).toMatchObject({ epoch: 0, validation: { accuracy: 0 } });
  });

  it('wants more than minDelta for a new best', async () => {
    const { nEpochs, best } = await run([5, 6, 7, 7, 7], { patience: 2, minDelta: 0.15 });
    expect(nEpochs).toBe(5);
    expect(best.epoch).toBe(2);
  });

  it('minimizes where the leading metric is a loss', async () => {
    const leading = { metric: 'loss', direction: 'minimize' } as const;
    expect((await run([3, 7, 5], { leading })).best.epoch).toBe(1);
  });

  it('ends when the loss is no longer a number', async () => {
    const { endedBy, best, reported } = await run([3, NaN, 9]);
    expect(endedBy).toBe('divergence');
    expect(best.epoch).toBe(0);
    expect(reported).toEqual([0]);
  });

  it('leads and stops by scores of all outputs, and tells all of them of the best epoch', async () => {
    const leading = { metric: 'balancedAccuracy', direction: 'maximize' } as const;
    const { best, last } = await run([3, 7, 5], { leading });
    // F1 of class 0: 14 / 17, of class 1: 0.
    expect(best).toMatchObject({ epoch: 1, validation: { balancedAccuracy: 0.7, rocAuc: NaN } });
    expect(best.validation.f1).toBeCloseTo(7 / 17, 12);
    expect(last.validation).toMatchObject({ balancedAccuracy: 0.5 });
  });

  it('is ended by what is thrown after an epoch', async () => {
    const afterEpoch = async () => {
      throw new Error('enough');
    };
    await expect(run([1, 2], { afterEpoch })).rejects.toThrow('enough');
  });

  describe('while answers are on their way', () => {
    /** Answers after some turns of the event loop, with a refusal from that epoch on. */
    const slowly = (refusedFrom: number, asked: number[] = []) => ({
      asked,
      lookaheadMs: 60_000,
      async afterEpoch(_metrics: unknown, epoch: number) {
        asked.push(epoch);
        for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
        if (epoch >= refusedFrom) throw new Error(`enough at ${epoch}`);
      },
    });

    it('goes on, and ends by the first refusal', async () => {
      const corrects = Array.from({ length: 20 }, (_, i) => i % 7);
      const { asked, ...answers } = slowly(2);
      await expect(run(corrects, answers)).rejects.toThrow('enough at 2');
      expect(asked.length).toBeGreaterThan(3);
    });

    it('ends by a refusal although patience, divergence or the number of epochs came first', async () => {
      const patience = run([5, 5, 5, 5], { patience: 2, ...slowly(0) });
      await expect(patience).rejects.toThrow('enough at 0');
      await expect(run([5, NaN], slowly(0))).rejects.toThrow('enough at 0');
      await expect(run([5, 6, 7], slowly(1))).rejects.toThrow('enough at 1');
    });

    it('waits where no lookahead is allowed', async () => {
      const { asked, ...answers } = slowly(2);
      await expect(run([1, 2, 3, 4, 5], { ...answers, lookaheadMs: 0 })).rejects.toThrow();
      expect(asked).toEqual([0, 1, 2]);
    });
  });

  it('shuffles all rows anew each epoch, the same way for the same seed', async () => {
    const orders = async () => {
      const seen: number[][] = [];
      await run([1, 1], { model: scripted([1, 1], seen), rng: createRng(5) });
      return seen;
    };
    const [first, second] = await orders();
    expect(first).not.toEqual(second);
    expect([...(first ?? [])].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await orders()).toEqual([first, second]);
  });

  it("trains with the schedule's learning rates", async () => {
    const rates: number[] = [];
    await run([1, 1, 1, 1, 1, 1], { model: scripted([], [], rates) });
    expect(rates).toEqual([0.05, 0.1, 0.1, 0.05, 0.05, 0.025]);
  });

  it('measures regression in the unit of the target', async () => {
    const targets = Float32Array.of(-1, 1);
    const rows = { nRows: 2, features: new Float32Array(2), targets };
    const regression: TrainingData = {
      ...data,
      task: 'regression',
      nOutputs: 1,
      targetScales: [{ mean: 100, scale: 10 }],
      train: rows,
      validation: rows,
    };
    const sums = { loss: 1, correct: 0, squaredError: 0.5, absoluteError: 1 };
    const model: Model = {
      ...scripted([]),
      runEpoch: () => ({ train: sums, validation: sums, validationOutputs: Float32Array.of(0, 0) }),
    };
    const leading = { metric: 'r2', direction: 'maximize' } as const;
    const { best } = await run([0], { data: regression, model, leading });
    expect(best.validation).toEqual({ loss: 0.5, mse: 25, rmse: 5, mae: 5, r2: 0.75 });
  });

  it('keeps the weights of the best epoch, of the last one, or none', async () => {
    const model = scripted([3, 7, 5, 4]);
    let epoch = -1;
    const spied: Model = {
      ...model,
      runEpoch(...args) {
        epoch = args[0];
        return model.runEpoch(...args);
      },
      getWeights: () => [Float32Array.of(epoch)],
    };
    expect((await run([3, 7, 5, 4], { model: spied, keepWeights: 'best' })).weights).toEqual([
      Float32Array.of(1),
    ]);
    expect((await run([3, 7, 5, 4], { model: spied, keepWeights: 'last' })).weights).toEqual([
      Float32Array.of(3),
    ]);
    expect((await run([3, 7, 5, 4], { model: spied })).weights).toBeNull();
  });

  it('trains fewer epochs than planned, at the rates of the plan', async () => {
    const rates: number[] = [];
    const corrects = [1, 2, 3, 4, 5, 6];
    const result = await run(corrects, {
      model: scripted(corrects, [], rates),
      nEpochs: 4,
      keepWeights: 'last',
    });
    expect(result).toMatchObject({ nEpochs: 4, endedBy: 'epochs', weights: [] });
    expect(rates).toEqual([0.05, 0.1, 0.1, 0.05]);
  });
});
