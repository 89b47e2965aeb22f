import type { StudyDirection } from '../../src-main/tuner/study/direction.ts';
import { formatNumber } from '../format.ts';
import { text } from '../text.ts';
import { bestRows } from '../trials/best.ts';
import { valueFieldId } from '../trials/fields.ts';
import { stateCode, type TrialView } from '../trials/trial-view.ts';
import { fullGrid, xAxis, yAxis } from './axes.ts';
import { columnsTable, type ChartModel, type ChartOption, type ChartTable } from './chart.ts';
import {
  countPoints,
  groupLayers,
  groupLegend,
  groupPoints,
  groupSeries,
  type PointGroup,
} from './point-groups.ts';
import { paddedRange, robustExtent, toEdge, type Range } from './scale.ts';
import { pointSize, scatterSeries } from './state-style.ts';
import type { ChartTheme } from './theme.ts';

export interface ParetoFrontOptions {
  /** Objectives of the axes. */
  readonly x: number;
  readonly y: number;
  readonly titles: readonly string[];
  readonly directions: readonly StudyDirection[];
  readonly mask?: Uint8Array | null;
}

export interface ParetoFrontInfo {
  /** Complete trials that are not on the front. */
  readonly groups: readonly PointGroup[];
  /** Rows no other one dominates in all objectives, by the x objective. */
  readonly front: Int32Array;
  readonly xRange: Range;
  readonly yRange: Range;
}

export function paretoFrontInfo(view: TrialView, options: ParetoFrontOptions): ParetoFrontInfo {
  const [xs, ys] = [view.values[options.x] ?? [], view.values[options.y] ?? []];
  const front = Int32Array.from(bestRows(view, options.directions));
  const isOnFront = new Set(front);
  const isDrawn = (row: number): boolean =>
    view.states[row] === stateCode.complete && !isOnFront.has(row);
  front.sort((a, b) => (xs[a] as number) - (xs[b] as number));
  return {
    groups: groupPoints(
      view,
      options.mask ?? null,
      (row) => (isDrawn(row) ? (xs[row] ?? NaN) : NaN),
      (row) => ys[row] ?? NaN,
    ),
    front,
    xRange: paddedRange(robustExtent(xs).extent, false, 0.05),
    yRange: paddedRange(robustExtent(ys).extent, false, 0.06),
  };
}

export function paretoFrontModel(
  view: TrialView,
  options: ParetoFrontOptions,
  theme: ChartTheme,
  info = paretoFrontInfo(view, options),
): ChartModel {
  const { groups, front } = info;
  const at = (objective: number): Float64Array =>
    Float64Array.from(front, (row) => view.values[objective]?.[row] ?? NaN);
  const [x, y] = [at(options.x), at(options.y)];
  const [xTitle = '', yTitle = ''] = [options.titles[options.x], options.titles[options.y]];
  const nPoints = view.nTrials;
  const layer = { grid: 0, xFieldId: valueFieldId(options.x), yFieldId: valueFieldId(options.y) };
  const frontSeries = {
    ...scatterSeries({ name: text.charts.front, kind: 'complete', x, y, nPoints, z: 5 }, theme),
    large: false,
    symbolSize: Math.max(8, pointSize(nPoints) + 2),
    itemStyle: { color: theme.best, borderColor: theme.surface, borderWidth: 1, opacity: 1 },
  };
  const nDrawn = front.length + countPoints(groups);
  return {
    option: {
      grid: [fullGrid()],
      xAxis: [xAxis({ title: xTitle, range: info.xRange }, theme)],
      yAxis: [yAxis({ title: yTitle, range: info.yRange }, theme)],
      series: [
        ...groupSeries(groups, theme),
        ...(options.directions.length === 2 ? [stairs(x, y, info, options, theme)] : []),
        frontSeries,
      ] as unknown as ChartOption['series'],
    },
    layers: [
      {
        ...layer,
        x,
        y,
        seriesName: text.charts.front,
        trialNumbers: Int32Array.from(front, (row) => view.numbers[row] as number),
      },
      ...groupLayers(groups, layer),
    ],
    legend: [
      { name: text.charts.front, color: theme.best, shape: 'circle' },
      ...groupLegend(groups, theme).map((item) => item),
    ],
    table: () => frontTable(view, info, options),
    summary: text.charts.frontSummary(front.length, formatNumber(nDrawn)),
    emptyText: nDrawn === 0 ? text.charts.noValues : undefined,
  };
}

function frontTable(
  view: TrialView,
  { front, groups }: ParetoFrontInfo,
  { titles }: ParetoFrontOptions,
): ChartTable {
  const rows = [...front, ...groups.flatMap((group) => [...group.rows])];
  return columnsTable([
    { title: text.fields.number, values: rows.map((row) => view.numbers[row] as number) },
    ...view.values.map((column, k) => ({
      title: titles[k] ?? '',
      values: rows.map((row) => column[row] as number),
    })),
    { title: text.charts.front, values: rows.map((_, i) => (i < front.length ? 1 : 0)) },
  ]);
}

/** The border of what is dominated, for two objectives. */
function stairs(
  x: Float64Array,
  y: Float64Array,
  { xRange, yRange }: ParetoFrontInfo,
  options: ParetoFrontOptions,
  theme: ChartTheme,
): object {
  return {
    type: 'line',
    name: text.charts.front,
    // Between two trials of the front, one is better in x, the other in y: the corner is where both are worse.
    step: options.directions[options.x] === 'minimize' ? 'end' : 'start',
    data: Array.from(x, (value, i) => [toEdge(value, xRange), toEdge(y[i] as number, yRange)]),
    showSymbol: false,
    lineStyle: { color: theme.best, width: 1.25, opacity: 0.7 },
    silent: true,
    animation: false,
    z: 4,
  };
}
