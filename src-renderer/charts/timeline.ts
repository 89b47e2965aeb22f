import { trialStates } from '../../src-main/tuner/trial/frozen-trial.ts';
import { formatCount, formatDays, formatDuration } from '../format.ts';
import { text } from '../text.ts';
import { stateCode, stateOf, type TrialView } from '../trials/trial-view.ts';
import { fullGrid, xAxis, yAxis } from './axes.ts';
import { columnsTable, type ChartModel, type ChartOption, type PickLayer } from './chart.ts';
import { pointKindOf } from './point-groups.ts';
import { extentOf, paddedRange, type Range } from './scale.ts';
import { legendShapes, markPaths, pointColor, type PointKind } from './state-style.ts';
import { qualityRanks, type Target } from './target.ts';
import { rampColor, type ChartTheme } from './theme.ts';

export interface TimelineOptions {
  /** Only the newest so many trials; null: all. */
  readonly nNewest: number | null;
  /** Running trials last until now. */
  readonly nowMs: number;
  /** The field of the objective that colours complete trials; null: all have the colour of their state. @default null */
  readonly colorFieldId?: string | null;
  readonly mask?: Uint8Array | null;
}

const MIN_STALE_MS = 10 * 60_000;
/** Bars from so many pixels on show their state also by a mark behind their end, or as an outline. */
const MIN_MARK_HEIGHT = 5;
const MAX_MARK_SIZE = 8;

export interface TimelineInfo {
  /** Trials that started, by number. */
  readonly rows: Int32Array;
  readonly kinds: readonly PointKind[];
  /** Of each of `rows`: its value, and how good it is, 0 the worst and 1 the best of the study, NaN for those that do not count. Null where states colour all. */
  readonly quality: {
    readonly title: string;
    readonly values: Float64Array;
    readonly ranks: Float64Array;
  } | null;
  readonly startedAtMs: Float64Array;
  readonly endedAtMs: Float64Array;
  readonly xRange: Range;
  readonly yRange: Range;
  readonly nLeftOut: number;
}

/** @param target What `colorFieldId` is. */
export function timelineInfo(
  view: TrialView,
  { nNewest, nowMs, mask = null }: TimelineOptions,
  target: Target | null = null,
): TimelineInfo {
  const started: number[] = [];
  for (let row = 0; row < view.nTrials; row++)
    if (!Number.isNaN(view.startedAtMs[row] ?? NaN)) started.push(row);
  const lastMs = extentOf([view.startedAtMs, view.completedAtMs])?.[1] ?? nowMs;
  const firstMs = extentOf([view.startedAtMs])?.[0] ?? nowMs;
  // A trial that still says it runs, long after anything else happened, was left behind by a process that died.
  const isStale = nowMs - lastMs > Math.max(MIN_STALE_MS, 2 * (lastMs - firstMs));
  const untilMs = isStale ? lastMs : nowMs;
  const rows = Int32Array.from(nNewest === null ? started : started.slice(-nNewest));
  const startedAtMs = Float64Array.from(rows, (row) => view.startedAtMs[row] as number);
  const endedAtMs = Float64Array.from(rows, (row) => {
    const end = view.completedAtMs[row] as number;
    if (!Number.isNaN(end)) return end;
    return view.states[row] === stateCode.running ? untilMs : (view.startedAtMs[row] as number);
  });
  const numbers = extentOf([Float64Array.from(rows, (row) => view.numbers[row] as number)]) ?? [
    0, 1,
  ];
  return {
    rows,
    kinds: Array.from(rows, (row) => pointKindOf(view, row, mask)),
    quality: target && qualityOf(view, rows, target),
    startedAtMs,
    endedAtMs,
    xRange: paddedRange(extentOf([startedAtMs, endedAtMs]), false, 0.02),
    yRange: [numbers[0] - 1, numbers[1] + 1],
    nLeftOut: started.length - rows.length,
  };
}

function qualityOf(view: TrialView, rows: Int32Array, target: Target): TimelineInfo['quality'] {
  const ranks = qualityRanks(view.nTrials, target);
  return {
    title: target.title,
    values: Float64Array.from(rows, target.at),
    ranks: Float64Array.from(rows, (row) => ranks[row] as number),
  };
}

/** Bars of one legend entry, or those that have a colour each. */
interface BarGroup {
  readonly kind: PointKind | 'ranked';
  /** Places in `rows`. */
  readonly of: readonly number[];
}

function barGroups({ kinds, quality }: TimelineInfo): BarGroup[] {
  const groups = new Map<BarGroup['kind'], number[]>();
  kinds.forEach((kind, i) => {
    const isRanked = kind === 'complete' && !Number.isNaN(quality?.ranks[i] ?? NaN);
    const group = isRanked ? 'ranked' : kind;
    const of = groups.get(group);
    if (of) of.push(i);
    else groups.set(group, [i]);
  });
  return Array.from(groups, ([kind, of]) => ({ kind, of }));
}

