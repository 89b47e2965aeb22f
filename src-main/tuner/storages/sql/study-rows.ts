/** Programs about studies and their attributes. */
import { DuplicatedStudyError, StudyNotFoundError } from '../../errors.ts';
import { NOT_JSON, parsePythonJson, stringifyPythonJson } from '../../python-json.ts';
import type { StudyDirection } from '../../study/direction.ts';
import type { Attrs, AttrValue } from '../../trial/frozen-trial.ts';
import type { FrozenStudy } from '../storage.ts';
import { NOTHING } from '../trial-edits.ts';
import { setOwn } from '../../own-entries.ts';
import { all, get, run, type SqlDialect, type SqlProgram } from './program.ts';
import { fromStoredDirection, toStoredDirection } from './stored-value.ts';

/** The two kinds of attributes; studies and trials have a table for each. */
export type AttrKind = 'user' | 'system';

export function* insertStudy(
  dialect: SqlDialect,
  studyName: string,
  directions: readonly StudyDirection[],
  lastStudyId: number,
): SqlProgram<FrozenStudy> {
  yield* checkFreeName(studyName);
  const studyId = yield* dialect.nextId('studies', lastStudyId);
  yield* run('INSERT INTO studies (study_id, study_name) VALUES (?, ?)', studyId, studyName);
  for (const [objective, direction] of directions.entries())
    yield* run(
      'INSERT INTO study_directions (direction, study_id, objective) VALUES (?, ?, ?)',
      toStoredDirection(direction),
      studyId,
      objective,
    );
  return {
    studyId,
    studyName,
    directions: [...directions],
    userAttrs: NOTHING,
    systemAttrs: NOTHING,
  };
}

export function* deleteStudy(studyId: number): SqlProgram<void> {
  yield* requireStudy(studyId);
  for (const table of [
    'trial_user_attributes',
    'trial_system_attributes',
    'trial_params',
    'trial_values',
    'trial_intermediate_values',
    'trial_heartbeats',
  ])
    yield* run(
      `DELETE FROM ${table} WHERE trial_id IN (SELECT trial_id FROM trials WHERE study_id = ?)`,
      studyId,
    );
  for (const table of [
    'trials',
    'study_user_attributes',
    'study_system_attributes',
    'study_directions',
    'studies',
  ])
    yield* run(`DELETE FROM ${table} WHERE study_id = ?`, studyId);
}

export function* renameStudy(studyId: number, studyName: string): SqlProgram<void> {
  const { studyName: oldName } = yield* requireStudy(studyId);
  if (oldName === studyName) return;
  yield* checkFreeName(studyName);
  yield* run('UPDATE studies SET study_name = ? WHERE study_id = ?', studyName, studyId);
}

export function* findStudyId(studyName: string): SqlProgram<number> {
  const row = yield* get<[number]>('SELECT study_id FROM studies WHERE study_name = ?', studyName);
  if (row === undefined) throw new StudyNotFoundError(studyName);
  return row[0];
}

/** All studies by id, or only the one. */
export function* selectStudies(studyId: number | null): SqlProgram<FrozenStudy[]> {
  const where = studyId === null ? '' : 'WHERE study_id = ?';
  const params = studyId === null ? [] : [studyId];
  const rows = yield* all<[number, string]>(
    `SELECT study_id, study_name FROM studies ${where} ORDER BY study_id`,
    ...params,
  );
  const directions = new Map<number, StudyDirection[]>(rows.map(([id]) => [id, []]));
  for (const [id, direction] of yield* all<[number, string]>(
    `SELECT study_id, direction FROM study_directions ${where} ORDER BY study_id, objective`,
    ...params,
  ))
    directions.get(id)?.push(fromStoredDirection(direction));
  const userAttrs = yield* selectAttrs('user', where, params);
  const systemAttrs = yield* selectAttrs('system', where, params);
  return rows.map(([id, studyName]) => ({
    studyId: id,
    studyName,
    directions: directions.get(id) ?? [],
    userAttrs: userAttrs.get(id) ?? NOTHING,
    systemAttrs: systemAttrs.get(id) ?? NOTHING,
  }));
}

/** @throws StudyNotFoundError */
export function* requireStudy(
  studyId: number,
  forUpdate = '',
): SqlProgram<Pick<FrozenStudy, 'studyName'>> {
  const row = yield* get<[string]>(
    `SELECT study_name FROM studies WHERE study_id = ?${forUpdate}`,
    studyId,
  );
  if (row === undefined) throw new StudyNotFoundError(studyId);
  return { studyName: row[0] };
}

export function* upsertStudyAttr(
  kind: AttrKind,
  studyId: number,
  key: string,
  value: AttrValue,
): SqlProgram<void> {
  yield* run(
    `INSERT INTO study_${kind}_attributes (study_id, "key", value_json) VALUES (?, ?, ?)
     ON CONFLICT (study_id, "key") DO UPDATE SET value_json = excluded.value_json`,
    studyId,
    key,
    stringifyPythonJson(value),
  );
}

/** One system attribute of a study, or undefined. */
export function* selectStudySystemAttr(
  studyId: number,
  key: string,
): SqlProgram<AttrValue | undefined> {
  const row = yield* get<[string | null]>(
    'SELECT value_json FROM study_system_attributes WHERE study_id = ? AND "key" = ?',
    studyId,
    key,
  );
  return row && parseAttr(row[0]);
}

/** Text that is no JSON, which Optuna cannot read at all, is shown as such and stays in the file: it must not keep the rest of the file from who needs it. */
export function parseAttr(text: string | null): AttrValue {
  if (text === null) return null;
  try {
    return parsePythonJson(text);
  } catch {
    return `${NOT_JSON}${text}`;
  }
}

function* selectAttrs(
  kind: AttrKind,
  where: string,
  params: readonly number[],
): SqlProgram<Map<number, Attrs>> {
  const attrs = new Map<number, Record<string, AttrValue>>();
  for (const [id, key, text] of yield* all<[number, string, string | null]>(
    `SELECT study_id, "key", value_json FROM study_${kind}_attributes ${where} ORDER BY study_${kind}_attribute_id`,
    ...params,
  )) {
    let ofStudy = attrs.get(id);
    if (ofStudy === undefined) attrs.set(id, (ofStudy = {}));
    setOwn(ofStudy, key, parseAttr(text));
  }
  return attrs;
}

function* checkFreeName(studyName: string): SqlProgram<void> {
  const taken = yield* get('SELECT 1 FROM studies WHERE study_name = ?', studyName);
  if (taken !== undefined) throw new DuplicatedStudyError(studyName);
}
