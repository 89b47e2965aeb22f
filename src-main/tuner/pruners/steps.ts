/** What several pruners ask of a trial's reports. */
import type { StudyDirection } from '../study/direction.ts';
import type { FrozenTrial } from '../trial/frozen-trial.ts';

/** The best value reported so far; NaN where all are NaN. */
export function bestReported(trial: FrozenTrial, direction: StudyDirection): number {
  return bestOf(trial.intermediateValues.values(), direction);
}

/** The best value, NaN counting as no value; NaN where there is none. */
export function bestOf(values: Iterable<number>, direction: StudyDirection): number {
  let best = NaN;
  for (const value of values)
    if (Number.isNaN(best) || (direction === 'minimize' ? value < best : value > best))
      best = value;
  return best;
}

/**
 * Whether `step` is the trial's first report since the last step at which pruning is due. Due are `nWarmupSteps` and every
 * `intervalSteps` after it; where nothing was reported then, the next report takes its place.
 *
 * @param step The trial's highest step, at least `nWarmupSteps`.
 */
export function isFirstInInterval(
  trial: FrozenTrial,
  step: number,
  nWarmupSteps: number,
  intervalSteps: number,
): boolean {
  const due = Math.floor((step - nWarmupSteps) / intervalSteps) * intervalSteps + nWarmupSteps;
  for (const earlier of trial.intermediateValues.keys())
    if (earlier !== step && earlier >= due) return false;
  return true;
}
