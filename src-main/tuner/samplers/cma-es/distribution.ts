/**
 * The normal distribution that CMA-ES samples, and how a generation changes it.
 *
 * Hansen, "The CMA evolution strategy: a tutorial", arXiv:1604.00772 (2016), equations (38) to (47). Notation: points are x = m + sigma y
 * with y from N(0, C), C = B diag(D^2) B^T; `basis` has the columns of B as rows, `scales` is D. Matrices are n x n, row-major.
 */
import type { Rng } from '../../math/rng.ts';
import { symmetricEigen } from '../../math/symmetric-eigen.ts';
import { adaptLearningRate, type LearningRates } from './learning-rate.ts';
import { addOuter, identity, squaredLength, whiten } from './matrix.ts';
import type { Strategy } from './strategy.ts';

/** Never changed in place. */
export interface CmaDistribution {
  readonly mean: Float64Array;
  readonly sigma: number;
  readonly covariance: Float64Array;
  readonly basis: Float64Array;
  readonly scales: Float64Array;
  readonly pathSigma: Float64Array;
  readonly pathC: Float64Array;
  /** Updates so far. */
  readonly generation: number;
  /** Null where the learning rate is not adapted. */
  readonly learningRates: LearningRates | null;
}

/** Condition numbers of C beyond this are those of rounding. */
const MAX_CONDITION = 1e16;
const MAX_SIGMA = 1e32;

/** @param covariance The identity where it is null. */
export function createDistribution(
  mean: Float64Array,
  sigma: number,
  covariance: Float64Array | null,
  learningRates: LearningRates | null,
): CmaDistribution {
  const n = mean.length;
  return {
    ...factorize(covariance ?? identity(n), n),
    mean,
    sigma,
    pathSigma: new Float64Array(n),
    pathC: new Float64Array(n),
    generation: 0,
    learningRates,
  };
}

export function samplePoint(
  { mean, sigma, basis, scales }: CmaDistribution,
  rng: Rng,
): Float64Array {
  const n = mean.length;
  const point = mean.slice();
  for (let k = 0; k < n; k++) {
    const length = sigma * (scales[k] as number) * rng.normal();
    for (let i = 0; i < n; i++)
      point[i] = (point[i] as number) + length * (basis[k * n + i] as number);
  }
  return point;
}

/**
 * The distribution after a generation.
 *
 * @param points The whole population from best to worst, each of n coordinates.
 * @param isSeparable Keep C diagonal.
 * @returns null when the numbers have left what a distribution can have.
 */
export function updateDistribution(
  before: CmaDistribution,
  strategy: Strategy,
  points: readonly Float64Array[],
  isSeparable: boolean,
): CmaDistribution | null {
  const { mean, sigma, covariance } = before;
  const { nParents, weights, muEff, cSigma, dSigma, cC, c1, cMu, chiN } = strategy;
  const n = mean.length;
  const steps = points.map((point) => point.map((x, i) => (x - (mean[i] as number)) / sigma));

  // Recombination, (41) and (42).
  const step = new Float64Array(n);
  for (let k = 0; k < nParents; k++)
    for (let i = 0; i < n; i++)
      step[i] = (step[i] as number) + (weights[k] as number) * (steps[k]?.[i] as number);

  // Step size, (43) and (44).
  const reach = Math.sqrt(cSigma * (2 - cSigma) * muEff);
  const white = whiten(before, step);
  const pathSigma = before.pathSigma.map((p, i) => (1 - cSigma) * p + reach * (white[i] as number));
  const length = Math.sqrt(squaredLength(pathSigma));
  const generation = before.generation + 1;

  // Covariance, (45) to (47).
  const isSlow =
    length / Math.sqrt(1 - (1 - cSigma) ** (2 * (generation + 1))) < (1.4 + 2 / (n + 1)) * chiN;
  const reachC = isSlow ? Math.sqrt(cC * (2 - cC) * muEff) : 0;
  const pathC = before.pathC.map((p, i) => (1 - cC) * p + reachC * (step[i] as number));
  const lost = isSlow ? 0 : c1 * cC * (2 - cC);
  const kept = 1 + lost - c1 - cMu * weights.reduce((sum, weight) => sum + weight, 0);
  const next = covariance.map((c) => kept * c);
  addOuter(next, pathC, c1, isSeparable);
  steps.forEach((y, k) => {
    let weight = weights[k] as number;
    // Bad ones count by direction, not by how far out they are.
    if (weight < 0) weight *= n / (squaredLength(whiten(before, y)) + 1e-8);
    addOuter(next, y, cMu * weight, isSeparable);
  });

  const moved = {
    mean: mean.map((m, i) => m + sigma * (step[i] as number)),
    sigma: Math.min(sigma * Math.exp((cSigma / dSigma) * (length / chiN - 1)), MAX_SIGMA),
    covariance: next,
    learningRates: before.learningRates,
  };
  const adapted = before.learningRates
    ? adaptLearningRate(before, moved, before.learningRates)
    : moved;
  if (!isUsable(adapted)) return null;
  return { ...adapted, ...factorize(adapted.covariance, n), pathSigma, pathC, generation };
}

/** Eigenvalues that rounding made too small or negative are raised, in the covariance too. */
function factorize(
  covariance: Float64Array,
  n: number,
): Pick<CmaDistribution, 'covariance' | 'basis' | 'scales'> {
  const { values, vectors } = symmetricEigen(covariance, n);
  const lowest = (values[n - 1] as number) / MAX_CONDITION;
  const scales = values.map((value) => Math.sqrt(Math.max(value, lowest)));
  if ((values[0] as number) >= lowest) return { covariance, basis: vectors, scales };
  const mended = new Float64Array(n * n);
  scales.forEach((scale, k) =>
    addOuter(mended, vectors.subarray(k * n, (k + 1) * n), scale * scale, false),
  );
  return { covariance: mended, basis: vectors, scales };
}

function isUsable({
  mean,
  sigma,
  covariance,
}: Pick<CmaDistribution, 'mean' | 'sigma' | 'covariance'>): boolean {
  const n = mean.length;
  return (
    sigma > 0 &&
    mean.every(Number.isFinite) &&
    covariance.every((c, at) => Number.isFinite(c) && (at % (n + 1) !== 0 || c > 0))
  );
}
