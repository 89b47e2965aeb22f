import { z } from 'zod';
import type { Distribution, ParamValue } from '../tuner/distributions.ts';
import type { PruningBasis, PruningDecision, PruningPhase } from '../tuner/pruners/pruner.ts';
import type { Attrs, AttrValue, TrialState } from '../tuner/trial/frozen-trial.ts';
import { defineCall } from './define.ts';
import { studyKeySchema, type StudyKey } from './library.ts';

/** One parameter of all rows. Values are internal: numbers as they are, a choice as its index; NaN where the trial does not have it. */
export interface ParamColumn {
  readonly name: string;
  /** Of the newest trial that has it. Choices are the same in all trials; bounds may differ. */
  readonly distribution: Distribution;
  readonly values: Float64Array;
}

/** One user attribute; null where the trial does not have it. */
export interface AttrColumn {
  readonly name: string;
  readonly values: readonly AttrValue[];
}

/**
 * Trials as columns: all of them, or those that changed since a revision. Rows are ordered by trial number. To apply a change: replace rows of known
 * `trialIds`, add the others, drop `deletedTrialIds`. A parameter or attribute that is missing in a change has no value in any of its rows.
 */
export interface TrialColumns {
  /** Changes when revisions start anew (the file was closed and opened): then throw away what you have. */
  readonly generation: string;
  readonly revision: number;
  /** Whether these are all trials of the study. */
  readonly isComplete: boolean;
  readonly trialIds: Int32Array;
  readonly numbers: Int32Array;
  /** Index into `trialStates`. */
  readonly states: Uint8Array;
  /** Per objective; NaN where there is no value. */
  readonly values: readonly Float64Array[];
  /** Milliseconds since the epoch; NaN where there is none. */
  readonly startedAtMs: Float64Array;
  readonly completedAtMs: Float64Array;
  /** 1: no constraint is violated. */
  readonly isFeasible: Uint8Array;
  readonly nIntermediate: Int32Array;
  /** Step and value of the last report; -1 and NaN where nothing was reported. */
  readonly lastSteps: Int32Array;
  readonly lastValues: Float64Array;
  readonly params: readonly ParamColumn[];
  readonly userAttrs: readonly AttrColumn[];
  readonly deletedTrialIds: Int32Array;
}

/** Intermediate values of several trials: those of row i are [offsets[i], offsets[i + 1]) of `steps` and `values`, steps ascending. */
export interface TrialCurves {
  readonly numbers: Int32Array;
  readonly offsets: Int32Array;
  readonly steps: Int32Array;
  readonly values: Float64Array;
}

/** What the study's pruner made of a trial, report by report; all arrays are equally long. */
export interface TrialPruning {
  /** The pruner's name in the registry. */
  readonly pruner: string;
  readonly steps: Int32Array;
  readonly phases: readonly PruningPhase[];
  readonly basis: PruningBasis;
  /** What is compared; of tests the p-value, with the one that prunes as threshold. */
  readonly own: Float64Array;
  /** What it must not be worse than, or with bounds the only one or the lower; NaN where nothing was compared. */
  readonly thresholds: Float64Array;
  /** The upper of two bounds; NaN where there is none. */
  readonly uppers: Float64Array;
  /** The trials it was compared with; of a test the reports in common with one. */
  readonly nOthers: Int32Array;
  /** The rung that was reached, from 0 on; -1 where none was. */
  readonly rungs: Int32Array;
  /** Where trials are compared within brackets; null elsewhere. */
  readonly bracket: PruningDecision['bracket'] | null;
  /** The percentage of trials that is kept, 50 with medians; null where limits are none of that kind. */
  readonly percentile: number | null;
  /** The trial that a test compared with last; null where none did. */
  readonly otherTrial: number | null;
  /** The first step at which it gives the trial up, or null. */
  readonly prunedAtStep: number | null;
}

/** What people said of a study's trials, by trial number. */
export interface TrialAnnotations {
  readonly hidden: readonly number[];
  readonly tags: Readonly<Record<number, readonly string[]>>;
  /** How the notes begin. */
  readonly notes: Readonly<Record<number, string>>;
}

