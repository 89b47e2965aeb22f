/** What single rows move scores by: see `standardErrorOf`. */
import { argsort } from '../../tuner/math/argsort.ts';
import type { Metric } from '../vocabulary.ts';

/** Of a ratio of sums over rows, such as a weighted mean; without `weights` of the mean. */
export function ratioInfluences(
  values: Float64Array,
  weights?: Float64Array,
): { ratio: number; influences: Float64Array } {
  const sum = (numbers: Float64Array): number => numbers.reduce((total, one) => total + one, 0);
  const whole = weights ? sum(weights) : values.length;
  const ratio = sum(values) / whole;
  const factor = values.length / whole;
  const influences = values.map((value, row) => (value - ratio * (weights?.[row] ?? 1)) * factor);
  return { ratio, influences };
}

/**
 * Of the mean of the F1 scores of the classes that rows have or answers gave.
 *
 * @param answers The class that each row is said to be of.
 */
export function f1Influences(
  labels: ArrayLike<number>,
  answers: Int32Array,
  nClasses: number,
): { f1: number; influences: Float64Array } {
  const hits = new Float64Array(nClasses);
  // Rows of the class, and rows that are said to be of it.
  const sizes = new Float64Array(nClasses);
  answers.forEach((answer, row) => {
    const label = labels[row] as number;
    sizes[label] = (sizes[label] as number) + 1;
    sizes[answer] = (sizes[answer] as number) + 1;
    if (label === answer) hits[label] = (hits[label] as number) + 1;
  });
  const nUsed = sizes.filter((size) => size > 0).length;
  const scores = hits.map((hit, k) => (2 * hit) / (sizes[k] || 1));
  const nRows = answers.length;
  // A score is a ratio, of twice the hits and the sizes.
  const share = (k: number, isHit: boolean, size: number): number =>
    ((isHit ? 2 : 0) - (scores[k] as number) * size) * (nRows / ((sizes[k] as number) * nUsed));
  const influences = Float64Array.from(answers, (answer, row) => {
    const label = labels[row] as number;
    return label === answer
      ? share(label, true, 2)
      : share(label, false, 1) + share(answer, false, 1);
  });
  return { f1: scores.reduce((sum, score) => sum + score, 0) / nUsed, influences };
}

/**
 * The area under the ROC curve, or its mean over classes one against the rest, with its standard error: from how each row is placed among those
 * of the other side (DeLong et al. 1988). A row is of each class's curve, on one side or the other; what it adds to all of them is summed up
 * first, so their covariances are in it.
 *
 * @param scoresOf Per row, without NaN, higher where it is more likely of this class. Of two classes the second is asked for only.
 * @returns Null where no class has rows on both sides, or one has a single row on a side.
 */
export function rocAucWithError(
  scoresOf: (k: number) => Float64Array,
  labels: ArrayLike<number>,
  nClasses: number,
): { area: number; standardError: number } | null {
  const influences = new Float64Array(labels.length);
  let [total, nCurves] = [0, 0];
  for (let k = nClasses === 2 ? 1 : 0; k < nClasses; k++) {
    const nOwn = countOf(labels, k);
    const nOthers = labels.length - nOwn;
    if (nOwn === 0 || nOthers === 0) continue;
    if (nOwn === 1 || nOthers === 1) return null;
    nCurves++;
    const placed = placements(scoresOf(k), labels, k);
    let sum = 0;
    for (let row = 0; row < placed.length; row++)
      if (labels[row] === k) sum += placed[row] as number;
    const area = sum / nOwn / nOthers;
    total += area;
    // The variance within a side is that of a sample.
    const [ofOwn, ofOthers] = [nOwn, nOthers].map((n) => 1 / Math.sqrt(n * (n - 1))) as [
      number,
      number,
    ];
    for (let row = 0; row < placed.length; row++) {
      const added =
        labels[row] === k
          ? ((placed[row] as number) / nOthers - area) * ofOwn
          : ((placed[row] as number) / nOwn - area) * ofOthers;
      influences[row] = (influences[row] as number) + added;
    }
  }
  if (nCurves === 0) return null;
  const variance = influences.reduce((sum, value) => sum + value ** 2, 0) / nCurves ** 2;
  return { area: total / nCurves, standardError: Math.sqrt(variance) };
}

function countOf(labels: ArrayLike<number>, k: number): number {
  let n = 0;
  for (let row = 0; row < labels.length; row++) if (labels[row] === k) n++;
  return n;
}

/** Per row of class k how many others are below it, per other row how many of class k are above; those that are equal count half. */
function placements(scores: Float64Array, labels: ArrayLike<number>, k: number): Float64Array {
  const order = argsort(scores);
  const nOwn = countOf(labels, k);
  const placed = new Float64Array(order.length);
  let [ownBelow, othersBelow] = [0, 0];
  for (let first = 0; first < order.length;) {
    const score = scores[order[first] as number];
    let [end, nTiedOwn] = [first, 0];
    for (; end < order.length && scores[order[end] as number] === score; end++)
      if (labels[order[end] as number] === k) nTiedOwn++;
    const nTiedOthers = end - first - nTiedOwn;
    for (let i = first; i < end; i++) {
      const row = order[i] as number;
      placed[row] =
        labels[row] === k ? othersBelow + nTiedOthers / 2 : nOwn - ownBelow - nTiedOwn / 2;
    }
    ownBelow += nTiedOwn;
    othersBelow += nTiedOthers;
    first = end;
  }
  return placed;
}

type RegressionMetric = Extract<Metric, 'mse' | 'rmse' | 'mae' | 'r2'>;

/** Of one predicted number. */
export function regressionInfluences(
  predicted: ArrayLike<number>,
  actual: ArrayLike<number>,
): Record<RegressionMetric, { value: number; influences: Float64Array }> {
  const values = Float64Array.from(actual);
  const { ratio: mean } = ratioInfluences(values);
  const errors = values.map((value, row) => (predicted[row] as number) - value);
  const squares = errors.map((error) => error * error);
  const { ratio: mse, influences } = ratioInfluences(squares);
  const { ratio: mae, influences: ofMae } = ratioInfluences(errors.map(Math.abs));
  const rmse = Math.sqrt(mse);
  // A row moves the mean too, but that does not move the squares around it, to first order.
  const around = values.map((value) => (value - mean) ** 2);
  const isFlat = around.every((square) => square === 0);
  const still = new Float64Array(values.length);
  const rest = isFlat
    ? { ratio: mse > 0 ? 1 : 0, influences: still }
    : ratioInfluences(squares, around);
  return {
    mse: { value: mse, influences },
    rmse: {
      value: rmse,
      influences: rmse > 0 ? influences.map((influence) => influence / (2 * rmse)) : still,
    },
    mae: { value: mae, influences: ofMae },
    r2: { value: 1 - rest.ratio, influences: rest.influences.map((influence) => -influence) },
  };
}
