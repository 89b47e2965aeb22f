import type { Interval } from '../../contract/evaluation.ts';
import type { Rng } from '../../tuner/math/rng.ts';

/** The 97.5 % quantile of the standard normal distribution. */
const Z = 1.959963984540054;

/** Of a share, from how often something was true: Wilson's score interval (1927), which stays within 0 to 1 and is right for few rows too. */
export function wilsonInterval(nTrue: number, n: number): Interval {
  if (n === 0) return { low: 0, high: 1 };
  const share = nTrue / n;
  const center = share + Z ** 2 / (2 * n);
  const spread = Z * Math.sqrt((share * (1 - share)) / n + Z ** 2 / (4 * n ** 2));
  const total = 1 + Z ** 2 / n;
  return {
    low: nTrue === 0 ? 0 : (center - spread) / total,
    high: nTrue === n ? 1 : (center + spread) / total,
  };
}

const N_RESAMPLES = 1000;

/**
 * Of statistics of rows, by drawing as many rows anew with repetition (Efron 1979): the 2.5 % and 97.5 % quantiles over 1,000 draws.
 *
 * @param statistics Of the rows with these numbers, which may come several times.
 */
export function bootstrapIntervals<Name extends string>(
  nRows: number,
  statistics: (rows: Int32Array) => Readonly<Record<Name, number>>,
  rng: Rng,
): Record<Name, Interval> {
  const draws = Array.from({ length: N_RESAMPLES }, () =>
    statistics(Int32Array.from({ length: nRows }, () => rng.integer(nRows))),
  );
  const names = Object.keys(draws[0] ?? {}) as Name[];
  const intervals = names.map((name) => {
    const values = Float64Array.from(draws, (draw) => draw[name])
      .filter((value) => !Number.isNaN(value))
      .sort();
    return [name, { low: quantile(values, 0.025), high: quantile(values, 0.975) }] as const;
  });
  return Object.fromEntries(intervals) as Record<Name, Interval>;
}

/** Of sorted values, linear between neighbours. NaN of none. */
function quantile(sorted: Float64Array, share: number): number {
  const place = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(place)] ?? NaN, sorted[Math.ceil(place)] ?? NaN];
  return low + (high - low) * (place - Math.floor(place));
}
