import type { ColumnProfile, TableFormat } from '../../src-main/contract/data.ts';

const MAX_BARS = 16;

/**
 * Heights from 0 to 1. Columns of few different values: how often each is; of many numbers: how the values of the preview are spread
 * between the smallest and the largest.
 *
 * @param cells The column's cells in the preview, as they are written.
 */
export function glyphBars(
  { top, type, min, max }: Pick<ColumnProfile, 'top' | 'type' | 'min' | 'max'>,
  cells: readonly string[],
  { decimal }: Pick<TableFormat, 'decimal'>,
): number[] {
  const toNumber = (cell: string): number => numberIn(cell, decimal);
  const isSpread = type === 'number' && typeof min === 'number' && typeof max === 'number';
  if (isSpread && (top.length === 0 || top.length > MAX_BARS / 2)) {
    const counts = new Array<number>(12).fill(0);
    const numbers = cells.map(toNumber).filter(Number.isFinite);
    for (const number of numbers) {
      const share = max > min ? (number - min) / (max - min) : 0.5;
      const bar = Math.min(counts.length - 1, Math.max(0, Math.floor(share * counts.length)));
      counts[bar] = (counts[bar] ?? 0) + 1;
    }
    return toShares(counts);
  }
  const ordered = isSpread
    ? [...top].sort((a, b) => toNumber(a.value) - toNumber(b.value))
    : top.slice(0, MAX_BARS);
  return toShares(ordered.map(({ count }) => count));
}

/** NaN where there is none. What else stands in a column of numbers are thousands marks. */
function numberIn(cell: string, decimal: '.' | ','): number {
  const plain = cell.replaceAll(decimal === ',' ? /[^\d,eE+-]/g : /[^\d.eE+-]/g, '');
  return Number.parseFloat(plain.replace(',', '.'));
}

function toShares(counts: readonly number[]): number[] {
  const most = Math.max(...counts, 1);
  return counts.map((count) => count / most);
}
