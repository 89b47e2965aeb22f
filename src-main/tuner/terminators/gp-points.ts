/**
 * Trials as observations of a Gaussian process, as the improvement evaluators need them.
 */
import { isSameDistribution, type SearchSpace } from '../distributions.ts';
import { logger } from '../logger.ts';
import type { Observations } from '../math/gaussian-process/gaussian-process.ts';
import { placeFromInternal } from '../search-space/places.ts';
import type { StudyDirection } from '../study/direction.ts';
import type { FrozenTrial } from '../trial/frozen-trial.ts';

/** Parameters that all trials have with the same distribution, by name. */
export function commonSpace(trials: readonly FrozenTrial[]): SearchSpace {
  const [first, ...others] = trials;
  if (!first) return {};
  const common = Object.entries(first.distributions).filter(([name, distribution]) =>
    others.every((trial) => {
      const other = trial.distributions[name];
      return other !== undefined && isSameDistribution(other, distribution);
    }),
  );
  return Object.fromEntries(common.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Says once that an evaluator has nothing to learn from. */
export function createEmptySpaceWarning(evaluator: string): () => void {
  let isSaid = false;
  return () => {
    if (!isSaid)
      logger.warn(
        `"${evaluator}" cannot end this study: no parameter is in all trials with the same distribution.`,
      );
    isSaid = true;
  };
}

/** Places of the trials in the unit cube, a choice as its index: nTrials x nDims, row-major. */
export function pointsOf(space: SearchSpace, trials: readonly FrozenTrial[]): Float64Array {
  const entries = Object.entries(space);
  const points = new Float64Array(trials.length * entries.length);
  trials.forEach((trial, i) =>
    entries.forEach(([name, distribution], k) => {
      const internal = trial.internalParams[name] as number;
      points[i * entries.length + k] = placeFromInternal(distribution, internal);
    }),
  );
  return points;
}

/** Values of the trials such that higher is better; infinite ones become the worst or best finite one. */
export function scoresOf(trials: readonly FrozenTrial[], direction: StudyDirection): Float64Array {
  const sign = direction === 'minimize' ? -1 : 1;
  const scores = Float64Array.from(trials, (trial) => sign * (trial.values?.[0] as number));
  const finite = scores.filter(Number.isFinite);
  if (finite.length === 0) return new Float64Array(scores.length);
  const [low, high] = [finite.reduce(min), finite.reduce(max)];
  return scores.map((score) => Math.min(Math.max(score, low), high));
}

export function observe(
  space: SearchSpace,
  points: Float64Array,
  values: Float64Array,
): Observations {
  const isChoice = Object.values(space).map(({ type }) => type === 'categorical');
  return { points, values, isChoice };
}

/** Scaled to mean 0 and variance 1. */
export function standardize(values: Float64Array): { values: Float64Array; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value / values.length, 0);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2 / values.length, 0);
  const deviation = Math.max(1e-10, Math.sqrt(variance));
  return { values: values.map((value) => (value - mean) / deviation), deviation };
}

/** Indices of the `size` highest scores and of those that are equal to the last of them, ascending. */
export function indicesOfBest(scores: Float64Array, size: number): number[] {
  const cutoff = scores.slice().sort()[scores.length - size] as number;
  return [...scores.keys()].filter((i) => (scores[i] as number) >= cutoff);
}

function min(a: number, b: number): number {
  return Math.min(a, b);
}

function max(a: number, b: number): number {
  return Math.max(a, b);
}
