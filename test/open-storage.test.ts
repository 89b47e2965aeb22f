import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  symlinkSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStorage, parseStorageUrl, type OpenStorageOptions } from '../src-main/open-storage.ts';
import { createFloatDistribution } from '../src-main/tuner/distributions.ts';
import { InMemoryStorage } from '../src-main/tuner/storages/in-memory.ts';
import type { Owner, Storage } from '../src-main/tuner/storages/storage.ts';
import { copyStudy } from '../src-main/tuner/study/study.ts';
import { OWNER } from '../src-main/tuner/system-attrs.ts';
import { hostOfTests } from './conformance/storage.ts';
import { requirements } from './helpers/requirements.ts';
import { dumpWithOptuna, runOptuna } from './tuner/storages/optuna/optuna-file.ts';
import { createFolder, openFile } from './tuner/storages/sqlite-file.ts';
import { eventually } from './helpers/eventually.ts';

const fixtures = new URL('./fixtures/', import.meta.url);
let folder: ReturnType<typeof createFolder>;
let file: string;
const opened: { close(): unknown }[] = [];

beforeEach(() => {
  folder = createFolder();
  file = join(folder.path, 'study.db');
});

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  folder.remove();
});

async function open(url: string, options: OpenStorageOptions = {}): Promise<Storage> {
  const storage = await openStorage(url, options);
  opened.push(storage);
  return storage;
}

function connect(path = file): Database.Database {
  const database = new Database(path);
  opened.push(database);
  return database;
}

async function createStudyFile(path = file): Promise<void> {
  const storage = await openStorage(path, { create: true });
  await storage.createStudy(['minimize'], 'study');
  await storage.close();
}

describe('parseStorageUrl', () => {
  it.each(['memory:', ':memory:', 'sqlite://', 'sqlite:///:memory:'])('knows %s', (url) => {
    expect(parseStorageUrl(url)).toBeNull();
  });

  it.each([
    ['study.db', `${process.cwd()}/study.db`],
    ['/data/study.db', '/data/study.db'],
    ['sqlite:///study.db', `${process.cwd()}/study.db`],
    ['sqlite:////data/my study.db', '/data/my study.db'],
    ['sqlite+pysqlite:////data/study.db?timeout=20', '/data/study.db'],
    ['/data/with?mark.db', '/data/with?mark.db'],
  ])('takes %s for %s', (url, path) => {
    expect(parseStorageUrl(url)).toBe(path);
  });

  it.each([
    '',
    'postgresql://localhost/studies',
    'mysql+pymysql://host/db',
    'http://host/study.db',
  ])('refuses %j', (url) => {
    expect(() => parseStorageUrl(url)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });
});

describe('openStorage', () => {
  it('gives a storage in memory', async () => {
    expect(await open('memory:')).toBeInstanceOf(InMemoryStorage);
  });

  it('never makes a file that it was not asked to make', async () => {
    const error = await openStorage(file).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'STORAGE_NOT_FOUND',
      message: expect.stringContaining(file),
    });
    await expect(openStorage(file, { create: true, readOnly: true })).rejects.toMatchObject({
      code: 'STORAGE_NOT_FOUND',
    });
    await expect(
      openStorage(join(folder.path, 'missing', 'study.db'), { create: true }),
    ).rejects.toMatchObject({ code: 'STORAGE_NOT_FOUND' });
    expect(readdirSync(folder.path)).toEqual([]);
    symlinkSync(file, file);
    await expect(openStorage(file)).rejects.toMatchObject({ code: 'STORAGE_NOT_FOUND' });
  });

  it("makes a file with Optuna's schema, byte for byte", async () => {
    await open(file, { create: true });
    const database = connect();
    const statements = database
      .prepare('SELECT sql FROM sqlite_master WHERE sql IS NOT NULL')
      .pluck()
      .all();
    expect(`${statements.join(';\n')};\n`).toBe(
      readFileSync(new URL('optuna/optuna-schema-12.sql', fixtures), 'utf8'),
    );
    expect(database.prepare('SELECT * FROM alembic_version').raw().all()).toEqual([['v3.2.0.a']]);
    expect(database.prepare('SELECT * FROM version_info').raw().all()).toEqual([
      [1, 12, '5.0.0+parzen'],
    ]);
    expect(database.pragma('journal_mode', { simple: true })).toBe('wal');
  });

  it('opens a file that is there, whether it may create one or not', async () => {
    await createStudyFile();
    for (const url of [file, `sqlite:///${file}`, relative(process.cwd(), file)])
      for (const create of [false, true])
        expect(await (await open(url, { create })).getStudies()).toHaveLength(1);
  });

  it('leaves one file behind when it is closed', async () => {
    await createStudyFile();
    expect(readdirSync(folder.path)).toEqual(['study.db']);
  });

  it('makes one file when several make it at once', async () => {
    const storages = await Promise.all(
      Array.from({ length: 4 }, () => open(file, { create: true })),
    );
    await Promise.all(storages.map((storage, i) => storage.createStudy(['minimize'], `${i}`)));
    for (const storage of storages) expect(await storage.getStudies()).toHaveLength(4);
  });

  it.each([
    [{ creat: true }, '`creat`'],
    [{ migrate: 'yes' }, "'yes'"],
    [{ timeZone: 'Europe/Berlin' }, "'Europe/Berlin'"],
    [{ busyTimeoutMs: -1 }, '-1'],
  ])('refuses the options %j', async (options, named) => {
    await expect(openStorage('memory:', options as OpenStorageOptions)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(named),
    });
  });

  const needs = requirements('python-optuna');
  it.skipIf(needs.missing)(needs.title('makes a file that Optuna continues'), async () => {
    const storage = await open(file, { create: true });
    const studyId = await storage.createStudy(['minimize'], 'study');
    const { trialId } = await storage.createTrial(studyId);
    await storage.setTrialParam(trialId, 'x', 0.5, createFloatDistribution(-1, 1));
    await storage.finishTrial(trialId, 'complete', [0.25]);
    const waiting = await storage.createTrial(studyId);
    await storage.setTrialParam(waiting.trialId, 'x', 0.125, createFloatDistribution(-1, 1));
    await storage.requeueTrial(waiting.trialId, (waiting.systemAttrs[OWNER] as Owner).id);
    const deleted = await storage.createTrial(studyId);
    await storage.finishTrial(deleted.trialId, 'complete', [-1]);
    await storage.deleteTrial(deleted.trialId);
    runOptuna(['continue', file, '3']);
    const trials = await storage.getTrials(studyId);
    expect(trials.map((trial) => trial.number)).toEqual([0, 1, 3, 4]);
    expect(trials[1]).toMatchObject({
      state: 'complete',
      params: { x: 0.125 },
      values: [0.125 ** 2],
      userAttrs: { by: 'optuna' },
    });
    expect(dumpWithOptuna(file)[0]?.trials.map((trial) => trial.state)).toEqual([
      'complete',
      'complete',
      'fail',
      'complete',
      'complete',
    ]);
    expect((await storage.createTrial(studyId)).number).toBe(5);
  });
});

