import type { RegressionReport } from '../../src-main/contract/evaluation.ts';
import { formatNumber } from '../format.ts';
import { text } from '../text.ts';
import { fullGrid, xAxis, yAxis } from './axes.ts';
import { columnsTable, type ChartModel } from './chart.ts';
import { extentOf, paddedRange } from './scale.ts';
import { pointSize } from './state-style.ts';
import type { ChartTheme } from './theme.ts';

/** What was predicted too low and too high, over what was predicted. */
export function residualsModel(report: RegressionReport, theme: ChartTheme): ChartModel {
  const { predicted, actual, target } = report;
  const residuals = actual.map((value, i) => value - (predicted[i] ?? NaN));
  const xRange = paddedRange(extentOf([predicted]), false);
  return {
    option: {
      grid: [fullGrid()],
      xAxis: [xAxis({ title: text.model.predicted(target), range: xRange }, theme)],
      yAxis: [
        yAxis(
          {
            title: text.model.residual,
            range: paddedRange(extentOf([residuals, [0]]), false, 0.05),
          },
          theme,
        ),
      ],
      series: [
        {
          type: 'line',
          data: [
            [xRange[0], 0],
            [xRange[1], 0],
          ],
          showSymbol: false,
          lineStyle: { color: theme.axisLine, width: 1.25, type: 'dashed' },
          silent: true,
          animation: false,
        },
        {
          type: 'scatter',
          data: predicted.map((value, i) => [value, residuals[i]]),
          symbolSize: pointSize(predicted.length),
          itemStyle: { color: theme.states.complete, opacity: 0.75 },
          silent: true,
          animation: false,
        },
      ] as unknown as ChartModel['option']['series'],
    },
    layers: [
      {
        grid: 0,
        x: predicted,
        y: residuals,
        trialNumbers: null,
        label: (i) =>
          text.model.residualPoint(
            formatNumber(predicted[i] ?? NaN),
            formatNumber(actual[i] ?? NaN),
          ),
      },
    ],
    legend: [],
    table: () =>
      columnsTable([
        { title: text.model.predicted(target), values: predicted },
        { title: text.model.actual(target), values: actual },
        { title: text.model.residual, values: residuals },
      ]),
    summary: text.model.residualsSummary(report.nRows),
  };
}
