import type { GridComponentOption } from 'echarts';

import type { StudyDirection } from '../../src-main/tuner/study/direction.ts';
import { formatNumber } from '../format.ts';
import { text } from '../text.ts';
import { bestRows } from '../trials/best.ts';
import { valueFieldId } from '../trials/fields.ts';
import { stateCode, type TrialView } from '../trials/trial-view.ts';
import { fullGrid, xAxis, yAxis } from './axes.ts';
import {
  columnsTable,
  type ChartModel,
  type ChartOption,
  type ChartTable,
  type LegendItem,
  type PickLayer,
} from './chart.ts';
import {
  countPoints,
  groupLayers,
  groupLegend,
  groupPoints,
  groupSeries,
  type PointGroup,
} from './point-groups.ts';
import { extentOf, paddedRange, robustExtent, type Range } from './scale.ts';
import { pointSize, scatterSeries } from './state-style.ts';
import type { ChartTheme } from './theme.ts';

/** Two objectives that are drawn over one another. */
export interface ObjectivePair {
  readonly x: number;
  readonly y: number;
}

export interface ParetoFrontOptions {
  /** One panel each, side by side. */
  readonly pairs: readonly ObjectivePair[];
  readonly titles: readonly string[];
  readonly directions: readonly StudyDirection[];
  /** Logarithmic axes for objectives whose values are all above 0. @default false */
  readonly isLog?: boolean;
  /** What hypervolumes are measured from, where it is to be shown. */
  readonly referencePoint?: readonly number[] | null;
  readonly mask?: Uint8Array | null;
}

interface ParetoAxis {
  readonly objective: number;
  readonly range: Range;
  readonly isLog: boolean;
}

interface ParetoPanel {
  readonly x: ParetoAxis;
  readonly y: ParetoAxis;
  /** Complete trials that are not on the front, and those of the front that a filter leaves out. */
  readonly groups: readonly PointGroup[];
  /** The rows of the front, by x. */
  readonly front: Int32Array;
  /** Where they are drawn: what lies beyond the axes, at their ends. */
  readonly frontX: Float64Array;
  readonly frontY: Float64Array;
}

export interface ParetoFrontInfo {
  readonly panels: readonly ParetoPanel[];
  /** Trials that are drawn in no panel, as their values lie far outside. */
  readonly nOutside: number;
  /** Whether any objective can have a logarithmic axis. */
  readonly canBeLog: boolean;
}

export function paretoFrontInfo(view: TrialView, options: ParetoFrontOptions): ParetoFrontInfo {
  const { mask = null, pairs } = options;
  const rows = bestRows(view, options.directions);
  const isOnFront = new Uint8Array(view.nTrials);
  for (const row of rows) if (mask?.[row] !== 0) isOnFront[row] = 1;
  const axes = view.values.map((_, objective) => axisOf(view, objective, options));
  const panels = pairs.flatMap(({ x, y }) => {
    const [xAxis, yAxis] = [axes[x], axes[y]];
    return xAxis && yAxis ? [panelOf(view, xAxis, yAxis, isOnFront, mask)] : [];
  });
  return {
    panels,
    nOutside: Math.max(0, ...panels.map(({ groups, x, y }) => countOutside(groups, x, y))),
    canBeLog: view.values.some((values) => isPositive(values)),
  };
}

function isPositive(values: Float64Array): boolean {
  return (extentOf([values])?.[0] ?? 0) > 0;
}

function axisOf(view: TrialView, objective: number, options: ParetoFrontOptions): ParetoAxis {
  const values = view.values[objective] as Float64Array;
  const reference = options.referencePoint?.[objective];
  const isLog = options.isLog === true && isPositive(values) && (reference ?? 1) > 0;
  const extent = isLog ? extentOf([values], true) : robustExtent(values).extent;
  const shown = reference === undefined ? extent : extentOf([extent ?? [], [reference]]);
  return { objective, isLog, range: paddedRange(shown, isLog, 0.05) };
}

