/**
 * Turns what a user calls a storage (a path, a URL) into a `Storage`. The one file that imports a database driver.
 */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
  type Stats,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { NodeJournalFile } from './journal-file.ts';
import { InvalidArgumentError, StorageError } from './tuner/errors.ts';
import { CachedStorage } from './tuner/storages/cached.ts';
import { InMemoryStorage } from './tuner/storages/in-memory.ts';
import { JournalStorage } from './tuner/storages/journal/journal-storage.ts';
import { createProcessInfo, type ProcessInfo } from './tuner/storages/process-info.ts';
import { get, run } from './tuner/storages/sql/program.ts';
import {
  HEAD,
  createSchema,
  inspectSchema,
  isWrittenInLocalTime,
  migrateSchema,
  type SchemaState,
} from './tuner/storages/sql/schema.ts';
import { SqlStorage } from './tuner/storages/sql/sql-storage.ts';
import {
  SqliteDriver,
  fileMoved,
  sqliteDialect,
  toStorageError,
} from './tuner/storages/sql/sqlite.ts';
import type { Storage } from './tuner/storages/storage.ts';

export interface OpenStorageOptions {
  /** Make the file when it is not there. The folder must exist. @default false, so that a mistyped path is an error and not an empty study list */
  create?: boolean;
  /** Only look: nothing is written, and a file of an older Optuna is read as it is; writes fail with STORAGE_READ_ONLY. @default false */
  readOnly?: boolean;
  /** What to do with a file of an older Optuna: upgrade it after a backup beside it, or throw STORAGE_NEEDS_MIGRATION. With `readOnly` it is neither needed nor done. @default 'refuse' */
  migrate?: 'backup' | 'refuse';
  /**
   * What the times mean of trials that Optuna ran. 'auto': local time in a file that was made by Optuna 4.9 or older, else UTC. Wrong where
   * Optuna 5 went on with such a file, or where it comes from a machine in another time zone. Trials that Parzen ran are always UTC. In a journal it
   * matters only for times without an offset, which Optuna 4.9 and older wrote; 'auto' takes them for local time. @default 'auto'
   */
  timeZone?: 'auto' | 'utc' | 'local';
  /** How long to wait for another program that holds the file, in milliseconds. @default 10,000; for a journal 60,000 */
  busyTimeoutMs?: number;
}

const optionNames: readonly (keyof OpenStorageOptions)[] = [
  'create',
  'readOnly',
  'migrate',
  'timeZone',
  'busyTimeoutMs',
];

/** Pages (4 kB) after which what is in the write-ahead log goes into the file. That waits for the disk, and many writes are to the same pages. */
const CHECKPOINT_PAGES = 4000;

/** What SQLite itself waits; it blocks the process meanwhile, so that the driver does the rest of the waiting. */
const BLOCKING_TIMEOUT_MS = 50;

/**
 * Opens a storage.
 *
 * @param url A path; `sqlite:///relative.db`, `sqlite:////absolute.db` (SQLAlchemy's form); `journal:PATH`, a path that ends in
 *   `.log` or `.journal`, or that of a file with a journal in it, for Optuna's journal file; `memory:` or `:memory:` for one that lives as long as the object.
 * @throws InvalidArgumentError for another kind of URL or an unknown option.
 * @throws StorageError STORAGE_NOT_FOUND, STORAGE_NOT_A_DATABASE, STORAGE_NOT_OPTUNA, STORAGE_TOO_OLD, STORAGE_TOO_NEW, STORAGE_NEEDS_MIGRATION,
 *   STORAGE_READ_ONLY, STORAGE_LOCKED, STORAGE_FULL.
 */
export async function openStorage(url: string, options: OpenStorageOptions = {}): Promise<Storage> {
  checkOptions(options);
  const path = parseStorageUrl(url);
  if (path === null) return new InMemoryStorage();
  return isJournal(url, path) ? openJournal(path, options) : openSqliteFile(path, options);
}

/** By the URL, the file's name, or its first character: a journal's lines are JSON objects. */
function isJournal(url: string, path: string): boolean {
  if (url.startsWith('journal:')) return true;
  if (/^sqlite(\+\w+)?:/.test(url)) return false;
  return /\.(log|journal)$/.test(path) || firstByte(path) === '{'.charCodeAt(0);
}

function firstByte(path: string): number | null {
  if (!existsSync(path) || !statSync(path).isFile() || !canRead(path)) return null;
  const fd = openSync(path, 'r');
  const byte = Buffer.alloc(1);
  try {
    return readSync(fd, byte) === 0 ? null : (byte[0] ?? null);
  } finally {
    closeSync(fd);
  }
}

/**
 * The file a storage URL names, as an absolute path; null for a storage in memory.
 *
 * @throws InvalidArgumentError for another kind of URL.
 */
