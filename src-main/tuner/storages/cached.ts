import { isSameDistribution, type Distribution } from '../distributions.ts';
import { StorageError, StudyNotFoundError } from '../errors.ts';
import type { StudyDirection } from '../study/direction.ts';
import {
  trialStates,
  type AttrValue,
  type FrozenTrial,
  type TrialState,
  type TrialTemplate,
} from '../trial/frozen-trial.ts';
import {
  checkDirections,
  checkFinish,
  checkParam,
  checkStep,
  checkStudyName,
  createStudyName,
  trialNotFound,
  trialNumberNotFound,
} from './checks.ts';
import { isOrphaned, ownerOf, type ProcessInfo } from './process-info.ts';
import type { SqlStorage } from './sql/sql-storage.ts';
import type { AttrKind } from './sql/study-rows.ts';
import type { FrozenStudy, ReadOptions, Storage, TrialChanges, WriteOptions } from './storage.ts';
import { nowMs } from './stored-time.ts';
import {
  contentFromTemplate,
  copyAttr,
  finished,
  runningContent,
  withParam,
} from './trial-edits.ts';
import { withEntry } from '../own-entries.ts';
import { TrialLog } from './trial-log.ts';

/** What is remembered of a study's trials. */
interface CachedTrials {
  readonly log: TrialLog;
  /** The epoch in which `log` was last read; what follows is as of then (see `KnownTrials`). */
  readonly epoch: number;
  readonly lastTrialId: number;
  readonly nRows: number;
  /** Trials that had not finished then: others may have changed them since, also those that this process has finished now. */
  readonly unfinishedTrialIds: readonly number[];
  readonly deletedTrialIds: ReadonlySet<number>;
}

const NOTHING_CACHED: Omit<CachedTrials, 'log'> = {
  epoch: -1,
  lastTrialId: 0,
  nRows: 0,
  unfinishedTrialIds: [],
  deletedTrialIds: new Set(),
};

/**
 * A `Storage` on a database that others may write to as well. What this object has read or written is answered from memory; the database
 * is read again only when it says that another connection wrote (`SqlDriver.changeToken`), and then only trials that are new or had
 * not finished. Writes go to the database first, and into memory when they are there.
 */
export class CachedStorage implements Storage {
  readonly #backend: SqlStorage;
  readonly #processInfo: ProcessInfo;
  readonly #trials = new Map<number, CachedTrials>();
  #studies = new Map<number, FrozenStudy>();
  /** Names of studies that were there once, for messages. */
  readonly #formerNames = new Map<number, string>();
  /** Whether `#studies` are all studies, and as they are now. */
  #hasAllStudies = false;
  /** Counts how often other connections were seen to have written. What was read in an earlier epoch may be outdated. */
  #epoch = 0;
  #token: number | null = null;
  /** The last call: calls are served one after another, in the order in which they came. */
  #queue: Promise<unknown> = Promise.resolve();
  /** Calls that have not been served yet. */
  #nPending = 0;
  #isClosed = false;
  #isWritingSoon = false;

  /** @param backend From now on only to be used through this object. */
  constructor(backend: SqlStorage, processInfo: ProcessInfo) {
    this.#backend = backend;
    this.#processInfo = processInfo;
  }

  // Studies

