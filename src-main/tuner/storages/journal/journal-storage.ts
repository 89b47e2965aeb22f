import { checkCompatible, type Distribution } from '../../distributions.ts';
import { DuplicatedStudyError, StorageError, StudyNotFoundError } from '../../errors.ts';
import type { StudyDirection } from '../../study/direction.ts';
import { DELETED, FIXED_PARAMS, OWNER } from '../../system-attrs.ts';
import type {
  AttrValue,
  FrozenTrial,
  TrialState,
  TrialTemplate,
} from '../../trial/frozen-trial.ts';
import {
  checkDeletable,
  checkDirections,
  checkFinish,
  checkParam,
  checkStep,
  checkStudyName,
  checkUpdatable,
  createStudyName,
  notDeleted,
  trialNotFound,
  trialNumberNotFound,
} from '../checks.ts';
import { DistributionCodec } from '../distribution-json.ts';
import { isOrphaned, isRunBy, type ProcessInfo } from '../process-info.ts';
import type { FrozenStudy, ReadOptions, Storage, TrialChanges } from '../storage.ts';
import { nowMs, type StoredZone } from '../stored-time.ts';
import { contentFromTemplate, copyAttr, requeued } from '../trial-edits.ts';
import type { TrialLog } from '../trial-log.ts';
import type { JournalFile } from './journal-file.ts';
import { HEARTBEAT, OperationWriter, STUDY_NAME } from './operations.ts';
import { JournalReplay, type JournalStudy } from './replay.ts';

export interface JournalStorageOptions {
  file: JournalFile;
  processInfo: ProcessInfo;
  /** What times without an offset mean, which Optuna 4.9 and older wrote. @default 'local' */
  zone?: StoredZone;
}

/** How much is read at once; a longer line makes it more. */
const CHUNK_BYTES = 1 << 22;
const LINE_BREAK = 10;

/**
 * Studies in a file to which every write adds a line, in the format of Optuna's `JournalStorage` with its `JournalFileBackend`. For folders on a network,
 * where SQLite's locks are not to be trusted; Optuna and Parzen may work on one file at once. Every call first reads what was added since the last one.
 *
 * A write looks, decides and appends under the file's lock, so that, unlike Optuna's, it never appends a line that does not count. It resolves when the
 * system has the line: it survives a kill of the process, not necessarily a power cut.
 *
 * What Optuna sees otherwise, because its format has no word for it: a renamed study keeps its first name, a deleted trial stays as it was (as
 * failed, if it was waiting), and a trial that was put back keeps what it had reported.
 */
export class JournalStorage implements Storage {
  readonly #file: JournalFile;
  readonly #processInfo: ProcessInfo;
  readonly #writer: OperationWriter;
  readonly #replay: JournalReplay;
  readonly #decoder = new TextDecoder();
  /** Where the first line begins that was not read. */
  #offset = 0;
  #isClosed = false;

  /** Reads the file. @throws StorageError when it is no journal. */
  constructor({ file, processInfo, zone = 'local' }: JournalStorageOptions) {
    this.#file = file;
    this.#processInfo = processInfo;
    const distributions = new DistributionCodec();
    const workerId = processInfo.owner.id;
    this.#writer = new OperationWriter(workerId, distributions);
    this.#replay = new JournalReplay({ distributions, workerId, zone });
    this.#catchUp();
  }

  // Studies

  async createStudy(
    directions: readonly StudyDirection[],
    studyName: string = createStudyName(),
  ): Promise<number> {
    checkDirections(directions);
    checkStudyName(studyName);
    const wanted = [...directions];
    return this.#write((append) => {
      this.#checkFreeName(studyName);
      const studyId = this.#replay.nextStudyId;
      if (!this.#replay.hasStoredName(studyName))
        append(this.#writer.createStudy(studyName, wanted));
      // A renamed study still has the name for Optuna, which would not let the new one come into being.
      else
        append(
          this.#writer.createStudy(createStudyName(), wanted) +
            this.#writer.setStudyAttr('system', studyId, STUDY_NAME, studyName),
        );
      return studyId;
    });
  }

