/**
 * Scores of a classification that need every row's outputs. `outputs`: nRows x nClasses logits, row-major; `targets`: class numbers.
 * Definitions and edge cases as in scikit-learn, except that a missing class is left out of the area under the curve instead of refused.
 */

export interface ClassScores {
  /** Mean of the classes' recalls. */
  readonly balancedAccuracy: number;
  /** Mean of the F1 scores of the classes that rows have or are said to have. */
  readonly f1: number;
  /** Area under the ROC curve; with more than two classes the mean over one against the rest. NaN where all rows are of one class. */
  readonly rocAuc: number;
  /** Mean of -log of the right class's probability, without class weights or smoothing. */
  readonly logLoss: number;
}

export type ClassScore = keyof ClassScores;

export const classScores: {
  readonly [Score in ClassScore]: (
    outputs: Float32Array,
    targets: Float32Array,
    nClasses: number,
  ) => number;
} = {
  balancedAccuracy(outputs, targets, nClasses) {
    const { hits, actual } = countHits(outputs, targets, nClasses);
    const recalls = [...hits].map((hit, k) => hit / (actual[k] as number));
    return mean(recalls.filter((_, k) => actual[k] !== 0));
  },
  f1(outputs, targets, nClasses) {
    const { hits, actual, guessed } = countHits(outputs, targets, nClasses);
    const sizes = [...actual].map((size, k) => size + (guessed[k] as number));
    const scores = [...hits].map((hit, k) => (2 * hit) / (sizes[k] as number));
    return mean(scores.filter((_, k) => sizes[k] !== 0));
  },
  rocAuc(outputs, targets, nClasses) {
    const areas: number[] = [];
    for (let k = nClasses === 2 ? 1 : 0; k < nClasses; k++) {
      const scores = logOdds(outputs, nClasses, k);
      areas.push(areaUnderCurve(scores, (row) => targets[row] === k));
    }
    return mean(areas.filter((area) => !Number.isNaN(area)));
  },
  logLoss(outputs, targets, nClasses) {
    let sum = 0;
    targets.forEach((label, row) => {
      const logits = outputs.subarray(row * nClasses, (row + 1) * nClasses);
      sum += logSumExp(logits) - (logits[label] as number);
    });
    return sum / targets.length;
  },
};

interface Hits {
  /** Per class: rows of it that are said to be of it, rows of it, rows that are said to be of it. */
  readonly hits: Float64Array;
  readonly actual: Float64Array;
  readonly guessed: Float64Array;
}

function countHits(outputs: Float32Array, targets: Float32Array, nClasses: number): Hits {
  const [hits, actual, guessed] = [0, 0, 0].map(() => new Float64Array(nClasses)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const answers = answersOf(outputs, nClasses);
  targets.forEach((label, row) => {
    const guess = answers[row] as number;
    actual[label] = (actual[label] as number) + 1;
    guessed[guess] = (guessed[guess] as number) + 1;
    if (guess === label) hits[label] = (hits[label] as number) + 1;
  });
  return { hits, actual, guessed };
}

/** The class with the largest output of each row, of equals the first. */
export function answersOf(outputs: ArrayLike<number>, nClasses: number): Int32Array {
  const answers = new Int32Array(outputs.length / nClasses);
  for (let row = 0; row < answers.length; row++) {
    const start = row * nClasses;
    let answer = 0;
    for (let k = 1; k < nClasses; k++)
      if ((outputs[start + k] as number) > (outputs[start + answer] as number)) answer = k;
    answers[row] = answer;
  }
  return answers;
}

/**
 * The share of pairs of one row that is and one that is not in which the former has the higher score, ties counting half (Mann and Whitney's U).
 * NaN where there is no such pair or a score is NaN.
 */
function areaUnderCurve(scores: Float32Array, isPositive: (row: number) => boolean): number {
  if (scores.some(Number.isNaN)) return NaN;
  const rows = Array.from(scores.keys()).sort(
    (a, b) => (scores[a] as number) - (scores[b] as number),
  );
  let nPositive = 0;
  let nNegative = 0;
  let nPairs = 0;
  for (let first = 0; first < rows.length;) {
    const score = scores[rows[first] as number];
    let tiedPositive = 0;
    let end = first;
    for (; end < rows.length && scores[rows[end] as number] === score; end++)
      if (isPositive(rows[end] as number)) tiedPositive++;
    const tiedNegative = end - first - tiedPositive;
    nPairs += tiedPositive * (nNegative + tiedNegative / 2);
    nPositive += tiedPositive;
    nNegative += tiedNegative;
    first = end;
  }
  return nPairs / (nPositive * nNegative);
}

/**
 * Of class k against the rest, per row: in the order of its probabilities, but different where those are too close to 1 to tell apart. As float32,
 * so that what comes to the same by another order of additions is a tie.
 */
export function logOdds(outputs: Float32Array, nClasses: number, k: number): Float32Array {
  return Float32Array.from({ length: outputs.length / nClasses }, (_, row) => {
    const logits = outputs.subarray(row * nClasses, (row + 1) * nClasses);
    return (logits[k] as number) - logSumExp(logits.filter((_value, other) => other !== k));
  });
}

function logSumExp(values: Float32Array): number {
  const max = values.reduce((a, b) => Math.max(a, b), -Infinity);
  return max + Math.log(values.reduce((sum, value) => sum + Math.exp(value - max), 0));
}

/** NaN of none. */
function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
