import { describe, expect, it } from 'vitest';

import {
  createCategoricalDistribution,
  createFloatDistribution,
} from '../../../src-main/tuner/distributions.ts';
import {
  brushFilters,
  N_BINS,
  NOT_USED,
  parallelInfo,
  parallelModel,
} from '../../../src-renderer/charts/parallel-coordinates.ts';
import { trialFields } from '../../../src-renderer/trials/fields.ts';
import { filterRows } from '../../../src-renderer/trials/filter.ts';
import { chartTheme } from '../helpers/chart-theme.ts';
import { targetOf } from '../helpers/targets.ts';
import { conditionalHistory, flatHistory, toView } from '../helpers/trial-columns.ts';

const distributions = {
  lr: createFloatDistribution(1e-4, 1, { log: true }),
  x: createFloatDistribution(0, 2),
  act: createCategoricalDistribution(['relu', 'tanh', 'elu']),
};
const view = toView(
  [
    { number: 0, values: [3], params: { lr: 1e-4, x: 0, act: 'relu' } },
    { number: 1, values: [1], params: { lr: 1, x: 2 } },
    { number: 2, state: 'pruned', values: [2], params: { lr: 1e-2, x: 1, act: 'elu' } },
    { number: 3, state: 'fail', params: { lr: 1e-2, x: 1, act: 'elu' } },
  ],
  distributions,
);
const fields = trialFields(view, null).filter(({ group }) => group === 'param');
const options = { fields, target: targetOf(view) };

describe('parallelInfo', () => {
  it('puts trials on the axes, logarithmic ones too, and those without a parameter below', () => {
    const { rows, units, axes } = parallelInfo(view, options);
    const lines = Object.fromEntries(
      Array.from(rows, (row, i) => [
        row,
        [...units.slice(i * 3, i * 3 + 3)].map((unit) => Number(unit.toFixed(9))),
      ]),
    );
    expect(lines).toEqual({ 0: [0, 0, 0], 1: [1, 1, NOT_USED], 2: [0.5, 0.5, 1] });
    expect(axes.map(({ nWithout }) => nWithout)).toEqual([0, 0, 1]);
  });

  it('keeps one outlier from flattening all other trials, and says where it lies', () => {
    const study = toView(
      Array.from({ length: 20 }, (_, number) => ({
        number,
        values: [number === 7 ? 1e20 : number],
        params: { x: number / 10 },
      })),
      { x: createFloatDistribution(0, 2) },
    );
    const axesOf = trialFields(study, null).filter(
      ({ id, group }) => id === 'value:0' || group === 'param',
    );
    const { axes, units, rows } = parallelInfo(study, { fields: axesOf, target: targetOf(study) });
    expect(axes[0]).toMatchObject({ range: [0, 19], hasLower: false, hasHigher: true });
    expect(axes[1]).toMatchObject({ hasLower: false, hasHigher: false });
    const unitOfTrial = (number: number): number => units[[...rows].indexOf(number) * 2] as number;
    expect([0, 19, 7].map(unitOfTrial)).toEqual([0, 1, 1]);
  });

  it('has the best in front, and behind all others what does not count', () => {
    const { rows, ranks } = parallelInfo(view, options);
    expect([...rows]).toEqual([2, 0, 1]);
    expect([...ranks]).toEqual([NaN, 0, 1]);
  });

  it('has numbers and not their texts in its table, which is exported', () => {
    const table = parallelModel(view, options, chartTheme).table();
    const cells = table.columns.map((_, column) => table.cell(2, column));
    expect(cells.slice(0, 4)).toEqual([1, 1, 2, '']);
  });

  it('shows every conditional parameter of the reference history', () => {
    const { trials, distributions: space } = conditionalHistory();
    const study = toView(trials, space);
    const model = parallelModel(
      study,
      {
        fields: trialFields(study, null).filter(({ group }) => group === 'param'),
        target: targetOf(study, 'maximize'),
      },
      chartTheme,
    );
    expect(model.emptyText).toBeUndefined();
    expect(model.layers[0]?.x.length).toBe(39 * 7);
  });

  it('counts how many trials go from where to where when there are too many for lines', () => {
    const { trials, distributions: space } = flatHistory();
    const study = toView(trials, space);
    const { density, rows, nTrials } = parallelInfo(study, {
      fields: trialFields(study, null).filter(({ group }) => group === 'param'),
      target: targetOf(study),
      maxLines: 50,
    });
    expect(nTrials).toBe(100);
    expect(rows.length).toBe(100);
    for (const counts of density ?? []) {
      expect(counts).toHaveLength((N_BINS + 1) ** 2);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(100);
    }
  });
});

describe('brushFilters', () => {
  const { axes } = parallelInfo(view, options);
  const passing = (x: [number, number], y: [number, number]): number[] => [
    ...filterRows(view, brushFilters(axes, x, y), trialFields(view, null)).rows,
  ];

  it('filters by every axis the rectangle crosses', () => {
    expect(passing([-0.2, 0.2], [0.4, 0.6])).toEqual([2, 3]);
    expect(passing([-0.2, 1.2], [0.9, 1.1])).toEqual([1]);
  });

  it('keeps the trials at the very ends of an axis', () => {
    expect(passing([-0.2, 0.2], [-0.05, 0.1])).toEqual([0]);
    expect(passing([-0.2, 0.2], [0.9, 1.05])).toEqual([1]);
  });

  it('takes the nearest axis when it crosses none', () => {
    expect(
      brushFilters(axes, [0.8, 0.9], [0.4, 0.6]).map(
        (filter) => 'fieldId' in filter && filter.fieldId,
      ),
    ).toEqual(['param:x']);
  });
});
