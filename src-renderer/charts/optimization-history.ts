import { isBetter, type StudyDirection } from '../../src-main/tuner/study/direction.ts';
import { trialStates } from '../../src-main/tuner/trial/frozen-trial.ts';
import { formatDuration, formatNumber } from '../format.ts';
import { text } from '../text.ts';
import { isCandidate } from '../trials/best.ts';
import { stateCode, type TrialView } from '../trials/trial-view.ts';
import { fullGrid, xAxis, yAxis } from './axes.ts';
import type { ChartModel, ChartOption, LegendItem, PickLayer } from './chart.ts';
import { extentOf, paddedRange, robustExtent, type Range } from './scale.ts';
import { legendShapes, pointColor, scatterSeries, type PointKind } from './state-style.ts';
import type { ChartTheme } from './theme.ts';

export const historyXAxes = ['number', 'started', 'completed', 'elapsed'] as const;
export type HistoryXAxis = (typeof historyXAxes)[number];

export interface OptimizationHistoryOptions {
  readonly direction: StudyDirection;
  readonly valueTitle: string;
  /** @default 0 */
  readonly objective?: number;
  /** @default 'number' */
  readonly xAxis?: HistoryXAxis;
  /** @default false */
  readonly isLog?: boolean;
  /** Draw outliers at their place, even if they squeeze the rest. @default false */
  readonly showsOutliers?: boolean;
  /** Rows that a filter keeps; null: all. */
  readonly mask?: Uint8Array | null;
}

export interface HistoryPoints {
  readonly kind: PointKind;
  readonly numbers: Int32Array;
  readonly x: Float64Array;
  readonly y: Float64Array;
}

export interface OptimizationHistoryInfo {
  readonly options: Required<OptimizationHistoryOptions>;
  /** Trials that have a value, by how they are drawn. A running one has its last report. */
  readonly points: readonly HistoryPoints[];
  /** Trials without a value (failed ones, NaN reports): they are drawn along the x-axis. */
  readonly withoutValue: HistoryPoints;
  /** After each complete and feasible trial, in the order of x: the best value so far. */
  readonly best: { readonly x: Float64Array; readonly y: Float64Array };
  readonly xRange: Range;
  readonly yRange: Range;
  /** Points outside `yRange` because they are outliers, infinite or not positive on a log axis. */
  readonly nOutside: number;
}

export function optimizationHistoryInfo(
  view: TrialView,
  options: OptimizationHistoryOptions,
): OptimizationHistoryInfo {
  const full = {
    objective: 0,
    xAxis: 'number' as const,
    isLog: false,
    showsOutliers: false,
    mask: null,
    ...options,
  };
  const { objective, isLog, showsOutliers, mask } = full;
  const xOf = xReader(view, full.xAxis);
  const values = view.values[objective] ?? new Float64Array(view.nTrials).fill(NaN);
  const groups = new Map<PointKind | 'none', number[]>();
  for (let row = 0; row < view.nTrials; row++) {
    if (view.states[row] === stateCode.waiting || Number.isNaN(xOf(row))) continue;
    const kind = pointKind(view, row, values, mask);
    const rows = groups.get(kind);
    if (rows) rows.push(row);
    else groups.set(kind, [row]);
  }
  const collect = (kind: PointKind, rows: readonly number[]): HistoryPoints => ({
    kind,
    numbers: Int32Array.from(rows, (row) => view.numbers[row] as number),
    x: Float64Array.from(rows, xOf),
    y: Float64Array.from(rows, (row) => shownValue(view, row, values)),
  });
  const order: PointKind[] = ['faded', 'complete', 'infeasible', 'pruned', 'running'];
  const points = order.flatMap((kind) => {
    const rows = groups.get(kind);
    return rows ? [collect(kind, rows)] : [];
  });
  const withoutValue = collect('fail', groups.get('none') ?? []);
  const best = bestSoFar(view, values, full.direction, xOf, objective);
  const allX = [...points.map(({ x }) => x), withoutValue.x];
  const allY = concat([...points.map(({ y }) => y), best.y]);
  const robust = showsOutliers || isLog ? extentOf([allY], isLog) : robustExtent(allY).extent;
  const extent = widest(robust, extentOf([best.y.slice(-1)], isLog));
  const yRange = paddedRange(extent, isLog, 0.05);
  return {
    options: full,
    points,
    withoutValue,
    best,
    xRange: paddedRange(extentOf(allX), false, 0.015),
    yRange,
    nOutside: countOutside(points, yRange),
  };
}

