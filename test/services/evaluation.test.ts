import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { classificationIntervals } from '../../src-main/services/evaluation/classification-intervals.ts';
import { classificationReport } from '../../src-main/services/evaluation/classification.ts';
import { foldInterval, wilsonInterval } from '../../src-main/tuner/math/intervals.ts';
import { permutationImportance } from '../../src-main/services/evaluation/permutation-importance.ts';
import { regressionReport } from '../../src-main/services/evaluation/regression.ts';
import { metricBounds, type Metric } from '../../src-main/training/vocabulary.ts';
import type { Interval } from '../../src-main/contract/evaluation.ts';
import { createRng, type Rng } from '../../src-main/tuner/math/rng.ts';

interface ClassificationCase {
  probabilities: number[];
  labels: number[];
  accuracy: number;
  balancedAccuracy: number;
  f1: number;
  rocAuc: number;
  logLoss: number;
  confusion: number[][];
  precision: number[];
  recall: number[];
  classF1: number[];
  support: number[];
  ece: number;
  roc: { fpr: number[]; tpr: number[]; area: number }[];
  intervals: Record<
    'balancedAccuracy' | 'f1' | 'rocAuc' | 'logLoss' | 'rocAucBootstrap',
    [low: number, high: number]
  >;
}

/** Made by make.py beside it. */
const { classification, regression, wilson } = JSON.parse(
  readFileSync(new URL('../fixtures/evaluation/sklearn.json', import.meta.url), 'utf8'),
) as {
  classification: ClassificationCase[];
  regression: Record<'actual' | 'predicted' | 'r2Interval' | 'maeInterval', number[]> &
    Record<'mse' | 'mae' | 'r2', number>;
  wilson: { nTrue: number; n: number; low: number; high: number }[];
};

const namesOf = (nClasses: number): string[] =>
  Array.from({ length: nClasses }, (_, k) => `class ${k}`);

describe('classificationReport', () => {
  it.each(classification.map((it, i) => [i, it] as const))(
    'has the numbers of scikit-learn (case %i)',
    (_, expected) => {
      const nClasses = expected.confusion.length;
      const report = classificationReport(
        Float64Array.from(expected.probabilities),
        expected.labels,
        namesOf(nClasses),
      );
      expect(report.confusion).toEqual(expected.confusion);
      for (const score of ['accuracy', 'balancedAccuracy', 'f1', 'rocAuc', 'logLoss'] as const)
        expect(report[score]).toBeCloseTo(expected[score], 12);
      expect(report.calibrationError).toBeCloseTo(expected.ece, 12);
      report.classes.forEach((one, k) => {
        expect(one.support).toBe(expected.support[k]);
        expect(one.precision).toBeCloseTo(expected.precision[k]!, 12);
        expect(one.recall).toBeCloseTo(expected.recall[k]!, 12);
        expect(one.f1).toBeCloseTo(expected.classF1[k]!, 12);
        const curve = expected.roc[k]!;
        expect(one.roc?.area).toBeCloseTo(curve.area, 12);
        // scikit-learn leaves out points on a line too, though not all of them.
        const points = one.roc!.falsePositiveRates.map((x, i) => [
          x,
          one.roc!.truePositiveRates[i],
        ]);
        const known = curve.fpr.map((x, i) => [x, curve.tpr[i]]);
        for (const [x, y] of points)
          expect(known.some(([a, b]) => Math.abs(a! - x!) + Math.abs(b! - y!) < 1e-12)).toBe(true);
      });
    },
  );

  it('ends where a probability is no number, which no curve has a place for', () => {
    const report = classificationReport(
      Float64Array.from([NaN, NaN, 0.4, 0.6]),
      [0, 1],
      namesOf(2),
    );
    expect(report).toMatchObject({ accuracy: 1, rocAuc: null, logLoss: NaN });
  });

  it('does without a class that no row has', () => {
    const report = classificationReport(
      Float64Array.from([0.8, 0.1, 0.1, 0.3, 0.6, 0.1]),
      [0, 0],
      namesOf(3),
    );
    expect(report).toMatchObject({ accuracy: 0.5, balancedAccuracy: 0.5, rocAuc: null });
    expect(report.classes.map(({ roc }) => roc)).toEqual([null, null, null]);
    expect(report.calibration).toEqual([
      { low: 0.5, high: 0.6, nRows: 1, confidence: 0.6, accuracy: 0 },
      { low: 0.7, high: 0.8, nRows: 1, confidence: 0.8, accuracy: 1 },
    ]);
  });
});

