import type {
  ClassificationReport,
  ClassificationScore,
  Interval,
} from '../../contract/evaluation.ts';
import type { Rng } from '../../tuner/math/rng.ts';
import { answersOf, lossOf, macroF1 } from './classification.ts';
import { bootstrapIntervals, logitInterval, meanShareInterval } from './intervals.ts';

/** Of the scores of a report beside accuracy, by the rows it was made of. Null where they do not tell it. */
export function classificationIntervals(
  probabilities: Float64Array,
  labels: ArrayLike<number>,
  { confusion, classes, f1, rocAuc }: ClassificationReport,
  rng: Rng,
): Record<ClassificationScore, Interval | null> {
  const nClasses = classes.length;
  const answers = answersOf(probabilities, nClasses);
  const losses = Float64Array.from(labels, (label, row) =>
    lossOf(probabilities[row * nClasses + label] as number),
  );
  const present = classes.flatMap(({ support }, k) =>
    support > 0 ? [{ nTrue: confusion[k]?.[k] as number, n: support }] : [],
  );
  const drawn = bootstrapIntervals<'f1' | 'logLoss'>(
    labels.length,
    (rows) => {
      const counts = classes.map(() => new Int32Array(nClasses));
      let loss = 0;
      for (const row of rows) {
        const ofLabel = counts[labels[row] as number] as Int32Array;
        const answer = answers[row] as number;
        ofLabel[answer] = (ofLabel[answer] as number) + 1;
        loss += losses[row] as number;
      }
      return { f1: macroF1(counts), logLoss: loss / rows.length };
    },
    rng,
  );
  // Rows without an error draw no errors, and yet do not prove that there are none: their number says how many there may be, class by class.
  const ofPerfect = meanShareInterval(present.map(({ n }) => ({ nTrue: n, n })));
  return {
    balancedAccuracy: meanShareInterval(present),
    f1: f1 === 1 ? ofPerfect : { low: Math.max(0, drawn.f1.low), high: Math.min(1, drawn.f1.high) },
    rocAuc: rocAuc === 1 ? ofPerfect : rocAucInterval(probabilities, labels, nClasses),
    logLoss: { low: Math.max(0, drawn.logLoss.low), high: drawn.logLoss.high },
  };
}

/**
 * Of the area under the ROC curve, or its mean over classes, from how each row is placed among those of the other side (DeLong et al. 1988). A
 * row is of each class's curve, on one side or the other; what it adds to all of them is summed up first, so their covariances are in it.
 * Null where a class has a single row.
 */
function rocAucInterval(
  probabilities: Float64Array,
  labels: ArrayLike<number>,
  nClasses: number,
): Interval | null {
  const nRows = labels.length;
  const influences = new Float64Array(nRows);
  let [total, nCurves] = [0, 0];
  for (let k = nClasses === 2 ? 1 : 0; k < nClasses; k++) {
    const scoreOf = (row: number): number => probabilities[row * nClasses + k] as number;
    const sides: { rows: number[]; sorted: Float64Array }[] = [true, false].map((isOf) => {
      const rows = Array.from({ length: nRows }, (_, row) => row).filter(
        (row) => (labels[row] === k) === isOf,
      );
      return { rows, sorted: Float64Array.from(rows, scoreOf).sort() };
    });
    const [own, others] = sides as [(typeof sides)[0], (typeof sides)[0]];
    if (own.rows.length === 0 || others.rows.length === 0) continue;
    if (own.rows.length === 1 || others.rows.length === 1) return null;
    nCurves++;
    const above = own.rows.map((row) => shareBelow(others.sorted, scoreOf(row)));
    const area = above.reduce((sum, share) => sum + share, 0) / above.length;
    total += area;
    const add = (rows: readonly number[], shareOf: (i: number) => number): void => {
      // The variance within a side is that of a sample.
      const weight = 1 / Math.sqrt(rows.length * (rows.length - 1));
      rows.forEach((row, i) => {
        influences[row] = (influences[row] as number) + (shareOf(i) - area) * weight;
      });
    };
    add(own.rows, (i) => above[i] as number);
    add(others.rows, (i) => 1 - shareBelow(own.sorted, scoreOf(others.rows[i] as number)));
  }
  if (nCurves === 0) return null;
  const variance = influences.reduce((sum, value) => sum + value ** 2, 0) / nCurves ** 2;
  return variance > 0 ? logitInterval(total / nCurves, Math.sqrt(variance)) : null;
}

/** Of sorted values, those that are equal counting half. */
function shareBelow(sorted: Float64Array, value: number): number {
  return (
    (countWhile(sorted, (other) => other < value) + countWhile(sorted, (other) => other <= value)) /
    (2 * sorted.length)
  );
}

/** How many of the first hold, of an order in which those that hold come first. */
function countWhile(sorted: Float64Array, holds: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(sorted[middle] as number)) low = middle + 1;
    else high = middle;
  }
  return low;
}
