import type { Distribution } from '../../distributions.ts';
import { DELETED } from '../../system-attrs.ts';
import type { StudyDirection } from '../../study/direction.ts';
import {
  trialStates,
  type AttrValue,
  type FrozenTrial,
  type TrialState,
} from '../../trial/frozen-trial.ts';
import { checkDeletable, trialNotFound } from '../checks.ts';
import { DistributionCodec } from '../distribution-json.ts';
import { isRunBy, type ProcessInfo } from '../process-info.ts';
import type { FrozenStudy } from '../storage.ts';
import { nowMs, parseStoredTime, type StoredZone } from '../stored-time.ts';
import type { TrialContent } from '../trial-edits.ts';
import { all, allIn, get, type SqlDialect, type SqlDriver, type SqlProgram } from './program.ts';
import { fromStoredState } from './stored-value.ts';
import * as studies from './study-rows.ts';
import * as reader from './trial-reader.ts';
import * as writer from './trial-writer.ts';

export interface SqlStorageOptions {
  driver: SqlDriver;
  dialect: SqlDialect;
  processInfo: ProcessInfo;
  /** How the times are meant of trials that Optuna ran; times of trials that Parzen ran are UTC. */
  foreignZone: StoredZone;
}

/** What a reader knows already of a study's trials, so that only the rest is read. */
export interface KnownTrials {
  /** All trials up to this id have been read. */
  readonly lastTrialId: number;
  /** How many rows that were, the trials marked as deleted among them. */
  readonly nRows: number;
  /** Ids of trials that may change; they are read again. */
  readonly unfinishedTrialIds: readonly number[];
  /** Ids of trials known to be marked as deleted. */
  readonly deletedTrialIds: ReadonlySet<number>;
  /** Finished trials that must still be as they are; if not, the study was deleted and made anew. */
  readonly anchors: readonly FrozenTrial[];
}

export interface TrialsRead extends Omit<KnownTrials, 'unfinishedTrialIds' | 'anchors'> {
  /** Whether `trials` are all there are. False: those that are new or may have changed. */
  readonly isComplete: boolean;
  readonly trials: readonly FrozenTrial[];
}

/**
 * Optuna's tables in any SQL database: every question is asked, and every write made, of the database, in one transaction each. It remembers
 * nothing of studies and trials; `CachedStorage` does, and together they are a `Storage`.
 *
 * Errors are those of `Storage`, except that arguments are not checked here. Deleted trials count as not there.
 */
