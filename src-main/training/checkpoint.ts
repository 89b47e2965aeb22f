import type { Interval } from '../tuner/math/intervals.ts';
import { isBetter } from '../tuner/study/direction.ts';
import type { StudyDirection } from '../tuner/study/direction.ts';
import type { TrialPlan } from './plan.ts';

/** What a trial learned: the weights of the epoch that its value is of. Plain data. */
export interface Checkpoint {
  readonly plan: TrialPlan;
  /** In the order of `weightInfos`. */
  readonly weights: readonly Float32Array[];
  /** Counted from 0. */
  readonly epoch: number;
  /** Of the trial's first value, from how much single validation rows move it; null where they do not tell it, or it is a mean over folds. */
  readonly interval: Interval | null;
}

/** Whether a trial's weights are wanted: always, never, or when its first value is better than one. */
export type KeepWeights =
  boolean | { readonly betterThan: number; readonly direction: StudyDirection };

export function isWanted(keep: KeepWeights, value: number): boolean {
  return typeof keep === 'boolean' ? keep : isBetter(keep.direction, value, keep.betterThan);
}
