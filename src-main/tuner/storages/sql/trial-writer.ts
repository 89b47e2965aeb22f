/** Programs that write trials. */
import { checkCompatible, type Distribution } from '../../distributions.ts';
import { stringifyPythonJson } from '../../python-json.ts';
import { DELETED, DELETED_TRIALS, FIXED_PARAMS, OWNER } from '../../system-attrs.ts';
import {
  isFinished,
  type AttrValue,
  type FrozenTrial,
  type TrialState,
} from '../../trial/frozen-trial.ts';
import { checkUpdatable, notDeleted, trialNotFound } from '../checks.ts';
import type { DistributionCodec } from '../distribution-json.ts';
import type { Owner } from '../storage.ts';
import { formatStoredTime, type StoredZone } from '../stored-time.ts';
import { requeued, type TrialContent } from '../trial-edits.ts';
import { get, run, type SqlDialect, type SqlProgram } from './program.ts';
import { fromStoredState, toStoredState, toStoredValue } from './stored-value.ts';
import {
  requireStudy,
  selectStudySystemAttr,
  upsertStudyAttr,
  type AttrKind,
} from './study-rows.ts';
import { zoneOf } from './trial-reader.ts';

/** What is known without reading the trial. */
export interface TrialHead {
  readonly studyId: number;
  readonly number: number;
  readonly state: TrialState;
}

/** @throws TrialNotFoundError */
export function* requireTrial(trialId: number, forUpdate = ''): SqlProgram<TrialHead> {
  const row = yield* get<[number, number, string]>(
    `SELECT study_id, number, state FROM trials WHERE trial_id = ?${forUpdate}`,
    trialId,
  );
  if (row === undefined) throw trialNotFound(trialId);
  return { studyId: row[0], number: row[1], state: fromStoredState(row[2]) };
}

/** @throws TrialNotFoundError, UpdateFinishedTrialError */
export function* requireUpdatable(trialId: number, dialect: SqlDialect): SqlProgram<TrialHead> {
  const head = yield* requireTrial(trialId, dialect.forUpdate);
  if (isFinished(head.state)) yield* requireNotDeleted(trialId);
  checkUpdatable(head);
  return head;
}

/** @throws TrialNotFoundError when the trial is marked as deleted. */
export function* requireNotDeleted(trialId: number): SqlProgram<void> {
  const marked = yield* get(
    'SELECT 1 FROM trial_system_attributes WHERE trial_id = ? AND "key" = ?',
    trialId,
    DELETED,
  );
  if (marked !== undefined) throw trialNotFound(trialId);
}

/**
 * Writes a new trial under the next number of its study.
 *
 * @param knownDistribution What the caller knows the study to have under a name; saves looking it up.
 */
export function* insertTrial(options: {
  dialect: SqlDialect;
  studyId: number;
  content: TrialContent;
  distributions: DistributionCodec;
  foreignZone: StoredZone;
  lastTrialId: number;
  knownDistribution: (name: string) => Distribution | undefined;
}): SqlProgram<FrozenTrial> {
  const { dialect, studyId, content, distributions } = options;
  if (dialect.forUpdate !== '') yield* requireStudy(studyId, dialect.forUpdate);
  // Numbers grow with ids, so the index on the study finds the last one at once. The plus keeps SQLite from planning anew for each value.
  const last = yield* get<[number | null]>(
    'SELECT number FROM trials WHERE study_id = +? ORDER BY trial_id DESC LIMIT 1',
    studyId,
  );
  // Where there are trials there is a study.
  if (last === undefined) yield* requireStudy(studyId);
  for (const [name, distribution] of Object.entries(content.distributions))
    yield* checkDistribution(
      studyId,
      name,
      distribution,
      options.knownDistribution(name),
      distributions,
    );
  const number = (last?.[0] ?? -1) + 1;
  const trialId = yield* dialect.nextId('trials', options.lastTrialId);
  yield* run(
    'INSERT INTO trials (trial_id, number, study_id, state, datetime_start, datetime_complete) VALUES (?, ?, ?, ?, ?, ?)',
    trialId,
    number,
    studyId,
    ...stateAndTimes(content, options.foreignZone),
  );
  yield* insertContent(trialId, content, distributions);
  return { trialId, number, ...content };
}

