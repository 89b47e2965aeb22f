import type { Distribution } from '../distributions.ts';
import type { StudyDirection } from '../study/direction.ts';
import type {
  Attrs,
  AttrValue,
  FrozenTrial,
  TrialState,
  TrialTemplate,
} from '../trial/frozen-trial.ts';

/** A study without its trials. */
export interface FrozenStudy {
  readonly studyId: number;
  readonly studyName: string;
  readonly directions: readonly StudyDirection[];
  readonly userAttrs: Attrs;
  readonly systemAttrs: Attrs;
}

/** The process that runs a trial, stored in the trial's system attribute `parzen:owner`. */
export interface Owner {
  readonly [key: string]: string | number;
  /** Random, one per storage object. */
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  /** When the process started, as the system tells it; tells a reused pid apart. Empty where unknown. */
  readonly processStart: string;
}

export interface TrialChanges {
  /** To be given to the next call. */
  readonly revision: number;
  /** Trials created or changed since, by number, as they are now. */
  readonly trials: readonly FrozenTrial[];
  /** Ids of trials deleted since. */
  readonly deletedTrialIds: readonly number[];
}

/** How something about a running trial is written. */
export interface WriteOptions {
  /**
   * It need not be stored at once: readers of this object see it, and it is stored with the next write of this object, or when the event loop gets a turn. For
   * what comes again where it is lost with its trial, which then runs again.
   *
   * @default false
   */
  readonly mayWait?: boolean;
}

/** How a trial is read. */
export interface ReadOptions {
  /** As this object last saw it, which is quicker: what others have written since may be missing. @default false */
  readonly asKnown?: boolean;
  /**
   * For who looks at the trial and lets go of it, which spares a copy of all that a running trial has reported: `intermediateValues` may change with the
   * next report. @default false
   */
  readonly inPassing?: boolean;
}

/**
 * Where studies live. This comment is the specification; `test/conformance/storage.ts` checks it for every implementation.
 *
 * - Ids of studies and trials are positive whole numbers. This object gives no id again that it has given or shown; the id and number of a deleted
 *   trial nobody gives again. A trial's `number` counts from 0 within its study in the order of creation; numbers are unique also when several processes
 *   create trials at once.
 * - A returned study or trial never changes, but for trials read `inPassing`. As long as a trial has not changed, this object gives the identical one.
 * - Writes are durable when the promise resolves: they survive a kill of the process. What other processes wrote is seen by the next call.
 * - NaN and infinities survive in intermediate values, parameters' distributions and attributes; infinities in values. -0 may become 0.
 * - Finished trials (`complete`, `pruned`, `fail`) refuse all writes with UpdateFinishedTrialError, except `deleteTrial`; `requeueTrial` and
 *   `recordHeartbeat` do nothing.
 * - An unknown study id or name throws StudyNotFoundError, an unknown trial id or number TrialNotFoundError; `recordHeartbeat` does nothing.
 * - Names of studies, parameters and attribute keys have at most 512 characters (InvalidArgumentError). Attribute values have no limit.
 * - A write that throws has changed nothing.
 * - After `close` every call throws StorageError `STORAGE_CLOSED`, except `close`.
 */
export interface Storage {
  /**
   * @param directions At least one.
   * @param studyName Any text of 1 to 512 characters; a unique one is made when left out.
   * @returns The id of the new study.
   * @throws DuplicatedStudyError when the name is taken.
   */
  createStudy(directions: readonly StudyDirection[], studyName?: string): Promise<number>;
  /** Deletes the study with all its trials. */
  deleteStudy(studyId: number): Promise<void>;
  /** @throws DuplicatedStudyError when another study has the name. */
  renameStudy(studyId: number, studyName: string): Promise<void>;
  getStudyId(studyName: string): Promise<number>;
  getStudy(studyId: number): Promise<FrozenStudy>;
  /** All studies, by id. */
  getStudies(): Promise<readonly FrozenStudy[]>;
  /** Replaces the value where the key exists. */
  setStudyUserAttr(studyId: number, key: string, value: AttrValue): Promise<void>;
  setStudySystemAttr(studyId: number, key: string, value: AttrValue): Promise<void>;

