import { InvalidArgumentError } from '../errors.ts';
import type { StudyView } from '../study/study-view.ts';
import { CONSTRAINTS } from '../system-attrs.ts';
import type { FrozenTrial, TrialState } from '../trial/frozen-trial.ts';

/** Values that are all <= 0 where the trial is feasible. */
export type ConstraintsFunction = (trial: FrozenTrial) => readonly number[];

/**
 * Computes and stores the constraints of a trial that is about to be complete or pruned; other trials have none.
 *
 * @throws InvalidArgumentError when a constraint is NaN.
 */
export async function storeConstraints(
  study: StudyView,
  trial: FrozenTrial,
  state: TrialState,
  constraints: ConstraintsFunction,
): Promise<void> {
  if (state !== 'complete' && state !== 'pruned') return;
  const values = [...constraints(trial)];
  if (values.some((value) => Number.isNaN(value)))
    throw new InvalidArgumentError(
      `Trial ${trial.number}: constraints must not be NaN, but are [${values.join(', ')}].`,
    );
  await study.setTrialSystemAttr(trial.trialId, CONSTRAINTS, values);
}
