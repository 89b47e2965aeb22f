import { checkCompatible, type Distribution } from '../distributions.ts';
import { DuplicatedStudyError, StorageError, StudyNotFoundError } from '../errors.ts';
import type { StudyDirection } from '../study/direction.ts';
import type { AttrValue, FrozenTrial, TrialState, TrialTemplate } from '../trial/frozen-trial.ts';
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
} from './checks.ts';
import {
  createLocalProcessInfo,
  isOrphaned,
  isRunBy,
  ownerOf,
  type ProcessInfo,
} from './process-info.ts';
import type { FrozenStudy, ReadOptions, Storage, TrialChanges } from './storage.ts';
import { nowMs } from './stored-time.ts';
import {
  NOTHING,
  claimed,
  contentFromTemplate,
  copyAttr,
  finished,
  requeued,
  runningContent,
  withParam,
} from './trial-edits.ts';
import { withEntry } from '../own-entries.ts';
import { TrialLog } from './trial-log.ts';

interface StudyRecord {
  study: FrozenStudy;
  nextNumber: number;
  readonly log: TrialLog;
  /** id -> number of the trials that were deleted. */
  readonly deleted: Map<number, number>;
}

/** Studies that live as long as this object: the fastest storage, and what the tests compare the others to. */
export class InMemoryStorage implements Storage {
  readonly #processInfo: ProcessInfo;
  readonly #studies = new Map<number, StudyRecord>();
  /** Where a trial is, by its id. */
  readonly #studyOfTrial = new Map<number, StudyRecord>();
  readonly #heartbeats = new Map<number, number>();
  #lastStudyId = 0;
  #lastTrialId = 0;
  #isClosed = false;

  /** @param processInfo Who runs trials here. @default this process, which nobody else can reach */
  constructor(processInfo: ProcessInfo = createLocalProcessInfo()) {
    this.#processInfo = processInfo;
  }

  async createStudy(
    directions: readonly StudyDirection[],
    studyName: string = createStudyName(),
  ): Promise<number> {
    this.#checkOpen();
    checkDirections(directions);
    this.#checkFreeName(studyName);
    const studyId = ++this.#lastStudyId;
    const study: FrozenStudy = {
      studyId,
      studyName,
      directions: [...directions],
      userAttrs: NOTHING,
      systemAttrs: NOTHING,
    };
    this.#studies.set(studyId, { study, nextNumber: 0, log: new TrialLog(), deleted: new Map() });
    return studyId;
  }

  async deleteStudy(studyId: number): Promise<void> {
    const { log } = this.#study(studyId);
    for (const trialId of log.ids()) {
      this.#studyOfTrial.delete(trialId);
      this.#heartbeats.delete(trialId);
    }
    this.#studies.delete(studyId);
  }

  async renameStudy(studyId: number, studyName: string): Promise<void> {
    const record = this.#study(studyId);
    if (record.study.studyName === studyName) return;
    this.#checkFreeName(studyName);
    record.study = { ...record.study, studyName };
  }

