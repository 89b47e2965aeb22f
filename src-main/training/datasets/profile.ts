import { basename, extname } from 'node:path';
import { builtInTable } from './built-in.ts';
import { ByteDictionary } from './byte-dictionary.ts';
import { isBooleanPair, isMissingBytes, isPaddedNumber, parseNumber, textOf } from './cells.ts';
import type { NumberMarks } from './cells.ts';
import { CsvTokenizer } from './csv-tokenizer.ts';
import { dateFormats, parseDate } from './dates.ts';
import { disguisedNumberHelp, isDisguisedNumber } from './disguised.ts';
import type { DateFormat } from './dates.ts';
import { TableError } from '../errors.ts';
import { detectFormat } from './table-format.ts';
import type { TableFormat } from './table-format.ts';
import { EncodingError, readText } from './table-file.ts';
import type { TableSource } from './table-file.ts';
import { describeFlaw } from './table.ts';
import type { TableProgress } from './table.ts';

/** As contract/data.ts says. */
export interface ColumnProfile {
  readonly name: string;
  readonly type: 'number' | 'category' | 'boolean' | 'date' | 'text';
  readonly suggestedRole: 'feature' | 'ignore';
  readonly note: string | null;
  readonly dateFormat: DateFormat | null;
  readonly nMissing: number;
  readonly nDistinct: number;
  readonly isDistinctCapped: boolean;
  readonly min: number | string | null;
  readonly max: number | string | null;
  readonly mean: number | null;
  readonly top: readonly { readonly value: string; readonly count: number }[];
}

export interface TableProblem {
  readonly row: number | null;
  readonly column: string | null;
  readonly value: string | null;
  readonly message: string;
}

export interface TableProfile {
  readonly table: string;
  readonly title: string;
  readonly path: string | null;
  readonly sizeBytes: number;
  readonly nRows: number;
  readonly format: TableFormat;
  readonly columns: readonly ColumnProfile[];
  readonly preview: readonly (readonly string[])[];
  readonly suggested: {
    readonly target: string | null;
    readonly task: 'classification' | 'regression' | null;
  };
  readonly problems: readonly TableProblem[];
  readonly nProblems: number;
  readonly tableHash: string;
}

const PREVIEW_ROWS = 50;
const MAX_PROBLEMS = 100;
/** Different values of a column that are counted. */
const MAX_DISTINCT = 10_000;
const N_TOP = 20;
/** Cells that do not fit the rest of their column, kept to be shown. */
const MAX_ODD_CELLS = 20;

/**
 * What a table holds. Reads it once, in bounded memory.
 *
 * @param table The name by which it was asked for.
 * @throws TableError where there is no table to speak of; what is wrong with parts of one is among the problems.
 */
export function profileTable(
  source: TableSource,
  table: string,
  given: Partial<TableFormat> = {},
  onProgress?: (progress: TableProgress) => void,
): TableProfile {
  const format = detectFormat(source, given);
  try {
    return profileAs(format, source, table, onProgress);
  } catch (error) {
    // The detected encoding is that of the beginning.
    if (!(error instanceof EncodingError) || error.isUtf8Otherwise || given.encoding) throw error;
    return profileAs({ ...format, encoding: 'windows-1252' }, source, table, onProgress);
  }
}

