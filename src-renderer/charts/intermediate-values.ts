import type { TrialCurves } from '../../src-main/contract/trials.ts';
import { formatNumber } from '../format.ts';
import { text } from '../text.ts';
import {
  indexOfSorted,
  rowOfTrial,
  stateCode,
  stateOf,
  type TrialView,
} from '../trials/trial-view.ts';
import { fullGrid, xAxis, yAxis } from './axes.ts';
import type { ChartModel, ChartOption, ChartTable, LegendItem, PickLayer } from './chart.ts';
import { pointKindOf } from './point-groups.ts';
import { extentOf, paddedRange, robustExtent, type Range } from './scale.ts';
import { legendShapes, pointColor, type PointKind } from './state-style.ts';
import { mixColors, type ChartTheme } from './theme.ts';

export interface IntermediateValuesOptions {
  readonly valueTitle: string;
  /** Trials drawn in front, the best ones. */
  readonly bestNumbers: readonly number[];
  readonly selectedNumbers: ReadonlySet<number>;
  /** Name and colour each of the selected ones. @default false */
  readonly namesSelected?: boolean;
  readonly isLog?: boolean;
  readonly mask?: Uint8Array | null;
  /** What the pruner compared with, step by step, in one line or several under one name; NaN where it did not. */
  readonly thresholds?: {
    readonly name: string;
    readonly steps: ArrayLike<number>;
    /** Each with the title of its column where the chart is shown as a table. */
    readonly lines: readonly { readonly title: string; readonly values: ArrayLike<number> }[];
  };
  /** Above so many curves, those not in front become a band. @default 40 */
  readonly maxLines?: number;
}

/** How the reports of many trials are spread at each step. */
export interface CurveBand {
  readonly steps: Float64Array;
  /** Trials that reported at the step. */
  readonly counts: Float64Array;
  readonly p10: Float64Array;
  readonly p25: Float64Array;
  readonly p50: Float64Array;
  readonly p75: Float64Array;
  readonly p90: Float64Array;
}

export interface CurveGroup {
  readonly kind: PointKind | 'best' | 'selected';
  /** Of a group that is one trial. */
  readonly trialNumber?: number;
  /** Indices into the curves. */
  readonly curves: readonly number[];
}

export interface IntermediateValuesInfo {
  /** Back to front. */
  readonly groups: readonly CurveGroup[];
  /** Of the curves that are not drawn one by one; null where all are. */
  readonly band: CurveBand | null;
  readonly nInBand: number;
  readonly lastStep: number;
  readonly xRange: Range;
  readonly yRange: Range;
}

/** Whether all reports are above 0. */
export function canCurvesBeLog({ values }: TrialCurves): boolean {
  return (extentOf([values])?.[0] ?? 0) > 0;
}

const backToFront = [
  'faded',
  'infeasible',
  'pruned',
  'fail',
  'complete',
  'running',
  'selected',
  'best',
] as const;

export function intermediateValuesInfo(
  curves: TrialCurves,
  view: TrialView,
  {
    bestNumbers,
    selectedNumbers,
    isLog = false,
    mask = null,
    maxLines = 40,
  }: IntermediateValuesOptions,
): IntermediateValuesInfo {
  const best = new Set(bestNumbers);
  const groups = new Map<CurveGroup['kind'], number[]>();
  const rest: number[] = [];
  for (let i = 0; i < curves.numbers.length; i++) {
    const number = curves.numbers[i] as number;
    const row = rowOfTrial(view, number);
    if (row < 0 || curves.offsets[i] === curves.offsets[i + 1]) continue;
    const isInFront = best.has(number) || selectedNumbers.has(number);
    const kind = best.has(number)
      ? 'best'
      : selectedNumbers.has(number)
        ? 'selected'
        : pointKindOf(view, row, mask);
    if (!isInFront && view.states[row] !== stateCode.running) rest.push(i);
    const group = groups.get(kind);
    if (group) group.push(i);
    else groups.set(kind, [i]);
  }
  const isBand = rest.length > maxLines;
  const inBand = rest.filter((i) => isKept(curves, i, view, mask));
  const isDrawn = (kind: CurveGroup['kind']): boolean =>
    !isBand || kind === 'best' || kind === 'selected' || kind === 'running';
  const steps = extentOf([curves.steps]);
  const extent = isLog
    ? extentOf([curves.values], true)
    : robustExtent(thinnedValues(curves)).extent;
  return {
    groups: backToFront.flatMap((kind) => {
      const group = groups.get(kind);
      return group && isDrawn(kind) ? [{ kind, curves: group }] : [];
    }),
    band: isBand ? curveBand(curves, inBand) : null,
    nInBand: isBand ? inBand.length : 0,
    lastStep: steps?.[1] ?? 0,
    xRange: paddedRange(steps, false, 0.015),
    yRange: paddedRange(extent, isLog, 0.05),
  };
}

