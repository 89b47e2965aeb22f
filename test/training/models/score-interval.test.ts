import { describe, expect, it } from 'vitest';
import { classScores } from '../../../src-main/training/models/class-scores.ts';
import {
  f1Influences,
  ratioInfluences,
  regressionInfluences,
} from '../../../src-main/training/models/influences.ts';
import { computeLoss } from '../../../src-main/training/models/losses.ts';
import { scoreInterval } from '../../../src-main/training/models/score-interval.ts';
import type { LossPlan } from '../../../src-main/training/plan.ts';
import { metricsOf, type Metric } from '../../../src-main/training/vocabulary.ts';
import { createRng, type Rng } from '../../../src-main/tuner/math/rng.ts';

const plain: LossPlan = {
  type: 'crossEntropy',
  delta: 1,
  gamma: 0,
  labelSmoothing: 0,
  classWeights: null,
};

/** The derivative of a statistic by the weight of each row, times their number. */
function derivatives(nRows: number, statistic: (weights: Float64Array) => number): number[] {
  const step = 1e-5;
  return Array.from({ length: nRows }, (_, row) => {
    const [more, less] = [step, -step].map((change) => {
      const weights = new Float64Array(nRows).fill(1);
      weights[row]! += change;
      return statistic(weights);
    });
    return ((more! - less!) / (2 * step)) * nRows;
  });
}

function expectClose(influences: Float64Array, expected: readonly number[]): void {
  expected.forEach((value, row) => expect(influences[row]).toBeCloseTo(value, 6));
}

const rng = createRng('influences');
const some = Array.from({ length: 20 }, () => ({
  value: rng.normal(),
  other: rng.normal(),
  weight: 0.5 + rng.uniform(),
  label: Math.floor(rng.uniform() * 3),
  answer: Math.floor(rng.uniform() * 3),
}));
const valuesOf = (name: keyof (typeof some)[number]): Float64Array =>
  Float64Array.from(some, (row) => row[name]);
const weightedSum = (weights: Float64Array, valueOf: (row: number) => number): number =>
  weights.reduce((sum, weight, row) => sum + weight * valueOf(row), 0);

describe('influences', () => {
  it('of a weighted mean are its derivatives', () => {
    const [values, weights] = [valuesOf('value'), valuesOf('weight')];
    const { ratio, influences } = ratioInfluences(values, weights);
    const ratioOf = (w: Float64Array): number =>
      weightedSum(w, (row) => values[row]!) / weightedSum(w, (row) => weights[row]!);
    expect(ratio).toBeCloseTo(ratioOf(new Float64Array(20).fill(1)), 12);
    expectClose(influences, derivatives(20, ratioOf));
  });

  it('of F1 are its derivatives', () => {
    const [labels, answers] = [valuesOf('label'), Int32Array.from(valuesOf('answer'))];
    const f1Of = (w: Float64Array): number => {
      const scores = [0, 1, 2].map((k) => {
        const isOf = (row: number): number => Number(labels[row] === k);
        const isSaid = (row: number): number => Number(answers[row] === k);
        const hits = weightedSum(w, (row) => isOf(row) * isSaid(row));
        return (2 * hits) / weightedSum(w, (row) => isOf(row) + isSaid(row));
      });
      return (scores[0]! + scores[1]! + scores[2]!) / 3;
    };
    const { f1, influences } = f1Influences(labels, answers, 3);
    expect(f1).toBeCloseTo(f1Of(new Float64Array(20).fill(1)), 12);
    expectClose(influences, derivatives(20, f1Of));
    // A class that is nowhere changes nothing.
    expect(f1Influences(labels, answers, 4)).toEqual({ f1, influences });
  });

  it('of errors are their derivatives', () => {
    const [predicted, actual] = [valuesOf('other'), valuesOf('value')];
    const errorOf = (row: number): number => predicted[row]! - actual[row]!;
    const mseOf = (w: Float64Array): number =>
      weightedSum(w, (row) => errorOf(row) ** 2) / weightedSum(w, () => 1);
    const found = regressionInfluences(predicted, actual);
    expectClose(found.mse.influences, derivatives(20, mseOf));
    expectClose(
      found.rmse.influences,
      derivatives(20, (w) => Math.sqrt(mseOf(w))),
    );
    expectClose(
      found.mae.influences,
      derivatives(
        20,
        (w) => weightedSum(w, (row) => Math.abs(errorOf(row))) / weightedSum(w, () => 1),
      ),
    );
    const r2Of = (w: Float64Array): number => {
      const mean = weightedSum(w, (row) => actual[row]!) / weightedSum(w, () => 1);
      const around = weightedSum(w, (row) => (actual[row]! - mean) ** 2);
      return 1 - (mseOf(w) * weightedSum(w, () => 1)) / around;
    };
    expect(found.r2.value).toBeCloseTo(r2Of(new Float64Array(20).fill(1)), 12);
    expectClose(found.r2.influences, derivatives(20, r2Of));
  });
});

