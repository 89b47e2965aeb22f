import { describe, expect, it } from 'vitest';

import {
  createCategoricalDistribution,
  createFloatDistribution,
  createIntDistribution,
} from '../../../src-main/tuner/distributions.ts';
import { contourInfo, contourModel } from '../../../src-renderer/charts/contour.ts';
import { rankInfo, rankModel } from '../../../src-renderer/charts/rank.ts';
import { chartTheme } from '../helpers/chart-theme.ts';
import { paramOf, targetOf } from '../helpers/targets.ts';
import { conditionalHistory, toView } from '../helpers/trial-columns.ts';

const distributions = {
  x: createFloatDistribution(-1, 1),
  y: createFloatDistribution(-1, 1),
  act: createCategoricalDistribution(['relu', 'tanh', 'elu']),
  n: createIntDistribution(1, 3),
};
/** Pruned and failed trials stand before and between complete ones. */
const view = toView(
  [
    { number: 0, state: 'fail', params: { x: 0.9, y: 0.9 } },
    { number: 1, values: [3], params: { x: 0, y: -0.5, act: 'elu', n: 1 } },
    { number: 2, state: 'pruned', values: [-9], params: { x: -0.9, y: 0.9, act: 'relu' } },
    { number: 3, values: [1], params: { x: 0.5, y: 0, act: 'relu', n: 3 } },
    { number: 4, values: [2], params: { x: 0.7 } },
    { number: 5, values: [0], isFeasible: false, params: { x: 0.2, y: 0.2 } },
  ],
  distributions,
);
const options = {
  x: paramOf(view, 'x'),
  y: paramOf(view, 'y'),
  target: targetOf(view),
};

// Optuna Dashboard takes the axis values of complete trials from a list over all trials, so that after a pruned or failed one
// every point is drawn at another trial's place; and it drops parameters whose value is 0.
describe.each([
  ['contour', contourModel],
  ['rank', rankModel],
])('%s', (_, model) => {
  it('draws each trial at its own parameters, a value of 0 included', () => {
    const [layer] = model(view, options, chartTheme).layers;
    const points = Array.from(layer?.trialNumbers ?? [], (number, i) => [
      number,
      layer?.x[i],
      layer?.y[i],
    ]).sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
    expect(points).toEqual([
      [1, 0, -0.5],
      [3, 0.5, 0],
    ]);
  });

  it('says how many trials have both parameters', () => {
    expect(model(view, options, chartTheme).note).toBe('2 of 3 trials have both');
  });

  it('is not empty because a parameter is conditional', () => {
    const { trials, distributions: space } = conditionalHistory();
    const study = toView(trials, space);
    const pair = {
      x: paramOf(study, 'hidden_dim_layer_2'),
      y: paramOf(study, 'learning_rate'),
      target: targetOf(study, 'maximize'),
    };
    const expected = trials.filter(
      ({ state, params = {} }) => state === 'complete' && 'hidden_dim_layer_2' in params,
    );
    const { layers, note, emptyText } = model(study, pair, chartTheme);
    expect(emptyText).toBeUndefined();
    expect(layers[0]?.x.length).toBe(expected.length);
    expect(note).toBe(`${expected.length} of 30 trials have both`);
  });

  it('says why it is empty', () => {
    const never = toView(
      [
        { number: 0, values: [1], params: { x: 0 } },
        { number: 1, values: [1], params: { y: 0 } },
      ],
      distributions,
    );
    const pair = { x: paramOf(never, 'x'), y: paramOf(never, 'y'), target: targetOf(never) };
    expect(model(never, pair, chartTheme).emptyText).toBeDefined();
  });

  it('lists choices by name in its table', () => {
    const pair = { ...options, y: paramOf(view, 'act') };
    const table = model(view, pair, chartTheme).table();
    const rows = Array.from({ length: table.nRows }, (_, i) => [
      table.cell(i, 0),
      table.cell(i, 2),
    ]);
    expect(rows.sort()).toEqual([
      [1, 'elu'],
      [3, 'relu'],
    ]);
  });
});

