/**
 * Prunes a trial whose best report so far is worse than the given percentile of what the complete trials reported at the same step.
 * With the median: Golovin et al., "Google Vizier: a service for black-box optimization", KDD 2017.
 *
 * Follows `optuna/pruners/_percentile.py` and `_median.py` (5.0). It differs where others reported infinite values: a percentile beside one is
 * infinite, not NaN as in NumPy, which would prune nothing.
 */
import { percentileOf } from '../math/percentile.ts';
import { checkOptions, type NumberOption, type OptionSpec } from '../options.ts';
import { isBetter, type StudyDirection } from '../study/direction.ts';
import type { StudyView } from '../study/study-view.ts';
import { lastStep, type FrozenTrial } from '../trial/frozen-trial.ts';
import type { Pruner, PrunerStudy, PruningDecision, PruningPhase } from './pruner.ts';
import { bestReported, isFirstInInterval } from './steps.ts';

export interface MedianPrunerOptions {
  /** Trials that must be complete before any is pruned. @default 5 */
  nStartupTrials?: number;
  /** Steps at which no trial is pruned; the first it can be pruned at is step `nWarmupSteps`. @default 0 */
  nWarmupSteps?: number;
  /** Steps between checks, counted from `nWarmupSteps`; a check without a report waits for the next one. @default 1 */
  intervalSteps?: number;
  /** Reports of other trials there must be at a step to prune at it. @default 1 */
  nMinTrials?: number;
}

export interface PercentilePrunerOptions extends MedianPrunerOptions {
  /** The best part of trials that is kept, from 0 to 100: 25 keeps the best quarter. @default 25 */
  percentile?: number;
}

export const warmupOption: NumberOption = {
  type: 'number',
  name: 'nWarmupSteps',
  title: 'Warm-up steps',
  description: 'Steps at which no trial is pruned.',
  isInteger: true,
  min: 0,
  default: 0,
};

export const intervalOption: NumberOption = {
  type: 'number',
  name: 'intervalSteps',
  title: 'Steps between checks',
  description: 'Steps between checks, counted from the end of the warm-up.',
  isInteger: true,
  min: 1,
  default: 1,
};

export const medianPrunerOptions: readonly OptionSpec[] = [
  {
    type: 'number',
    name: 'nStartupTrials',
    title: 'Complete trials first',
    description: 'Trials that must be complete before any is pruned.',
    isInteger: true,
    min: 0,
    default: 5,
  },
  warmupOption,
  intervalOption,
  {
    type: 'number',
    name: 'nMinTrials',
    title: 'Trials to compare with',
    description: 'Reports of other trials there must be at a step to prune at it.',
    isInteger: true,
    min: 1,
    default: 1,
  },
];

export const percentilePrunerOptions: readonly OptionSpec[] = [
  {
    type: 'number',
    name: 'percentile',
    title: 'Percentile',
    description: 'The best part of trials that is kept: 25 keeps the best quarter.',
    min: 0,
    max: 100,
    default: 25,
  },
  ...medianPrunerOptions,
];

type CheckedOptions = Required<PercentilePrunerOptions>;

export class PercentilePruner implements Pruner {
  readonly name: string = 'percentile';
  readonly #options: CheckedOptions;

  /** @throws InvalidArgumentError for an unknown option or a wrong value. */
  constructor(options: PercentilePrunerOptions = {}) {
    this.#options = checkOptions<CheckedOptions>(
      'PercentilePruner',
      percentilePrunerOptions,
      options,
    );
  }

  async prune(study: StudyView, trial: FrozenTrial): Promise<boolean> {
    return (await this.explain(study, trial))?.isPruned ?? false;
  }

  async explain(study: PrunerStudy, trial: FrozenTrial): Promise<PruningDecision | null> {
    const { percentile, nStartupTrials, nWarmupSteps, intervalSteps, nMinTrials } = this.#options;
    const step = lastStep(trial);
    if (step === null) return null;
    const [direction = 'minimize'] = study.directions;
    const own = bestReported(trial, direction);
    const goesOn = (phase: PruningPhase, nOthers = 0): PruningDecision => ({
      phase,
      basis: 'best',
      own,
      threshold: null,
      nOthers,
      percentile,
      isPruned: false,
    });
    if (step < nWarmupSteps) return goesOn('warmup');
    if (!isFirstInInterval(trial, step, nWarmupSteps, intervalSteps)) return goesOn('interval');
    const complete = await study.getTrials(['complete']);
    if (complete.length === 0 || complete.length < nStartupTrials) return goesOn('startup');

    const others = reportsAt(complete, step);
    const nOthers = others.length;
    // A trial that has reported nothing but NaN has failed to learn.
    if (Number.isNaN(own)) return { ...goesOn('compared', nOthers), isPruned: true };
    if (nOthers < nMinTrials) return goesOn('few', nOthers);
    const threshold = keptUpTo(others, percentile, direction);
    const isPruned = isBetter(direction, threshold, own);
    return { ...goesOn('compared', nOthers), threshold, isPruned };
  }
}

/** As PercentilePruner, which keeps the better half. */
export class MedianPruner extends PercentilePruner {
  override readonly name = 'median';

  /** @throws InvalidArgumentError for an unknown option or a wrong value. */
  constructor(options: MedianPrunerOptions = {}) {
    checkOptions('MedianPruner', medianPrunerOptions, options);
    super({ ...options, percentile: 50 });
  }
}

function reportsAt(trials: readonly FrozenTrial[], step: number): number[] {
  const values: number[] = [];
  for (const trial of trials) {
    const value = trial.intermediateValues.get(step);
    if (value !== undefined) values.push(value);
  }
  return values;
}

/** The worst value that the best `percentile` percent have. */
function keptUpTo(
  values: readonly number[],
  percentile: number,
  direction: StudyDirection,
): number {
  return percentileOf(values, direction === 'minimize' ? percentile : 100 - percentile);
}