/** State, start and end of a trial as its row has them. */
function stateAndTimes(
  content: TrialContent,
  foreignZone: StoredZone,
): [state: string, start: string | null, complete: string | null] {
  const zone = zoneOf(content, foreignZone);
  const { state, startedAtMs, completedAtMs } = content;
  return [
    toStoredState(state),
    startedAtMs === null ? null : formatStoredTime(startedAtMs, zone),
    completedAtMs === null ? null : formatStoredTime(completedAtMs, zone),
  ];
}

/** All that a trial has beside its row. */
function* insertContent(
  trialId: number,
  content: TrialContent,
  distributions: DistributionCodec,
): SqlProgram<void> {
  yield* upsertParams(
    Object.entries(content.distributions).map(([name, distribution]) => ({
      trialId,
      name,
      internalValue: content.internalParams[name] as number,
      json: distributions.stringify(distribution),
    })),
  );
  yield* upsertValues(trialId, content.values);
  for (const [step, value] of content.intermediateValues)
    yield* upsertIntermediateValue(trialId, step, value);
  for (const [key, value] of Object.entries(content.userAttrs))
    yield* upsertTrialAttr('user', trialId, key, value);
  for (const [key, value] of Object.entries(content.systemAttrs))
    yield* upsertTrialAttr('system', trialId, key, value);
}

/**
 * Gives the row of a deleted trial its contents back.
 *
 * @param options.knownDistribution See `insertTrial`.
 * @throws TrialNotFoundError when it is not the row of such a trial.
 */
export function* restoreTrial(options: {
  dialect: SqlDialect;
  studyId: number;
  trial: FrozenTrial;
  distributions: DistributionCodec;
  foreignZone: StoredZone;
  knownDistribution: (name: string) => Distribution | undefined;
}): SqlProgram<void> {
  const { dialect, studyId, trial, distributions } = options;
  const { trialId } = trial;
  yield* requireStudy(studyId, dialect.forUpdate);
  const row = yield* get(
    `SELECT 1 FROM trials t JOIN trial_system_attributes a ON a.trial_id = t.trial_id AND a."key" = ?
     WHERE t.trial_id = ? AND t.study_id = ? AND t.number = ?`,
    DELETED,
    trialId,
    studyId,
    trial.number,
  );
  if (row === undefined) throw notDeleted(trial);
  for (const [name, distribution] of Object.entries(trial.distributions))
    yield* checkDistribution(
      studyId,
      name,
      distribution,
      options.knownDistribution(name),
      distributions,
    );
  yield* run(
    'DELETE FROM trial_system_attributes WHERE trial_id = ? AND "key" = ?',
    trialId,
    DELETED,
  );
  yield* insertContent(trialId, trial, distributions);
  yield* run(
    'UPDATE trials SET state = ?, datetime_start = ?, datetime_complete = ? WHERE trial_id = ?',
    ...stateAndTimes(trial, options.foreignZone),
    trialId,
  );
  const deleted = yield* selectDeletedTrialIds(studyId);
  const others = deleted.filter((id) => id !== trialId);
  yield* upsertStudyAttr('system', studyId, DELETED_TRIALS, others);
}

/** @throws InvalidArgumentError when the study has an incompatible distribution under the name. */
function* checkDistribution(
  studyId: number,
  name: string,
  distribution: Distribution,
  known: Distribution | undefined,
  codec: DistributionCodec,
): SqlProgram<void> {
  if (known === undefined) {
    const row = yield* get<[string]>(
      `SELECT p.distribution_json FROM trials t JOIN trial_params p ON p.trial_id = t.trial_id
       WHERE t.study_id = ? AND p.param_name = ? LIMIT 1`,
      studyId,
      name,
    );
    if (row === undefined) return;
    known = codec.parse(row[0]);
  }
  checkCompatible(name, known, distribution);
}

/**
 * Gives a trial a parameter.
 *
 * @param options.knownDistribution See `insertTrial`.
 * @throws InvalidArgumentError when the study has an incompatible distribution under the name.
 */
