import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import { messageOf, TableError } from '../errors.ts';

/** A CSV file's cells as text, by column. */
export interface Table {
  /** What errors call it. */
  readonly source: string;
  readonly nRows: number;
  /** Column name -> cells, in the file's order; a missing cell is ''. */
  readonly columns: ReadonlyMap<string, readonly string[]>;
  /** SHA-256 of the file's bytes, hexadecimal. */
  readonly hash: string;
}

/** @throws TableError when the file cannot be read or is not a table with a header. */
export function readTable(path: string, options: { delimiter?: string } = {}): Table {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new TableError(`The table ${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  return parseTable(bytes, basename(path), {
    delimiter: options.delimiter ?? (extname(path).toLowerCase() === '.tsv' ? '\t' : ','),
  });
}

/** @throws TableError naming line and column of what is wrong. */
export function parseTable(
  bytes: Uint8Array,
  source: string,
  { delimiter = ',' }: { delimiter?: string } = {},
): Table {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new TableError(`${source} is not UTF-8 text. Save it as "CSV UTF-8".`, { cause: error });
  }
  let records: string[][];
  try {
    records = parse(text, { bom: true, delimiter, skip_empty_lines: true, trim: true });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new TableError(
      `${source} is not a well-formed table: ${error.message}. Every line must have as many cells as the header, separated by ${JSON.stringify(delimiter)}.`,
      { cause: error },
    );
  }
  const [header, ...rows] = records;
  if (header === undefined || rows.length === 0)
    throw new TableError(
      `${source} must have a header and at least one row, but has ${header ? 'no rows' : 'neither'}.`,
    );
  header.forEach((name, i) => {
    if (name === '') throw new TableError(`${source}: column ${i + 1} has no name in the header.`);
    if (header.indexOf(name) !== i)
      throw new TableError(
        `${source}: the header has the name "${name}" twice. Columns need names of their own.`,
      );
  });
  return {
    source,
    nRows: rows.length,
    columns: new Map(header.map((name, i) => [name, rows.map((row) => row[i] as string)])),
    hash: createHash('sha256').update(bytes).digest('hex'),
  };
}
