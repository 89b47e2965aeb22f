import type { Component } from 'vue';

import type { StudyStore } from '../stores/study.ts';
import { text } from '../text.ts';
import { valueFieldId } from '../trials/fields.ts';
import IntermediateValues from './IntermediateValues.vue';
import OptimizationHistory from './OptimizationHistory.vue';
import ParetoFrontChart from './ParetoFrontChart.vue';
import TimelineChart from './TimelineChart.vue';

/** A chart of the overview. */
export interface ChartEntry {
  readonly id: string;
  readonly title: string;
  readonly component: Component;
  readonly props?: Readonly<Record<string, unknown>>;
  readonly width: 'full' | 'half';
}

/** The charts that have something to say about a study, in the order they are shown. */
export function overviewCharts(study: StudyStore): ChartEntry[] {
  const nObjectives = study.directions.length;
  const hasReports = study.view.nIntermediate.some((n) => n > 0);
  const pareto: ChartEntry[] =
    nObjectives > 1
      ? [
          {
            id: 'pareto',
            title: text.charts.paretoFront,
            component: ParetoFrontChart,
            width: 'full',
          },
        ]
      : [];
  const histories = study.directions.map((_, objective): ChartEntry => ({
    id: `history:${valueFieldId(objective)}`,
    title: text.charts.history,
    component: OptimizationHistory,
    props: { objective },
    width: nObjectives > 1 ? 'half' : 'full',
  }));
  const curves: ChartEntry[] = hasReports
    ? [
        {
          id: 'curves',
          title: text.charts.intermediate,
          component: IntermediateValues,
          width: 'half',
        },
      ]
    : [];
  return [
    ...pareto,
    ...histories,
    ...curves,
    {
      id: 'timeline',
      title: text.charts.timeline,
      component: TimelineChart,
      width: hasReports || nObjectives % 2 === 1 ? 'half' : 'full',
    },
  ];
}