describe('classificationIntervals', () => {
  const intervalsOf = (probabilities: Float64Array, labels: number[], nClasses: number) =>
    classificationIntervals(
      probabilities,
      labels,
      classificationReport(probabilities, labels, namesOf(nClasses)),
      createRng('intervals'),
    );
  /** How far two intervals are apart, as a share of their width. */
  const distance = (a: Interval | null, [low, high]: [number, number]): number =>
    Math.max(Math.abs(a!.low - low), Math.abs(a!.high - high)) / (high - low);

  it.each(classification.map((it, i) => [i, it] as const))(
    'are those of NumPy (case %i)',
    (_, { probabilities, labels, confusion, intervals: expected }) => {
      const intervals = intervalsOf(Float64Array.from(probabilities), labels, confusion.length);
      expect(distance(intervals.balancedAccuracy, expected.balancedAccuracy)).toBeLessThan(1e-9);
      expect(distance(intervals.rocAuc, expected.rocAuc)).toBeLessThan(1e-9);
      // By other draws.
      expect(distance(intervals.f1, expected.f1)).toBeLessThan(0.1);
      expect(distance(intervals.logLoss, expected.logLoss)).toBeLessThan(0.1);
      // By another way, which agrees as far as the rows are many.
      expect(distance(intervals.rocAuc, expected.rocAucBootstrap)).toBeLessThan(0.25);
    },
  );

  /** Rows of two classes whose log odds are normal, one apart from the other by `shift`. */
  function simulated(nRows: number, shift: number, rng: Rng) {
    const labels = Array.from({ length: nRows }, () => Number(rng.uniform() < 0.3));
    const probabilities = labels.flatMap((label) => {
      const p = 1 / (1 + Math.exp(-rng.normal() - (label - 0.5) * shift));
      return [1 - p, p];
    });
    return { labels, probabilities: Float64Array.from(probabilities) };
  }

  it('hold the true value about as often as they say', () => {
    const truth = simulated(400_000, 1.5, createRng('truth'));
    const { balancedAccuracy, f1, rocAuc, logLoss } = classificationReport(
      truth.probabilities,
      truth.labels,
      namesOf(2),
    );
    const expected = { balancedAccuracy, f1, rocAuc: rocAuc!, logLoss };
    const scores = Object.keys(expected) as (keyof typeof expected)[];
    const nHeld = { balancedAccuracy: 0, f1: 0, rocAuc: 0, logLoss: 0 };
    const nTables = 200;
    for (let table = 0; table < nTables; table++) {
      const { probabilities, labels } = simulated(100, 1.5, createRng('coverage', table));
      const intervals = intervalsOf(probabilities, labels, 2);
      for (const score of scores) {
        const { low, high } = intervals[score]!;
        if (low <= expected[score] && expected[score] <= high) nHeld[score]++;
      }
    }
    for (const score of scores) {
      expect(nHeld[score] / nTables, score).toBeGreaterThan(0.88);
      // Of one that holds everything nothing would be learned.
      expect(nHeld[score] / nTables, score).toBeLessThan(0.995);
    }
  });

  it('are close to those of quantiles where rows are too many for so many draws', () => {
    const { probabilities, labels } = simulated(20_000, 1.5, createRng('many'));
    const { f1, logLoss } = classificationReport(probabilities, labels, namesOf(2));
    const intervals = intervalsOf(probabilities, labels, 2);
    expect(intervals.f1!.low).toBeLessThan(f1);
    expect(intervals.f1!.high - intervals.f1!.low).toBeLessThan(0.03);
    const losses = labels.map((label, row) => -Math.log(probabilities[row * 2 + label]!));
    const variance = losses.reduce((sum, loss) => sum + (loss - logLoss) ** 2, 0) / losses.length;
    const spread = 1.96 * Math.sqrt(variance / losses.length);
    expect(distance(intervals.logLoss, [logLoss - spread, logLoss + spread])).toBeLessThan(0.15);
  });

  it('have a width where no answer is wrong', () => {
    const labels = Array.from({ length: 30 }, (_, row) => row % 2);
    const probabilities = Float64Array.from(
      labels.flatMap((label) => [0.9 - 0.8 * label, 0.1 + 0.8 * label]),
    );
    const { balancedAccuracy, f1, rocAuc } = intervalsOf(probabilities, labels, 2);
    expect(rocAuc).toEqual(f1);
    expect(rocAuc).toEqual(balancedAccuracy);
    expect(rocAuc!.high).toBe(1);
    expect(rocAuc!.low).toBeGreaterThan(0.8);
    expect(rocAuc!.low).toBeLessThan(0.9);
  });

  it('stay within what is possible, also where rows are too many for quantiles', () => {
    const labels = Array.from({ length: 6000 }, (_, row) => row % 2);
    // Two answers are wrong, one of them as far as can be.
    const odds = labels.map((label, row) => (row === 0 ? 1 : row === 3 ? 0.4 : label));
    const probabilities = Float64Array.from(odds.flatMap((p) => [1 - p, p]));
    const { f1, logLoss } = intervalsOf(probabilities, labels, 2);
    expect(f1!.low).toBeGreaterThan(0.998);
    expect(f1!.high).toBe(1);
    expect(logLoss!.low).toBe(0);
  });

  it('are those of the classes that rows have', () => {
    const { probabilities, labels } = simulated(60, 1.5, createRng('classes'));
    const withThird = Float64Array.from(
      labels.flatMap((_, row) => [probabilities[row * 2]!, probabilities[row * 2 + 1]!, 0]),
    );
    const two = intervalsOf(probabilities, labels, 2);
    const three = intervalsOf(withThird, labels, 3);
    expect(three.balancedAccuracy).toEqual(two.balancedAccuracy);
    expect(three.rocAuc!.low).toBeCloseTo(two.rocAuc!.low, 12);
  });

  it('are not told of a curve that hangs on a single row, or of none', () => {
    const probabilities = Float64Array.from([0.8, 0.2, 0.3, 0.7, 0.6, 0.4, 0.4, 0.6]);
    expect(intervalsOf(probabilities, [0, 0, 0, 1], 2).rocAuc).toBeNull();
    expect(intervalsOf(probabilities, [0, 0, 0, 0], 2).rocAuc).toBeNull();
  });
});

