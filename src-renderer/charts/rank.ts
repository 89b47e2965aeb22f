import type { ParamColumn } from '../../src-main/contract/trials.ts';
import { text } from '../text.ts';
import { paramFieldId } from '../trials/fields.ts';
import type { TrialView } from '../trials/trial-view.ts';
import { fullGrid, xAxis, yAxis } from './axes.ts';
import { columnsTable, type ChartModel, type ChartOption, type PickLayer } from './chart.ts';
import { paramAxis, paramPlaces, type ParamAxis } from './param-axis.ts';
import { pointSize, scatterSeries } from './state-style.ts';
import { orderByQuality, qualityRanks, type Target } from './target.ts';
import { rampColor, type ChartTheme } from './theme.ts';

export interface PairOptions {
  readonly x: ParamColumn;
  readonly y: ParamColumn;
  readonly target: Target;
  readonly mask?: Uint8Array | null;
}

/** Trials that have both parameters and count. */
export interface PairPoints {
  readonly rows: Int32Array;
  readonly numbers: Int32Array;
  /** Where they are drawn. */
  readonly xs: Float64Array;
  readonly ys: Float64Array;
}

/** The worst trials first. */
export interface RankInfo extends PairPoints {
  readonly x: ParamAxis;
  readonly y: ParamAxis;
  /** Of each of `rows`: 0 the worst, 1 the best of the study. */
  readonly ranks: Float64Array;
  /** Rows that count but lack a parameter. */
  readonly nWithout: number;
}

export function rankInfo(view: TrialView, { x, y, target, mask = null }: PairOptions): RankInfo {
  const all = qualityRanks(view.nTrials, target);
  const rows: number[] = [];
  let nWithout = 0;
  for (let row = 0; row < view.nTrials; row++) {
    if (Number.isNaN(all[row] as number) || mask?.[row] === 0) continue;
    if (Number.isNaN(x.values[row] ?? NaN) || Number.isNaN(y.values[row] ?? NaN)) nWithout++;
    else rows.push(row);
  }
  const ordered = orderByQuality(rows, all);
  return {
    x: paramAxis(x, SPREAD_X),
    y: paramAxis(y, SPREAD_Y),
    ...pairPoints(view, ordered, { x, y }),
    ranks: Float64Array.from(ordered, (row) => all[row] as number),
    nWithout,
  };
}

const SPREAD_X = { isSpread: true };
const SPREAD_Y = { isSpread: true, isVertical: true };

export function pairPoints(
  view: TrialView,
  rows: Int32Array,
  { x, y }: Pick<PairOptions, 'x' | 'y'>,
): PairPoints {
  return {
    rows,
    numbers: Int32Array.from(rows, (row) => view.numbers[row] as number),
    xs: Float64Array.from(rows, paramPlaces(x, SPREAD_X)),
    ys: Float64Array.from(rows, paramPlaces(y, SPREAD_Y)),
  };
}

const N_COLORS = 10;

export function rankModel(
  view: TrialView,
  options: PairOptions,
  theme: ChartTheme,
  info = rankInfo(view, options),
): ChartModel {
  const { rows, ranks, xs, ys, nWithout } = info;
  const series = bucketEnds(ranks).map((end, bucket, ends) => {
    const start = ends[bucket - 1] ?? 0;
    const color = rampColor(theme.ramp, bucket / (N_COLORS - 1));
    return {
      ...scatterSeries(
        {
          name: '',
          kind: 'complete',
          x: xs.subarray(start, end),
          y: ys.subarray(start, end),
          nPoints: rows.length,
          z: 2 + bucket * 0.1,
        },
        theme,
      ),
      name: undefined,
      itemStyle: {
        color,
        borderColor: theme.axisLine,
        borderWidth: rows.length > 3000 ? 0 : 0.5,
        opacity: 1,
      },
      symbolSize: pointSize(rows.length) + 1,
    };
  });
  return {
    option: pairOption(info, series, theme),
    layers: [pairLayer(info, options)],
    legend: [],
    ramp: { from: text.charts.worse, to: text.charts.better },
    table: () => pairTable(view, rows, options, { title: text.charts.rankShare, values: ranks }),
    summary: text.charts.pairSummary(rows.length, options.x.name, options.y.name),
    note: nWithout > 0 ? text.charts.haveBoth(rows.length, rows.length + nWithout) : undefined,
    emptyText: rows.length === 0 ? text.charts.noPair : undefined,
  };
}

/** Where the points of each colour end: ranks ascend. */
function bucketEnds(ranks: Float64Array): number[] {
  const ends = new Array<number>(N_COLORS).fill(0);
  for (let i = 0; i < ranks.length; i++)
    ends[Math.min(N_COLORS - 1, Math.floor((ranks[i] as number) * N_COLORS))] = i + 1;
  // A colour without points ends where the one before does.
  for (let bucket = 1; bucket < N_COLORS; bucket++)
    ends[bucket] = Math.max(ends[bucket] as number, ends[bucket - 1] as number);
  return ends;
}

export function pairOption(
  { x, y }: { x: ParamAxis; y: ParamAxis },
  series: readonly object[],
  theme: ChartTheme,
): ChartOption {
  const settings = (axis: ParamAxis) => ({
    title: axis.name,
    range: axis.range,
    isLog: axis.isLog,
    logBase: axis.logBase,
    categories: axis.categories,
    isInteger: axis.isInteger,
  });
  return {
    grid: [fullGrid()],
    xAxis: [xAxis(settings(x), theme)],
    yAxis: [yAxis({ ...settings(y), isBare: true }, theme)],
    series: series as unknown as ChartOption['series'],
  };
}

export function pairLayer({ numbers, xs, ys }: PairPoints, options: PairOptions): PickLayer {
  return {
    grid: 0,
    x: xs,
    y: ys,
    trialNumbers: numbers,
    xFieldId: paramFieldId(options.x.name),
    yFieldId: paramFieldId(options.y.name),
  };
}

export function pairTable(
  view: TrialView,
  rows: Int32Array,
  { x, y, target }: PairOptions,
  extra?: { title: string; values: ArrayLike<number> },
) {
  const shown = (column: ParamColumn) => {
    const { categories } = paramAxis(column);
    return Array.from(rows, (row) => {
      const value = column.values[row] as number;
      return categories?.[value] ?? value;
    });
  };
  return columnsTable([
    { title: text.fields.number, values: Array.from(rows, (row) => view.numbers[row] as number) },
    { title: x.name, values: shown(x) },
    { title: y.name, values: shown(y) },
    { title: target.title, values: Array.from(rows, target.at) },
    ...(extra ? [extra] : []),
  ]);
}
