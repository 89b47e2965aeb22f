/**
 * Ends a study when the improvement still to be expected is below what its values can be trusted (`optuna.terminator.Terminator`).
 */
import { InvalidArgumentError } from '../errors.ts';
import type { StudyDirection } from '../study/direction.ts';
import type { StudyView } from '../study/study-view.ts';
import type { FrozenTrial } from '../trial/frozen-trial.ts';
import type { ErrorEvaluator, ImprovementEvaluator } from './improvement-evaluator.ts';
import type { Terminator } from './terminator.ts';

export interface ImprovementOptions {
  improvement: ImprovementEvaluator;
  error: ErrorEvaluator;
  /** Complete trials before the study can end. @default 20 */
  minTrials?: number;
}

/** In the unit of the objective. */
export interface ImprovementEstimate {
  /** Still to be expected; Infinity when it cannot be told. */
  readonly improvement: number;
  /** What is not worth the wait; -Infinity when it cannot be told yet. */
  readonly error: number;
  /** Whether the study ends. */
  readonly isEnough: boolean;
}

export class ImprovementTerminator implements Terminator {
  readonly name: string;
  readonly reason = 'the improvement still to be expected is not worth more trials';
  readonly #improvement: ImprovementEvaluator;
  readonly #error: ErrorEvaluator;
  /** Complete trials before the study can end. */
  readonly minTrials: number;

  /** @throws InvalidArgumentError when `minTrials` is not a whole number from 1 on. */
  constructor({ improvement, error, minTrials = 20 }: ImprovementOptions) {
    if (!(Number.isInteger(minTrials) && minTrials >= 1))
      throw new InvalidArgumentError(
        `\`minTrials\` must be a whole number from 1 on, but got ${minTrials}.`,
      );
    this.name = improvement.name;
    this.#improvement = improvement;
    this.#error = error;
    this.minTrials = minTrials;
  }

  /** @throws InvalidArgumentError for a study of several objectives. */
  async shouldTerminate(study: StudyView): Promise<boolean> {
    const direction = this.directionOf(study);
    const trials = await study.getTrials(['complete']);
    return trials.length >= this.minTrials && this.estimate(trials, direction).isEnough;
  }

  /** @throws InvalidArgumentError for a study of several objectives. */
  directionOf({ directions }: Pick<StudyView, 'directions'>): StudyDirection {
    const [direction, ...others] = directions;
    if (!direction || others.length > 0)
      throw new InvalidArgumentError(
        `"${this.name}" needs a study with one objective, but this one has ${directions.length}.`,
      );
    return direction;
  }

  /** @param trials Complete trials by number, at least one. */
  estimate(trials: readonly FrozenTrial[], direction: StudyDirection): ImprovementEstimate {
    const error = this.#error.evaluate(trials, direction);
    const improvement = this.#improvement.evaluate(trials, direction);
    const isEnough = trials.length >= this.minTrials && improvement < error;
    return { improvement, error, isEnough };
  }
}
