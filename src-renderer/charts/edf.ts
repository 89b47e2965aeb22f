import { formatNumber, formatPercent } from '../format.ts';
import { text } from '../text.ts';
import { fullGrid, xAxis, yAxis } from './axes.ts';
import {
  columnsTable,
  type ChartModel,
  type ChartOption,
  type ChartTable,
  type PickLayer,
} from './chart.ts';
import { extentOf, paddedRange, robustExtent, toEdge, type Range } from './scale.ts';
import type { ChartTheme } from './theme.ts';

/** An empirical distribution function. */
export interface EdfInfo {
  /** Distinct values, ascending. */
  readonly x: Float64Array;
  /** Share of trials whose value is at most x. */
  readonly y: Float64Array;
  /** Of the values, without outliers. */
  readonly extent: Range | null;
}

/** Exact: no binning. `values`: those that count, of complete and feasible trials. */
export function edfInfo(values: Float64Array): EdfInfo {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const x = new Float64Array(sorted.length);
  const y = new Float64Array(sorted.length);
  let n = 0;
  for (let i = 0; i < sorted.length; i++)
    if (sorted[i] !== sorted[i + 1]) {
      x[n] = sorted[i] as number;
      y[n++] = (i + 1) / sorted.length;
    }
  return { x: x.slice(0, n), y: y.slice(0, n), extent: robustExtent(values).extent };
}

/** The function of one study. */
export interface EdfCurve extends EdfInfo {
  readonly name: string;
  readonly color: string;
}

const MAX_POINTS = 2000;

export function edfModel(
  curves: readonly EdfCurve[],
  valueTitle: string,
  theme: ChartTheme,
): ChartModel {
  const extent = extentOf(curves.map((curve) => curve.extent ?? [])) ?? ([0, 1] as const);
  const xRange = paddedRange(extent, false, 0.03);
  const isSingle = curves.length === 1;
  const option: ChartOption = {
    grid: [fullGrid()],
    xAxis: [xAxis({ title: valueTitle, range: xRange }, theme)],
    yAxis: [
      yAxis(
        {
          title: text.charts.shareOfTrials,
          range: [-0.02, 1.04],
          format: (share) => formatPercent(share),
        },
        theme,
      ),
    ],
    series: curves.map(({ name, color, x, y }) => ({
      type: 'line',
      name,
      step: 'end',
      data: thinned(x, y, xRange),
      showSymbol: false,
      lineStyle: { color, width: 2 },
      silent: true,
      animation: false,
    })) as unknown as ChartOption['series'],
  };
  const layers = curves.map(({ name, x, y }): PickLayer => ({
    grid: 0,
    x,
    y,
    seriesName: name,
    trialNumbers: null,
    label: (i) => text.charts.edfPoint(formatPercent(y[i] as number), formatNumber(x[i] as number)),
  }));
  return {
    option,
    layers,
    legend: isSingle
      ? []
      : curves.map(({ name, color }) => ({ name, color, shape: 'line' as const })),
    table: () => edfTable(curves, valueTitle),
    summary: text.charts.edfSummary(valueTitle),
    emptyText: curves.every(({ x }) => x.length === 0) ? text.charts.noValues : undefined,
  };
}

function edfTable(curves: readonly EdfCurve[], valueTitle: string): ChartTable {
  const rows = curves.flatMap(({ name, x, y }) =>
    Array.from(x, (value, i) => ({ name, value, share: y[i] as number })),
  );
  return columnsTable([
    ...(curves.length === 1
      ? []
      : [{ title: text.charts.study, values: rows.map(({ name }) => name) }]),
    { title: valueTitle, values: rows.map(({ value }) => value) },
    { title: text.charts.shareOfTrials, values: rows.map(({ share }) => share) },
  ]);
}

/** Enough points to draw, from the left border at 0 to the right at 1. */
function thinned(x: Float64Array, y: Float64Array, [left, right]: Range): [number, number][] {
  const every = Math.max(1, Math.floor(x.length / MAX_POINTS));
  const points: [number, number][] = [[left, 0]];
  for (let i = 0; i < x.length; i++)
    if (i % every === 0 || i === x.length - 1)
      points.push([toEdge(x[i] as number, [left, right]), y[i] as number]);
  points.push([Math.max(right, toEdge(x.at(-1) ?? right, [left, right])), 1]);
  return x.length === 0 ? [] : points;
}
