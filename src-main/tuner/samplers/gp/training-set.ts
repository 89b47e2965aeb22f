/**
 * Trials as observations: their places, standardized scores (higher is better) and constraints.
 */
import { containsInternal } from '../../distributions.ts';
import { nondominationRanks } from '../../math/nondomination.ts';
import type { StudyDirection } from '../../study/direction.ts';
import { constraintValues, isFeasible } from '../../system-attrs.ts';
import type { FrozenTrial } from '../../trial/frozen-trial.ts';
import type { MixedSpace } from './mixed-space.ts';

/** Whether a trial has all parameters of the space, within it. */
export function liesIn(space: MixedSpace, internalParams: FrozenTrial['internalParams']): boolean {
  return Object.entries(space.searchSpace).every(([name, distribution]) =>
    containsInternal(distribution, internalParams[name] ?? NaN),
  );
}

/** n x nDims, row-major. */
export function placesOf(
  space: MixedSpace,
  internalParams: readonly FrozenTrial['internalParams'][],
): Float64Array {
  const names = Object.keys(space.searchSpace);
  const places = new Float64Array(internalParams.length * names.length);
  internalParams.forEach((params, i) =>
    names.forEach((name, k) => {
      places[i * names.length + k] = space.toPlace(k, params[name] as number);
    }),
  );
  return places;
}

/** At most `n` trials, by number: half of them the best ones (feasible ones first), the others the most recent. */
export function mostTelling(
  trials: readonly FrozenTrial[],
  directions: readonly StudyDirection[],
  n: number,
): readonly FrozenTrial[] {
  if (trials.length <= n) return trials;
  const ranks = nondominationRanks(
    Float64Array.from(
      trials.flatMap(({ values }) =>
        directions.map((direction, k) => lossOf(direction, values?.[k] as number)),
      ),
    ),
    directions.length,
  );
  const infeasible = trials.map((trial) => (isFeasible(trial) ? 0 : 1));
  const byMerit = [...trials.keys()].sort(
    (a, b) =>
      (infeasible[a] as number) - (infeasible[b] as number) ||
      (ranks[a] as number) - (ranks[b] as number) ||
      a - b,
  );
  const kept = new Set(byMerit.slice(0, Math.ceil(n / 2)));
  for (let i = trials.length - 1; kept.size < n; i--) kept.add(i);
  return trials.filter((_, i) => kept.has(i));
}

/** One objective's scores. Infinite values count as the worst or best finite one. */
export function scoresOf(
  trials: readonly FrozenTrial[],
  direction: StudyDirection,
  k: number,
): Standardized {
  return standardize(trials.map(({ values }) => -lossOf(direction, values?.[k] as number)));
}

/** One constraint as the trials have it that have it. */
export interface ConstraintScores {
  /** Which of the trials' constraints it is. */
  readonly index: number;
  readonly trials: readonly FrozenTrial[];
  readonly scores: Standardized;
}

/** Constraints that are not the same in all trials; a score is feasible from `scores.zero` up. */
export function constraintScores(trials: readonly FrozenTrial[]): ConstraintScores[] {
  const all = trials.map(({ systemAttrs }) => constraintValues(systemAttrs) ?? []);
  const nConstraints = all.reduce((most, { length }) => Math.max(most, length), 0);
  return Array.from({ length: nConstraints }, (_, c) => {
    const having = trials.filter((_, i) => !Number.isNaN(all[i]?.[c] ?? NaN));
    const values = all.map((one) => one[c] ?? NaN).filter((value) => !Number.isNaN(value));
    return { index: c, trials: having, scores: standardize(values.map((value) => -value)) };
  }).filter(({ scores }) => !scores.isConstant);
}

export interface Standardized {
  /** Mean 0 and variance 1; all 0 where they are equal. */
  readonly values: Float64Array;
  readonly isConstant: boolean;
  /** What 0 became. */
  readonly zero: number;
}

export function standardize(given: readonly number[]): Standardized {
  const finite = given.filter(Number.isFinite);
  const low = finite.reduce((a, b) => Math.min(a, b), finite[0] ?? 0);
  const high = finite.reduce((a, b) => Math.max(a, b), finite[0] ?? 0);
  // Computed with shares of the largest one, as squares and sums of large ones may be infinite.
  const unit = Math.max(Math.abs(low), Math.abs(high)) || 1;
  const shares = Float64Array.from(given, (value) => Math.min(Math.max(value, low), high) / unit);
  const mean = shares.reduce((sum, share) => sum + share / shares.length, 0);
  const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2 / shares.length, 0);
  const deviation = Math.sqrt(variance);
  if (!(deviation > 1e-14))
    return { values: new Float64Array(given.length), isConstant: true, zero: 0 };
  return {
    values: shares.map((share) => (share - mean) / deviation),
    isConstant: false,
    zero: -mean / deviation,
  };
}

function lossOf(direction: StudyDirection, value: number): number {
  return direction === 'minimize' ? value : -value;
}
