/** Ranges of axes. */
export type Range = readonly [min: number, max: number];

/** Lowest and highest finite value (above 0 with `isLog`), or null. */
export function extentOf(arrays: readonly ArrayLike<number>[], isLog = false): Range | null {
  let min = Infinity;
  let max = -Infinity;
  for (const array of arrays)
    for (let i = 0; i < array.length; i++) {
      const value = array[i] as number;
      if (!Number.isFinite(value) || (isLog && value <= 0)) continue;
      if (value < min) min = value;
      if (value > max) max = value;
    }
  return min <= max ? [min, max] : null;
}

/** A little wider, so that no point sits on the border; by a share of its width, on a logarithmic axis of its ratio. */
export function paddedRange(extent: Range | null, isLog: boolean, share = 0.03): Range {
  if (isLog) {
    const [min, max] = clamped(extent ?? [1, 10], MIN_LOG);
    const pad = min === max ? 2 : (max / min) ** share;
    return clamped([min / pad, max * pad], MIN_LOG);
  }
  const [min, max] = clamped(extent ?? [0, 1]);
  const pad = min === max ? Math.abs(min) * 0.05 || 0.5 : (max - min) * share;
  return clamped([min - pad, max + pad]);
}

/** So far axes go: the width of the widest one is still a number. */
const MAX_END = 8e307;
const MIN_LOG = 1e-300;

function clamped([min, max]: Range, lowest = -MAX_END): Range {
  const clamp = (end: number): number => Math.min(MAX_END, Math.max(lowest, end));
  const [low, high] = [clamp(min), clamp(max)];
  if (low < high || min === max) return [low, high];
  // Both ends lie beyond what can be drawn.
  return high > 0 ? [high / 2, high] : [low, low / 2];
}

/** Where a value of a line is drawn: infinities at the end of the axis. */
export function toEdge(value: number, [min, max]: Range): number {
  if (value === Infinity) return max;
  return value === -Infinity ? min : value;
}

/** Beyond so many widths of the middle of all, a value may be an outlier. */
const OUTLIER_REACH = 25;
/** More of them than this share are no outliers but part of the picture. */
const MAX_OUTLIERS = 0.05;

/**
 * The extent without outliers, where they would squeeze everything else into a tenth of the picture: one trial at 1e20 must not
 * flatten the rest.
 */
export function robustExtent(values: ArrayLike<number>): {
  extent: Range | null;
  nOutside: number;
} {
  const full = extentOf([values]);
  const sample = sortedSample(values);
  if (!full || sample.length < 8) return { extent: full, nOutside: 0 };
  const [q1, q3] = middleOf(sample);
  const reach = OUTLIER_REACH * (q3 - q1);
  let [low, high, nFinite, nOutside] = [Infinity, -Infinity, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!Number.isFinite(value)) continue;
    nFinite++;
    if (value < q1 - reach || value > q3 + reach) nOutside++;
    else {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  const isSqueezed = full[1] - full[0] > 10 * (high - low);
  if (reach === 0 || nOutside > MAX_OUTLIERS * nFinite || !isSqueezed)
    return { extent: full, nOutside: 0 };
  return { extent: [low, high], nOutside };
}

/** The ends of the middle half of sorted values, or of more of them where half are the same. */
function middleOf(sorted: Float64Array): Range {
  let [low, high] = [NaN, NaN];
  for (const share of [0.25, 0.1, MAX_OUTLIERS]) {
    const n = Math.floor(sorted.length * share);
    [low, high] = [sorted[n] as number, sorted[sorted.length - 1 - n] as number];
    if (low < high) break;
  }
  return [low, high];
}

const SAMPLE_SIZE = 5000;

/** Finite values, at most a few thousand of them evenly picked, ascending. */
function sortedSample(values: ArrayLike<number>): Float64Array {
  const every = Math.max(1, Math.floor(values.length / SAMPLE_SIZE));
  const picked = Float64Array.from(
    { length: Math.floor(values.length / every) },
    (_, i) => values[i * every] as number,
  );
  return picked.filter(Number.isFinite).sort();
}
