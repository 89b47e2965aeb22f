/**
 * The kernel parameters that fit observations best: the maximum of marginal likelihood times prior, by L-BFGS on logarithms.
 *
 * Notation as in `gaussian-process.ts`, and W = alpha alpha' - C^-1. The log marginal likelihood is -sum log L_ii - y' alpha / 2; its
 * derivative by a parameter t is the sum over i, j of W_ij dC_ij/dt / 2 (Rasmussen and Williams, 2006, eq. 5.9).
 * Priors, start and tolerance are those of `optuna/_gp/` (5.0).
 */
import { factorize, inverseOf, solveLower, solveUpper } from '../cholesky.ts';
import { minimizeLbfgs } from '../lbfgs.ts';
import { GaussianProcess, type Observations } from './gaussian-process.ts';
import { matern52, matern52Slope, squaredDifference, type KernelParams } from './kernel.ts';

export interface FitOptions {
  /** Where the search begins, such as the fit before the last observations came. @default everything 1 */
  start?: KernelParams;
  /** The least noise, which keeps the covariance well conditioned. @default 1e-6 */
  minNoise?: number;
  /** Take the least noise for the noise: equal points always give equal values. @default false */
  isDeterministic?: boolean;
}

export const DEFAULT_MIN_NOISE = 1e-6;
const GRADIENT_TOLERANCE = 1e-2;

/** @param observations At least one. */
export function fitGaussianProcess(
  observations: Observations,
  { start, minNoise = DEFAULT_MIN_NOISE, isDeterministic = false }: FitOptions = {},
): GaussianProcess {
  const nDims = observations.isChoice.length;
  const loss = new ParameterLoss(observations, minNoise, isDeterministic);
  const unit: KernelParams = {
    inverseSquaredLengths: new Float64Array(nDims).fill(1),
    scale: 1,
    noise: 1,
  };
  for (const from of start ? [start, unit] : [unit]) {
    const { point, value } = minimizeLbfgs(
      (logs, gradient) => loss.evaluate(logs, gradient),
      loss.toLogs(from),
      { gradientTolerance: GRADIENT_TOLERANCE },
    );
    if (Number.isFinite(value)) return new GaussianProcess(observations, loss.toParams(point));
  }
  return new GaussianProcess(observations, unit);
}

/** The negative logarithm of marginal likelihood times prior, up to a constant, by the logarithms of the parameters. */
export class ParameterLoss {
  readonly #observations: Observations;
  readonly #minNoise: number;
  readonly #isDeterministic: boolean;
  readonly #n: number;
  readonly #nDims: number;
  /** u of all pairs of observations j < i: pair by pair, nDims each. */
  readonly #differences: Float64Array;
  readonly #covariances: Float64Array;
  /** By pair, the derivative of the covariance by d2. */
  readonly #slopes: Float64Array;

