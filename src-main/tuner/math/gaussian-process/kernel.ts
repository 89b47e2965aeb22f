/**
 * The covariance of a Gaussian process: Matern 5/2 with a length per dimension.
 *
 * Notation: for two points, u_k = (x_k - x'_k)^2, or for a dimension of choices 1 where they differ and else 0; w_k = 1 / length_k^2;
 * d2 = sum of w_k u_k. The covariance is scale * m(d2), m(d2) = (1 + r + r^2 / 3) exp(-r) with r = sqrt(5 d2). Its derivative by d2
 * is finite at 0: m'(d2) = -(5 / 6) (1 + r) exp(-r).
 * Rasmussen and Williams, "Gaussian processes for machine learning", 2006, eq. 4.17; as `optuna/_gp/gp.py` (5.0).
 */
import { expOfNegative } from '../exp.ts';

/** Beyond it the covariance is below 1e-24. */
const FAR = 64;

export interface KernelParams {
  /** w: one per dimension. */
  readonly inverseSquaredLengths: Float64Array;
  /** The variance of the process. */
  readonly scale: number;
  /** The variance of what is added to it at each observation. */
  readonly noise: number;
}

export function matern52(squaredDistance: number): number {
  const r = Math.sqrt(5 * squaredDistance);
  return r < FAR ? (1 + r + (5 / 3) * squaredDistance) * expOfNegative(-r) : 0;
}

export function matern52Slope(squaredDistance: number): number {
  const r = Math.sqrt(5 * squaredDistance);
  return r < FAR ? (-5 / 6) * (1 + r) * expOfNegative(-r) : 0;
}

/** u_k of two points. */
export function squaredDifference(isChoice: boolean, a: number, b: number): number {
  if (isChoice) return a === b ? 0 : 1;
  return (a - b) * (a - b);
}
