import { describe, expect, it } from 'vitest';

import { applyView } from '../../../src-renderer/charts/apply-view.ts';
import { xAxis } from '../../../src-renderer/charts/axes.ts';
import { columnsTable, tableToCsv, type ChartOption } from '../../../src-renderer/charts/chart.ts';
import { countDensity, densityShare } from '../../../src-renderer/charts/density.ts';
import { edfInfo, edfModel } from '../../../src-renderer/charts/edf.ts';
import {
  createAxisGeometry,
  fromPixel,
  nearestPoint,
  toPixel,
} from '../../../src-renderer/charts/geometry.ts';
import { paretoFrontInfo, paretoFrontModel } from '../../../src-renderer/charts/pareto-front.ts';
import { robustExtent } from '../../../src-renderer/charts/scale.ts';
import { createTarget } from '../../../src-renderer/charts/target.ts';
import { mixColors, rampColor } from '../../../src-renderer/charts/theme.ts';
import { timelineInfo, timelineModel } from '../../../src-renderer/charts/timeline.ts';
import { trialFields } from '../../../src-renderer/trials/fields.ts';
import { expandHex } from '../../../src-renderer/styles/tokens.ts';
import { chartTheme } from '../helpers/chart-theme.ts';
import { toView } from '../helpers/trial-columns.ts';

describe('edf', () => {
  const curve = (...values: number[]) => ({
    name: 'a',
    color: '#000000',
    ...edfInfo(Float64Array.from(values)),
  });

  it('is exact, ties and infinities included', () => {
    const { x, y } = curve(3, 1, 2, 2, Infinity);
    expect([...x]).toEqual([1, 2, 3, Infinity]);
    expect([...y]).toEqual([0.2, 0.6, 0.8, 1]);
  });

  it('says that there is nothing', () => {
    expect(edfModel([curve()], 'Value', chartTheme).emptyText).toBeDefined();
    expect(edfModel([curve(1)], 'Value', chartTheme).emptyText).toBeUndefined();
  });
});

interface CustomSeries {
  readonly data: readonly number[];
  renderItem(
    at: { dataIndex: number },
    api: Record<'coord' | 'size', (point: number[]) => number[]>,
  ): {
    type: string;
    style: { fill: string };
    children?: { type: string; shape: Record<'x' | 'width' | 'height', number>; style: object }[];
  };
}