function panelOf(
  view: TrialView,
  x: ParetoAxis,
  y: ParetoAxis,
  isOnFront: Uint8Array,
  mask: Uint8Array | null,
): ParetoPanel {
  const [xs, ys] = [view.values[x.objective], view.values[y.objective]] as [
    Float64Array,
    Float64Array,
  ];
  const rows: number[] = [];
  for (let row = 0; row < isOnFront.length; row++) if (isOnFront[row] === 1) rows.push(row);
  const front = Int32Array.from(rows).sort((a, b) => (xs[a] as number) - (xs[b] as number));
  const isBehind = (row: number): boolean =>
    view.states[row] === stateCode.complete && isOnFront[row] === 0;
  return {
    x,
    y,
    groups: groupPoints(
      view,
      mask,
      (row) => (isBehind(row) ? (xs[row] as number) : NaN),
      (row) => ys[row] as number,
    ),
    front,
    frontX: Float64Array.from(front, (row) => within(xs[row] as number, x.range)),
    frontY: Float64Array.from(front, (row) => within(ys[row] as number, y.range)),
  };
}

function within(value: number, [min, max]: Range): number {
  return Math.min(max, Math.max(min, value));
}

function countOutside(groups: readonly PointGroup[], x: ParetoAxis, y: ParetoAxis): number {
  const isOutside = (value: number, { range }: ParetoAxis): boolean =>
    value < range[0] || value > range[1];
  let n = 0;
  for (const group of groups)
    for (let i = 0; i < group.x.length; i++)
      if (isOutside(group.x[i] as number, x) || isOutside(group.y[i] as number, y)) n++;
  return n;
}

export function paretoFrontModel(
  view: TrialView,
  options: ParetoFrontOptions,
  theme: ChartTheme,
  info = paretoFrontInfo(view, options),
): ChartModel {
  const { panels, nOutside } = info;
  const [first] = panels;
  const nFront = first?.front.length ?? 0;
  const nDrawn = first ? nFront + countPoints(first.groups) : 0;
  const title = (objective: number): string => options.titles[objective] ?? '';
  const axes = panels.map(({ x, y }, grid) => ({
    x: xAxis({ ...x, title: title(x.objective), grid }, theme),
    y: yAxis({ ...y, title: title(y.objective), grid }, theme),
  }));
  return {
    option: {
      grid: panels.map((_, i) => gridOf(i, panels.length)),
      xAxis: axes.map(({ x }) => x),
      yAxis: axes.map(({ y }) => y),
      series: panels.flatMap((panel, grid) =>
        panelSeries(panel, grid, view.nTrials, options, theme),
      ) as unknown as ChartOption['series'],
    },
    layers: panels.flatMap((panel, grid) => panelLayers(view, panel, grid)),
    legend: [
      { name: text.charts.front, color: theme.best, shape: 'circle' },
      ...(options.referencePoint ? [referenceLegend(theme)] : []),
      ...groupLegend(first?.groups ?? [], theme),
    ],
    table: () => frontTable(view, first, options),
    summary: text.charts.frontSummary(nFront, formatNumber(nDrawn)),
    note: nOutside > 0 ? text.charts.outside(nOutside) : undefined,
    emptyText: nDrawn === 0 ? text.charts.noValues : undefined,
  };
}

/** Side by side, with room for the labels of each. */
function gridOf(i: number, n: number): GridComponentOption {
  if (n === 1) return fullGrid();
  const share = 100 / n;
  return fullGrid({
    left: `${i * share + 0.22 * share}%`,
    right: 'auto',
    width: `${0.72 * share}%`,
  });
}

function panelSeries(
  panel: ParetoPanel,
  grid: number,
  nPoints: number,
  options: ParetoFrontOptions,
  theme: ChartTheme,
): object[] {
  const { x, y, groups, frontX, frontY } = panel;
  const points = { kind: 'complete', x: frontX, y: frontY, nPoints, grid } as const;
  return [
    ...groupSeries(groups, theme, { grid, isLogX: x.isLog, isLogY: y.isLog }),
    ...(options.directions.length === 2 ? [stairs(panel, grid, options, theme)] : []),
    {
      ...scatterSeries({ ...points, name: text.charts.front, z: 5 }, theme),
      large: false,
      symbolSize: Math.max(7, pointSize(nPoints) + 2),
      itemStyle: { color: theme.best, borderColor: theme.surface, borderWidth: 1, opacity: 1 },
      clip: false,
    },
    ...(options.referencePoint ? [referenceSeries(panel, grid, options, theme)] : []),
  ];
}

