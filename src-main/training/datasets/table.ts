import { TableError } from '../errors.ts';
import { ByteDictionary } from './byte-dictionary.ts';
import { isMissingBytes, isPaddedNumber, parseNumber, showCell, textOf } from './cells.ts';
import type { NumberMarks } from './cells.ts';
import { CsvTokenizer } from './csv-tokenizer.ts';
import type { CsvFlaw } from './csv-tokenizer.ts';
import type { Column } from './dataset.ts';
import { parseDate } from './dates.ts';
import type { DateFormat } from './dates.ts';
import { findDisguised, isDisguisedNumber } from './disguised.ts';
import { detectFormat } from './table-format.ts';
import type { TableFormat } from './table-format.ts';
import { EncodingError, readText } from './table-file.ts';
import type { TableSource } from './table-file.ts';

/** A table, those of its columns that were asked for. */
export interface Table {
  /** What errors call it. */
  readonly source: string;
  readonly nRows: number;
  /** All of them, in the file's order. */
  readonly columnNames: readonly string[];
  readonly columns: ReadonlyMap<string, Column>;
  readonly format: TableFormat;
  /** What was made of a header that does not name all columns. */
  readonly warnings: readonly string[];
  /** SHA-256 of the file's bytes, hexadecimal. */
  readonly hash: string;
}

interface TextRequest {
  readonly type: 'text';
  readonly maxValues: number;
  /** Nobody said that it is text: numbers and dates in disguise are then refused. */
  readonly isGuess?: boolean;
}

/**
 * What to make of a column's cells. `auto`: numbers where all are, else text; where few cells are no numbers it is a mistake. `time`: a date whose distance to
 * UTC counts, or a number, for putting rows into order.
 */
export type ColumnRequest =
  | { readonly type: 'auto' }
  | { readonly type: 'number'; readonly allowsPadding: boolean; readonly wayOut: string }
  | TextRequest
  | { readonly type: 'date'; readonly format: DateFormat }
  | { readonly type: 'time'; readonly format: DateFormat };

export interface ReadTableOptions {
  /** What not to detect. */
  readonly format?: Partial<TableFormat>;
  /** How numbers are written where the table does not tell otherwise. */
  readonly like?: Partial<NumberMarks>;
  /** Told the names of all columns before any row is read; throw to refuse. Returns what is wanted of each column; null: nothing. */
  readonly request: (names: readonly string[]) => (name: string) => ColumnRequest | null;
  readonly onProgress?: (progress: TableProgress) => void;
}

export interface TableProgress {
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly rowsDone: number;
}

/** Categories that one column may have: each becomes a feature, or is looked at whether it is rare. */
export const MAX_CATEGORIES = 100_000;

/** Rows after which a column of nothing but numbers is taken to be one; until then its texts are kept too. */
const UNDECIDED_ROWS = 1000;

/**
 * Reads the columns that are wanted in one pass, and in a second one those that turned out late to be text.
 *
 * @throws TableError with row (counted from 0 below the header), column, value and the way out.
 */
export function readTable(source: TableSource, options: ReadTableOptions): Table {
  const format = detectFormat(source, options.format, options.like);
  try {
    return readAs(format, source, options);
  } catch (error) {
    // The detected encoding is that of the beginning.
    if (!(error instanceof EncodingError) || error.isUtf8Otherwise || options.format?.encoding)
      throw error;
    return readAs({ ...format, encoding: 'windows-1252' }, source, options);
  }
}

function readAs(format: TableFormat, source: TableSource, options: ReadTableOptions): Table {
  const first = readColumns(format, source, options);
  const late = [...first.builders].filter(
    ([, builder]) => builder instanceof AutoBuilder && builder.isLateText,
  );
  if (late.length === 0) return first.finish();
  const names = new Set(late.map(([name]) => name));
  const second = readColumns(format, source, {
    ...options,
    request: () => (name) =>
      names.has(name) ? { type: 'text', maxValues: MAX_CATEGORIES, isGuess: true } : null,
  });
  for (const [name, builder] of second.builders) first.builders.set(name, builder);
  return first.finish();
}

