import { describe, expect, it } from 'vitest';
import type Path from 'zrender/lib/graphic/Path.js';

import { createChart } from '../../../src-renderer/charts/echarts.ts';
import { chartGeometry, nearestPoint } from '../../../src-renderer/charts/geometry.ts';
import {
  optimizationHistoryInfo,
  optimizationHistoryModel,
  optimizationHistoryOption,
} from '../../../src-renderer/charts/optimization-history.ts';
import { createShownTrials, type Look } from '../../../src-renderer/work/shown-trials.ts';
import { runWork } from '../../../src-renderer/work/works.ts';
import { chartTheme } from '../helpers/chart-theme.ts';
import { conditionalHistory, flatHistory, toView, type History } from '../helpers/trial-columns.ts';

const viewOf = ({ trials, distributions }: History) => toView(trials, distributions);
const minimize = { direction: 'minimize', valueTitle: 'Value' } as const;
const maximize = { direction: 'maximize', valueTitle: 'Value' } as const;

const plainLook: Look = {
  annotations: { hidden: [], tags: {}, notes: {} },
  showsHidden: false,
  metricNames: null,
  directions: [],
  filters: [],
};

describe('optimizationHistoryInfo', () => {
  it('draws every trial of the reference history once, by its state', () => {
    const info = optimizationHistoryInfo(viewOf(conditionalHistory()), maximize);
    const counts = info.points.map(({ kind, numbers }) => [kind, numbers.length]);
    expect(Object.fromEntries(counts)).toEqual({ complete: 30, pruned: 8, running: 1 });
    expect(info.withoutValue.map(({ numbers }) => [...numbers])).toEqual([[20]]);
  });

  it('names no best value where there is none', () => {
    const infeasible = toView([{ number: 0, values: [3], isFeasible: false }]);
    const { legend } = optimizationHistoryModel(infeasible, minimize, chartTheme);
    expect(legend.map(({ name }) => name)).toEqual(['Infeasible']);
  });

  it('leaves no corner out of the line, however small the step', () => {
    const values = [1, 0.999, 0];
    const view = toView(values.map((value, number) => ({ number, values: [value] })));
    const chart = createChart(null, { renderer: 'svg', ssr: true, width: 640, height: 400 });
    chart.setOption({
      ...optimizationHistoryOption(optimizationHistoryInfo(view, minimize), chartTheme),
    });
    const shapes = chart.getZr().storage.getDisplayList(true);
    const lines = shapes.filter(({ type }) => type === 'ec-polyline') as unknown as Path[];
    expect(lines.map(({ segmentIgnoreThreshold }) => segmentIgnoreThreshold)).toEqual([0]);
    chart.dispose();
  });

  it('has the best value so far after each complete trial', () => {
    const history = flatHistory();
    const info = optimizationHistoryInfo(viewOf(history), minimize);
    let best = Infinity;
    const expected = history.trials.map(
      ({ values }) => (best = Math.min(best, values?.[0] ?? NaN)),
    );
    expect([...info.best.y]).toEqual(expected);
  });

  it('never lets pruned or infeasible trials be the best', () => {
    const info = optimizationHistoryInfo(
      toView([
        { number: 0, values: [3] },
        { number: 1, state: 'pruned', values: [1] },
        { number: 2, values: [0], isFeasible: false },
        { number: 3, values: [2] },
      ]),
      minimize,
    );
    expect([...info.best.x]).toEqual([0, 3]);
    expect([...info.best.y]).toEqual([3, 2]);
    expect(info.points.map(({ kind }) => kind)).toEqual(['infeasible', 'pruned', 'complete']);
  });

  it('draws what was reported at a step, on the axis what was not, and nothing of what is not known', () => {
    const view = toView([
      { number: 0, values: [3], intermediate: [[5, 30]] },
      { number: 1, state: 'pruned', values: [1], intermediate: [[1, 9]] },
      { number: 2, values: [2], intermediate: [[5, 10]] },
      { number: 3, state: 'running', intermediate: [[5, 20]] },
      { number: 4, state: 'fail' },
      { number: 5, state: 'waiting' },
    ]);
    const reports = {
      numbers: Int32Array.of(0, 1, 3),
      values: Float64Array.of(30, NaN, 20),
    };
    const options = { ...minimize, reports };
    const trials = createShownTrials(view, view, plainLook);
    const info = runWork('history', trials, options);
    const drawn = info.points.map(({ kind, numbers, y }) => [kind, ...numbers, ...y]);
    expect(drawn).toEqual([
      ['complete', 0, 30],
      ['running', 3, 20],
    ]);
    expect(info.withoutValue.map(({ numbers }) => [...numbers])).toEqual([[1], [4]]);
    // The best is of the objective.
    expect(info.best.x).toHaveLength(0);
    const model = optimizationHistoryModel(view, options, chartTheme, info);
    expect(model.legend.map(({ name }) => name)).not.toContain('Best so far');
    expect(model.layers.map(({ yFieldId }) => yFieldId)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('puts running trials at their last report and those without a value on the axis', () => {
    const info = optimizationHistoryInfo(
      toView([
        { number: 0, state: 'running', intermediate: [[0, 0.5]] },
        { number: 1, state: 'running' },
        { number: 2, state: 'fail', values: [7] },
        { number: 3, state: 'waiting' },
      ]),
      minimize,
    );
    expect(info.points).toMatchObject([{ kind: 'running', y: Float64Array.of(0.5) }]);
    expect(info.withoutValue.map(({ kind, numbers }) => [kind, [...numbers]])).toEqual([
      ['running', [1]],
      ['fail', [2]],
    ]);
  });

  it('orders the best line by the time axis that is shown', () => {
    const view = toView([
      { number: 0, values: [1], startedAtMs: 0, completedAtMs: 900 },
      { number: 1, values: [2], startedAtMs: 10, completedAtMs: 300 },
      { number: 2, values: [0.5], startedAtMs: 20, completedAtMs: 1000 },
    ]);
    const info = optimizationHistoryInfo(view, { ...minimize, xAxis: 'completed' });
    expect([...info.best.x]).toEqual([300, 900, 1000]);
    expect([...info.best.y]).toEqual([2, 1, 0.5]);
    expect([...optimizationHistoryInfo(view, { ...minimize, xAxis: 'elapsed' }).best.x]).toEqual([
      300, 900, 1000,
    ]);
  });

  it('keeps the picture readable when one trial is at 1e20, and says so', () => {
    const values = [...Array.from({ length: 20 }, (_, i) => 1 + i / 10), 1e20];
    const view = toView(values.map((value, number) => ({ number, values: [value] })));
    const info = optimizationHistoryInfo(view, minimize);
    expect(info.yRange[1]).toBeLessThan(4);
    expect(info.nOutside).toBe(1);
    const all = optimizationHistoryInfo(view, { ...minimize, showsOutliers: true });
    expect(all.yRange[1]).toBeGreaterThan(1e20);
    expect(all.nOutside).toBe(0);
  });

  it('counts what a logarithmic axis cannot show', () => {
    const view = toView([1, 10, 0, -1].map((value, number) => ({ number, values: [value] })));
    const info = optimizationHistoryInfo(view, { ...minimize, isLog: true });
    expect(info.yRange[0]).toBeGreaterThan(0);
    expect(info.nOutside).toBe(2);
  });

  it('fades what a filter leaves out, and keeps the best line', () => {
    const view = toView([5, 4, 3].map((value, number) => ({ number, values: [value] })));
    const info = optimizationHistoryInfo(view, { ...minimize, mask: Uint8Array.of(1, 0, 1) });
    expect(info.points.map(({ kind, numbers }) => [kind, [...numbers]])).toEqual([
      ['faded', [1]],
      ['complete', [0, 2]],
    ]);
    expect([...info.best.y]).toEqual([5, 4, 3]);
  });

  it('shows one objective of several', () => {
    const view = toView([
      { number: 0, values: [1, 9] },
      { number: 1, values: [2, 8] },
    ]);
    expect([...optimizationHistoryInfo(view, { ...minimize, objective: 1 }).best.y]).toEqual([
      9, 8,
    ]);
  });

  it('shows another number of the trials, of which none is best', () => {
    const view = toView([
      { number: 0, values: [1], userAttrs: { size: 40 } },
      { number: 1, values: [2], userAttrs: { size: 30 } },
      { number: 2, state: 'pruned' },
    ]);
    const trials = createShownTrials(view, view, { ...plainLook, directions: ['minimize'] });
    const info = runWork('history', trials, {
      ...minimize,
      valueTitle: 'size',
      otherFieldId: 'attr:size',
      isLog: true,
    });
    expect(info.points.map(({ kind, y }) => [kind, [...y]])).toEqual([['complete', [40, 30]]]);
    expect(info.withoutValue.map(({ numbers }) => [...numbers])).toEqual([[2]]);
    expect(info).toMatchObject({ canBeLog: true, best: { y: new Float64Array() } });
    const model = optimizationHistoryModel(view, minimize, chartTheme, info);
    expect(model.legend.map(({ name }) => name)).toEqual(['Complete', 'Pruned']);
    expect(model.layers[0]).toMatchObject({ yFieldId: 'attr:size' });
  });

  it('has ranges for an empty study', () => {
    const info = optimizationHistoryInfo(toView([]), minimize);
    expect(info.xRange[0]).toBeLessThan(info.xRange[1]);
    expect(info.yRange[0]).toBeLessThan(info.yRange[1]);
  });
});

describe('optimizationHistoryOption', () => {
  it('is the stored one', async () => {
    const info = optimizationHistoryInfo(viewOf(conditionalHistory()), maximize);
    const option = optimizationHistoryOption(info, chartTheme);
    const json = JSON.stringify(
      option,
      (_, value: unknown) =>
        value instanceof Float64Array ? Array.from(value, (v) => Number(v.toPrecision(12))) : value,
      1,
    );
    await expect(`${json}\n`).toMatchFileSnapshot('__snapshots__/optimization-history.txt');
  });
});

describe('optimizationHistoryModel', () => {
  it('finds the trial under the pointer, and the table lists all trials', () => {
    const view = viewOf(conditionalHistory());
    const model = optimizationHistoryModel(view, maximize, chartTheme);
    const grids = chartGeometry(model.option, (_, [x, y]) => {
      const [xAxis, yAxis] = [model.option.xAxis[0], model.option.yAxis[0]];
      return [
        ((x - (xAxis?.min ?? 0)) / ((xAxis?.max ?? 1) - (xAxis?.min ?? 0))) * 800,
        300 - ((y - (yAxis?.min ?? 0)) / ((yAxis?.max ?? 1) - (yAxis?.min ?? 0))) * 300,
      ];
    });
    for (const layer of model.layers)
      for (let i = 0; i < layer.x.length; i++) {
        const grid = grids[0];
        if (!grid) throw new Error('no grid');
        const x = grid.x.offset + grid.x.factor * (layer.x[i] as number);
        const y = grid.y.offset + grid.y.factor * (layer.y[i] as number);
        const hit = nearestPoint(model.layers, grids, x + 1, y);
        expect(hit?.layer.trialNumbers?.[hit.index]).toBe(layer.trialNumbers?.[i]);
      }
    expect(model.table().nRows).toBe(40);
    expect(model.table().cell(20, 1)).toBe('Failed');
  });

  it('says that there is nothing yet', () => {
    expect(optimizationHistoryModel(toView([]), minimize, chartTheme).emptyText).toBeDefined();
  });

  it('has no axis of values where no trial has any: it counts the trials instead', () => {
    const none: History['trials'] = [
      ...[0, 1, 2].map((number) => ({ number, state: 'fail' as const })),
      { number: 3, state: 'running' },
      { number: 4, state: 'waiting' },
      { number: 5, state: 'waiting' },
    ];
    const model = optimizationHistoryModel(toView(none), minimize, chartTheme);
    expect(model.emptyText).toBe('No trial has a value here yet: 3 failed, 1 running, 2 waiting.');
    // The table still lists those that ran.
    expect(model.table().nRows).toBe(4);
    expect(model.table().cell(0, 1)).toBe('Failed');

    const one = [...none, { number: 6, values: [0.25] }];
    expect(optimizationHistoryModel(toView(one), minimize, chartTheme).emptyText).toBeUndefined();
    // A filter only fades it.
    const mask = Uint8Array.of(1, 1, 1, 1, 1, 1, 0);
    expect(
      optimizationHistoryModel(toView(one), { ...minimize, mask }, chartTheme).emptyText,
    ).toBeUndefined();
  });
});
