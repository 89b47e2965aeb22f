import type { AxisOption, ChartOption } from './chart.ts';
import { logTicks, type LogBase } from './log-ticks.ts';
import type { Range } from './scale.ts';

/** What the user looks at in one grid. */
export interface Zoom {
  readonly x: Range;
  readonly y: Range;
}

/** The option as it is looked at: zoomed grids with the ticks of their ranges, series left out that are hidden. */
export function applyView(
  option: ChartOption,
  zooms: ReadonlyMap<number, Zoom>,
  hidden: ReadonlySet<string>,
): ChartOption {
  const isZoomed = zooms.size > 0;
  return {
    grid: option.grid,
    xAxis: option.xAxis.map((axis, i) => axisOver(axis, zooms.get(i)?.x)),
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
