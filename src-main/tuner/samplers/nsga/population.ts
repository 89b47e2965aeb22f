import { isNowhereWorse, nondominationRanks } from '../../math/nondomination.ts';
import type { StudyHistory } from '../../study/study-history.ts';

/** Results of some trials. */
export interface Population {
  /** Rows of the history, that is numbers of trials. */
  readonly rows: readonly number[];
  readonly nObjectives: number;
  /** nRows x nObjectives, all to be minimized, without NaN. */
  readonly losses: Float64Array;
  /** Per row the sum of the violated constraints, 0 where it is feasible. */
  readonly violations: Float64Array;
}

export function createPopulation(history: StudyHistory, rows: readonly number[]): Population {
  const { directions, values, violations } = history;
  const nObjectives = directions.length;
  const losses = new Float64Array(rows.length * nObjectives);
  rows.forEach((row, i) =>
    directions.forEach((direction, k) => {
      const value = values[k]?.[row] as number;
      losses[i * nObjectives + k] = direction === 'minimize' ? value : -value;
    }),
  );
  return {
    rows,
    nObjectives,
    losses,
    violations: Float64Array.from(rows, (row) => violations[row] as number),
  };
}

/**
 * The population in fronts, best first, as indices: feasible ones by non-domination, then the others by their violation (constrained
 * domination: Deb et al. 2002, section VI).
 */
export function toFronts({ nObjectives, losses, violations }: Population): number[][] {
  const all = [...violations.keys()];
  const feasible = all.filter((i) => violations[i] === 0);
  const points = new Float64Array(feasible.length * nObjectives);
  feasible.forEach((i, k) =>
    points.set(losses.subarray(i * nObjectives, (i + 1) * nObjectives), k * nObjectives),
  );
  const fronts: number[][] = [];
  nondominationRanks(points, nObjectives).forEach((rank, k) =>
    (fronts[rank] ??= []).push(feasible[k] as number),
  );
  const byViolation = new Map<number, number[]>();
  for (const i of all.filter((i) => violations[i] !== 0)) {
    const violation = violations[i] as number;
    byViolation.set(violation, [...(byViolation.get(violation) ?? []), i]);
  }
  const infeasible = [...byViolation].sort(([a], [b]) => (a < b ? -1 : 1));
  return [...fronts, ...infeasible.map(([, front]) => front)];
}

/** Whether one is better than the other: in all objectives no worse and not equal, or by constraints. */
export function dominates(
  { nObjectives, losses, violations }: Population,
  a: number,
  b: number,
): boolean {
  const va = violations[a] as number;
  const vb = violations[b] as number;
  if (va !== vb) return va < vb;
  return (
    va === 0 &&
    isNowhereWorse(losses, nObjectives, a, b) &&
    !isNowhereWorse(losses, nObjectives, b, a)
  );
}

/**
 * The best of a population: whole fronts as long as they fit, and of the first that does not fit those that `choose` picks.
 *
 * @param choose Gets the indices chosen before, the front, and how many of it are needed.
 * @returns Indices, at most `size`.
 */
export function selectElite(
  population: Population,
  size: number,
  choose: (chosen: readonly number[], front: readonly number[], nNeeded: number) => number[],
): number[] {
  const chosen: number[] = [];
  for (const front of toFronts(population)) {
    if (chosen.length + front.length > size) {
      if (chosen.length < size) chosen.push(...choose(chosen, front, size - chosen.length));
      break;
    }
    chosen.push(...front);
  }
  return chosen;
}
