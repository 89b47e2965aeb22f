import { isFeasible } from '../system-attrs.ts';
import type { FrozenTrial } from '../trial/frozen-trial.ts';
import type { StudyDirection } from './direction.ts';

/**
 * Indices of the points no other point dominates, ascending. A point dominates another when it is at least as good in every
 * objective and better in one; equal points are all kept. Points with NaN are never in the front.
 *
 * @param points nPoints x nObjectives.
 */
export function paretoFront(
  points: readonly (readonly number[])[],
  directions: readonly StudyDirection[],
): number[] {
  const columns = directions.map((_, k) => Float64Array.from(points, (point) => point[k] ?? NaN));
  return paretoFrontOfColumns(columns, directions);
}

/**
 * The same of points that come as one column per objective.
 *
 * Most points of a study are dominated by any few good ones, and go before the others are sorted. Those are swept in the order of the first
 * objective. With two, the best of the other so far decides; with three, a search among those that are best in the others (Kung, Luccio and
 * Preparata, "On finding the maxima of a set of vectors", JACM 22, 1975); with more, each is compared with the front found so far.
 *
 * @param counts Whether a row is looked at; default: all are.
 */
export function paretoFrontOfColumns(
  columns: readonly ArrayLike<number>[],
  directions: readonly StudyDirection[],
  counts: (row: number) => boolean = () => true,
): number[] {
  const losses = columns.map((column, k) =>
    directions[k] === 'maximize'
      ? Float64Array.from(column, (value) => -value)
      : Float64Array.from(column),
  );
  const order = withoutClearlyDominated(losses, counts);
  order.sort((a, b) => compareLexically(losses, a, b) || a - b);
  const front: number[] = [];
  let previous = -1;
  const isEqualToPrevious = (row: number): boolean =>
    previous >= 0 && compareLexically(losses, previous, row) === 0;
  if (losses.length <= 2) {
    const last = losses.at(-1) as Float64Array;
    let best = Infinity;
    for (const row of order) {
      const loss = last[row] as number;
      const isEqual = isEqualToPrevious(row);
      if (front.length === 0 || isEqual || (losses.length > 1 && loss < best)) {
        front.push(row);
        best = loss;
        previous = row;
      }
    }
  } else if (losses.length === 3) {
    const staircase = new Staircase();
    const [, ys, zs] = losses as [Float64Array, Float64Array, Float64Array];
    let isPreviousIn = false;
    for (const row of order) {
      if (!isEqualToPrevious(row))
        isPreviousIn = staircase.add(ys[row] as number, zs[row] as number);
      if (isPreviousIn) front.push(row);
      previous = row;
    }
  } else
    for (const row of order)
      if (!front.some((other) => dominates(losses, other, row))) front.push(row);
  return front.sort((a, b) => a - b);
}

/** With fewer points, sorting all of them costs nothing. */
const FEW = 500;
const N_PIVOTS = 12;

/** The rows that count, without NaN, and without most of those that are dominated. */
function withoutClearlyDominated(
  losses: readonly Float64Array[],
  counts: (row: number) => boolean,
): Int32Array {
  const rows = new Int32Array(losses[0]?.length ?? 0);
  let n = 0;
  for (let row = 0; row < rows.length; row++)
    if (counts(row) && losses.every((column) => !Number.isNaN(column[row]))) rows[n++] = row;
  const all = rows.subarray(0, n);
  if (n < FEW) return all;

  const scales = losses.map((column) => 1 / spread(column, all));
  /** Rows with small sums of losses, each dominating many others, and their sums. */
  const pivots: number[] = [];
  const sums: number[] = [];
  let nKept = 0;
  for (const row of all) {
    if (pivots.some((pivot) => dominates(losses, pivot, row))) continue;
    rows[nKept++] = row;
    const sum = losses.reduce(
      (total, column, k) => total + (column[row] as number) * (scales[k] as number),
      0,
    );
    const worst = pivots.length < N_PIVOTS ? pivots.length : indexOfMax(sums);
    if (Number.isFinite(sum) && (worst === pivots.length || sum < (sums[worst] as number))) {
      pivots[worst] = row;
      sums[worst] = sum;
    }
  }
  return rows.subarray(0, nKept);
}

/** From the lowest to the highest finite value; 1 where all are equal. */
function spread(column: Float64Array, rows: Int32Array): number {
  let [min, max] = [Infinity, -Infinity];
  for (const row of rows) {
    const value = column[row] as number;
    if (!Number.isFinite(value)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return max > min ? max - min : 1;
}

function indexOfMax(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}

/** The complete and feasible trials that no other one dominates, by number (`Study.best_trials` of Optuna). */
export function bestTrials(
  trials: readonly FrozenTrial[],
  directions: readonly StudyDirection[],
): FrozenTrial[] {
  const candidates = trials.filter((trial) => trial.state === 'complete' && isFeasible(trial));
  return paretoFront(
    candidates.map((trial) => trial.values ?? []),
    directions,
  ).map((i) => candidates[i] as FrozenTrial);
}

/** Points of a plane of which none is nowhere worse than another: as x grows, y falls. */
class Staircase {
  readonly #xs: number[] = [];
  readonly #ys: number[] = [];

  /** @returns Whether the point was added: no other is nowhere worse. Those that it is nowhere worse than are removed. */
  add(x: number, y: number): boolean {
    const from = this.#firstAbove(x);
    if (from > 0 && (this.#ys[from - 1] as number) <= y) return false;
    // One with the same x has a higher y, and goes.
    const start = from > 0 && this.#xs[from - 1] === x ? from - 1 : from;
    let end = from;
    while (end < this.#ys.length && (this.#ys[end] as number) >= y) end++;
    this.#xs.splice(start, end - start, x);
    this.#ys.splice(start, end - start, y);
    return true;
  }

  #firstAbove(x: number): number {
    let low = 0;
    let high = this.#xs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#xs[middle] as number) <= x) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function dominates(losses: readonly Float64Array[], a: number, b: number): boolean {
  let isBetterSomewhere = false;
  for (let k = 0; k < losses.length; k++) {
    const column = losses[k] as Float64Array;
    const x = column[a] as number;
    const y = column[b] as number;
    if (x > y) return false;
    if (x < y) isBetterSomewhere = true;
  }
  return isBetterSomewhere;
}

function compareLexically(losses: readonly Float64Array[], a: number, b: number): number {
  for (let k = 0; k < losses.length; k++) {
    const column = losses[k] as Float64Array;
    const x = column[a] as number;
    const y = column[b] as number;
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
}
