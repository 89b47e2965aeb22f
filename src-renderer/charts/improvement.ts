import type { ImprovementHistory } from '../../src-main/tuner/terminators/improvement-history.ts';
import { formatNumber } from '../format.ts';
import { text } from '../text.ts';
import { fullGrid, trialNumberAxis, yAxis } from './axes.ts';
import { columnsTable, emptyModel, type ChartModel, type PickLayer } from './chart.ts';
import { extentOf, paddedRange, type Range } from './scale.ts';
import { mixColors, type ChartTheme } from './theme.ts';

/** Whether all that could be told is above 0. */
export function canImprovementBeLog({ improvements, errors }: ImprovementHistory): boolean {
  return (extentOf([improvements, errors])?.[0] ?? 0) > 0;
}

/** Improvement and error over the trials, lighter where the rule could not end the study yet. */
export function improvementModel(
  result: ImprovementHistory,
  { ruleTitle, isLog }: { readonly ruleTitle: string; readonly isLog: boolean },
  theme: ChartTheme,
): ChartModel {
  const { trialNumbers: numbers, nComplete, endsAfter, canEndAfter } = result;
  const told = (values: Float64Array): Float64Array =>
    values.map((value) => (Number.isFinite(value) ? value : NaN));
  const [improvements, errors] = [told(result.improvements), told(result.errors)];
  if (numbers.length === 0) return emptyModel(text.improvement.noTrials);
  if (extentOf([improvements]) === null) return emptyModel(text.improvement.cannotTell);

  const from = canEndAfter === null ? -1 : numbers.findIndex((number) => number >= canEndAfter);
  const yRange = rangeOf(improvements, errors, from, isLog);
  const early = mixColors(theme.surface, theme.states.complete, 0.4);
  const [start, end] = from < 0 ? [numbers.length, numbers.length] : [from + 1, from];
  const line = (name: string, color: string, points: number[][], more: object = {}): object => ({
    type: 'line',
    name,
    data: points,
    connectNulls: false,
    symbol: 'circle',
    symbolSize: 4,
    showSymbol: numbers.length <= MAX_POINTS,
    itemStyle: { color },
    lineStyle: { color, width: 2 },
    silent: true,
    animation: false,
    clip: true,
    ...more,
  });
  const pointsOf = (values: Float64Array): number[][] =>
    Array.from(values, (value, i) => [numbers[i] as number, value]);
  const points = pointsOf(improvements);
  const hasErrors = extentOf([errors]) !== null;
  const layer = (name: string, y: Float64Array): PickLayer => ({
    grid: 0,
    x: numbers,
    y,
    seriesName: name,
    trialNumbers: numbers,
    xFieldId: 'number',
    label: (i) => `${name}: ${formatNumber(y[i] as number)}`,
  });
  return {
    option: {
      grid: [fullGrid()],
      xAxis: [trialNumberAxis(extentOf([numbers]), theme)],
      yAxis: [yAxis({ title: text.improvement.unit, range: yRange, isLog }, theme)],
      series: [
        line(text.improvement.improvement, early, points.slice(0, start)),
        line(text.improvement.improvement, theme.states.complete, points.slice(end)),
        ...(hasErrors
          ? [
              line(text.improvement.error, theme.states.pruned, pointsOf(errors), {
                showSymbol: false,
                lineStyle: { color: theme.states.pruned, width: 1.5, type: [4, 3] },
              }),
            ]
          : []),
        ...(endsAfter === null
          ? []
          : [
              line(
                text.improvement.end,
                theme.best,
                yRange.map((y) => [endsAfter, y]),
                {
                  showSymbol: false,
                  lineStyle: { color: theme.best, width: 1.25, type: 'dotted' },
                },
              ),
            ]),
      ] as unknown as ChartModel['option']['series'],
    },
    layers: [
      layer(text.improvement.improvement, improvements),
      ...(hasErrors ? [layer(text.improvement.error, errors)] : []),
    ],
    legend: [
      { name: text.improvement.improvement, color: theme.states.complete, shape: 'line' },
      ...(hasErrors
        ? [{ name: text.improvement.error, color: theme.states.pruned, shape: 'line' as const }]
        : []),
      ...(endsAfter === null
        ? []
        : [{ name: text.improvement.end, color: theme.best, shape: 'line' as const }]),
    ],
    table: () =>
      columnsTable([
        { title: text.fields.number, values: numbers },
        { title: text.improvement.improvement, values: improvements },
        { title: text.improvement.error, values: errors },
      ]),
    summary: text.improvement.verdict(ruleTitle, endsAfter, numbers.length < nComplete),
    note: [
      text.improvement.verdict(ruleTitle, endsAfter, numbers.length < nComplete),
      ...(numbers.length < nComplete ? [text.improvement.sampled(numbers.length, nComplete)] : []),
    ].join(' '),
  };
}

const MAX_POINTS = 60;

/** As in `optuna/visualization/_terminator_improvement.py` (5.0): of what comes when the rule may end the study, as the first estimates are far off. */
function rangeOf(
  improvements: Float64Array,
  errors: Float64Array,
  from: number,
  isLog: boolean,
): Range {
  const late = from < 0 ? improvements : improvements.subarray(from);
  const extent = extentOf([late, errors], isLog) ?? extentOf([improvements, errors], isLog);
  return paddedRange(extent, isLog, 0.05);
}
