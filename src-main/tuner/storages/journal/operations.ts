/**
 * The lines of Optuna's journal: one operation each, as JSON with Python's NaN and Infinity. Follows `optuna/storages/journal/_storage.py` (5.0).
 *
 * Ids in the file count from 0, ours from 1. All that Optuna has no operation for is told by attributes that it keeps, or ignores, without
 * looking at them; see `replay.ts`.
 */
import { stringifyPythonFloat, stringifyPythonJson } from '../../python-json.ts';
import { studyDirections, type StudyDirection } from '../../study/direction.ts';
import {
  trialStates,
  type Attrs,
  type AttrValue,
  type TrialState,
} from '../../trial/frozen-trial.ts';
import type { Distribution } from '../../distributions.ts';
import type { DistributionCodec } from '../distribution-json.ts';
import {
  formatStoredTime,
  parseStoredTime,
  roundToMicros,
  type StoredZone,
} from '../stored-time.ts';
import type { TrialContent } from '../trial-edits.ts';

export const opCodes = {
  createStudy: 0,
  deleteStudy: 1,
  setStudyUserAttr: 2,
  setStudySystemAttr: 3,
  createTrial: 4,
  setTrialParam: 5,
  setTrialStateValues: 6,
  setTrialIntermediateValue: 7,
  setTrialUserAttr: 8,
  setTrialSystemAttr: 9,
  /** Written by another program; Optuna reads over it. */
  discardTrials: 10,
} as const;

/** Study: the name it was given later; Optuna goes on to call it by its first one. */
export const STUDY_NAME = 'parzen:study_name';
/** Trial: when its owner was last heard of, in milliseconds since the epoch. */
export const HEARTBEAT = 'parzen:heartbeat';

/** Makes the lines this process writes; each ends with a line break. */
export class OperationWriter {
  readonly #workerId: string;
  readonly #distributions: DistributionCodec;

  /** @param workerId Tells the operations of this process from those of others. */
  constructor(workerId: string, distributions: DistributionCodec) {
    this.#workerId = stringifyPythonJson(workerId);
    this.#distributions = distributions;
  }

  createStudy(studyName: string, directions: readonly StudyDirection[]): string {
    return this.#line(opCodes.createStudy, {
      study_name: stringifyPythonJson(studyName),
      directions: stringifyPythonJson(directions.map(toStoredDirection)),
    });
  }

  deleteStudy(studyId: number): string {
    return this.#line(opCodes.deleteStudy, { study_id: storedId(studyId) });
  }

  setStudyAttr(kind: 'user' | 'system', studyId: number, key: string, value: AttrValue): string {
    const code = kind === 'user' ? opCodes.setStudyUserAttr : opCodes.setStudySystemAttr;
    return this.#line(code, { study_id: storedId(studyId), [`${kind}_attr`]: entry(key, value) });
  }

  createTrial(studyId: number, content: TrialContent): string {
    const { values, startedAtMs, completedAtMs } = content;
    const isSingle = values?.length === 1;
    const distributions = Object.entries(content.distributions).map(
      ([name, one]) => [name, this.#distribution(one)] as const,
    );
    return this.#line(opCodes.createTrial, {
      study_id: storedId(studyId),
      datetime_start: time(startedAtMs),
      state: storedState(content.state),
      value: isSingle ? stringifyPythonFloat(values[0] as number) : 'null',
      values: isSingle || values?.length === 0 ? 'null' : floats(values),
      // Optuna takes a null here for a time.
      ...(completedAtMs !== null && { datetime_complete: time(completedAtMs) }),
      distributions: object(distributions),
      params: floatRecord(Object.entries(content.internalParams)),
      user_attrs: stringifyPythonJson(content.userAttrs),
      system_attrs: stringifyPythonJson(content.systemAttrs),
      intermediate_values: floatRecord(content.intermediateValues),
    });
  }

  /** A trial that runs from now on and has nothing yet. */
  startTrial(studyId: number, startedAtMs: number, systemAttrs: Attrs): string {
    return this.#line(opCodes.createTrial, {
      study_id: storedId(studyId),
      datetime_start: time(startedAtMs),
      system_attrs: stringifyPythonJson(systemAttrs),
    });
  }

  setTrialParam(
    trialId: number,
    name: string,
    internalValue: number,
    distribution: Distribution,
  ): string {
    return this.#line(opCodes.setTrialParam, {
      trial_id: storedId(trialId),
      param_name: stringifyPythonJson(name),
      param_value_internal: stringifyPythonFloat(internalValue),
      distribution: this.#distribution(distribution),
    });
  }

  /** @param atMs The time of the start or of the end; not stored for `waiting`. */
  setTrialState(
    trialId: number,
    state: TrialState,
    values: readonly number[] | null,
    atMs: number | null,
  ): string {
    return this.#line(opCodes.setTrialStateValues, {
      trial_id: storedId(trialId),
      state: storedState(state),
      values: floats(values),
      ...(atMs !== null && {
        [state === 'running' ? 'datetime_start' : 'datetime_complete']: time(atMs),
      }),
    });
  }

  setTrialIntermediateValue(trialId: number, step: number, value: number): string {
    return this.#line(opCodes.setTrialIntermediateValue, {
      trial_id: storedId(trialId),
      step: String(step),
      intermediate_value: stringifyPythonFloat(value),
    });
  }

  setTrialAttr(kind: 'user' | 'system', trialId: number, key: string, value: AttrValue): string {
    const code = kind === 'user' ? opCodes.setTrialUserAttr : opCodes.setTrialSystemAttr;
    return this.#line(code, { trial_id: storedId(trialId), [`${kind}_attr`]: entry(key, value) });
  }

  /** @param fields JSON texts by name. */
  #line(opCode: number, fields: Readonly<Record<string, string>>): string {
    let text = `{"op_code": ${opCode}, "worker_id": ${this.#workerId}`;
    for (const name in fields) text += `, "${name}": ${fields[name]}`;
    return `${text}}\n`;
  }

  /** Optuna keeps a distribution as a text in the text. */
  #distribution(distribution: Distribution): string {
    return stringifyPythonJson(this.#distributions.stringify(distribution));
  }
}

