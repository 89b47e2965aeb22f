import { formatNumber } from '../format.ts';
import { text } from '../text.ts';
import { fullGrid, trialNumberAxis, yAxis } from './axes.ts';
import {
  columnsTable,
  type ChartModel,
  type ChartOption,
  type ChartTable,
  type PickLayer,
} from './chart.ts';
import { extentOf, paddedRange, robustExtent, toEdge } from './scale.ts';
import type { ChartTheme } from './theme.ts';

/** How one study's best value went: `x` trial numbers, `y` the best value then. */
export interface BestSoFar {
  readonly name: string;
  readonly color: string;
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** The best value so far of several studies. */
export function bestSoFarModel(
  studies: readonly BestSoFar[],
  valueTitle: string,
  theme: ChartTheme,
): ChartModel {
  const extents = studies.map(({ y }) => robustExtent(y).extent ?? []);
  const yRange = paddedRange(extentOf(extents), false, 0.06);
  const end = extentOf(studies.map(({ x }) => x))?.[1] ?? 1;
  return {
    option: {
      grid: [fullGrid()],
      xAxis: [trialNumberAxis([0, end], theme)],
      yAxis: [yAxis({ title: valueTitle, range: yRange }, theme)],
      series: studies.map(({ name, color, x, y }) => ({
        type: 'line',
        name,
        step: 'end',
        data: corners(x, y).map((i) => [x[i] as number, toEdge(y[i] as number, yRange)]),
        showSymbol: false,
        lineStyle: { color, width: 2 },
        silent: true,
        animation: false,
      })) as unknown as ChartOption['series'],
    },
    layers: studies.map(({ name, x, y }): PickLayer => ({
      grid: 0,
      x,
      y,
      seriesName: name,
      trialNumbers: null,
      label: (i) => text.compareStudies.point(name, x[i] as number, formatNumber(y[i] as number)),
    })),
    legend: studies.map(({ name, color }) => ({ name, color, shape: 'line' as const })),
    table: () => bestSoFarTable(studies, valueTitle),
    summary: text.compareStudies.title(studies.length),
    emptyText: studies.every(({ x }) => x.length === 0) ? text.charts.noValues : undefined,
  };
}

/** The points at which a line of steps turns, and its last one: few, however many trials. */
function corners(x: Float64Array, y: Float64Array): number[] {
  const turns: number[] = [];
  for (let i = 0; i < x.length; i++)
    if (i === 0 || i === x.length - 1 || y[i] !== y[i - 1]) turns.push(i);
  return turns;
}

function bestSoFarTable(studies: readonly BestSoFar[], valueTitle: string): ChartTable {
  const rows = studies.flatMap(({ name, x, y }) =>
    Array.from(x, (number, i) => ({ name, number, value: y[i] as number })),
  );
  return columnsTable([
    { title: text.charts.study, values: rows.map(({ name }) => name) },
    { title: text.fields.number, values: rows.map(({ number }) => number) },
    { title: valueTitle, values: rows.map(({ value }) => value) },
  ]);
}
