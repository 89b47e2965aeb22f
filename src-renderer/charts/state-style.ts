import type { TrialState } from '../../src-main/tuner/trial/frozen-trial.ts';
import type { LegendItem } from './chart.ts';
import type { ChartTheme } from './theme.ts';

/** How points look: states by colour and by shape. */
export type PointKind = TrialState | 'infeasible' | 'faded';

const CROSS = 'M1,0L5,4L9,0L10,1L6,5L10,9L9,10L5,6L1,10L0,9L4,5L0,1Z';

/** The shapes of states that are marked where no point is drawn. */
export const markPaths: Readonly<Partial<Record<PointKind, string>>> = {
  pruned: 'M0,1L10,1L5,10Z',
  fail: CROSS,
  infeasible: 'M5,0L10,5L5,10L0,5Z',
};

const symbols: Readonly<Record<PointKind, string>> = {
  complete: 'circle',
  pruned: 'triangle',
  fail: `path://${CROSS}`,
  running: 'circle',
  waiting: 'diamond',
  infeasible: 'diamond',
  faded: 'circle',
};

export const legendShapes: Readonly<Record<PointKind, LegendItem['shape']>> = {
  complete: 'circle',
  pruned: 'triangle',
  fail: 'cross',
  running: 'ring',
  waiting: 'diamond',
  infeasible: 'diamond',
  faded: 'circle',
};

/** Points beyond which single ones do not matter and drawing must be cheap. */
const LARGE = 3000;

export function pointColor(kind: PointKind, theme: ChartTheme): string {
  if (kind === 'faded') return theme.faded;
  return kind === 'infeasible' ? theme.infeasible : theme.states[kind];
}

/** Diameter in pixels of each of `nPoints` points. */
export function pointSize(nPoints: number): number {
  if (nPoints <= 150) return 8;
  if (nPoints <= 1000) return 6;
  if (nPoints <= LARGE) return 5;
  return nPoints <= 20_000 ? 3 : nPoints <= 50_000 ? 2 : 1.6;
}

export interface ScatterSettings {
  readonly name: string;
  readonly kind: PointKind;
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  /** All points of the grid, which decides their size. */
  readonly nPoints: number;
  /** Where it is not that of their kind. */
  readonly color?: string;
  readonly grid?: number;
  readonly z?: number;
}

/**
 * A series of points. Many points go to ECharts' large mode, opaque: its chunks overlap, which shows as bands when half transparent.
 */
export function scatterSeries(
  settings: ScatterSettings,
  theme: ChartTheme,
): Record<string, unknown> {
  const { name, kind, x, y, nPoints, grid = 0, z = 2 } = settings;
  const isLarge = nPoints > LARGE;
  const data = new Float64Array(2 * x.length);
  for (let i = 0; i < x.length; i++) {
    data[2 * i] = x[i] as number;
    data[2 * i + 1] = y[i] as number;
  }
  const color = settings.color ?? pointColor(kind, theme);
  const isHollow = kind === 'running' || kind === 'waiting' || kind === 'infeasible';
  return {
    type: 'scatter',
    name,
    xAxisIndex: grid,
    yAxisIndex: grid,
    dimensions: ['x', 'y'],
    data,
    large: isLarge,
    largeThreshold: 1,
    progressive: 20_000,
    symbol: isLarge && kind === 'fail' ? 'rect' : symbols[kind],
    symbolRotate: kind === 'pruned' && !isLarge ? 180 : 0,
    symbolSize: pointSize(nPoints) + (kind === 'pruned' || kind === 'infeasible' ? 1 : 0),
    itemStyle: isLarge
      ? { color, opacity: 1 }
      : isHollow
        ? { color: 'transparent', borderColor: color, borderWidth: 1.75, opacity: 1 }
        : {
            color,
            borderColor: theme.surface,
            borderWidth: kind === 'fail' ? 0 : 0.75,
            opacity: 1,
          },
    z,
    silent: true,
    clip: true,
    animation: false,
  };
}