function isKept(curves: TrialCurves, i: number, view: TrialView, mask: Uint8Array | null): boolean {
  return mask === null || mask[rowOfTrial(view, curves.numbers[i] as number)] === 1;
}

/** Enough values to know their range. */
function thinnedValues({ values }: TrialCurves): ArrayLike<number> {
  const every = Math.ceil(values.length / 50_000);
  return every <= 1 ? values : values.filter((_, i) => i % every === 0);
}

const MAX_BAND_STEPS = 240;

/** Quantiles over these curves at (at most 240 of) their steps. NaN reports are left out. */
export function curveBand(curves: TrialCurves, indices: readonly number[]): CurveBand {
  const counts = new Map<number, number>();
  for (const i of indices)
    for (let k = curves.offsets[i] as number; k < (curves.offsets[i + 1] as number); k++)
      if (!Number.isNaN(curves.values[k] as number)) {
        const step = curves.steps[k] as number;
        counts.set(step, (counts.get(step) ?? 0) + 1);
      }
  const all = [...counts.keys()].sort((a, b) => a - b);
  const every = Math.ceil(all.length / MAX_BAND_STEPS);
  const steps = all.filter((_, i) => i % every === 0 || i === all.length - 1);
  const values = new Map(steps.map((step) => [step, new Float64Array(counts.get(step) ?? 0)]));
  const used = new Map<number, number>();
  for (const i of indices)
    for (let k = curves.offsets[i] as number; k < (curves.offsets[i + 1] as number); k++) {
      const step = curves.steps[k] as number;
      const value = curves.values[k] as number;
      const at = values.get(step);
      if (!at || Number.isNaN(value)) continue;
      const n = used.get(step) ?? 0;
      at[n] = value;
      used.set(step, n + 1);
    }
  const sorted = steps.map((step) => (values.get(step) as Float64Array).sort());
  const quantiles = (share: number): Float64Array =>
    Float64Array.from(sorted, (at) => quantile(at, share));
  return {
    steps: Float64Array.from(steps),
    counts: Float64Array.from(sorted, ({ length }) => length),
    p10: quantiles(0.1),
    p25: quantiles(0.25),
    p50: quantiles(0.5),
    p75: quantiles(0.75),
    p90: quantiles(0.9),
  };
}

/** Of sorted values, linear between neighbours (numpy's default). */
function quantile(sorted: Float64Array, share: number): number {
  const place = (sorted.length - 1) * share;
  const low = Math.floor(place);
  const [a, b] = [sorted[low] as number, sorted[Math.ceil(place)] as number];
  return a === b ? a : a + (b - a) * (place - low);
}

export function intermediateValuesModel(
  curves: TrialCurves,
  view: TrialView,
  options: IntermediateValuesOptions,
  theme: ChartTheme,
  info = intermediateValuesInfo(curves, view, options),
): ChartModel {
  const { band, nInBand, lastStep, xRange, yRange } = info;
  const groups = options.namesSelected ? selectedGroups(info.groups, curves) : info.groups;
  const styleOf = (group: CurveGroup): { name: string; color: string } =>
    groupStyle(group, [...options.selectedNumbers].indexOf(group.trialNumber ?? -1), theme);
  const nLines = groups.reduce((sum, group) => sum + group.curves.length, 0);
  const legend: LegendItem[] = groups
    .filter(({ kind }) => kind !== 'faded')
    .map((group): LegendItem => {
      const { kind } = group;
      const shape = kind === 'best' || kind === 'selected' ? 'line' : legendShapes[kind];
      return { ...styleOf(group), shape };
    })
    .reverse();
  if (band)
    legend.push({
      name: text.charts.bandSeries,
      label: text.charts.band(nInBand),
      color: theme.states.complete,
      shape: 'band',
    });
  const { name: limitName = '', steps: limitSteps = [], lines = [] } = options.thresholds ?? {};
  const limits = lines
    .map(({ title, values }) => ({ title, points: thresholdPoints(limitSteps, values) }))
    .filter(({ points }) => points.length > 0);
  if (limits.length > 0)
    legend.push({ name: limitName, color: theme.states.pruned, shape: 'line' });
  return {
    option: {
      grid: [fullGrid()],
      xAxis: [xAxis({ title: text.charts.step, range: xRange, isInteger: true }, theme)],
      yAxis: [yAxis({ title: options.valueTitle, range: yRange, isLog: options.isLog }, theme)],
      series: [
        ...(band ? bandSeries(band, text.charts.bandSeries, theme) : []),
        ...limits.map(({ points }) => thresholdSeries(limitName, points, theme)),
        ...groups.flatMap((group, i) => [
          lineSeries(curves, group, styleOf(group), i, nLines),
          ...loneSeries(curves, group.curves, styleOf(group), i),
        ]),
      ] as unknown as ChartOption['series'],
    },
    layers: groups
      .filter(({ kind }) => kind !== 'faded')
      .map((group) => curveLayer(curves, group.curves, styleOf(group).name)),
    legend,
    showsSelection: true,
    locate: (trialNumber) => {
      const i = indexOfSorted(curves.numbers, trialNumber);
      return i < 0 ? null : curveLayer(curves, [i]);
    },
    table: () => curvesTable(curves, view, options, limits),
    summary: text.charts.curvesSummary(curves.numbers.length, formatNumber(lastStep)),
    emptyText: curves.steps.length === 0 ? text.charts.noReports : undefined,
  };
}

