import { trialStates } from '../../src-main/tuner/trial/frozen-trial.ts';
import { text } from '../text.ts';
import { stateCode, type TrialView } from '../trials/trial-view.ts';
import type { ChartModel, LegendItem, PickLayer } from './chart.ts';
import { densitySeries } from './density.ts';
import {
  legendShapes,
  pointColor,
  scatterSeries,
  type PointKind,
  type ScatterSettings,
} from './state-style.ts';
import { rampColor, type ChartTheme } from './theme.ts';

/** Points that are drawn alike. */
export interface PointGroup {
  readonly kind: PointKind;
  readonly rows: Int32Array;
  readonly numbers: Int32Array;
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** From back to front: what matters less, and hides what matters, first. */
const order: readonly PointKind[] = [
  'faded',
  'infeasible',
  'pruned',
  'complete',
  'running',
  'fail',
  'waiting',
];

/** How a trial is drawn. `mask`: rows that a filter keeps; null: all. */
export function pointKindOf(view: TrialView, row: number, mask: Uint8Array | null): PointKind {
  return mask?.[row] === 0 ? 'faded' : shownState(view, row);
}

/** The state of a trial as it is shown: a complete one may be infeasible. */
export function shownState(view: TrialView, row: number): Exclude<PointKind, 'faded'> {
  const state = trialStates[view.states[row] ?? 0] ?? 'waiting';
  return state === 'complete' && view.isFeasible[row] === 0 ? 'infeasible' : state;
}

/**
 * A trial's value as charts draw it: the last report of a running one, nothing for a failed one.
 */
export function drawnValue(view: TrialView, row: number, objective: number): number {
  const state = view.states[row];
  if (state === stateCode.running) return objective === 0 ? (view.lastValues[row] ?? NaN) : NaN;
  if (state === stateCode.fail) return NaN;
  return view.values[objective]?.[row] ?? NaN;
}

/** Rows by how they are drawn, back to front. Rows whose x or y is NaN are left out. */
export function groupPoints(
  view: TrialView,
  mask: Uint8Array | null,
  xOf: (row: number) => number,
  yOf: (row: number) => number,
): PointGroup[] {
  const collected = new Map<PointKind, { rows: number[]; x: number[]; y: number[] }>();
  for (let row = 0; row < view.nTrials; row++) {
    const [x, y] = [xOf(row), yOf(row)];
    if (Number.isNaN(x) || Number.isNaN(y)) continue;
    const kind = pointKindOf(view, row, mask);
    let group = collected.get(kind);
    if (!group) collected.set(kind, (group = { rows: [], x: [], y: [] }));
    group.rows.push(row);
    group.x.push(x);
    group.y.push(y);
  }
  return order.flatMap((kind) => {
    const group = collected.get(kind);
    if (!group) return [];
    return [
      {
        kind,
        rows: Int32Array.from(group.rows),
        numbers: Int32Array.from(group.rows, (row) => view.numbers[row] as number),
        x: Float64Array.from(group.x),
        y: Float64Array.from(group.y),
      },
    ];
  });
}

export function countPoints(groups: readonly PointGroup[]): number {
  return groups.reduce((sum, { x }) => sum + x.length, 0);
}

/** Points beyond which they are drawn as a density. */
const DENSE = 15_000;

export interface GroupSettings extends Partial<ScatterSettings> {
  readonly isLogX?: boolean;
  readonly isLogY?: boolean;
  /** Complete trials in shades, the later the stronger; not in a density. */
  readonly isShaded?: boolean;
}

export function groupSeries(
  groups: readonly PointGroup[],
  theme: ChartTheme,
  { isShaded = false, ...settings }: GroupSettings = {},
): Record<string, unknown>[] {
  const nPoints = countPoints(groups);
  return groups.flatMap((group, i): Record<string, unknown>[] => {
    const { kind, x, y } = group;
    const isDense = nPoints > DENSE && x.length > DENSE / 20;
    if (isDense)
      return [
        densitySeries({
          name: text.points[kind],
          color: pointColor(kind, theme),
          x,
          y,
          z: 2 + i * 0.1,
          ...settings,
        }),
      ];
    const series = { name: text.points[kind], kind, nPoints, z: 2 + i * 0.1, ...settings };
    return isShaded && kind === 'complete'
      ? shades(group, theme).map((shade) => scatterSeries({ ...series, ...shade }, theme))
      : [scatterSeries({ ...series, x, y }, theme)];
  });
}

const N_SHADES = 8;
/** The weakest colours of the ramp would hardly be seen as points. */
const FIRST_SHADE = 0.25;

/** As many trials of each shade, in their order. */
function shades(
  { x, y }: PointGroup,
  theme: ChartTheme,
): Pick<ScatterSettings, 'x' | 'y' | 'color'>[] {
  const n = Math.min(N_SHADES, x.length);
  return Array.from({ length: n }, (_, i) => {
    const [from, to] = [i, i + 1].map((part) => Math.floor((part * x.length) / n));
    const share = n === 1 ? 1 : FIRST_SHADE + ((1 - FIRST_SHADE) * i) / (n - 1);
    return { x: x.slice(from, to), y: y.slice(from, to), color: rampColor(theme.ramp, share) };
  });
}

/** What the shades mean, where there are any. */
export function shadeRamp(groups: readonly PointGroup[]): ChartModel['ramp'] {
  const numbers = groups.find(({ kind }) => kind === 'complete')?.numbers;
  const [first, last] = [numbers?.at(0), numbers?.at(-1)];
  if (first === undefined || last === undefined || countPoints(groups) > DENSE) return undefined;
  return { from: text.charts.atTrial(first), to: text.charts.atTrial(last) };
}

/** What can be pointed at: all but what a filter leaves out. */
export function groupLayers(
  groups: readonly PointGroup[],
  layer: Omit<PickLayer, 'x' | 'y' | 'trialNumbers'>,
): PickLayer[] {
  return groups
    .filter(({ kind }) => kind !== 'faded')
    .map(({ kind, x, y, numbers }) => ({
      seriesName: text.points[kind],
      x,
      y,
      trialNumbers: numbers,
      ...layer,
    }));
}

export function groupLegend(groups: readonly PointGroup[], theme: ChartTheme): LegendItem[] {
  return groups
    .filter(({ kind }) => kind !== 'faded')
    .map(({ kind }) => ({
      name: text.points[kind],
      color: pointColor(kind, theme),
      shape: legendShapes[kind],
    }));
}