export function parseStorageUrl(url: string): string | null {
  if (['memory:', ':memory:', 'sqlite://', 'sqlite:///', 'sqlite:///:memory:'].includes(url))
    return null;
  const journal = /^journal:(?!\/\/)(.+)/.exec(url);
  if (journal?.[1] !== undefined) return resolve(journal[1]);
  const sqlite = /^sqlite(?:\+\w+)?:\/\/\/([^?]*)/.exec(url);
  // Two letters at least before the colon: C:\study.db is a path.
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(url);
  if (url === '' || url === 'journal:' || (scheme !== null && sqlite === null))
    throw new InvalidArgumentError(
      `A storage must be a path, sqlite:///FILE, journal:FILE or memory:, but got "${url}".`,
    );
  return resolve(sqlite?.[1] ?? url);
}

function openJournal(file: string, options: OpenStorageOptions): Storage {
  const { create = false, readOnly = false, busyTimeoutMs, timeZone = 'auto' } = options;
  // Appending, as another process may just have made the file and written to it.
  if (!checkFile(file, { create, readOnly })) writeFileSync(file, '', { flag: 'a' });
  return new JournalStorage({
    file: new NodeJournalFile({ file, readOnly, busyTimeoutMs }),
    processInfo: createNodeProcessInfo(),
    zone: timeZone === 'utc' ? 'utc' : 'local',
  });
}

async function openSqliteFile(file: string, options: OpenStorageOptions): Promise<Storage> {
  const { create = false, readOnly = false, busyTimeoutMs = 10_000 } = options;
  const isNew = !checkFile(file, { create, readOnly });
  const driverOptions = { file, busyTimeoutMs, checkInPlace: createPlaceCheck(file) };
  let database: Database.Database;
  try {
    database = connect(file, readOnly);
  } catch (error) {
    throw toStorageError(error, driverOptions);
  }
  const driver = new SqliteDriver(database, driverOptions);
  try {
    const schema = await prepareSchema(driver, file, options);
    const processInfo = createNodeProcessInfo();
    const backend = new SqlStorage({
      driver,
      dialect: sqliteDialect,
      processInfo,
      foreignZone: zoneOf(schema, options),
    });
    return new CachedStorage(backend, processInfo);
  } catch (error) {
    const isEmpty = isNew && (await hasNoTables(driver));
    await driver.close();
    if (isEmpty) for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
    throw error;
  }
}

async function hasNoTables(driver: SqliteDriver): Promise<boolean> {
  const tables = await driver.read(() => sqliteDialect.tableNames()).catch(() => null);
  return tables?.length === 0;
}

/**
 * A file that was moved or deleted goes on to be written by those who have it open, and what they write is lost with it; with a
 * write-ahead log SQLite does not notice. Looks at most twice a second.
 */
function createPlaceCheck(file: string): () => void {
  let first: Stats | undefined;
  let lastLook = -Infinity;
  return () => {
    if (performance.now() - lastLook < 500) return;
    const now = statSync(file, { throwIfNoEntry: false });
    first ??= now;
    if (now === undefined || now.ino !== first?.ino || now.dev !== first.dev) throw fileMoved(file);
    lastLook = performance.now();
  };
}

/** @returns Whether the file is there. */
function checkFile(
  file: string,
  { create, readOnly }: { create: boolean; readOnly: boolean },
): boolean {
  const folder = dirname(file);
  if (!existsSync(file)) {
    if (!create || readOnly)
      throw new StorageError(
        'STORAGE_NOT_FOUND',
        `The file must exist, but there is no "${file}". Check the path, or have the file created.`,
      );
    if (!existsSync(folder))
      throw new StorageError(
        'STORAGE_NOT_FOUND',
        `The folder of a new file must exist, but there is no "${folder}". Create it first.`,
      );
  } else if (!statSync(file).isFile())
    throw new StorageError(
      'STORAGE_NOT_A_DATABASE',
      `A storage must be a file, but "${file}" is not one.`,
    );
  const isThere = existsSync(file);
  if (!isThere && !canWrite(folder))
    throw new StorageError(
      'STORAGE_READ_ONLY',
      `The folder of a new file must be writable, but "${folder}" is not. Choose a folder of your own.`,
    );
  if (!readOnly && !(canWrite(folder) && (!isThere || canWrite(file))))
    throw new StorageError(
      'STORAGE_READ_ONLY',
      `The file and its folder must be writable, but "${file}" can only be read. Open it read-only to look at it, or copy it to a folder of your own.`,
    );
  return isThere;
}

function canWrite(path: string): boolean {
  return canAccess(path, constants.W_OK);
}

function canRead(path: string): boolean {
  return canAccess(path, constants.R_OK);
}