const classes = { task: 'classification', nOutputs: 3, targetScales: null } as const;
const numbers = {
  task: 'regression',
  nOutputs: 2,
  targetScales: [
    { mean: 5, scale: 3 },
    { mean: 0, scale: 0.5 },
  ],
} as const;

/** Rows whose outputs tell something of what they are. */
function drawn(nRows: number, from: Rng, isOfClasses: boolean) {
  const features = new Float32Array(0);
  if (isOfClasses) {
    const targets = Float32Array.from({ length: nRows }, () => Math.floor(from.uniform() * 3));
    const outputs = Float32Array.from(
      { length: 3 * nRows },
      (_, i) => from.normal() + 2 * Number(targets[Math.floor(i / 3)] === i % 3),
    );
    return { part: { nRows, features, targets }, outputs };
  }
  const targets = Float32Array.from({ length: 2 * nRows }, () => from.normal());
  const outputs = targets.map((value) => 0.8 * value + 0.5 * from.normal());
  return { part: { nRows, features, targets }, outputs };
}

describe('scoreInterval', () => {
  const weighted: LossPlan = { ...plain, classWeights: [1, 3, 0.5] };
  const cases = [
    ...metricsOf.classification.map((metric) => [metric, true] as const),
    ...metricsOf.regression.map((metric) => [metric, false] as const),
  ];

  /** By its definition. */
  function valueOf(metric: Metric, rows: ReturnType<typeof drawn>, isOfClasses: boolean): number {
    const { part, outputs } = rows;
    if (isOfClasses) {
      if (metric === 'loss')
        return computeLoss(weighted, outputs, part.targets, 3).loss / part.nRows;
      const answers = [...part.targets].filter((label, row) => {
        const own = outputs.subarray(3 * row, 3 * row + 3);
        return own.indexOf(Math.max(...own)) === label;
      });
      if (metric === 'accuracy') return answers.length / part.nRows;
      return classScores[metric as keyof typeof classScores](outputs, part.targets, 3);
    }
    if (metric === 'loss')
      return computeLoss({ ...plain, type: 'mse' }, outputs, part.targets, 2).loss / part.nRows;
    const perOutput = [0, 1].map((k) => {
      const { scale } = numbers.targetScales[k]!;
      const column = (values: Float32Array): number[] =>
        [...values].filter((_, i) => i % 2 === k).map((value) => scale * value);
      const [predicted, actual] = [column(outputs), column(part.targets)];
      const errors = actual.map((value, row) => predicted[row]! - value);
      const mean = actual.reduce((sum, value) => sum + value, 0) / part.nRows;
      const squares = errors.reduce((sum, error) => sum + error ** 2, 0);
      const around = actual.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      const mae = errors.reduce((sum, error) => sum + Math.abs(error), 0) / part.nRows;
      const mse = squares / part.nRows;
      return { mse, rmse: Math.sqrt(mse), mae, r2: 1 - squares / around };
    });
    const name = metric as 'mse' | 'rmse' | 'mae' | 'r2';
    return (perOutput[0]![name] + perOutput[1]![name]) / 2;
  }

  it.each(cases)('of %s holds the true value about as often as it says', (metric, isOfClasses) => {
    const loss = isOfClasses ? weighted : ({ ...plain, type: 'mse' } as const);
    const data = isOfClasses ? classes : numbers;
    const truth = valueOf(metric, drawn(100_000, createRng('truth'), isOfClasses), isOfClasses);
    const nTables = 300;
    let nHeld = 0;
    for (let table = 0; table < nTables; table++) {
      const rows = drawn(40, createRng('tables', table), isOfClasses);
      const interval = scoreInterval(metric, data, rows.part, rows.outputs, loss)!;
      const value = valueOf(metric, rows, isOfClasses);
      expect(interval.low).toBeLessThan(value + 1e-6);
      expect(interval.high).toBeGreaterThan(value - 1e-6);
      if (interval.low <= truth && truth <= interval.high) nHeld++;
    }
    expect(nHeld / nTables).toBeGreaterThan(0.89);
    expect(nHeld / nTables).toBeLessThan(0.995);
  });

  it('is not told of outputs that are no numbers, of very few rows, and of rows without an error', () => {
    const part = { nRows: 4, features: new Float32Array(0), targets: Float32Array.of(1, 2, 3, 4) };
    const data = { task: 'regression', nOutputs: 1, targetScales: null } as const;
    const of = (outputs: number[], nRows = 4) =>
      scoreInterval(
        'mse',
        data,
        { ...part, nRows, targets: part.targets.subarray(0, nRows) },
        Float32Array.from(outputs),
        plain,
      );
    expect(of([1, 2, 3, NaN])).toBeNull();
    expect(of([1, 2, 3, 4])).toBeNull();
    expect(of([1, 3], 2)).toBeNull();
    expect(of([1, 3, 3, 4])).toMatchObject({ low: expect.any(Number) as number });
    // Nor is a share, which a comparison with NaN would give a value.
    const targets = Float32Array.of(0, 1, 2, 0, 1, 2);
    const labelled = { nRows: 6, features: part.features, targets };
    const outputs = new Float32Array(18);
    // Answers that are all the same: the area is a half, and how sure that is they do not say.
    expect(scoreInterval('rocAuc', classes, labelled, outputs, plain)).toBeNull();
    expect(scoreInterval('accuracy', classes, labelled, outputs, plain)).not.toBeNull();
    outputs[5] = NaN;
    expect(scoreInterval('accuracy', classes, labelled, outputs, plain)).toBeNull();
  });

  it('of a loss weights the rows by their class, as the loss does', () => {
    // Of the class that counts most all rows are told wrongly.
    const targets = Float32Array.from({ length: 600 }, (_, row) => row % 3);
    const outputs = Float32Array.from({ length: 1800 }, (_, i) => {
      const own = targets[Math.floor(i / 3)] === i % 3;
      return own ? (i % 3 === 1 ? -2 : 3) + ((i * 7) % 11) / 10 : 0;
    });
    const part = { nRows: 600, features: new Float32Array(0), targets };
    const value = computeLoss(weighted, outputs, targets, 3).loss / 600;
    const { low, high } = scoreInterval('loss', classes, part, outputs, weighted)!;
    expect(low).toBeLessThan(value);
    expect(high).toBeGreaterThan(value);
    const unweighted = scoreInterval('loss', classes, part, outputs, plain)!;
    expect(unweighted.high).toBeLessThan(low);
  });

  it('of shares has a width where no answer is wrong', () => {
    const targets = Float32Array.from({ length: 30 }, (_, row) => row % 3);
    const outputs = Float32Array.from({ length: 90 }, (_, i) =>
      Number(targets[Math.floor(i / 3)] === i % 3),
    );
    const part = { nRows: 30, features: new Float32Array(0), targets };
    for (const metric of ['accuracy', 'balancedAccuracy', 'f1', 'rocAuc'] as const) {
      const { low, high } = scoreInterval(metric, classes, part, outputs, plain)!;
      expect(high, metric).toBe(1);
      expect(low, metric).toBeGreaterThan(0.75);
      expect(low, metric).toBeLessThan(0.95);
    }
  });
});