  createStudy(
    directions: readonly StudyDirection[],
    studyName: string = createStudyName(),
  ): Promise<number> {
    const copy = [...directions];
    return this.#inTurn(async () => {
      checkDirections(copy);
      checkStudyName(studyName);
      const study = await this.#backend.createStudy(copy, studyName);
      this.#studies.set(study.studyId, study);
      return study.studyId;
    });
  }

  deleteStudy(studyId: number): Promise<void> {
    return this.#inTurn(async () => {
      await this.#backend.deleteStudy(studyId);
      this.#keepNames();
      this.#studies.delete(studyId);
      this.#forgetTrials(studyId);
    });
  }

  renameStudy(studyId: number, studyName: string): Promise<void> {
    return this.#inTurn(async () => {
      checkStudyName(studyName);
      await this.#backend.renameStudy(studyId, studyName);
      this.#updateStudy(studyId, () => ({ studyName }));
    });
  }

  getStudyId(studyName: string): Promise<number> {
    return this.#inTurn(async () => {
      await this.#noticeOthers();
      for (const study of this.#studies.values())
        if (study.studyName === studyName) return study.studyId;
      return this.#backend.findStudyId(studyName);
    });
  }

  getStudy(studyId: number): Promise<FrozenStudy> {
    return this.#inTurn(async () => {
      await this.#noticeOthers();
      const known = this.#studies.get(studyId);
      if (known !== undefined) return known;
      const [study] = await this.#backend.readStudies(studyId);
      if (study === undefined) throw this.#notFound(studyId);
      this.#studies.set(studyId, study);
      return study;
    });
  }

  getStudies(): Promise<readonly FrozenStudy[]> {
    return this.#inTurn(async () => {
      await this.#noticeOthers();
      if (!this.#hasAllStudies) {
        const studies = await this.#backend.readStudies();
        this.#studies = new Map(studies.map((study) => [study.studyId, study]));
        this.#hasAllStudies = true;
      }
      return [...this.#studies.values()].sort((a, b) => a.studyId - b.studyId);
    });
  }

  setStudyUserAttr(studyId: number, key: string, value: AttrValue): Promise<void> {
    return this.#setStudyAttr('user', studyId, key, value);
  }

  setStudySystemAttr(studyId: number, key: string, value: AttrValue): Promise<void> {
    return this.#setStudyAttr('system', studyId, key, value);
  }

  // Writing trials

  async createTrial(studyId: number, template?: TrialTemplate): Promise<FrozenTrial> {
    // What is given is copied at once, not when its turn comes.
    const added = template && contentFromTemplate(template);
    return this.#inTurn(async () => {
      const { log } = this.#trials.get(studyId) ?? (await this.#readTrials(studyId, null));
      const content = added ?? runningContent(this.#processInfo.owner, nowMs());
      const trial = await this.#backend.createTrial(
        studyId,
        content,
        added ? await this.#knownDistributions(studyId) : () => undefined,
      );
      log.put(trial);
      return log.get(trial.trialId) as FrozenTrial;
    });
  }

  setTrialParam(
    trialId: number,
    name: string,
    internalValue: number,
    distribution: Distribution,
    { mayWait = false }: WriteOptions = {},
  ): Promise<void> {
    return this.#inTurn(async () => {
      checkParam(name, internalValue, distribution);
      const log = this.#findLog(trialId);
      const same = log?.distribution(name);
      if (
        mayWait &&
        same !== undefined &&
        isSameDistribution(same, distribution) &&
        log?.head(trialId)?.state === 'running'
      ) {
        this.#backend.announceParam(trialId, name, internalValue, same);
        this.#writeAnnouncedSoon();
        log.update(trialId, withParam(log.get(trialId) as FrozenTrial, name, internalValue, same));
        return;
      }
      const distributions = await this.#knownDistributions(this.#findStudyInMemory(trialId));
      const known = distributions(name);
      const stored = known && isSameDistribution(known, distribution) ? known : distribution;
      await this.#backend.setTrialParam(trialId, name, internalValue, stored, known);
      log?.update(trialId, withParam(log.get(trialId) as FrozenTrial, name, internalValue, stored));
    });
  }

  setTrialIntermediateValue(
    trialId: number,
    step: number,
    value: number,
    { mayWait = false }: WriteOptions = {},
  ): Promise<void> {
    return this.#inTurn(async () => {
      checkStep(step);
      const log = this.#findLog(trialId);
      if (mayWait && log?.head(trialId)?.state === 'running') {
        this.#backend.announceIntermediateValue(trialId, step, value);
        this.#writeAnnouncedSoon();
      } else await this.#backend.setTrialIntermediateValue(trialId, step, value);
      log?.report(trialId, step, value);
    });
  }

  setTrialUserAttr(
    trialId: number,
    key: string,
    value: AttrValue,
    options?: WriteOptions,
  ): Promise<void> {
    return this.#setTrialAttr('user', trialId, key, value, options);
  }

  setTrialSystemAttr(trialId: number, key: string, value: AttrValue): Promise<void> {
    return this.#setTrialAttr('system', trialId, key, value);
  }

  async finishTrial(
    trialId: number,
    state: TrialState,
    values: readonly number[] | null,
  ): Promise<void> {
    checkFinish(state, values);
    const copy = values && [...values];
    return this.#inTurn(async () => {
      const now = nowMs();
      await this.#backend.finishTrial(trialId, state, copy, now);
      this.#findLog(trialId)?.update(trialId, finished(state, copy, now));
    });
  }

  claimWaitingTrial(studyId: number): Promise<FrozenTrial | null> {
    return this.#inTurn(async () => {
      const { log } = await this.#upToDate(studyId);
      for (const waiting of log.list(['waiting'])) {
        const trial = await this.#backend.claimTrial(waiting.trialId);
        if (trial === null) continue;
        log.put(trial);
        return log.get(trial.trialId) as FrozenTrial;
      }
      return null;
    });
  }

  requeueTrial(trialId: number, expectedOwnerId: string | null): Promise<boolean> {
    return this.#inTurn(async () => (await this.#requeue(trialId, expectedOwnerId)) !== null);
  }

  requeueOrphanedTrials(studyId: number): Promise<readonly FrozenTrial[]> {
    return this.#inTurn(async () => {
      const { log } = await this.#upToDate(studyId);
      const owned = log.list(['running']).filter((trial) => ownerOf(trial) !== null);
      if (owned.length === 0) return [];
      const heartbeats = await this.#backend.readHeartbeats(owned.map((trial) => trial.trialId));
      const now = nowMs();
      const requeued: FrozenTrial[] = [];
      for (const trial of owned) {
        const lastHeartbeat = heartbeats.get(trial.trialId) ?? null;
        if (!isOrphaned(trial, lastHeartbeat, now, this.#processInfo)) continue;
        const waiting = await this.#requeue(trial.trialId, ownerOf(trial)?.id ?? null);
        if (waiting !== null) requeued.push(waiting);
      }
      return requeued;
    });
  }

  recordHeartbeat(trialId: number): Promise<void> {
    return this.#inTurn(() => this.#backend.recordHeartbeat(trialId));
  }

  deleteTrial(trialId: number): Promise<void> {
    return this.#inTurn(async () => {
      await this.#backend.deleteTrial(trialId);
      this.#findLog(trialId)?.remove(trialId);
    });
  }

  async restoreTrial(studyId: number, trial: FrozenTrial): Promise<void> {
    const restored = {
      trialId: trial.trialId,
      number: trial.number,
      ...contentFromTemplate(trial),
    };
    return this.#inTurn(async () => {
      const { log } = this.#trials.get(studyId) ?? (await this.#readTrials(studyId, null));
      await this.#backend.restoreTrial(studyId, restored, await this.#knownDistributions(studyId));
      log.put(restored);
    });
  }

  // Reading trials

  getTrial(
    trialId: number,
    { asKnown = false, inPassing = false }: ReadOptions = {},
  ): Promise<FrozenTrial> {
    const look = (log?: TrialLog): FrozenTrial | undefined =>
      inPassing ? log?.glance(trialId) : log?.get(trialId);
    return this.#inTurn(async () => {
      const known = asKnown ? look(this.#findLog(trialId)) : undefined;
      if (known !== undefined) return known;
      const studyId =
        this.#findStudyInMemory(trialId) ?? (await this.#backend.findStudyOfTrial(trialId));
      const trial = look((await this.#upToDate(studyId)).log);
      if (trial === undefined) throw trialNotFound(trialId);
      return trial;
    });
  }

  getTrialByNumber(studyId: number, trialNumber: number): Promise<FrozenTrial> {
    return this.#inTurn(async () => {
      const trial = (await this.#upToDate(studyId)).log.getByNumber(trialNumber);
      if (trial === undefined) throw trialNumberNotFound(trialNumber);
      return trial;
    });
  }

  getTrials(studyId: number, states?: readonly TrialState[]): Promise<readonly FrozenTrial[]> {
    return this.#inTurn(async () => (await this.#upToDate(studyId)).log.list(states));
  }

  /** Of a study whose trials have not been read yet they are counted by the database, not read. */
  countTrials(studyId: number, states: readonly TrialState[] = trialStates): Promise<number> {
    return this.#inTurn(async () => {
      if (this.#trials.has(studyId)) return (await this.#upToDate(studyId)).log.count(states);
      const counts = await this.#backend.countTrials(studyId);
      return trialStates.reduce(
        (sum, state) => sum + (states.includes(state) ? counts[state] : 0),
        0,
      );
    });
  }

  getTrialChanges(studyId: number, sinceRevision: number): Promise<TrialChanges> {
    return this.#inTurn(async () =>
      (await this.#upToDate(studyId)).log.changesSince(sinceRevision),
    );
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#queue;
    this.#trials.clear();
    this.#studies.clear();
    try {
      await this.#backend.writeAnnounced();
    } finally {
      await this.#backend.close();
    }
  }

  // Helpers

  /**
   * Does the work when all calls before have been served. Without this, a call that waits for the database could put into memory what
   * a later call has changed already.
   */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isClosed)
      return Promise.reject(new StorageError('STORAGE_CLOSED', 'The storage has been closed.'));
    const result = this.#nPending === 0 ? work() : this.#queue.then(work);
    this.#nPending++;
    this.#queue = result.then(this.#served, this.#served);
    return result;
  }

  readonly #served = (): void => void this.#nPending--;

  #writeAnnouncedSoon(): void {
    if (this.#isWritingSoon) return;
    this.#isWritingSoon = true;
    setTimeout(() => {
      this.#isWritingSoon = false;
      // What cannot be written now is written with the next write, which tells what is wrong.
      this.#inTurn(() => this.#backend.writeAnnounced()).catch(() => {});
    }, 0);
  }

  /** Starts a new epoch when another connection has written since the last call. */
  async #noticeOthers(): Promise<void> {
    const token = await this.#backend.changeToken();
    if (token === this.#token) return;
    this.#token = token;
    this.#epoch++;
    this.#keepNames();
    this.#studies.clear();
    this.#hasAllStudies = false;
  }

  /** Tells the distributions of a study in memory, as far as that is as the database. */
  async #knownDistributions(
    studyId: number | undefined,
  ): Promise<(name: string) => Distribution | undefined> {
    await this.#noticeOthers();
    const cached = studyId === undefined ? undefined : this.#trials.get(studyId);
    return (name) => (cached?.epoch === this.#epoch ? cached.log.distribution(name) : undefined);
  }

  async #upToDate(studyId: number): Promise<CachedTrials> {
    await this.#noticeOthers();
    const cached = this.#trials.get(studyId) ?? null;
    return cached?.epoch === this.#epoch ? cached : this.#readTrials(studyId, cached);
  }

  /** Reads what is not known yet, and puts it into memory. */
  async #readTrials(studyId: number, cached: CachedTrials | null): Promise<CachedTrials> {
    try {
      await this.#backend.writeAnnounced();
      const read = await this.#backend.readTrials(
        studyId,
        cached && { ...cached, anchors: cached.log.anchors(cached.lastTrialId) },
      );
      const log = cached?.log ?? new TrialLog();
      if (read.isComplete && cached !== null) {
        const there = new Set(read.trials.map((trial) => trial.trialId));
        for (const trialId of log.ids()) if (!there.has(trialId)) log.remove(trialId);
      }
      for (const trial of read.trials) log.put(trial);
      for (const trialId of read.deletedTrialIds) if (log.has(trialId)) log.remove(trialId);
      const trials: CachedTrials = {
        log,
        epoch: this.#epoch,
        lastTrialId: read.lastTrialId,
        nRows: read.nRows,
        unfinishedTrialIds: log.list(['running', 'waiting']).map((trial) => trial.trialId),
        deletedTrialIds: read.deletedTrialIds,
      };
      this.#trials.set(studyId, trials);
      return trials;
    } catch (error) {
      if (!(error instanceof StudyNotFoundError)) throw error;
      if (cached !== null) this.#forgetTrials(studyId);
      throw this.#notFound(studyId);
    }
  }

  #keepNames(): void {
    for (const { studyId, studyName } of this.#studies.values())
      this.#formerNames.set(studyId, studyName);
  }

  #notFound(studyId: number): StudyNotFoundError {
    return new StudyNotFoundError(studyId, this.#formerNames.get(studyId));
  }

  /** The log stays: should the id be given to another study, it goes on telling what changed. */
  #forgetTrials(studyId: number): void {
    const log = this.#trials.get(studyId)?.log;
    if (log === undefined) return;
    for (const trialId of log.ids()) log.remove(trialId);
    this.#trials.set(studyId, { ...NOTHING_CACHED, log });
  }

  #findStudyInMemory(trialId: number): number | undefined {
    for (const [studyId, { log }] of this.#trials) if (log.has(trialId)) return studyId;
    return undefined;
  }

  /** The trials in memory among which this one is, if it is in memory. */
  #findLog(trialId: number): TrialLog | undefined {
    const studyId = this.#findStudyInMemory(trialId);
    return studyId === undefined ? undefined : this.#trials.get(studyId)?.log;
  }

  async #requeue(trialId: number, expectedOwnerId: string | null): Promise<FrozenTrial | null> {
    const trial = await this.#backend.requeueTrial(trialId, expectedOwnerId);
    const log = this.#findLog(trialId);
    if (trial === null || log === undefined) return trial;
    log.put(trial);
    return log.get(trialId) as FrozenTrial;
  }

  async #setStudyAttr(
    kind: AttrKind,
    studyId: number,
    key: string,
    value: AttrValue,
  ): Promise<void> {
    const copy = copyAttr(key, value);
    return this.#inTurn(async () => {
      await this.#backend.setStudyAttr(kind, studyId, key, copy);
      this.#updateStudy(studyId, ({ userAttrs, systemAttrs }) =>
        kind === 'user'
          ? { userAttrs: withEntry(userAttrs, key, copy) }
          : { systemAttrs: withEntry(systemAttrs, key, copy) },
      );
    });
  }

  async #setTrialAttr(
    kind: AttrKind,
    trialId: number,
    key: string,
    value: AttrValue,
    { mayWait = false }: WriteOptions = {},
  ): Promise<void> {
    const copy = copyAttr(key, value);
    return this.#inTurn(async () => {
      const log = this.#findLog(trialId);
      if (mayWait && log?.head(trialId)?.state === 'running') {
        this.#backend.announceTrialAttr(kind, trialId, key, copy);
        this.#writeAnnouncedSoon();
      } else await this.#backend.setTrialAttr(kind, trialId, key, copy);
      if (log === undefined) return;
      const { userAttrs, systemAttrs } = log.get(trialId) as FrozenTrial;
      log.update(
        trialId,
        kind === 'user'
          ? { userAttrs: withEntry(userAttrs, key, copy) }
          : { systemAttrs: withEntry(systemAttrs, key, copy) },
      );
    });
  }

  #updateStudy(studyId: number, edit: (study: FrozenStudy) => Partial<FrozenStudy>): void {
    const study = this.#studies.get(studyId);
    if (study !== undefined) this.#studies.set(studyId, { ...study, ...edit(study) });
  }
}
