import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createFloatDistribution } from '../../../src-main/tuner/distributions.ts';
import { TrialTable } from '../../../src-renderer/trials/trial-table.ts';
import { rowOfTrial, type TrialView } from '../../../src-renderer/trials/trial-view.ts';
import { conditionalHistory, toTrialColumns, type PlainTrial } from '../helpers/trial-columns.ts';

const distributions = {
  x: createFloatDistribution(0, 1),
  y: createFloatDistribution(0, 1),
};

function plain(view: TrialView): unknown {
  const column = (values: ArrayLike<number>): (number | string)[] =>
    Array.from(values, (value) => (Number.isNaN(value) ? 'NaN' : value));
  const sortByName = <T extends { name: string }>(entries: T[]): T[] =>
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    trialIds: column(view.trialIds),
    numbers: column(view.numbers),
    states: column(view.states),
    values: view.values.map(column),
    lastSteps: column(view.lastSteps),
    lastValues: column(view.lastValues),
    params: sortByName(
      view.params.map(({ name, values }) => ({ name, values: column(values) })),
    ).filter(({ values }) => values.some((value) => value !== 'NaN')),
    attrs: sortByName(view.userAttrs.map(({ name, values }) => ({ name, values }))).filter(
      ({ values }) => values.some((value) => value !== null),
    ),
  };
}

describe('TrialTable', () => {
  it('is empty before the first change', () => {
    expect(new TrialTable().view().nTrials).toBe(0);
    expect(new TrialTable().generation).toBeNull();
  });

  it('shows all trials of a full list', () => {
    const { trials, distributions: space } = conditionalHistory();
    const table = new TrialTable();
    table.apply(toTrialColumns(trials, space));
    const view = table.view();
    expect(view.nTrials).toBe(40);
    expect(view.params.map(({ name }) => name)).toContain('hidden_dim_layer_2');
    expect(rowOfTrial(view, 39)).toBe(39);
    expect(rowOfTrial(view, 40)).toBe(-1);
  });

  it('replaces known trials, adds new ones, and clears what a trial no longer has', () => {
    const table = new TrialTable();
    table.apply(
      toTrialColumns(
        [{ number: 0, state: 'running', params: { x: 0.5 }, userAttrs: { a: 1 } }],
        distributions,
      ),
    );
    table.apply(
      toTrialColumns(
        [
          { number: 0, values: [3], params: { y: 0.25 } },
          { number: 1, state: 'running', params: { x: 0.75 }, userAttrs: { b: 'new' } },
        ],
        distributions,
        { isComplete: false, revision: 2 },
      ),
    );
    expect(plain(table.view())).toMatchObject({
      numbers: [0, 1],
      states: [1, 0],
      values: [[3, 'NaN']],
      params: [
        { name: 'x', values: ['NaN', 0.75] },
        { name: 'y', values: [0.25, 'NaN'] },
      ],
      attrs: [{ name: 'b', values: [null, 'new'] }],
    });
  });

  it('keeps rows in the order of trial numbers, whatever order they come in', () => {
    const table = new TrialTable();
    table.apply(toTrialColumns([{ number: 0 }, { number: 3 }], {}));
    table.apply(
      toTrialColumns(
        [
          { number: 2, values: [2] },
          { number: 1, values: [1] },
        ],
        {},
        {
          isComplete: false,
          revision: 2,
        },
      ),
    );
    expect([...table.view().numbers]).toEqual([0, 1, 2, 3]);
    expect([...(table.view().values[0] ?? [])]).toEqual([NaN, 1, 2, NaN]);
  });

  it('asks for everything again when the generation is another one', () => {
    const table = new TrialTable();
    table.apply(toTrialColumns([{ number: 0 }], {}));
    const other = { isComplete: false, generation: 'g2' };
    expect(table.apply(toTrialColumns([{ number: 1 }], {}, other))).toBe(false);
    expect(table.view().nTrials).toBe(1);
    expect(table.apply(toTrialColumns([{ number: 1 }], {}, { generation: 'g2' }))).toBe(true);
    expect([...table.view().numbers]).toEqual([1]);
  });

  it('ignores a change that is older than what it has', () => {
    const table = new TrialTable();
    table.apply(toTrialColumns([{ number: 0, values: [2] }], {}, { revision: 5 }));
    table.apply(
      toTrialColumns([{ number: 0, values: [1] }], {}, { isComplete: false, revision: 4 }),
    );
    expect(table.view().values[0]?.[0]).toBe(2);
  });

  it('equals, after any changes, the table of what is left, also when changes come twice', () => {
    const trial = fc.record({
      number: fc.nat(30),
      value: fc.option(fc.integer({ min: -5, max: 5 }), { nil: undefined }),
      x: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
      y: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
      attr: fc.option(fc.string(), { nil: undefined }),
    });
    const change = fc.record({
      trials: fc.uniqueArray(trial, { selector: ({ number }) => number, maxLength: 12 }),
      deleted: fc.array(fc.nat(30), { maxLength: 3 }),
      isTwice: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
        const table = new TrialTable();
        table.apply(toTrialColumns([], {}));
        const known = new Map<number, PlainTrial>();
        changes.forEach(({ trials, deleted, isTwice }, i) => {
          const rows = trials.map(({ number, value, x, y, attr }): PlainTrial => ({
            number,
            values: value === undefined ? undefined : [value],
            params: { ...(x === undefined ? {} : { x }), ...(y === undefined ? {} : { y }) },
            userAttrs: attr === undefined ? {} : { attr },
          }));
          for (const number of deleted) known.delete(number);
          for (const row of rows) known.set(row.number, row);
          for (let time = 0; time < (isTwice ? 2 : 1); time++)
            table.apply(
              toTrialColumns(rows, distributions, {
                isComplete: false,
                revision: i + 2,
                deletedTrialIds: Int32Array.from(deleted, (number) => number + 1),
              }),
            );
        });
        const expected = new TrialTable();
        const left = [...known.values()].sort((a, b) => a.number - b.number);
        expected.apply(toTrialColumns(left, distributions));
        expect(plain(table.view())).toEqual(plain(expected.view()));
      }),
      { numRuns: 200 },
    );
  });
});
