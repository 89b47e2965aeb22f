/**
 * SQLite for `SqlStorage`. The driver package stays outside (only `open-storage.ts` imports better-sqlite3): what is used of it is
 * described here, and the open database is handed over.
 */
import { StorageError, TunerError, type StorageErrorCode } from '../../errors.ts';
import {
  all,
  get,
  type SqlDialect,
  type SqlDriver,
  type SqlProgram,
  type SqlStatement,
} from './program.ts';

/** The part of better-sqlite3's `Database` that is used. */
export interface SqliteDatabase {
  readonly open: boolean;
  readonly inTransaction: boolean;
  prepare(sql: string): SqlitePreparedStatement;
  close(): unknown;
}

export interface SqlitePreparedStatement {
  /** Whether the statement returns rows. */
  readonly reader: boolean;
  /** Makes rows come as arrays. */
  raw(isOn: boolean): unknown;
  run(params: readonly unknown[]): { readonly changes: number };
  get(params: readonly unknown[]): unknown;
  all(params: readonly unknown[]): unknown[];
}

export interface SqliteDriverOptions {
  /** The path of the file, for messages. */
  file: string;
  /** How long to wait for another program that holds the file, in milliseconds. */
  busyTimeoutMs: number;
  /** Called before each write and look for changes; throws when the file is not where it was opened. @default no check */
  checkInPlace?: () => void;
}

/**
 * Runs each program from begin to end without giving way, so that nothing of this process comes between. Where another program holds
 * the file it waits without blocking the event loop and starts again; give the database itself a busy timeout of a few milliseconds only.
 */
export class SqliteDriver implements SqlDriver {
  readonly #database: SqliteDatabase;
  readonly #options: SqliteDriverOptions;
  readonly #statements = new Map<string, SqlitePreparedStatement>();

  constructor(database: SqliteDatabase, options: SqliteDriverOptions) {
    this.#database = database;
    this.#options = options;
  }

  read<T>(program: () => SqlProgram<T>): Promise<T> {
    return this.#transaction('BEGIN', program);
  }

  write<T>(program: () => SqlProgram<T>): Promise<T> {
    return this.#transaction('BEGIN IMMEDIATE', () => {
      this.#options.checkInPlace?.();
      return program();
    });
  }

  /** For statements that must not stand in a transaction, such as VACUUM INTO and some PRAGMAs. */
  runAlone<T>(program: () => SqlProgram<T>): Promise<T> {
    return this.#patiently(() => this.#execute(program()));
  }

  changeToken(): Promise<number> {
    return this.#patiently(() => {
      // What is read from a file that is gone would look as if nothing had happened to it.
      this.#options.checkInPlace?.();
      const [version] = this.#perform({
        kind: 'get',
        sql: 'PRAGMA data_version',
        params: [],
      }) as [number];
      return version;
    });
  }

  async close(): Promise<void> {
    this.#statements.clear();
    if (this.#database.open) this.#database.close();
  }

  #transaction<T>(begin: string, program: () => SqlProgram<T>): Promise<T> {
    return this.#patiently(() => {
      this.#perform({ kind: 'run', sql: begin, params: [] });
      try {
        const result = this.#execute(program());
        this.#perform({ kind: 'run', sql: 'COMMIT', params: [] });
        return result;
      } catch (error) {
        // A full disk makes SQLite roll back by itself.
        if (this.#database.inTransaction)
          this.#perform({ kind: 'run', sql: 'ROLLBACK', params: [] });
        throw error;
      }
    });
  }

  async #patiently<T>(attempt: () => T): Promise<T> {
    if (!this.#database.open)
      throw new StorageError(
        'STORAGE_CLOSED',
        `The storage "${this.#options.file}" has been closed.`,
      );
    const deadline = performance.now() + this.#options.busyTimeoutMs;
    for (let delayMs = 2; ; delayMs = Math.min(2 * delayMs, 100)) {
      try {
        return attempt();
      } catch (error) {
        if (!isBusy(error) || performance.now() + delayMs > deadline)
          throw toStorageError(error, this.#options);
      }
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      if (!this.#database.open)
        throw new StorageError(
          'STORAGE_CLOSED',
          `The storage "${this.#options.file}" has been closed.`,
        );
    }
  }

  #execute<T>(program: SqlProgram<T>): T {
    let step = program.next();
    while (!step.done) step = program.next(this.#perform(step.value));
    return step.value;
  }

  #perform({ kind, sql, params }: SqlStatement): unknown {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      if (statement.reader) statement.raw(true);
      this.#statements.set(sql, statement);
    }
    switch (kind) {
      case 'run':
        return statement.reader ? statement.all(params).length : statement.run(params).changes;
      case 'get':
        return statement.get(params);
      case 'all':
        return statement.all(params);
    }
  }
}

