import type { ChartOption } from './chart.ts';
import type { Range } from './scale.ts';

/** What the user looks at in one grid. */
export interface Zoom {
  readonly x: Range;
  readonly y: Range;
}

/** The option as it is looked at: zoomed grids, series left out that are hidden. */
export function applyView(
  option: ChartOption,
  zooms: ReadonlyMap<number, Zoom>,
  hidden: ReadonlySet<string>,
): ChartOption {
  const isZoomed = zooms.size > 0;
  const zoomed = <Axis extends { min: number; max: number }>(axis: Axis, range?: Range): Axis =>
    range ? { ...axis, min: range[0], max: range[1] } : axis;
  return {
    grid: option.grid,
    xAxis: option.xAxis.map((axis, i) => zoomed(axis, zooms.get(i)?.x)),
    yAxis: option.yAxis.map((axis, i) => zoomed(axis, zooms.get(i)?.y)),
    series: option.series
      .filter(({ name }) => name === undefined || !hidden.has(String(name)))
      .map((series) => ({
        ...series,
        ...(isZoomed ? { clip: true } : {}),
      })) as ChartOption['series'],
  };
}
