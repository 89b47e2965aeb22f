/**
 * The target over two parameters, smoothed. Trials are gathered in the cells of a grid (of the axes as they are drawn, logarithmic ones
 * included), then each cell takes the average of the cells around it, weighted by their trials and a Gaussian of the distance
 * (Nadaraya-Watson). Choices, and the values of a parameter that has few, have no
 * neighbours. Cells far from every trial stay empty: nothing is known there.
 */
import type { ParamColumn } from '../../src-main/contract/trials.ts';
import { countValues } from '../../src-main/tuner/distributions.ts';
import { formatNumber } from '../format.ts';
import { text } from '../text.ts';
import type { TrialView } from '../trials/trial-view.ts';
import type { ChartModel } from './chart.ts';
import { paramAxis, type ParamAxis } from './param-axis.ts';
import {
  pairLayer,
  pairOption,
  pairPoints,
  pairTable,
  type PairOptions,
  type PairPoints,
} from './rank.ts';
import { extentOf, robustExtent, type Range } from './scale.ts';
import { scatterSeries } from './state-style.ts';
import { mixColors, rampColor, type ChartTheme } from './theme.ts';

export interface ContourInfo extends PairPoints {
  readonly x: ParamAxis;
  readonly y: ParamAxis;
  /** Trials that count but lack a parameter. */
  readonly nWithout: number;
  readonly nColumns: number;
  readonly nLines: number;
  /** Borders of the columns and of the lines, in the values of the axes. */
  readonly columnEdges: Float64Array;
  readonly lineEdges: Float64Array;
  /** nLines x nColumns, row-major; NaN where nothing is known. */
  readonly surface: Float64Array;
  /** Of the surface. */
  readonly range: Range | null;
}

const N_CELLS = 56;
/** Of the Gaussian, as a share of the axis. */
const BANDWIDTH = 0.045;
/** Cells with less weight than a trial at this many bandwidths are empty. */
const REACH = 2.4;
const N_LEVELS = 12;
/** More points than this would hide the surface. */
const MAX_POINTS = 2000;

export function contourInfo(view: TrialView, options: PairOptions): ContourInfo {
  const { target, mask = null } = options;
  const [xs, ys] = [
    cellsOf(options.x, paramAxis(options.x)),
    cellsOf(options.y, paramAxis(options.y)),
  ];
  const [x, y] = [axisOver(options.x, xs), axisOver(options.y, ys)];
  const sums = new Float64Array(xs.n * ys.n);
  const counts = new Float64Array(xs.n * ys.n);
  const rows: number[] = [];
  let nWithout = 0;
  const [low, high] = targetBounds(view, options);
  for (let row = 0; row < view.nTrials; row++) {
    if (!target.isCounted(row) || mask?.[row] === 0) continue;
    const [px, py] = [options.x.values[row] ?? NaN, options.y.values[row] ?? NaN];
    if (Number.isNaN(px) || Number.isNaN(py)) {
      nWithout++;
      continue;
    }
    rows.push(row);
    const cell = ys.cellAt(py) * xs.n + xs.cellAt(px);
    sums[cell] = (sums[cell] as number) + Math.min(high, Math.max(low, target.at(row)));
    counts[cell] = (counts[cell] as number) + 1;
  }
  const weight = smooth(counts, xs, ys);
  const total = smooth(sums, xs, ys);
  const least = Math.exp(-(REACH ** 2) / 2);
  const surface = total.map((sum, i) =>
    (weight[i] as number) >= least ? sum / (weight[i] as number) : NaN,
  );
  return {
    x,
    y,
    ...pairPoints(view, Int32Array.from(rows), options),
    nWithout,
    nColumns: xs.n,
    nLines: ys.n,
    columnEdges: xs.edges,
    lineEdges: ys.edges,
    surface,
    range: extentOf([surface]),
  };
}

/** An outlier must not colour everything else alike. */
function targetBounds(view: TrialView, { target }: PairOptions): Range {
  const values = Float64Array.from({ length: view.nTrials }, (_, row) =>
    target.isCounted(row) ? target.at(row) : NaN,
  );
  return robustExtent(values).extent ?? [-Infinity, Infinity];
}

interface Cells {
  readonly n: number;
  readonly cellAt: (value: number) => number;
  /** Weight of a neighbour by distance in cells; only the first for discrete values. */
  readonly kernel: Float64Array;
  /** The borders of the cells, n + 1 of them. */
  readonly edges: Float64Array;
}

/** Parameters with so few values have a cell for each, and no neighbours. */
const MAX_DISCRETE = 12;

/** The axis with room for whole cells: those of the first and the last value are as wide as the others. */
function axisOver(column: ParamColumn, { edges }: Cells): ParamAxis {
  const axis = paramAxis(column);
  const [min, max] = axis.range;
  return { ...axis, range: [Math.min(min, edges[0] ?? min), Math.max(max, edges.at(-1) ?? max)] };
}

function cellsOf(column: ParamColumn, { range, isLog, categories }: ParamAxis): Cells {
  const { distribution } = column;
  if (categories) return discreteCells(0, 1, categories.length);
  if (
    distribution.type === 'categorical' ||
    isLog ||
    distribution.step === null ||
    countValues(distribution) > MAX_DISCRETE
  )
    return smoothCells(range, isLog);
  // Bounds may have been others for older trials.
  const { low, step } = distribution;
  const [first = low, last = low] = extentOf([column.values, [low, distribution.high]]) ?? [];
  return discreteCells(first, step, Math.round((last - first) / step) + 1);
}