describe('contourModel', () => {
  it('is drawn in one go, as ECharts lets what it draws bit by bit lie over the axes', () => {
    const { series } = contourModel(view, options, chartTheme).option;
    expect(series).toContainEqual(
      expect.objectContaining({ type: 'custom', clip: true, progressive: 0 }),
    );
  });

  it('says what its colours are of', () => {
    expect(contourModel(view, options, chartTheme).ramp?.title).toBe(options.target.title);
  });
});

describe('rankInfo', () => {
  it('ranks among all trials that count, ties alike, the worst first', () => {
    const ties = toView(
      [5, 1, 1, 3].map((value, number) => ({ number, values: [value], params: { x: 0, y: 0 } })),
      distributions,
    );
    const pair = { x: paramOf(ties, 'x'), y: paramOf(ties, 'y') };
    const down = rankInfo(ties, { ...pair, target: targetOf(ties, 'minimize') });
    expect([...down.rows]).toEqual([0, 3, 1, 2]);
    expect([...down.ranks]).toEqual([0, 1 / 3, 2.5 / 3, 2.5 / 3]);
    const up = rankInfo(ties, { ...pair, target: targetOf(ties, 'maximize') });
    expect([...up.rows]).toEqual([1, 2, 3, 0]);
  });
});

describe('contourInfo', () => {
  const at = (info: ReturnType<typeof contourInfo>, x: number, y: number): number => {
    const cell = (edges: Float64Array, value: number): number =>
      edges.findIndex(
        (edge, i) => i + 1 < edges.length && edge <= value && value < (edges[i + 1] as number),
      );
    return info.surface[
      cell(info.lineEdges, y) * info.nColumns + cell(info.columnEdges, x)
    ] as number;
  };

  it('is near the values of the trials, where trials are, and knows nothing elsewhere', () => {
    const info = contourInfo(view, options);
    expect(at(info, 0, -0.5)).toBeCloseTo(3, 3);
    expect(at(info, 0.5, 0)).toBeCloseTo(1, 3);
    expect(at(info, -0.9, 0.9)).toBeNaN();
    expect(at(info, 0.9, 0.9)).toBeNaN();
  });

  it('shows the cells of the first and the last value as wide as the others', () => {
    const info = contourInfo(view, { ...options, x: paramOf(view, 'n'), y: paramOf(view, 'act') });
    expect([...info.columnEdges]).toEqual([0.5, 1.5, 2.5, 3.5]);
    expect(info.x.range).toEqual([0.5, 3.5]);
    expect(info.y.range).toEqual([-0.6, 2.6]);
  });

  it('follows a smooth function', () => {
    const trials = Array.from({ length: 900 }, (_, number) => {
      const [x, y] = [-1 + (2 * (number % 30)) / 29, -1 + (2 * Math.floor(number / 30)) / 29];
      return { number, values: [x * x + y], params: { x, y } };
    });
    const grid = toView(trials, distributions);
    const info = contourInfo(grid, {
      x: paramOf(grid, 'x'),
      y: paramOf(grid, 'y'),
      target: targetOf(grid),
    });
    for (const [x, y] of [
      [0, 0],
      [0.5, -0.5],
      [-0.7, 0.6],
    ] as const)
      expect(at(info, x, y)).toBeCloseTo(x * x + y, 1);
  });

  it('does not smooth between choices, nor between the values of a parameter that has few', () => {
    const info = contourInfo(view, { ...options, x: paramOf(view, 'act'), y: paramOf(view, 'n') });
    expect([info.nColumns, info.nLines]).toEqual([3, 3]);
    expect([...info.columnEdges]).toEqual([-0.5, 0.5, 1.5, 2.5]);
    expect([...info.lineEdges]).toEqual([0.5, 1.5, 2.5, 3.5]);
    expect([...info.surface]).toEqual([NaN, NaN, 3, NaN, NaN, NaN, 1, NaN, NaN]);
  });

  it('leaves out what a filter leaves out', () => {
    const info = contourInfo(view, { ...options, mask: Uint8Array.of(1, 0, 1, 1, 1, 1) });
    expect([...info.rows]).toEqual([3]);
  });
});
