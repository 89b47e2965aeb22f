/**
 * Adaptation of the learning rates to the signal-to-noise ratio of the updates, for noisy and multimodal functions.
 *
 * Nomura, Akimoto and Ono, "CMA-ES with learning rate adaptation", GECCO 2023, arXiv:2304.03473. Notation: Sigma = sigma^2 C; "local"
 * coordinates are those in which the distribution before the update is N(0, I).
 */
import { symmetricEigen } from '../../math/symmetric-eigen.ts';
import type { CmaDistribution } from './distribution.ts';
import { squaredLength, whiten, type Factors } from './matrix.ts';

/** Moving averages of the updates of mean and Sigma, and the rates that follow from them. */
export interface LearningRates {
  readonly mean: Rate;
  readonly covariance: Rate;
}

interface Rate {
  /** Average of the local updates, E. */
  readonly average: Float64Array;
  /** Average of their squared lengths, V. */
  readonly power: number;
  /** The learning rate itself, from 0 to 1. */
  readonly eta: number;
}

type Moved = Pick<CmaDistribution, 'mean' | 'sigma' | 'covariance' | 'learningRates'>;

/** The ratio that is aimed at, and the damping of the rates. */
const ALPHA = 1.4;
const GAMMA = 0.1;
const BETA_MEAN = 0.1;
const BETA_COVARIANCE = 0.03;

export function createLearningRates(n: number): LearningRates {
  return {
    mean: { average: new Float64Array(n), power: 0, eta: 1 },
    covariance: { average: new Float64Array(n * n), power: 0, eta: 1 },
  };
}

/** Takes back as much of the step from `before` to `after` as the learning rates say. */
export function adaptLearningRate(
  before: CmaDistribution,
  after: Moved,
  rates: LearningRates,
): Moved {
  const n = before.mean.length;
  const deltaMean = after.mean.map((m, i) => m - (before.mean[i] as number));
  const sigma0 = before.sigma;
  const deltaSigma = after.covariance.map(
    (c, at) => after.sigma ** 2 * c - sigma0 ** 2 * (before.covariance[at] as number),
  );

  const localMean = whiten(before, deltaMean).map((x) => x / sigma0);
  const localSigma = whitenBothSides(before, deltaSigma).map((x) => x / (sigma0 ** 2 * Math.SQRT2));
  const mean = adaptRate(rates.mean, localMean, BETA_MEAN);
  const covariance = adaptRate(rates.covariance, localSigma, BETA_COVARIANCE);

  const total = before.covariance.map(
    (c, at) => sigma0 ** 2 * c + covariance.eta * (deltaSigma[at] as number),
  );
  // Sigma is divided into sigma and C such that C has determinant 1.
  const { values } = symmetricEigen(total, n);
  const logs = values.map((value) => Math.log(Math.max(value, Number.MIN_VALUE)));
  const sigma = Math.exp(logs.reduce((sum, log) => sum + log, 0) / (2 * n));
  return {
    mean: before.mean.map((m, i) => m + mean.eta * (deltaMean[i] as number)),
    // A mean that moves less keeps its best step size only if that grows in turn.
    sigma: sigma * (rates.mean.eta / mean.eta),
    covariance: total.map((c) => c / sigma ** 2),
    learningRates: { mean, covariance },
  };
}

function adaptRate(rate: Rate, update: Float64Array, beta: number): Rate {
  const average = rate.average.map((e, i) => (1 - beta) * e + beta * (update[i] as number));
  const power = (1 - beta) * rate.power + beta * squaredLength(update);
  const signal = squaredLength(average);
  const ratio = (signal - (beta / (2 - beta)) * power) / (power - signal);
  const surplus = Math.min(Math.max(ratio / (ALPHA * rate.eta) - 1, -1), 1);
  const eta = Math.min(
    1,
    rate.eta * Math.exp(Math.min(GAMMA * rate.eta, beta) * (Number.isNaN(surplus) ? 0 : surplus)),
  );
  return { average, power, eta };
}

/** C^(-1/2) M C^(-1/2) of a symmetric M. */
function whitenBothSides(factors: Factors, matrix: Float64Array): Float64Array {
  const n = Math.sqrt(matrix.length);
  const once = new Float64Array(n * n);
  // Row i of M is its column i; the result of each is row i of M C^(-1/2), read as a column in the second turn.
  for (let i = 0; i < n; i++) once.set(whiten(factors, matrix.subarray(i * n, (i + 1) * n)), i * n);
  const twice = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    const column = Float64Array.from({ length: n }, (_, i) => once[i * n + j] as number);
    whiten(factors, column).forEach((x, i) => (twice[i * n + j] = x));
  }
  return twice;
}