function readColumns(
  format: TableFormat,
  source: TableSource,
  { request, onProgress }: ReadTableOptions,
): { builders: Map<string, Builder>; finish(): Table } {
  const builders = new Map<string, Builder>();
  /** By place; null: not wanted. */
  let places: (Builder | null)[] = [];
  let columnNames: string[] = [];
  const warnings: string[] = [];
  let row = -1;
  const record: string[] = [];
  const fail = (message: string): never => {
    throw new TableError(`${source.name}: ${message}`);
  };
  const begin = (names: string[]): void => {
    columnNames = names;
    const requestOf = request(names);
    places = names.map((name) => {
      const wanted = requestOf(name);
      if (!wanted) return null;
      const builder = createBuilder(wanted, {
        format,
        fail: (at, problem) => fail(`row ${at}, column "${name}" ${problem}`),
        failWhole: (problem) => fail(`column "${name}" ${problem}`),
      });
      builders.set(name, builder);
      return builder;
    });
  };
  const tokenizer = new CsvTokenizer(format, {
    onCell(column, bytes, start, end) {
      if (row < 0) record.push(textOf(bytes, start, end));
      else places[column]?.add(bytes, start, end, row);
    },
    onRecord(nCells) {
      if (row >= 0) {
        if (nCells !== columnNames.length)
          fail(
            `row ${row} (line ${tokenizer.line}) must have ${columnNames.length} cells, as ${format.hasHeader ? 'the header' : 'the first line'} has, but has ${nCells}. Correct the file, or set \`data.format\`: cells are taken to be separated by ${JSON.stringify(format.delimiter)} and quoted with ${format.quote}.`,
          );
        row++;
        return;
      }
      begin(
        format.hasHeader
          ? checkHeader(record, warnings, fail)
          : Array.from({ length: nCells }, (_, i) => `column_${i + 1}`),
      );
      row = 0;
      if (format.hasHeader) return;
      record.forEach((cell, column) => {
        const bytes = Buffer.from(cell);
        places[column]?.add(bytes, 0, bytes.length, 0);
      });
      row = 1;
    },
    onFlaw: (flaw, column) =>
      fail(
        `${row < 0 ? 'the header' : `row ${row}`}, column ${JSON.stringify(columnNames[column] ?? `${column + 1}`)} (line ${tokenizer.line}): ${describeFlaw(flaw)}`,
      ),
  });
  const hash = readText(
    source,
    format.encoding,
    (utf8) => tokenizer.write(utf8),
    onProgress && ((progress) => onProgress({ ...progress, rowsDone: Math.max(0, row) })),
  );
  tokenizer.end();
  if (row <= 0)
    throw new TableError(
      `${source.name} must have a header and at least one row, but has ${row < 0 ? 'neither' : 'no rows'}.`,
    );
  return {
    builders,
    finish: () => ({
      source: source.name,
      nRows: row,
      columnNames,
      columns: new Map([...builders].map(([name, builder]) => [name, builder.finish(row)])),
      format,
      warnings,
      hash,
    }),
  };
}

/**
 * The texts of all cells, row by row, of a table that was read with this format.
 *
 * @param onRow `cells` are those of one row, without the header.
 */
export function readTexts(
  source: TableSource,
  format: TableFormat,
  onRow: (cells: readonly string[]) => void,
): void {
  let isHeader = format.hasHeader;
  let cells: string[] = [];
  const tokenizer = new CsvTokenizer(format, {
    onCell: (_, bytes, start, end) => cells.push(textOf(bytes, start, end)),
    onRecord() {
      if (!isHeader) onRow(cells);
      isHeader = false;
      cells = [];
    },
    onFlaw(flaw) {
      throw new TableError(`${source.name} (line ${tokenizer.line}): ${describeFlaw(flaw)}`);
    },
  });
  readText(source, format.encoding, (utf8) => tokenizer.write(utf8));
  tokenizer.end();
}

/** What is wrong with the way a cell is written, and the way out. */
export function describeFlaw(flaw: CsvFlaw): string {
  switch (flaw) {
    case 'openQuote':
      return 'The quote that a cell begins with must be closed, but is not. Correct the file, or choose another quote.';
    case 'textAfterQuote':
      return 'A delimiter must follow the closing quote of a cell, but more text does. Double quotes within a cell, or choose another quote.';
    case 'nul':
      return 'A cell must be text, but this one has a byte 0. Correct the file, or choose its encoding.';
  }
}

/** The names of the columns, one for those without. */
function checkHeader(
  header: readonly string[],
  warnings: string[],
  fail: (message: string) => never,
): string[] {
  const places = new Map<string, number>();
  for (const [i, given] of header.entries()) {
    const name = given === '' ? `column_${i + 1}` : given;
    const hint =
      i === 0
        ? ' Where it only counts the rows, as pandas and R write it, put it under `data.ignore`.'
        : '';
    if (given === '')
      warnings.push(`Column ${i + 1} has no name in the header and is called "${name}".${hint}`);
    const other = places.get(name);
    if (other !== undefined)
      fail(
        `the header has the name "${name}" twice, for columns ${other + 1} and ${i + 1}. Columns need names of their own: give one of them another in the file.`,
      );
    places.set(name, i);
  }
  return [...places.keys()];
}