describe('timeline', () => {
  const trials = [
    { number: 0, values: [1], startedAtMs: 0, completedAtMs: 1000 },
    { number: 1, state: 'running', startedAtMs: 500 },
    { number: 2, state: 'waiting' },
    { number: 3, state: 'fail', startedAtMs: 1500, completedAtMs: 2000 },
  ] as const;

  it('draws the trials that started, running ones until now', () => {
    const info = timelineInfo(toView(trials), { nNewest: null, nowMs: 3000 });
    expect([...info.rows]).toEqual([0, 1, 3]);
    expect([...info.endedAtMs]).toEqual([1000, 3000, 2000]);
    expect(info.kinds).toEqual(['complete', 'running', 'fail']);
  });

  it('is not squeezed by a trial that a dead process left running', () => {
    const info = timelineInfo(toView(trials), { nNewest: null, nowMs: 86_400_000 });
    expect([...info.endedAtMs]).toEqual([1000, 2000, 2000]);
  });

  it('colours complete trials by how good they are, and the others by state', () => {
    const times = (startedAtMs: number) => ({ startedAtMs, completedAtMs: startedAtMs + 400 });
    const view = toView([
      { number: 0, values: [3], ...times(0) },
      { number: 1, values: [1], ...times(500) },
      { number: 2, state: 'pruned', values: [0], ...times(1000) },
      { number: 3, values: [2], ...times(1500) },
      { number: 4, values: [0], isFeasible: false, ...times(2000) },
      { number: 5, values: [9], ...times(2500) },
    ]);
    const [value] = trialFields(view, ['loss'], ['minimize']).filter(
      ({ group }) => group === 'value',
    );
    const target = createTarget(view, value!, ['minimize']);
    const mask = Uint8Array.of(1, 1, 1, 1, 1, 0);
    const options = { nNewest: 5, nowMs: 3000, mask };
    const info = timelineInfo(view, options, target);
    expect(info.quality?.title).toBe('loss');
    // Of all trials that count, also those that are not drawn: 9, 3, 2, 1.
    expect([...info.quality!.ranks]).toEqual([1, NaN, 2 / 3, NaN, 0]);

    const model = timelineModel(view, options, chartTheme, info);
    const colors = new Map<number, string>();
    for (const series of model.option.series as unknown as CustomSeries[])
      series.data.forEach((i, dataIndex) => {
        const { style } = series.renderItem({ dataIndex }, { coord: (at) => at, size: (at) => at });
        colors.set(view.numbers[info.rows[i]!]!, style.fill);
      });
    expect(Object.fromEntries(colors)).toEqual({
      1: rampColor(chartTheme.ramp, 1),
      2: chartTheme.states.pruned,
      3: rampColor(chartTheme.ramp, 2 / 3),
      4: chartTheme.infeasible,
      5: chartTheme.faded,
    });
    expect(model.ramp).toEqual({ from: 'worse', to: 'better' });
    expect(model.legend.map(({ name }) => name)).toEqual(['Pruned', 'Infeasible']);
    // All but what the filter leaves out can be pointed at.
    expect(
      model.layers.flatMap(({ trialNumbers }) => Array.from(trialNumbers!).toSorted()),
    ).toEqual([1, 3, 2, 4]);
    const { columns } = model.table();
    expect(columns.slice(-2)).toEqual(['loss', 'Rank (0 worst, 1 best)']);
  });

  it('tells states also by shapes, where bars are high enough', () => {
    const times = { startedAtMs: 0, completedAtMs: 1000 };
    const view = toView([
      { number: 0, values: [1], ...times },
      { number: 1, state: 'pruned', ...times },
      { number: 2, state: 'fail', ...times },
      { number: 3, state: 'running', startedAtMs: 0 },
      { number: 4, values: [1], isFeasible: false, ...times },
    ]);
    const model = timelineModel(view, { nNewest: null, nowMs: 1000 }, chartTheme);
    const drawn = (pixelsPerTrial: number): Record<string, string> =>
      Object.fromEntries(
        (model.option.series as unknown as (CustomSeries & { name: string })[]).map((series) => {
          const {
            type,
            style,
            children = [],
          } = series.renderItem(
            { dataIndex: 0 },
            { coord: (at) => at, size: () => [0, pixelsPerTrial] },
          );
          const isOutline = style?.fill === 'transparent';
          return [
            series.name,
            isOutline ? 'outline' : [type, ...children.map((one) => one.type)].join(),
          ];
        }),
      );
    expect(drawn(10)).toEqual({
      Complete: 'rect',
      Pruned: 'group,rect,path',
      Failed: 'group,rect,path',
      Running: 'outline',
      Infeasible: 'group,rect,path',
    });
    expect(new Set(Object.values(drawn(3)))).toEqual(new Set(['rect']));
    expect(model.legend.map(({ shape }) => shape)).toEqual([
      'ring',
      'square',
      'triangle',
      'cross',
      'diamond',
    ]);
    const pruned = (model.option.series as unknown as (CustomSeries & { name: string })[]).find(
      ({ name }) => name === 'Pruned',
    );
    const markAt = (pixelsPerTrial: number) =>
      pruned?.renderItem({ dataIndex: 0 }, { coord: (at) => at, size: () => [0, pixelsPerTrial] })
        .children?.[1];
    // Behind the end of the bar, as high as the bar but not more than 8 px, in its colour.
    expect(markAt(10)).toMatchObject({
      shape: {
        x: 1002,
        width: expect.closeTo(7.8) as number,
        height: expect.closeTo(7.8) as number,
      },
      style: { fill: chartTheme.states.pruned },
    });
    expect(markAt(40)?.shape).toMatchObject({ width: 8, height: 8 });
  });

  it('shows the newest and says so', () => {
    const model = timelineModel(toView(trials), { nNewest: 2, nowMs: 3000 }, chartTheme);
    expect(model.note).toBe('the newest 2 of 3');
    expect(model.table().nRows).toBe(2);
  });
});