describe('wilsonInterval', () => {
  it.each(wilson)('of $nTrue in $n', ({ nTrue, n, low, high }) => {
    const interval = wilsonInterval(nTrue, n);
    expect(interval.low).toBeCloseTo(low, 12);
    expect(interval.high).toBeCloseTo(high, 12);
  });

  it('ends at 0 and 1, and says nothing of no rows', () => {
    for (let n = 1; n < 50; n++) {
      expect(wilsonInterval(0, n).low).toBe(0);
      expect(wilsonInterval(n, n).high).toBe(1);
    }
    expect(wilsonInterval(0, 0)).toEqual({ low: 0, high: 1 });
  });
});

describe('foldInterval', () => {
  it.each([
    [3, 4.302653],
    [5, 2.776445],
    [10, 2.262157],
    [30, 2.04523],
  ])('of %i folds is as wide as Student says, wider for shared rows', (nFolds, t) => {
    const { low, high } = foldInterval(
      { mean: 0.8, deviation: 0.1, nFolds },
      { train: 80, validation: 20 },
      { low: -Infinity, high: Infinity },
    )!;
    expect((low + high) / 2).toBeCloseTo(0.8, 12);
    const half = t * 0.1 * Math.sqrt(1 / nFolds + 0.25);
    expect((high - low) / 2 / half).toBeGreaterThan(0.96);
    expect((high - low) / 2 / half).toBeLessThan(1.01);
  });

  it('is not told of two folds, or of equal ones', () => {
    const rows = { train: 50, validation: 50 };
    expect(
      foldInterval({ mean: 0.8, deviation: 0.1, nFolds: 2 }, rows, metricBounds.f1),
    ).toBeNull();
    expect(foldInterval({ mean: 1, deviation: 0, nFolds: 5 }, rows, metricBounds.f1)).toBeNull();
  });

  it('stays within what the metric can be', () => {
    const of = (metric: Metric, mean: number) =>
      foldInterval(
        { mean, deviation: 0.3, nFolds: 5 },
        { train: 80, validation: 20 },
        metricBounds[metric],
      )!;
    for (const metric of ['logLoss', 'loss', 'mse', 'rmse', 'mae'] as const) {
      expect(of(metric, 0.2).low, metric).toBe(0);
      expect(of(metric, 0.9).high, metric).toBeGreaterThan(1);
    }
    for (const metric of ['balancedAccuracy', 'f1', 'rocAuc'] as const) {
      expect(of(metric, 0.9).high, metric).toBe(1);
      expect(of(metric, 0.1).low, metric).toBe(0);
    }
    expect(of('r2', 0.9).high).toBe(1);
    expect(of('r2', 0.1).low).toBeLessThan(0);
  });
});

