/**
 * Distributions as intervals of real numbers.
 *
 * "Numeric" means: the logarithm where the distribution is logarithmic, and half a step of room beyond the first and last value of a
 * grid, so that every value of the grid has an interval of the same width. "Unit" means the numeric interval scaled to [0, 1];
 * a categorical distribution divides [0, 1] evenly among its choices.
 */
import { countValues, type Distribution } from '../distributions.ts';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

type NumericDistribution = Exclude<Distribution, { type: 'categorical' }>;

/** The numeric interval of a distribution. */
export function numericInterval({ low, high, step, log }: NumericDistribution): Interval {
  const room = (step ?? 0) / 2;
  return log
    ? { low: Math.log(low - room), high: Math.log(high + room) }
    : { low: low - room, high: high + room };
}

/** The nearest internal value the distribution has to a numeric one. */
export function fromNumeric(distribution: NumericDistribution, numeric: number): number {
  return nearestInternal(distribution, distribution.log ? Math.exp(numeric) : numeric);
}

/** The internal value of the distribution that is nearest to a number. */
export function nearestInternal({ low, high, step }: NumericDistribution, x: number): number {
  const value = step === null ? x : low + Math.round((x - low) / step) * step;
  return Math.min(Math.max(value, low), high);
}

/**
 * The internal value at a place of the unit interval; uniform places give the distribution's own uniform (or log-uniform) values.
 *
 * @param unit From 0 to 1, both allowed.
 */
export function internalFromUnit(distribution: Distribution, unit: number): number {
  if (distribution.type === 'categorical') return indexFromUnit(distribution.choices.length, unit);
  if (distribution.step !== null && !distribution.log) {
    const { low, high, step } = distribution;
    const k = indexFromUnit(countValues(distribution), unit);
    // In two parts, as k * step may be beyond 2^53 where low + k * step is not.
    const half = Math.floor(k / 2);
    return Math.min(low + half * step + (k - half) * step, high);
  }
  const { low, high } = numericInterval(distribution);
  // Not low + (high - low) * unit: the difference may be infinite.
  return fromNumeric(distribution, low * (1 - unit) + high * unit);
}

/** The place of an internal value in the unit interval; the middle of its part where the distribution has a grid. */
export function unitFromInternal(distribution: Distribution, internal: number): number {
  if (distribution.type === 'categorical') return (internal + 0.5) / distribution.choices.length;
  const { low, high } = numericInterval(distribution);
  if (low === high) return 0.5;
  const numeric = distribution.log ? Math.log(internal) : internal;
  const scale = Number.isFinite(high - low) ? 1 : 0.5;
  return (numeric * scale - low * scale) / (high * scale - low * scale);
}

function indexFromUnit(n: number, unit: number): number {
  return Math.min(Math.floor(unit * n), n - 1);
}
