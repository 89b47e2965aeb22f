import { formatNumber, shortenNames } from '../format.ts';
import { text } from '../text.ts';
import type { Field } from '../trials/fields.ts';
import type { Filter } from '../trials/filter.ts';
import { rowOfTrial, type TrialView } from '../trials/trial-view.ts';
import type { ChartModel, ChartOption, PickLayer } from './chart.ts';
import { columnsTable } from './chart.ts';
import { linearTicks, logTicks } from './ticks.ts';
import { extentOf, robustExtent, type Range } from './scale.ts';
import { orderByQuality, qualityRanks, type Target } from './target.ts';
import { mixColors, rampColor, type ChartTheme } from './theme.ts';

export interface ParallelOptions {
  /** The axes, left to right. */
  readonly fields: readonly Field[];
  /** What colours the lines. */
  readonly target: Target;
  readonly mask?: Uint8Array | null;
  /** Above so many trials only the best are lines, the rest is a density. @default 1500 */
  readonly maxLines?: number;
}

/** An axis whose values lie between 0 (bottom) and 1 (top). */
export interface ParallelAxis {
  readonly fieldId: string;
  readonly title: string;
  readonly choices?: readonly string[];
  readonly isInteger: boolean;
  readonly isLog: boolean;
  /** Without outliers, which lie at its ends. */
  readonly range: Range;
  readonly hasLower: boolean;
  readonly hasHigher: boolean;
  /** Trials drawn that do not have it. */
  readonly nWithout: number;
}

export interface ParallelInfo {
  readonly axes: readonly ParallelAxis[];
  /** Rows drawn as lines, the worst first. */
  readonly rows: Int32Array;
  /** Of each of `rows`, 0 to 1; NaN for rows that do not count (pruned ones). */
  readonly ranks: Float64Array;
  /** rows x axes, row-major, 0 to 1; `NOT_USED` where the trial does not have the axis. */
  readonly units: Float64Array;
  /** Between axis i and i + 1: how many trials go from bin a to bin b, `N_BINS + 1` squared (the last bin: not used); null where all are lines. */
  readonly density: readonly Float64Array[] | null;
  readonly nTrials: number;
}

/** Where the lines of trials without a parameter go: below the axis. */
export const NOT_USED = -0.12;
export const N_BINS = 36;
const N_FRONT = 200;

export function parallelInfo(
  view: TrialView,
  { fields, target, mask = null, maxLines = 1500 }: ParallelOptions,
): ParallelInfo {
  const ranks = qualityRanks(view.nTrials, target);
  const rows: number[] = [];
  for (let row = 0; row < view.nTrials; row++)
    if (mask?.[row] !== 0 && !Number.isNaN(target.at(row))) rows.push(row);
  const axes = fields.map((field) => parallelAxis(field, rows));
  const scales = axes.map(axisScale);
  const isDense = rows.length > maxLines;
  const byQuality = orderByQuality(rows, ranks);
  const drawn = isDense ? byQuality.slice(-N_FRONT) : byQuality;
  return {
    axes,
    rows: drawn,
    ranks: Float64Array.from(drawn, (row) => ranks[row] as number),
    units: Float64Array.from({ length: drawn.length * axes.length }, (_, i) => {
      const at = i % axes.length;
      return unitOf(
        fields[at] as Field,
        scales[at] as AxisScale,
        drawn[Math.floor(i / axes.length)] as number,
      );
    }),
    density: isDense ? densityOf(fields, scales, rows) : null,
    nTrials: rows.length,
  };
}

interface AxisScale {
  readonly toUnit: (key: number) => number;
  readonly fromUnit: (unit: number) => number;
}

function axisScale({ range, isLog }: ParallelAxis): AxisScale {
  const [low, high] = isLog ? [Math.log(range[0]), Math.log(range[1])] : range;
  return {
    toUnit: (key) => Math.min(1, Math.max(0, ((isLog ? Math.log(key) : key) - low) / (high - low))),
    fromUnit: (unit) => {
      const value = low + unit * (high - low);
      return isLog ? Math.exp(value) : value;
    },
  };
}

function unitOf(field: Field, { toUnit }: AxisScale, row: number): number {
  const key = field.key(row);
  return Number.isNaN(key) ? NOT_USED : toUnit(key);
}

