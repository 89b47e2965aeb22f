import type { StudyDirection } from '../../src-main/tuner/study/direction.ts';
import { hypervolumeHistory } from '../../src-main/tuner/study/hypervolume-history.ts';
import { formatCount, formatNumber } from '../format.ts';
import { text } from '../text.ts';
import { stateCode, type TrialView } from '../trials/trial-view.ts';
import { fullGrid, xAxis, yAxis } from './axes.ts';
import { columnsTable, type ChartModel } from './chart.ts';
import { extentOf, paddedRange, toEdge } from './scale.ts';
import type { ChartTheme } from './theme.ts';

export interface HypervolumeInfo {
  /** Complete trials, by number. */
  readonly numbers: Int32Array;
  readonly hypervolumes: Float64Array;
  readonly referencePoint: readonly number[];
}

export function hypervolumeInfo(
  view: TrialView,
  directions: readonly StudyDirection[],
): HypervolumeInfo {
  const rows: number[] = [];
  for (let row = 0; row < view.nTrials; row++)
    if (view.states[row] === stateCode.complete) rows.push(row);
  const pick = (column: ArrayLike<number>): Float64Array =>
    Float64Array.from(rows, (row) => column[row] as number);
  const { hypervolumes, referencePoint } = hypervolumeHistory(view.values.map(pick), directions, {
    isFeasible: pick(view.isFeasible),
  });
  return {
    numbers: Int32Array.from(rows, (row) => view.numbers[row] as number),
    hypervolumes,
    referencePoint,
  };
}

export function hypervolumeModel(
  view: TrialView,
  directions: readonly StudyDirection[],
  theme: ChartTheme,
  info = hypervolumeInfo(view, directions),
): ChartModel {
  const { numbers, hypervolumes, referencePoint } = info;
  const yRange = paddedRange(extentOf([hypervolumes]), false, 0.06);
  const points: [number, number][] = [];
  for (let i = 0; i < numbers.length; i++)
    if (i === 0 || i === numbers.length - 1 || hypervolumes[i] !== hypervolumes[i - 1])
      points.push([numbers[i] as number, toEdge(hypervolumes[i] as number, yRange)]);
  const last = hypervolumes.at(-1);
  return {
    option: {
      grid: [fullGrid()],
      xAxis: [
        xAxis(
          {
            title: text.fields.number,
            range: paddedRange(extentOf([numbers]), false, 0.015),
            isInteger: true,
            format: formatCount,
          },
          theme,
        ),
      ],
      yAxis: [
        yAxis(
          {
            title: text.charts.hypervolume,
            range: yRange,
          },
          theme,
        ),
      ],
      series: [
        {
          type: 'line',
          step: 'end',
          data: points,
          showSymbol: false,
          lineStyle: { color: theme.best, width: 1.75 },
          silent: true,
          animation: false,
        },
      ],
    },
    layers: [
      {
        grid: 0,
        x: numbers,
        y: hypervolumes,
        trialNumbers: numbers,
        xFieldId: 'number',
      },
    ],
    legend: [],
    table: () =>
      columnsTable([
        { title: text.fields.number, values: numbers },
        { title: text.charts.hypervolume, values: hypervolumes },
      ]),
    summary: text.charts.hypervolumeSummary(last === undefined ? '–' : formatNumber(last)),
    note: text.charts.referencePoint(
      referencePoint.map((value) => formatNumber(value, 3)).join(', '),
    ),
    emptyText: numbers.length === 0 ? text.charts.noValues : undefined,
  };
}
