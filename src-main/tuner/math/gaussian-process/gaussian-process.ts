/**
 * A Gaussian process with mean 0, conditioned on observations.
 *
 * Notation: X are n points of the unit cube (n x nDims, row-major; a dimension of choices holds their indices), y what was observed
 * there, K the covariance of the process at X, C = K + noise I = L L', alpha = C^-1 y. At a point with covariances k to X the
 * posterior has the mean k' alpha and the variance scale - |L^-1 k|^2.
 * Rasmussen and Williams, "Gaussian processes for machine learning", 2006, algorithm 2.1.
 */
import { factorize, solveLower, solveUpper } from '../cholesky.ts';
import { matern52, squaredDifference, type KernelParams } from './kernel.ts';

export interface Observations {
  /** X. */
  readonly points: Float64Array;
  /** y, best standardized to mean 0 and variance 1. */
  readonly values: Float64Array;
  /** By dimension: whether it holds choices, which have no order. */
  readonly isChoice: readonly boolean[];
}

export interface Posterior {
  readonly mean: number;
  /** At least 0, without the noise. */
  readonly variance: number;
}

export class GaussianProcess {
  readonly observations: Observations;
  readonly params: KernelParams;
  readonly #n: number;
  readonly #factor: Float64Array;
  readonly #alpha: Float64Array;

  /** @throws RangeError when C is not positive definite, as with a noise of 0 and equal points. */
  constructor(observations: Observations, params: KernelParams) {
    this.observations = observations;
    this.params = params;
    this.#n = observations.values.length;
    this.#factor = covarianceMatrix(observations, params);
    if (!factorize(this.#factor, this.#n))
      throw new RangeError('The covariance of the observations is not positive definite.');
    this.#alpha = observations.values.slice();
    solveLower(this.#factor, this.#n, this.#alpha);
    solveUpper(this.#factor, this.#n, this.#alpha);
  }

  /** What the process may be at a point. */
  posterior(point: ArrayLike<number>): Posterior {
    const covariances = this.#covariancesTo(point);
    let mean = 0;
    for (let i = 0; i < this.#n; i++)
      mean += (covariances[i] as number) * (this.#alpha[i] as number);
    solveLower(this.#factor, this.#n, covariances);
    let explained = 0;
    for (const value of covariances) explained += value * value;
    return { mean, variance: Math.max(0, this.params.scale - explained) };
  }

  /** The posterior covariance of the process at two points. */
  covariance(a: ArrayLike<number>, b: ArrayLike<number>): number {
    const toA = this.#covariancesTo(a);
    const toB = this.#covariancesTo(b);
    solveLower(this.#factor, this.#n, toA);
    solveLower(this.#factor, this.#n, toB);
    let covariance = this.#prior(a, b, 0);
    for (let i = 0; i < this.#n; i++) covariance -= (toA[i] as number) * (toB[i] as number);
    return covariance;
  }

  /** k: the prior covariance of the point with each observation. */
  #covariancesTo(point: ArrayLike<number>): Float64Array {
    const { points, isChoice } = this.observations;
    const covariances = new Float64Array(this.#n);
    for (let i = 0; i < this.#n; i++)
      covariances[i] = this.#prior(point, points, i * isChoice.length);
    return covariances;
  }

  #prior(a: ArrayLike<number>, b: ArrayLike<number>, offset: number): number {
    const { isChoice } = this.observations;
    const { inverseSquaredLengths, scale } = this.params;
    let squared = 0;
    for (let k = 0; k < isChoice.length; k++)
      squared +=
        (inverseSquaredLengths[k] as number) *
        squaredDifference(isChoice[k] as boolean, a[k] as number, b[offset + k] as number);
    return scale * matern52(squared);
  }
}

/** C, lower triangle. */
function covarianceMatrix(
  { points, values, isChoice }: Observations,
  { inverseSquaredLengths, scale, noise }: KernelParams,
): Float64Array {
  const n = values.length;
  const nDims = isChoice.length;
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      let squared = 0;
      for (let k = 0; k < nDims; k++)
        squared +=
          (inverseSquaredLengths[k] as number) *
          squaredDifference(
            isChoice[k] as boolean,
            points[i * nDims + k] as number,
            points[j * nDims + k] as number,
          );
      matrix[i * n + j] = scale * matern52(squared);
    }
    matrix[i * n + i] = scale + noise;
  }
  return matrix;
}