function parallelAxis(field: Field, rows: readonly number[]): ParallelAxis {
  const { id: fieldId, title, choices } = field;
  const keys = Float64Array.from(rows, (row) => field.key(row));
  const isLog = field.isLog === true;
  const nWithout = keys.reduce((n, key) => n + (Number.isNaN(key) ? 1 : 0), 0);
  const extent = extentOf([keys], isLog) ?? [0, 1];
  let range: Range = extent;
  if (choices) range = [0, Math.max(1, choices.length - 1)];
  else if (!isLog) range = robustExtent(keys).extent ?? range;
  const [hasLower, hasHigher] = [extent[0] < range[0], extent[1] > range[1]];
  if (range[0] === range[1])
    range = isLog ? [range[0] / 2, range[0] * 2] : [range[0] - 0.5, range[0] + 0.5];
  const isInteger = field.kind === 'integer';
  return { fieldId, title, choices, isInteger, isLog, range, hasLower, hasHigher, nWithout };
}

function densityOf(
  fields: readonly Field[],
  scales: readonly AxisScale[],
  rows: readonly number[],
): Float64Array[] {
  const side = N_BINS + 1;
  const bins = fields.map((field, i) => {
    const { toUnit } = scales[i] as AxisScale;
    return Uint8Array.from(rows, (row) => {
      const key = field.key(row);
      return Number.isNaN(key) ? N_BINS : Math.min(N_BINS - 1, Math.floor(toUnit(key) * N_BINS));
    });
  });
  return fields.slice(1).map((_, i) => {
    const counts = new Float64Array(side * side);
    const [from, to] = [bins[i] as Uint8Array, bins[i + 1] as Uint8Array];
    for (let k = 0; k < rows.length; k++) {
      const cell = (from[k] as number) * side + (to[k] as number);
      counts[cell] = (counts[cell] as number) + 1;
    }
    return counts;
  });
}

const N_COLORS = 12;
const MAX_LABEL_LENGTH = 20;
/** Round values nearer to an end of their axis than this share of it would touch its label. */
const NEAR_END = 0.07;
/** Pixels that a character of a name takes. */
const CHARACTER_WIDTH = 6.8;
/** Room for half a name beside the first and the last axis. */
const MARGIN = 68;

export function parallelModel(
  view: TrialView,
  options: ParallelOptions,
  theme: ChartTheme,
  info = parallelInfo(view, options),
): ChartModel {
  const { axes, rows, ranks, units, nTrials } = info;
  const n = axes.length;
  const xs = new Float64Array(rows.length * n).map((_, i) => i % n);
  const numbers = new Int32Array(rows.length * n).map(
    (_, i) => view.numbers[rows[Math.floor(i / n)] as number] as number,
  );
  const hasUnused = axes.some(({ nWithout }) => nWithout > 0);
  const range = { min: 0, max: n - 1 };
  const option: ChartOption = {
    grid: [{ left: MARGIN, right: MARGIN, top: 34, bottom: 14 }],
    xAxis: [
      { type: 'value', gridIndex: 0, show: false, min: range.min, max: Math.max(1, range.max) },
    ],
    yAxis: [
      {
        type: 'value',
        gridIndex: 0,
        show: false,
        min: hasUnused ? NOT_USED - 0.08 : -0.03,
        max: 1.03,
      },
    ],
    series: [
      ...(info.density ? [densitySeries(info.density, nTrials, theme)] : []),
      ...lineBuckets(info, theme),
      axisSeries(axes, hasUnused, theme),
    ] as unknown as ChartOption['series'],
  };
  const brush = ({ x, y }: { x: Range; y: Range }): Filter[] => brushFilters(axes, x, y);
  return {
    option,
    layers: [{ grid: 0, x: xs, y: units, trialNumbers: numbers, isCurve: true, brush }],
    locate: (trialNumber) => locate(view, options.fields, axes, trialNumber),
    legend: [],
    ramp: { from: text.charts.worse, to: text.charts.better },
    table: () =>
      columnsTable([
        {
          title: text.fields.number,
          values: Array.from(rows, (row) => view.numbers[row] as number),
        },
        ...options.fields.map((field) => ({
          title: field.title,
          values: Array.from(rows, (row) => cellOf(field, row)),
        })),
        { title: text.charts.rankShare, values: ranks },
      ]),
    summary: text.charts.parallelSummary(nTrials, n),
    note: info.density ? text.charts.parallelDense(rows.length, nTrials) : undefined,
    emptyText: n < 2 || nTrials === 0 ? text.charts.noValues : undefined,
  };
}