/** The steps at which something was compared, with what. */
export function thresholdPoints(
  steps: ArrayLike<number>,
  values: ArrayLike<number>,
): [step: number, value: number][] {
  const points = Array.from(steps, (step, i): [number, number] => [step, values[i] as number]);
  return points.filter(([, value]) => Number.isFinite(value));
}

/** Steps between comparisons are bridged: the pruner looks at some steps only. */
function thresholdSeries(
  name: string,
  points: readonly [number, number][],
  theme: ChartTheme,
): object {
  return {
    type: 'line',
    name,
    data: points,
    silent: true,
    symbol: points.length > 30 ? 'none' : 'rect',
    // Rungs are few and may be one: there the mark alone has to show the limit.
    symbolSize: points.length > 10 ? 3 : [12, 3],
    lineStyle: { color: theme.states.pruned, width: 1.5, type: [4, 3] },
    itemStyle: { color: theme.states.pruned },
    z: 4,
  };
}

/** Where the selected trials are what it is about: each of them by itself, running ones only if selected. */
function selectedGroups(groups: readonly CurveGroup[], curves: TrialCurves): CurveGroup[] {
  return groups.flatMap((group) => {
    if (group.kind === 'running') return [];
    if (group.kind !== 'selected') return [group];
    return group.curves.map((i) => ({ ...group, curves: [i], trialNumber: curves.numbers[i] }));
  });
}

function groupStyle(
  { kind, trialNumber }: CurveGroup,
  place: number,
  theme: ChartTheme,
): { name: string; color: string } {
  if (trialNumber !== undefined)
    return {
      name: text.trial.title(trialNumber),
      color: theme.series[place % theme.series.length] ?? theme.accent,
    };
  if (kind === 'best') return { name: text.charts.bestCurve, color: theme.best };
  if (kind === 'selected') return { name: text.charts.selectedCurve, color: theme.accent };
  return { name: text.points[kind], color: pointColor(kind, theme) };
}

/** A report that is no number is a gap in the curve; so is one that is infinite. */
function finiteOrGap(value: number): number {
  return Number.isFinite(value) ? value : NaN;
}

/** All curves of a group in one series, with a gap after each. */
function lineSeries(
  curves: TrialCurves,
  { kind, curves: indices }: CurveGroup,
  { name, color }: { name: string; color: string },
  depth: number,
  nLines: number,
): object {
  const data: [number, number][] = [];
  for (const i of indices) {
    for (let k = curves.offsets[i] as number; k < (curves.offsets[i + 1] as number); k++)
      data.push([curves.steps[k] as number, finiteOrGap(curves.values[k] as number)]);
    data.push([data.at(-1)?.[0] ?? 0, NaN]);
  }
  const isFront = kind === 'best' || kind === 'selected' || kind === 'running';
  return {
    type: 'line',
    name,
    data,
    connectNulls: false,
    showSymbol: false,
    lineStyle: {
      color,
      width: kind === 'best' ? 2.25 : isFront ? 1.75 : 1,
      opacity: isFront || nLines < 12 ? 1 : 0.45,
    },
    silent: true,
    clip: true,
    animation: false,
    z: 3 + depth,
  };
}

