import { checkOptions, type OptionSpec } from '../options.ts';
import { isBetter } from '../study/direction.ts';
import type { StudyView } from '../study/study-view.ts';
import { lastStep, type FrozenTrial } from '../trial/frozen-trial.ts';
import type { Pruner, PrunerStudy, PruningDecision } from './pruner.ts';
import { bestOf } from './steps.ts';

export interface PatientPrunerOptions {
  /** Asked once a trial has stopped improving; without one the trial is pruned then. @default none */
  wrapped?: Pruner | null;
  /** Reports in a row without improvement that are put up with. */
  patience: number;
  /** What counts as improvement: more than this, at least 0. @default 0 */
  minDelta?: number;
}

export const patientPrunerOptions: readonly OptionSpec[] = [
  {
    type: 'pruner',
    name: 'wrapped',
    title: 'Pruner to ask then',
    description: 'Asked once a trial has stopped improving; without one the trial is pruned then.',
    default: null,
  },
  {
    type: 'number',
    name: 'patience',
    title: 'Patience',
    description: 'Reports in a row without improvement that are put up with.',
    isInteger: true,
    min: 0,
  },
  {
    type: 'number',
    name: 'minDelta',
    title: 'Smallest improvement',
    description: 'What counts as improvement: more than this.',
    min: 0,
    default: 0,
  },
];

interface CheckedOptions {
  wrapped: Pruner | null;
  patience: number;
  minDelta: number;
}

/**
 * Prunes a trial, or lets another pruner decide, once it has not improved for some time. Follows `optuna/pruners/_patient.py` (5.0).
 * NaN counts as no report; a trial that reported nothing else before or since is left alone.
 */
export class PatientPruner implements Pruner {
  readonly name = 'patient';
  readonly #options: CheckedOptions;

  /** @throws InvalidArgumentError for an unknown option or a wrong value. */
  constructor(options: PatientPrunerOptions) {
    this.#options = checkOptions<CheckedOptions>('PatientPruner', patientPrunerOptions, options);
  }

  async prune(study: StudyView, trial: FrozenTrial): Promise<boolean> {
    if (!this.#stallOf(trial, study.directions).isPruned) return false;
    const { wrapped } = this.#options;
    return wrapped === null || wrapped.prune(study, trial);
  }

  async explain(study: PrunerStudy, trial: FrozenTrial): Promise<PruningDecision | null> {
    if (lastStep(trial) === null) return null;
    const stall = this.#stallOf(trial, study.directions);
    const { wrapped } = this.#options;
    if (wrapped === null || !stall.isPruned) return stall;
    return (await wrapped.explain?.(study, trial)) ?? null;
  }

  /** Whether the trial has not improved for some time, which prunes it where no other pruner is asked. */
  #stallOf(trial: FrozenTrial, directions: StudyView['directions']): PruningDecision {
    const { wrapped, patience, minDelta } = this.#options;
    const reports = [...trial.intermediateValues].sort(([a], [b]) => a - b).map(([, y]) => y);
    const nEarlier = reports.length - patience - 1;
    const [direction = 'minimize'] = directions;
    const earlier = bestOf(reports.slice(0, Math.max(nEarlier, 0)), direction);
    const recent = bestOf(reports.slice(Math.max(nEarlier, 0)), direction);
    const limit = direction === 'minimize' ? earlier + minDelta : earlier - minDelta;
    const isStalled = nEarlier > 0 && isBetter(direction, limit, recent);
    // Another pruner's limits are on another footing: the chart shows those alone.
    const isKnown = !Number.isNaN(limit) && !Number.isNaN(recent);
    const isCompared = nEarlier > 0 && wrapped === null && isKnown;
    const isWaiting = nEarlier <= 0 || isKnown;
    return {
      phase: isCompared ? 'compared' : isWaiting ? 'patience' : 'few',
      basis: 'stall',
      own: recent,
      threshold: isCompared ? limit : null,
      nOthers: 0,
      isPruned: isStalled,
    };
  }

  async studyFor(study: StudyView, trial: FrozenTrial): Promise<StudyView> {
    return (await this.#options.wrapped?.studyFor?.(study, trial)) ?? study;
  }
}
