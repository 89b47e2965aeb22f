/**
 * How far an objective's values can be trusted. Follows `optuna/terminator/erroreval.py` and `median_erroreval.py` (5.0).
 */
import { InvalidArgumentError } from '../errors.ts';
import { checkOptions, type OptionSpec } from '../options.ts';
import { isBetter, type StudyDirection } from '../study/direction.ts';
import type { AttrValue, FrozenTrial } from '../trial/frozen-trial.ts';
import type { ErrorEvaluator, ImprovementEvaluator } from './improvement-evaluator.ts';

/** Trial: the scores its value is the mean of. */
const CROSS_VALIDATION_SCORES = 'terminator:cv_scores';

/**
 * For objectives that average over folds: lets `CrossValidationErrorEvaluator` know the score of each. To be called in the objective.
 *
 * @param scores At least two, finite.
 */
export async function reportCrossValidationScores(
  trial: { setSystemAttr(key: string, value: AttrValue): Promise<void> },
  scores: readonly number[],
): Promise<void> {
  if (scores.length < 2 || !scores.every(Number.isFinite))
    throw new InvalidArgumentError(
      `\`scores\` must be at least two finite numbers, but got [${scores.join(', ')}].`,
    );
  await trial.setSystemAttr(CROSS_VALIDATION_SCORES, [...scores]);
}

/**
 * The standard error of the best trial's value, from the scores of its folds; their variance is scaled up, as folds share data.
 *
 * Makarova et al., "Automatic termination for hyperparameter optimization", AutoML-Conf 2022, section 4.
 */
export class CrossValidationErrorEvaluator implements ErrorEvaluator {
  readonly name = 'cross-validation';

  /** @throws InvalidArgumentError when the best trial has no scores: `reportCrossValidationScores` was not called. */
  evaluate(trials: readonly FrozenTrial[], direction: StudyDirection): number {
    const best = trials.reduce((a, b) =>
      isBetter(direction, b.values?.[0] as number, a.values?.[0] as number) ? b : a,
    );
    const scores = best.systemAttrs[CROSS_VALIDATION_SCORES];
    if (!isScores(scores))
      throw new InvalidArgumentError(
        `The best trial (${best.number}) must have the scores of its folds. Call \`reportCrossValidationScores(trial, scores)\` in the objective.`,
      );
    const k = scores.length;
    const mean = scores.reduce((sum, score) => sum + score / k, 0);
    const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2 / k, 0);
    return Math.sqrt((1 / k + 1 / (k - 1)) * variance);
  }
}

/** Always the same: the improvement that is not worth the wait. */
export class ConstantErrorEvaluator implements ErrorEvaluator {
  readonly name = 'constant';
  readonly #constant: number;

  /** @param constant In the unit of the objective. */
  constructor(constant: number) {
    if (typeof constant !== 'number' || Number.isNaN(constant))
      throw new InvalidArgumentError(
        `\`constant\` must be a number and not NaN, but got ${constant}.`,
      );
    this.#constant = constant;
  }

  evaluate(): number {
    return this.#constant;
  }
}

export interface MedianErrorOptions {
  /** First trials that are left out, as they are drawn at random. @default 10 */
  warmUpTrials?: number;
  /** Trials after those whose improvements are the measure. @default 20 */
  nInitialTrials?: number;
  /** The share of their median that is not worth the wait; above 0. @default 0.01 */
  thresholdRatio?: number;
}

export const medianErrorOptions: readonly OptionSpec[] = [
  {
    type: 'number',
    name: 'warmUpTrials',
    title: 'Warm-up trials',
    description: 'First trials that the threshold is not taken from, as they are drawn at random.',
    isInteger: true,
    min: 0,
    default: 10,
  },
  {
    type: 'number',
    name: 'nInitialTrials',
    title: 'Trials for the threshold',
    description: 'Trials after the warm-up whose improvements the threshold is taken from.',
    isInteger: true,
    min: 1,
    default: 20,
  },
  {
    type: 'number',
    name: 'thresholdRatio',
    title: 'Threshold',
    description:
      'The study ends when less than this share of the improvement at its beginning is left.',
    min: 1e-12,
    default: 0.01,
  },
];

/**
 * A share of the median of the improvements that were to be expected at the beginning of the study.
 *
 * A heuristic of Ishibashi et al., AISTATS 2023 (see `emmr.ts`).
 */
export class MedianErrorEvaluator implements ErrorEvaluator {
  readonly name = 'median';
  readonly #improvement: ImprovementEvaluator;
  readonly #options: Required<MedianErrorOptions>;
  /** The threshold, and the trials it was made from. */
  #known: { readonly trials: string; readonly threshold: number } | null = null;

  /**
   * @param improvement The evaluator whose estimates are compared with this error.
   * @throws InvalidArgumentError for an unknown option or a wrong value.
   */
  constructor(improvement: ImprovementEvaluator, options: MedianErrorOptions = {}) {
    this.#improvement = improvement;
    this.#options = checkOptions('MedianErrorEvaluator', medianErrorOptions, options);
  }

  evaluate(trials: readonly FrozenTrial[], direction: StudyDirection): number {
    const { warmUpTrials, nInitialTrials, thresholdRatio } = this.#options;
    const initial = trials.slice(warmUpTrials, warmUpTrials + nInitialTrials);
    if (initial.length < nInitialTrials) return -Infinity;
    const key = initial.map(({ trialId }) => trialId).join();
    if (this.#known?.trials === key) return this.#known.threshold;
    const improvements = Float64Array.from(initial, (_, i) =>
      this.#improvement.evaluate(initial.slice(0, i + 1), direction),
    ).sort();
    const median = improvements[Math.floor(improvements.length / 2)] as number;
    // Where improvements could not be told, a threshold cannot either.
    const threshold = median < Infinity ? median * thresholdRatio : -Infinity;
    this.#known = { trials: key, threshold };
    return threshold;
  }
}

function isScores(value: AttrValue | undefined): value is readonly number[] {
  return (
    Array.isArray(value) && value.length > 1 && value.every((score) => typeof score === 'number')
  );
}
