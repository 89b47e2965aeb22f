import type { ClassReport } from '../../src-main/contract/evaluation.ts';
import { formatNumber, formatPercent } from '../format.ts';
import { text } from '../text.ts';
import type { ChartModel } from './chart.ts';
import { linesModel, type Line } from './lines.ts';
import type { ChartTheme } from './theme.ts';

/** A curve for each class against the rest. */
export function rocModel(classes: readonly ClassReport[], theme: ChartTheme): ChartModel {
  // Of two classes one curve says all.
  const shown = classes.length === 2 ? classes.slice(1) : classes;
  const curves = shown.flatMap(({ name, roc }, k): Line[] => {
    if (!roc) return [];
    const { falsePositiveRates: x, truePositiveRates: y, area } = roc;
    const title = text.model.rocLegend(name, formatNumber(area, 4));
    return [
      {
        name: title,
        color: theme.series[k % theme.series.length] ?? theme.accent,
        x,
        y,
        label: (i) => text.model.rocPoint(name, formatPercent(y[i] ?? 0), formatPercent(x[i] ?? 0)),
      },
    ];
  });
  const chance: Line = {
    name: text.model.chance,
    color: theme.axisLine,
    x: [0, 1],
    y: [0, 1],
    isDashed: true,
  };
  return linesModel(
    [chance, ...curves],
    {
      xTitle: text.model.falsePositives,
      yTitle: text.model.truePositives,
      xRange: [-0.02, 1.02],
      yRange: [-0.02, 1.05],
      summary: text.model.rocSummary,
      emptyText: text.model.noRoc,
    },
    theme,
  );
}