/** Numbers stay numbers: the table is exported, too. */
function cellOf(field: Field, row: number): string | number | null {
  const value = field.kind === 'number' || field.kind === 'integer' ? field.value(row) : null;
  return typeof value === 'number' ? value : field.label(row);
}

/** The filters of a rectangle: a range on every axis it crosses, or on the nearest one. */
export function brushFilters(
  axes: readonly ParallelAxis[],
  [x0, x1]: Range,
  [y0, y1]: Range,
): Filter[] {
  const crossed = axes.filter((_, i) => i >= x0 && i <= x1);
  const nearest = axes[Math.round((x0 + x1) / 2)];
  return (crossed.length > 0 ? crossed : nearest ? [nearest] : []).flatMap((axis): Filter[] => {
    if (y1 < 0) return [];
    // The ends of the axis stand for everything beyond them, so that rounding loses no trial there.
    const { fromUnit } = axisScale(axis);
    const min = y0 <= 0 ? -Infinity : fromUnit(y0);
    const max = y1 >= 1 ? Infinity : fromUnit(y1);
    return [{ kind: 'range', fieldId: axis.fieldId, min, max }];
  });
}

function locate(
  view: TrialView,
  fields: readonly Field[],
  axes: readonly ParallelAxis[],
  trialNumber: number,
): PickLayer | null {
  const row = rowOfTrial(view, trialNumber);
  if (row < 0) return null;
  return {
    grid: 0,
    isCurve: true,
    x: Float64Array.from(axes.keys()),
    y: Float64Array.from(axes, (axis, i) => unitOf(fields[i] as Field, axisScale(axis), row)),
    trialNumbers: new Int32Array(axes.length).fill(trialNumber),
  };
}

/** Lines by colour, the best on top; pruned ones and others that do not count behind, in grey. */
function lineBuckets(
  { axes, rows, ranks, units, density }: ParallelInfo,
  theme: ChartTheme,
): object[] {
  const n = axes.length;
  const opacity = rows.length > 400 ? 0.45 : rows.length > 100 ? 0.65 : 0.85;
  // Over a density all lines are of the best.
  const ofBest = density ? 0.4 : 1;
  return Array.from({ length: N_COLORS + 1 }, (_, bucket) => {
    const inside = [...ranks.keys()].filter((i) => bucketOf(ranks[i] as number) === bucket - 1);
    return {
      type: 'lines',
      coordinateSystem: 'cartesian2d',
      polyline: true,
      data: inside.map((i) => ({
        coords: Array.from({ length: n }, (_, k) => [k, units[i * n + k] as number]),
      })),
      lineStyle: {
        color: bucket === 0 ? theme.faded : rampColor(theme.ramp, (bucket - 1) / (N_COLORS - 1)),
        width: 1.25,
        opacity: bucket === N_COLORS ? ofBest : opacity,
      },
      silent: true,
      animation: false,
      z: 2 + bucket * 0.1,
    };
  });
}

function bucketOf(rank: number): number {
  return Number.isNaN(rank) ? -1 : Math.min(N_COLORS - 1, Math.floor(rank * N_COLORS));
}

function densitySeries(
  density: readonly Float64Array[],
  nTrials: number,
  theme: ChartTheme,
): object {
  const side = N_BINS + 1;
  const ribbons = density.flatMap((counts, axis) =>
    [...counts.keys()]
      .filter((cell) => (counts[cell] as number) > 0)
      .map((cell) => ({
        axis,
        from: Math.floor(cell / side),
        to: cell % side,
        count: counts[cell] as number,
      })),
  );
  ribbons.sort((a, b) => a.count - b.count);
  const most = Math.log1p(ribbons.at(-1)?.count ?? 1);
  const edge = (bin: number, side: 0 | 1): number =>
    bin === N_BINS ? NOT_USED + (side - 0.5) * 0.02 : (bin + side) / N_BINS;
  return {
    type: 'custom',
    data: ribbons.map((_, i) => i),
    silent: true,
    animation: false,
    z: 1,
    progressive: 0,
    renderItem({ dataIndex }: { dataIndex: number }, api: { coord(point: number[]): number[] }) {
      const { axis, from, to, count } = ribbons[dataIndex] as (typeof ribbons)[number];
      const share = 0.06 + 0.5 * (Math.log1p(count) / most) ** 2;
      return {
        type: 'polygon',
        shape: {
          points: [
            api.coord([axis, edge(from, 0)]),
            api.coord([axis, edge(from, 1)]),
            api.coord([axis + 1, edge(to, 1)]),
            api.coord([axis + 1, edge(to, 0)]),
          ],
        },
        style: {
          fill: mixColors(theme.surface, theme.states.complete, share),
          opacity: nTrials > 0 ? 0.7 : 0,
        },
      };
    },
  };
}