/** Takes in the cells of one column, in the order of the rows. */
interface Builder {
  add(bytes: Uint8Array, start: number, end: number, row: number): void;
  finish(nRows: number): Column;
}

interface BuilderContext {
  readonly format: TableFormat;
  fail(row: number, problem: string): never;
  failWhole(problem: string): never;
}

function createBuilder(request: ColumnRequest, context: BuilderContext): Builder {
  switch (request.type) {
    case 'auto':
      return new AutoBuilder(context);
    case 'number':
      return new NumberBuilder(context, request);
    case 'text':
      return new TextBuilder(context, request);
    case 'date':
      return new DateBuilder(context, request.format, false);
    case 'time':
      return new DateBuilder(context, request.format, true);
  }
}

const CHUNK_ROWS = 2 ** 16;

/** Numbers one behind the other in chunks, so that growing copies nothing. */
class Chunks<Numbers extends Float64Array | Int32Array> {
  readonly #create: (length: number) => Numbers;
  #full: Numbers[] = [];
  #open: Numbers;
  #nOpen = 0;

  constructor(create: (length: number) => Numbers) {
    this.#create = create;
    this.#open = create(1024);
  }

  push(value: number): void {
    if (this.#nOpen === this.#open.length) {
      this.#full.push(this.#open);
      this.#open = this.#create(CHUNK_ROWS);
      this.#nOpen = 0;
    }
    this.#open[this.#nOpen++] = value;
  }

  /** All of them; nothing can be pushed afterwards. */
  finish(): Numbers {
    const parts = [...this.#full, this.#open.subarray(0, this.#nOpen) as Numbers];
    const all = this.#create(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    this.#full = [];
    this.#open = this.#create(0);
    return all;
  }
}

const createFloats = (length: number): Float64Array => new Float64Array(length);
const createCodes = (length: number): Int32Array => new Int32Array(length);

class NumberBuilder implements Builder {
  readonly #context: BuilderContext;
  readonly #request: Extract<ColumnRequest, { type: 'number' }>;
  readonly #values = new Chunks(createFloats);

  constructor(context: BuilderContext, request: Extract<ColumnRequest, { type: 'number' }>) {
    this.#context = context;
    this.#request = request;
  }