describe('paretoFront', () => {
  const view = toView([
    { number: 0, values: [1, 5] },
    { number: 1, values: [2, 2] },
    { number: 2, values: [3, 3] },
    { number: 3, values: [0, 0], isFeasible: false },
    { number: 4, values: [5, 1] },
    { number: 5, state: 'pruned', values: [0, 0] },
  ]);
  const options = {
    pairs: [{ x: 0, y: 1 }],
    titles: ['a', 'b'],
    directions: ['minimize', 'minimize'],
  } as const;

  it('separates the front from what it dominates', () => {
    const [panel] = paretoFrontInfo(view, options).panels;
    expect([...(panel?.front ?? [])]).toEqual([0, 1, 4]);
    expect(panel?.groups.map(({ kind, numbers }) => [kind, [...numbers]])).toEqual([
      ['infeasible', [3]],
      ['complete', [2]],
    ]);
  });

  it('follows the directions', () => {
    const { panels } = paretoFrontInfo(view, { ...options, directions: ['maximize', 'minimize'] });
    expect([...(panels[0]?.front ?? [])]).toEqual([4]);
  });

  it('draws those of the front that a filter leaves out behind', () => {
    const mask = Uint8Array.of(0, 1, 1, 1, 1, 1);
    const [panel] = paretoFrontInfo(view, { ...options, mask }).panels;
    expect([...(panel?.front ?? [])]).toEqual([1, 4]);
    expect(panel?.groups[0]).toMatchObject({ kind: 'faded', numbers: Int32Array.of(0) });
  });

  it('draws what lies beyond the axes of the front at their ends', () => {
    const infinite = toView([
      { number: 0, values: [-Infinity, 5] },
      { number: 1, values: [1, 2] },
      { number: 2, values: [2, 1] },
    ]);
    const [panel] = paretoFrontInfo(infinite, options).panels;
    expect([...(panel?.front ?? [])]).toEqual([0, 1, 2]);
    expect(panel?.frontX[0]).toBe(panel?.x.range[0]);
  });

  it('has a panel for each pair, all trials in each of them', () => {
    const three = toView([
      { number: 0, values: [1, 5, 1] },
      { number: 1, values: [2, 2, -1] },
    ]);
    const model = paretoFrontModel(
      three,
      {
        pairs: [
          { x: 0, y: 1 },
          { x: 2, y: 1 },
        ],
        titles: ['a', 'b', 'c'],
        directions: ['minimize', 'minimize', 'minimize'],
        isLog: true,
      },
      chartTheme,
    );
    const shown = model.layers
      .filter(({ trialNumbers }) => trialNumbers?.length)
      .map(({ grid, xFieldId, yFieldId, x }) => [grid, xFieldId, yFieldId, ...Array.from(x)]);
    expect(shown).toEqual([
      [0, 'value:0', 'value:1', 1, 2],
      [1, 'value:2', 'value:1', -1, 1],
    ]);
    expect(model.option.xAxis.map(({ type }) => type)).toEqual(['log', 'value']);
  });

  it('can be pointed at, every trial as itself', () => {
    const { layers } = paretoFrontModel(view, options, chartTheme);
    const numbers = layers.flatMap(({ trialNumbers }) => Array.from(trialNumbers ?? []));
    expect(numbers.sort()).toEqual([0, 1, 2, 3, 4]);
  });
});