function profileAs(
  format: TableFormat,
  source: TableSource,
  table: string,
  onProgress?: (progress: TableProgress) => void,
): TableProfile {
  const problems = new Problems();
  const columns: ColumnReader[] = [];
  const preview: string[][] = [];
  let header: string[] | null = null;
  let row = format.hasHeader ? -1 : 0;
  let record: string[] = [];
  const nameOf = (column: number): string => columns[column]?.name ?? `column_${column + 1}`;
  const tokenizer = new CsvTokenizer(format, {
    onCell(column, bytes, start, end) {
      if (row < PREVIEW_ROWS) record.push(textOf(bytes, start, end));
      if (row > 0) columns[column]?.add(bytes, start, end, row);
    },
    onRecord(nCells) {
      if (row === -1 || (row === 0 && columns.length === 0)) {
        header = format.hasHeader ? record : null;
        for (const name of columnNames(header, nCells, problems))
          columns.push(new ColumnReader(name, format));
      }
      if (row === 0) {
        // The first row was read before it was known what columns there are.
        record.forEach((cell, i) => {
          const bytes = Buffer.from(cell);
          columns[i]?.add(bytes, 0, bytes.length, 0);
        });
      }
      if (row >= 0 && nCells !== columns.length) {
        for (let column = nCells; column < columns.length; column++) columns[column]?.addMissing();
        problems.add({
          row,
          column: null,
          value: null,
          message: `Line ${tokenizer.line} must have ${columns.length} cells, as ${format.hasHeader ? 'the header' : 'the first line'} has, but has ${nCells}. Correct the file, or choose another delimiter or quote.`,
        });
      }
      if (row >= 0 && row < PREVIEW_ROWS)
        preview.push(Array.from(columns, (_, i) => record[i] ?? ''));
      record = [];
      row++;
    },
    onFlaw(flaw, column) {
      problems.add({
        row: row < 0 ? null : row,
        column: nameOf(column),
        value: null,
        message: `Line ${tokenizer.line}: ${describeFlaw(flaw)}`,
      });
    },
  });
  const tableHash = readText(
    source,
    format.encoding,
    (utf8) => tokenizer.write(utf8),
    onProgress && ((progress) => onProgress({ ...progress, rowsDone: Math.max(0, row) })),
  );
  tokenizer.end();
  const nRows = Math.max(0, row);
  if (columns.length === 0)
    throw new TableError(`${source.name} is empty. Choose a file with a table in it.`);
  if (nRows === 0)
    problems.add({
      row: null,
      column: null,
      value: null,
      message: `The table must have at least one row below its header, but has none.${format.hasHeader ? ' If the first line is no header, say so.' : ''}`,
    });
  const known = builtInTable(table);
  const profiles = columns.map((column) => column.finish(nRows, problems));
  return {
    table,
    title: known?.title ?? basename(source.path ?? source.name, extname(source.name)),
    path: known ? null : source.path,
    sizeBytes: source.sizeBytes,
    nRows,
    format,
    columns: profiles,
    preview,
    suggested: known ? { target: known.target, task: known.task } : suggestTarget(profiles, nRows),
    problems: problems.first,
    nProblems: problems.count,
    tableHash,
  };
}

/** What is wrong, the first of it kept. */
class Problems {
  readonly first: TableProblem[] = [];
  count = 0;

  add(problem: TableProblem): void {
    this.count++;
    if (this.first.length < MAX_PROBLEMS) this.first.push(problem);
  }
}

/** Those of the header, mended where they are empty or there twice. */
function columnNames(header: string[] | null, nCells: number, problems: Problems): string[] {
  const names = new Set<string>();
  for (let i = 0; i < nCells; i++) {
    const given = header?.[i] ?? '';
    let name = given === '' ? `column_${i + 1}` : given;
    for (let k = 2; names.has(name); k++) name = `${given || `column_${i + 1}`}_${k}`;
    if (header && name !== given)
      problems.add({
        row: null,
        column: name,
        value: given,
        message:
          given === ''
            ? `Column ${i + 1} must have a name in the header, but has none; it is called "${name}" here.`
            : `Columns must have names of their own, but "${given}" is there twice; the second one is called "${name}" here.`,
      });
    names.add(name);
  }
  return [...names];
}