function discreteCells(first: number, step: number, n: number): Cells {
  return {
    n,
    kernel: Float64Array.of(1),
    cellAt: (value) => Math.min(n - 1, Math.max(0, Math.round((value - first) / step))),
    edges: Float64Array.from({ length: n + 1 }, (_, i) => first + (i - 0.5) * step),
  };
}

function smoothCells(range: Range, isLog: boolean): Cells {
  const [low, high] = isLog ? [Math.log(range[0]), Math.log(range[1])] : range;
  return {
    n: N_CELLS,
    kernel: Float64Array.from({ length: Math.ceil(3 * BANDWIDTH * N_CELLS) + 1 }, (_, d) =>
      Math.exp(-((d / N_CELLS / BANDWIDTH) ** 2) / 2),
    ),
    cellAt: (value) => {
      const share = ((isLog ? Math.log(value) : value) - low) / (high - low);
      return Math.min(N_CELLS - 1, Math.max(0, Math.floor(share * N_CELLS)));
    },
    edges: Float64Array.from({ length: N_CELLS + 1 }, (_, i) => {
      const value = low + ((high - low) * i) / N_CELLS;
      return isLog ? Math.exp(value) : value;
    }),
  };
}

/** The kernel is a product, so one axis after the other. */
function smooth(cells: Float64Array, x: Cells, y: Cells): Float64Array {
  const alongX = new Float64Array(cells.length);
  for (let line = 0; line < y.n; line++)
    for (let column = 0; column < x.n; column++) {
      let sum = 0;
      for (let d = 1 - x.kernel.length; d < x.kernel.length; d++) {
        const from = column + d;
        if (from >= 0 && from < x.n)
          sum += (x.kernel[Math.abs(d)] as number) * (cells[line * x.n + from] as number);
      }
      alongX[line * x.n + column] = sum;
    }
  const both = new Float64Array(cells.length);
  for (let line = 0; line < y.n; line++)
    for (let d = 1 - y.kernel.length; d < y.kernel.length; d++) {
      const from = line + d;
      if (from < 0 || from >= y.n) continue;
      const share = y.kernel[Math.abs(d)] as number;
      for (let column = 0; column < x.n; column++)
        both[line * x.n + column] =
          (both[line * x.n + column] as number) + share * (alongX[from * x.n + column] as number);
    }
  return both;
}

export function contourModel(
  view: TrialView,
  options: PairOptions,
  theme: ChartTheme,
  info = contourInfo(view, options),
): ChartModel {
  const { rows, xs, ys, nWithout, range } = info;
  const points = scatterSeries(
    { name: text.charts.trialsSeries, kind: 'complete', x: xs, y: ys, nPoints: rows.length, z: 3 },
    theme,
  );
  const showsPoints = rows.length <= MAX_POINTS;
  const isMinimized = options.target.direction === 'minimize';
  return {
    option: pairOption(
      info,
      [
        surfaceSeries(info, isMinimized, theme),
        ...(showsPoints
          ? [
              {
                ...points,
                symbolSize: Math.min(5, points.symbolSize as number),
                itemStyle: {
                  color: theme.text,
                  borderColor: theme.surface,
                  borderWidth: 1,
                  opacity: 1,
                },
              },
            ]
          : []),
      ],
      theme,
    ),
    layers: [pairLayer(info, options)],
    legend: showsPoints
      ? [{ name: text.charts.trialsSeries, color: theme.text, shape: 'circle' }]
      : [],
    ramp: range
      ? {
          title: options.target.title,
          from: formatNumber(isMinimized ? range[1] : range[0], 4),
          to: formatNumber(isMinimized ? range[0] : range[1], 4),
        }
      : undefined,
    table: () => pairTable(view, rows, options),
    summary: text.charts.pairSummary(rows.length, options.x.name, options.y.name),
    note: nWithout > 0 ? text.charts.haveBoth(rows.length, rows.length + nWithout) : undefined,
    emptyText: rows.length === 0 ? text.charts.noPair : undefined,
  };
}

/** The known cells as rectangles, in a dozen steps of colour, which read as contours. */
function surfaceSeries(info: ContourInfo, isMinimized: boolean, theme: ChartTheme): object {
  const { nColumns, surface, range } = info;
  const [low, high] = range ?? [0, 1];
  const known = [...surface.keys()].filter((i) => !Number.isNaN(surface[i] as number));
  const { columnEdges: edgesX, lineEdges: edgesY } = info;
  return {
    type: 'custom',
    data: known,
    silent: true,
    clip: true,
    animation: false,
    // ECharts clips no custom series that it draws bit by bit: the cells of a chart that is zoomed would lie over its axes.
    progressive: 0,
    z: 1,
    renderItem({ dataIndex }: { dataIndex: number }, api: { coord(point: number[]): number[] }) {
      const cell = known[dataIndex] as number;
      const [line, column] = [Math.floor(cell / nColumns), cell % nColumns];
      const [left = 0, bottom = 0] = api.coord([edgesX[column] as number, edgesY[line] as number]);
      const [right = 0, top = 0] = api.coord([
        edgesX[column + 1] as number,
        edgesY[line + 1] as number,
      ]);
      const share = high > low ? ((surface[cell] as number) - low) / (high - low) : 1;
      const quality = isMinimized ? 1 - share : share;
      const level = Math.min(N_LEVELS - 1, Math.floor(quality * N_LEVELS)) / (N_LEVELS - 1);
      return {
        type: 'rect',
        // A little larger, so that no seams show.
        shape: { x: left, y: top, width: right - left + 0.6, height: bottom - top + 0.6 },
        style: { fill: mixColors(theme.surface, rampColor(theme.ramp, level), 0.85) },
      };
    },
  };
}
