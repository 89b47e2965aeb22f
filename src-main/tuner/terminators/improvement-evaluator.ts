import type { StudyDirection } from '../study/direction.ts';
import type { FrozenTrial } from '../trial/frozen-trial.ts';

/** Estimates how much better than the best trial so far a study may still become. */
export interface ImprovementEvaluator {
  readonly name: string;
  /**
   * @param trials Complete trials by number, at least one.
   * @returns In the unit of the objective, or Infinity when it cannot be told (then the study goes on).
   */
  evaluate(trials: readonly FrozenTrial[], direction: StudyDirection): number;
}

/** Estimates how far the objective's values can be trusted: improvements below that are not worth the wait. */
export interface ErrorEvaluator {
  readonly name: string;
  /**
   * @param trials Complete trials by number, at least one.
   * @returns In the unit of the objective, or -Infinity when it cannot be told yet (then the study goes on).
   */
  evaluate(trials: readonly FrozenTrial[], direction: StudyDirection): number;
}
