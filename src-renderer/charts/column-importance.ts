import type { ColumnImportance } from '../../src-main/contract/evaluation.ts';
import { text } from '../text.ts';
import type { ChartModel } from './chart.ts';
import { importanceModel, MAX_BARS } from './importance.ts';
import type { ChartTheme } from './theme.ts';

/** What each column is worth to the network, the most important first; a column of no use may be worth a little less than nothing by chance. */
export function columnImportanceModel(
  importance: readonly ColumnImportance[],
  scoreTitle: string,
  theme: ChartTheme,
): ChartModel {
  const model = importanceModel(
    {
      evaluator: 'permutation',
      importances: importance.map(({ column, drop, deviation }) => ({
        param: column,
        importance: Math.max(0, drop),
        deviation,
      })),
      reason: text.model.noImportance,
      notes: [],
      nTrials: 0,
    },
    theme,
  );
  return {
    ...model,
    summary: text.model.importanceSummary(importance[0]?.column ?? ''),
    note: [
      text.model.importanceNote(scoreTitle),
      ...(importance.length > MAX_BARS ? [text.charts.firstOf(MAX_BARS, importance.length)] : []),
    ].join('. '),
  };
}
