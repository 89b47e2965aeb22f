import { isBetter, type StudyDirection } from '../../src-main/tuner/study/direction.ts';
import { formatCount, formatDuration, formatNumber } from '../format.ts';
import { text } from '../text.ts';
import { isCandidate } from '../trials/best.ts';
import { valueFieldId } from '../trials/fields.ts';
import type { StepReports } from '../trials/curves.ts';
import {
  countStates,
  indexOfSorted,
  stateCode,
  stateOf,
  type TrialView,
} from '../trials/trial-view.ts';
import { fullGrid, xAxis, yAxis } from './axes.ts';
import { columnsTable, type ChartModel, type ChartOption, type LegendItem } from './chart.ts';
import {
  countPoints,
  drawnValue,
  groupLayers,
  groupLegend,
  groupPoints,
  groupSeries,
  type PointGroup,
} from './point-groups.ts';
import { extentOf, paddedRange, robustExtent, toEdge, type Range } from './scale.ts';
import { scatterSeries } from './state-style.ts';
import type { ChartTheme } from './theme.ts';

export const historyXAxes = ['number', 'started', 'completed', 'elapsed'] as const;
export type HistoryXAxis = (typeof historyXAxes)[number];

export interface OptimizationHistoryOptions {
  readonly direction: StudyDirection;
  readonly valueTitle: string;
  /** @default 0 */
  readonly objective?: number;
  /** The field of another number that is drawn in the objective's place; null: none. Nothing of it is best. @default null */
  readonly otherFieldId?: string | null;
  /** The reports of one step, drawn in the objective's place; null: none. Trials that reported and are not among them are not drawn. @default null */
  readonly reports?: StepReports | null;
  /** @default 'number' */
  readonly xAxis?: HistoryXAxis;
  /** @default false */
  readonly isLog?: boolean;
  /** Draw outliers at their place, even if they squeeze the rest. @default false */
  readonly showsOutliers?: boolean;
  /** Rows that a filter keeps; null: all. */
  readonly mask?: Uint8Array | null;
}

export interface OptimizationHistoryInfo {
  readonly options: Required<OptimizationHistoryOptions>;
  /** Whether all values are above 0. */
  readonly canBeLog: boolean;
  readonly hasOutliers: boolean;
  /** Trials that have a value, by how they are drawn. A running one has its last report. */
  readonly points: readonly PointGroup[];
  /** Trials without a value (failed ones, NaN reports, none yet): they are drawn along the x-axis, whatever their y. */
  readonly withoutValue: readonly PointGroup[];
  /** After each complete and feasible trial, in the order of x: the best value so far. */
  readonly best: { readonly x: Float64Array; readonly y: Float64Array };
  /** The corners of its line, out to the right end: few, however many trials. */
  readonly bestCorners: readonly (readonly [x: number, y: number])[];
  readonly xRange: Range;
  readonly yRange: Range;
  /** Points outside `yRange` because they are outliers, infinite or not positive on a log axis. */
  readonly nOutside: number;
}

type ReadNumber = (row: number) => number;

/** Reads what was reported at the step; NaN where nothing was. */
export function reportReader(view: TrialView, { numbers, values }: StepReports): ReadNumber {
  return (row) => values[indexOfSorted(numbers, view.numbers[row] as number)] ?? NaN;
}

/** What is drawn of finished trials. */
export function valuesOf(
  view: TrialView,
  objective: number,
  otherAt: ReadNumber | null,
): Float64Array {
  if (otherAt) return Float64Array.from({ length: view.nTrials }, (_, row) => otherAt(row));
  return view.values[objective] ?? new Float64Array(view.nTrials).fill(NaN);
}

/** Whether all values are above 0. */
export function canBeLog(values: Float64Array): boolean {
  return (extentOf([values])?.[0] ?? 0) > 0;
}