/** A report with a gap on both sides, such as a trial's only one, has no line: it is a point. */
function loneSeries(
  curves: TrialCurves,
  indices: readonly number[],
  { name, color }: { name: string; color: string },
  depth: number,
): object[] {
  const data = indices.flatMap((i) => lonePoints(curves, i));
  if (data.length === 0) return [];
  return [
    {
      type: 'scatter',
      name,
      data,
      symbolSize: 6,
      itemStyle: { color },
      silent: true,
      clip: true,
      animation: false,
      z: 3 + depth,
    },
  ];
}

function lonePoints(curves: TrialCurves, i: number): [step: number, value: number][] {
  const [start, end] = [curves.offsets[i] as number, curves.offsets[i + 1] as number];
  const isGap = (k: number): boolean =>
    k < start || k >= end || !Number.isFinite(curves.values[k] as number);
  const points: [number, number][] = [];
  for (let k = start; k < end; k++)
    if (!isGap(k) && isGap(k - 1) && isGap(k + 1))
      points.push([curves.steps[k] as number, curves.values[k] as number]);
  return points;
}

function bandSeries(band: CurveBand, name: string, theme: ChartTheme): object[] {
  const area = (low: Float64Array, high: Float64Array, share: number, z: number): object => ({
    type: 'custom',
    name,
    data: [0],
    silent: true,
    clip: true,
    animation: false,
    z,
    renderItem(_: unknown, api: { coord(point: number[]): number[] }) {
      const up = Array.from(band.steps, (step, i) => api.coord([step, high[i] as number]));
      const down = Array.from(band.steps, (step, i) => api.coord([step, low[i] as number]));
      return {
        type: 'polygon',
        shape: { points: [...up, ...down.reverse()] },
        style: { fill: mixColors(theme.surface, theme.states.complete, share) },
      };
    },
  });
  return [
    area(band.p10, band.p90, 0.16, 1),
    area(band.p25, band.p75, 0.32, 1.1),
    {
      type: 'line',
      name,
      data: Array.from(band.steps, (step, i) => [step, band.p50[i] as number]),
      showSymbol: false,
      lineStyle: { color: theme.states.complete, width: 1.25, type: 'dashed' },
      silent: true,
      clip: true,
      animation: false,
      z: 2,
    },
  ];
}

function curveLayer(
  curves: TrialCurves,
  indices: readonly number[],
  seriesName?: string,
): PickLayer {
  const ranges = indices.map(
    (i) => [curves.offsets[i] as number, curves.offsets[i + 1] as number] as const,
  );
  const n = ranges.reduce((sum, [start, end]) => sum + end - start, 0);
  const x = new Float64Array(n);
  const y = new Float64Array(n);
  const trialNumbers = new Int32Array(n);
  let at = 0;
  ranges.forEach(([start, end], k) => {
    x.set(curves.steps.subarray(start, end), at);
    y.set(curves.values.subarray(start, end), at);
    trialNumbers.fill(curves.numbers[indices[k] as number] as number, at, at + end - start);
    at += end - start;
  });
  return { grid: 0, x, y, trialNumbers, isCurve: true, seriesName };
}

/** Trials that the chart is about come first, others by number. */
function curvesTable(
  curves: TrialCurves,
  view: TrialView,
  { valueTitle, selectedNumbers, namesSelected = false }: IntermediateValuesOptions,
  limits: readonly { title: string; points: readonly [step: number, value: number][] }[],
): ChartTable {
  const limitsAt = limits.map(({ points }) => new Map(points));
  const all = [...curves.numbers.keys()];
  const isFirst = (i: number): boolean =>
    namesSelected && selectedNumbers.has(curves.numbers[i] as number);
  const order = [...all.filter(isFirst), ...all.filter((i) => !isFirst(i))];
  const owner = new Int32Array(curves.steps.length);
  const place = new Int32Array(curves.steps.length);
  let nRows = 0;
  for (const i of order)
    for (let k = curves.offsets[i] as number; k < (curves.offsets[i + 1] as number); k++) {
      owner[nRows] = i;
      place[nRows++] = k;
    }
  return {
    columns: [
      text.fields.number,
      text.fields.state,
      text.charts.step,
      valueTitle,
      ...limits.map(({ title }) => title),
    ],
    nRows,
    cell: (row, column) => {
      const number = curves.numbers[owner[row] as number] as number;
      if (column === 0) return number;
      if (column === 1) return text.states[stateOf(view, rowOfTrial(view, number))];
      const k = place[row] as number;
      const step = curves.steps[k] as number;
      if (column === 2) return step;
      if (column === 3) return curves.values[k] ?? null;
      return (selectedNumbers.has(number) ? limitsAt[column - 4]?.get(step) : null) ?? null;
    },
  };
}