export function timelineModel(
  view: TrialView,
  options: TimelineOptions,
  theme: ChartTheme,
  info = timelineInfo(view, options),
): ChartModel {
  const { rows, quality, startedAtMs, endedAtMs, xRange, yRange, nLeftOut } = info;
  const numbers = Int32Array.from(rows, (row) => view.numbers[row] as number);
  const groups = barGroups(info);
  const option: ChartOption = {
    grid: [fullGrid()],
    xAxis: [xAxis({ title: formatDays(xRange), range: xRange, isTime: true }, theme)],
    yAxis: [
      yAxis(
        {
          title: text.fields.number,
          range: yRange,
          isInteger: true,
          isBare: true,
          format: formatCount,
        },
        theme,
      ),
    ],
    series: groups.map((group) =>
      barSeries(info, group, numbers, theme),
    ) as unknown as ChartOption['series'],
  };
  const layers = groups
    .filter(({ kind }) => kind !== 'faded')
    .map(({ kind, of }): PickLayer => {
      return {
        grid: 0,
        seriesName: seriesName(kind),
        x: Float64Array.from(
          of,
          (i) => ((startedAtMs[i] as number) + (endedAtMs[i] as number)) / 2,
        ),
        y: Float64Array.from(of, (i) => numbers[i] as number),
        trialNumbers: Int32Array.from(of, (i) => numbers[i] as number),
        yFieldId: 'number',
        xFieldId: 'startedAt',
      };
    });
  return {
    option,
    layers,
    legend: ([...trialStates, 'infeasible'] as const)
      .filter((shown) => groups.some(({ kind }) => kind === shown))
      .map((kind) => ({
        name: text.points[kind],
        color: pointColor(kind, theme),
        // A bar without a mark at its end.
        shape: kind === 'complete' ? ('square' as const) : legendShapes[kind],
      })),
    ramp: quality ? { from: text.charts.worse, to: text.charts.better } : undefined,
    table: () =>
      columnsTable([
        { title: text.fields.number, values: numbers },
        {
          title: text.fields.state,
          values: Array.from(rows, (row) => text.states[stateOf(view, row)]),
        },
        {
          title: text.fields.startedAt,
          values: Array.from(startedAtMs, (ms) => new Date(ms).toISOString()),
        },
        {
          title: text.fields.completedAt,
          values: Array.from(endedAtMs, (ms) => new Date(ms).toISOString()),
        },
        ...(quality
          ? [
              { title: quality.title, values: quality.values },
              { title: text.charts.rankShare, values: quality.ranks },
            ]
          : []),
      ]),
    summary: text.charts.timelineSummary(rows.length, formatDuration(xRange[1] - xRange[0])),
    note: nLeftOut > 0 ? text.charts.newest(rows.length, rows.length + nLeftOut) : undefined,
    emptyText: rows.length === 0 ? text.charts.noTrials : undefined,
  };
}

/** Bars that have a colour each are in no legend, and so not hidden by it. */
function seriesName(kind: BarGroup['kind']): string | undefined {
  return kind === 'ranked' ? undefined : text.points[kind];
}

function barSeries(
  info: TimelineInfo,
  { kind, of }: BarGroup,
  numbers: Int32Array,
  theme: ChartTheme,
): object {
  const fillOf = (i: number): string =>
    kind === 'ranked'
      ? rampColor(theme.ramp, info.quality?.ranks[i] as number)
      : pointColor(kind, theme);
  return {
    type: 'custom',
    name: seriesName(kind),
    data: of,
    silent: true,
    clip: true,
    animation: false,
    // ECharts clips no custom series that it draws bit by bit.
    progressive: 0,
    renderItem(
      { dataIndex }: { dataIndex: number },
      api: { coord(point: number[]): number[]; size(span: number[]): number[] },
    ) {
      const i = of[dataIndex] as number;
      const [x0 = 0, y = 0] = api.coord([info.startedAtMs[i] as number, numbers[i] as number]);
      const [x1 = 0] = api.coord([info.endedAtMs[i] as number, numbers[i] as number]);
      const height = Math.max(1.2, Math.min(14, (api.size([0, 1])[1] ?? 1) * 0.78));
      const color = fillOf(i);
      const hasRoom = height >= MIN_MARK_HEIGHT;
      const isHollow = hasRoom && kind === 'running';
      const inset = isHollow ? 0.75 : 0;
      const bar = {
        type: 'rect',
        shape: {
          x: x0 + inset,
          y: y - height / 2 + inset,
          width: Math.max(1.5, x1 - x0 - 2 * inset),
          height: height - 2 * inset,
          r: height > 5 ? 1.5 : 0,
        },
        style: isHollow ? { fill: 'transparent', stroke: color, lineWidth: 1.5 } : { fill: color },
      };
      const pathData = hasRoom && kind !== 'ranked' ? markPaths[kind] : undefined;
      if (pathData === undefined) return bar;
      const size = Math.min(MAX_MARK_SIZE, height);
      const shape = { pathData, x: bar.shape.x + bar.shape.width + 2, y: y - size / 2 };
      const mark = {
        type: 'path',
        shape: { ...shape, width: size, height: size },
        style: { fill: color },
      };
      return { type: 'group', children: [bar, mark] };
    },
  };
}
