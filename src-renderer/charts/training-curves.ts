import type { TrainingHistory } from '../../src-main/contract/models.ts';
import { formatNumber } from '../format.ts';
import { text } from '../text.ts';
import type { ChartModel } from './chart.ts';
import { linesModel, type Line } from './lines.ts';
import type { ChartTheme } from './theme.ts';

/** How training went: loss, or accuracy, of training and validation rows in every epoch. */
export function trainingCurvesModel(
  history: TrainingHistory,
  quantity: 'loss' | 'accuracy',
  theme: ChartTheme,
): ChartModel {
  const isLoss = quantity === 'loss';
  const lineOf = (name: string, values: readonly number[], place: number): Line => ({
    name,
    color: theme.series[place] ?? theme.accent,
    x: values.map((_, epoch) => epoch),
    y: values,
    label: (epoch) => text.model.curvePoint(name, epoch, formatNumber(values[epoch] ?? NaN, 4)),
  });
  const train = isLoss ? history.trainLoss : (history.trainAccuracy ?? []);
  const validation = isLoss ? history.valLoss : (history.valAccuracy ?? []);
  return linesModel(
    [lineOf(text.model.trainRows, train, 0), lineOf(text.model.validationRows, validation, 1)],
    {
      xTitle: text.model.epoch,
      yTitle: isLoss ? text.model.loss : text.model.accuracy,
      summary: text.model.curvesSummary(train.length),
    },
    theme,
  );
}
