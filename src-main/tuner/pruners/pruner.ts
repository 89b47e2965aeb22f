import type { StudyView } from '../study/study-view.ts';
import type { FrozenTrial } from '../trial/frozen-trial.ts';

/**
 * Why nothing was compared at a step (`warmup`: too early; `interval`: not due; `startup`: too few complete trials; `few`: too few trials to compare
 * with at it; `bootstrap`: too few for any to go on; `patience`: the trial had improved of late), or `compared`.
 */
export type PruningPhase =
  'warmup' | 'interval' | 'startup' | 'few' | 'bootstrap' | 'patience' | 'compared';

/**
 * What a pruner compares: `best`: the best report so far with complete trials at the step; `rung`: the report with trials that got as far; `bounds`: the
 * report with fixed bounds; `stall`: the best of the latest reports with what came before.
 */
export type PruningBasis = 'best' | 'rung' | 'bounds' | 'stall';

/** How a pruner came to its decision at the last report of a trial. */
export interface PruningDecision {
  readonly phase: PruningPhase;
  readonly basis: PruningBasis;
  /** What was compared; NaN where there are only such reports. */
  readonly own: number;
  /** What it must not be worse than, or with bounds the only one or the lower; null where nothing was compared with it. */
  readonly threshold: number | null;
  /** The upper of two bounds. */
  readonly upper?: number;
  /** The trials it was compared with. */
  readonly nOthers: number;
  readonly isPruned: boolean;
}

/** What deciding takes of a study. */
export type PrunerStudy = Pick<
  StudyView,
  'studyName' | 'directions' | 'getTrials' | 'setTrialSystemAttr'
>;

/** Decides whether a running trial is worth going on with. */
export interface Pruner {
  /** The name in the registry. */
  readonly name: string;
  /**
   * @param trial The running trial with what it has reported so far. Not to be kept: its intermediate values may change with its next report.
   * @returns true to give it up. A trial that has reported nothing is never given up.
   */
  prune(study: StudyView, trial: FrozenTrial): Promise<boolean>;
  /**
   * As `prune`, with the reasons; null where the trial has reported nothing, or a pruner that is asked in turn cannot tell. Pruners that compare with
   * numbers that belong on the trial's curve have it.
   */
  explain?(study: PrunerStudy, trial: FrozenTrial): Promise<PruningDecision | null>;
  /**
   * The part of the study that the sampler should see for this trial. Pruners that compare all trials with each other do not have it.
   */
  studyFor?(study: StudyView, trial: FrozenTrial): Promise<StudyView>;
}
