import type { ImportanceResult } from '../../src-main/contract/analysis.ts';
import { formatNumber, formatPercent, shortenNames } from '../format.ts';
import { text } from '../text.ts';
import { MAX_NAME_LENGTH, xAxis, yAxis } from './axes.ts';
import { columnsTable, emptyModel, type ChartModel } from './chart.ts';
import type { ChartTheme } from './theme.ts';

/** Further ones are in the chart's table only. */
export const MAX_BARS = 30;

/** Pixels in which the names of so many bars do not overlap. */
export function importanceHeight(n: number): number {
  return 44 + 13 * Math.min(MAX_BARS, n);
}

/** Bars from the top, the most important parameter first. */
export function importanceModel(result: ImportanceResult, theme: ChartTheme): ChartModel {
  const { reason, nTrials } = result;
  const importances = result.importances.slice(0, MAX_BARS);
  const notes =
    importances.length < result.importances.length
      ? [text.charts.firstOf(importances.length, result.importances.length), ...result.notes]
      : result.notes;
  const n = importances.length;
  if (n === 0) return emptyModel(reason ?? text.charts.noValues);
  const most = Math.max(
    ...importances.map(({ importance, deviation }) => importance + (deviation ?? 0)),
  );
  const placeOf = (i: number): number => n - 1 - i;
  const names = shortenNames(
    importances.map((_, i) => importances[placeOf(i)]?.param ?? ''),
    MAX_NAME_LENGTH,
  );
  const longest = Math.max(...names.map(({ length }) => length));
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
      series: [barSeries(importances, placeOf, theme)] as unknown as ChartModel['option']['series'],
    },
    layers: [
      {
        grid: 0,
        x: importances.map(({ importance }) => importance),
        y: importances.map((_, i) => placeOf(i)),
        trialNumbers: null,
        label: (i) => describe(importances[i]),
      },
    ],
    legend: [],
    table: () =>
      columnsTable([
        { title: text.charts.parameter, values: result.importances.map(({ param }) => param) },
        {
          title: text.charts.importance,
          values: result.importances.map(({ importance }) => importance),
        },
        {
          title: text.charts.deviation,
          values: result.importances.map(({ deviation }) => deviation),
        },
      ]),
    summary: text.charts.importanceSummary(importances[0]?.param ?? '', nTrials),
    note: [text.charts.ofTrials(nTrials), ...notes].join('. '),
  };
}

function describe(entry: ImportanceResult['importances'][number] | undefined): string {
  if (!entry) return '';
  const spread = entry.deviation === null ? '' : ` ± ${formatNumber(entry.deviation, 2)}`;
  return `${entry.param}: ${formatNumber(entry.importance, 4)}${spread}`;
}

function barSeries(
  importances: ImportanceResult['importances'],
  placeOf: (i: number) => number,
  theme: ChartTheme,
): object {
  return {
    type: 'custom',
    data: importances.map((_, i) => i),
    silent: true,
    animation: false,
    clip: false,
    z: 2,
    renderItem(
      { dataIndex: i }: { dataIndex: number },
      api: { coord(point: number[]): number[]; size(span: number[]): number[] },
    ) {
      const { importance, deviation } = importances[i] as (typeof importances)[number];
      const [left = 0] = api.coord([0, 0]);
      const [right = 0, y = 0] = api.coord([importance, placeOf(i)]);
      const height = Math.min(18, (api.size([0, 1])[1] ?? 12) * 0.62);
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
            style: { fill: theme.states.complete },
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