  constructor(observations: Observations, minNoise: number, isDeterministic: boolean) {
    const { points, values, isChoice } = observations;
    this.#observations = observations;
    this.#minNoise = minNoise;
    this.#isDeterministic = isDeterministic;
    this.#n = values.length;
    this.#nDims = isChoice.length;
    const nPairs = (this.#n * (this.#n - 1)) / 2;
    this.#differences = new Float64Array(nPairs * this.#nDims);
    this.#slopes = new Float64Array(nPairs);
    this.#covariances = new Float64Array(this.#n * this.#n);
    let next = 0;
    for (let i = 0; i < this.#n; i++)
      for (let j = 0; j < i; j++)
        for (let k = 0; k < this.#nDims; k++)
          this.#differences[next++] = squaredDifference(
            isChoice[k] as boolean,
            points[i * this.#nDims + k] as number,
            points[j * this.#nDims + k] as number,
          );
  }

  toLogs({ inverseSquaredLengths, scale, noise }: KernelParams): Float64Array {
    return Float64Array.from([
      ...inverseSquaredLengths.map(Math.log),
      Math.log(scale),
      // A little more than the least, whose logarithm would be infinite.
      Math.log(Math.max(noise, this.#minNoise) - 0.99 * this.#minNoise),
    ]);
  }

  toParams(logs: Float64Array): KernelParams {
    return {
      inverseSquaredLengths: logs.slice(0, this.#nDims).map(Math.exp),
      scale: Math.exp(logs[this.#nDims] as number),
      noise: this.#isDeterministic
        ? this.#minNoise
        : Math.exp(logs[this.#nDims + 1] as number) + this.#minNoise,
    };
  }

  evaluate(logs: Float64Array, gradient: Float64Array): number {
    const params = this.toParams(logs);
    const factor = this.#fillCovariances(params).slice();
    if (!factorize(factor, this.#n)) return Infinity;
    const alpha = this.#observations.values.slice();
    solveLower(factor, this.#n, alpha);
    let loss = 0;
    for (let i = 0; i < this.#n; i++)
      loss += Math.log(factor[i * this.#n + i] as number) + (alpha[i] as number) ** 2 / 2;
    solveUpper(factor, this.#n, alpha);
    gradient.fill(0);
    this.#addLikelihoodGradient(params, logs, alpha, inverseOf(factor, this.#n), gradient);
    return loss + this.#addPrior(params, logs, gradient);
  }

  #fillCovariances({ inverseSquaredLengths, scale, noise }: KernelParams): Float64Array {
    let next = 0;
    let pair = 0;
    for (let i = 0; i < this.#n; i++) {
      for (let j = 0; j < i; j++) {
        let squared = 0;
        for (let k = 0; k < this.#nDims; k++)
          squared += (inverseSquaredLengths[k] as number) * (this.#differences[next++] as number);
        this.#covariances[i * this.#n + j] = scale * matern52(squared);
        this.#slopes[pair++] = scale * matern52Slope(squared);
      }
      this.#covariances[i * this.#n + i] = scale + noise;
    }
    return this.#covariances;
  }

  #addLikelihoodGradient(
    { inverseSquaredLengths, scale }: KernelParams,
    logs: Float64Array,
    alpha: Float64Array,
    inverse: Float64Array,
    gradient: Float64Array,
  ): void {
    const nDims = this.#nDims;
    const byLength = new Float64Array(nDims);
    let byScale = 0;
    let byNoise = 0;
    let next = 0;
    let pair = 0;
    for (let i = 0; i < this.#n; i++) {
      const row = i * this.#n;
      for (let j = 0; j < i; j++) {
        // Twice, for (i, j) and (j, i), and halved.
        const w = (alpha[i] as number) * (alpha[j] as number) - (inverse[row + j] as number);
        byScale += w * (this.#covariances[row + j] as number);
        const slope = w * (this.#slopes[pair++] as number);
        for (let k = 0; k < nDims; k++)
          byLength[k] = (byLength[k] as number) + slope * (this.#differences[next + k] as number);
        next += nDims;
      }
      const w = (alpha[i] as number) ** 2 - (inverse[row + i] as number);
      byScale += (w * scale) / 2;
      byNoise += w / 2;
    }
    for (let k = 0; k < nDims; k++)
      gradient[k] = -(byLength[k] as number) * (inverseSquaredLengths[k] as number);
    gradient[nDims] = -byScale;
    if (!this.#isDeterministic)
      gradient[nDims + 1] = -byNoise * Math.exp(logs[nDims + 1] as number);
  }

  /**
   * Log priors, up to constants: -0.1 (1 / w + w) for each length, log(s) - s for the scale (gamma with shape 2, rate 1) and
   * 0.1 log(noise) - 30 noise (gamma with shape 1.1, rate 30).
   */
  #addPrior(
    { inverseSquaredLengths, scale, noise }: KernelParams,
    logs: Float64Array,
    gradient: Float64Array,
  ): number {
    let loss = 0;
    const add = (k: number, value: number): void => {
      gradient[k] = (gradient[k] as number) + value;
    };
    inverseSquaredLengths.forEach((w, k) => {
      loss += 0.1 / w + 0.1 * w;
      add(k, 0.1 * w - 0.1 / w);
    });
    loss += scale - Math.log(scale);
    add(this.#nDims, scale - 1);
    loss += 30 * noise - 0.1 * Math.log(noise);
    if (!this.#isDeterministic)
      add(this.#nDims + 1, (30 - 0.1 / noise) * Math.exp(logs[this.#nDims + 1] as number));
    return loss;
  }
}