  add(bytes: Uint8Array, start: number, end: number, row: number): void {
    if (isMissingBytes(bytes, start, end)) this.#values.push(NaN);
    else {
      const value = parseNumber(bytes, start, end, this.#context.format);
      this.#values.push(Number.isNaN(value) ? this.#other(textOf(bytes, start, end), row) : value);
    }
  }

  #other(text: string, row: number): number {
    if (this.#request.allowsPadding && isPaddedNumber(text))
      return Number(text.replace(this.#context.format.decimal, '.'));
    return this.#context.fail(
      row,
      `must be a number${writtenWith(this.#context.format)}, but is ${showCell(text)}. ${this.#request.wayOut}`,
    );
  }

  finish(): Column {
    return { type: 'number', values: this.#values.finish() };
  }
}

function writtenWith({ decimal, thousands }: TableFormat): string {
  const parts = [
    ...(decimal === ',' ? ['with a decimal comma'] : []),
    ...(thousands === 'none'
      ? []
      : [`with or without ${JSON.stringify(thousands)} between thousands`]),
  ];
  return parts.length > 0 ? ` ${parts.join(', ')}` : '';
}

class TextBuilder implements Builder {
  readonly #context: BuilderContext;
  readonly #request: Omit<TextRequest, 'type'>;
  readonly #dictionary = new ByteDictionary();
  readonly #codes = new Chunks(createCodes);

  constructor(context: BuilderContext, request: Omit<TextRequest, 'type'>) {
    this.#context = context;
    this.#request = request;
  }

  add(bytes: Uint8Array, start: number, end: number): void {
    if (isMissingBytes(bytes, start, end)) {
      this.#codes.push(-1);
      return;
    }
    const { maxValues } = this.#request;
    const code = this.#dictionary.add(bytes, start, end, maxValues);
    if (code < 0)
      this.#context.failWhole(
        `has more than ${maxValues} different values, too many to be categories. Put it under \`data.ignore\`.`,
      );
    this.#codes.push(code);
  }

  finish(): Column {
    const [codes, values] = [this.#codes.finish(), this.#dictionary.texts()];
    const disguised = this.#request.isGuess ? findDisguised(values, this.#context.format) : null;
    if (disguised)
      this.#context.fail(
        codes.indexOf(disguised.index),
        `has ${showCell(values[disguised.index] as string)}: it ${disguised.problem}, or put the column under \`data.categories\` or \`data.ignore\`.`,
      );
    return { type: 'text', codes, values };
  }
}

class DateBuilder implements Builder {
  readonly #context: BuilderContext;
  readonly #format: DateFormat;
  readonly #isForOrder: boolean;
  readonly #values = new Chunks(createFloats);

  constructor(context: BuilderContext, format: DateFormat, isForOrder: boolean) {
    this.#context = context;
    this.#format = format;
    this.#isForOrder = isForOrder;
  }

  add(bytes: Uint8Array, start: number, end: number, row: number): void {
    if (isMissingBytes(bytes, start, end)) {
      this.#values.push(NaN);
      return;
    }
    if (this.#isForOrder) {
      const value = parseNumber(bytes, start, end, this.#context.format);
      if (!Number.isNaN(value)) {
        this.#values.push(value);
        return;
      }
    }
    const text = textOf(bytes, start, end);
    const date = parseDate(text, this.#format);
    if (!date)
      this.#context.fail(
        row,
        `must be ${this.#isForOrder ? 'a number or ' : ''}a date such as ${dateExamples[this.#format]}, but is ${showCell(text)}. Correct the cell, or name the column's format under \`data.dates\`.`,
      );
    const offsetMs = this.#isForOrder ? (date?.offsetMinutes ?? 0) * 60_000 : 0;
    this.#values.push((date?.wallMs ?? NaN) - offsetMs);
  }

  finish(): Column {
    return { type: 'date', values: this.#values.finish() };
  }
}

const dateExamples: Record<DateFormat, string> = {
  iso: '2024-12-31 or 2024-12-31T14:30 (iso)',
  dayFirst: '31.12.2024 or 31/12/2024 14:30 (dayFirst)',
  monthFirst: '12/31/2024 or 12-31-2024 14:30 (monthFirst)',
};

/** Numbers or text, whatever the cells turn out to be. */
class AutoBuilder implements Builder {
  readonly #context: BuilderContext;
  /** Where it is text for certain; and until it is certain that it is not. */
  #text: TextBuilder | null;
  /** Where it may be numbers. */
  #numbers: Chunks<Float64Array> | null = new Chunks(createFloats);
  #nNumbers = 0;
  #nTexts = 0;
  /** The first cell that is no number. */
  #odd: { row: number; text: string } | null = null;

  constructor(context: BuilderContext) {
    this.#context = context;
    const failWhole = (problem: string): never => {
      this.#failIfMistake();
      return context.failWhole(problem);
    };
    this.#text = new TextBuilder(
      { ...context, failWhole },
      { maxValues: MAX_CATEGORIES, isGuess: true },
    );
  }

  /** Whether it is text, but that came to light when earlier texts were gone. */
  get isLateText(): boolean {
    return this.#nTexts > 0 && this.#text === null && !this.#isMistake;
  }

  /** Whether most of its cells are numbers and some are not. */
  get #isMistake(): boolean {
    return this.#nTexts > 0 && this.#nNumbers >= this.#nTexts;
  }

  add(bytes: Uint8Array, start: number, end: number, row: number): void {
    if (row === UNDECIDED_ROWS && this.#nTexts === 0) this.#text = null;
    const isGap = isMissingBytes(bytes, start, end);
    const value = isGap ? NaN : parseNumber(bytes, start, end, this.#context.format);
    if (!isGap) {
      if (Number.isNaN(value)) {
        this.#nTexts++;
        this.#odd ??= { row, text: textOf(bytes, start, end) };
        this.#numbers = null;
      } else this.#nNumbers++;
    }
    this.#numbers?.push(value);
    this.#text?.add(bytes, start, end);
  }

  finish(): Column {
    this.#failIfMistake();
    if (this.#numbers) return { type: 'number', values: this.#numbers.finish() };
    return (this.#text as TextBuilder).finish();
  }

  #failIfMistake(): void {
    if (this.#odd && this.#isMistake)
      this.#context.fail(
        this.#odd.row,
        `has ${showCell(this.#odd.text)}, but ${this.#nNumbers} of ${this.#nNumbers + this.#nTexts} cells of the column are numbers${writtenWith(this.#context.format)}. ${isPaddedNumber(this.#odd.text) ? 'Zeros before a number are those of a code. Put the column under `data.categories`, `data.ignore`, or, if they do not count, `data.numbers`.' : `Correct or empty the cell, ${isDisguisedNumber(this.#odd.text) ? 'set `data.format.thousands` or `data.format.decimal` where it is a number written so, ' : ''}or put the column under \`data.categories\`.`}`,
      );
  }
}
