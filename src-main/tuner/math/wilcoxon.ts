/**
 * The one-sided signed-rank test of Wilcoxon, with zeros split between both signs.
 *
 * Follows `scipy.stats.wilcoxon(zero_method='zsplit')` (1.10): exact for up to 50 differences none of which is 0 (ties are not
 * looked at), else the normal approximation with the correction for ties and none for continuity.
 */
import { normalCdf } from './normal.ts';

const MAX_EXACT = 50;

/**
 * @param differences Finite, at least one.
 * @param alternative 'greater': that they lie above 0; 'less': below.
 * @returns The p-value.
 */
export function wilcoxonPValue(
  differences: readonly number[],
  alternative: 'greater' | 'less',
): number {
  const n = differences.length;
  const { ranks, tieSizes } = ranksOf(differences.map(Math.abs));
  let positive = 0;
  let nZeros = 0;
  differences.forEach((difference, i) => {
    if (difference > 0) positive += ranks[i] as number;
    else if (difference === 0) {
      positive += (ranks[i] as number) / 2;
      nZeros++;
    }
  });
  if (n <= MAX_EXACT && nZeros === 0) return exactPValue(Math.trunc(positive), n, alternative);
  const mean = (n * (n + 1)) / 4;
  const ties = tieSizes.reduce((sum, size) => sum + size * (size * size - 1), 0);
  const deviation = Math.sqrt((n * (n + 1) * (2 * n + 1) - ties / 2) / 24);
  const z = (positive - mean) / deviation;
  return normalCdf(alternative === 'greater' ? -z : z);
}

/** Ranks from 1 on, equal values sharing their mean; and the sizes of the groups of equal values. */
export function ranksOf(values: ArrayLike<number>): { ranks: Float64Array; tieSizes: number[] } {
  const order = Int32Array.from({ length: values.length }, (_, i) => i);
  order.sort((a, b) => (values[a] as number) - (values[b] as number));
  const ranks = new Float64Array(values.length);
  const tieSizes: number[] = [];
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && values[order[end] as number] === values[order[start] as number])
      end++;
    for (let i = start; i < end; i++) ranks[order[i] as number] = (start + 1 + end) / 2;
    if (end - start > 1) tieSizes.push(end - start);
    start = end;
  }
  return { ranks, tieSizes };
}

/** Counts how many of the 2^n choices of signs give a rank sum as high (or as low). */
function exactPValue(rankSum: number, n: number, alternative: 'greater' | 'less'): number {
  let counts = [1];
  for (let rank = 1; rank <= n; rank++) {
    const next = [...counts, ...new Array<number>(rank).fill(0)];
    counts.forEach((count, sum) => {
      next[sum + rank] = (next[sum + rank] as number) + count;
    });
    counts = next;
  }
  const tail = alternative === 'greater' ? counts.slice(rankSum) : counts.slice(0, rankSum + 1);
  return tail.reduce((sum, count) => sum + count, 0) / 2 ** n;
}