export const sqliteDialect: SqlDialect = {
  createTables: createTables(),
  forUpdate: '',
  *tableNames() {
    const rows = yield* all<[string]>(
      `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'`,
    );
    return rows.map(([name]) => name);
  },
  *nextId(table, lastGiven) {
    const column = table === 'studies' ? 'study_id' : 'trial_id';
    const row = yield* get<[number | null]>(`SELECT max(${column}) FROM ${table}`);
    return Math.max(row?.[0] ?? 0, lastGiven) + 1;
  },
};

/** The statements of Optuna's schema, byte for byte as SQLAlchemy writes them for SQLite. */
function createTables(): string[] {
  const table = (name: string, ...lines: readonly string[]): string =>
    `CREATE TABLE ${name} (\n\t${lines.join(', \n\t')}\n)`;
  const attributes = (owner: 'study' | 'trial', kind: 'user' | 'system'): string =>
    table(
      `${owner}_${kind}_attributes`,
      `${owner}_${kind}_attribute_id INTEGER NOT NULL`,
      `${owner}_id INTEGER`,
      '"key" VARCHAR(512)',
      'value_json TEXT',
      `PRIMARY KEY (${owner}_${kind}_attribute_id)`,
      `UNIQUE (${owner}_id, "key")`,
      owner === 'study' ? ofStudy : ofTrial,
    );
  const ofStudy = 'FOREIGN KEY(study_id) REFERENCES studies (study_id)';
  const ofTrial = 'FOREIGN KEY(trial_id) REFERENCES trials (trial_id)';
  return [
    table(
      'studies',
      'study_id INTEGER NOT NULL',
      'study_name VARCHAR(512) NOT NULL',
      'PRIMARY KEY (study_id)',
    ),
    'CREATE UNIQUE INDEX ix_studies_study_name ON studies (study_name)',
    table(
      'version_info',
      'version_info_id INTEGER NOT NULL',
      'schema_version INTEGER',
      'library_version VARCHAR(256)',
      'PRIMARY KEY (version_info_id)',
      'CHECK (version_info_id=1)',
    ),
    table(
      'study_directions',
      'study_direction_id INTEGER NOT NULL',
      'direction VARCHAR(8) NOT NULL',
      'study_id INTEGER NOT NULL',
      'objective INTEGER NOT NULL',
      'PRIMARY KEY (study_direction_id)',
      'UNIQUE (study_id, objective)',
      ofStudy,
    ),
    attributes('study', 'user'),
    attributes('study', 'system'),
    table(
      'trials',
      'trial_id INTEGER NOT NULL',
      'number INTEGER',
      'study_id INTEGER',
      'state VARCHAR(8) NOT NULL',
      'datetime_start DATETIME',
      'datetime_complete DATETIME',
      'PRIMARY KEY (trial_id)',
      ofStudy,
    ),
    'CREATE INDEX ix_trials_study_id ON trials (study_id)',
    attributes('trial', 'user'),
    attributes('trial', 'system'),
    table(
      'trial_params',
      'param_id INTEGER NOT NULL',
      'trial_id INTEGER',
      'param_name VARCHAR(512)',
      'param_value FLOAT',
      'distribution_json TEXT',
      'PRIMARY KEY (param_id)',
      'UNIQUE (trial_id, param_name)',
      ofTrial,
    ),
    table(
      'trial_values',
      'trial_value_id INTEGER NOT NULL',
      'trial_id INTEGER NOT NULL',
      'objective INTEGER NOT NULL',
      'value FLOAT',
      'value_type VARCHAR(7) NOT NULL',
      'PRIMARY KEY (trial_value_id)',
      'UNIQUE (trial_id, objective)',
      ofTrial,
    ),
    table(
      'trial_intermediate_values',
      'trial_intermediate_value_id INTEGER NOT NULL',
      'trial_id INTEGER NOT NULL',
      'step INTEGER NOT NULL',
      'intermediate_value FLOAT',
      'intermediate_value_type VARCHAR(7) NOT NULL',
      'PRIMARY KEY (trial_intermediate_value_id)',
      'UNIQUE (trial_id, step)',
      ofTrial,
    ),
    table(
      'trial_heartbeats',
      'trial_heartbeat_id INTEGER NOT NULL',
      'trial_id INTEGER NOT NULL',
      'heartbeat DATETIME NOT NULL',
      'PRIMARY KEY (trial_heartbeat_id)',
      'UNIQUE (trial_id)',
      ofTrial,
    ),
    table(
      'alembic_version',
      'version_num VARCHAR(32) NOT NULL',
      'CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)',
    ),
  ];
}

function isBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED');
}

function sqliteCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : '';
}

/** Turns what SQLite says into rule, value and way out. Errors of other kinds stay as they are. */
export function toStorageError(
  error: unknown,
  { file, busyTimeoutMs }: SqliteDriverOptions,
): unknown {
  const sqlite = sqliteCode(error);
  if (sqlite === '' || error instanceof TunerError) return error;
  if (sqlite === 'SQLITE_READONLY_DBMOVED') return fileMoved(file, error);
  const [code, message] = explain(sqlite, (error as Error).message, file, busyTimeoutMs);
  return new StorageError(code, message, { cause: error });
}

export function fileMoved(file: string, cause?: unknown): StorageError {
  return new StorageError(
    'STORAGE_NOT_FOUND',
    `The file must stay where it is while it is open, but "${file}" was moved or deleted. Open it again where it is now.`,
    { cause },
  );
}

function explain(
  sqlite: string,
  detail: string,
  file: string,
  busyTimeoutMs: number,
): [StorageErrorCode, string] {
  const [kind = ''] = /^SQLITE_[A-Z]+/.exec(sqlite) ?? [];
  switch (kind) {
    case 'SQLITE_BUSY':
    case 'SQLITE_LOCKED':
      return [
        'STORAGE_LOCKED',
        `The file must be free for writing, but another program has kept "${file}" locked for ${busyTimeoutMs / 1000} s. Close that program or end its transaction, then try again.`,
      ];
    case 'SQLITE_FULL':
      return [
        'STORAGE_FULL',
        `There must be room for the file to grow, but the disk (or its quota) of "${file}" is full. Free some space and try again; everything stored so far is safe.`,
      ];
    case 'SQLITE_READONLY':
      return [
        'STORAGE_READ_ONLY',
        `The file and its folder must be writable, but "${file}" can only be read. Change the permissions, or copy the file to a folder of your own.`,
      ];
    case 'SQLITE_NOTADB':
      return [
        'STORAGE_NOT_A_DATABASE',
        `The file must be an SQLite database, but "${file}" is not one (or is encrypted). Choose another file.`,
      ];
    case 'SQLITE_CORRUPT':
      return [
        'STORAGE_FAILED',
        `The file must be a whole SQLite database, but "${file}" is damaged (${detail}). Go back to a backup, or save what can be saved: sqlite3 FILE .recover`,
      ];
    case 'SQLITE_CANTOPEN':
      return [
        'STORAGE_FAILED',
        `SQLite must be able to open the file and create others beside it, but cannot for "${file}" (${detail}). Check the path and the permissions of the folder.`,
      ];
    default:
      return [
        'STORAGE_FAILED',
        `SQLite could not do what was asked of "${file}": ${detail} (${sqlite}).`,
      ];
  }
}
