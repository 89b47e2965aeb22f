/**
 * The logarithm of expected improvement, which keeps its slope where the improvement itself is too small for a number.
 *
 * Notation: h(z) = E max(0, z + Z) for a standard normal Z, which is phi(z) + z Phi(z); R(x) = Phi(-x) / phi(x) (the ratio of Mills). The
 * improvement of a normal value over a threshold is deviation * h((mean - threshold) / deviation).
 * Ament et al., "Unexpected improvements to expected improvement for Bayesian optimization", NeurIPS 2023, eq. 9.
 */
import { LOG_SQRT_2PI, logNormalCdf, normalCdf } from '../normal.ts';

/** Below this h is computed from phi and R: the sum loses digits. */
const TAIL = -1;
/** Below this 1 + z R(-z) loses digits too, and its asymptotic series is exact. */
const FAR_TAIL = -25;
const N_SERIES_TERMS = 8;

/** log h(z); about -z^2 / 2 for negative z. -Infinity for -Infinity, NaN for NaN. */
export function logExpectedImprovement(z: number): number {
  if (z >= TAIL) return Math.log(improvement(z));
  return z === -Infinity ? z : logNormalDensity(z) + Math.log(tailFactor(z));
}

/** The derivative of `logExpectedImprovement`, Phi(z) / h(z); about -z for negative z. */
export function logExpectedImprovementSlope(z: number): number {
  return z >= TAIL ? normalCdf(z) / improvement(z) : millsRatio(z) / tailFactor(z);
}

/** The derivative of log Phi(z), phi(z) / Phi(z). */
export function logNormalCdfSlope(z: number): number {
  return z < TAIL ? 1 / millsRatio(z) : normalDensity(z) / normalCdf(z);
}

function logNormalDensity(z: number): number {
  return -0.5 * z * z - LOG_SQRT_2PI;
}

function normalDensity(z: number): number {
  return Math.exp(logNormalDensity(z));
}

/** h(z). */
function improvement(z: number): number {
  return normalDensity(z) + z * normalCdf(z);
}

/** R(-z), for negative z. */
function millsRatio(z: number): number {
  if (z < FAR_TAIL) return (1 - tailFactor(z)) / -z;
  return Math.exp(logNormalCdf(z) - logNormalDensity(z));
}

/** h(z) / phi(z) = 1 + z R(-z), for negative z. */
function tailFactor(z: number): number {
  return z < FAR_TAIL ? farTail(z) : 1 + z * millsRatio(z);
}

/** 1 + z R(-z) = 1 / z^2 - 3 / z^4 + 15 / z^6 - 105 / z^8 … */
function farTail(z: number): number {
  const inverse = 1 / (z * z);
  let term = inverse;
  let sum = 0;
  for (let k = 1; k <= N_SERIES_TERMS; k++) {
    sum += term;
    term *= -(2 * k + 1) * inverse;
  }
  return sum;
}