  async getStudyId(studyName: string): Promise<number> {
    this.#checkOpen();
    for (const { study } of this.#studies.values())
      if (study.studyName === studyName) return study.studyId;
    throw new StudyNotFoundError(studyName);
  }

  async getStudy(studyId: number): Promise<FrozenStudy> {
    return this.#study(studyId).study;
  }

  async getStudies(): Promise<readonly FrozenStudy[]> {
    this.#checkOpen();
    return [...this.#studies.values()].map((record) => record.study);
  }

  async setStudyUserAttr(studyId: number, key: string, value: AttrValue): Promise<void> {
    const record = this.#study(studyId);
    const userAttrs = withEntry(record.study.userAttrs, key, copyAttr(key, value));
    record.study = { ...record.study, userAttrs };
  }

  async setStudySystemAttr(studyId: number, key: string, value: AttrValue): Promise<void> {
    const record = this.#study(studyId);
    const systemAttrs = withEntry(record.study.systemAttrs, key, copyAttr(key, value));
    record.study = { ...record.study, systemAttrs };
  }

  async createTrial(studyId: number, template?: TrialTemplate): Promise<FrozenTrial> {
    const record = this.#study(studyId);
    const content = template
      ? contentFromTemplate(template)
      : runningContent(this.#processInfo.owner, nowMs());
    for (const [name, distribution] of Object.entries(content.distributions))
      checkKnown(record.log, name, distribution);
    const trial = { trialId: ++this.#lastTrialId, number: record.nextNumber++, ...content };
    record.log.add(trial);
    this.#studyOfTrial.set(trial.trialId, record);
    return record.log.get(trial.trialId) as FrozenTrial;
  }

  async setTrialParam(
    trialId: number,
    name: string,
    internalValue: number,
    distribution: Distribution,
  ): Promise<void> {
    checkParam(name, internalValue, distribution);
    const log = this.#updatableLog(trialId);
    checkKnown(log, name, distribution);
    const trial = log.get(trialId) as FrozenTrial;
    log.update(trialId, withParam(trial, name, internalValue, distribution));
  }

  async setTrialIntermediateValue(trialId: number, step: number, value: number): Promise<void> {
    checkStep(step);
    this.#updatableLog(trialId).report(trialId, step, value);
  }

  async setTrialUserAttr(trialId: number, key: string, value: AttrValue): Promise<void> {
    const log = this.#updatableLog(trialId);
    const { userAttrs } = log.get(trialId) as FrozenTrial;
    log.update(trialId, { userAttrs: withEntry(userAttrs, key, copyAttr(key, value)) });
  }

  async setTrialSystemAttr(trialId: number, key: string, value: AttrValue): Promise<void> {
    const log = this.#updatableLog(trialId);
    const { systemAttrs } = log.get(trialId) as FrozenTrial;
    log.update(trialId, { systemAttrs: withEntry(systemAttrs, key, copyAttr(key, value)) });
  }

  async finishTrial(
    trialId: number,
    state: TrialState,
    values: readonly number[] | null,
  ): Promise<void> {
    checkFinish(state, values);
    this.#updatableLog(trialId).update(trialId, finished(state, values, nowMs()));
    this.#heartbeats.delete(trialId);
  }

  async claimWaitingTrial(studyId: number): Promise<FrozenTrial | null> {
    const { log } = this.#study(studyId);
    const [trial] = log.list(['waiting']);
    if (trial === undefined) return null;
    log.update(trial.trialId, claimed(trial, this.#processInfo.owner, nowMs()));
    return log.get(trial.trialId) as FrozenTrial;
  }

  async requeueTrial(trialId: number, expectedOwnerId: string | null): Promise<boolean> {
    const { log } = this.#studyOf(trialId);
    const trial = log.get(trialId) as FrozenTrial;
    if (!isRunBy(trial, expectedOwnerId)) return false;
    log.update(trialId, requeued(trial));
    this.#heartbeats.delete(trialId);
    return true;
  }

  async requeueOrphanedTrials(studyId: number): Promise<readonly FrozenTrial[]> {
    const { log } = this.#study(studyId);
    const now = nowMs();
    const orphans = log
      .list(['running'])
      .filter((trial) =>
        isOrphaned(trial, this.#heartbeats.get(trial.trialId) ?? null, now, this.#processInfo),
      );
    for (const trial of orphans) await this.requeueTrial(trial.trialId, ownerOf(trial)?.id ?? null);
    return orphans.map((trial) => log.get(trial.trialId) as FrozenTrial);
  }

  async recordHeartbeat(trialId: number): Promise<void> {
    this.#checkOpen();
    const trial = this.#studyOfTrial.get(trialId)?.log.get(trialId);
    if (trial?.state === 'running') this.#heartbeats.set(trialId, nowMs());
  }

  async deleteTrial(trialId: number): Promise<void> {
    const { log, deleted } = this.#studyOf(trialId);
    const trial = log.get(trialId) as FrozenTrial;
    checkDeletable(trial);
    log.remove(trialId);
    deleted.set(trialId, trial.number);
    this.#studyOfTrial.delete(trialId);
  }

  async restoreTrial(studyId: number, trial: FrozenTrial): Promise<void> {
    const record = this.#study(studyId);
    const { trialId, number } = trial;
    if (record.deleted.get(trialId) !== number) throw notDeleted(trial);
    const content = contentFromTemplate(trial);
    for (const [name, distribution] of Object.entries(content.distributions))
      checkKnown(record.log, name, distribution);
    record.log.add({ trialId, number, ...content });
    record.deleted.delete(trialId);
    this.#studyOfTrial.set(trialId, record);
  }

  async getTrial(trialId: number, { inPassing = false }: ReadOptions = {}): Promise<FrozenTrial> {
    const { log } = this.#studyOf(trialId);
    return (inPassing ? log.glance(trialId) : log.get(trialId)) as FrozenTrial;
  }

  async getTrialByNumber(studyId: number, trialNumber: number): Promise<FrozenTrial> {
    const trial = this.#study(studyId).log.getByNumber(trialNumber);
    if (trial === undefined) throw trialNumberNotFound(trialNumber);
    return trial;
  }

  async getTrials(
    studyId: number,
    states?: readonly TrialState[],
  ): Promise<readonly FrozenTrial[]> {
    return this.#study(studyId).log.list(states);
  }

  async countTrials(studyId: number, states?: readonly TrialState[]): Promise<number> {
    return this.#study(studyId).log.count(states);
  }

  async getTrialChanges(studyId: number, sinceRevision: number): Promise<TrialChanges> {
    return this.#study(studyId).log.changesSince(sinceRevision);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#studies.clear();
    this.#studyOfTrial.clear();
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new StorageError('STORAGE_CLOSED', 'The storage has been closed.');
  }

  #checkFreeName(studyName: string): void {
    checkStudyName(studyName);
    for (const { study } of this.#studies.values())
      if (study.studyName === studyName) throw new DuplicatedStudyError(studyName);
  }

  #study(studyId: number): StudyRecord {
    this.#checkOpen();
    const record = this.#studies.get(studyId);
    if (record === undefined) throw new StudyNotFoundError(studyId);
    return record;
  }

  #studyOf(trialId: number): StudyRecord {
    this.#checkOpen();
    const record = this.#studyOfTrial.get(trialId);
    if (record === undefined) throw trialNotFound(trialId);
    return record;
  }
  #updatableLog(trialId: number): TrialLog {
    const { log } = this.#studyOf(trialId);
    checkUpdatable(log.head(trialId) as Pick<FrozenTrial, 'number' | 'state'>);
    return log;
  }
}

function checkKnown(log: TrialLog, name: string, distribution: Distribution): void {
  const known = log.distribution(name);
  if (known !== undefined) checkCompatible(name, known, distribution);
}
