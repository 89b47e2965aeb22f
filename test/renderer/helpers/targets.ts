import { createTarget, type Target } from '../../../src-renderer/charts/target.ts';
import { trialFields } from '../../../src-renderer/trials/fields.ts';
import { paramColumn, type TrialView } from '../../../src-renderer/trials/trial-view.ts';
import type { ParamColumn } from '../../../src-main/contract/trials.ts';
import type { StudyDirection } from '../../../src-main/tuner/study/direction.ts';

/** The target for a field of a view, by default its first objective. */
export function targetOf(
  view: TrialView,
  direction: StudyDirection = 'minimize',
  fieldId = 'value:0',
): Target {
  const field = trialFields(view, null).find(({ id }) => id === fieldId);
  if (!field) throw new Error(`There is no field ${fieldId}.`);
  return createTarget(view, field, [direction]);
}

export function paramOf(view: TrialView, name: string): ParamColumn {
  const column = paramColumn(view, name);
  if (!column) throw new Error(`There is no parameter ${name}.`);
  return column;
}
