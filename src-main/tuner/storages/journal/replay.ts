/**
 * What the lines of a journal amount to. Who appended a line did not ask anybody, so that it is decided here whether the line counts; all readers
 * decide alike, Optuna's among them, or ids and numbers would come apart.
 *
 * Beyond Optuna's operations:
 * - a name given later is the study's system attribute `parzen:study_name`; it is lost when somebody else makes a study of that name;
 * - a trial is deleted by its system attribute `parzen:deleted`, which Optuna ignores when the trial has finished, because finished trials do not change;
 *   when the attribute becomes false again, the trial is there again as it was;
 * - a running trial that is set to `waiting` was put back: it has no parameters and intermediate values then. For Optuna it still has them: it does not
 *   write them again when it takes the trial, so that they come back then; when a process of Parzen's takes it (`parzen:owner`), it begins anew;
 * - the system attribute `parzen:heartbeat` is not shown among the trial's attributes.
 */
import {
  checkCompatible,
  toExternal,
  type Distribution,
  type ParamValue,
} from '../../distributions.ts';
import { StorageError } from '../../errors.ts';
import { parsePythonJson } from '../../python-json.ts';
import { DELETED, OWNER } from '../../system-attrs.ts';
import {
  isFinished,
  type Attrs,
  type AttrValue,
  type FrozenTrial,
  type TrialState,
} from '../../trial/frozen-trial.ts';
import type { DistributionCodec } from '../distribution-json.ts';
import type { FrozenStudy } from '../storage.ts';
import type { StoredZone } from '../stored-time.ts';
import { NOTHING, finished, requeued, sortedBySteps, withParam } from '../trial-edits.ts';
import { setOwn, withEntry } from '../../own-entries.ts';
import { TrialLog } from '../trial-log.ts';
import {
  HEARTBEAT,
  STUDY_NAME,
  fromStoredDirection,
  fromStoredState,
  opCodes,
  parseJournalTime,
} from './operations.ts';

export interface JournalStudy {
  study: FrozenStudy;
  /** The name in the file, which is how Optuna calls it; unique among all studies. */
  readonly storedName: string;
  readonly log: TrialLog;
  /** By id. */
  readonly deleted: Map<number, FrozenTrial>;
  nextNumber: number;
}

export interface JournalReplayOptions {
  distributions: DistributionCodec;
  /** The `worker_id` of this process's lines. */
  workerId: string;
  /** See `parseJournalTime`. */
  zone: StoredZone;
}

/** What running a trial leaves on it, and putting it back takes away. */
type Traces = Pick<
  FrozenTrial,
  'params' | 'internalParams' | 'distributions' | 'intermediateValues'
>;

/** A trial that was put back at least once. */
interface PutBack {
  /** What it had then, and for Optuna still has. */
  readonly hidden: Traces;
  /** What it had while it waited; null unless it was just taken. */
  readonly waiting: Traces | null;
}

/** A line's fields. They are taken as Optuna writes them; what is otherwise makes an error somewhere in `apply`. */
type Fields = Readonly<Record<string, AttrValue>>;

export class JournalReplay {
  readonly #distributions: DistributionCodec;
  readonly #workerId: string;
  readonly #zone: StoredZone;
  /** By id, ascending. */
  readonly #studies = new Map<number, JournalStudy>();
  readonly #studyOfTrial = new Map<number, JournalStudy>();
  readonly #heartbeats = new Map<number, number>();
  readonly #putBack = new Map<number, PutBack>();
  #nStudies = 0;
  #nTrials = 0;
  #nLines = 0;
  #ownTrialId = 0;

  constructor({ distributions, workerId, zone }: JournalReplayOptions) {
    this.#distributions = distributions;
    this.#workerId = workerId;
    this.#zone = zone;
  }

  /** The id that the next study gets. */
  get nextStudyId(): number {
    return this.#nStudies + 1;
  }

  /** The id of the last trial that this process created; 0: none. */
  get ownTrialId(): number {
    return this.#ownTrialId;
  }

  studies(): Iterable<JournalStudy> {
    return this.#studies.values();
  }

  study(studyId: number): JournalStudy | undefined {
    return this.#studies.get(studyId);
  }