export function* setParam(options: {
  studyId: number;
  trialId: number;
  name: string;
  internalValue: number;
  distribution: Distribution;
  knownDistribution: Distribution | undefined;
  distributions: DistributionCodec;
}): SqlProgram<void> {
  const { studyId, trialId, name, internalValue, distribution, distributions } = options;
  yield* checkDistribution(studyId, name, distribution, options.knownDistribution, distributions);
  const json = distributions.stringify(distribution);
  yield* upsertParams([{ trialId, name, internalValue, json }]);
}

/** A parameter as its row has it. */
export interface ParamRow {
  readonly trialId: number;
  readonly name: string;
  readonly internalValue: number;
  /** The distribution. */
  readonly json: string;
}

/** What is yet to be written about trials: parameters, and other things. */
export interface Announced {
  readonly params: readonly ParamRow[];
  readonly others: readonly { readonly trialId: number; readonly write: () => SqlProgram<void> }[];
}

/** Writes what is about trials that still run. */
export function* writeAnnounced(
  { params, others }: Announced,
  forUpdate: string,
): SqlProgram<void> {
  const running = new Set<number>();
  for (const trialId of new Set([...params, ...others].map((about) => about.trialId))) {
    const row = yield* get<[string]>(
      `SELECT state FROM trials WHERE trial_id = ?${forUpdate}`,
      trialId,
    );
    if (row !== undefined && fromStoredState(row[0]) === 'running') running.add(trialId);
  }
  yield* upsertParams(params.filter(({ trialId }) => running.has(trialId)));
  for (const { trialId, write } of others) if (running.has(trialId)) yield* write();
}

const MAX_ROWS_AT_ONCE = 8;

/** By number of rows. */
const upsertParamStatements = Array.from({ length: MAX_ROWS_AT_ONCE + 1 }, (_, nRows) => {
  const rows = new Array(nRows).fill('(?, ?, ?, ?)').join(', ');
  return `INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json) VALUES ${rows}
     ON CONFLICT (trial_id, param_name)
     DO UPDATE SET param_value = excluded.param_value, distribution_json = excluded.distribution_json`;
});

function* upsertParams(params: readonly ParamRow[]): SqlProgram<void> {
  for (let start = 0; start < params.length; start += MAX_ROWS_AT_ONCE) {
    const rows = params.slice(start, start + MAX_ROWS_AT_ONCE);
    yield* run(
      upsertParamStatements[rows.length] as string,
      ...rows.flatMap(({ trialId, name, internalValue, json }) => [
        trialId,
        name,
        internalValue,
        json,
      ]),
    );
  }
}

export function* upsertIntermediateValue(
  trialId: number,
  step: number,
  value: number,
): SqlProgram<void> {
  yield* run(
    `INSERT INTO trial_intermediate_values (trial_id, step, intermediate_value, intermediate_value_type) VALUES (?, ?, ?, ?)
     ON CONFLICT (trial_id, step)
     DO UPDATE SET intermediate_value = excluded.intermediate_value, intermediate_value_type = excluded.intermediate_value_type`,
    trialId,
    step,
    ...toStoredValue(value),
  );
}

export function* upsertTrialAttr(
  kind: AttrKind,
  trialId: number,
  key: string,
  value: AttrValue,
): SqlProgram<void> {
  yield* run(
    `INSERT INTO trial_${kind}_attributes (trial_id, "key", value_json) VALUES (?, ?, ?)
     ON CONFLICT (trial_id, "key") DO UPDATE SET value_json = excluded.value_json`,
    trialId,
    key,
    stringifyPythonJson(value),
  );
}

export function* finishTrial(
  trialId: number,
  state: TrialState,
  values: readonly number[] | null,
  completedAtMs: number,
  foreignZone: StoredZone,
): SqlProgram<void> {
  yield* upsertValues(trialId, values);
  const owner =
    foreignZone === 'utc'
      ? undefined
      : yield* get(
          'SELECT 1 FROM trial_system_attributes WHERE trial_id = ? AND "key" = ?',
          trialId,
          OWNER,
        );
  yield* run(
    'UPDATE trials SET state = ?, datetime_complete = ? WHERE trial_id = ?',
    toStoredState(state),
    formatStoredTime(completedAtMs, owner === undefined ? foreignZone : 'utc'),
    trialId,
  );
}

