/**
 * A Gaussian process with mean 0, conditioned on observations.
 *
 * Notation: X are n points of the unit cube (n x nDims, row-major; a dimension of choices holds their indices), y what was observed
 * there, K the covariance of the process at X, C = K + noise I = L L', alpha = C^-1 y. At a point with covariances k to X the
 * posterior has the mean k' alpha and the variance scale - |L^-1 k|^2.
 * Rasmussen and Williams, "Gaussian processes for machine learning", 2006, algorithm 2.1.
 */
import { factorize, solveLower, solveLowerFour, solveUpper } from '../cholesky.ts';
import { matern52, matern52Slope, squaredDifference, type KernelParams } from './kernel.ts';

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

  /** As `posterior`, for many points (n x nDims, row-major) in less time. */
  posteriors(points: Float64Array): { means: Float64Array; variances: Float64Array } {
    const nDims = this.observations.isChoice.length;
    const nPoints = points.length / nDims;
    const means = new Float64Array(nPoints);
    const variances = new Float64Array(nPoints);
    const block = new Float64Array(4 * this.#n);
    for (let from = 0; from < nPoints; from += 4) {
      const nBlock = Math.min(4, nPoints - from);
      for (let b = 0; b < nBlock; b++) {
        let mean = 0;
        for (let i = 0; i < this.#n; i++) {
          const covariance = this.#prior(
            this.observations.points,
            i * nDims,
            points,
            (from + b) * nDims,
          );
          block[4 * i + b] = covariance;
          mean += covariance * (this.#alpha[i] as number);
        }
        means[from + b] = mean;
      }
      solveLowerFour(this.#factor, this.#n, block);
      for (let b = 0; b < nBlock; b++) {
        let explained = 0;
        for (let j = b; j < block.length; j += 4) explained += (block[j] as number) ** 2;
        variances[from + b] = Math.max(0, this.params.scale - explained);
      }
    }
    return { means, variances };
  }

  /**
   * As `posterior`, with the derivatives of both by the point: with G the derivatives of k, they are G' alpha and -2 G' C^-1 k. Those by
   * dimensions of choices are 0.
   *
   * @param byMean Receives nDims derivatives of the mean.
   * @param byVariance Receives nDims derivatives of the variance.
   */
  posteriorWithGradients(
    point: ArrayLike<number>,
    byMean: Float64Array,
    byVariance: Float64Array,
  ): Posterior {
    const { points, isChoice } = this.observations;
    const { inverseSquaredLengths, scale } = this.params;
    const nDims = isChoice.length;
    const covariances = new Float64Array(this.#n);
    const slopes = new Float64Array(this.#n);
    let mean = 0;
    for (let i = 0; i < this.#n; i++) {
      const squared = this.#squaredDistance(point, 0, points, i * nDims);
      covariances[i] = scale * matern52(squared);
      slopes[i] = scale * matern52Slope(squared);
      mean += (covariances[i] as number) * (this.#alpha[i] as number);
    }
    solveLower(this.#factor, this.#n, covariances);
    let explained = 0;
    for (const value of covariances) explained += value * value;
    solveUpper(this.#factor, this.#n, covariances);
    byMean.fill(0);
    byVariance.fill(0);
    for (let i = 0; i < this.#n; i++)
      for (let k = 0; k < nDims; k++) {
        if (isChoice[k]) continue;
        const difference = (point[k] as number) - (points[i * nDims + k] as number);
        const slope = 2 * (slopes[i] as number) * (inverseSquaredLengths[k] as number) * difference;
        byMean[k] = (byMean[k] as number) + slope * (this.#alpha[i] as number);
        byVariance[k] = (byVariance[k] as number) - 2 * slope * (covariances[i] as number);
      }
    return { mean, variance: Math.max(0, scale - explained) };
  }

  /**
   * The process with more points at which exactly its own mean is seen ("kriging believer"): the mean is the same everywhere, the variance
   * falls near them.
   *
   * Ginsbourger, Le Riche and Carraro, "Kriging is well-suited to parallelize optimization", 2010.
   *
   * @param points n x nDims, row-major.
   */
  believing(points: Float64Array): GaussianProcess {
    const { points: seen, values, isChoice } = this.observations;
    const nDims = isChoice.length;
    const believed = Float64Array.from(
      { length: points.length / nDims },
      (_, i) => this.posterior(points.subarray(i * nDims, (i + 1) * nDims)).mean,
    );
    return new GaussianProcess(
      {
        points: Float64Array.of(...seen, ...points),
        values: Float64Array.of(...values, ...believed),
        isChoice,
      },
      this.params,
    );
  }

  /** The posterior covariance of the process at two points. */
  covariance(a: ArrayLike<number>, b: ArrayLike<number>): number {
    const toA = this.#covariancesTo(a);
    const toB = this.#covariancesTo(b);
    solveLower(this.#factor, this.#n, toA);
    solveLower(this.#factor, this.#n, toB);
    let covariance = this.#prior(a, 0, b, 0);
    for (let i = 0; i < this.#n; i++) covariance -= (toA[i] as number) * (toB[i] as number);
    return covariance;
  }

  /** k: the prior covariance of the point with each observation. */
  #covariancesTo(point: ArrayLike<number>): Float64Array {
    const { points, isChoice } = this.observations;
    const covariances = new Float64Array(this.#n);
    for (let i = 0; i < this.#n; i++)
      covariances[i] = this.#prior(point, 0, points, i * isChoice.length);
    return covariances;
  }

  #prior(a: ArrayLike<number>, fromA: number, b: ArrayLike<number>, fromB: number): number {
    return this.params.scale * matern52(this.#squaredDistance(a, fromA, b, fromB));
  }

  #squaredDistance(
    a: ArrayLike<number>,
    fromA: number,
    b: ArrayLike<number>,
    fromB: number,
  ): number {
    const { isChoice } = this.observations;
    const { inverseSquaredLengths } = this.params;
    let squared = 0;
    for (let k = 0; k < isChoice.length; k++)
      squared +=
        (inverseSquaredLengths[k] as number) *
        squaredDifference(isChoice[k] as boolean, a[fromA + k] as number, b[fromB + k] as number);
    return squared;
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