describe('files that are no study files', () => {
  async function expectError(code: string, options: OpenStorageOptions = {}): Promise<void> {
    const before = statSync(file).isFile() ? readFileSync(file) : null;
    await expect(openStorage(file, options)).rejects.toMatchObject({
      code,
      name: 'StorageError',
      message: expect.stringContaining(file),
    });
    if (before) expect(readFileSync(file)).toEqual(before);
  }

  it('says that a text is no database', async () => {
    writeFileSync(file, 'number,value\n'.repeat(1000));
    await expectError('STORAGE_NOT_A_DATABASE');
    await expectError('STORAGE_NOT_A_DATABASE', { create: true });
    await expectError('STORAGE_NOT_A_DATABASE', { readOnly: true });
  });

  it('says that a folder is no file', async () => {
    mkdirSync(file);
    await expectError('STORAGE_NOT_A_DATABASE', { create: true });
  });

  it('says that an empty file has no tables, and makes them when asked to', async () => {
    writeFileSync(file, '');
    await expectError('STORAGE_NOT_OPTUNA');
    expect(await (await open(file, { create: true })).getStudies()).toEqual([]);
  });

  it('leaves the database of another program alone', async () => {
    connect().exec('CREATE TABLE albums (id INTEGER)');
    await expectError('STORAGE_NOT_OPTUNA');
    await expectError('STORAGE_NOT_OPTUNA', { create: true });
  });

  it('says which of the tables is missing', async () => {
    await createStudyFile();
    connect().exec('DROP TABLE trial_heartbeats');
    await expectError('STORAGE_NOT_OPTUNA');
    await expect(openStorage(file)).rejects.toThrow('trial_heartbeats');
  });

  it.each(['v0.9.0.a', 'v2.6.0.a', 'v3.0.0.c', ''])(
    'refuses the older schema %j',
    async (revision) => {
      await createStudyFile();
      connect().prepare('UPDATE alembic_version SET version_num = ?').run(revision);
      await expectError('STORAGE_TOO_OLD', { migrate: 'backup' });
      await expect(openStorage(file)).rejects.toThrow('optuna storage upgrade');
    },
  );

  it('takes a file from before alembic for an old one', async () => {
    await createStudyFile();
    connect().exec('DROP TABLE alembic_version; DROP TABLE trial_heartbeats');
    await expectError('STORAGE_TOO_OLD');
  });

  it('refuses a newer schema', async () => {
    await createStudyFile();
    connect().exec(
      "UPDATE alembic_version SET version_num = 'v6.0.0.a'; UPDATE version_info SET library_version = '6.1.0'",
    );
    await expectError('STORAGE_TOO_NEW', { migrate: 'backup' });
    await expect(openStorage(file)).rejects.toThrow('6.1.0');
  });

  it.each(['user', 'system'] as const)(
    'shows %s attributes that are no JSON as such, keeps them, and reads all else',
    async (kind) => {
      await createStudyFile();
      const first = await open(file);
      const { trialId } = await first.createTrial(1);
      const database = connect();
      const broken = '{"half": 1';
      for (const [owner, id] of [
        ['study', 1],
        ['trial', trialId],
      ] as const)
        database
          .prepare(
            `INSERT INTO ${owner}_${kind}_attributes (${owner}_id, key, value_json) VALUES (?, 'broken', ?)`,
          )
          .run(id, broken);
      const attrs = kind === 'user' ? 'userAttrs' : 'systemAttrs';
      const shown = { [attrs]: { broken: `not JSON: ${broken}` } };
      const storage = await open(file);
      expect((await storage.getStudies())[0]).toMatchObject(shown);
      expect((await storage.getTrials(1))[0]).toMatchObject(shown);

      await storage.setStudyUserAttr(1, 'good', 1);
      await storage.setTrialUserAttr(trialId, 'good', 1);
      await storage.finishTrial(trialId, 'complete', [1]);
      const stored = database
        .prepare(
          `SELECT value_json FROM study_${kind}_attributes WHERE key = 'broken'
           UNION ALL SELECT value_json FROM trial_${kind}_attributes WHERE key = 'broken'`,
        )
        .pluck()
        .all();
      expect(stored).toEqual([broken, broken]);

      const to = new InMemoryStorage();
      const { studyName } = await storage.getStudy(1);
      await copyStudy({ from: storage, to, studyName });
      const copy = await to.getStudy(await to.getStudyId(studyName));
      expect(Object.keys(copy[attrs])).not.toContain('broken');
      const [trial] = await to.getTrials(copy.studyId);
      expect(trial?.userAttrs).toMatchObject({ good: 1 });
      expect(Object.keys(trial?.[attrs] ?? {})).not.toContain('broken');
    },
  );

  it('says that a file is damaged', async () => {
    await createStudyFile();
    truncateSync(file, 3 * 4096);
    await expect(openStorage(file).then((storage) => storage.getStudies())).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringContaining('damaged'),
    });
  });

  it.each(['moved', 'deleted', 'replaced'])(
    'notices that the file is %s while it is open',
    async (what) => {
      const storage = await open(file, { create: true });
      await storage.createStudy(['minimize']);
      if (what === 'moved') renameSync(file, `${file}.moved`);
      else rmSync(file);
      if (what === 'replaced') writeFileSync(file, '');
      await eventually(() =>
        expect(storage.createStudy(['minimize'])).rejects.toMatchObject({
          code: 'STORAGE_NOT_FOUND',
          message: expect.stringContaining(file),
        }),
      );
      await expect(storage.createStudy(['minimize'])).rejects.toThrow('moved or deleted');
    },
  );
});