export function optimizationHistoryOption(
  info: OptimizationHistoryInfo,
  theme: ChartTheme,
): ChartOption {
  const { options, points, withoutValue, best, xRange, yRange } = info;
  const nPoints = points.reduce((sum, { x }) => sum + x.length, withoutValue.x.length);
  const isTime = options.xAxis === 'started' || options.xAxis === 'completed';
  const series: Record<string, unknown>[] = points.map(({ kind, x, y }) =>
    scatterSeries(
      {
        name: text.points[kind],
        kind,
        x,
        y,
        nPoints,
        z: kind === 'faded' ? 1 : kind === 'running' ? 4 : 2,
      },
      theme,
    ),
  );
  if (withoutValue.x.length > 0)
    series.push(
      scatterSeries(
        {
          name: text.points.fail,
          kind: 'fail',
          x: withoutValue.x,
          y: new Float64Array(withoutValue.x.length).fill(yRange[0]),
          nPoints,
          z: 5,
        },
        theme,
      ),
      // Marks on the axis stand half outside the grid.
    );
  for (const entry of series) if (entry.name === text.points.fail) entry.clip = false;
  series.push({
    type: 'line',
    name: text.points.best,
    data: stepPoints(best, xRange[1]),
    showSymbol: false,
    lineStyle: { color: theme.best, width: 1.75 },
    silent: true,
    clip: true,
    animation: false,
    z: 3,
  });
  return {
    grid: [fullGrid()],
    xAxis: [
      xAxis(
        {
          title: text.historyX[options.xAxis],
          range: xRange,
          isTime,
          isInteger: options.xAxis === 'number',
          format: options.xAxis === 'elapsed' ? formatDuration : undefined,
        },
        theme,
      ),
    ],
    yAxis: [yAxis({ title: options.valueTitle, range: yRange, isLog: options.isLog }, theme)],
    series: series as unknown as ChartOption['series'],
  };
}

export function optimizationHistoryModel(
  view: TrialView,
  options: OptimizationHistoryOptions,
  theme: ChartTheme,
): ChartModel {
  const info = optimizationHistoryInfo(view, options);
  const { points, withoutValue, best, yRange, nOutside } = info;
  const xFieldId = {
    number: 'number',
    started: 'startedAt',
    completed: 'completedAt',
    elapsed: undefined,
  }[info.options.xAxis];
  const layers: PickLayer[] = points
    .filter(({ kind }) => kind !== 'faded')
    .map(({ kind, x, y, numbers }) => ({
      grid: 0,
      seriesName: text.points[kind],
      x,
      y,
      trialNumbers: numbers,
      xFieldId,
      yFieldId: `value:${info.options.objective}`,
    }));
  layers.push({
    grid: 0,
    seriesName: text.points.fail,
    x: withoutValue.x,
    y: new Float64Array(withoutValue.x.length).fill(yRange[0]),
    trialNumbers: withoutValue.numbers,
  });
  const bestValue = best.y.at(-1);
  const legend: LegendItem[] = [
    { name: text.points.best, color: theme.best, shape: 'line' as const },
    ...[...points, ...(withoutValue.x.length > 0 ? [withoutValue] : [])]
      .filter(({ kind }) => kind !== 'faded')
      .map(({ kind }) => ({
        name: text.points[kind],
        color: pointColor(kind, theme),
        shape: legendShapes[kind],
      })),
  ];
  return {
    option: optimizationHistoryOption(info, theme),
    layers,
    legend,
    table: historyTable(info, view),
    summary: text.charts.historySummary(
      view.nTrials,
      bestValue === undefined ? null : formatNumber(bestValue),
    ),
    note: nOutside > 0 ? text.charts.outside(nOutside) : undefined,
    emptyText: view.nTrials === 0 ? text.charts.noTrials : undefined,
  };
}