  /** The study that is shown under this name. */
  studyNamed(studyName: string): JournalStudy | undefined {
    for (const record of this.#studies.values())
      if (record.study.studyName === studyName) return record;
    return undefined;
  }

  /** Whether a study has this name in the file. */
  hasStoredName(studyName: string): boolean {
    for (const { storedName } of this.#studies.values()) if (storedName === studyName) return true;
    return false;
  }

  studyOfTrial(trialId: number): JournalStudy | undefined {
    return this.#studyOfTrial.get(trialId);
  }

  lastHeartbeatMs(trialId: number): number | null {
    return this.#heartbeats.get(trialId) ?? null;
  }

  /**
   * Takes in the next line.
   *
   * @throws StorageError STORAGE_NOT_OPTUNA when the first line is no operation, STORAGE_FAILED when another is none, STORAGE_TOO_NEW for an
   *   operation that is not known. The line then does not count, and may be given again.
   */
  apply(line: string): void {
    const number = this.#nLines + 1;
    let fields: AttrValue;
    try {
      fields = parsePythonJson(line);
    } catch (error) {
      throw unreadable(number, line, error);
    }
    if (!isRecord(fields) || typeof fields['op_code'] !== 'number') throw unreadable(number, line);
    try {
      this.#apply(fields['op_code'], fields);
    } catch (error) {
      throw error instanceof StorageError && error.code === 'STORAGE_TOO_NEW'
        ? error
        : unreadable(number, line, error);
    }
    this.#nLines = number;
  }

  #apply(opCode: number, fields: Fields): void {
    switch (opCode) {
      case opCodes.createStudy:
        return this.#createStudy(fields);
      case opCodes.deleteStudy:
        return this.#deleteStudy(fields);
      case opCodes.setStudyUserAttr:
        return this.#setStudyAttr('userAttrs', fields, fields['user_attr']);
      case opCodes.setStudySystemAttr:
        return this.#setStudyAttr('systemAttrs', fields, fields['system_attr']);
      case opCodes.createTrial:
        return this.#createTrial(fields);
      case opCodes.setTrialParam:
        return this.#setTrialParam(fields);
      case opCodes.setTrialStateValues:
        return this.#setTrialState(fields);
      case opCodes.setTrialIntermediateValue:
        return this.#setTrialIntermediateValue(fields);
      case opCodes.setTrialUserAttr:
        return this.#setTrialAttr('userAttrs', fields, fields['user_attr']);
      case opCodes.setTrialSystemAttr:
        return this.#setTrialAttr('systemAttrs', fields, fields['system_attr']);
      case opCodes.discardTrials:
        return;
      default:
        throw new StorageError(
          'STORAGE_TOO_NEW',
          `The operations of a journal must be 0 to ${opCodes.discardTrials}, but line ${this.#nLines + 1} has ${opCode}. It was written by a newer Optuna or another program.`,
        );
    }
  }

  #createStudy(fields: Fields): void {
    const studyName = text(fields['study_name']);
    if (this.hasStoredName(studyName)) return;
    const directions = list(fields['directions']).map((code) => fromStoredDirection(number(code)));
    const studyId = ++this.#nStudies;
    this.#giveBackName(studyName);
    const study = { studyId, studyName, directions, userAttrs: NOTHING, systemAttrs: NOTHING };
    this.#studies.set(studyId, {
      study,
      storedName: studyName,
      log: new TrialLog(),
      deleted: new Map(),
      nextNumber: 0,
    });
  }

  /** Whoever took this name later than its new holder was made goes by its first name again. */
  #giveBackName(studyName: string): void {
    const record = this.studyNamed(studyName);
    if (record === undefined || record.storedName === studyName) return;
    // That one may have been taken too.
    this.#giveBackName(record.storedName);
    record.study = { ...record.study, studyName: record.storedName };
  }

  #deleteStudy(fields: Fields): void {
    const studyId = id(fields['study_id']);
    for (const trialId of this.#studies.get(studyId)?.log.ids() ?? []) {
      this.#studyOfTrial.delete(trialId);
      this.#heartbeats.delete(trialId);
      this.#putBack.delete(trialId);
    }
    this.#studies.delete(studyId);
  }

  #setStudyAttr(
    kind: 'userAttrs' | 'systemAttrs',
    fields: Fields,
    attr: AttrValue | undefined,
  ): void {
    const record = this.#studies.get(id(fields['study_id']));
    if (record === undefined) return;
    for (const [key, value] of Object.entries(attrs(attr))) {
      if (kind === 'systemAttrs' && key === STUDY_NAME) this.#rename(record, text(value));
      else record.study = { ...record.study, [kind]: withEntry(record.study[kind], key, value) };
    }
  }

  #rename(record: JournalStudy, studyName: string): void {
    if (this.studyNamed(studyName) === undefined) record.study = { ...record.study, studyName };
  }

  #createTrial(fields: Fields): void {
    const record = this.#studies.get(id(fields['study_id']));
    if (record === undefined) return;
    const distributions: Record<string, Distribution> = {};
    for (const [name, json] of Object.entries(attrs(fields['distributions'])))
      setOwn(distributions, name, this.#distributions.parse(text(json)));
    const params: Record<string, ParamValue> = {};
    const internalParams: Record<string, number> = {};
    for (const [name, value] of Object.entries(attrs(fields['params']))) {
      setOwn(internalParams, name, number(value));
      setOwn(params, name, toExternal(distributions[name] as Distribution, number(value)));
    }
    const intermediateValues = Object.entries(attrs(fields['intermediate_values'])).map(
      ([step, value]) => [Number(step), number(value)] as const,
    );
    const value = fields['value'] ?? null;
    const trial: FrozenTrial = {
      trialId: this.#nTrials + 1,
      number: record.nextNumber,
      state: state(fields['state'] ?? 0),
      values: value === null ? numbers(fields['values'] ?? null) : [number(value)],
      startedAtMs: this.#time(fields['datetime_start']),
      completedAtMs: this.#time(fields['datetime_complete']),
      params,
      internalParams,
      distributions,
      intermediateValues: sortedBySteps(new Map(intermediateValues)),
      userAttrs: attrs(fields['user_attrs']),
      systemAttrs: attrs(fields['system_attrs']),
    };
    this.#nTrials++;
    record.nextNumber++;
    // Copied by Optuna from a file in which it was deleted.
    if (isFinished(trial.state) && trial.systemAttrs[DELETED] === true) return;
    record.log.add(trial);
    this.#studyOfTrial.set(trial.trialId, record);
    if (fields['worker_id'] === this.#workerId) this.#ownTrialId = trial.trialId;
  }

  #setTrialParam(fields: Fields): void {
    const found = this.#updatable(fields);
    if (found === null) return;
    const name = text(fields['param_name']);
    const distribution = this.#distributions.parse(text(fields['distribution']));
    const known = found.log.distribution(name);
    if (known !== undefined && !isCompatible(name, known, distribution)) return;
    const value = number(fields['param_value_internal']);
    found.log.update(found.trialId, withParam(found.trial, name, value, distribution));
  }

  #setTrialState(fields: Fields): void {
    const found = this.#updatable(fields);
    if (found === null) return;
    const { log, trial, trialId } = found;
    const next = state(fields['state']);
    // Two that take the same trial: it belongs to the first.
    if (next === trial.state) return;
    const hidden = this.#putBack.get(trialId)?.hidden;
    if (next === 'running') {
      const startedAtMs = this.#time(fields['datetime_start']);
      if (hidden !== undefined) this.#putBack.set(trialId, { hidden, waiting: tracesOf(trial) });
      log.update(trialId, { ...(hidden && joined(hidden, trial)), state: next, startedAtMs });
    } else if (next === 'waiting') {
      const had = hidden ? joined(hidden, trial) : tracesOf(trial);
      this.#putBack.set(trialId, { hidden: had, waiting: null });
      log.update(trialId, requeued(trial));
    } else {
      const values = numbers(fields['values'] ?? null) ?? trial.values;
      const completedAtMs = this.#time(fields['datetime_complete']);
      log.update(trialId, { ...finished(next, values, 0), completedAtMs });
      this.#putBack.delete(trialId);
    }
    if (next !== 'running') this.#heartbeats.delete(trialId);
  }

  #setTrialIntermediateValue(fields: Fields): void {
    const trialId = id(fields['trial_id']);
    const log = this.#studyOfTrial.get(trialId)?.log;
    const head = log?.head(trialId);
    if (log === undefined || head === undefined || isFinished(head.state)) return;
    log.report(trialId, number(fields['step']), number(fields['intermediate_value']));
  }

  #setTrialAttr(
    kind: 'userAttrs' | 'systemAttrs',
    fields: Fields,
    attr: AttrValue | undefined,
  ): void {
    for (const [key, value] of Object.entries(attrs(attr)))
      if (kind === 'systemAttrs' && key === HEARTBEAT) this.#beat(fields, number(value));
      else if (kind === 'systemAttrs' && key === DELETED && value === true)
        this.#deleteTrial(fields);
      else if (kind === 'systemAttrs' && key === DELETED && value === false)
        this.#restoreTrial(fields);
      else {
        const found = this.#updatable(fields);
        if (found === null) continue;
        const { log, trial, trialId } = found;
        const isTaken = kind === 'systemAttrs' && key === OWNER && value !== null;
        log.update(trialId, {
          ...(isTaken && this.#beginAnew(trialId)),
          [kind]: withEntry(trial[kind], key, value),
        });
      }
  }

  /** What a trial begins with that one of Parzen's processes has just taken, if it was put back before. */
  #beginAnew(trialId: number): Traces | null {
    const putBack = this.#putBack.get(trialId);
    if (putBack === undefined) return null;
    this.#putBack.set(trialId, { ...putBack, waiting: null });
    return putBack.waiting;
  }

  #beat(fields: Fields, atMs: number): void {
    const found = this.#updatable(fields);
    if (found?.trial.state === 'running') this.#heartbeats.set(found.trialId, atMs);
  }

  #deleteTrial(fields: Fields): void {
    const trialId = id(fields['trial_id']);
    const record = this.#studyOfTrial.get(trialId);
    const trial = record?.log.get(trialId);
    if (record === undefined || trial === undefined || trial.state === 'running') return;
    record.log.remove(trialId);
    record.deleted.set(trialId, trial);
    this.#studyOfTrial.delete(trialId);
  }

  #restoreTrial(fields: Fields): void {
    const trialId = id(fields['trial_id']);
    const record = [...this.#studies.values()].find(({ deleted }) => deleted.has(trialId));
    const trial = record?.deleted.get(trialId);
    if (record === undefined || trial === undefined) return;
    for (const [name, distribution] of Object.entries(trial.distributions)) {
      const known = record.log.distribution(name);
      if (known !== undefined && !isCompatible(name, known, distribution)) return;
    }
    record.deleted.delete(trialId);
    record.log.add(trial);
    this.#studyOfTrial.set(trialId, record);
  }

  /** The trial the line is about; null when it is not there or has finished, so that the line does not count. */
  #updatable(fields: Fields): { trialId: number; log: TrialLog; trial: FrozenTrial } | null {
    const trialId = id(fields['trial_id']);
    const log = this.#studyOfTrial.get(trialId)?.log;
    const head = log?.head(trialId);
    if (log === undefined || head === undefined || isFinished(head.state)) return null;
    return { trialId, log, trial: log.get(trialId) as FrozenTrial };
  }

  #time(value: AttrValue | undefined): number | null {
    return value == null ? null : parseJournalTime(text(value), this.#zone);
  }
}

