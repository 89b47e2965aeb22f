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
    const [min, max] = extent ?? [1, 10];
    const pad = min === max ? 2 : (max / min) ** share;
    return [min / pad, max * pad];
  }
  const [min, max] = extent ?? [0, 1];
  const pad = min === max ? Math.abs(min) * 0.05 || 0.5 : (max - min) * share;
  return [min - pad, max + pad];
}

/**
 * The extent without outliers: values further from the middle half than 8 times its width are left out where they would
 * squeeze the rest. One trial at 1e20 must not flatten the picture.
 */
export function robustExtent(values: ArrayLike<number>): {
  extent: Range | null;
  nOutside: number;
} {
  const finite = Float64Array.from(values).filter(Number.isFinite).sort();
  const full = extentOf([finite]);
  if (!full || finite.length < 8) return { extent: full, nOutside: 0 };
  const q1 = finite[Math.floor(finite.length * 0.25)] as number;
  const q3 = finite[Math.floor(finite.length * 0.75)] as number;
  const reach = 8 * (q3 - q1);
  if (reach === 0) return { extent: full, nOutside: 0 };
  const inside = finite.filter((value) => value >= q1 - reach && value <= q3 + reach);
  return { extent: extentOf([inside]), nOutside: finite.length - inside.length };
}
