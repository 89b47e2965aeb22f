import { describe, expect, it } from 'vitest';

import { savedFilterSchema, type SavedFilter } from '../../../src-main/contract/saved-views.ts';
import { createCategoricalDistribution } from '../../../src-main/tuner/distributions.ts';
import { trialFields } from '../../../src-renderer/trials/fields.ts';
import type { Filter } from '../../../src-renderer/trials/filter.ts';
import {
  filtersFromText,
  filtersToText,
  fromSavedFilters,
  toSavedFilters,
} from '../../../src-renderer/trials/saved-filters.ts';
import { toView } from '../helpers/trial-columns.ts';

/** The fields of a study whose one parameter has these choices. */
function fieldsOf(...choices: string[]) {
  const view = toView([{ number: 0, values: [1], params: { kind: choices[0] ?? '' } }], {
    kind: createCategoricalDistribution(choices),
  });
  return new Map(trialFields(view, null).map((field) => [field.id, field]));
}

const filters: readonly Filter[] = [
  { kind: 'range', fieldId: 'value:0', min: 0.5, max: Infinity },
  { kind: 'choices', fieldId: 'param:kind', keys: [1, 0] },
  { kind: 'tags', fieldId: 'tags', tags: ['good'] },
  { kind: 'text', fieldId: 'attr:note', query: 'odd & "quoted"' },
  { kind: 'expression', expression: 'value > 0.9 and kind == "a"' },
];

describe('saved filters', () => {
  it('come back as they were', () => {
    const fields = fieldsOf('a', 'b');
    for (const some of [filters, filters.toReversed()]) {
      const text = filtersToText(toSavedFilters(some, fields));
      expect(fromSavedFilters(filtersFromText(text), fields)).toEqual(some);
    }
  });

  it('have no number that settings cannot keep', () => {
    const all = { kind: 'range', fieldId: 'number', min: -Infinity, max: Infinity } as const;
    const [saved] = toSavedFilters([all], new Map());
    expect(savedFilterSchema.parse(saved)).toEqual({ ...all, min: null, max: null });
    expect(fromSavedFilters([saved as SavedFilter], new Map())).toEqual([all]);
  });

  it('mean the same choices where these stand in another order, and nothing where they are gone', () => {
    const saved = toSavedFilters([filters[1] as Filter], fieldsOf('a', 'b', 'c'));
    expect(saved).toEqual([{ kind: 'choices', fieldId: 'param:kind', labels: ['b', 'a'] }]);
    expect(fromSavedFilters(saved, fieldsOf('c', 'b'))).toEqual([
      { kind: 'choices', fieldId: 'param:kind', keys: [1] },
    ]);
    expect(fromSavedFilters(saved, new Map())).toEqual([
      { kind: 'choices', fieldId: 'param:kind', keys: [] },
    ]);
  });

  it('are readable in the address where there is an expression only', () => {
    const [expression] = filters.slice(-1) as [Filter];
    expect(filtersToText(toSavedFilters([expression], new Map()))).toBe(
      'value > 0.9 and kind == "a"',
    );
    expect(filtersToText([])).toBe('');
    expect(filtersFromText('')).toEqual([]);
  });

  it.each(['[', '[{"kind":"evil"}]', '[{"kind":"range","fieldId":7}]', '[1]', '[{}]'])(
    'are none where the address says %s',
    (text) => expect(filtersFromText(text)).toEqual([]),
  );
});
