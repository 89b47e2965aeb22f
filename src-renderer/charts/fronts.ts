import type { StudyDirection } from '../../src-main/tuner/study/direction.ts';
import { formatNumber } from '../format.ts';
import { text } from '../text.ts';
import { fullGrid, xAxis, yAxis } from './axes.ts';
import { columnsTable, type ChartModel, type ChartOption, type PickLayer } from './chart.ts';
import { extentOf, paddedRange } from './scale.ts';
import type { ChartTheme } from './theme.ts';

/** The Pareto front of one study in two of its objectives, by the first of them. */
export interface FrontCurve {
  readonly name: string;
  readonly color: string;
  readonly numbers: Int32Array;
  readonly x: Float64Array;
  readonly y: Float64Array;
}

export interface FrontsOptions {
  readonly titles: readonly [x: string, y: string];
  /** Of all objectives; of x and y first. */
  readonly directions: readonly StudyDirection[];
}

/** The fronts of several studies over one another. */
export function frontsModel(
  curves: readonly FrontCurve[],
  { titles, directions }: FrontsOptions,
  theme: ChartTheme,
): ChartModel {
  const ranges = (['x', 'y'] as const).map((axis) =>
    paddedRange(extentOf(curves.map((curve) => curve[axis])), false, 0.05),
  );
  const [xRange = [0, 1], yRange = [0, 1]] = ranges;
  const points = curves.flatMap(({ name, numbers, x, y }) =>
    Array.from(numbers, (number, i) => ({ name, number, x: x[i] as number, y: y[i] as number })),
  );
  return {
    option: {
      grid: [fullGrid()],
      xAxis: [xAxis({ title: titles[0], range: xRange }, theme)],
      yAxis: [yAxis({ title: titles[1], range: yRange }, theme)],
      series: curves.map(({ name, color, x, y }) => ({
        type: 'line',
        name,
        // With more objectives the front is no line in two of them.
        ...(directions.length === 2
          ? { step: directions[0] === 'minimize' ? 'end' : 'start' }
          : { lineStyle: { width: 0 } }),
        data: Array.from(x, (value, i) => [value, y[i] as number]),
        symbol: 'circle',
        symbolSize: 6,
        color,
        silent: true,
        animation: false,
      })) as unknown as ChartOption['series'],
    },
    layers: curves.map(({ name, numbers, x, y }): PickLayer => ({
      grid: 0,
      x,
      y,
      seriesName: name,
      trialNumbers: null,
      label: (i) =>
        text.compareStudies.frontPoint(name, numbers[i] as number, [
          `${titles[0]} ${formatNumber(x[i] as number)}`,
          `${titles[1]} ${formatNumber(y[i] as number)}`,
        ]),
    })),
    legend: curves.map(({ name, color }) => ({ name, color, shape: 'circle' as const })),
    table: () =>
      columnsTable([
        { title: text.charts.study, values: points.map(({ name }) => name) },
        { title: text.fields.number, values: points.map(({ number }) => number) },
        { title: titles[0], values: points.map(({ x }) => x) },
        { title: titles[1], values: points.map(({ y }) => y) },
      ]),
    summary: text.compareStudies.title(curves.length),
    emptyText: points.length === 0 ? text.charts.noValues : undefined,
  };
}
