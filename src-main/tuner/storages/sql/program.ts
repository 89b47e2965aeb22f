/**
 * SQL written once for every database. A program is a generator that yields statements and gets their results; a driver runs it inside
 * one transaction, at once (SQLite) or across a network. Programs touch nothing but the database, so a driver may run one again when
 * the database was busy.
 *
 * Programs that run for every trial are declared functions or methods. Each evaluation of a `function*` expression makes an own hidden class, which is
 * old at once, and keeps what the expression refers to until the next major garbage collection.
 */
export type SqlValue = string | number | null;

/** Values by the position of their column. */
export type SqlRow = readonly SqlValue[];

export interface SqlStatement {
  /** What is wanted: the number of changed rows, the first row, or all rows. */
  readonly kind: 'run' | 'get' | 'all';
  /** Parameters are `?`. Equal texts are prepared once. */
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

export type SqlProgram<T> = Generator<SqlStatement, T, unknown>;

/** Runs a statement. @returns How many rows it changed. */
export function* run(sql: string, ...params: readonly SqlValue[]): SqlProgram<number> {
  return (yield { kind: 'run', sql, params }) as number;
}

/** The first row, if there is one. */
export function* get<Row extends SqlRow>(
  sql: string,
  ...params: readonly SqlValue[]
): SqlProgram<Row | undefined> {
  return (yield { kind: 'get', sql, params }) as Row | undefined;
}

export function* all<Row extends SqlRow>(
  sql: string,
  ...params: readonly SqlValue[]
): SqlProgram<readonly Row[]> {
  return (yield { kind: 'all', sql, params }) as readonly Row[];
}

const LIST_SIZES = [1, 8, 64, 512] as const;

/**
 * All rows of a statement that has `IN (LIST)`, for any number of values: in portions, so that neither a database's limit of parameters is
 * met nor a statement prepared for every length.
 */
export function* allIn<Row extends SqlRow>(
  sql: string,
  values: readonly number[],
): SqlProgram<readonly Row[]> {
  const parts: (readonly Row[])[] = [];
  for (let start = 0; start < values.length;) {
    const rest = values.length - start;
    const size = LIST_SIZES.find((listSize) => listSize >= rest) ?? 512;
    const portion = values.slice(start, start + size);
    // The last value again and again: a list does not care.
    while (portion.length < size) portion.push(portion.at(-1) as number);
    const list = new Array(size).fill('?').join(',');
    parts.push(yield* all<Row>(sql.replace('LIST', list), ...portion));
    start += size;
  }
  return parts.flat();
}

/** A database and the connection to it. */
export interface SqlDriver {
  /** Runs a program that only reads; it sees one state of the database. */
  read<T>(program: () => SqlProgram<T>): Promise<T>;
  /** Runs a program in a transaction that no other writer comes between; a throw undoes everything. */
  write<T>(program: () => SqlProgram<T>): Promise<T>;
  /** A value that differs from the last one if another connection has written since (and never because of this one). Cheap. */
  changeToken(): Promise<number>;
  close(): Promise<void>;
}

/** What differs between databases. */
export interface SqlDialect {
  /** The statements that create the tables of schema.ts. */
  readonly createTables: readonly string[];
  /** Names of the tables that are there. */
  tableNames(): SqlProgram<readonly string[]>;
  /** To be put behind a SELECT whose row is to be written next; empty where a write transaction keeps all others out. */
  readonly forUpdate: string;
  /** An id for a new row that is above all there, and above `lastGiven`. */
  nextId(table: 'studies' | 'trials', lastGiven: number): SqlProgram<number>;
}