/** The border of what is dominated, for two objectives. */
function stairs(
  { x, y, frontX, frontY }: ParetoPanel,
  grid: number,
  { directions }: ParetoFrontOptions,
  theme: ChartTheme,
): object {
  const [isXDown, isYDown] = [x, y].map(({ objective }) => directions[objective] === 'minimize');
  const corners = Array.from(frontX, (value, i) => [value, frontY[i] as number]);
  const [least, most] = [corners[0], corners.at(-1)];
  // Beyond the ends of the front, what is as good in one objective and worse in the other is dominated as well.
  const worstX = isXDown ? x.range[1] : x.range[0];
  const worstY = isYDown ? y.range[1] : y.range[0];
  if (least && most) {
    const [bestAtX, bestAtY] = isXDown ? [least, most] : [most, least];
    const beside = [bestAtX[0] as number, worstY];
    const along = [worstX, bestAtY[1] as number];
    corners.unshift(isXDown ? beside : along);
    corners.push(isXDown ? along : beside);
  }
  return {
    type: 'line',
    name: text.charts.front,
    xAxisIndex: grid,
    yAxisIndex: grid,
    // Between two trials of the front, one is better in x, the other in y: the corner is where both are worse.
    step: isXDown ? 'end' : 'start',
    data: corners,
    showSymbol: false,
    lineStyle: { color: theme.best, width: 1.25, opacity: 0.7 },
    silent: true,
    animation: false,
    z: 4,
  };
}

const REFERENCE_SYMBOL = 'path://M4.5,0H5.5V4.5H10V5.5H5.5V10H4.5V5.5H0V4.5H4.5Z';

function referenceLegend(theme: ChartTheme): LegendItem {
  return { name: text.charts.reference, color: theme.text2, shape: 'cross' };
}

function referenceSeries(
  { x, y }: ParetoPanel,
  grid: number,
  { referencePoint }: ParetoFrontOptions,
  theme: ChartTheme,
): object {
  return {
    type: 'scatter',
    name: text.charts.reference,
    xAxisIndex: grid,
    yAxisIndex: grid,
    data: [[referencePoint?.[x.objective], referencePoint?.[y.objective]]],
    symbol: REFERENCE_SYMBOL,
    symbolSize: 13,
    itemStyle: { color: theme.text2 },
    silent: true,
    animation: false,
    z: 6,
  };
}

function panelLayers(view: TrialView, panel: ParetoPanel, grid: number): PickLayer[] {
  const { x, y, groups, front, frontX, frontY } = panel;
  const layer = {
    grid,
    xFieldId: valueFieldId(x.objective),
    yFieldId: valueFieldId(y.objective),
  };
  return [
    {
      ...layer,
      x: frontX,
      y: frontY,
      seriesName: text.charts.front,
      trialNumbers: Int32Array.from(front, (row) => view.numbers[row] as number),
    },
    ...groupLayers(groups, layer),
  ];
}

function frontTable(
  view: TrialView,
  panel: ParetoPanel | undefined,
  { titles }: ParetoFrontOptions,
): ChartTable {
  const front = panel?.front ?? new Int32Array();
  const rows = [...front, ...(panel?.groups ?? []).flatMap((group) => [...group.rows])];
  return columnsTable([
    { title: text.fields.number, values: rows.map((row) => view.numbers[row] as number) },
    ...view.values.map((column, k) => ({
      title: titles[k] ?? '',
      values: rows.map((row) => column[row] as number),
    })),
    { title: text.charts.front, values: rows.map((_, i) => (i < front.length ? 1 : 0)) },
  ]);
}
