import type { StudyDirection } from '../tuner/study/direction.ts';
import type { StudySpec } from './spec.ts';
import { metricDirections, metricsOf } from './vocabulary.ts';
import type { Metric } from './vocabulary.ts';

/** One objective with nothing left open. */
export interface ObjectiveSpec {
  readonly metric: Metric;
  readonly direction: StudyDirection;
  readonly value: 'best' | 'last';
}

/** The objectives of a spec, defaults filled in, the first one leading. */
export function objectivesOf(spec: Pick<StudySpec, 'objective' | 'data'>): ObjectiveSpec[] {
  const given = spec.objective ?? { metric: metricsOf[spec.data.task][0] as Metric, value: 'best' };
  return (Array.isArray(given) ? given : [given]).map(({ metric, direction, value }) => ({
    metric,
    direction: direction ?? metricDirections[metric],
    value,
  }));
}
