import type { Distribution, ParamValue, SearchSpace } from '../distributions.ts';
import type { StudyView } from '../study/study-view.ts';
import type { FrozenTrial, TrialState } from '../trial/frozen-trial.ts';

/**
 * Chooses the parameters of trials. For each trial `beforeTrial`, then `inferRelativeSearchSpace` and `sampleRelative` are
 * called once; each parameter suggested that is not among the relative ones is asked of `sampleIndependent`.
 *
 * A sampler holds no random state: what it draws derives from `study.seed` (or its own `seed` option), the trial's number and a
 * purpose, so that asking again for the same trial and history gives the same answer.
 */
export interface Sampler {
  /** The name in the registry. */
  readonly name: string;
  /** Called when the trial exists and nothing of it has been suggested. */
  beforeTrial?(study: StudyView, trial: FrozenTrial): Promise<void>;
  /** The parameters to be sampled jointly; may be empty. Single-valued distributions do not belong here. */
  inferRelativeSearchSpace(study: StudyView, trial: FrozenTrial): Promise<SearchSpace>;
  /** External values for the parameters of `searchSpace` (all, or some of them). */
  sampleRelative(
    study: StudyView,
    trial: FrozenTrial,
    searchSpace: SearchSpace,
  ): Promise<Readonly<Record<string, ParamValue>>>;
  /** The external value of one parameter, which has more than one possible value. */
  sampleIndependent(
    study: StudyView,
    trial: FrozenTrial,
    name: string,
    distribution: Distribution,
  ): Promise<ParamValue>;
  /** Called when the trial's result is known and not yet stored. `values` is null when it failed or has none. */
  afterTrial?(
    study: StudyView,
    trial: FrozenTrial,
    state: TrialState,
    values: readonly number[] | null,
  ): Promise<void>;
  /** Whether there is nothing left to try, so that no trial need be started. Samplers without an end do not have it. */
  isExhausted?(study: StudyView): Promise<boolean>;
}

/** What every sampler's options share. */
export interface SamplerOptions {
  /** Replaces the study's seed: a whole number from 0 to 2^53 - 1. @default the study's seed */
  seed?: number;
}
