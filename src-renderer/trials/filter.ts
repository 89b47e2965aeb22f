import { compileExpression, ExpressionError } from './expression.ts';
import type { Field } from './fields.ts';
import type { TrialView } from './trial-view.ts';

/** Keys in [min, max]; trials without a value do not pass. */
export interface RangeFilter {
  readonly kind: 'range';
  readonly fieldId: string;
  readonly min: number;
  readonly max: number;
}

/** Keys among these: states, or choices of a categorical parameter. */
export interface ChoicesFilter {
  readonly kind: 'choices';
  readonly fieldId: string;
  readonly keys: readonly number[];
}

/** Trials with one of these tags: by name, because tags come and go. */
export interface TagsFilter {
  readonly kind: 'tags';
  readonly fieldId: string;
  readonly tags: readonly string[];
}

/** Labels that contain this, in any case. */
export interface TextFilter {
  readonly kind: 'text';
  readonly fieldId: string;
  readonly query: string;
}

/** Rows for which it is true, see expression.ts. */
export interface ExpressionFilter {
  readonly kind: 'expression';
  readonly expression: string;
}

export type Filter = RangeFilter | ChoicesFilter | TagsFilter | TextFilter | ExpressionFilter;

/** Which rows pass all filters. Filters on fields that are not there pass nothing. */
export interface FilterResult {
  /** 1 for rows that pass; null when there are no filters. */
  readonly mask: Uint8Array | null;
  readonly rows: Int32Array;
}

/** @throws ExpressionError */
export function filterRows(
  view: TrialView,
  filters: readonly Filter[],
  fields: readonly Field[],
): FilterResult {
  if (filters.length === 0)
    return { mask: null, rows: Int32Array.from({ length: view.nTrials }, (_, row) => row) };
  const tests = filters.map((filter) => compileFilter(filter, fields));
  const mask = new Uint8Array(view.nTrials);
  let nPassed = 0;
  for (let row = 0; row < view.nTrials; row++)
    if (tests.every((test) => test(row))) {
      mask[row] = 1;
      nPassed++;
    }
  const rows = new Int32Array(nPassed);
  for (let row = 0, i = 0; row < view.nTrials; row++) if (mask[row] === 1) rows[i++] = row;
  return { mask, rows };
}

export interface FilteredTrials extends FilterResult {
  /** What is wrong with the expression, which then does not count. */
  readonly problem: ExpressionError | null;
}

/** As `filterRows`, without the expression where it has a mistake. */
export function filterTrials(
  view: TrialView,
  filters: readonly Filter[],
  fields: readonly Field[],
): FilteredTrials {
  try {
    return { ...filterRows(view, filters, fields), problem: null };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const others = filters.filter(({ kind }) => kind !== 'expression');
    return { ...filterRows(view, others, fields), problem: error };
  }
}

function compileFilter(filter: Filter, fields: readonly Field[]): (row: number) => boolean {
  if (filter.kind === 'expression') return compileExpression(filter.expression, fields);
  const field = fields.find(({ id }) => id === filter.fieldId);
  if (!field) return () => false;
  if (filter.kind === 'choices') {
    const keys = new Set(filter.keys);
    return (row) => keys.has(field.key(row));
  }
  if (filter.kind === 'tags')
    return (row) => filter.tags.some((tag) => field.has?.(row, tag) ?? false);
  if (filter.kind === 'text') {
    const query = filter.query.toLowerCase();
    return (row) => field.label(row).toLowerCase().includes(query);
  }
  return (row) => {
    const key = field.key(row);
    return filter.min <= key && key <= filter.max;
  };
}
