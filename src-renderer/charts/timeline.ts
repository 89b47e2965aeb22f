import { trialStates } from '../../src-main/tuner/trial/frozen-trial.ts';
import { formatCount, formatDuration } from '../format.ts';
import { text } from '../text.ts';
import { stateCode, stateOf, type TrialView } from '../trials/trial-view.ts';
import { fullGrid, xAxis, yAxis } from './axes.ts';
import { columnsTable, type ChartModel, type ChartOption, type PickLayer } from './chart.ts';
import { pointKindOf } from './point-groups.ts';
import { extentOf, paddedRange, type Range } from './scale.ts';
import { pointColor, type PointKind } from './state-style.ts';
import type { ChartTheme } from './theme.ts';

export interface TimelineOptions {
  /** Only the newest so many trials; null: all. */
  readonly nNewest: number | null;
  /** Running trials last until now. */
  readonly nowMs: number;
  readonly mask?: Uint8Array | null;
}

const MIN_STALE_MS = 10 * 60_000;

export interface TimelineInfo {
  /** Trials that started, by number. */
  readonly rows: Int32Array;
  readonly kinds: readonly PointKind[];
  readonly startedAtMs: Float64Array;
  readonly endedAtMs: Float64Array;
  readonly xRange: Range;
  readonly yRange: Range;
  readonly nLeftOut: number;
}

export function timelineInfo(
  view: TrialView,
  { nNewest, nowMs, mask = null }: TimelineOptions,
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
    startedAtMs,
    endedAtMs,
    xRange: paddedRange(extentOf([startedAtMs, endedAtMs]), false, 0.01),
    yRange: [numbers[0] - 1, numbers[1] + 1],
    nLeftOut: started.length - rows.length,
  };
}

export function timelineModel(
  view: TrialView,
  options: TimelineOptions,
  theme: ChartTheme,
  info = timelineInfo(view, options),
): ChartModel {
  const { rows, kinds, startedAtMs, endedAtMs, xRange, yRange, nLeftOut } = info;
  const numbers = Int32Array.from(rows, (row) => view.numbers[row] as number);
  const shown = [...new Set(kinds)];
  const option: ChartOption = {
    grid: [fullGrid()],
    xAxis: [xAxis({ title: '', range: xRange, isTime: true }, theme)],
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
    series: shown.map((kind) =>
      barSeries(info, kind, numbers, theme),
    ) as unknown as ChartOption['series'],
  };
  const layers = shown
    .filter((kind) => kind !== 'faded')
    .map((kind): PickLayer => {
      const of = [...kinds.keys()].filter((i) => kinds[i] === kind);
      return {
        grid: 0,
        seriesName: text.points[kind],
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
    legend: trialStates
      .filter((state) => shown.includes(state))
      .map((state) => ({
        name: text.points[state],
        color: pointColor(state, theme),
        shape: 'square' as const,
      })),
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
      ]),
    summary: text.charts.timelineSummary(rows.length, formatDuration(xRange[1] - xRange[0])),
    note: nLeftOut > 0 ? text.charts.newest(rows.length, rows.length + nLeftOut) : undefined,
    emptyText: rows.length === 0 ? text.charts.noTrials : undefined,
  };
}

function barSeries(
  info: TimelineInfo,
  kind: PointKind,
  numbers: Int32Array,
  theme: ChartTheme,
): object {
  const of = [...info.kinds.keys()].filter((i) => info.kinds[i] === kind);
  const fill = pointColor(kind, theme);
  return {
    type: 'custom',
    name: text.points[kind],
    data: of,
    silent: true,
    clip: true,
    animation: false,
    renderItem(
      { dataIndex }: { dataIndex: number },
      api: { coord(point: number[]): number[]; size(span: number[]): number[] },
    ) {
      const i = of[dataIndex] as number;
      const [x0 = 0, y = 0] = api.coord([info.startedAtMs[i] as number, numbers[i] as number]);
      const [x1 = 0] = api.coord([info.endedAtMs[i] as number, numbers[i] as number]);
      const height = Math.max(1.2, Math.min(14, (api.size([0, 1])[1] ?? 1) * 0.78));
      return {
        type: 'rect',
        shape: {
          x: x0,
          y: y - height / 2,
          width: Math.max(1.5, x1 - x0),
          height,
          r: height > 5 ? 1.5 : 0,
        },
        style: { fill },
      };
    },
  };
}