/**
 * Makes a waiting trial running, unless somebody else was faster.
 *
 * Optuna reads the state of a waiting trial and takes it in two steps, between which SQLite lets others in: a trial that was claimed here in
 * that moment Optuna runs as well. Among Parzen's processes it cannot happen.
 *
 * @returns Whether it is ours.
 */
export function* claimTrial(
  trialId: number,
  owner: Owner,
  startedAtMs: number,
): SqlProgram<boolean> {
  const nChanged = yield* run(
    `UPDATE trials SET state = 'RUNNING', datetime_start = ? WHERE trial_id = ? AND state = 'WAITING'`,
    formatStoredTime(startedAtMs),
    trialId,
  );
  if (nChanged === 0) return false;
  yield* upsertTrialAttr('system', trialId, OWNER, owner);
  return true;
}

/** Puts a trial, as just read, back into the queue. */
export function* requeueTrial(trial: FrozenTrial): SqlProgram<FrozenTrial> {
  const { trialId } = trial;
  const waiting = { ...trial, ...requeued(trial) };
  yield* run(
    `UPDATE trials SET state = 'WAITING', datetime_start = NULL, datetime_complete = NULL WHERE trial_id = ?`,
    trialId,
  );
  for (const table of [
    'trial_params',
    'trial_values',
    'trial_intermediate_values',
    'trial_heartbeats',
  ])
    yield* run(`DELETE FROM ${table} WHERE trial_id = ?`, trialId);
  yield* run(
    'DELETE FROM trial_system_attributes WHERE trial_id = ? AND "key" = ?',
    trialId,
    OWNER,
  );
  const fixed = waiting.systemAttrs[FIXED_PARAMS];
  if (fixed !== undefined) yield* upsertTrialAttr('system', trialId, FIXED_PARAMS, fixed);
  return waiting;
}

export function* upsertHeartbeat(trialId: number, nowMs: number): SqlProgram<void> {
  yield* run(
    `INSERT INTO trial_heartbeats (trial_id, heartbeat)
     SELECT trial_id, ? FROM trials WHERE trial_id = ? AND state = 'RUNNING'
     ON CONFLICT (trial_id) DO UPDATE SET heartbeat = excluded.heartbeat`,
    formatStoredTime(nowMs),
    trialId,
  );
}

/**
 * Empties a trial and marks it as deleted. The row stays as a failed trial: Optuna numbers a new trial by counting the rows before it, so
 * that without the row the next trial that Optuna makes would get a number that is taken.
 */
export function* markDeleted(trialId: number, studyId: number): SqlProgram<void> {
  for (const table of [
    'trial_user_attributes',
    'trial_system_attributes',
    'trial_params',
    'trial_values',
    'trial_intermediate_values',
    'trial_heartbeats',
  ])
    yield* run(`DELETE FROM ${table} WHERE trial_id = ?`, trialId);
  yield* run(`UPDATE trials SET state = 'FAIL' WHERE trial_id = ?`, trialId);
  yield* upsertTrialAttr('system', trialId, DELETED, true);
  const deleted = yield* selectDeletedTrialIds(studyId);
  yield* upsertStudyAttr('system', studyId, DELETED_TRIALS, [...deleted, trialId]);
}

/** Ids of the study's trials that may be marked as deleted. */
export function* selectDeletedTrialIds(studyId: number): SqlProgram<readonly number[]> {
  const ids = yield* selectStudySystemAttr(studyId, DELETED_TRIALS);
  return Array.isArray(ids) ? (ids as readonly number[]) : [];
}

function* upsertValues(trialId: number, values: readonly number[] | null): SqlProgram<void> {
  for (const [objective, value] of (values ?? []).entries())
    yield* run(
      `INSERT INTO trial_values (trial_id, objective, value, value_type) VALUES (?, ?, ?, ?)
       ON CONFLICT (trial_id, objective) DO UPDATE SET value = excluded.value, value_type = excluded.value_type`,
      trialId,
      objective,
      ...toStoredValue(value),
    );
}
