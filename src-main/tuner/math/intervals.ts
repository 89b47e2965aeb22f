import type { Rng } from './rng.ts';

/** Where the true value lies in 95 of 100 cases. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

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

/**
 * Of the mean of independent shares: their Wilson intervals together, by the method of variance estimates recovery (Zou and Donner 2008). Not
 * without width where all is right.
 */
export function meanShareInterval(
  shares: readonly { readonly nTrue: number; readonly n: number }[],
): Interval {
  let [mean, below, above] = [0, 0, 0];
  for (const { nTrue, n } of shares) {
    const { low, high } = wilsonInterval(nTrue, n);
    mean += nTrue / n / shares.length;
    below += ((nTrue / n - low) / shares.length) ** 2;
    above += ((high - nTrue / n) / shares.length) ** 2;
  }
  return { low: mean - Math.sqrt(below), high: mean + Math.sqrt(above) };
}

/** Of a value within 0 to 1, taken to be normal on the logit scale, so that it stays there. */
export function logitInterval(value: number, standardError: number): Interval {
  const logit = Math.log(value / (1 - value));
  const spread = (Z * standardError) / (value * (1 - value));
  const share = (x: number): number => 1 / (1 + Math.exp(-x));
  return { low: share(logit - spread), high: share(logit + spread) };
}

/**
 * Of a value above 0, taken to be normal on the logarithmic scale, so that it stays there and goes further up than down, as errors do. With
 * Student's quantile, as the standard error comes from so many rows itself.
 *
 * @returns Null of fewer than three rows, which tell too little, and where nothing differs.
 */
export function positiveInterval(
  value: number,
  standardError: number,
  nRows: number,
): Interval | null {
  if (nRows < 3 || !(value > 0) || !(standardError > 0)) return null;
  const factor = Math.exp((tQuantile(nRows - 1) * standardError) / value);
  return Number.isFinite(value * factor) ? { low: value / factor, high: value * factor } : null;
}

/**
 * Of a statistic of rows, from what each row moves it by: the infinitesimal jackknife (Jaeckel 1972; Efron, The Jackknife, the Bootstrap and Other Resampling
 * Plans, 1982, chapter 6), which is what drawing rows anew comes to when it is done without end.
 *
 * @param influences The derivative of the statistic by the weight of each row, times the number of rows; their sum is 0.
 */
export function standardErrorOf(influences: Float64Array): number {
  let squares = 0;
  for (const influence of influences) squares += influence * influence;
  return Math.sqrt(squares / (influences.length * (influences.length - 1)));
}

/**
 * Of a mean over the folds of a cross-validation, by the corrected resampled t-test (Nadeau and Bengio 2003): folds share training rows, so their
 * values are less independent than their deviation alone would say.
 *
 * @param nFolds In all repetitions together. Null of fewer than three, which tell too little.
 * @param split.validation, split.train Rows in one of them.
 * @param bounds What the value cannot leave; nor does the interval, which is symmetric but for that.
 */
export function foldInterval(
  { mean, deviation: spread, nFolds }: { mean: number; deviation: number; nFolds: number },
  { train, validation }: { train: number; validation: number },
  bounds: Interval,
): Interval | null {
  if (nFolds < 3 || spread === 0) return null;
  const half = tQuantile(nFolds - 1) * spread * Math.sqrt(1 / nFolds + validation / train);
  return { low: Math.max(mean - half, bounds.low), high: Math.min(mean + half, bounds.high) };
}

/** The 97.5 % quantile of Student's distribution, by the expansion around the normal one (Abramowitz and Stegun 26.7.5): within 4 % from 2 degrees of freedom on. */
function tQuantile(nDegrees: number): number {
  return (
    Z +
    (Z ** 3 + Z) / (4 * nDegrees) +
    (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / (96 * nDegrees ** 2) +
    (3 * Z ** 7 + 19 * Z ** 5 + 17 * Z ** 3 - 15 * Z) / (384 * nDegrees ** 3)
  );
}

const N_DRAWS = 1000;
/** Of more, drawing takes long, and statistics are close to normal. */
const MAX_DRAWN_ROWS = 5000;

/**
 * Of statistics of rows: by drawing as many rows anew with repetition (Efron 1979), the 2.5 % and 97.5 % quantiles over 1,000 draws. Of more than
 * 5,000 rows by their standard errors, which takes no draws and no time.
 *
 * @param rows.statistics Of the rows with these numbers, which may come several times; NaN where they have none.
 * @param rows.influences As of `standardErrorOf`, of all rows.
 */
export function rowIntervals<Name extends string>(
  nRows: number,
  rows: {
    statistics(rows: Int32Array): Readonly<Record<Name, number>>;
    influences(): Readonly<Record<Name, Float64Array>>;
  },
  rng: Rng,
): Record<Name, Interval> {
  const drawn = Int32Array.from({ length: nRows }, (_, row) => row);
  const whole = rows.statistics(drawn);
  const names = Object.keys(whole) as Name[];
  const fromEach = (intervalOf: (name: Name) => Interval): Record<Name, Interval> =>
    Object.fromEntries(names.map((name) => [name, intervalOf(name)])) as Record<Name, Interval>;
  if (nRows > MAX_DRAWN_ROWS) {
    const influences = rows.influences();
    return fromEach((name) => {
      const spread = Z * standardErrorOf(influences[name]);
      return { low: whole[name] - spread, high: whole[name] + spread };
    });
  }
  const draws = Array.from({ length: N_DRAWS }, () => {
    // 32 random bits are enough for rows, and twice as fast as the 53 of `integer`.
    for (let i = 0; i < nRows; i++) drawn[i] = Math.floor((rng.uint32() / 2 ** 32) * nRows);
    return rows.statistics(drawn);
  });
  return fromEach((name) => {
    const values = Float64Array.from(draws, (draw) => draw[name])
      .filter((value) => !Number.isNaN(value))
      .sort();
    return { low: quantile(values, 0.025), high: quantile(values, 0.975) };
  });
}

/** Of sorted values, linear between neighbours. NaN of none. */
function quantile(sorted: Float64Array, share: number): number {
  const place = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(place)] ?? NaN, sorted[Math.ceil(place)] ?? NaN];
  return low + (high - low) * (place - Math.floor(place));
}