describe('a file that is only looked at', () => {
  it('gives everything and takes nothing', async () => {
    await createStudyFile();
    const storage = await open(file, { readOnly: true });
    expect(await storage.getStudies()).toHaveLength(1);
    for (const write of [
      storage.createStudy(['minimize']),
      storage.createTrial(1),
      storage.deleteStudy(1),
      storage.setStudyUserAttr(1, 'a', 1),
    ])
      await expect(write).rejects.toMatchObject({
        code: 'STORAGE_READ_ONLY',
        message: expect.stringContaining(file),
      });
    expect(await storage.getStudies()).toHaveLength(1);
  });

  it('shows what others write', async () => {
    const writer = await open(file, { create: true });
    const reader = await open(file, { readOnly: true });
    expect(await reader.getStudies()).toEqual([]);
    await writer.createStudy(['minimize'], 'study');
    expect(await reader.getStudies()).toHaveLength(1);
  });

  it('need not be migrated', async () => {
    copyFileSync(new URL('optuna/optuna-3.1.db', fixtures), file);
    const storage = await open(file, { readOnly: true });
    expect(await storage.countTrials(1)).toBe(2);
    expect(readdirSync(folder.path)).toEqual(['study.db']);
  });
});

const script = fileURLToPath(new URL('./tuner/storages/look-at-file.ts', import.meta.url));
const isRoot = process.getuid?.() === 0;
const NOBODY = 65534;

