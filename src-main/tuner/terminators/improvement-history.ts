import { InvalidArgumentError } from '../errors.ts';
import type { OptionValues } from '../options.ts';
import type { StudyDirection } from '../study/direction.ts';
import type { FrozenTrial, TrialState } from '../trial/frozen-trial.ts';
import { ImprovementTerminator } from './improvement.ts';
import { createTerminator } from './registry.ts';

export interface ImprovementHistoryOptions {
  /** A terminator that compares an improvement with an error: 'regret-bound' or 'emmr'. @default 'regret-bound' */
  terminator?: string;
  /** Its options, as for `createTerminator`. @default its own */
  options?: OptionValues;
}

/** After each complete trial of a study, by number. All numbers are in the unit of the objective. */
export interface ImprovementHistory {
  readonly trialNumbers: Int32Array;
  /** How much better than the best trial so far the study might still become; Infinity where it could not be told. */
  readonly improvements: Float64Array;
  /** What was not worth the wait; -Infinity where it could not be told yet. */
  readonly errors: Float64Array;
  /** Number of the trial after which the terminator would have ended the study; null: it would go on. */
  readonly endsAfter: number | null;
}

/**
 * How the improvement still to be expected fell, and when a terminator would have ended the study (`plot_terminator_improvement` of
 * Optuna, with one entry per complete trial). A model is fitted after every trial: some seconds for 200 trials.
 *
 * @param study A study, or `studyOfTrials`.
 * @throws InvalidArgumentError for a study of several objectives, a terminator of another kind or wrong options, and with
 *   `error: 'cross-validation'` where a best trial has no scores of its folds.
 */
export async function improvementHistory(
  study: {
    readonly directions: readonly StudyDirection[];
    getTrials(states: readonly TrialState[]): Promise<readonly FrozenTrial[]>;
  },
  { terminator: name = 'regret-bound', options }: ImprovementHistoryOptions = {},
): Promise<ImprovementHistory> {
  const terminator = createTerminator(name, options);
  if (!(terminator instanceof ImprovementTerminator))
    throw new InvalidArgumentError(
      `The terminator must be one that estimates an improvement, regret-bound or emmr, but got "${name}".`,
    );
  const direction = terminator.directionOf(study);
  const trials = await study.getTrials(['complete']);
  const improvements = new Float64Array(trials.length);
  const errors = new Float64Array(trials.length);
  let endsAfter: number | null = null;
  for (const [i, { number }] of trials.entries()) {
    const estimate = terminator.estimate(trials.slice(0, i + 1), direction);
    improvements[i] = estimate.improvement;
    errors[i] = estimate.error;
    if (endsAfter === null && estimate.isEnough) endsAfter = number;
  }
  return {
    trialNumbers: Int32Array.from(trials, ({ number }) => number),
    improvements,
    errors,
    endsAfter,
  };
}
