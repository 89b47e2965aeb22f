import type { StudyView } from '../study/study-view.ts';
import type { FrozenTrial } from '../trial/frozen-trial.ts';

/**
 * Why a comparison did not decide at a step (`warmup`: too early; `interval`: not due; `startup`: too few complete trials; `few`: too few trials, or reports
 * in common, to compare with; `bootstrap`: too few for any to go on; `patience`: the trial had improved of late; `infinite`: reports that are not finite
 * cannot be tested; `average`: the test found the trial worse, but its mean is not; `never`: the pruner ends no trial), or `compared`.
 */
export type PruningPhase =
  | 'warmup'
  | 'interval'
  | 'startup'
  | 'few'
  | 'bootstrap'
  | 'patience'
  | 'infinite'
  | 'average'
  | 'never'
  | 'compared';

/**
 * What a pruner compares: `best`: the best report so far with complete trials at the step; `rung`: the report with trials that got as far; `bounds`: the
 * report with fixed bounds; `stall`: the best of the latest reports with what came before; `test`: the p-value of a test against one trial with the one
 * that prunes; `nothing`.
 */
export type PruningBasis = 'best' | 'rung' | 'bounds' | 'stall' | 'test' | 'nothing';

/** How a pruner came to its decision at the last report of a trial. */
export interface PruningDecision {
  readonly phase: PruningPhase;
  readonly basis: PruningBasis;
  /** What was compared; NaN where there are only such reports, or no test was made. */
  readonly own: number;
  /** What it must not be worse than, or with bounds the only one or the lower; null where nothing was compared with it. */
  readonly threshold: number | null;
  /** The upper of two bounds. */
  readonly upper?: number;
  /** The trials it was compared with; of a test the reports in common. */
  readonly nOthers: number;
  /** Of `best`: the percentage of the others that is kept; 50 makes the threshold their median. */
  readonly percentile?: number;
  /** Of `rung`: which one was reached, from 0 on. */
  readonly rung?: number;
  /** Where only trials of one bracket are compared: which, from 0 on, of how many, and the step of its first rung. */
  readonly bracket?: { readonly index: number; readonly count: number; readonly firstStep: number };
  /** Of `test`: the number of the trial it was compared with. */
  readonly otherTrial?: number;
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
   * As `prune`, with the reasons; null where the trial has reported nothing, or a pruner that is asked in turn cannot tell. All pruners of the registry
   * have it.
   */
  explain?(study: PrunerStudy, trial: FrozenTrial): Promise<PruningDecision | null>;
  /**
   * The part of the study that the sampler should see for this trial. Pruners that compare all trials with each other do not have it.
   */
  studyFor?(study: StudyView, trial: FrozenTrial): Promise<StudyView>;
}
