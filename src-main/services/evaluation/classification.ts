/**
 * How good probabilities of classes are. `probabilities`: nRows x nClasses, row-major; `labels`: the number of each row's class. Scores are
 * defined as in scikit-learn, with 0 where it would divide by zero.
 */
import type {
  CalibrationBin,
  ClassificationReport,
  ClassReport,
  RocCurve,
} from '../../contract/evaluation.ts';
import { answersOf } from '../../training/models/class-scores.ts';
import { argsort } from '../../tuner/math/argsort.ts';
import { wilsonInterval } from '../../tuner/math/intervals.ts';

const N_BINS = 10;
/** What scikit-learn clips probabilities of float64 to. */
const SMALLEST = 2.220446049250313e-16;

export function classificationReport(
  probabilities: Float64Array,
  labels: ArrayLike<number>,
  classNames: readonly string[],
): ClassificationReport {
  const nClasses = classNames.length;
  const nRows = labels.length;
  const answers = answersOf(probabilities, nClasses);
  const confusion = classNames.map(() => new Array<number>(nClasses).fill(0));
  let logLoss = 0;
  for (let row = 0; row < nRows; row++) {
    const label = labels[row] as number;
    const counts = confusion[label] as number[];
    const answer = answers[row] as number;
    counts[answer] = (counts[answer] as number) + 1;
    logLoss += lossOf(probabilities[row * nClasses + label] as number);
  }
  const classes = classNames.map((name, k): ClassReport => {
    const hits = confusion[k]?.[k] as number;
    const support = sum(confusion[k] as number[]);
    const nAnswered = sum(confusion.map((counts) => counts[k] as number));
    return {
      name,
      support,
      precision: ratio(hits, nAnswered),
      recall: ratio(hits, support),
      f1: ratio(2 * hits, support + nAnswered),
      roc: rocCurve(columnOf(probabilities, k, nClasses), (row) => labels[row] === k),
    };
  });
  const present = classes.filter(({ support }) => support > 0);
  const nRight = sum(confusion.map((counts, k) => counts[k] as number));
  const areas = (nClasses === 2 ? classes.slice(1) : classes).flatMap(({ roc }) =>
    roc ? [roc.area] : [],
  );
  const calibration = calibrationBins(probabilities, labels, answers, nClasses);
  return {
    nRows,
    accuracy: nRight / nRows,
    accuracyInterval: wilsonInterval(nRight, nRows),
    balancedAccuracy: sum(present.map(({ recall }) => recall)) / present.length,
    f1: macroF1(confusion),
    rocAuc: areas.length > 0 ? sum(areas) / areas.length : null,
    logLoss: logLoss / nRows,
    confusion,
    classes,
    calibration,
    calibrationError: sum(
      calibration.map((bin) => (bin.nRows / nRows) * Math.abs(bin.confidence - bin.accuracy)),
    ),
  };
}

/** Of each row the value in this column. */
export function columnOf(values: Float64Array, column: number, nColumns: number): Float64Array {
  const own = new Float64Array(values.length / nColumns);
  for (let row = 0; row < own.length; row++) own[row] = values[row * nColumns + column] as number;
  return own;
}

/** The mean over the classes that rows have or answers gave. */
export function macroF1(confusion: readonly ArrayLike<number>[]): number {
  let [total, nUsed] = [0, 0];
  confusion.forEach((counts, k) => {
    let [support, nAnswered] = [0, 0];
    for (let other = 0; other < confusion.length; other++) {
      support += counts[other] as number;
      nAnswered += confusion[other]?.[k] as number;
    }
    if (support + nAnswered === 0) return;
    nUsed++;
    total += (2 * (counts[k] as number)) / (support + nAnswered);
  });
  return total / nUsed;
}

/** The log loss of a row whose class was given this probability. */
export function lossOf(probability: number): number {
  return -Math.log(Math.max(probability, SMALLEST));
}

function rocCurve(scores: Float64Array, isPositive: (row: number) => boolean): RocCurve | null {
  if (scores.some(Number.isNaN)) return null;
  const order = argsort(scores).reverse();
  const nPositive = order.filter(isPositive).length;
  const nNegative = order.length - nPositive;
  if (nPositive === 0 || nNegative === 0) return null;
  const points: [number, number][] = [[0, 0]];
  let area = 0;
  let [hits, misses] = [0, 0];
  for (let i = 0; i < order.length;) {
    const [x, y] = [misses, hits];
    const score = scores[order[i] as number];
    for (; i < order.length && scores[order[i] as number] === score; i++)
      if (isPositive(order[i] as number)) hits++;
      else misses++;
    area += ((misses - x) * (hits + y)) / 2;
    points.push([misses, hits]);
  }
  const corners = points.filter((point, i) => {
    const [before, after] = [points[i - 1], points[i + 1]];
    if (!before || !after) return true;
    return (
      (point[0] - before[0]) * (after[1] - point[1]) !==
      (point[1] - before[1]) * (after[0] - point[0])
    );
  });
  const kept = thinned(corners);
  return {
    falsePositiveRates: kept.map(([x]) => x / nNegative),
    truePositiveRates: kept.map(([, y]) => y / nPositive),
    area: area / (nPositive * nNegative),
  };
}

/** More corners than this are not told apart by an eye. */
const MAX_CORNERS = 300;

function thinned<T>(points: readonly T[]): readonly T[] {
  if (points.length <= MAX_CORNERS) return points;
  const step = (points.length - 1) / (MAX_CORNERS - 1);
  return Array.from({ length: MAX_CORNERS }, (_, i) => points[Math.round(i * step)] as T);
}

function calibrationBins(
  probabilities: Float64Array,
  labels: ArrayLike<number>,
  answers: Int32Array,
  nClasses: number,
): CalibrationBin[] {
  const bins = Array.from({ length: N_BINS }, () => ({ nRows: 0, confidence: 0, nRight: 0 }));
  answers.forEach((answer, row) => {
    const confidence = probabilities[row * nClasses + answer] as number;
    const bin = bins[Math.max(0, Math.ceil(confidence * N_BINS) - 1)] ?? bins[N_BINS - 1];
    if (!bin) return;
    bin.nRows++;
    bin.confidence += confidence;
    if (labels[row] === answer) bin.nRight++;
  });
  return bins.flatMap(({ nRows, confidence, nRight }, i) =>
    nRows === 0
      ? []
      : [
          {
            low: i / N_BINS,
            high: (i + 1) / N_BINS,
            nRows,
            confidence: confidence / nRows,
            accuracy: nRight / nRows,
          },
        ],
  );
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
