/**
 * Optuna's relational schema: version 12, alembic revision v3.2.0.a, as Optuna 3.2 and later create it
 * (`optuna/storages/_rdb/models.py`). Nothing is added to it; what Parzen knows beyond it is kept in attributes.
 */
import { StorageError } from '../../errors.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { all, get, run, type SqlDialect, type SqlProgram } from './program.ts';

export const HEAD = 'v3.2.0.a';

const SCHEMA_VERSION = 12;
/** Optuna shows it in a message only. Its first number tells how times are meant, see `isWrittenInLocalTime`. */
const LIBRARY_VERSION = '5.0.0+parzen';

/** Revisions of Optuna before the oldest one that Parzen can upgrade. */
const OLD_REVISIONS = [
  'v0.9.0.a',
  'v1.2.0.a',
  'v1.3.0.a',
  'v2.4.0.a',
  'v2.6.0.a',
  'v3.0.0.a',
  'v3.0.0.b',
  'v3.0.0.c',
];

const REQUIRED_TABLES = [
  'studies',
  'version_info',
  'study_directions',
  'study_user_attributes',
  'study_system_attributes',
  'trials',
  'trial_user_attributes',
  'trial_system_attributes',
  'trial_params',
  'trial_values',
  'trial_intermediate_values',
  'trial_heartbeats',
  'alembic_version',
];

export interface SchemaState {
  /** The alembic revision; null for a database without any table. */
  readonly revision: string | null;
  /** The version of Optuna (or Parzen) that made the tables. */
  readonly libraryVersion: string;
}

/**
 * Looks at the tables of a database.
 *
 * @param name The database, for messages.
 * @throws StorageError STORAGE_NOT_OPTUNA, STORAGE_TOO_OLD or STORAGE_TOO_NEW where Parzen can do nothing with them.
 */
export function* inspectSchema(dialect: SqlDialect, name: string): SqlProgram<SchemaState> {
  const tables = new Set(yield* dialect.tableNames());
  if (tables.size === 0) return { revision: null, libraryVersion: '' };
  const missing = REQUIRED_TABLES.filter((table) => !tables.has(table));
  if (missing.includes('studies') || missing.includes('trials') || missing.includes('version_info'))
    throw new StorageError(
      'STORAGE_NOT_OPTUNA',
      `The database must have Optuna's tables, but "${name}" has no table "${missing[0]}". Choose a file that Optuna or Parzen made.`,
    );
  const libraryVersion =
    (yield* get<[string | null]>('SELECT library_version FROM version_info'))?.[0] ?? '';
  const revision = tables.has('alembic_version')
    ? ((yield* get<[string]>('SELECT version_num FROM alembic_version'))?.[0] ?? '')
    : '';
  if (revision === '' || OLD_REVISIONS.includes(revision))
    throw new StorageError(
      'STORAGE_TOO_OLD',
      `The database must have at least Optuna's schema ${MIGRATIONS[0]?.from} (Optuna 3.0), but "${name}" has ${revision || 'one without a revision'} ` +
        `(Optuna ${libraryVersion || 'unknown'}). Upgrade a copy with Optuna: optuna storage upgrade --storage sqlite:///FILE`,
    );
  if (revision !== HEAD && !MIGRATIONS.some((migration) => migration.from === revision))
    throw new StorageError(
      'STORAGE_TOO_NEW',
      `The database must have Optuna's schema ${HEAD} or an older one, but "${name}" has ${revision} (Optuna ${libraryVersion || 'unknown'}). ` +
        'Use a newer Parzen, or a file of an older Optuna.',
    );
  if (missing.length > 0)
    throw new StorageError(
      'STORAGE_NOT_OPTUNA',
      `The database must have all of Optuna's tables, but "${name}" lacks ${missing.join(', ')}.`,
    );
  return { revision, libraryVersion };
}

/** Creates the tables in an empty database. */
export function* createSchema(dialect: SqlDialect): SqlProgram<SchemaState> {
  for (const statement of dialect.createTables) yield* run(statement);
  yield* run(
    'INSERT INTO version_info (version_info_id, schema_version, library_version) VALUES (1, ?, ?)',
    SCHEMA_VERSION,
    LIBRARY_VERSION,
  );
  yield* run('INSERT INTO alembic_version (version_num) VALUES (?)', HEAD);
  return { revision: HEAD, libraryVersion: LIBRARY_VERSION };
}

/** Brings the tables from a revision that `inspectSchema` let pass to `HEAD`. Does nothing when they are there. */
export function* migrateSchema(): SqlProgram<void> {
  for (const migration of MIGRATIONS) {
    const rows = yield* all<[string]>('SELECT version_num FROM alembic_version');
    if (rows[0]?.[0] !== migration.from) continue;
    yield* migration.upgrade();
    yield* run('UPDATE alembic_version SET version_num = ?', migration.to);
  }
}

/** Whether the times in a database of this library version are local times (Optuna 4.9 and older) and not UTC. */
export function isWrittenInLocalTime(libraryVersion: string): boolean {
  const major = /^\d+/.exec(libraryVersion);
  return major !== null && Number(major[0]) < 5;
}
