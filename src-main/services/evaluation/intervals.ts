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
 * Of a mean over the folds of a cross-validation, by the corrected resampled t-test (Nadeau and Bengio 2003): folds share training rows, so their
 * values are less independent than their deviation alone would say.
 *
 * @param nFolds In all repetitions together. Null of fewer than three, which tell too little.
 * @param split.validation, split.train Rows in one of them.
 */
export function foldInterval(
  { mean, deviation: spread, nFolds }: { mean: number; deviation: number; nFolds: number },
  { train, validation }: { train: number; validation: number },
): Interval | null {
  if (nFolds < 3 || spread === 0) return null;
  const half = tQuantile(nFolds - 1) * spread * Math.sqrt(1 / nFolds + validation / train);
  return { low: mean - half, high: mean + half };
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

const MAX_RESAMPLES = 1000;
const MIN_RESAMPLES = 100;
/** Drawn in all, which bounds the time of many rows. */
const MAX_ROWS_DRAWN = 5_000_000;

/**
 * Of statistics of rows, by drawing as many rows anew with repetition (Efron 1979): the 2.5 % and 97.5 % quantiles over 1,000 draws. Of more than
 * 5,000 rows fewer draws are made: too few for quantiles, but enough for a standard error, and statistics of so many rows are close to normal.
 *
 * @param statistics Of the rows with these numbers, which may come several times; NaN where they have none.
 */
export function bootstrapIntervals<Name extends string>(
  nRows: number,
  statistics: (rows: Int32Array) => Readonly<Record<Name, number>>,
  rng: Rng,
): Record<Name, Interval> {
  const nDraws = Math.round(
    Math.min(MAX_RESAMPLES, Math.max(MIN_RESAMPLES, MAX_ROWS_DRAWN / nRows)),
  );
  const rows = Int32Array.from({ length: nRows }, (_, row) => row);
  const whole = statistics(rows);
  const draws = Array.from({ length: nDraws }, () => {
    // 32 random bits are enough for rows, and twice as fast as the 53 of `integer`.
    for (let i = 0; i < nRows; i++) rows[i] = Math.floor((rng.uint32() / 2 ** 32) * nRows);
    return statistics(rows);
  });
  const intervals = (Object.keys(whole) as Name[]).map((name) => {
    const values = Float64Array.from(draws, (draw) => draw[name])
      .filter((value) => !Number.isNaN(value))
      .sort();
    if (nDraws === MAX_RESAMPLES)
      return [name, { low: quantile(values, 0.025), high: quantile(values, 0.975) }] as const;
    const spread = Z * deviation(values);
    return [name, { low: whole[name] - spread, high: whole[name] + spread }] as const;
  });
  return Object.fromEntries(intervals) as Record<Name, Interval>;
}

/** The sample's standard deviation. */
function deviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}

/** Of sorted values, linear between neighbours. NaN of none. */
function quantile(sorted: Float64Array, share: number): number {
  const place = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(place)] ?? NaN, sorted[Math.ceil(place)] ?? NaN];
  return low + (high - low) * (place - Math.floor(place));
}