  /**
   * Without a template the trial is `running`, started now and owned by this process; with one it is as the template says.
   *
   * @returns The trial as created.
   * @throws InvalidArgumentError when a parameter's distribution does not fit the study's (see `setTrialParam`).
   */
  createTrial(studyId: number, template?: TrialTemplate): Promise<FrozenTrial>;
  /**
   * Stores a parameter of a running trial; the last write of a name wins.
   *
   * @param internalValue See distributions.ts; not NaN.
   * @param options.mayWait See `WriteOptions`.
   * @throws InvalidArgumentError when the distribution is not compatible (`checkCompatible`) with the one this study already has under the name.
   */
  setTrialParam(
    trialId: number,
    name: string,
    internalValue: number,
    distribution: Distribution,
    options?: WriteOptions,
  ): Promise<void>;
  /** Replaces the value where the step exists. `step` is a whole number >= 0. */
  setTrialIntermediateValue(
    trialId: number,
    step: number,
    value: number,
    options?: WriteOptions,
  ): Promise<void>;
  setTrialUserAttr(
    trialId: number,
    key: string,
    value: AttrValue,
    options?: WriteOptions,
  ): Promise<void>;
  setTrialSystemAttr(trialId: number, key: string, value: AttrValue): Promise<void>;
  /**
   * Finishes a trial: sets the state, the values (null: none) and the time of completion.
   *
   * @param state A finished state.
   * @throws UpdateFinishedTrialError when it is finished already.
   * @throws InvalidArgumentError for another state, or a value that is NaN.
   */
  finishTrial(trialId: number, state: TrialState, values: readonly number[] | null): Promise<void>;
  /**
   * Takes the waiting trial with the lowest number and makes it running, started now, owned by this process. Of several processes
   * that ask at once, each trial goes to one.
   *
   * @returns The trial, or null when none waits.
   */
  claimWaitingTrial(studyId: number): Promise<FrozenTrial | null>;
  /**
   * Puts a running trial back (any other is left as it is): state `waiting`, no start time, no intermediate values, no parameters; these are kept in its system attribute
   * `fixed_params` (added to what is there), so the trial runs again with them under its number. User attributes stay; the owner is removed.
   *
   * @param expectedOwnerId The id of the owner it must still have (null: none recorded), else nothing is done.
   * @returns Whether it was put back.
   */
  requeueTrial(trialId: number, expectedOwnerId: string | null): Promise<boolean>;
  /**
   * Puts back (`requeueTrial`) every running trial of the study whose owner is known to be gone: a process of this host that no longer exists, or one of
   * another host whose heartbeat is older than `HEARTBEAT_GRACE_MS`. Trials of living owners, and trials without a recorded owner (run by Optuna), are left alone.
   *
   * @returns The trials put back, by number.
   */
  requeueOrphanedTrials(studyId: number): Promise<readonly FrozenTrial[]>;
  /** Says that this process is alive and still runs the trial. Nothing happens when it is not running. */
  recordHeartbeat(trialId: number): Promise<void>;
  /**
   * Removes a trial. Its number is not given again. In a file shared with Optuna it stays there as a failed trial without contents, because
   * Optuna numbers a new trial by counting the others.
   *
   * @throws InvalidArgumentError when it is running.
   */
  deleteTrial(trialId: number): Promise<void>;
  /**
   * Takes a deletion back: the trial is there again under its id and number, as if it had never been away. Optuna sees it again too, except in a journal, where
   * a trial that waited stays failed for it.
   *
   * @param trial The trial as it was read last.
   * @throws TrialNotFoundError when no trial of the study was deleted under its id and number.
   * @throws InvalidArgumentError when a parameter's distribution no longer fits the study's (see `setTrialParam`).
   */
  restoreTrial(studyId: number, trial: FrozenTrial): Promise<void>;

  getTrial(trialId: number, options?: ReadOptions): Promise<FrozenTrial>;
  getTrialByNumber(studyId: number, trialNumber: number): Promise<FrozenTrial>;
  /** By number; all states, or those given. */
  getTrials(studyId: number, states?: readonly TrialState[]): Promise<readonly FrozenTrial[]>;
  countTrials(studyId: number, states?: readonly TrialState[]): Promise<number>;
  /**
   * What happened to the study's trials since a revision this object gave; 0 gives everything (and no deleted ones). Costs in proportion to what changed.
   */
  getTrialChanges(studyId: number, sinceRevision: number): Promise<TrialChanges>;

  close(): Promise<void>;
}

/** How often an owner should call `recordHeartbeat`, and how old its last beat may be before its trials are taken. */
export const HEARTBEAT_INTERVAL_MS = 15_000;
export const HEARTBEAT_GRACE_MS = 120_000;