  async deleteStudy(studyId: number): Promise<void> {
    await this.#write((append) => {
      this.#study(studyId);
      append(this.#writer.deleteStudy(studyId));
    });
  }

  async renameStudy(studyId: number, studyName: string): Promise<void> {
    checkStudyName(studyName);
    await this.#write((append) => {
      if (this.#study(studyId).study.studyName === studyName) return;
      this.#checkFreeName(studyName);
      append(this.#writer.setStudyAttr('system', studyId, STUDY_NAME, studyName));
    });
  }

  async getStudyId(studyName: string): Promise<number> {
    this.#catchUp();
    const record = this.#replay.studyNamed(studyName);
    if (record === undefined) throw new StudyNotFoundError(studyName);
    return record.study.studyId;
  }

  async getStudy(studyId: number): Promise<FrozenStudy> {
    this.#catchUp();
    return this.#study(studyId).study;
  }

  async getStudies(): Promise<readonly FrozenStudy[]> {
    this.#catchUp();
    return Array.from(this.#replay.studies(), (record) => record.study);
  }

  setStudyUserAttr(studyId: number, key: string, value: AttrValue): Promise<void> {
    return this.#setStudyAttr('user', studyId, key, value);
  }

  setStudySystemAttr(studyId: number, key: string, value: AttrValue): Promise<void> {
    return this.#setStudyAttr('system', studyId, key, value);
  }

  async #setStudyAttr(
    kind: 'user' | 'system',
    studyId: number,
    key: string,
    value: AttrValue,
  ): Promise<void> {
    const line = this.#writer.setStudyAttr(kind, studyId, key, copyAttr(key, value));
    await this.#write((append) => {
      this.#study(studyId);
      append(line);
    });
  }

  // Trials

  async createTrial(studyId: number, template?: TrialTemplate): Promise<FrozenTrial> {
    const content = template && contentFromTemplate(template);
    return this.#write((append) => {
      const { log } = this.#study(studyId);
      for (const [name, distribution] of Object.entries(content?.distributions ?? {}))
        checkKnown(log, name, distribution);
      append(
        content
          ? this.#writer.createTrial(studyId, content)
          : this.#writer.startTrial(studyId, nowMs(), { [OWNER]: this.#processInfo.owner }),
      );
      return this.#trial(this.#replay.ownTrialId);
    });
  }

  async setTrialParam(
    trialId: number,
    name: string,
    internalValue: number,
    distribution: Distribution,
  ): Promise<void> {
    checkParam(name, internalValue, distribution);
    const line = this.#writer.setTrialParam(trialId, name, internalValue, distribution);
    await this.#updateTrial(trialId, line, (log) => checkKnown(log, name, distribution));
  }

  async setTrialIntermediateValue(trialId: number, step: number, value: number): Promise<void> {
    checkStep(step);
    await this.#updateTrial(trialId, this.#writer.setTrialIntermediateValue(trialId, step, value));
  }

  async setTrialUserAttr(trialId: number, key: string, value: AttrValue): Promise<void> {
    const line = this.#writer.setTrialAttr('user', trialId, key, copyAttr(key, value));
    await this.#updateTrial(trialId, line);
  }

  async setTrialSystemAttr(trialId: number, key: string, value: AttrValue): Promise<void> {
    const line = this.#writer.setTrialAttr('system', trialId, key, copyAttr(key, value));
    await this.#updateTrial(trialId, line);
  }

  async finishTrial(
    trialId: number,
    state: TrialState,
    values: readonly number[] | null,
  ): Promise<void> {
    checkFinish(state, values);
    await this.#updateTrial(trialId, this.#writer.setTrialState(trialId, state, values, nowMs()));
  }

  async claimWaitingTrial(studyId: number): Promise<FrozenTrial | null> {
    this.#catchUp();
    if (this.#study(studyId).log.count(['waiting']) === 0) return null;
    return this.#write((append) => {
      const [trial] = this.#study(studyId).log.list(['waiting']);
      if (trial === undefined) return null;
      const { trialId } = trial;
      append(
        this.#writer.setTrialState(trialId, 'running', null, nowMs()) +
          this.#writer.setTrialAttr('system', trialId, OWNER, this.#processInfo.owner),
      );
      return this.#trial(trialId);
    });
  }

  async requeueTrial(trialId: number, expectedOwnerId: string | null): Promise<boolean> {
    return this.#write((append) => {
      const trial = this.#trial(trialId);
      if (!isRunBy(trial, expectedOwnerId)) return false;
      append(this.#requeueLines(trial));
      return true;
    });
  }

  async requeueOrphanedTrials(studyId: number): Promise<readonly FrozenTrial[]> {
    this.#catchUp();
    if (this.#orphans(studyId).length === 0) return [];
    return this.#write((append) => {
      const orphans = this.#orphans(studyId);
      if (orphans.length > 0) append(orphans.map((trial) => this.#requeueLines(trial)).join(''));
      return orphans.map((trial) => this.#trial(trial.trialId));
    });
  }

  async recordHeartbeat(trialId: number): Promise<void> {
    const isRunning = (): boolean =>
      this.#replay.studyOfTrial(trialId)?.log.head(trialId)?.state === 'running';
    this.#catchUp();
    if (!isRunning()) return;
    await this.#write((append) => {
      if (isRunning()) append(this.#writer.setTrialAttr('system', trialId, HEARTBEAT, nowMs()));
    });
  }

  async deleteTrial(trialId: number): Promise<void> {
    await this.#write((append) => {
      const trial = this.#trial(trialId);
      checkDeletable(trial);
      // Nobody may take it any more, also not Optuna. It is deleted first, so that here it stays as it was, should it come back.
      const end =
        trial.state === 'waiting' ? this.#writer.setTrialState(trialId, 'fail', null, nowMs()) : '';
      append(this.#writer.setTrialAttr('system', trialId, DELETED, true) + end);
    });
  }

  async restoreTrial(studyId: number, trial: FrozenTrial): Promise<void> {
    const { trialId, number } = trial;
    await this.#write((append) => {
      const { log, deleted } = this.#study(studyId);
      const kept = deleted.get(trialId);
      if (kept?.number !== number) throw notDeleted(trial);
      for (const [name, distribution] of Object.entries(kept.distributions))
        checkKnown(log, name, distribution);
      append(this.#writer.setTrialAttr('system', trialId, DELETED, false));
    });
  }

  async getTrial(trialId: number, { inPassing = false }: ReadOptions = {}): Promise<FrozenTrial> {
    this.#catchUp();
    if (!inPassing) return this.#trial(trialId);
    const trial = this.#studyOf(trialId).log.glance(trialId);
    if (trial === undefined) throw trialNotFound(trialId);
    return trial;
  }

  async getTrialByNumber(studyId: number, trialNumber: number): Promise<FrozenTrial> {
    this.#catchUp();
    const trial = this.#study(studyId).log.getByNumber(trialNumber);
    if (trial === undefined) throw trialNumberNotFound(trialNumber);
    return trial;
  }

  async getTrials(
    studyId: number,
    states?: readonly TrialState[],
  ): Promise<readonly FrozenTrial[]> {
    this.#catchUp();
    return this.#study(studyId).log.list(states);
  }

  async countTrials(studyId: number, states?: readonly TrialState[]): Promise<number> {
    this.#catchUp();
    return this.#study(studyId).log.count(states);
  }

  async getTrialChanges(studyId: number, sinceRevision: number): Promise<TrialChanges> {
    this.#catchUp();
    return this.#study(studyId).log.changesSince(sinceRevision);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#file.close();
  }

  // Helpers

  /**
   * Runs `work` with the file locked and everything in it known. What it appends is known, too, when `append` returns; what it throws before, changes nothing.
   */
  async #write<T>(work: (append: (lines: string) => void) => T): Promise<T> {
    this.#checkOpen();
    return this.#file.runLocked((append) => {
      this.#catchUp();
      return work((lines) => {
        append(lines, this.#offset);
        this.#catchUp();
      });
    });
  }

  async #updateTrial(
    trialId: number,
    line: string,
    check: (log: TrialLog) => void = () => {},
  ): Promise<void> {
    await this.#write((append) => {
      const { log } = this.#studyOf(trialId);
      const head = log.head(trialId);
      if (head === undefined) throw trialNotFound(trialId);
      checkUpdatable(head);
      check(log);
      append(line);
    });
  }

  /** Reads the lines that were added since the last call. A last line without its end is left for later: somebody is writing it. */
  #catchUp(): void {
    this.#checkOpen();
    for (let maxBytes = CHUNK_BYTES; ;) {
      const bytes = this.#file.read(this.#offset, maxBytes);
      let start = 0;
      for (;;) {
        const end = bytes.indexOf(LINE_BREAK, start);
        if (end === -1) break;
        this.#replay.apply(this.#decoder.decode(bytes.subarray(start, end)));
        this.#offset += end + 1 - start;
        start = end + 1;
      }
      if (bytes.length < maxBytes) return;
      if (start === 0) maxBytes *= 2;
    }
  }

  #requeueLines(trial: FrozenTrial): string {
    const { trialId } = trial;
    const fixed = requeued(trial).systemAttrs?.[FIXED_PARAMS];
    return (
      (fixed === undefined
        ? ''
        : this.#writer.setTrialAttr('system', trialId, FIXED_PARAMS, fixed)) +
      this.#writer.setTrialAttr('system', trialId, OWNER, null) +
      this.#writer.setTrialState(trialId, 'waiting', null, null)
    );
  }

  #orphans(studyId: number): readonly FrozenTrial[] {
    const now = nowMs();
    return this.#study(studyId)
      .log.list(['running'])
      .filter((trial) =>
        isOrphaned(trial, this.#replay.lastHeartbeatMs(trial.trialId), now, this.#processInfo),
      );
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new StorageError('STORAGE_CLOSED', 'The storage has been closed.');
  }

  #checkFreeName(studyName: string): void {
    if (this.#replay.studyNamed(studyName) !== undefined) throw new DuplicatedStudyError(studyName);
  }

  #study(studyId: number): JournalStudy {
    const record = this.#replay.study(studyId);
    if (record === undefined) throw new StudyNotFoundError(studyId);
    return record;
  }

  #studyOf(trialId: number): JournalStudy {
    const record = this.#replay.studyOfTrial(trialId);
    if (record === undefined) throw trialNotFound(trialId);
    return record;
  }

  #trial(trialId: number): FrozenTrial {
    const trial = this.#studyOf(trialId).log.get(trialId);
    if (trial === undefined) throw trialNotFound(trialId);
    return trial;
  }
}

function checkKnown(log: TrialLog, name: string, distribution: Distribution): void {
  const known = log.distribution(name);
  if (known !== undefined) checkCompatible(name, known, distribution);
}
