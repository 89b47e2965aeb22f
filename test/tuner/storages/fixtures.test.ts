/** Files that real Optuna wrote: every field is read, the study goes on, and Optuna reads the result. */
import { copyFileSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStorage, type OpenStorageOptions } from '../../../src-main/open-storage.ts';
import {
  createCategoricalDistribution,
  createFloatDistribution,
} from '../../../src-main/tuner/distributions.ts';
import type { Storage } from '../../../src-main/tuner/storages/storage.ts';
import {
  FIXED_PARAMS,
  OWNER,
  constraintValues,
  metricNames,
} from '../../../src-main/tuner/system-attrs.ts';
import type { FrozenTrial } from '../../../src-main/tuner/trial/frozen-trial.ts';
import { requirements } from '../../helpers/requirements.ts';
import {
  dumpStorage,
  dumpWithOptuna,
  normalize,
  parseDump,
  runOptuna,
} from './optuna/optuna-file.ts';
import { createFolder } from './sqlite-file.ts';

const fixtures = new URL('../../fixtures/', import.meta.url);
const needsOptuna = requirements('python-optuna');

let folder: ReturnType<typeof createFolder>;
const opened: Storage[] = [];

beforeEach(() => {
  folder = createFolder();
});

afterEach(async () => {
  for (const storage of opened.splice(0)) await storage.close();
  folder.remove();
});

/** A copy of a fixture. */
function copyOf(path: string): string {
  const file = join(folder.path, 'study.db');
  copyFileSync(new URL(path, fixtures), file);
  return file;
}

async function open(file: string, options: OpenStorageOptions = {}): Promise<Storage> {
  const storage = await openStorage(file, options);
  opened.push(storage);
  return storage;
}

/** The statements that made the tables and indexes, in a form that can be compared. */
function schemaOf(file: string): string[] {
  const database = new Database(file, { readonly: true });
  const rows = database
    .prepare('SELECT sql FROM sqlite_master WHERE sql IS NOT NULL')
    .pluck()
    .all();
  database.close();
  return (rows as string[]).sort();
}

const referenceSchema = readFileSync(new URL('optuna/optuna-schema-12.sql', fixtures), 'utf8')
  .split(';\n')
  .filter((statement) => statement.trim() !== '')
  .sort();

describe.each([
  ['optuna/optuna-3.1.db', 'storages/optuna-3.1.json'],
  ['optuna/optuna-4.9-iris.db', 'storages/optuna-4.9-iris.json'],
  ['optuna/optuna-5.0.db', 'storages/optuna-5.0.json'],
  ['storages/difficult.db', 'storages/difficult.json'],
])('the file %s', (path, dump) => {
  const expected = normalize(parseDump(readFileSync(new URL(dump, fixtures), 'utf8')));

  it('reads as Optuna reads it, field by field', async () => {
    const storage = await open(copyOf(path), { migrate: 'backup', timeZone: 'utc' });
    expect(await dumpStorage(storage)).toEqual(expected);
  });

  it('is not changed by reading it', async () => {
    const file = copyOf(path);
    const before = readFileSync(file);
    const storage = await open(file, { readOnly: true, timeZone: 'utc' });
    expect(await dumpStorage(storage)).toEqual(expected);
    await opened.pop()?.close();
    expect(readFileSync(file)).toEqual(before);
    expect(readdirSync(folder.path)).toEqual(['study.db']);
  });

  it('is continued, and has the schema of Optuna 5 afterwards', async () => {
    const file = copyOf(path);
    const storage = await open(file, { migrate: 'backup' });
    const [study] = await storage.getStudies();
    const studyId = study?.studyId as number;
    const before = await storage.countTrials(studyId);
    const { trialId, number } = await storage.createTrial(studyId);
    await storage.setTrialParam(trialId, 'new', 0.5, createFloatDistribution(0, 1));
    await storage.finishTrial(trialId, 'complete', study?.directions.map(() => 1) as number[]);
    expect(number).toBe(before);
    await opened.pop()?.close();
    expect(schemaOf(file)).toEqual(referenceSchema);
    const database = new Database(file, { readonly: true });
    expect(database.pragma('journal_mode', { simple: true })).toBe('delete');
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(database.pragma('foreign_key_check')).toEqual([]);
    database.close();
    const again = await open(file);
    expect(await again.countTrials(studyId)).toBe(before + 1);
  });

  it.skipIf(needsOptuna.missing)(
    needsOptuna.title('goes to Optuna and back after having been continued'),
    async () => {
      const file = copyOf(path);
      const storage = await open(file, { migrate: 'backup', timeZone: 'utc' });
      const [study] = await storage.getStudies();
      const { studyId, directions } = study as NonNullable<typeof study>;
      const { trialId } = await storage.createTrial(studyId);
      await storage.setTrialParam(trialId, 'x new', 0.1, createFloatDistribution(0, 1));
      await storage.setTrialIntermediateValue(trialId, 0, NaN);
      await storage.setTrialUserAttr(trialId, 'schön', ['🎯', NaN]);
      await storage.finishTrial(
        trialId,
        'complete',
        directions.map(() => -Infinity),
      );
      expect(normalize(dumpWithOptuna(file))).toEqual(await dumpStorage(storage));
      if (directions.length > 1) return;
      const before = await storage.countTrials(studyId);
      runOptuna(['continue', file, '3']);
      const trials = await storage.getTrials(studyId);
      expect(trials.length).toBe(before + 3);
      expect(trials.map((trial) => trial.number)).toEqual([...trials.keys()]);
      expect(trials.at(-1)?.userAttrs).toEqual({ by: 'optuna' });
      expect(normalize(dumpWithOptuna(file))).toEqual(await dumpStorage(storage));
    },
  );
});