describe('regressionReport', () => {
  it('has the numbers of scikit-learn, and intervals like its own of many draws', () => {
    const { actual, predicted, mse, mae, r2, r2Interval, maeInterval } = regression;
    const report = regressionReport('y', predicted, actual, createRng(1));
    expect(report.mse).toBeCloseTo(mse, 8);
    expect(report.rmse).toBeCloseTo(Math.sqrt(mse), 10);
    expect(report.mae).toBeCloseTo(mae, 10);
    expect(report.r2).toBeCloseTo(r2, 12);
    const close = (value: number, [low, high]: number[], other: number): void =>
      expect(Math.abs(value - other) / (high! - low!)).toBeLessThan(0.1);
    close(report.intervals.r2.low, r2Interval, r2Interval[0]!);
    close(report.intervals.r2.high, r2Interval, r2Interval[1]!);
    close(report.intervals.mae.low, maeInterval, maeInterval[0]!);
    close(report.intervals.mae.high, maeInterval, maeInterval[1]!);
    expect(report.predicted).toEqual(predicted);
    expect(regressionReport('y', predicted, actual, createRng(1))).toEqual(report);
  });

  it('shows a sample of many rows', () => {
    const many = Array.from({ length: 2500 }, (_, i) => i);
    const report = regressionReport('y', many, many, createRng(1));
    expect(report.actual).toHaveLength(1000);
    expect(report).toMatchObject({ nRows: 2500, mse: 0, r2: 1 });
    expect(report.actual.at(-1)).toBeGreaterThan(2490);
  });
});

describe('permutationImportance', () => {
  it('tells the column that the answers hang on, and takes the features of a column together', async () => {
    const nRows = 200;
    const rng = createRng('importance');
    // Columns: a (decides), b (one-hot of two, decides a little), noise.
    const features = Float32Array.from({ length: nRows * 4 }, () => 0);
    for (let row = 0; row < nRows; row++) {
      features[row * 4] = rng.normal();
      features[row * 4 + 1 + rng.integer(2)] = 1;
      features[row * 4 + 3] = rng.normal();
    }
    const answer = (x: Float32Array, row: number): boolean => {
      const [first, second] = [x[row * 4 + 1] as number, x[row * 4 + 2] as number];
      // A column whose features came apart would have both or none.
      expect(first + second).toBe(1);
      return (x[row * 4] as number) + 0.5 * first > 0.25;
    };
    const right = Array.from({ length: nRows }, (_, row) => answer(features, row));
    const importances = await permutationImportance({
      features,
      nFeatures: 4,
      blocks: [
        { column: 'noise', features: [3] },
        { column: 'b', features: [1, 2] },
        { column: 'a', features: [0] },
      ],
      score: (x) => right.filter((is, row) => is === answer(x, row)).length / nRows,
      nRepeats: 5,
      rng: createRng(3),
    });
    expect(importances.map(({ column }) => column)).toEqual(['a', 'b', 'noise']);
    expect(importances[0]!.drop).toBeGreaterThan(0.3);
    expect(importances[1]!.drop).toBeGreaterThan(0.02);
    expect(importances[2]).toEqual({ column: 'noise', drop: 0, deviation: 0 });
  });
});
