import type { StudyView } from '../study/study-view.ts';
import type { FrozenTrial } from '../trial/frozen-trial.ts';

/**
 * Why nothing was compared at a step (`warmup`: too early; `interval`: not due; `startup`: too few complete trials; `few`: too few of them reported at
 * it), or `compared`.
 */
export const pruningPhases = ['warmup', 'interval', 'startup', 'few', 'compared'] as const;
export type PruningPhase = (typeof pruningPhases)[number];

/** How a pruner came to its decision at the last report of a trial. */
export interface PruningDecision {
  readonly phase: PruningPhase;
  /** What was compared: the best report so far; NaN where all are. */
  readonly own: number;
  /** What it must not be worse than; null where nothing was compared with it. */
  readonly threshold: number | null;
  /** Complete trials that reported at the step. */
  readonly nOthers: number;
  readonly isPruned: boolean;
}

/** What deciding takes of a study. */
export type PrunerStudy = Pick<StudyView, 'directions' | 'getTrials'>;

/** Decides whether a running trial is worth going on with. */
export interface Pruner {
  /** The name in the registry. */
  readonly name: string;
  /**
   * @param trial The running trial with what it has reported so far.
   * @returns true to give it up. A trial that has reported nothing is never given up.
   */
  prune(study: StudyView, trial: FrozenTrial): Promise<boolean>;
  /** As `prune`, with the reasons; null where the trial has reported nothing. Pruners that compare with one number at each step have it. */
  explain?(study: PrunerStudy, trial: FrozenTrial): Promise<PruningDecision | null>;
  /**
   * The part of the study that the sampler should see for this trial. Pruners that compare all trials with each other do not have it.
   */
  studyFor?(study: StudyView, trial: FrozenTrial): Promise<StudyView>;
}