/** The directions that the numbers of Optuna's `StudyDirection` mean; 0, which is not used, becomes 'minimize'. */
export function fromStoredDirection(code: number): StudyDirection {
  return studyDirections[code - 1] ?? 'minimize';
}

/** @returns undefined for a number that is no state. */
export function fromStoredState(code: number): TrialState | undefined {
  return trialStates[code];
}

/**
 * Milliseconds since the epoch. Optuna 5 writes times with their offset.
 *
 * @param zone What a time without an offset means: local time of the machine that wrote, with Optuna 4.9 and older.
 */
export function parseJournalTime(text: string | null, zone: StoredZone): number | null {
  if (text === null) return null;
  const offset = /(?:([+-])(\d\d):?(\d\d)|Z)$/.exec(text);
  if (offset === null) return parseStoredTime(text, zone);
  const utcMs = parseStoredTime(text, 'utc');
  const minutes = Number(offset[2] ?? 0) * 60 + Number(offset[3] ?? 0);
  const sign = offset[1] === '-' ? -1 : 1;
  return utcMs === null ? null : roundToMicros(utcMs - sign * minutes * 60_000);
}

/** The states and directions stand in the order of Optuna's numbers, `RUNNING` being 0 and `MINIMIZE` being 1. */
function storedState(state: TrialState): string {
  return String(trialStates.indexOf(state));
}

function toStoredDirection(direction: StudyDirection): number {
  return studyDirections.indexOf(direction) + 1;
}

function storedId(id: number): string {
  return String(id - 1);
}

function time(ms: number | null): string {
  return ms === null ? 'null' : `"${formatStoredTime(ms).replace(' ', 'T')}+00:00"`;
}

function floats(values: readonly number[] | null): string {
  return values === null ? 'null' : `[${values.map(stringifyPythonFloat).join(', ')}]`;
}

function floatRecord(entries: Iterable<readonly [string | number, number]>): string {
  return object([...entries].map(([key, value]) => [String(key), stringifyPythonFloat(value)]));
}

function object(entries: readonly (readonly [string, string])[]): string {
  return `{${entries.map(([key, text]) => `${stringifyPythonJson(key)}: ${text}`).join(', ')}}`;
}

function entry(key: string, value: AttrValue): string {
  return `{${stringifyPythonJson(key)}: ${stringifyPythonJson(value)}}`;
}
