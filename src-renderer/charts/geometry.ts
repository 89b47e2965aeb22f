import type { ChartOption, Hit, PickLayer } from './chart.ts';
import type { Range } from './scale.ts';

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Turns data into pixels and back, for one grid. */
export interface GridGeometry {
  readonly box: Box;
  readonly x: AxisGeometry;
  readonly y: AxisGeometry;
}

/** Pixel = offset + factor * f(value), f the logarithm or nothing. */
export interface AxisGeometry {
  readonly isLog: boolean;
  readonly offset: number;
  readonly factor: number;
  readonly range: Range;
}

export function createAxisGeometry(range: Range, pixels: Range, isLog: boolean): AxisGeometry {
  const [low, high] = isLog ? [Math.log(range[0]), Math.log(range[1])] : range;
  const factor = (pixels[1] - pixels[0]) / (high - low);
  return { isLog, factor, offset: pixels[0] - factor * low, range };
}

export function toPixel(axis: AxisGeometry, value: number): number {
  return axis.offset + axis.factor * (axis.isLog ? Math.log(value) : value);
}

export function fromPixel(axis: AxisGeometry, pixel: number): number {
  const value = (pixel - axis.offset) / axis.factor;
  return axis.isLog ? Math.exp(value) : value;
}

/** The grids of a chart as it is drawn. `convert` is the chart's data to pixels. */
export function chartGeometry(
  option: ChartOption,
  convert: (grid: number, point: [number, number]) => number[] | undefined,
): GridGeometry[] {
  return option.grid.flatMap((_, grid) => {
    const [x, y] = [option.xAxis[grid], option.yAxis[grid]];
    if (!x || !y) return [];
    const start = convert(grid, [x.min, y.min]);
    const end = convert(grid, [x.max, y.max]);
    if (!start || !end) return [];
    const [x0 = 0, y0 = 0] = start;
    const [x1 = 0, y1 = 0] = end;
    return [
      {
        box: {
          left: Math.min(x0, x1),
          right: Math.max(x0, x1),
          top: Math.min(y0, y1),
          bottom: Math.max(y0, y1),
        },
        x: createAxisGeometry([x.min, x.max], [x0, x1], x.type === 'log'),
        y: createAxisGeometry([y.min, y.max], [y0, y1], y.type === 'log'),
      },
    ];
  });
}

function isInside({ left, right, top, bottom }: Box, x: number, y: number): boolean {
  return x >= left && x <= right && y >= top && y <= bottom;
}

/** The grid at a pixel, or -1. */
export function gridAt(grids: readonly GridGeometry[], x: number, y: number): number {
  return grids.findIndex(({ box }) => isInside(box, x, y));
}

/** The point nearest to a pixel, if it is within `reach` pixels and inside its grid. */
export function nearestPoint(
  layers: readonly PickLayer[],
  grids: readonly GridGeometry[],
  x: number,
  y: number,
  reach = 14,
): Hit | null {
  let best = reach * reach;
  let hit: Hit | null = null;
  for (const layer of layers) {
    const grid = grids[layer.grid];
    if (!grid || !isInside(grid.box, x, y)) continue;
    const { x: ax, y: ay } = grid;
    for (let index = 0; index < layer.x.length; index++) {
      const dx = toPixel(ax, layer.x[index] as number) - x;
      if (!(Math.abs(dx) <= reach)) continue;
      const dy = toPixel(ay, layer.y[index] as number) - y;
      const distance = dx * dx + dy * dy;
      if (distance < best) {
        best = distance;
        hit = { layer, index };
      }
    }
  }
  return hit;
}

/** All indices of a trial in a layer. */
export function indicesOfTrial(layer: PickLayer, trialNumber: number): number[] {
  const { trialNumbers } = layer;
  if (!trialNumbers) return [];
  const indices: number[] = [];
  for (let i = 0; i < trialNumbers.length; i++)
    if (trialNumbers[i] === trialNumber) {
      indices.push(i);
      if (!layer.isCurve) break;
    }
  return indices;
}
