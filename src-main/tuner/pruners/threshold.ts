import { InvalidArgumentError } from '../errors.ts';
import { checkOptions, type OptionSpec } from '../options.ts';
import type { StudyView } from '../study/study-view.ts';
import { lastStep, type FrozenTrial } from '../trial/frozen-trial.ts';
import { intervalOption, warmupOption } from './percentile.ts';
import type { Pruner, PrunerStudy, PruningDecision, PruningPhase } from './pruner.ts';
import { isFirstInInterval } from './steps.ts';

export interface ThresholdPrunerOptions {
  /** Values below it are pruned. @default none */
  lower?: number | null;
  /** Values above it are pruned. @default none */
  upper?: number | null;
  /** Steps at which no trial is pruned. @default 0 */
  nWarmupSteps?: number;
  /** Steps between checks, counted from `nWarmupSteps`. @default 1 */
  intervalSteps?: number;
}

export const thresholdPrunerOptions: readonly OptionSpec[] = [
  {
    type: 'number',
    name: 'lower',
    title: 'Lowest value',
    description: 'Values below it are pruned.',
    default: null,
  },
  {
    type: 'number',
    name: 'upper',
    title: 'Highest value',
    description: 'Values above it are pruned.',
    default: null,
  },
  warmupOption,
  intervalOption,
];

interface CheckedOptions {
  lower: number | null;
  upper: number | null;
  nWarmupSteps: number;
  intervalSteps: number;
}

/** Prunes a trial that reports a value outside fixed bounds, or NaN. Follows `optuna/pruners/_threshold.py` (5.0). */
export class ThresholdPruner implements Pruner {
  readonly name = 'threshold';
  readonly #options: CheckedOptions;

  /** @throws InvalidArgumentError for an unknown option, a wrong value, no bound at all, or lower > upper. */
  constructor(options: ThresholdPrunerOptions = {}) {
    this.#options = checkOptions<CheckedOptions>(
      'ThresholdPruner',
      thresholdPrunerOptions,
      options,
    );
    const { lower, upper } = this.#options;
    if (lower === null && upper === null)
      throw new InvalidArgumentError(
        'ThresholdPruner: `lower` or `upper` must be given, but got neither.',
      );
    if (lower !== null && upper !== null && lower > upper)
      throw new InvalidArgumentError(
        `ThresholdPruner: \`lower\` must not be above \`upper\`, but got ${lower} and ${upper}.`,
      );
  }

  async prune(study: StudyView, trial: FrozenTrial): Promise<boolean> {
    return (await this.explain(study, trial))?.isPruned ?? false;
  }

  async explain(_study: PrunerStudy, trial: FrozenTrial): Promise<PruningDecision | null> {
    const { lower, upper, nWarmupSteps, intervalSteps } = this.#options;
    const step = lastStep(trial);
    if (step === null) return null;
    const own = trial.intermediateValues.get(step) as number;
    const goesOn = (phase: PruningPhase): PruningDecision => ({
      phase,
      basis: 'bounds',
      own,
      threshold: null,
      nOthers: 0,
      isPruned: false,
    });
    if (step < nWarmupSteps) return goesOn('warmup');
    if (!isFirstInInterval(trial, step, nWarmupSteps, intervalSteps)) return goesOn('interval');
    return {
      ...goesOn('compared'),
      threshold: lower ?? upper,
      ...(lower !== null && upper !== null ? { upper } : {}),
      isPruned: !(own >= (lower ?? -Infinity) && own <= (upper ?? Infinity)),
    };
  }
}
