import { describe, expect, it } from 'vitest';

import {
  createCategoricalDistribution,
  createFloatDistribution,
} from '../../../src-main/tuner/distributions.ts';
import { onlyFront, onlyInfeasible, trialFields } from '../../../src-renderer/trials/fields.ts';
import { filterRows, type Filter } from '../../../src-renderer/trials/filter.ts';
import { sortRows } from '../../../src-renderer/trials/sort.ts';
import { stateCode } from '../../../src-renderer/trials/trial-view.ts';
import { toView } from '../helpers/trial-columns.ts';

const distributions = {
  x: createFloatDistribution(0, 1),
  act: createCategoricalDistribution(['relu', 'tanh']),
};
const view = toView(
  [
    { number: 0, values: [-1], params: { x: 0, act: 'relu' }, userAttrs: { note: 'b 10' } },
    { number: 1, state: 'fail' },
    { number: 2, values: [0], params: { x: 0.5 }, userAttrs: { note: 'b 9' } },
    { number: 3, state: 'pruned', values: [2], params: { x: 0, act: 'tanh' } },
  ],
  distributions,
);
const fields = trialFields(view, null);
const all = filterRows(view, [], fields).rows;
const sorted = (...sorts: [string, boolean][]): number[] => [
  ...sortRows(
    all,
    sorts.map(([fieldId, isDescending]) => ({ fieldId, isDescending })),
    fields,
  ),
];

describe('sortRows', () => {
  it('puts missing values last in either direction', () => {
    expect(sorted(['value:0', false])).toEqual([0, 2, 3, 1]);
    expect(sorted(['value:0', true])).toEqual([3, 2, 0, 1]);
  });

  it('treats a parameter of value 0 as a value', () => {
    expect(sorted(['param:x', false])).toEqual([0, 3, 2, 1]);
  });

  it('sorts by several fields', () => {
    expect(sorted(['param:x', false], ['value:0', true])).toEqual([3, 0, 2, 1]);
  });

  it('orders text with numbers in it as people do', () => {
    expect(sorted(['attr:note', false])).toEqual([2, 0, 1, 3]);
  });

  it('leaves out sorts by fields that are not there', () => {
    expect(sorted(['param:gone', true])).toEqual([0, 1, 2, 3]);
  });
});

describe('filterRows', () => {
  it('keeps everything without filters', () => {
    expect([...all]).toEqual([0, 1, 2, 3]);
    expect(filterRows(view, [], fields).mask).toBeNull();
  });

  it('keeps a range, bounds included, and no trial without the field', () => {
    const { rows, mask } = filterRows(
      view,
      [{ kind: 'range', fieldId: 'param:x', min: 0, max: 0.25 }],
      fields,
    );
    expect([...rows]).toEqual([0, 3]);
    expect([...(mask ?? [])]).toEqual([1, 0, 0, 1]);
  });

  it('keeps chosen states and choices, all filters together', () => {
    const states = {
      kind: 'choices',
      fieldId: 'state',
      keys: [stateCode.complete, stateCode.pruned],
    } as const;
    expect([...filterRows(view, [states], fields).rows]).toEqual([0, 2, 3]);
    const relu = { kind: 'choices', fieldId: 'param:act', keys: [0] } as const;
    expect([...filterRows(view, [states, relu], fields).rows]).toEqual([0]);
  });

  it('tells the Pareto front and infeasible trials apart, where there are any', () => {
    const two = toView([
      { number: 0, values: [1, 2] },
      { number: 1, values: [2, 3] },
      { number: 2, values: [0, 0], isFeasible: false },
      { number: 3, state: 'pruned' },
      { number: 4, values: [2, 1] },
    ]);
    const fieldsOfTwo = trialFields(two, null, ['minimize', 'minimize']);
    const rowsOf = (...filters: Filter[]): number[] => [
      ...filterRows(two, filters, fieldsOfTwo).rows,
    ];
    expect(rowsOf(onlyFront)).toEqual([0, 4]);
    expect(rowsOf(onlyInfeasible)).toEqual([2]);
    expect(rowsOf({ kind: 'expression', expression: 'front = false and feasible' })).toEqual([1]);
    const ids = fields.map(({ id }) => id);
    expect(ids).not.toContain('front');
    expect(ids).not.toContain('feasible');
  });

  it('keeps nothing by a field that is not there', () => {
    const gone = { kind: 'range', fieldId: 'param:gone', min: 0, max: 1 } as const;
    expect(filterRows(view, [gone], fields).rows).toHaveLength(0);
  });
});
