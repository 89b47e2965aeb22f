import { compareNumbers } from './sorted-indices.ts';

/**
 * The percentile of numbers, between two of them by linear interpolation (the default of NumPy's `nanpercentile`, bit by bit);
 * between a finite and an infinite number it is the infinite one.
 *
 * @param percentile From 0 to 100.
 * @returns NaN when there is no number. NaN among the numbers is left out.
 */
export function percentileOf(values: readonly number[], percentile: number): number {
  const sorted = Float64Array.from(values.filter((value) => !Number.isNaN(value)));
  if (sorted.length === 0) return NaN;
  sorted.sort(compareNumbers);
  const position = (percentile / 100) * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] as number;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number;
  if (low === high) return low;
  const fraction = position - below;
  if (!Number.isFinite(high - low)) return fraction === 0 ? low : low + high;
  return fraction < 0.5 ? low + (high - low) * fraction : high - (high - low) * (1 - fraction);
}
