import { describe, expect, it } from 'vitest';

import type { TrialAnnotations } from '../../../src-main/contract/trials.ts';
import { bestOf } from '../../../src-renderer/trials/best.ts';
import { trialFields } from '../../../src-renderer/trials/fields.ts';
import { filterRows, type Filter } from '../../../src-renderer/trials/filter.ts';
import { countHidden, markView } from '../../../src-renderer/trials/marks.ts';
import { conditionalHistory, toView } from '../helpers/trial-columns.ts';

const { trials, distributions } = conditionalHistory();
const view = toView(trials, distributions);
const nothing: TrialAnnotations = { hidden: [], tags: {}, notes: {} };

describe('markView', () => {
  it('is the view itself where nothing was said', () => {
    expect(markView(view, nothing, false)).toBe(view);
  });

  it('is as if the hidden trials were not there', () => {
    const hidden = [0, 7, 39];
    const shown = markView(view, { ...nothing, hidden }, false);
    const { revision: _, ...expected } = toView(
      trials.filter(({ number }) => !hidden.includes(number)),
      distributions,
    );
    const { revision: __, marks: ___, ...actual } = shown;
    expect(actual).toEqual({ ...expected, marks: undefined });
    expect(shown.nTrials).toBe(37);
  });

  it('marks hidden trials where they are shown, and does not count them for the best', () => {
    const best = bestOf(view, 'maximize')!;
    const hidden = [view.numbers[best.row] as number];
    const shown = markView(view, { ...nothing, hidden }, true);
    expect(shown.nTrials).toBe(view.nTrials);
    expect(shown.marks?.isHidden[best.row]).toBe(1);
    const next = bestOf(shown, 'maximize')!;
    expect(next.row).not.toBe(best.row);
    expect(next).toEqual({
      ...bestOf(markView(view, { ...nothing, hidden }, false), 'maximize'),
      row: next.row,
      tiedRows: next.tiedRows,
    });
  });

  it('counts those that are there', () => {
    expect(countHidden(view, { ...nothing, hidden: [1, 2, 999] })).toBe(2);
  });
});

describe('fields of what was said', () => {
  const tags = { 1: ['good', 'odd'], 4: ['good'], 6: ['zebra'] };
  const marked = markView(
    view,
    { hidden: [], tags, notes: { 4: 'Learning rate too high?' } },
    false,
  );
  const fields = trialFields(marked, null);
  const numbersOf = (filter: Filter): number[] =>
    Array.from(filterRows(marked, [filter], fields).rows, (row) => marked.numbers[row] as number);

  it('filter by one of several tags', () => {
    expect(numbersOf({ kind: 'tags', fieldId: 'tags', tags: ['odd', 'zebra'] })).toEqual([1, 6]);
    expect(numbersOf({ kind: 'tags', fieldId: 'tags', tags: ['gone'] })).toEqual([]);
  });

  it('filter by text, in any case', () => {
    expect(numbersOf({ kind: 'text', fieldId: 'note', query: 'LEARNING' })).toEqual([4]);
  });

  it('are there for expressions', () => {
    expect(numbersOf({ kind: 'expression', expression: 'tags contains "goo"' })).toEqual([1, 4]);
    expect(numbersOf({ kind: 'expression', expression: 'not note == null' })).toEqual([4]);
  });

  it('sort as text', () => {
    const field = fields.find(({ id }) => id === 'tags')!;
    expect(field.label(1)).toBe('good, odd');
    expect(field.key(4)).toBeLessThan(field.key(1));
    expect(field.key(0)).toBeNaN();
    expect(fields.some(({ id }) => id === 'note')).toBe(true);
    expect(trialFields(view, null).some(({ id }) => id === 'tags')).toBe(false);
  });
});