/** Why a trial failed, as far as it is known. */
export interface TrialFailureDetail {
  /** What failed: 'exception', 'crash', 'timeout' or 'memory'; 'stopped' where the user ended it. */
  readonly kind: string | null;
  readonly message: string | null;
  /** Of the error that the objective threw. */
  readonly stack: string | null;
  /** What the trial's process printed last. */
  readonly output: string | null;
}

export interface TrialDetail {
  readonly trialId: number;
  readonly number: number;
  readonly state: TrialState;
  readonly values: readonly number[] | null;
  readonly startedAtMs: number | null;
  readonly completedAtMs: number | null;
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly distributions: Readonly<Record<string, Distribution>>;
  readonly steps: Int32Array;
  readonly intermediateValues: Float64Array;
  readonly userAttrs: Attrs;
  readonly systemAttrs: Attrs;
  /** The user ended it while it ran in this program. */
  readonly wasStopped: boolean;
  /** null unless it failed. */
  readonly failure: TrialFailureDetail | null;
}

const paramValue = z.union([z.null(), z.boolean(), z.number(), z.string()]);
const trialNumber = z.number().int().nonnegative();
const trialNumbers = z.array(trialNumber).min(1);
const trialTag = z.string().trim().min(1).max(100);

export const trialsCalls = {
  /** Everything (`sinceRevision` 0 or another `generation`), or what changed. */
  'trials.changes': defineCall<TrialColumns>()(
    z.strictObject({
      key: studyKeySchema,
      sinceRevision: z.number().int().nonnegative(),
      generation: z.string().optional(),
    }),
  ),
  'trials.get': defineCall<TrialDetail>()(z.strictObject({ key: studyKeySchema, trialNumber })),
  /** Null where the study's pruner is not known, as in studies of other programs, or the trial has reported nothing. */
  'trials.pruning': defineCall<TrialPruning | null>()(
    z.strictObject({ key: studyKeySchema, trialNumber }),
  ),
  /** All trials' curves, or those of `trialNumbers`, or of the trials that changed since a revision. */
  'trials.curves': defineCall<TrialCurves>()(
    z.strictObject({ key: studyKeySchema, trialNumbers: z.array(trialNumber).optional() }),
  ),
  /** Puts a trial with these parameters into the queue; parameters left out are sampled. */
  'trials.enqueue': defineCall<void>()(
    z.strictObject({ key: studyKeySchema, params: z.record(z.string(), paramValue) }),
  ),
  /** Adds a complete trial that was computed elsewhere. Gives its number. Refuses values outside the parameters' ranges. */
  'trials.add': defineCall<number>()(
    z.strictObject({
      key: studyKeySchema,
      params: z.record(z.string(), paramValue),
      values: z.array(z.number()).min(1),
    }),
  ),
  /**
   * Sets trials that run or wait to failed, none where one of them may not be: those that a program left behind. Fails with `TRIAL_RUNNING_HERE` for one that this program
   * runs. A Parzen that does run one gives it up within seconds; other programs learn of it when they report next, or when the trial ends.
   */
  'trials.fail': defineCall<void>()(z.strictObject({ key: studyKeySchema, trialNumbers })),
  /** Deletes all of them or none: a running one cannot be deleted. */
  'trials.delete': defineCall<{ readonly undoId: string }>()(
    z.strictObject({ key: studyKeySchema, trialNumbers }),
  ),
  /** Takes a deletion of this session back. Fails with `UNDO_EXPIRED` when too much was deleted since. */
  'trials.restore': defineCall<void>()(z.strictObject({ undoId: z.string() })),
  /** Hidden trials stay out of the window's charts, tables and best values. Samplers and other programs go on to count them. */
  'trials.setHidden': defineCall<void>()(
    z.strictObject({ key: studyKeySchema, trialNumbers, isHidden: z.boolean() }),
  ),
  'trials.setTags': defineCall<void>()(
    z.strictObject({
      key: studyKeySchema,
      trialNumbers,
      add: z.array(trialTag).default([]),
      remove: z.array(trialTag).default([]),
    }),
  ),
};

export interface TrialsEvents {
  /** Trials of the study changed; fetch `trials.changes`. At most 20 a second. */
  'trials.changed': { readonly key: StudyKey; readonly revision: number };
}