describe('difficult.db', () => {
  it('has constraints in both forms, metric names and a queue that Parzen works on', async () => {
    const storage = await open(copyOf('storages/difficult.db'));
    const studyId = await storage.getStudyId('Schwierig 難 🎯');
    expect(metricNames((await storage.getStudy(studyId)).systemAttrs)).toEqual([
      'loss',
      'accuracy',
    ]);
    const first = await storage.getTrialByNumber(studyId, 0);
    expect(constraintValues(first.systemAttrs)).toEqual([0.5, Infinity]);
    expect(first.distributions['hidden']).toEqual({
      type: 'categorical',
      choices: ['[64, 32]', '[128]'],
    });
    const claimed = (await storage.claimWaitingTrial(studyId)) as FrozenTrial;
    expect(claimed).toMatchObject({
      number: 1,
      systemAttrs: { [FIXED_PARAMS]: { lr: 0.01, optimizer: 'sgd' } },
    });
  });

  it("writes a known distribution with Optuna's own text", async () => {
    const file = copyOf('storages/difficult.db');
    const storage = await open(file);
    const studyId = await storage.getStudyId('Schwierig 難 🎯');
    const { trialId } = await storage.createTrial(studyId);
    const choices = ['adam', 'sgd', null, true, 1, 0.5, NaN] as const;
    const given = createCategoricalDistribution(choices);
    await storage.setTrialParam(trialId, 'optimizer', 6, given);
    const hidden = (await storage.getTrialByNumber(studyId, 0)).distributions['hidden'];
    await storage.setTrialParam(trialId, 'hidden', 1, hidden as NonNullable<typeof hidden>);
    const database = new Database(file, { readonly: true });
    const texts = database
      .prepare(
        "SELECT DISTINCT distribution_json FROM trial_params WHERE param_name IN ('optimizer', 'hidden') ORDER BY 1",
      )
      .pluck()
      .all();
    database.close();
    expect(texts).toEqual([
      '{"name": "CategoricalDistribution", "attributes": {"choices": ["adam", "sgd", null, true, 1, 0.5, NaN]}}',
      '{"name": "CategoricalDistribution", "attributes": {"choices": [[64, 32], [128]]}}',
    ]);
  });

  it('leaves the trial alone that Optuna runs', async () => {
    const storage = await open(copyOf('storages/difficult.db'));
    const studyId = await storage.getStudyId('one objective');
    expect(await storage.requeueOrphanedTrials(studyId)).toEqual([]);
    expect(await storage.countTrials(studyId, ['running'])).toBe(1);
  });
});

