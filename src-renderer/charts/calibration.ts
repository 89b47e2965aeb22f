import type { ClassificationReport } from '../../src-main/contract/evaluation.ts';
import { formatNumber, formatPercent } from '../format.ts';
import { text } from '../text.ts';
import type { ChartModel } from './chart.ts';
import { linesModel } from './lines.ts';
import type { ChartTheme } from './theme.ts';

/** How often answers of a certain probability are right. */
export function calibrationModel(
  { calibration, calibrationError }: ClassificationReport,
  theme: ChartTheme,
): ChartModel {
  const x = calibration.map(({ confidence }) => confidence);
  const y = calibration.map(({ accuracy }) => accuracy);
  return linesModel(
    [
      { name: text.model.perfect, color: theme.axisLine, x: [0, 1], y: [0, 1], isDashed: true },
      {
        name: text.model.answers,
        color: theme.states.complete,
        x,
        y,
        hasPoints: true,
        label: (i) =>
          text.model.calibrationPoint(
            calibration[i]?.nRows ?? 0,
            formatPercent(x[i] ?? 0),
            formatPercent(y[i] ?? 0),
          ),
      },
    ],
    {
      xTitle: text.model.confidence,
      yTitle: text.model.shareRight,
      xRange: [-0.02, 1.02],
      yRange: [-0.02, 1.05],
      summary: text.model.calibrationSummary(formatNumber(calibrationError, 3)),
      note: text.model.calibrationSummary(formatNumber(calibrationError, 3)),
    },
    theme,
  );
}