function tracesOf(trial: Traces): Traces {
  const { params, internalParams, distributions, intermediateValues } = trial;
  return { params, internalParams, distributions, intermediateValues };
}

function joined(before: Traces, now: Traces): Traces {
  return {
    params: { ...before.params, ...now.params },
    internalParams: { ...before.internalParams, ...now.internalParams },
    distributions: { ...before.distributions, ...now.distributions },
    intermediateValues: sortedBySteps(
      new Map([...before.intermediateValues, ...now.intermediateValues]),
    ),
  };
}

function isCompatible(name: string, known: Distribution, given: Distribution): boolean {
  try {
    checkCompatible(name, known, given);
    return true;
  } catch {
    return false;
  }
}

function id(value: AttrValue | undefined): number {
  return number(value) + 1;
}

function number(value: AttrValue | undefined): number {
  if (typeof value !== 'number')
    throw new TypeError(`A number was expected, but got ${describe(value)}.`);
  return value;
}

function text(value: AttrValue | undefined): string {
  if (typeof value !== 'string')
    throw new TypeError(`A text was expected, but got ${describe(value)}.`);
  return value;
}

function list(value: AttrValue | undefined): readonly AttrValue[] {
  if (!Array.isArray(value))
    throw new TypeError(`A list was expected, but got ${describe(value)}.`);
  return value as readonly AttrValue[];
}

function numbers(value: AttrValue): readonly number[] | null {
  return value === null ? null : list(value).map(number);
}

/** What is left out is empty. */
function attrs(value: AttrValue | undefined): Attrs {
  if (value === undefined) return NOTHING;
  if (!isRecord(value)) throw new TypeError(`An object was expected, but got ${describe(value)}.`);
  return value;
}

function state(value: AttrValue | undefined): TrialState {
  const found = fromStoredState(number(value));
  if (found === undefined) throw new TypeError(`A state was expected, but got ${describe(value)}.`);
  return found;
}

function isRecord(value: AttrValue): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describe(value: AttrValue | undefined): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80);
}

function unreadable(lineNumber: number, line: string, cause?: unknown): StorageError {
  const detail = cause instanceof Error ? ` (${cause.message})` : '';
  return new StorageError(
    lineNumber === 1 ? 'STORAGE_NOT_OPTUNA' : 'STORAGE_FAILED',
    `Every line of a journal must be one of Optuna's operations, but line ${lineNumber} is ${JSON.stringify(line.slice(0, 80))}${detail}.`,
    { cause },
  );
}
