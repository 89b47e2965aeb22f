import type { Distribution } from '../distributions.ts';
import type { AnyParams } from '../search-space/define-space.ts';

export const trialStates = ['running', 'complete', 'pruned', 'fail', 'waiting'] as const;
export type TrialState = (typeof trialStates)[number];

/** `complete`, `pruned` and `fail`: such a trial never changes again. */
export function isFinished(state: TrialState): boolean {
  return state === 'complete' || state === 'pruned' || state === 'fail';
}

/** What JSON can hold. Attributes also carry NaN and infinities, which every storage keeps. */
export type AttrValue =
  null | boolean | number | string | readonly AttrValue[] | { readonly [key: string]: AttrValue };

export type Attrs = Readonly<Record<string, AttrValue>>;

/**
 * A trial as it was when it was read. It never changes; reading again gives another object if, and only if, something
 * in it changed, so identity can be used to notice changes.
 *
 * @typeParam Params What is known of `params` beforehand.
 */
export interface FrozenTrial<Params extends AnyParams = AnyParams> {
  /** Unique in the storage. */
  readonly trialId: number;
  /** Counts from 0 within the study. */
  readonly number: number;
  readonly state: TrialState;
  /**
   * One per objective, or null. A `complete` trial always has them; infinities are possible, NaN is not. A `pruned` trial has
   * its last intermediate value if that was a number.
   */
  readonly values: readonly number[] | null;
  /** Milliseconds since the epoch, UTC; the fraction carries microseconds. Null while waiting. */
  readonly startedAtMs: number | null;
  /** As `startedAtMs`; null until finished. */
  readonly completedAtMs: number | null;
  /** External values in the order they were suggested. */
  readonly params: Params;
  /** Internal values of `params` (a choice is its index), same keys. */
  readonly internalParams: Readonly<Record<string, number>>;
  readonly distributions: Readonly<Record<string, Distribution>>;
  /** step -> reported value (NaN and infinities possible), steps ascending. */
  readonly intermediateValues: ReadonlyMap<number, number>;
  readonly userAttrs: Attrs;
  readonly systemAttrs: Attrs;
}

/** A trial to be added as it stands: everything but its identity. */
export type TrialTemplate = Omit<FrozenTrial, 'trialId' | 'number' | 'internalParams'>;

/**
 * A trial to be added of which some is left out: `complete`, with `values`, unless `state` says otherwise; begun and ended now; no parameters, reports and
 * attributes (`optuna.trial.create_trial`). A `FrozenTrial` is one.
 */
export type NewTrial = Partial<FrozenTrial>;

/** The highest step reported, or null. */
export function lastStep(trial: FrozenTrial): number | null {
  let last: number | null = null;
  for (const step of trial.intermediateValues.keys()) if (last === null || step > last) last = step;
  return last;
}
