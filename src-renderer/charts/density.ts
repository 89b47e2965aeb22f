/**
 * Very many points as a density: each cell of a few pixels is as strong as the logarithm of the number of points in it. It is counted
 * anew for what is in sight whenever it is drawn, so that it stays sharp when zoomed.
 */

/** Pixel = offset + factor * f(value), f the logarithm or nothing. */
interface PixelAxis {
  readonly isLog: boolean;
  readonly offset: number;
  readonly factor: number;
}

export interface DensityGrid {
  readonly nColumns: number;
  readonly nLines: number;
  /** nLines x nColumns, row-major, from the top left. */
  readonly counts: Uint32Array;
  readonly most: number;
}

/** Counts the points inside a rectangle of pixels. Points outside and NaN are left out. */
export function countDensity(
  points: { readonly x: ArrayLike<number>; readonly y: ArrayLike<number> },
  axes: { readonly x: PixelAxis; readonly y: PixelAxis },
  area: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  cellSize: number,
): DensityGrid {
  const nColumns = Math.max(1, Math.ceil(area.width / cellSize));
  const nLines = Math.max(1, Math.ceil(area.height / cellSize));
  const counts = new Uint32Array(nColumns * nLines);
  let most = 0;
  for (let i = 0; i < points.x.length; i++) {
    const column = Math.floor((pixelOf(axes.x, points.x[i] as number) - area.x) / cellSize);
    const line = Math.floor((pixelOf(axes.y, points.y[i] as number) - area.y) / cellSize);
    if (!(column >= 0 && column < nColumns && line >= 0 && line < nLines)) continue;
    const cell = line * nColumns + column;
    const count = (counts[cell] as number) + 1;
    counts[cell] = count;
    if (count > most) most = count;
  }
  return { nColumns, nLines, counts, most };
}

function pixelOf({ isLog, offset, factor }: PixelAxis, value: number): number {
  return offset + factor * (isLog ? Math.log(value) : value);
}

/** How strong a cell is drawn, 0 to 1: single points can be seen, and full cells told apart. */
export function densityShare(count: number, most: number): number {
  if (count === 0) return 0;
  return most <= 1 ? 0.6 : 0.3 + 0.7 * (Math.log(count) / Math.log(most));
}

interface RenderParams {
  readonly coordSys: { x: number; y: number; width: number; height: number };
}

interface RenderApi {
  coord(point: number[]): number[];
}

export interface DensitySettings {
  readonly name: string;
  /** #rrggbb */
  readonly color: string;
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  readonly isLogX?: boolean;
  readonly isLogY?: boolean;
  readonly grid?: number;
  readonly z?: number;
}

const CELL_SIZE = 2.5;

export function densitySeries(settings: DensitySettings): Record<string, unknown> {
  const { name, color, isLogX = false, isLogY = false, grid = 0, z = 2 } = settings;
  return {
    type: 'custom',
    name,
    xAxisIndex: grid,
    yAxisIndex: grid,
    data: [0],
    silent: true,
    clip: true,
    animation: false,
    z,
    renderItem({ coordSys }: RenderParams, api: RenderApi) {
      const axes = {
        x: pixelAxis(isLogX, (value) => api.coord([value, 1])[0] as number),
        y: pixelAxis(isLogY, (value) => api.coord([1, value])[1] as number),
      };
      const counted = countDensity(settings, axes, coordSys, CELL_SIZE);
      return {
        type: 'image',
        style: {
          image: paintDensity(counted, color),
          x: coordSys.x,
          y: coordSys.y,
          width: counted.nColumns * CELL_SIZE,
          height: counted.nLines * CELL_SIZE,
        },
      };
    },
  };
}

function pixelAxis(isLog: boolean, toPixel: (value: number) => number): PixelAxis {
  // Any two values tell: between them the axis is straight.
  const [a, b] = isLog ? [1, Math.E] : [0, 1];
  const factor = toPixel(b) - toPixel(a);
  return { isLog, factor, offset: toPixel(a) - (isLog ? 0 : factor * a) };
}

function paintDensity(
  { nColumns, nLines, counts, most }: DensityGrid,
  color: string,
): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = nColumns;
  canvas.height = nLines;
  const context = canvas.getContext('2d');
  if (!context || counts.length === 0) return canvas;
  const pixels = context.createImageData(nColumns, nLines);
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) =>
    Number.parseInt(color.slice(start, start + 2), 16),
  );
  const { data } = pixels;
  for (let cell = 0; cell < counts.length; cell++) {
    const count = counts[cell] as number;
    if (count === 0) continue;
    const at = 4 * cell;
    data[at] = red;
    data[at + 1] = green;
    data[at + 2] = blue;
    data[at + 3] = 255 * densityShare(count, most);
  }
  context.putImageData(pixels, 0, 0);
  return canvas;
}
