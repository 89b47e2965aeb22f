/**
 * An upper bound on the regret: how much better the optimum may be than the best trial, by the confidence bounds of a Gaussian process.
 *
 * Makarova et al., "Automatic termination for hyperparameter optimization", AutoML-Conf 2022; the width of the bounds after Srinivas
 * et al., "Gaussian process optimization in the bandit setting", ICML 2010. Follows `optuna/terminator/improvement/evaluator.py` (5.0).
 * It differs in that random places are drawn from a Latin hypercube, the number of trials has a limit, and infinite values are clipped.
 * Notation: higher is better; UCB and LCB are the posterior mean plus and minus sqrt(beta * variance).
 */
import type { SearchSpace } from '../distributions.ts';
import { fitGaussianProcess } from '../math/gaussian-process/fit.ts';
import type { GaussianProcess } from '../math/gaussian-process/gaussian-process.ts';
import { createRng, type Rng } from '../math/rng.ts';
import { checkOptions, type NumberOption, type OptionSpec } from '../options.ts';
import { randomPlaces } from '../search-space/places.ts';
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

export interface RegretBoundOptions {
  /** The share of trials, from the best on, that the process learns from; above 0. @default 0.5 */
  topTrialsRatio?: number;
  /** It learns from at least so many, as far as there are. @default 20 */
  minTopTrials?: number;
  /** It learns from at most so many, as the time grows with their cube. @default 300 */
  maxTopTrials?: number;
  /** @default 0 */
  seed?: number;
}

export const evaluatorSeedOption: NumberOption = {
  type: 'number',
  name: 'seed',
  title: 'Seed',
  description: 'The same seed gives the same estimates.',
  isInteger: true,
  min: 0,
  max: Number.MAX_SAFE_INTEGER,
  default: 0,
};

export const regretBoundOptions: readonly OptionSpec[] = [
  {
    type: 'number',
    name: 'topTrialsRatio',
    title: 'Share of best trials',
    description: 'The share of trials, from the best on, that the estimate is made from.',
    min: 0,
    max: 1,
    default: 0.5,
  },
  {
    type: 'number',
    name: 'minTopTrials',
    title: 'Fewest trials',
    description: 'The estimate is made from at least so many trials, as far as there are.',
    isInteger: true,
    min: 1,
    default: 20,
  },
  {
    type: 'number',
    name: 'maxTopTrials',
    title: 'Most trials',
    description:
      'The estimate is made from at most so many trials; its time grows with their cube.',
    isInteger: true,
    min: 1,
    default: 300,
  },
  evaluatorSeedOption,
];

const N_RANDOM_POINTS = 2048;
/** 1 minus the probability with which the bounds hold. */
const DELTA = 0.1;

export class RegretBoundEvaluator implements ImprovementEvaluator {
  readonly name = 'regret-bound';
  readonly #options: Required<RegretBoundOptions>;
  readonly #warnOfEmptySpace = createEmptySpaceWarning(this.name);

  /** @throws InvalidArgumentError for an unknown option or a wrong value. */
  constructor(options: RegretBoundOptions = {}) {
    this.#options = checkOptions('RegretBoundEvaluator', regretBoundOptions, options);
  }

  evaluate(trials: readonly FrozenTrial[], direction: StudyDirection): number {
    const space = commonSpace(trials);
    if (Object.keys(space).length === 0) {
      this.#warnOfEmptySpace();
      return Infinity;
    }
    const { topTrialsRatio, minTopTrials, maxTopTrials, seed } = this.#options;
    const size = Math.max(Math.floor(trials.length * topTrialsRatio), minTopTrials);
    const scores = scoresOf(trials, direction);
    const best = indicesOfBest(scores, Math.min(size, maxTopTrials, trials.length))
      .sort((a, b) => (scores[b] as number) - (scores[a] as number))
      .slice(0, maxTopTrials);
    const top = best.map((i) => trials[i] as FrozenTrial);
    const { values, deviation } = standardize(Float64Array.from(best, (i) => scores[i] as number));
    const process = fitGaussianProcess(observe(space, pointsOf(space, top), values));
    const rng = createRng(seed, this.name, trials.length);
    return standardizedRegretBound(process, space, rng) * deviation;
  }
}

/**
 * The highest UCB, at observed and random places, less the highest LCB at observed ones; in standard deviations of what was observed.
 *
 * @param delta 1 minus the probability with which the bounds hold.
 */
export function standardizedRegretBound(
  process: GaussianProcess,
  space: SearchSpace,
  rng: Rng,
  delta = DELTA,
): number {
  const { points, values } = process.observations;
  const nDims = Object.keys(space).length;
  const beta = confidenceWidth(nDims, values.length, delta);
  let upper = -Infinity;
  let lower = -Infinity;
  const takeUpper = (point: Float64Array): number => {
    const { mean, variance } = process.posterior(point);
    const width = Math.sqrt(beta * variance);
    upper = Math.max(upper, mean + width);
    return mean - width;
  };
  for (let i = 0; i < values.length; i++)
    lower = Math.max(lower, takeUpper(points.subarray(i * nDims, (i + 1) * nDims)));
  const random = randomPlaces(space, N_RANDOM_POINTS, rng);
  for (let i = 0; i < N_RANDOM_POINTS; i++) takeUpper(random.subarray(i * nDims, (i + 1) * nDims));
  return upper - lower;
}

/** beta, scaled down by 5 as in the experiments of Srinivas et al. */
export function confidenceWidth(nDims: number, nTrials: number, delta = DELTA): number {
  return (2 * Math.log((nDims * nTrials ** 2 * Math.PI ** 2) / 6 / delta)) / 5;
}