describe('geometry', () => {
  it('turns values into pixels and back, on logarithmic axes too', () => {
    const linear = createAxisGeometry([0, 10], [100, 200], false);
    expect(toPixel(linear, 5)).toBe(150);
    expect(fromPixel(linear, 150)).toBe(5);
    const log = createAxisGeometry([1e-4, 1], [400, 0], true);
    expect(toPixel(log, 1e-2)).toBeCloseTo(200, 9);
    expect(fromPixel(log, 200)).toBeCloseTo(1e-2, 12);
  });

  it('finds the nearest point within reach, and only in its grid', () => {
    const axis = createAxisGeometry([0, 100], [0, 100], false);
    const grid = { x: axis, y: axis, box: { left: 0, top: 0, right: 100, bottom: 100 } };
    const layer = {
      grid: 0,
      x: [10, 20, NaN, 150],
      y: [10, 10, 10, 50],
      trialNumbers: Int32Array.of(1, 2, 3, 4),
    };
    expect(nearestPoint([layer], [grid], 16, 12)?.index).toBe(1);
    expect(nearestPoint([layer], [grid], 60, 60)).toBeNull();
    expect(nearestPoint([layer], [grid], 149, 50)).toBeNull();
  });
});

describe('applyView', () => {
  const option = {
    grid: [{}],
    xAxis: [{ type: 'value', min: 0, max: 1 }],
    yAxis: [{ type: 'value', min: 0, max: 1 }],
    series: [
      { type: 'line', name: 'a' },
      { type: 'line', name: 'b' },
    ],
  } as unknown as ChartOption;

  it('keeps the zoom whatever new data bring', () => {
    const zooms = new Map([[0, { x: [0.2, 0.4], y: [5, 6] } as const]]);
    for (const max of [1, 100]) {
      const live = { ...option, xAxis: [{ ...option.xAxis[0], max }] } as ChartOption;
      const shown = applyView(live, zooms, new Set(), 400);
      expect(shown.xAxis[0]).toMatchObject({ min: 0.2, max: 0.4 });
      expect(shown.yAxis[0]).toMatchObject({ min: 5, max: 6 });
    }
  });

  it('gives logarithmic axes the ticks of what is looked at', () => {
    const width = {
      ...option,
      xAxis: [{ type: 'log', logBase: 2, minInterval: 1, min: 14, max: 290 }],
    } as unknown as ChartOption;
    const ticksOf = (zooms: Parameters<typeof applyView>[1]) => {
      const { axisTick, axisLabel } = applyView(width, zooms, new Set(), 400).xAxis[0] as Record<
        'axisTick' | 'axisLabel',
        { customValues: number[] }
      >;
      expect(axisLabel.customValues).toEqual(axisTick.customValues);
      return axisTick.customValues;
    };
    expect(ticksOf(new Map())).toEqual([16, 32, 64, 128, 256]);
    expect(ticksOf(new Map([[0, { x: [98, 104], y: [0, 1] }]]))).toEqual([98, 100, 102, 104]);
  });

  it('shortens the names below a chart to the room that each has', () => {
    const named = {
      grid: [{ left: 50, right: 10 }],
      xAxis: [
        xAxis(
          { title: '', range: [-0.6, 1.4], categories: ['SVC', 'random forest of trees'] },
          chartTheme,
        ),
      ],
      yAxis: option.yAxis,
      series: [],
    } as unknown as ChartOption;
    const labelsAt = (width: number): string[] => {
      const { axisLabel } = applyView(named, new Map(), new Set(), width).xAxis[0] as unknown as {
        axisLabel: { customValues: number[]; formatter: (value: number) => string };
      };
      return axisLabel.customValues.map(axisLabel.formatter);
    };
    expect(labelsAt(600)).toEqual(['SVC', 'random forest of trees']);
    expect(labelsAt(210)).toEqual(['SVC', 'random…rees']);
  });

  it('has times as an axis, with as many labels as fit', () => {
    const start = new Date(2026, 10, 27, 21, 56, 24).getTime();
    const timed = {
      grid: [{ left: 0, right: 0 }],
      xAxis: [xAxis({ title: '', range: [start, start + 1300], isTime: true }, chartTheme)],
      yAxis: option.yAxis,
      series: [],
    } as unknown as ChartOption;
    const labelsAt = (
      width: number,
      zooms: Parameters<typeof applyView>[1] = new Map(),
    ): string[] => {
      const { axisLabel } = applyView(timed, zooms, new Set(), width).xAxis[0] as unknown as {
        axisLabel: { customValues: number[]; formatter: (value: number) => string };
      };
      return axisLabel.customValues.map(axisLabel.formatter);
    };
    expect(labelsAt(300)).toEqual(['21:56:24.0', '21:56:24.5', '21:56:25.0']);
    expect(labelsAt(160)).toEqual(['21:56:24', '21:56:25']);
    const zooms = new Map([[0, { x: [start, start + 30_000], y: [0, 1] } as const]]);
    expect(labelsAt(300, zooms)).toEqual(['21:56:30', '21:56:45']);
  });

  it('leaves hidden series out', () => {
    const shown = applyView(option, new Map(), new Set(['a']), 400);
    expect(shown.series.map(({ name }) => name)).toEqual(['b']);
  });
});

