/**
 * Warm start: where to begin follows from the good trials of a similar study.
 *
 * Nomura, Watanabe, Akimoto, Ozaki and Onishi, "Warm starting CMA-ES for hyperparameter optimization", AAAI 2021, arXiv:2012.06932.
 */
import { symmetricEigen } from '../../math/symmetric-eigen.ts';
import { addOuter, identity } from './matrix.ts';

export interface Start {
  readonly mean: Float64Array;
  readonly sigma: number;
  /** null: the identity. */
  readonly covariance: Float64Array | null;
}

/** Which part of the source trials is good. */
const GAMMA = 0.1;
/** How far from a good trial it is still good, in parts of the range. */
const ALPHA = 0.1;

/**
 * The normal distribution nearest to a mixture of small normal distributions around the good points (equation (12)).
 *
 * @param points From best to worst, in the unit cube; at least one. The best tenth counts, and at least one.
 */
export function warmStart(points: readonly Float64Array[]): Start {
  const good = points.slice(0, Math.max(1, Math.floor(points.length * GAMMA)));
  const n = (good[0] as Float64Array).length;
  const mean = new Float64Array(n);
  for (const point of good)
    point.forEach((x, i) => (mean[i] = (mean[i] as number) + x / good.length));
  const covariance = identity(n).map((one) => one * ALPHA ** 2);
  for (const point of good)
    addOuter(
      covariance,
      point.map((x, i) => x - (mean[i] as number)),
      1 / good.length,
      false,
    );
  // The determinant goes into sigma.
  const logs = symmetricEigen(covariance, n).values.map(Math.log);
  const sigma = Math.exp(logs.reduce((sum, log) => sum + log, 0) / (2 * n));
  return { mean, sigma, covariance: covariance.map((c) => c / sigma ** 2) };
}
