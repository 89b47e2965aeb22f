import type { ImportanceResult } from '../../src-main/contract/analysis.ts';
import { importanceRows } from '../../src-main/tuner/importance/importance-rows.ts';
import { formatNumber, formatPercent, shortenNames } from '../format.ts';
import { text } from '../text.ts';
import { MAX_NAME_LENGTH, xAxis, yAxis } from './axes.ts';
import { columnsTable, emptyModel, type ChartModel } from './chart.ts';
import type { ChartTheme } from './theme.ts';

/** Further ones are in the chart's table only. */
export const MAX_BARS = 30;
/** Among many objectives there are so many parameters at least. */
const MIN_PARAMS = 5;

/** What is drawn of one objective. */
export interface ObjectiveImportance {
  readonly title: string;
  readonly result: ImportanceResult;
}

type Entry = ImportanceResult['importances'][number];

/** Pixels in which the names of so many parameters, and the bars of each, do not overlap. */
export function importanceHeight(nParams: number, nObjectives = 1): number {
  const perBar = nObjectives === 1 ? 13 : 16;
  return 44 + perBar * Math.min(maxParams(nObjectives), nParams) * nObjectives;
}

function maxParams(nObjectives: number): number {
  return Math.max(MIN_PARAMS, Math.floor(MAX_BARS / nObjectives));
}

/** Bars from the top, the most important parameter first. */
export function importanceModel(result: ImportanceResult, theme: ChartTheme): ChartModel {
  const colors = [theme.states.complete];
  return barsModel([{ title: text.charts.importance, result }], colors, theme);
}

/** A group of bars for each parameter, one bar for each objective. */
export function objectiveImportancesModel(
  objectives: readonly ObjectiveImportance[],
  theme: ChartTheme,
): ChartModel {
  const colors = objectives.map((_, k) => theme.series[k % theme.series.length] ?? theme.accent);
  return barsModel(objectives, colors, theme);
}

function barsModel(
  objectives: readonly ObjectiveImportance[],
  colors: readonly string[],
  theme: ChartTheme,
): ChartModel {
  const isGrouped = objectives.length > 1;
  const all = importanceRows(objectives.map(({ result }) => result.importances));
  const rows = all.slice(0, maxParams(objectives.length));
  const n = rows.length;
  if (n === 0) return emptyModel(reasonsOf(objectives).join(' ') || text.charts.noValues);
  const entries = rows.flatMap((row) => row.entries.filter((entry) => entry !== null));
  const most = Math.max(
    ...entries.map(({ importance, deviation }) => importance + (deviation ?? 0)),
  );
  const names = shortenNames(
    rows.map((_, i) => rows[n - 1 - i]?.param ?? ''),
    MAX_NAME_LENGTH,
  );
  const longest = Math.max(...names.map(({ length }) => length));
  const bars = objectives.map(({ title }, k) => {
    const shown = rows.flatMap(({ entries }, i) => {
      const entry = entries[k];
      return entry ? [{ entry, y: placeOf(n - 1 - i, k, objectives.length) }] : [];
    });
    // Two objectives may have the same title.
    return { name: `${k}`, title, color: colors[k] ?? theme.accent, shown };
  });
  return {
    option: {
      grid: [{ left: 24 + longest * 6.4, right: 52, top: 10, bottom: 30 }],
      xAxis: [
        {
          ...xAxis(
            {
              title: '',
              range: [0, most > 0 ? most * 1.04 : 1],
              format: (share) => `${formatNumber(share * 100, 2)} %`,
            },
            theme,
          ),
          // In a small card more would overlap, and some of them be left out.
          splitNumber: 3,
        },
      ],
      yAxis: [yAxis({ title: '', range: [-0.6, n - 0.4], categories: names, isBare: true }, theme)],
      series: bars.map((each) =>
        barSeries(each, objectives.length, theme),
      ) as unknown as ChartModel['option']['series'],
    },
    layers: bars.map(({ name, title, shown }) => ({
      grid: 0,
      x: shown.map(({ entry }) => entry.importance),
      y: shown.map(({ y }) => y),
      seriesName: name,
      trialNumbers: null,
      label: (i) => describe(shown[i]?.entry, isGrouped ? title : null),
    })),
    legend: isGrouped
      ? bars.map(({ name, title, color }) => ({
          name,
          label: title,
          color,
          shape: 'square' as const,
        }))
      : [],
    table: () =>
      columnsTable([
        { title: text.charts.parameter, values: all.map(({ param }) => param) },
        ...objectives.flatMap(({ title }, k) => {
          const column = all.map(({ entries }) => entries[k]);
          const values = column.map((entry) => entry?.importance ?? null);
          const deviations = column.map((entry) => entry?.deviation ?? null);
          if (!isGrouped)
            return [
              { title, values },
              { title: text.charts.deviation, values: deviations },
            ];
          return deviations.some((deviation) => deviation !== null)
            ? [
                { title, values },
                { title: text.charts.deviationOf(title), values: deviations },
              ]
            : [{ title, values }];
        }),
      ]),
    summary: text.charts.importanceSummary(
      rows[0]?.param ?? '',
      Math.max(...objectives.map(({ result }) => result.nTrials)),
    ),
    note: [
      trialsNote(objectives),
      ...(n < all.length ? [text.charts.firstOf(n, all.length)] : []),
      ...reasonsOf(objectives),
      ...new Set(objectives.flatMap(({ result }) => result.notes)),
    ].join('. '),
  };
}