describe('density', () => {
  it('counts points by cell, and those outside nowhere', () => {
    const axis = { isLog: false, offset: 0, factor: 1 };
    const points = { x: [1, 1, 9, 11, NaN], y: [1, 1, 9, 1, 1] };
    const grid = countDensity(
      points,
      { x: axis, y: axis },
      { x: 0, y: 0, width: 10, height: 10 },
      5,
    );
    expect([...grid.counts]).toEqual([2, 0, 0, 1]);
    expect(grid.most).toBe(2);
  });

  it('shows single points, and more where there are more', () => {
    expect(densityShare(0, 100)).toBe(0);
    expect(densityShare(1, 100)).toBeGreaterThan(0.25);
    expect(densityShare(10, 100)).toBeGreaterThan(densityShare(1, 100));
    expect(densityShare(100, 100)).toBe(1);
  });
});

describe('robustExtent', () => {
  it('leaves a lone outlier out, but nothing that is part of the picture', () => {
    const usual = Array.from({ length: 50 }, (_, i) => i);
    expect(robustExtent([...usual, 1e20]).extent).toEqual([0, 49]);
    expect(robustExtent([...usual, 120]).extent).toEqual([0, 120]);
    // Accuracies that move in steps, a tenth of them low.
    const steps = [...new Array<number>(45).fill(0.9667), ...new Array<number>(5).fill(0.3333)];
    expect(robustExtent(steps).extent).toEqual([0.3333, 0.9667]);
  });

  it('leaves an outlier out where most values are the same, too', () => {
    const tied = [...new Array<number>(25).fill(-2.8), -2.7, -2.6, -2.6, -1.8, -1.8];
    expect(robustExtent([...tied, 1e20])).toEqual({ extent: [-2.8, -1.8], nOutside: 1 });
    expect(robustExtent([...new Array<number>(40).fill(1), 5]).extent).toEqual([1, 5]);
  });
});

describe('tableToCsv', () => {
  it('follows RFC 4180', () => {
    const table = columnsTable([
      { title: 'a "b"', values: ['x,y', 'line\nbreak', 'größe'] },
      { title: 'n', values: [1.5, NaN, null] },
    ]);
    expect(tableToCsv(table)).toBe('"a ""b""",n\r\n"x,y",1.5\r\n"line\nbreak",\r\ngröße,\r\n');
  });
});

it('mixes colours, also those a build has shortened', () => {
  expect(mixColors('#000000', '#ffffff', 0.5)).toBe('#808080');
  expect(rampColor(['#000000', '#ff0000', '#ffffff'], 0.5)).toBe('#ff0000');
  expect(rampColor(['#000000', '#ff0000', '#ffffff'], 2)).toBe('#ffffff');
  expect(expandHex('#fff')).toBe('#ffffff');
  expect(expandHex('#a1b2c3')).toBe('#a1b2c3');
});