/** The axes themselves: a line, labels, the name on top, and how many trials do not have it. */
function axisSeries(axes: readonly ParallelAxis[], hasUnused: boolean, theme: ChartTheme): object {
  const label = (content: string, x: number, y: number, style: object = {}): object => ({
    type: 'text',
    x,
    y,
    style: {
      text: content,
      fill: theme.text2,
      backgroundColor: `${theme.surface}f0`,
      padding: [1, 3],
      borderRadius: 2,
      font: `11px ${theme.fontFamily}`,
      ...style,
    },
  });
  return {
    type: 'custom',
    data: axes.map((_, i) => i),
    silent: true,
    animation: false,
    clip: false,
    z: 6,
    renderItem({ dataIndex }: { dataIndex: number }, api: { coord(point: number[]): number[] }) {
      const axis = axes[dataIndex] as ParallelAxis;
      const [x = 0, bottom = 0] = api.coord([dataIndex, 0]);
      const [, top = 0] = api.coord([dataIndex, 1]);
      const [, unused = 0] = api.coord([dataIndex, NOT_USED]);
      const gap = (api.coord([1, 0])[0] ?? 0) - (api.coord([0, 0])[0] ?? 0);
      const fitting = Math.max(3, Math.floor(gap / CHARACTER_WIDTH));
      const maxLength = Math.min(MAX_LABEL_LENGTH, fitting);
      const titles = shortenNames(
        axes.map(({ title }) => title),
        maxLength,
      );
      const children: object[] = [
        {
          type: 'line',
          shape: { x1: x, y1: bottom, x2: x, y2: top },
          style: { stroke: theme.axisLine },
        },
        label(titles[dataIndex] as string, x, top - 20, {
          align: 'center',
          verticalAlign: 'middle',
          fill: theme.text,
          font: `600 11px ${theme.fontFamily}`,
        }),
      ];
      const isLast = dataIndex === axes.length - 1;
      for (const { unit, content } of axisTicks(axis)) {
        const y = bottom + (top - bottom) * unit;
        children.push(
          label(content, x + (isLast ? -6 : 6), y, {
            align: isLast ? 'right' : 'left',
            verticalAlign: 'middle',
          }),
        );
      }
      if (hasUnused && axis.nWithout > 0)
        children.push(
          label(text.charts.notUsed(axis.nWithout), x, unused + 11, {
            align: 'center',
            verticalAlign: 'middle',
            fill: theme.text3,
          }),
        );
      return { type: 'group', children };
    },
  };
}

function axisTicks(axis: ParallelAxis): { unit: number; content: string }[] {
  const { choices, isInteger, isLog, range } = axis;
  const { toUnit } = axisScale(axis);
  if (choices)
    return shortenNames(choices, MAX_LABEL_LENGTH).map((content, i) => ({
      unit: toUnit(i),
      content,
    }));
  const [low, high] = range;
  const round = (isLog ? logTicks(range) : linearTicks(range, 4)).filter(
    (value) => toUnit(value) > NEAR_END && toUnit(value) < 1 - NEAR_END,
  );
  const shown = [low, ...round, high].filter((value) => !isInteger || Number.isInteger(value));
  return shown.map((value) => ({
    unit: toUnit(value),
    content: `${mark(axis, value)}${formatNumber(value, 3)}`,
  }));
}

/** An end stands for the outliers beyond it, too. */
function mark({ range, hasLower, hasHigher }: ParallelAxis, value: number): string {
  if (value === range[0] && hasLower) return '≤ ';
  return value === range[1] && hasHigher ? '≥ ' : '';
}
