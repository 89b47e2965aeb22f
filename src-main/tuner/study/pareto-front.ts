import { isFeasible } from '../system-attrs.ts';
import type { FrozenTrial } from '../trial/frozen-trial.ts';
import type { StudyDirection } from './direction.ts';

/**
 * Indices of the points no other point dominates, ascending. A point dominates another when it is at least as good in every
 * objective and better in one; equal points are all kept. Points with NaN are never in the front.
 *
 * Points are swept in the order of the first objective. With two, the best of the other so far decides; with three, a search among those that
 * are best in the others (Kung, Luccio and Preparata, "On finding the maxima of a set of vectors", JACM 22, 1975); with more, each is
 * compared with the front found so far.
 *
 * @param points nPoints x nObjectives.
 */
export function paretoFront(
  points: readonly (readonly number[])[],
  directions: readonly StudyDirection[],
): number[] {
  const signs = directions.map((direction) => (direction === 'minimize' ? 1 : -1));
  const losses = points.map((point) => point.map((value, k) => value * (signs[k] ?? 1)));
  const order = [...losses.keys()].filter((i) => losses[i]?.every((value) => !Number.isNaN(value)));
  order.sort((a, b) => compareLexically(losses[a] as number[], losses[b] as number[]) || a - b);
  const front: number[] = [];
  if (directions.length <= 2) {
    const last = directions.length - 1;
    let best = Infinity;
    let previous: number[] | null = null;
    for (const i of order) {
      const loss = losses[i] as number[];
      const isEqual = previous !== null && compareLexically(previous, loss) === 0;
      if (front.length === 0 || isEqual || (last > 0 && (loss[last] as number) < best)) {
        front.push(i);
        best = loss[last] as number;
        previous = loss;
      }
    }
  } else if (directions.length === 3) {
    const staircase = new Staircase();
    let previous: number[] | null = null;
    let isPreviousIn = false;
    for (const i of order) {
      const loss = losses[i] as number[];
      const isEqual = previous !== null && compareLexically(previous, loss) === 0;
      if (!isEqual) isPreviousIn = staircase.add(loss[1] as number, loss[2] as number);
      if (isPreviousIn) front.push(i);
      previous = loss;
    }
  } else {
    for (const i of order) {
      const loss = losses[i] as number[];
      if (!front.some((j) => dominates(losses[j] as number[], loss))) front.push(i);
    }
  }
  return front.sort((a, b) => a - b);
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

function dominates(a: readonly number[], b: readonly number[]): boolean {
  let isBetterSomewhere = false;
  for (let k = 0; k < a.length; k++) {
    const x = a[k] as number;
    const y = b[k] as number;
    if (x > y) return false;
    if (x < y) isBetterSomewhere = true;
  }
  return isBetterSomewhere;
}

function compareLexically(a: readonly number[], b: readonly number[]): number {
  for (let k = 0; k < a.length; k++) {
    const x = a[k] as number;
    const y = b[k] as number;
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
}