/** @param otherAt Reads the number of `otherFieldId`, or of `reports`; NaN where the trial has none. */
export function optimizationHistoryInfo(
  view: TrialView,
  options: OptimizationHistoryOptions,
  otherAt: ReadNumber | null = null,
): OptimizationHistoryInfo {
  const full = {
    objective: 0,
    otherFieldId: null,
    reports: null,
    xAxis: 'number' as const,
    isLog: false,
    showsOutliers: false,
    mask: null,
    ...options,
  };
  const { objective, reports, isLog, showsOutliers, mask } = full;
  const values = valuesOf(view, objective, otherAt);
  const xOf = xReader(view, full.xAxis);
  const yOf = otherAt ?? ((row: number): number => drawnValue(view, row, objective));
  const isKnown = (row: number): boolean =>
    reports === null ||
    view.nIntermediate[row] === 0 ||
    indexOfSorted(reports.numbers, view.numbers[row] as number) >= 0;
  const isDrawn = (row: number): boolean => view.states[row] !== stateCode.waiting && isKnown(row);
  const points = groupPoints(view, mask, (row) => (isDrawn(row) ? xOf(row) : NaN), yOf);
  const withoutValue = groupPoints(
    view,
    mask,
    (row) => (isDrawn(row) && Number.isNaN(yOf(row)) ? xOf(row) : NaN),
    () => 0,
  ).filter(({ kind }) => kind !== 'faded');
  const best = otherAt
    ? { x: new Float64Array(), y: new Float64Array() }
    : bestSoFar(view, values, full.direction, xOf, objective);
  const allX = [...points, ...withoutValue].map(({ x }) => x);
  const allY = concat([...points.map(({ y }) => y), best.y]);
  const robust = showsOutliers || isLog ? extentOf([allY], isLog) : robustExtent(allY).extent;
  const extent = widest(robust, extentOf([best.y.slice(-1)], isLog));
  const xRange = paddedRange(extentOf(allX), false, 0.015);
  const yRange = paddedRange(extent, isLog, 0.05);
  return {
    options: full,
    canBeLog: canBeLog(values),
    hasOutliers: robustExtent(values).nOutside > 0,
    points,
    withoutValue,
    best,
    bestCorners: stepPoints(best, xRange[1], yRange),
    xRange,
    yRange,
    nOutside: countOutside(points, yRange),
  };
}

export function optimizationHistoryOption(
  info: OptimizationHistoryInfo,
  theme: ChartTheme,
): ChartOption {
  const { options, points, withoutValue, bestCorners, xRange, yRange } = info;
  const isTime = options.xAxis === 'started' || options.xAxis === 'completed';
  const series = [
    ...groupSeries(points, theme, { isLogY: options.isLog }),
    ...onAxis(withoutValue, yRange).map(({ kind, x, y }) => ({
      ...scatterSeries(
        { name: text.points[kind], kind, x, y, nPoints: countPoints(points), z: 5 },
        theme,
      ),
      // Marks on the axis stand half outside the grid.
      clip: false,
    })),
  ];
  const line = {
    type: 'line',
    name: text.points.best,
    data: bestCorners,
    showSymbol: false,
    lineStyle: { color: theme.best, width: 1.75 },
    silent: true,
    clip: true,
    animation: false,
    z: 3,
  };
  return {
    grid: [fullGrid()],
    xAxis: [
      xAxis(
        {
          title: text.historyX[options.xAxis],
          range: xRange,
          isTime,
          isInteger: options.xAxis === 'number',
          format: {
            number: formatCount,
            elapsed: formatDuration,
            started: undefined,
            completed: undefined,
          }[options.xAxis],
        },
        theme,
      ),
    ],
    yAxis: [
      yAxis(
        {
          title: options.valueTitle,
          range: yRange,
          isLog: options.isLog,
          format: options.otherFieldId === 'duration' ? formatDuration : undefined,
        },
        theme,
      ),
    ],
    series: (hasBest(info) ? [...series, line] : series) as unknown as ChartOption['series'],
  };
}

