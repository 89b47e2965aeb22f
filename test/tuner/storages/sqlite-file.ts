/** Storages on SQLite files in temporary folders, put together by hand so that a test may say what `openStorage` decides by itself. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { CachedStorage } from '../../../src-main/tuner/storages/cached.ts';
import type { ProcessInfo } from '../../../src-main/tuner/storages/process-info.ts';
import { createSchema, inspectSchema } from '../../../src-main/tuner/storages/sql/schema.ts';
import { SqlStorage } from '../../../src-main/tuner/storages/sql/sql-storage.ts';
import { SqliteDriver, sqliteDialect } from '../../../src-main/tuner/storages/sql/sqlite.ts';
import type { StoredZone } from '../../../src-main/tuner/storages/stored-time.ts';

/** A new folder for a test. */
export function createFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'parzen-storage-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export interface FileStorageOptions {
  processInfo: ProcessInfo;
  foreignZone?: StoredZone;
  busyTimeoutMs?: number;
  /** Called with each statement that is run. */
  onStatement?: (sql: string) => void;
}

/** Opens the file, creating the tables when there are none. `database` is for looking behind the storage's back. */
export async function openFile(
  file: string,
  { processInfo, foreignZone = 'utc', busyTimeoutMs = 10_000, onStatement }: FileStorageOptions,
): Promise<{ storage: CachedStorage; backend: SqlStorage; database: Database.Database }> {
  const verbose = onStatement && ((message: unknown) => onStatement(String(message)));
  const database = new Database(file, { timeout: 50, verbose });
  database.pragma('journal_mode = WAL');
  const driver = new SqliteDriver(database, { file, busyTimeoutMs });
  await driver.write(function* () {
    const schema = yield* inspectSchema(sqliteDialect, file);
    if (schema.revision === null) yield* createSchema(sqliteDialect);
  });
  const backend = new SqlStorage({ driver, dialect: sqliteDialect, processInfo, foreignZone });
  return { storage: new CachedStorage(backend, processInfo), backend, database };
}