export class SqlStorage {
  readonly #driver: SqlDriver;
  readonly #dialect: SqlDialect;
  readonly #processInfo: ProcessInfo;
  readonly #foreignZone: StoredZone;
  readonly #distributions = new DistributionCodec();
  /** The highest ids given or seen, so that those of deleted studies are not given again. */
  #lastStudyId = 0;
  #lastTrialId = 0;
  /** To be written with the next write. */
  readonly #announced = {
    params: [] as writer.ParamRow[],
    others: [] as writer.Announced['others'][number][],
  };

  constructor({ driver, dialect, processInfo, foreignZone }: SqlStorageOptions) {
    this.#driver = driver;
    this.#dialect = dialect;
    this.#processInfo = processInfo;
    this.#foreignZone = foreignZone;
  }

  /** See `SqlDriver`. */
  changeToken(): Promise<number> {
    return this.#driver.changeToken();
  }

  close(): Promise<void> {
    return this.#driver.close();
  }

  // Studies

  async createStudy(
    directions: readonly StudyDirection[],
    studyName: string,
  ): Promise<FrozenStudy> {
    const study = await this.#write(() =>
      studies.insertStudy(this.#dialect, studyName, directions, this.#lastStudyId),
    );
    this.#lastStudyId = study.studyId;
    return study;
  }

  async deleteStudy(studyId: number): Promise<void> {
    const lastTrialId = await this.#write(function* () {
      const last = yield* get<[number | null]>('SELECT max(trial_id) FROM trials');
      yield* studies.deleteStudy(studyId);
      return last?.[0] ?? 0;
    });
    this.#lastStudyId = Math.max(this.#lastStudyId, studyId);
    this.#lastTrialId = Math.max(this.#lastTrialId, lastTrialId);
  }

  renameStudy(studyId: number, studyName: string): Promise<void> {
    return this.#write(() => studies.renameStudy(studyId, studyName));
  }

  findStudyId(studyName: string): Promise<number> {
    return this.#driver.read(() => studies.findStudyId(studyName));
  }

  /** All studies by id, or only the one (none if it is not there). */
  async readStudies(studyId: number | null = null): Promise<readonly FrozenStudy[]> {
    const read = await this.#driver.read(() => studies.selectStudies(studyId));
    this.#lastStudyId = Math.max(this.#lastStudyId, read.at(-1)?.studyId ?? 0);
    return read;
  }

  setStudyAttr(
    kind: studies.AttrKind,
    studyId: number,
    key: string,
    value: AttrValue,
  ): Promise<void> {
    const { forUpdate } = this.#dialect;
    return this.#write(function* () {
      yield* studies.requireStudy(studyId, forUpdate);
      yield* studies.upsertStudyAttr(kind, studyId, key, value);
    });
  }

  // Trials

  /** @param knownDistribution Tells a distribution that the study has under a name; what it does not know is looked up. */
  async createTrial(
    studyId: number,
    content: TrialContent,
    knownDistribution: (name: string) => Distribution | undefined,
  ): Promise<FrozenTrial> {
    const trial = await this.#write(() =>
      writer.insertTrial({
        dialect: this.#dialect,
        studyId,
        content,
        distributions: this.#distributions,
        foreignZone: this.#foreignZone,
        lastTrialId: this.#lastTrialId,
        knownDistribution,
      }),
    );
    this.#lastTrialId = trial.trialId;
    return trial;
  }

  setTrialParam(
    trialId: number,
    name: string,
    internalValue: number,
    distribution: Distribution,
    knownDistribution: Distribution | undefined,
  ): Promise<void> {
    return this.#updateTrial(trialId, ({ studyId }) =>
      writer.setParam({
        studyId,
        trialId,
        name,
        internalValue,
        distribution,
        knownDistribution,
        distributions: this.#distributions,
      }),
    );
  }

  // What is announced is written with the next write, unless its trial has then been finished by somebody else. Nothing is checked.

  announceParam(
    trialId: number,
    name: string,
    internalValue: number,
    distribution: Distribution,
  ): void {
    const json = this.#distributions.stringify(distribution);
    this.#announced.params.push({ trialId, name, internalValue, json });
  }

  announceIntermediateValue(trialId: number, step: number, value: number): void {
    const write = (): SqlProgram<void> => writer.upsertIntermediateValue(trialId, step, value);
    this.#announced.others.push({ trialId, write });
  }

  announceTrialAttr(kind: studies.AttrKind, trialId: number, key: string, value: AttrValue): void {
    const write = (): SqlProgram<void> => writer.upsertTrialAttr(kind, trialId, key, value);
    this.#announced.others.push({ trialId, write });
  }

  /** Writes what was announced, if there is anything. */
  async writeAnnounced(): Promise<void> {
    if (this.#isAnnounced) await this.#write(nothing);
  }

  setTrialIntermediateValue(trialId: number, step: number, value: number): Promise<void> {
    return this.#updateTrial(trialId, () => writer.upsertIntermediateValue(trialId, step, value));
  }

  setTrialAttr(
    kind: studies.AttrKind,
    trialId: number,
    key: string,
    value: AttrValue,
  ): Promise<void> {
    return this.#updateTrial(trialId, () => writer.upsertTrialAttr(kind, trialId, key, value));
  }

  finishTrial(
    trialId: number,
    state: TrialState,
    values: readonly number[] | null,
    completedAtMs: number,
  ): Promise<void> {
    return this.#updateTrial(trialId, () =>
      writer.finishTrial(trialId, state, values, completedAtMs, this.#foreignZone),
    );
  }

  /** Takes this trial if it still waits. @returns It as it is now, or null. */
  claimTrial(trialId: number): Promise<FrozenTrial | null> {
    const { owner } = this.#processInfo;
    const program = function* (self: SqlStorage): SqlProgram<FrozenTrial | null> {
      const isOurs = yield* writer.claimTrial(trialId, owner, nowMs());
      return isOurs ? yield* self.#selectTrial(trialId) : null;
    };
    return this.#write(() => program(this));
  }

  /** Puts this trial back if it still runs and belongs to that owner. @returns It as it is now, or null. */
  requeueTrial(trialId: number, expectedOwnerId: string | null): Promise<FrozenTrial | null> {
    const program = function* (self: SqlStorage): SqlProgram<FrozenTrial | null> {
      yield* writer.requireTrial(trialId, self.#dialect.forUpdate);
      const trial = yield* self.#selectTrial(trialId);
      if (!isRunBy(trial, expectedOwnerId)) return null;
      return yield* writer.requeueTrial(trial);
    };
    return this.#write(() => program(this));
  }

  recordHeartbeat(trialId: number): Promise<void> {
    return this.#write(() => writer.upsertHeartbeat(trialId, nowMs()));
  }

  /** The last heartbeat of each of these trials that has one, in milliseconds since the epoch. */
  async readHeartbeats(trialIds: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const rows = await this.#driver.read(() =>
      allIn<[number, string]>(
        'SELECT trial_id, heartbeat FROM trial_heartbeats WHERE trial_id IN (LIST)',
        trialIds,
      ),
    );
    const heartbeats = new Map<number, number>();
    for (const [trialId, text] of rows) {
      const ms = parseStoredTime(text);
      if (ms !== null) heartbeats.set(trialId, ms);
    }
    return heartbeats;
  }

  deleteTrial(trialId: number): Promise<void> {
    const { forUpdate } = this.#dialect;
    return this.#write(function* () {
      const head = yield* writer.requireTrial(trialId, forUpdate);
      checkDeletable(head);
      yield* writer.requireNotDeleted(trialId);
      yield* writer.markDeleted(trialId, head.studyId);
    });
  }

  /** @param knownDistribution See `createTrial`. */
  restoreTrial(
    studyId: number,
    trial: FrozenTrial,
    knownDistribution: (name: string) => Distribution | undefined,
  ): Promise<void> {
    return this.#write(() =>
      writer.restoreTrial({
        dialect: this.#dialect,
        studyId,
        trial,
        distributions: this.#distributions,
        foreignZone: this.#foreignZone,
        knownDistribution,
      }),
    );
  }

  /** The study of a trial. */
  findStudyOfTrial(trialId: number): Promise<number> {
    return this.#driver.read(function* () {
      const { studyId } = yield* writer.requireTrial(trialId);
      yield* writer.requireNotDeleted(trialId);
      return studyId;
    });
  }

  countTrials(studyId: number): Promise<Readonly<Record<TrialState, number>>> {
    return this.#driver.read(function* () {
      yield* studies.requireStudy(studyId);
      const counts = Object.fromEntries(trialStates.map((state) => [state, 0])) as Record<
        TrialState,
        number
      >;
      for (const [state, count] of yield* all<[string, number]>(
        'SELECT state, count(*) FROM trials WHERE study_id = ? GROUP BY state',
        studyId,
      ))
        counts[fromStoredState(state)] = count;
      const marked = yield* allIn<[number]>(
        `SELECT trial_id FROM trial_system_attributes WHERE trial_id IN (LIST) AND "key" = '${DELETED}'`,
        yield* writer.selectDeletedTrialIds(studyId),
      );
      counts.fail -= marked.length;
      return counts;
    });
  }

  /**
   * Reads the trials of a study.
   *
   * @param known What need not be read again; null: everything is read.
   */
  async readTrials(studyId: number, known: KnownTrials | null): Promise<TrialsRead> {
    const program = function* (self: SqlStorage): SqlProgram<TrialsRead> {
      yield* studies.requireStudy(studyId);
      const deletedListed = yield* writer.selectDeletedTrialIds(studyId);
      const isContinued =
        known !== null && (yield* self.#isStillTrue(studyId, known, deletedListed));
      const before = isContinued ? known : NOTHING_KNOWN;
      const again = isContinued ? idsToReadAgain(known, deletedListed) : [];
      const newRows = yield* reader.selectTrialRows(studyId, before.lastTrialId);
      const read = yield* reader.completeTrials(
        [...(yield* reader.selectTrialRowsById(again)), ...newRows],
        self.#readerOptions(),
      );
      const deletedTrialIds = new Set([...before.deletedTrialIds, ...read.deletedTrialIds]);
      for (const { trialId } of read.trials) deletedTrialIds.delete(trialId);
      return {
        isComplete: !isContinued,
        trials: read.trials,
        deletedTrialIds,
        nRows: before.nRows + newRows.length,
        lastTrialId: newRows.at(-1)?.[0] ?? before.lastTrialId,
      };
    };
    const read = await this.#driver.read(() => program(this));
    this.#lastTrialId = Math.max(this.#lastTrialId, read.lastTrialId);
    return read;
  }

  // Helpers

  /** The program, and with it what was announced; both or neither. */
  async #write<T>(program: () => SqlProgram<T>): Promise<T> {
    if (!this.#isAnnounced) return this.#driver.write(program);
    const { params, others } = this.#announced;
    const announced = { params: [...params], others: [...others] };
    const result = await this.#driver.write(() => this.#afterAnnounced(announced, program));
    params.splice(0, announced.params.length);
    others.splice(0, announced.others.length);
    return result;
  }

  get #isAnnounced(): boolean {
    return this.#announced.params.length > 0 || this.#announced.others.length > 0;
  }

  *#afterAnnounced<T>(announced: writer.Announced, program: () => SqlProgram<T>): SqlProgram<T> {
    yield* writer.writeAnnounced(announced, this.#dialect.forUpdate);
    return yield* program();
  }

  #readerOptions(): reader.TrialReaderOptions {
    return { distributions: this.#distributions, foreignZone: this.#foreignZone };
  }

  #updateTrial(
    trialId: number,
    update: (head: writer.TrialHead) => SqlProgram<void>,
  ): Promise<void> {
    return this.#write(() => this.#ifUpdatable(trialId, update));
  }

  *#ifUpdatable(
    trialId: number,
    update: (head: writer.TrialHead) => SqlProgram<void>,
  ): SqlProgram<void> {
    yield* update(yield* writer.requireUpdatable(trialId, this.#dialect));
  }

  *#selectTrial(trialId: number): SqlProgram<FrozenTrial> {
    const rows = yield* reader.selectTrialRowsById([trialId]);
    const { trials } = yield* reader.completeTrials(rows, this.#readerOptions());
    if (trials[0] === undefined) throw trialNotFound(trialId);
    return trials[0];
  }

  /** Whether all rows are still there that were read before, and still are those. */
  *#isStillTrue(
    studyId: number,
    known: KnownTrials,
    deletedTrialIds: readonly number[],
  ): SqlProgram<boolean> {
    const [nRows] = (yield* get<[number]>(
      'SELECT count(*) FROM trials WHERE study_id = ? AND trial_id <= ?',
      studyId,
      known.lastTrialId,
    )) as [number];
    if (nRows !== known.nRows) return false;
    const anchors = known.anchors.filter((trial) => !deletedTrialIds.includes(trial.trialId));
    const rows = yield* reader.selectTrialRowsById(anchors.map((trial) => trial.trialId));
    const rowById = new Map(rows.map((row) => [row[0], row]));
    return anchors.every((trial) => {
      const [, number, state, start, complete] = rowById.get(trial.trialId) ?? [];
      const zone = reader.zoneOf(trial, this.#foreignZone);
      return (
        number === trial.number &&
        state !== undefined &&
        fromStoredState(state) === trial.state &&
        parseStoredTime(start ?? null, zone) === trial.startedAtMs &&
        parseStoredTime(complete ?? null, zone) === trial.completedAtMs
      );
    });
  }
}

function* nothing(): SqlProgram<void> {}

const NOTHING_KNOWN: KnownTrials = {
  lastTrialId: 0,
  nRows: 0,
  unfinishedTrialIds: [],
  deletedTrialIds: new Set(),
  anchors: [],
};

/** Ids of the trials that were read before and may be different now. */
function idsToReadAgain(known: KnownTrials, deletedTrialIds: readonly number[]): number[] {
  const newlyDeleted = deletedTrialIds.filter((id) => !known.deletedTrialIds.has(id));
  const stillDeleted = new Set(deletedTrialIds);
  const restored = [...known.deletedTrialIds].filter((id) => !stillDeleted.has(id));
  const ids = new Set([...known.unfinishedTrialIds, ...newlyDeleted, ...restored]);
  return [...ids].filter((id) => id <= known.lastTrialId);
}
