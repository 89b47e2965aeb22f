/**
 * CMA-ES with margin: keeps the distribution from freezing on one value of a parameter that has only some values.
 *
 * Hamano, Saito, Nomura and Shirakawa, "CMA-ES with margin: lower-bounding marginal probability for mixed-integer black-box optimization",
 * GECCO 2022, arXiv:2205.13482, section 4. Notation: the value of coordinate i is read at m_i + A_i (x_i - m_i), where x is a point of the
 * distribution and A its `stretch`; "thresholds" are the places between two neighbouring values.
 */
import { normalCdf, normalQuantile } from '../../math/normal.ts';
import type { CmaDistribution } from './distribution.ts';

/** The thresholds next to a place; twice the same where the place has the first or the last value. */
export type Thresholds = (place: number) => readonly [below: number, above: number];

export interface Margin {
  readonly mean: Float64Array;
  readonly stretch: Float64Array;
}

/**
 * Moves mean and stretch of the coordinates that have thresholds until no neighbouring value has too small a probability.
 *
 * @param thresholds Per coordinate; null where all values are possible.
 * @param alpha The probability that both sides together must have.
 */
export function correctMargin(
  { mean, sigma, covariance }: Pick<CmaDistribution, 'mean' | 'sigma' | 'covariance'>,
  stretch: Float64Array,
  thresholds: readonly (Thresholds | null)[],
  alpha: number,
): Margin {
  const n = mean.length;
  const corrected = { mean: mean.slice(), stretch: stretch.slice() };
  thresholds.forEach((thresholdsOf, i) => {
    if (!thresholdsOf) return;
    const m = mean[i] as number;
    const deviation = sigma * Math.sqrt(covariance[i * n + i] as number);
    const [below, above] = thresholdsOf(m);
    const spread = deviation * (stretch[i] as number);
    const pBelow = normalCdf((below - m) / spread);
    const pAbove = normalCdf((m - above) / spread);
    if (below === above) {
      // Section 4.2: the first or last value; the others may be reached with probability alpha.
      if (Math.min(pBelow, pAbove) < alpha)
        corrected.mean[i] = above + Math.sign(m - above) * quantile(alpha) * spread;
      return;
    }
    // Section 4.3: a value in the middle; each side is reached with probability alpha / 2 at least.
    const half = alpha / 2;
    if (pBelow >= half && pAbove >= half) return;
    const [low, high] = raised(pBelow, pAbove, half);
    const zBelow = quantile(low);
    const zAbove = quantile(high);
    corrected.stretch[i] = (above - below) / ((zBelow + zAbove) * deviation);
    corrected.mean[i] = (below * zAbove + above * zBelow) / (zBelow + zAbove);
  });
  return corrected;
}

/** Both probabilities of at least `half`; what one gains the others give, the one in the middle too. */
function raised(pBelow: number, pAbove: number, half: number): [number, number] {
  const pMiddle = 1 - pBelow - pAbove;
  const low = Math.max(pBelow, half);
  const high = Math.max(pAbove, half);
  const excess = 1 - low - high - pMiddle;
  const room = low + pMiddle + high - 3 * half;
  return [low + (excess * (low - half)) / room, high + (excess * (high - half)) / room];
}

/** The distance from the mean, in deviations, beyond which lies probability p; above 0 also where p is next to 1/2. */
function quantile(p: number): number {
  return -normalQuantile(Math.min(Math.max(p, 1e-10), 0.5 - 1e-10));
}