/** Where the bar of an objective is in the group of a parameter. */
function placeOf(param: number, k: number, nObjectives: number): number {
  return param + (GROUP_HEIGHT * ((nObjectives - 1) / 2 - k)) / nObjectives;
}

/** Of what a parameter has of the axis. */
const GROUP_HEIGHT = 0.8;

/** Why objectives say nothing; once where it is the same for all of them. */
function reasonsOf(objectives: readonly ObjectiveImportance[]): string[] {
  const reasons = objectives.flatMap(({ title, result: { reason } }) =>
    reason === null ? [] : [{ title, reason }],
  );
  const [first] = reasons;
  if (first && reasons.length === objectives.length)
    if (reasons.every(({ reason }) => reason === first.reason)) return [first.reason];
  return reasons.map(({ title, reason }) => `${title}: ${reason}`);
}

function trialsNote(objectives: readonly ObjectiveImportance[]): string {
  const counts = objectives.map(({ result }) => result.nTrials);
  return Math.min(...counts) === Math.max(...counts)
    ? text.charts.ofTrials(counts[0] ?? 0)
    : objectives
        .map(({ title, result }) => `${title} ${text.charts.ofTrials(result.nTrials)}`)
        .join(', ');
}

function describe(entry: Entry | undefined, objective: string | null): string {
  if (!entry) return '';
  const spread = entry.deviation === null ? '' : ` ± ${formatNumber(entry.deviation, 2)}`;
  const value = `${formatNumber(entry.importance, 4)}${spread}`;
  return objective === null ? `${entry.param}: ${value}` : `${entry.param}\n${objective}: ${value}`;
}

function barSeries(
  {
    name,
    color,
    shown,
  }: {
    readonly name: string;
    readonly color: string;
    readonly shown: readonly { readonly entry: Entry; readonly y: number }[];
  },
  nObjectives: number,
  theme: ChartTheme,
): object {
  return {
    type: 'custom',
    name,
    data: shown.map((_, i) => i),
    silent: true,
    animation: false,
    clip: false,
    z: 2,
    renderItem(
      { dataIndex: i }: { dataIndex: number },
      api: { coord(point: number[]): number[]; size(span: number[]): number[] },
    ) {
      const { entry, y: place } = shown[i] as (typeof shown)[number];
      const { importance, deviation } = entry;
      const [left = 0] = api.coord([0, 0]);
      const [right = 0, y = 0] = api.coord([importance, place]);
      const group = api.size([0, 1])[1] ?? 12;
      const height = Math.min(
        18,
        nObjectives === 1 ? group * 0.62 : (group * GROUP_HEIGHT * 0.9) / nObjectives,
      );
      const whisker = deviation === null ? 0 : (api.size([deviation, 0])[0] ?? 0);
      return {
        type: 'group',
        children: [
          {
            type: 'rect',
            shape: {
              x: left,
              y: y - height / 2,
              width: Math.max(1, right - left),
              height,
              r: [0, 3, 3, 0],
            },
            style: { fill: color },
          },
          ...(whisker > 0
            ? [
                {
                  type: 'line',
                  shape: { x1: Math.max(left, right - whisker), y1: y, x2: right + whisker, y2: y },
                  style: { stroke: theme.text, lineWidth: 1.25 },
                },
              ]
            : []),
          {
            type: 'text',
            x: right + whisker + 6,
            y,
            style: {
              text: formatPercent(importance),
              fill: theme.text2,
              font: `11px ${theme.fontFamily}`,
              verticalAlign: 'middle',
            },
          },
        ],
      };
    },
  };
}
