import type { GridComponentOption, XAXisComponentOption, YAXisComponentOption } from 'echarts';

import { formatCount, formatTick, shortenNames } from '../format.ts';
import { text } from '../text.ts';
import type { AxisOption } from './chart.ts';
import type { LogBase } from './ticks.ts';
import { paddedRange, type Range } from './scale.ts';
import type { ChartTheme } from './theme.ts';

export interface AxisSettings {
  readonly title: string;
  readonly range: Range;
  readonly isLog?: boolean;
  /** Of a logarithmic axis: its ticks are powers of it. @default 10 */
  readonly logBase?: LogBase;
  readonly isTime?: boolean;
  /** Labels at 0, 1, 2, … instead of numbers. */
  readonly categories?: readonly string[];
  readonly format?: (value: number) => string;
  readonly grid?: number;
  readonly isBare?: boolean;
  /** Whole numbers only. */
  readonly isInteger?: boolean;
}

export function xAxis(settings: AxisSettings, theme: ChartTheme): AxisOption<XAXisComponentOption> {
  return {
    ...axis(settings, theme),
    nameLocation: 'middle',
    nameGap: 24,
    nameTextStyle: nameStyle(theme),
    axisLine: { show: true, onZero: false, lineStyle: { color: theme.axisLine } },
    splitLine: { show: false },
  } as unknown as AxisOption<XAXisComponentOption>;
}

/** Below a chart of what went on trial by trial. */
export function trialNumberAxis(
  extent: Range | null,
  theme: ChartTheme,
): AxisOption<XAXisComponentOption> {
  const range = paddedRange(extent, false, 0.015);
  return xAxis({ title: text.fields.number, range, isInteger: true, format: formatCount }, theme);
}

export function yAxis(settings: AxisSettings, theme: ChartTheme): AxisOption<YAXisComponentOption> {
  return {
    ...axis(settings, theme),
    nameLocation: 'end',
    nameGap: 10,
    nameTextStyle: { ...nameStyle(theme), align: 'left' },
    axisLine: { show: false, onZero: false },
    splitLine: {
      show: settings.isBare !== true,
      showMinLine: false,
      showMaxLine: false,
      lineStyle: { color: theme.gridLine },
    },
  } as unknown as AxisOption<YAXisComponentOption>;
}

/** The one grid of a chart that fills its space. */
export function fullGrid(overrides: GridComponentOption = {}): GridComponentOption {
  return { left: 58, right: 18, top: 28, bottom: 44, ...overrides };
}

/** Longer names beside a chart would push it out of its own space; below it they are as long as there is room (`apply-view.ts`). */
export const MAX_NAME_LENGTH = 20;

function nameStyle(theme: ChartTheme): Record<string, unknown> {
  return { color: theme.text3, fontSize: 11, fontFamily: theme.fontFamily };
}

function axis(settings: AxisSettings, theme: ChartTheme): Record<string, unknown> {
  const {
    title,
    range,
    isLog,
    logBase = 10,
    isTime,
    categories,
    format,
    grid = 0,
    isInteger,
  } = settings;
  const places = categories?.map((_, i) => i);
  const names = categories && shortenNames(categories, MAX_NAME_LENGTH);
  const label = names ? (value: number) => names[value] ?? '' : (format ?? formatTick);
  return {
    type: isLog ? 'log' : isTime ? 'time' : 'value',
    gridIndex: grid,
    name: title,
    min: range[0],
    max: range[1],
    ...(categories ? { categories } : {}),
    ...(isInteger ? { minInterval: 1 } : {}),
    ...(isLog ? { logBase } : {}),
    axisTick: { show: false },
    axisLabel: {
      color: theme.text3,
      fontSize: 11,
      fontFamily: theme.fontFamily,
      hideOverlap: true,
      // The ends of a range are no round numbers.
      showMinLabel: false,
      showMaxLabel: false,
      ...(places ? { customValues: places, showMinLabel: true, showMaxLabel: true } : {}),
      formatter: label,
    },
    axisPointer: { show: false },
  };
}
