import { isFeasible } from '../system-attrs.ts';
import type { FrozenTrial } from '../trial/frozen-trial.ts';
import type { StudyDirection } from './direction.ts';

/**
 * Indices of the points no other point dominates, ascending. A point dominates another when it is at least as good in every
 * objective and better in one; equal points are all kept. Points with NaN are never in the front.
 *
 * Sorted sweep for two objectives, O(n log n); otherwise each point, in order of the first objective, is compared with
 * the front found so far.
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
