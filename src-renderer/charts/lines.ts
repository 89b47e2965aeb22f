import { formatNumber } from '../format.ts';
import { fullGrid, xAxis, yAxis } from './axes.ts';
import { columnsTable, type ChartModel } from './chart.ts';
import { extentOf, paddedRange, type Range } from './scale.ts';
import type { ChartTheme } from './theme.ts';

export interface Line {
  readonly name: string;
  readonly color: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly isDashed?: boolean;
  /** Whether its points are drawn too, as where there are few. */
  readonly hasPoints?: boolean;
  /** What a point says; undefined: nothing, as for a line that only helps the eye. */
  readonly label?: (index: number) => string;
}

interface LinesOptions {
  readonly xTitle: string;
  readonly yTitle: string;
  readonly xRange?: Range;
  readonly yRange?: Range;
  readonly summary: string;
  readonly note?: string;
  readonly emptyText?: string;
}

/** Lines over a common axis. Those with a label are what it is about: they are in the table. */
export function linesModel(
  lines: readonly Line[],
  options: LinesOptions,
  theme: ChartTheme,
): ChartModel {
  const { xTitle, yTitle, summary, note, emptyText } = options;
  const shown = lines.filter(({ label }) => label !== undefined);
  const rows = shown.flatMap(({ name, x, y }) =>
    x.map((value, i) => ({ name, x: value, y: y[i] ?? NaN })),
  );
  return {
    option: {
      grid: [fullGrid()],
      xAxis: [
        xAxis(
          {
            title: xTitle,
            range: options.xRange ?? paddedRange(extentOf(lines.map(({ x }) => x)), false),
          },
          theme,
        ),
      ],
      yAxis: [
        yAxis(
          {
            title: yTitle,
            range: options.yRange ?? paddedRange(extentOf(lines.map(({ y }) => y)), false, 0.05),
          },
          theme,
        ),
      ],
      series: lines.map(({ name, color, x, y, isDashed, hasPoints }) => ({
        type: 'line',
        name,
        data: x.map((value, i) => [value, y[i]]),
        showSymbol: hasPoints === true,
        symbol: 'circle',
        symbolSize: 7,
        itemStyle: { color },
        lineStyle: { color, width: isDashed ? 1.25 : 2, type: isDashed ? 'dashed' : 'solid' },
        silent: true,
        animation: false,
        clip: true,
      })) as unknown as ChartModel['option']['series'],
    },
    layers: shown.map(({ name, x, y, label }) => ({
      grid: 0,
      x,
      y,
      seriesName: name,
      trialNumbers: null,
      label: label ?? ((i: number) => formatNumber(y[i] ?? NaN)),
    })),
    legend:
      shown.length > 1
        ? shown.map(({ name, color }) => ({ name, color, shape: 'line' as const }))
        : [],
    table: () =>
      columnsTable([
        ...(shown.length > 1 ? [{ title: '', values: rows.map(({ name }) => name) }] : []),
        { title: xTitle, values: rows.map(({ x }) => x) },
        { title: yTitle, values: rows.map(({ y }) => y) },
      ]),
    summary,
    note,
    emptyText: rows.length === 0 ? (emptyText ?? summary) : undefined,
  };
}
