/**
 * The expected minimum model regret: how much the best value the model expects may have changed with the last trial, a bound that
 * goes to 0 only when the optimum has been found.
 *
 * Ishibashi, Karasuyama, Takeuchi and Hino, "A stopping criterion for Bayesian optimization by the gap of expected minimum simple
 * regrets", AISTATS 2023: theorem 1, equation 4 and algorithm 1. Follows `optuna/terminator/improvement/emmr.py` (5.0). It differs in
 * that random places are drawn from a Latin hypercube and the number of trials has a limit.
 * Notation: t is the last trial; a process is fitted to the trials before it and to all; * marks the place of the best value observed.
 */
import { fitGaussianProcess, DEFAULT_MIN_NOISE } from '../math/gaussian-process/fit.ts';
import { LOG_SQRT_2PI, normalCdf } from '../math/normal.ts';
import { createRng } from '../math/rng.ts';
import { checkOptions, type OptionSpec } from '../options.ts';
import type { StudyDirection } from '../study/direction.ts';
import type { FrozenTrial } from '../trial/frozen-trial.ts';
import {
  commonSpace,
  createEmptySpaceWarning,
  indicesOfBest,
  observe,
  pointsOf,
  scoresOf,
  standardize,
} from './gp-points.ts';
import type { ImprovementEvaluator } from './improvement-evaluator.ts';
import { evaluatorSeedOption, standardizedRegretBound } from './regret-bound.ts';

export interface EmmrOptions {
  /** The same parameters always give the same value. @default false */
  deterministicObjective?: boolean;
  /** 1 minus the probability with which the bounds hold. @default 0.1 */
  delta?: number;
  /** It learns from the last trial and at most so many of the best before, as the time grows with their cube. @default 300 */
  maxTrials?: number;
  /** @default 0 */
  seed?: number;
}

export const emmrOptions: readonly OptionSpec[] = [
  {
    type: 'boolean',
    name: 'deterministicObjective',
    title: 'Deterministic',
    description: 'The same parameters always give the same value.',
    default: false,
  },
  {
    type: 'number',
    name: 'delta',
    title: 'Delta',
    description: '1 minus the probability with which the bounds hold.',
    min: 1e-6,
    max: 1,
    default: 0.1,
  },
  {
    type: 'number',
    name: 'maxTrials',
    title: 'Most trials',
    description:
      'The estimate is made from the last trial and at most so many of the best; its time grows with their cube.',
    isInteger: true,
    min: 1,
    default: 300,
  },
  evaluatorSeedOption,
];

export class EmmrEvaluator implements ImprovementEvaluator {
  readonly name = 'emmr';
  readonly #options: Required<EmmrOptions>;
  readonly #warnOfEmptySpace = createEmptySpaceWarning(this.name);

  /** @throws InvalidArgumentError for an unknown option or a wrong value. */
  constructor(options: EmmrOptions = {}) {
    this.#options = checkOptions('EmmrEvaluator', emmrOptions, options);
  }

  evaluate(trials: readonly FrozenTrial[], direction: StudyDirection): number {
    if (trials.length < 2) return Infinity;
    const space = commonSpace(trials);
    if (Object.keys(space).length === 0) {
      this.#warnOfEmptySpace();
      return Infinity;
    }
    const { deterministicObjective: isDeterministic, delta, maxTrials, seed } = this.#options;
    const scores = standardize(scoresOf(trials, direction)).values;
    const some = lastAndBest(scores, maxTrials);
    const nDims = Object.keys(space).length;
    const points = pointsOf(
      space,
      some.map((i) => trials[i] as FrozenTrial),
    );
    const values = Float64Array.from(some, (i) => scores[i] as number);
    const last = some.length - 1;
    const pointAt = (i: number): Float64Array => points.subarray(i * nDims, (i + 1) * nDims);

    const before = fitGaussianProcess(
      observe(space, points.subarray(0, last * nDims), values.subarray(0, last)),
      { isDeterministic },
    );
    const now = fitGaussianProcess(observe(space, points, values), {
      isDeterministic,
      start: before.params,
    });

    const best = pointAt(indexOfHighest(values));
    const bestBefore = pointAt(indexOfHighest(values.subarray(0, last)));
    const atBest = now.posterior(best);
    const atBestBefore = now.posterior(bestBefore);
    // Of the new process, as the divergence needs the same prior for both (section 4.4).
    const atLast = now.posterior(pointAt(last));
    const meanBefore = before.posterior(bestBefore).mean;

    const gap = meanBefore - atBest.mean;
    const spread = Math.sqrt(
      Math.max(
        1e-10,
        atBest.variance - 2 * now.covariance(best, bestBefore) + atBestBefore.variance,
      ),
    );
    const g = -gap / spread;
    const noise = DEFAULT_MIN_NOISE;
    const surprise = (values[last] as number) - atLast.mean;
    const divergence =
      0.5 * Math.log(1 + atLast.variance / noise) -
      (0.5 * atLast.variance) / (atLast.variance + noise) +
      (0.5 * atLast.variance * surprise ** 2) / (atLast.variance + noise) ** 2;
    const rng = createRng(seed, this.name, trials.length);
    const kappa = standardizedRegretBound(before, space, rng, delta);
    return (
      gap +
      spread * Math.exp(-LOG_SQRT_2PI - (g * g) / 2) +
      spread * g * normalCdf(g) +
      kappa * Math.sqrt(0.5 * divergence)
    );
  }
}

/** Indices of the `nBest` best scores before the last one, and of the last one. */
function lastAndBest(scores: Float64Array, nBest: number): number[] {
  const last = scores.length - 1;
  const earlier = scores.subarray(0, last);
  const best = last <= nBest ? [...earlier.keys()] : indicesOfBest(earlier, nBest).slice(0, nBest);
  return [...best, last];
}

function indexOfHighest(values: Float64Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++)
    if ((values[i] as number) > (values[best] as number)) best = i;
  return best;
}
