import { describe, expect, it } from 'vitest';

import { emptyTrialView } from '../../../src-renderer/trials/trial-view.ts';
import { hypervolumeInfo, hypervolumeModel } from '../../../src-renderer/charts/hypervolume.ts';
import {
  importanceHeight,
  importanceModel,
  objectiveImportancesModel,
} from '../../../src-renderer/charts/importance.ts';
import { chartTheme } from '../helpers/chart-theme.ts';
import { toView } from '../helpers/trial-columns.ts';

describe('importanceModel', () => {
  const result = {
    evaluator: 'fanova',
    importances: [
      { param: 'lr', importance: 0.75, deviation: 0.1 },
      { param: 'n_layers', importance: 0.25, deviation: null },
    ],
    reason: null,
    notes: [],
    nTrials: 40,
  };

  it('puts the most important parameter on top and tells its share', () => {
    const { layers, option, table } = importanceModel(result, chartTheme);
    expect(Array.from(layers[0]?.y ?? [])).toEqual([1, 0]);
    expect(layers[0]?.label?.(0)).toBe('lr: 0.75 ± 0.1');
    expect(option.xAxis[0]?.max).toBeGreaterThan(0.85);
    expect(table().cell(1, 0)).toBe('n_layers');
  });

  it('draws the first of many, and has all of them in its table', () => {
    const importances = Array.from({ length: 40 }, (_, i) => ({
      param: `a_parameter_with_a_long_name_${i}`,
      importance: 1 / 40,
      deviation: null,
    }));
    const { layers, note, table } = importanceModel({ ...result, importances }, chartTheme);
    expect(layers[0]?.x.length).toBe(30);
    expect(note).toContain('the first 30 of 40');
    expect(table().nRows).toBe(40);
  });

  it('says why there is nothing, in the words of the evaluator', () => {
    const empty = { ...result, importances: [], reason: 'All trials have the same value.' };
    expect(importanceModel(empty, chartTheme).emptyText).toBe('All trials have the same value.');
  });
});

describe('objectiveImportancesModel', () => {
  const resultOf = (shares: Record<string, number>, more = {}) => ({
    evaluator: 'ped-anova',
    importances: Object.entries(shares).map(([param, importance]) => ({
      param,
      importance,
      deviation: null,
    })),
    reason: null,
    notes: [],
    nTrials: 40,
    ...more,
  });

  it('has a group of bars for each parameter, that which matters most to all objectives on top', () => {
    const { layers, legend, table, note } = objectiveImportancesModel(
      [
        { title: 'accuracy', result: resultOf({ lr: 0.6, depth: 0.4 }) },
        { title: 'seconds', result: resultOf({ depth: 0.9, lr: 0.1 }) },
      ],
      chartTheme,
    );
    const [accuracy, seconds] = layers;
    expect(Array.from(accuracy?.x ?? [])).toEqual([0.4, 0.6]);
    expect(Array.from(seconds?.x ?? [])).toEqual([0.9, 0.1]);
    // Around 1 the bars of depth, around 0 those of lr; the first objective is the upper one.
    const [upper = 0, lower = 0] = [accuracy?.y[0], seconds?.y[0]];
    expect(upper + lower).toBeCloseTo(2);
    expect(upper).toBeGreaterThan(lower);
    expect(seconds?.label?.(0)).toBe('depth\nseconds: 0.9');
    expect(legend.map(({ label }) => label)).toEqual(['accuracy', 'seconds']);
    expect(legend.map(({ name }) => name)).toEqual(layers.map(({ seriesName }) => seriesName));
    expect(table().columns).toEqual(['Parameter', 'accuracy', 'seconds']);
    expect([0, 1, 2].map((column) => table().cell(1, column))).toEqual(['lr', 0.6, 0.1]);
    expect(note).toBe('from 40 trials');
  });

  it('draws the others where one objective cannot tell, and says which and why', () => {
    const constant = resultOf({}, { reason: 'All trials have the same value.', nTrials: 38 });
    const told = { title: 'accuracy', result: resultOf({ lr: 1 }) };
    const { layers, note, table, emptyText } = objectiveImportancesModel(
      [told, { title: 'parameters', result: constant }],
      chartTheme,
    );
    expect(emptyText).toBeUndefined();
    expect(layers.map(({ x }) => x.length)).toEqual([1, 0]);
    expect(table().cell(0, 2)).toBeNull();
    expect(note).toBe(
      'accuracy from 40 trials, parameters from 38 trials. parameters: All trials have the same value.',
    );
    const none = ['accuracy', 'parameters'].map((title) => ({ title, result: constant }));
    expect(objectiveImportancesModel(none, chartTheme).emptyText).toBe(
      'All trials have the same value.',
    );
  });

  it('draws fewer parameters the more objectives there are, and as high as its bars need', () => {
    const many = resultOf(
      Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`p${i}`, 1 / 40])),
    );
    const objectives = ['a', 'b', 'c'].map((title) => ({ title, result: many }));
    const { layers, table } = objectiveImportancesModel(objectives, chartTheme);
    expect(layers.map(({ x }) => x.length)).toEqual([10, 10, 10]);
    expect(table().nRows).toBe(40);
    expect(importanceHeight(40, 3)).toBe(importanceHeight(10, 3));
    expect(importanceHeight(4, 3)).toBeGreaterThan(importanceHeight(4));
  });
});

describe('hypervolumeInfo', () => {
  it('grows with the complete, feasible trials', () => {
    const view = toView([
      { number: 0, values: [2, 2] },
      { number: 1, state: 'pruned', values: [0, 0] },
      { number: 2, values: [1, 3] },
      { number: 3, values: [0, 0], isFeasible: false },
      { number: 4, values: [4, 4] },
    ]);
    const directions = ['minimize', 'minimize'] as const;
    const { numbers, hypervolumes, referencePoint } = hypervolumeInfo(view, { directions });
    expect([...numbers]).toEqual([0, 2, 3, 4]);
    const [x = NaN, y = NaN] = referencePoint;
    expect(hypervolumes[0]).toBeCloseTo((x - 2) * (y - 2), 9);
    expect(hypervolumes[1]).toBeCloseTo((x - 2) * (y - 2) + (y - 3), 9);
    expect(hypervolumes[3]).toBe(hypervolumes[1]);
    const { layers } = hypervolumeModel(view, { directions }, chartTheme);
    expect(Array.from(layers[0]?.trialNumbers ?? [])).toEqual([0, 2, 3, 4]);
    const given = hypervolumeInfo(view, { directions, referencePoint: [3, 4] });
    expect(given.referencePoint).toEqual([3, 4]);
    expect([...given.hypervolumes]).toEqual([2, 3, 3, 3]);
  });

  it('has nothing to draw before the first trials are here', () => {
    const directions = ['minimize', 'maximize'] as const;
    const { emptyText } = hypervolumeModel(emptyTrialView, { directions }, chartTheme);
    expect(emptyText).toMatch(/^No trial/);
  });

  it('says that there is no feasible trial, where there is none', () => {
    const view = toView([{ number: 0, values: [0, 0], isFeasible: false }]);
    const { emptyText, note } = hypervolumeModel(
      view,
      { directions: ['minimize', 'minimize'] },
      chartTheme,
    );
    expect(emptyText).toMatch(/^No feasible trial yet/);
    expect(note).toBeUndefined();
  });
});
