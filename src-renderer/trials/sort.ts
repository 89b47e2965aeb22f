import type { Field } from './fields.ts';

export interface Sort {
  readonly fieldId: string;
  readonly isDescending: boolean;
}

/**
 * Orders rows by several fields, the first one deciding. A missing value is last in either direction; ties keep the order given.
 * Sorts by fields that are not there are left out.
 */
export function sortRows(
  rows: Int32Array,
  sorts: readonly Sort[],
  fields: readonly Field[],
): Int32Array {
  const steps = sorts.flatMap(({ fieldId, isDescending }) => {
    const field = fields.find(({ id }) => id === fieldId);
    return field ? [{ keys: Float64Array.from(rows, (row) => field.key(row)), isDescending }] : [];
  });
  if (steps.length === 0) return rows;
  // Rows come by trial number, which is how most people look at them.
  if (sorts[0]?.fieldId === 'number') return sorts[0].isDescending ? rows.toReversed() : rows;
  const order = Int32Array.from(rows.keys());
  order.sort((a, b) => {
    for (const { keys, isDescending } of steps) {
      const difference = compareKeys(keys[a] as number, keys[b] as number, isDescending);
      if (difference !== 0) return difference;
    }
    return a - b;
  });
  return order.map((i) => rows[i] as number);
}

function compareKeys(a: number, b: number, isDescending: boolean): number {
  if (a === b) return 0;
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  if (Number.isNaN(b)) return -1;
  return a < b === isDescending ? 1 : -1;
}