export function optimizationHistoryModel(
  view: TrialView,
  options: OptimizationHistoryOptions,
  theme: ChartTheme,
  info = optimizationHistoryInfo(view, options),
): ChartModel {
  const { points, best, yRange, nOutside } = info;
  const withoutValue = onAxis(info.withoutValue, yRange);
  const xFieldId = {
    number: 'number',
    started: 'startedAt',
    completed: 'completedAt',
    elapsed: undefined,
  }[info.options.xAxis];
  const { otherFieldId, reports, objective } = info.options;
  // No filter asks for what was reported at a step.
  const yFieldId = reports ? undefined : (otherFieldId ?? valueFieldId(objective));
  const layers = [
    ...groupLayers(points, { grid: 0, xFieldId, yFieldId }),
    ...groupLayers(withoutValue, { grid: 0 }),
  ];
  const bestValue = best.y.at(-1);
  const kinds = [
    ...points,
    ...withoutValue.filter(({ kind }) => !points.some((p) => p.kind === kind)),
  ];
  const bestLegend = { name: text.points.best, color: theme.best, shape: 'line' as const };
  const legend: LegendItem[] = [
    ...(hasBest(info) ? [bestLegend] : []),
    ...groupLegend(kinds, theme),
  ];
  return {
    option: optimizationHistoryOption(info, theme),
    layers,
    legend,
    table: () => historyTable(info, view),
    summary: text.charts.historySummary(
      view.nTrials,
      bestValue === undefined ? null : formatNumber(bestValue),
    ),
    note: nOutside > 0 ? text.charts.outside(nOutside) : undefined,
    emptyText: emptyText(info, view),
  };
}

/** Trials without a value have no y: an axis for them alone would be made up. */
function emptyText({ points }: OptimizationHistoryInfo, view: TrialView): string | undefined {
  if (view.nTrials === 0) return text.charts.noTrials;
  return points.length === 0 ? text.charts.noValuesOf(countStates(view)) : undefined;
}

function hasBest({ best }: OptimizationHistoryInfo): boolean {
  return best.x.length > 0;
}

/** The groups as marks along the x-axis. */
function onAxis(groups: readonly PointGroup[], [bottom]: Range): PointGroup[] {
  return groups.map((group) => ({ ...group, y: new Float64Array(group.x.length).fill(bottom) }));
}

function historyTable({ points, withoutValue, options }: OptimizationHistoryInfo, view: TrialView) {
  const groups = [...points, ...withoutValue.map((group) => ({ ...group, y: null }))];
  const rows = groups.flatMap(({ rows, x, y }) =>
    Array.from(rows, (row, i) => ({ row, x: x[i] as number, y: y?.[i] ?? null })),
  );
  rows.sort((a, b) => a.row - b.row);
  return columnsTable([
    { title: text.fields.number, values: rows.map(({ row }) => view.numbers[row] as number) },
    { title: text.fields.state, values: rows.map(({ row }) => text.states[stateOf(view, row)]) },
    ...(options.xAxis === 'number'
      ? []
      : [{ title: text.historyX[options.xAxis], values: rows.map(({ x }) => x) }]),
    { title: options.valueTitle, values: rows.map(({ y }) => y) },
  ]);
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

/** The corners of the step line, out to the right end. */
function stepPoints(
  best: { x: Float64Array; y: Float64Array },
  end: number,
  yRange: Range,
): [number, number][] {
  const corners: [number, number][] = [];
  let last = NaN;
  for (let i = 0; i < best.x.length; i++) {
    const y = toEdge(best.y[i] as number, yRange);
    if (y === last) continue;
    const x = best.x[i] as number;
    if (corners.length > 0) corners.push([x, last]);
    corners.push([x, y]);
    last = y;
  }
  if (corners.length > 0) corners.push([end, last]);
  return corners;
}

function countOutside(points: readonly PointGroup[], [min, max]: Range): number {
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
