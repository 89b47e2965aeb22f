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
  /**
   * At most so many estimates, evenly spread over the complete trials, the first and the last among them; at least 2.
   * @default one after every complete trial
   */
  maxEstimates?: number;
  /** Called after each estimate. */
  onProgress?: (nDone: number, nTotal: number) => void;
}

/** After each complete trial of a study, or after those that were picked, by number. All numbers are in the unit of the objective. */
export interface ImprovementHistory {
  readonly trialNumbers: Int32Array;
  /** How much better than the best trial so far the study might still become; Infinity where it could not be told. */
  readonly improvements: Float64Array;
  /** What was not worth the wait; -Infinity where it could not be told yet. */
  readonly errors: Float64Array;
  /**
   * Number of the trial after which the terminator would have ended the study; null: it would go on. Where not all were picked, it may
   * have ended since the one picked before, or in between for a while.
   */
  readonly endsAfter: number | null;
  /** Number of the trial from which on it can end the study; null: there are too few. */
  readonly canEndAfter: number | null;
  readonly nComplete: number;
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
  {
    terminator: name = 'regret-bound',
    options,
    maxEstimates = Infinity,
    onProgress = () => {},
  }: ImprovementHistoryOptions = {},
): Promise<ImprovementHistory> {
  if (!(maxEstimates >= 2))
    throw new InvalidArgumentError(`\`maxEstimates\` must be at least 2, but got ${maxEstimates}.`);
  const terminator = createTerminator(name, options);
  if (!(terminator instanceof ImprovementTerminator))
    throw new InvalidArgumentError(
      `The terminator must be one that estimates an improvement, regret-bound or emmr, but got "${name}".`,
    );
  const direction = terminator.directionOf(study);
  const trials = await study.getTrials(['complete']);
  const picked = evenlySpread(trials.length, maxEstimates);
  const numbers = Int32Array.from(picked, (at) => trials[at]?.number as number);
  const improvements = new Float64Array(picked.length);
  const errors = new Float64Array(picked.length);
  let endsAfter: number | null = null;
  for (const [i, at] of picked.entries()) {
    const estimate = terminator.estimate(trials.slice(0, at + 1), direction);
    improvements[i] = estimate.improvement;
    errors[i] = estimate.error;
    if (endsAfter === null && estimate.isEnough) endsAfter = numbers[i] as number;
    onProgress(i + 1, picked.length);
  }
  return {
    trialNumbers: numbers,
    improvements,
    errors,
    endsAfter,
    canEndAfter: trials[terminator.minTrials - 1]?.number ?? null,
    nComplete: trials.length,
  };
}

/** At most `most` of the indices below `n`, with the ends. */
function evenlySpread(n: number, most: number): number[] {
  if (n <= most) return Array.from({ length: n }, (_, i) => i);
  return Array.from({ length: most }, (_, i) => Math.round((i * (n - 1)) / (most - 1)));
}