/** Takes in the cells of one column, one after the other. */
class ColumnReader {
  readonly name: string;
  readonly #marks: NumberMarks;
  readonly #dictionary = new ByteDictionary();
  #counts = new Uint32Array(64);
  #isCapped = false;
  #nMissing = 0;
  #nNumbers = 0;
  #nWhole = 0;
  #nPadded = 0;
  /** Numbers as people write them, as long as there is no other text. */
  #nDisguised = 0;
  /** Numbers that are one more than the one before. */
  #nSteps = 0;
  #last = NaN;
  #min = Infinity;
  #max = -Infinity;
  #sum = 0;
  /** Cells that are no numbers, the first of them. */
  readonly #texts: { row: number; value: string }[] = [];
  #nTexts = 0;
  #longest = 0;
  /** Per format: how many cells are dates so, the earliest and the latest as written. */
  #dates: DateCount[] = dateFormats.map((format) => ({
    format,
    count: 0,
    min: { wallMs: Infinity, text: '' },
    max: { wallMs: -Infinity, text: '' },
  }));

  constructor(name: string, marks: NumberMarks) {
    this.name = name;
    this.#marks = marks;
  }

  addMissing(): void {
    this.#nMissing++;
  }

  add(bytes: Uint8Array, start: number, end: number, row: number): void {
    if (isMissingBytes(bytes, start, end)) {
      this.#nMissing++;
      return;
    }
    this.#count(bytes, start, end);
    const value = parseNumber(bytes, start, end, this.#marks);
    if (Number.isNaN(value)) {
      this.#addText(textOf(bytes, start, end), row);
      return;
    }
    this.#nNumbers++;
    if (Number.isInteger(value)) this.#nWhole++;
    if (value === this.#last + 1) this.#nSteps++;
    this.#last = value;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
    this.#sum += value;
  }

  #count(bytes: Uint8Array, start: number, end: number): void {
    if (this.#isCapped) return;
    const i = this.#dictionary.add(bytes, start, end, MAX_DISTINCT);
    if (i < 0) {
      this.#isCapped = true;
      return;
    }
    if (i >= this.#counts.length) {
      const counts = new Uint32Array(2 * this.#counts.length);
      counts.set(this.#counts);
      this.#counts = counts;
    }
    this.#counts[i] = (this.#counts[i] as number) + 1;
  }

  #addText(value: string, row: number): void {
    this.#nTexts++;
    if (this.#texts.length < MAX_ODD_CELLS) this.#texts.push({ row, value });
    if (value.length > this.#longest) this.#longest = value.length;
    if (isPaddedNumber(value)) this.#nPadded++;
    if (this.#nDisguised === this.#nTexts - 1 && isDisguisedNumber(value)) this.#nDisguised++;
    // Only a column of nothing but dates is one of dates.
    for (const known of this.#dates) {
      if (known.count < this.#nTexts - 1) continue;
      const date = parseDate(value, known.format);
      if (!date) continue;
      known.count++;
      if (date.wallMs < known.min.wallMs) known.min = { wallMs: date.wallMs, text: value };
      if (date.wallMs > known.max.wallMs) known.max = { wallMs: date.wallMs, text: value };
    }
  }

  finish(nRows: number, problems: Problems): ColumnProfile {
    const nKnown = nRows - this.#nMissing;
    const nDistinct = this.#dictionary.size;
    const values = this.#isCapped ? [] : this.#dictionary.texts();
    const profile = {
      name: this.name,
      dateFormat: null,
      nMissing: this.#nMissing,
      nDistinct,
      isDistinctCapped: this.#isCapped,
      min: null,
      max: null,
      mean: null,
      top: this.#top(values),
    };
    const ignored = (type: ColumnProfile['type'], note: string): ColumnProfile => ({
      ...profile,
      type,
      suggestedRole: 'ignore',
      note,
    });
    const used = (
      type: ColumnProfile['type'],
      note: string | null,
      more: Partial<ColumnProfile> = {},
    ): ColumnProfile => ({ ...profile, type, suggestedRole: 'feature', note, ...more });

    if (nKnown === 0) return ignored('category', 'It has no values.');
    const isAllDistinct = nDistinct === nKnown || this.#isCapped;
    if (isBooleanPair(values)) return used('boolean', null);
    if (this.#nNumbers > nKnown / 2 && this.#nPadded === 0) {
      const numeric = { min: this.#min, max: this.#max, mean: this.#sum / this.#nNumbers };
      if (this.#nTexts > 0) this.#reportTexts(nKnown, problems);
      const note = this.#noteOfNumbers(nKnown, nDistinct);
      const isCounter = this.#nSteps === nKnown - 1 && nKnown > 2;
      const isId = isAllDistinct && this.#nWhole === nKnown && isIdName(this.name);
      if (isCounter || isId)
        return {
          ...ignored(
            'number',
            isCounter ? 'It counts the rows.' : 'It is a number of its own in every row: an id.',
          ),
          ...numeric,
        };
      if (nDistinct === 1 && this.#nMissing === 0)
        return { ...ignored('number', 'It has the same value in all rows.'), ...numeric };
      return used('number', note, numeric);
    }
    const dates = this.#dates.filter(({ count }) => count === nKnown);
    const [date] = dates;
    if (date) {
      const more = {
        dateFormat: dates.length === 1 ? date.format : null,
        min: dates.length === 1 ? date.min.text : null,
        max: dates.length === 1 ? date.max.text : null,
      };
      return used(
        'date',
        dates.length === 1
          ? null
          : `Day or month may come first (${date.min.text}): say which, or ignore it.`,
        more,
      );
    }
    if (nDistinct === 1 && this.#nMissing === 0)
      return ignored('category', 'It has the same value in all rows.');
    if (this.#nDisguised === this.#nTexts)
      return ignored(
        'category',
        `“${shorten(this.#texts[0]?.value ?? '')}” is to the eye ${disguisedNumberHelp}, or make the column a category.`,
      );
    if (
      isAllDistinct &&
      nKnown > 1 &&
      (isIdName(this.name) || (this.#longest <= 64 && nKnown > 20))
    )
      return ignored('text', 'It is different in every row: an id or a name.');
    if (nDistinct > Math.max(50, nKnown / 2) || this.#isCapped)
      return ignored('text', 'It is free text, different in most rows.');
    return used(
      'category',
      this.#nPadded > 0
        ? 'Some values have zeros before them, as codes have: they are taken as categories, not as amounts.'
        : nDistinct > 100
          ? `Its ${nDistinct} different values become as many columns.`
          : null,
    );
  }

  #noteOfNumbers(nKnown: number, nDistinct: number): string | null {
    if (this.#nTexts > 0)
      return `${this.#nTexts} ${this.#nTexts === 1 ? 'cell is' : 'cells are'} no number.`;
    if (Math.max(Math.abs(this.#min), Math.abs(this.#max)) > 2 ** 53 && this.#nWhole === nKnown)
      return 'Its numbers have more digits than are kept: are they ids?';
    if (nDistinct <= 10 && this.#nWhole === nKnown && nKnown > 50)
      return `It has only ${nDistinct} different numbers: if they stand for kinds, not for amounts, make it a category.`;
    return null;
  }

  #reportTexts(nKnown: number, problems: Problems): void {
    for (const { row, value } of this.#texts)
      problems.add({
        row,
        column: this.name,
        value: shorten(value),
        message: `Must be a number, as ${nKnown - this.#nTexts} of ${nKnown} cells of the column are. Correct or empty the cell, or make the column a category.`,
      });
    problems.count += this.#nTexts - this.#texts.length;
  }

  #top(values: readonly string[]): ColumnProfile['top'] {
    return values
      .map((value, i) => ({ value: shorten(value), count: this.#counts[i] as number }))
      .sort((a, b) => b.count - a.count)
      .slice(0, N_TOP);
  }
}

interface DateCount {
  readonly format: DateFormat;
  count: number;
  min: { wallMs: number; text: string };
  max: { wallMs: number; text: string };
}

function isIdName(name: string): boolean {
  return /(^|[_\s-])(id|ids|uuid|guid|key|index|nr|no|number|row)$|^unnamed|[a-z]Id$/i.test(name);
}

function shorten(value: string): string {
  return value.length > 200 ? `${value.slice(0, 199)}…` : value;
}

const targetNames = ['target', 'label', 'class', 'y', 'outcome', 'response', 'species'];

/** A column named like one, else the last that can be predicted. */
function suggestTarget(
  columns: readonly ColumnProfile[],
  nRows: number,
): TableProfile['suggested'] {
  const possible = columns.filter(
    ({ type, suggestedRole }) =>
      suggestedRole === 'feature' && ['number', 'category', 'boolean'].includes(type),
  );
  const target =
    possible.find(({ name }) => targetNames.includes(name.toLowerCase())) ?? possible.at(-1);
  if (!target || nRows === 0) return { target: null, task: null };
  const isClasses =
    target.type !== 'number' || (target.nDistinct <= 20 && target.nDistinct < nRows / 10);
  return { target: target.name, task: isClasses ? 'classification' : 'regression' };
}
