import type { Component } from 'vue';

import type { StudyStore } from '../stores/study.ts';
import HypervolumeChart from './HypervolumeChart.vue';
import ImportanceChart from './ImportanceChart.vue';
import IntermediateValues from './IntermediateValues.vue';
import OptimizationHistory from './OptimizationHistory.vue';
import ParetoFrontChart from './ParetoFrontChart.vue';
import TimelineChart from './TimelineChart.vue';

/** A chart of the overview. */
export interface ChartEntry {
  readonly id: string;
  readonly component: Component;
  readonly props?: Readonly<Record<string, unknown>>;
}

/** The charts that have something to say about a study, in the order they are shown. The first one is the large one. */
export function overviewCharts(study: StudyStore): ChartEntry[] {
  const isMulti = study.directions.length > 1;
  const hasReports = study.view.nIntermediate.some((n) => n > 0);
  const histories = study.directions.map((_, objective) => ({
    id: `history:${objective}`,
    component: OptimizationHistory,
    props: { objective },
  }));
  return [
    ...(isMulti ? [{ id: 'pareto', component: ParetoFrontChart }] : []),
    ...histories,
    ...(isMulti ? [{ id: 'hypervolume', component: HypervolumeChart }] : []),
    ...(hasReports ? [{ id: 'curves', component: IntermediateValues }] : []),
    ...(study.view.params.length > 1 ? [{ id: 'importance', component: ImportanceChart }] : []),
    { id: 'timeline', component: TimelineChart },
  ];
}
