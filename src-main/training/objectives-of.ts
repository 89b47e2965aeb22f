import type { StudyDirection } from '../tuner/study/direction.ts';
import type { NetworkStudySpec, StudySpec } from './spec.ts';
import { isProgramStudy } from './spec/kinds.ts';
import { costs, metricDirections, metricsOf } from './vocabulary.ts';
import type { Cost, Metric } from './vocabulary.ts';

/** One objective with nothing left open. */
export interface ObjectiveSpec {
  readonly metric: Metric | Cost;
  readonly direction: StudyDirection;
  readonly value: 'best' | 'last';
}

/** The objectives of a spec, defaults filled in, the first one leading. */
export function objectivesOf(spec: Pick<NetworkStudySpec, 'objective' | 'data'>): ObjectiveSpec[] {
  const given = spec.objective ?? { metric: metricsOf[spec.data.task][0] as Metric, value: 'best' };
  return (Array.isArray(given) ? given : [given]).map(({ metric, direction, value }) => ({
    metric,
    direction: direction ?? (isCost(metric) ? 'minimize' : metricDirections[metric]),
    value,
  }));
}

/** What a study of any kind optimizes: names and directions, in the order of its values. */
export function goalsOf(
  spec: StudySpec,
): { readonly name: string; readonly direction: StudyDirection }[] {
  if (isProgramStudy(spec)) return [spec.objective].flat();
  return objectivesOf(spec).map(({ metric, direction }) => ({ name: metric, direction }));
}

/** The first objective, which tells the best epoch; the spec's rules let no cost be the first. */
export function leadingObjective(
  spec: Pick<NetworkStudySpec, 'objective' | 'data'>,
): ObjectiveSpec & { readonly metric: Metric } {
  return objectivesOf(spec)[0] as ObjectiveSpec & { readonly metric: Metric };
}

export function isCost(metric: Metric | Cost): metric is Cost {
  return (costs as readonly string[]).includes(metric);
}