interface Look {
  error: string | null;
  message: string;
  nStudies: number;
  writeError: string | null;
}

/** Opens the file as a user whom permissions stop: root is stopped by none. */
function lookAsUser(path: string, ...ways: OpenStorageOptions[]): Look[] {
  const user = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  const output = execFileSync(process.execPath, [script, path, JSON.stringify(ways)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    ...user,
  });
  return JSON.parse(output) as Look[];
}

function reasonWhyNoUser(): string | null {
  if (process.platform === 'win32') return 'permissions as Unix has them';
  try {
    lookAsUser('memory:');
    return null;
  } catch {
    return 'a checkout that other users may read';
  }
}

const reason = reasonWhyNoUser();
describe.skipIf(reason !== null)(`permissions${reason ? ` [needs ${reason}]` : ''}`, () => {
  beforeEach(() => chmodSync(folder.path, 0o777));
  afterEach(() => chmodSync(folder.path, 0o777));

  async function expectReadable(): Promise<void> {
    const [asItIs, looking] = lookAsUser(file, {}, { readOnly: true }) as [Look, Look];
    expect(asItIs).toMatchObject({
      error: 'STORAGE_READ_ONLY',
      message: expect.stringContaining(file),
    });
    expect(looking).toEqual({
      error: null,
      message: '',
      nStudies: 1,
      writeError: 'STORAGE_READ_ONLY',
    });
  }

  it('opens a file for writing when it may', async () => {
    await createStudyFile();
    chmodSync(file, 0o666);
    expect(lookAsUser(file, {})).toEqual([
      { error: null, message: '', nStudies: 1, writeError: null },
    ]);
  });

  it('only looks at a file that may not be written', async () => {
    await createStudyFile();
    chmodSync(file, 0o444);
    await expectReadable();
  });

  it('only looks at a file whose folder may not be written, with a write-ahead log', async () => {
    await createStudyFile();
    chmodSync(file, 0o666);
    chmodSync(folder.path, 0o555);
    await expectReadable();
  });

  it('only looks at a file whose folder may not be written, without a write-ahead log', async () => {
    copyFileSync(new URL('optuna/optuna-5.0.db', fixtures), file);
    chmodSync(file, 0o444);
    chmodSync(folder.path, 0o555);
    await expectReadable();
  });

  it('makes no file where it may not', () => {
    chmodSync(folder.path, 0o555);
    const [look] = lookAsUser(file, { create: true });
    expect(look?.error).toBe('STORAGE_READ_ONLY');
    expect(look?.message).toContain(`must be writable, but "${folder.path}" is not`);
    expect(existsSync(file)).toBe(false);
  });

  it('says so when a file may not even be read', async () => {
    await createStudyFile();
    chmodSync(file, 0o000);
    for (const { error, message } of lookAsUser(file, {}, { readOnly: true })) {
      expect(error).toMatch(/^STORAGE_(READ_ONLY|FAILED)$/);
      expect(message).toContain(file);
    }
  });
});

