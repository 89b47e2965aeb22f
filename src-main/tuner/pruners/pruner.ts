import type { StudyView } from '../study/study-view.ts';
import type { FrozenTrial } from '../trial/frozen-trial.ts';

/** Decides whether a running trial is worth going on with. */
export interface Pruner {
  /** The name in the registry. */
  readonly name: string;
  /**
   * @param trial The running trial with what it has reported so far.
   * @returns true to give it up. A trial that has reported nothing is never given up.
   */
  prune(study: StudyView, trial: FrozenTrial): Promise<boolean>;
  /**
   * The part of the study that the sampler should see for this trial. Pruners that compare all trials with each other do not have it.
   */
  studyFor?(study: StudyView, trial: FrozenTrial): Promise<StudyView>;
}