function historyTable({ points, withoutValue, options }: OptimizationHistoryInfo, view: TrialView) {
  const rows = [...points, withoutValue].flatMap(({ numbers, x, y }) =>
    Array.from(numbers, (number, i) => ({ number, x: x[i] as number, y: y[i] as number })),
  );
  rows.sort((a, b) => a.number - b.number);
  const states = new Map(
    Array.from(view.numbers, (number, row) => [number, trialStates[view.states[row] ?? 0]]),
  );
  return {
    columns: [
      text.fields.number,
      text.fields.state,
      text.historyX[options.xAxis],
      options.valueTitle,
    ],
    nRows: rows.length,
    cell: (row: number, column: number) => {
      const entry = rows[row];
      if (!entry) return null;
      return [entry.number, states.get(entry.number) ?? null, entry.x, entry.y][column] ?? null;
    },
  };
}

/** How a trial is drawn; 'none' where it has no value to draw it at. */
function pointKind(
  view: TrialView,
  row: number,
  values: Float64Array,
  mask: Uint8Array | null,
): PointKind | 'none' {
  if (Number.isNaN(shownValue(view, row, values))) return mask?.[row] === 0 ? 'faded' : 'none';
  if (mask?.[row] === 0) return 'faded';
  const state = trialStates[view.states[row] ?? 0] ?? 'waiting';
  return state === 'complete' && view.isFeasible[row] === 0 ? 'infeasible' : state;
}

function shownValue(view: TrialView, row: number, values: Float64Array): number {
  if (view.states[row] === stateCode.running) return view.lastValues[row] ?? NaN;
  if (view.states[row] === stateCode.fail) return NaN;
  return values[row] ?? NaN;
}

function xReader(view: TrialView, axis: HistoryXAxis): (row: number) => number {
  if (axis === 'number') return (row) => view.numbers[row] ?? NaN;
  if (axis === 'started') return (row) => view.startedAtMs[row] ?? NaN;
  if (axis === 'completed') return (row) => view.completedAtMs[row] ?? NaN;
  const start = extentOf([view.startedAtMs])?.[0] ?? NaN;
  return (row) => (view.completedAtMs[row] ?? NaN) - start;
}

function bestSoFar(
  view: TrialView,
  values: Float64Array,
  direction: StudyDirection,
  xOf: (row: number) => number,
  objective: number,
): { x: Float64Array; y: Float64Array } {
  const rows: number[] = [];
  let isOrdered = true;
  for (let row = 0; row < view.nTrials; row++) {
    if (!isCandidate(view, row, objective) || Number.isNaN(xOf(row))) continue;
    if (rows.length > 0 && xOf(rows.at(-1) as number) > xOf(row)) isOrdered = false;
    rows.push(row);
  }
  if (!isOrdered) rows.sort((a, b) => xOf(a) - xOf(b));
  let best = NaN;
  const y = Float64Array.from(rows, (row) => {
    const value = values[row] as number;
    if (Number.isNaN(best) || isBetter(direction, value, best)) best = value;
    return best;
  });
  return { x: Float64Array.from(rows, xOf), y };
}

/** The corners of the step line, out to the right end: few points, however many trials. */
function stepPoints(best: { x: Float64Array; y: Float64Array }, end: number): [number, number][] {
  const corners: [number, number][] = [];
  let last = NaN;
  for (let i = 0; i < best.x.length; i++) {
    const [x, y] = [best.x[i] as number, best.y[i] as number];
    if (y === last) continue;
    if (corners.length > 0) corners.push([x, last]);
    corners.push([x, y]);
    last = y;
  }
  if (corners.length > 0) corners.push([end, last]);
  return corners;
}

function countOutside(points: readonly HistoryPoints[], [min, max]: Range): number {
  let n = 0;
  for (const { kind, y } of points)
    if (kind !== 'faded') for (const value of y) if (value < min || value > max) n++;
  return n;
}

function widest(a: Range | null, b: Range | null): Range | null {
  if (!a || !b) return a ?? b;
  return [Math.min(a[0], b[0]), Math.max(a[1], b[1])];
}

function concat(arrays: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const array of arrays) {
    all.set(array, offset);
    offset += array.length;
  }
  return all;
}