describe('a file that another program has locked', () => {
  it('is named, with the way out, when the lock outlasts the time-out', async () => {
    await createStudyFile();
    const storage = await open(file, { busyTimeoutMs: 200 });
    const other = connect();
    other.exec('BEGIN IMMEDIATE');
    const error = await storage.createStudy(['minimize']).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'STORAGE_LOCKED',
      message: expect.stringMatching(/study\.db.*0\.2 s.*Close that program/),
    });
    expect(await storage.getStudies()).toHaveLength(1);
    other.exec('ROLLBACK');
    await storage.createStudy(['minimize']);
  });

  it('cannot even be read while it is locked exclusively', async () => {
    copyFileSync(new URL('optuna/optuna-5.0.db', fixtures), file);
    const storage = await open(file, { busyTimeoutMs: 150 });
    const other = connect();
    other.exec('BEGIN EXCLUSIVE');
    await expect(storage.getStudies()).rejects.toMatchObject({ code: 'STORAGE_LOCKED' });
    await expect(openStorage(file, { busyTimeoutMs: 150 })).rejects.toMatchObject({
      code: 'STORAGE_LOCKED',
    });
    other.exec('ROLLBACK');
    expect(await storage.getStudies()).toHaveLength(1);
  });

  it('is waited for, and meanwhile everything else goes on', async () => {
    await createStudyFile();
    const storage = await open(file);
    const other = connect();
    other.exec('BEGIN IMMEDIATE');
    const write = storage.createStudy(['minimize'], 'patient');
    let nTicks = 0;
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if (++nTicks < 5) return;
        clearInterval(timer);
        resolve();
      }, 1);
    });
    other.exec('COMMIT');
    await write;
    expect(await storage.getStudyId('patient')).toBeGreaterThan(1);
  });

  it('is not kept locked by a storage that has been read', async () => {
    await createStudyFile();
    const storage = await open(file, { busyTimeoutMs: 100 });
    await storage.getTrials(1);
    const other = connect();
    other.pragma('busy_timeout = 0');
    other.exec('BEGIN EXCLUSIVE; COMMIT');
    other.pragma('wal_checkpoint(TRUNCATE)');
    expect(existsSync(`${file}-wal`) ? statSync(`${file}-wal`).size : 0).toBe(0);
  });
});

/** A file system of one megabyte, or null where none can be had. */
function mountSmallDisk(path: string): { unmount: () => void } | null {
  try {
    mkdirSync(path);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path], { stdio: 'ignore' });
    return { unmount: () => execFileSync('umount', [path]) };
  } catch {
    rmSync(path, { recursive: true, force: true });
    return null;
  }
}

describe('a full disk', () => {
  async function fill(storage: Storage): Promise<number> {
    await storage.createStudy(['minimize'], 'study');
    const value = 'x'.repeat(20_000);
    for (let n = 0; n < 1000; n++) {
      try {
        await storage.setStudyUserAttr(1, `${n}`, value);
      } catch (error) {
        expect(error).toMatchObject({
          code: 'STORAGE_FULL',
          message: expect.stringMatching(/study\.db.*Free some space/),
        });
        return n;
      }
    }
    throw new Error('The disk never became full.');
  }

  it('is an error that loses nothing, and one can go on when there is room', async () => {
    const { storage, database } = await openFile(file, { processInfo: hostOfTests });
    opened.push(storage);
    database.pragma('max_page_count = 100');
    const nStored = await fill(storage);
    expect(Object.keys((await storage.getStudy(1)).userAttrs)).toHaveLength(nStored);
    database.pragma('max_page_count = 100000');
    await storage.setStudyUserAttr(1, 'after', true);
    const other = await open(file);
    expect(Object.keys((await other.getStudy(1)).userAttrs)).toHaveLength(nStored + 1);
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
  });

  it('is told from a real one, where the machine lets the test have it', async ({ skip }) => {
    const path = join(folder.path, 'disk');
    const disk = mountSmallDisk(path);
    if (disk === null) return skip('needs the right to mount a file system');
    try {
      const small = join(path, 'study.db');
      const storage = await openStorage(small, { create: true });
      const nStored = await fill(storage);
      expect(Object.keys((await storage.getStudy(1)).userAttrs)).toHaveLength(nStored);
      await storage.close();
      const database = new Database(small, { readonly: true });
      expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
      database.close();
    } finally {
      disk.unmount();
    }
  });

  it('leaves no half-made file or backup', async ({ skip }) => {
    const path = join(folder.path, 'disk');
    const disk = mountSmallDisk(path);
    if (disk === null) return skip('needs the right to mount a file system');
    try {
      const old = join(path, 'study.db');
      copyFileSync(new URL('optuna/optuna-3.1.db', fixtures), old);
      writeFileSync(join(path, 'ballast'), Buffer.alloc(900_000));
      await expect(openStorage(old, { migrate: 'backup' })).rejects.toMatchObject({
        code: 'STORAGE_FULL',
      });
      await expect(openStorage(join(path, 'new.db'), { create: true })).rejects.toMatchObject({
        code: 'STORAGE_FULL',
      });
      expect(readdirSync(path).sort()).toEqual(['ballast', 'study.db']);
      rmSync(join(path, 'ballast'));
      const storage = await openStorage(old, { migrate: 'backup' });
      expect(await storage.countTrials(1)).toBe(2);
      await storage.close();
    } finally {
      disk.unmount();
    }
  });
});
