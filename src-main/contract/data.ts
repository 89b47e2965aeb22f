import { z } from 'zod';
import { defineCall } from './define.ts';

/** How a table's text becomes cells. */
export interface TableFormat {
  /** What stands between two cells: one character. */
  readonly delimiter: string;
  /** What stands around cells that hold delimiters or line ends: one character. */
  readonly quote: string;
  /** A WHATWG label, such as `utf-8`, `utf-16le` or `windows-1252`. */
  readonly encoding: string;
  /** What stands before the decimals of a number. */
  readonly decimal: '.' | ',';
  /** What stands between its thousands. */
  readonly thousands: 'none' | '.' | ',' | ' ' | "'";
  /** Whether the first line names the columns; else they are `column_1`, `column_2`, … */
  readonly hasHeader: boolean;
}

/**
 * What a column holds: numbers; few different texts (or numbers) each of which says something; two values that mean yes and no; points in time; or
 * text that is different in nearly every row.
 */
export const columnTypes = ['number', 'category', 'boolean', 'date', 'text'] as const;
export type ColumnType = (typeof columnTypes)[number];

/** What all rows of one column have in common. */
export interface ColumnProfile {
  readonly name: string;
  readonly type: ColumnType;
  /** `ignore` for ids, constant and empty columns, and free text. */
  readonly suggestedRole: 'feature' | 'ignore';
  /** A sentence: why the column should be ignored, or what to look at; else null. */
  readonly note: string | null;
  /** How its dates are written; null for other types, and where day and month could be either way round. */
  readonly dateFormat: 'iso' | 'dayFirst' | 'monthFirst' | null;
  readonly nMissing: number;
  /** Different values, missing ones not counted. */
  readonly nDistinct: number;
  /** Whether counting ended at `nDistinct`: there are more. */
  readonly isDistinctCapped: boolean;
  /** Smallest and largest: of numbers, and of dates as they are written; null for other types and where there is no value. */
  readonly min: number | string | null;
  readonly max: number | string | null;
  /** Of numbers, else null. */
  readonly mean: number | null;
  /** The most frequent values, at most 20, most frequent first; empty where the different values are too many to be counted. */
  readonly top: readonly { readonly value: string; readonly count: number }[];
}

/** Something in a table that is not as it should be. */
export interface TableProblem {
  /** Counted from 0 below the header; null where it concerns no row. */
  readonly row: number | null;
  /** Null where it concerns no column. */
  readonly column: string | null;
  /** The cell as it is written, shortened where it is long; null where it concerns no cell. */
  readonly value: string | null;
  /** The rule, and the way out. */
  readonly message: string;
}

/** What a table holds, found by reading it once from beginning to end. */
export interface TableProfile {
  /** As it was asked for: the name of a built-in table, or a path. */
  readonly table: string;
  /** For people: a built-in table's title, or the file's name. */
  readonly title: string;
  /** The file, absolute; null for built-in tables. */
  readonly path: string | null;
  readonly sizeBytes: number;
  readonly nRows: number;
  /** As given, and detected where it was not. */
  readonly format: TableFormat;
  readonly columns: readonly ColumnProfile[];
  /** The first 50 rows as text, a cell per column. */
  readonly preview: readonly (readonly string[])[];
  /** Which column could be predicted, and how; the user decides. */
  readonly suggested: {
    readonly target: string | null;
    readonly task: 'classification' | 'regression' | null;
  };
  /** The first 100 problems. */
  readonly problems: readonly TableProblem[];
  readonly nProblems: number;
  /** SHA-256 of the file's bytes, hexadecimal. */
  readonly tableHash: string;
}

/** A table that comes with the program. */
export interface BuiltInTable {
  readonly name: string;
  readonly title: string;
  readonly nRows: number;
  /** With the target. */
  readonly nColumns: number;
  readonly target: string;
  readonly task: 'classification' | 'regression';
  /** Who made it, and its licence. */
  readonly source: string;
}

/** One character that can stand between or around cells. */
const character = z.string().regex(/^[\t !-/:-@[-^`{-~]$/);

const tableFormatSchema = z.strictObject({
  delimiter: character,
  quote: character,
  encoding: z.string().min(1),
  decimal: z.enum(['.', ',']),
  thousands: z.enum(['none', '.', ',', ' ', "'"]),
  hasHeader: z.boolean(),
});

export const dataCalls = {
  'data.tables': defineCall<readonly BuiltInTable[]>()(z.strictObject({})),
  /**
   * Reads a table from beginning to end and says what it holds. What is wrong with single cells or rows is in `problems`; fails with `INVALID_TABLE` only
   * where there is no table to speak of. Tells `data.progress`, and ends early when it is aborted.
   */
  'data.profile': defineCall<TableProfile>()(
    z.strictObject({
      /** Name of a built-in table, or path of a file. */
      table: z.string().min(1),
      /** What not to detect. */
      format: tableFormatSchema.partial().optional(),
    }),
  ),
};

export interface DataEvents {
  /** How far the reading of a table has come, a few times a second; the last one has `bytesDone` = `bytesTotal`. */
  'data.progress': {
    readonly table: string;
    readonly bytesDone: number;
    readonly bytesTotal: number;
    readonly rowsDone: number;
  };
}
