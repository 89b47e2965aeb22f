import { z } from 'zod';

import { savedFilterSchema, type SavedFilter } from '../../src-main/contract/saved-views.ts';
import type { Field } from './fields.ts';
import type { Filter } from './filter.ts';

/** Filters so that they mean the same in another study, and after a restart. */
export function toSavedFilters(
  filters: readonly Filter[],
  fields: ReadonlyMap<string, Field>,
): SavedFilter[] {
  return filters.map((filter): SavedFilter => {
    if (filter.kind === 'range') {
      const { min, max } = filter;
      return { ...filter, min: finiteOrNull(min), max: finiteOrNull(max) };
    }
    if (filter.kind === 'tags') return { ...filter, tags: [...filter.tags] };
    if (filter.kind !== 'choices') return filter;
    const { fieldId, keys } = filter;
    const choices = fields.get(fieldId)?.choices;
    return { kind: 'choices', fieldId, labels: keys.flatMap((key) => choices?.[key] ?? []) };
  });
}

/** A choice that the study does not have passes nothing. */
export function fromSavedFilters(
  saved: readonly SavedFilter[],
  fields: ReadonlyMap<string, Field>,
): Filter[] {
  return saved.map((filter): Filter => {
    if (filter.kind === 'range')
      return { ...filter, min: filter.min ?? -Infinity, max: filter.max ?? Infinity };
    if (filter.kind !== 'choices') return filter;
    const { fieldId, labels } = filter;
    const choices = fields.get(fieldId)?.choices ?? [];
    const keys = labels.map((label) => choices.indexOf(label)).filter((key) => key >= 0);
    return { kind: 'choices', fieldId, keys };
  });
}

/** For the address: an expression alone as it is, all else as JSON; empty where there are none. */
export function filtersToText(saved: readonly SavedFilter[]): string {
  const [first] = saved;
  if (saved.length === 1 && first?.kind === 'expression') return first.expression;
  return saved.length === 0 ? '' : JSON.stringify(saved);
}

/** What cannot be understood is no filter. */
export function filtersFromText(text: string): SavedFilter[] {
  if (text === '') return [];
  // No expression begins so.
  if (!text.startsWith('[')) return [{ kind: 'expression', expression: text }];
  try {
    return z.array(savedFilterSchema).parse(JSON.parse(text));
  } catch {
    return [];
  }
}

function finiteOrNull(bound: number): number | null {
  return Number.isFinite(bound) ? bound : null;
}