function canAccess(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

function connect(file: string, readOnly: boolean): Database.Database {
  const timeout = BLOCKING_TIMEOUT_MS;
  if (!readOnly) return new Database(file, { timeout });
  return canWrite(dirname(file))
    ? new Database(file, { readonly: true, timeout })
    : connectWithoutFolder(file);
}

/**
 * With a write-ahead log SQLite must write beside the file even to read it. Where it cannot, a copy in memory is read, told by its header
 * (bytes 18 and 19: the versions needed to write and to read) that it has no such log.
 */
function connectWithoutFolder(file: string): Database.Database {
  const wal = `${file}-wal`;
  const hasWal = existsSync(wal) && statSync(wal).size > 0;
  const bytes = readFileSync(file);
  const isInWalMode = bytes.toString('latin1', 0, 15) === 'SQLite format 3' && bytes[19] === 2;
  if (hasWal || !isInWalMode)
    return new Database(file, { readonly: true, timeout: BLOCKING_TIMEOUT_MS });
  bytes.fill(1, 18, 20);
  return new Database(bytes, { readonly: true });
}

/** Creates, checks or migrates the tables, and sets how the file is written. */
async function prepareSchema(
  driver: SqliteDriver,
  file: string,
  { create = false, readOnly = false, migrate = 'refuse' }: OpenStorageOptions,
): Promise<SchemaState> {
  let schema = await driver.read(() => inspectSchema(sqliteDialect, file));
  if (schema.revision === null) {
    if (!create || readOnly)
      throw new StorageError(
        'STORAGE_NOT_OPTUNA',
        `The database must have Optuna's tables, but "${file}" is empty. Check the path, or have the tables created.`,
      );
    await driver.runAlone(() => get('PRAGMA journal_mode = WAL'));
    schema = await driver.write(function* () {
      // Another process may have been faster.
      const now = yield* inspectSchema(sqliteDialect, file);
      return now.revision === null ? yield* createSchema(sqliteDialect) : now;
    });
  }
  // To read a file of an older revision is no problem: what is missing is an index.
  if (schema.revision !== HEAD && !readOnly) {
    if (migrate === 'refuse')
      throw new StorageError(
        'STORAGE_NEEDS_MIGRATION',
        `The database must have Optuna's schema ${HEAD}, but "${file}" has ${schema.revision} (Optuna ${schema.libraryVersion}). ` +
          'Have it upgraded (a backup is made beside it; that Optuna will not open the upgraded file any more).',
      );
    const backup = freeBackupPath(file, schema.revision as string);
    try {
      await driver.runAlone(() => run('VACUUM INTO ?', backup));
    } catch (error) {
      rmSync(backup, { force: true });
      throw error;
    }
    await driver.write(migrateSchema);
  }
  await driver.runAlone(function* () {
    const [mode] = (yield* get<[string]>('PRAGMA journal_mode')) as [string];
    // Safe with a write-ahead log: a power cut may take the last writes, never the file.
    if (mode !== 'wal' || readOnly) return;
    yield* run('PRAGMA synchronous = NORMAL');
    yield* get(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  });
  return schema;
}

function freeBackupPath(file: string, revision: string): string {
  const first = `${file}.backup-${revision}`;
  let path = first;
  for (let n = 2; existsSync(path); n++) path = `${first}-${n}`;
  return path;
}

function zoneOf(
  { libraryVersion }: SchemaState,
  { timeZone = 'auto' }: OpenStorageOptions,
): 'utc' | 'local' {
  if (timeZone !== 'auto') return timeZone;
  return isWrittenInLocalTime(libraryVersion) ? 'local' : 'utc';
}

function checkOptions(options: OpenStorageOptions): void {
  for (const name of Object.keys(options))
    if (!(optionNames as readonly string[]).includes(name))
      throw new InvalidArgumentError(
        `The options of a storage are ${optionNames.join(', ')}, but got \`${name}\`.`,
      );
  const { migrate = 'refuse', timeZone = 'auto', busyTimeoutMs = 0 } = options;
  if (!['backup', 'refuse'].includes(migrate))
    throw new InvalidArgumentError(
      `\`migrate\` must be 'backup' or 'refuse', but got '${migrate}'.`,
    );
  if (!['auto', 'utc', 'local'].includes(timeZone))
    throw new InvalidArgumentError(
      `\`timeZone\` must be 'auto', 'utc' or 'local', but got '${timeZone}'.`,
    );
  if (!(busyTimeoutMs >= 0))
    throw new InvalidArgumentError(
      `\`busyTimeoutMs\` must be 0 or more, but got ${busyTimeoutMs}.`,
    );
}

function createNodeProcessInfo(): ProcessInfo {
  return createProcessInfo({ host: hostname(), pid: process.pid, processStart, isRunning });
}

/** The start of a process in clock ticks since the start of the machine, and which start of the machine that was. Linux only. */
function processStart(pid: number): string {
  try {
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the name in parentheses, which may hold anything; the 22nd is the start.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return `${bootId}/${fields[19]}`;
  } catch {
    return '';
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    // It is there, but belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A process that has ended, but whose parent has not looked yet: it still has its number. */
function isZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
  } catch {
    return false;
  }
}