describe('migration', () => {
  it('has to be asked for', async () => {
    const file = copyOf('optuna/optuna-3.1.db');
    const before = readFileSync(file);
    await expect(openStorage(file)).rejects.toMatchObject({
      code: 'STORAGE_NEEDS_MIGRATION',
      message: expect.stringContaining(file),
    });
    expect(readFileSync(file)).toEqual(before);
    expect(readdirSync(folder.path)).toEqual(['study.db']);
  });

  it('makes a backup that is as the file was', async () => {
    const file = copyOf('optuna/optuna-3.1.db');
    const storage = await open(file, { migrate: 'backup' });
    const backup = `${file}.backup-v3.0.0.d`;
    const old = await open(backup, { readOnly: true });
    expect(await dumpStorage(old)).toEqual(await dumpStorage(storage));
    expect(schemaOf(backup)).toEqual(
      referenceSchema.filter((sql) => !sql.includes('ix_trials_study_id')),
    );
    expect(schemaOf(file)).toEqual(referenceSchema);
  });

  it('never writes over a backup', async () => {
    const file = copyOf('optuna/optuna-3.1.db');
    const backup = `${file}.backup-v3.0.0.d`;
    writeFileSync(backup, 'precious');
    await open(file, { migrate: 'backup' });
    expect(readFileSync(backup, 'utf8')).toBe('precious');
    expect(existsSync(`${backup}-2`)).toBe(true);
  });

  it('is not needed twice', async () => {
    const file = copyOf('optuna/optuna-3.1.db');
    await open(file, { migrate: 'backup' });
    await open(file, { migrate: 'backup' });
    expect(readdirSync(folder.path).sort()).toEqual(['study.db', 'study.db.backup-v3.0.0.d']);
  });

  it('keeps the version that says how times are meant', async () => {
    const file = copyOf('optuna/optuna-3.1.db');
    await open(file, { migrate: 'backup' });
    const database = new Database(file, { readonly: true });
    expect(database.prepare('SELECT * FROM version_info').raw().all()).toEqual([[1, 12, '3.1.0']]);
    database.close();
  });

  it.skipIf(needsOptuna.missing)(
    needsOptuna.title('gives what the upgrade of Optuna gives, but for the name of the index'),
    async () => {
      const file = copyOf('optuna/optuna-3.1.db');
      const theirs = join(folder.path, 'theirs.db');
      copyFileSync(file, theirs);
      runOptuna(['upgrade', theirs]);
      await open(file, { migrate: 'backup' });
      expect(
        schemaOf(theirs).map((sql) => sql.replace('trials_study_id_key', 'ix_trials_study_id')),
      ).toEqual(schemaOf(file));
      expect(dumpWithOptuna(file)).toEqual(dumpWithOptuna(theirs));
      const storage = await open(theirs);
      expect(await storage.getStudies()).toHaveLength(1);
    },
  );
});

describe('times', () => {
  const start = '2026-11-23 14:08:37.239798';
  const zone = process.env.TZ;

  beforeEach(() => {
    process.env.TZ = 'Asia/Tokyo';
  });

  afterEach(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });

  async function firstStart(file: string, options: OpenStorageOptions): Promise<string> {
    const storage = await open(file, options);
    const trial = await storage.getTrialByNumber(1, 0);
    return new Date(trial.startedAtMs as number).toISOString();
  }

  it('are local in files of Optuna 4.9 and older, and UTC in those of Optuna 5', async () => {
    const old = copyOf('optuna/optuna-4.9-iris.db');
    expect(await firstStart(old, {})).toBe('2026-11-23T05:08:37.239Z');
    expect(await firstStart(old, { timeZone: 'local' })).toBe('2026-11-23T05:08:37.239Z');
    expect(await firstStart(old, { timeZone: 'utc' })).toBe('2026-11-23T14:08:37.239Z');
    const database = new Database(old);
    database.prepare("UPDATE version_info SET library_version = '5.0.0rc1'").run();
    database.close();
    expect(await firstStart(old, {})).toBe('2026-11-23T14:08:37.239Z');
    expect(await firstStart(old, { timeZone: 'local' })).toBe('2026-11-23T05:08:37.239Z');
  });

  it('are UTC for trials that Parzen ran, also in an old file, and local there for those it only stored', async () => {
    const file = copyOf('optuna/optuna-4.9-iris.db');
    const storage = await open(file);
    const [first] = await storage.getTrials(1);
    const added = await storage.createTrial(1, {
      ...(first as FrozenTrial),
      params: {},
      distributions: {},
    });
    const run = await storage.createTrial(1);
    await storage.finishTrial(run.trialId, 'complete', [1]);
    const told = await storage.createTrial(1, { ...added, state: 'running', values: null });
    await storage.finishTrial(told.trialId, 'complete', [1]);
    const inMemory = await storage.getTrials(1);
    const other = await open(file);
    expect(await other.getTrials(1)).toEqual(inMemory);
    const database = new Database(file, { readonly: true });
    const columns = (trialId: number) =>
      database
        .prepare('SELECT datetime_start, datetime_complete FROM trials WHERE trial_id = ?')
        .raw()
        .get(trialId) as [string, string];
    expect(columns(added.trialId)[0]).toBe(start);
    const { startedAtMs } = run;
    expect(columns(run.trialId)[0].slice(0, 16)).toBe(
      new Date(startedAtMs as number).toISOString().slice(0, 16).replace('T', ' '),
    );
    const local = new Date(inMemory.at(-1)?.completedAtMs as number);
    expect(columns(told.trialId)[1].slice(11, 16)).toBe(
      `${String(local.getHours()).padStart(2, '0')}:${String(local.getMinutes()).padStart(2, '0')}`,
    );
    database.close();
    expect(Object.keys(inMemory.at(-2)?.systemAttrs ?? {})).toEqual([OWNER]);
  });
});
