import type { GridComponentOption, XAXisComponentOption } from 'echarts';

import type { AxisOption, ChartOption } from './chart.ts';
import { shortenNames } from '../format.ts';
import { logTicks, timeTicks, type LogBase } from './ticks.ts';
import type { Range } from './scale.ts';

/** What the user looks at in one grid. */
export interface Zoom {
  readonly x: Range;
  readonly y: Range;
}

/**
 * The option as it is looked at, in a chart so many pixels wide: zoomed grids with the ticks of their ranges and labels that fit, series left
 * out that are hidden.
 */
export function applyView(
  option: ChartOption,
  zooms: ReadonlyMap<number, Zoom>,
  hidden: ReadonlySet<string>,
  width: number,
): ChartOption {
  const isZoomed = zooms.size > 0;
  return {
    grid: option.grid,
    xAxis: option.xAxis.map((axis, i) =>
      labelled(axisOver(axis, zooms.get(i)?.x), plotWidth(option.grid[i], width)),
    ),
    yAxis: option.yAxis.map((axis, i) => axisOver(axis, zooms.get(i)?.y)),
    series: option.series
      .filter(({ name }) => name === undefined || !hidden.has(String(name)))
      .map((series) => ({
        ...series,
        ...(isZoomed ? { clip: true } : {}),
      })) as ChartOption['series'],
  };
}

function axisOver<Axis extends AxisOption<object>>(axis: Axis, range?: Range): Axis {
  const zoomed = range ? { ...axis, min: range[0], max: range[1] } : axis;
  return zoomed.type === 'log' ? withLogTicks(zoomed) : zoomed;
}

/** What grids of their own share of a chart say of it, as numbers or percentages. */
function plotWidth(grid: GridComponentOption | undefined, width: number): number {
  const pixels = (size: unknown): number =>
    typeof size === 'number'
      ? size
      : typeof size === 'string'
        ? (Number.parseFloat(size) / 100) * width
        : 0;
  if (grid?.width !== undefined) return pixels(grid.width);
  return width - pixels(grid?.left) - pixels(grid?.right);
}

/** Labels of a horizontal axis that need to know how much room there is: times and names. */
function labelled<Axis extends AxisOption<XAXisComponentOption>>(axis: Axis, width: number): Axis {
  const { type, min, max, categories } = axis as Axis & { categories?: readonly string[] };
  if (type === 'time') {
    const ticks = timeTicks([min, max], Math.max(2, Math.floor(width / TIME_WIDTH)));
    const labels = new Map(ticks.map(({ at, label }) => [at, label]));
    return withLabels(
      { ...axis, type: 'value' },
      ticks.map(({ at }) => at),
      (at) => labels.get(at) ?? '',
    );
  }
  if (!categories) return axis;
  const fitting = Math.floor(width / (max - min) / CHARACTER_WIDTH) - 1;
  const names = shortenNames(categories, Math.max(4, fitting));
  return withLabels(axis, [...categories.keys()], (at) => names[at] ?? '');
}

function withLabels<Axis extends AxisOption<XAXisComponentOption>>(
  axis: Axis,
  customValues: readonly number[],
  formatter: (value: number) => string,
): Axis {
  const axisLabel = { ...axis.axisLabel, customValues, formatter };
  return { ...axis, axisLabel: { ...axisLabel, showMinLabel: true, showMaxLabel: true } };
}

/** Pixels that a time of day takes, with the space to the next. */
const TIME_WIDTH = 76;
/** Of 11 pixel text. */
const CHARACTER_WIDTH = 6.2;

/** ECharts only knows powers of the base, of which a narrow range may have none. */
function withLogTicks<Axis extends AxisOption<LogAxis>>(axis: Axis): Axis {
  const { min, max, logBase, minInterval, axisTick, axisLabel } = axis;
  const ticks = logTicks([min, max], logBase);
  const customValues = minInterval === 1 ? ticks.filter(Number.isInteger) : ticks;
  return {
    ...axis,
    // Lines across the chart follow the ticks.
    axisTick: { ...axisTick, customValues },
    axisLabel: { ...axisLabel, customValues, showMinLabel: true, showMaxLabel: true },
  };
}

interface LogAxis {
  readonly logBase?: LogBase;
  readonly minInterval?: number;
  readonly axisTick?: object;
  readonly axisLabel?: object;
}
