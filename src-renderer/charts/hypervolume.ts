import type { StudyDirection } from '../../src-main/tuner/study/direction.ts';
import { hypervolumeHistory } from '../../src-main/tuner/study/hypervolume-history.ts';
import { formatNumber } from '../format.ts';
import { text } from '../text.ts';
import { stateCode, type TrialView } from '../trials/trial-view.ts';
import { fullGrid, trialNumberAxis, yAxis } from './axes.ts';
import { columnsTable, type ChartModel } from './chart.ts';
import { extentOf, paddedRange, toEdge } from './scale.ts';
import type { ChartTheme } from './theme.ts';

export interface HypervolumeInfo {
  /** Complete trials, by number. */
  readonly numbers: Int32Array;
  readonly hypervolumes: Float64Array;
  readonly hasFeasible: boolean;
  readonly referencePoint: readonly number[];
}

export interface HypervolumeOptions {
  readonly directions: readonly StudyDirection[];
  /** Null: a tenth beyond the worst values, without outliers. */
  readonly referencePoint?: readonly number[] | null;
}

export function hypervolumeInfo(
  view: TrialView,
  { directions, referencePoint: given }: HypervolumeOptions,
): HypervolumeInfo {
  // Directions are known before the first trials are here.
  const values = directions.map((_, k) => view.values[k] ?? new Float64Array());
  const rows: number[] = [];
  for (let row = 0; row < view.nTrials; row++)
    if (view.states[row] === stateCode.complete) rows.push(row);
  const pick = (column: ArrayLike<number>): Float64Array =>
    Float64Array.from(rows, (row) => column[row] as number);
  const isFeasible = pick(view.isFeasible);
  const { hypervolumes, referencePoint } = hypervolumeHistory(values.map(pick), directions, {
    isFeasible,
    referencePoint: given ?? undefined,
  });
  return {
    numbers: Int32Array.from(rows, (row) => view.numbers[row] as number),
    hypervolumes,
    hasFeasible: isFeasible.includes(1),
    referencePoint,
  };
}

export function hypervolumeModel(
  view: TrialView,
  options: HypervolumeOptions,
  theme: ChartTheme,
  info = hypervolumeInfo(view, options),
): ChartModel {
  const { numbers, hypervolumes, hasFeasible, referencePoint } = info;
  const yRange = paddedRange(extentOf([hypervolumes]), false, 0.06);
  const points: [number, number][] = [];
  for (let i = 0; i < numbers.length; i++)
    if (i === 0 || i === numbers.length - 1 || hypervolumes[i] !== hypervolumes[i - 1])
      points.push([numbers[i] as number, toEdge(hypervolumes[i] as number, yRange)]);
  const last = hypervolumes.at(-1);
  return {
    option: {
      grid: [fullGrid()],
      xAxis: [trialNumberAxis(extentOf([numbers]), theme)],
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
          showSymbol: points.length === 1,
          itemStyle: { color: theme.best },
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
    note: hasFeasible
      ? text.charts.referencePoint(
          referencePoint.map((value) => formatNumber(value, 3)).join(' · '),
        )
      : undefined,
    emptyText:
      numbers.length === 0
        ? text.charts.noValues
        : hasFeasible
          ? undefined
          : text.best.noneFeasible,
  };
}
