import { TableError } from '../errors.ts';
import { showCell } from './cells.ts';
import type { NumberMarks } from './cells.ts';
import type { CategoryBlock, Column, DatePartEncoding, FeatureEncoding } from './dataset.ts';
import { datePartOf, datePeriods } from './dates.ts';
import { fileSource } from './table-file.ts';
import { readTable } from './table.ts';
import type { ColumnRequest, Table, TableProgress } from './table.ts';

/** Where encoded rows come from, for messages about single cells. */
export interface EncodeContext {
  /** What errors call the table. */
  readonly source: string;
  /** Default: all rows, in their order. */
  readonly rows?: Int32Array;
}

/** Features that an encoding makes of its column. */
export function widthOf(encoding: FeatureEncoding): number {
  switch (encoding.type) {
    case 'number':
      return 1 + Number(encoding.flagsMissing);
    case 'category':
      return encoding.values.length + Number(encoding.hasOthers);
    case 'date':
      return (
        encoding.parts.reduce((sum, { fill }) => sum + fill.length, 0) +
        Number(encoding.flagsMissing)
      );
  }
}

/** Features that a network gets of one row. */
export function widthOfAll(encodings: readonly FeatureEncoding[]): number {
  return encodings.reduce((sum, encoding) => sum + widthOf(encoding), 0);
}

/** Where the features of each category column stand among all. */
export function categoryBlocks(encodings: readonly FeatureEncoding[]): CategoryBlock[] {
  let start = 0;
  return encodings.flatMap((encoding) => {
    const block = { column: encoding.column, start, size: widthOf(encoding) };
    start += block.size;
    return encoding.type === 'category' ? [block] : [];
  });
}

/**
 * Reads what a trained network needs of a file with new rows: the columns of these encodings, in any order among others.
 *
 * @throws TableError when a column is missing or a cell does not fit, with row, column and value.
 */
export function readNewRows(
  encodings: readonly FeatureEncoding[],
  path: string,
  like: Partial<NumberMarks>,
  onProgress?: (progress: TableProgress) => void,
): Table {
  const source = fileSource(path);
  return readTable(source, {
    like,
    onProgress,
    request(names) {
      const missing = encodings.map(({ column }) => column).find((name) => !names.includes(name));
      if (missing !== undefined)
        throw new TableError(
          `${source.name} must have all columns that the network was trained with, but has no "${missing}". Its columns are ${names.join(', ')}.`,
        );
      const requests = new Map(
        encodings.map((encoding) => [encoding.column, requestFor(encoding)]),
      );
      return (name) => requests.get(name) ?? null;
    },
  });
}

/** How a column must be read to be encoded so. */
function requestFor(encoding: FeatureEncoding): ColumnRequest {
  switch (encoding.type) {
    case 'number':
      return encoding.order
        ? { type: 'text', maxValues: Infinity }
        : { type: 'number', allowsPadding: true, wayOut: 'Correct or empty the cell.' };
    case 'category':
      return { type: 'text', maxValues: Infinity };
    case 'date':
      return { type: 'date', format: encoding.format };
  }
}

/**
 * Rows as a network gets them: nRows x nFeatures, row-major. Cells are treated as in training: empty ones are filled in, categories that training rows
 * do not have are 0 everywhere or count as rare ones.
 *
 * @param columns As read with `readNewRows`, or those of the table that the encodings were made for.
 * @throws TableError where a cell is empty and training rows had none to learn from, or has a value that cannot be placed, with row, column and value.
 */
export function encodeRows(
  encodings: readonly FeatureEncoding[],
  columns: ReadonlyMap<string, Column>,
  { source, rows }: EncodeContext,
): Float32Array {
  const selected = rows ?? Int32Array.from({ length: lengthOf(columns) }, (_, i) => i);
  const nRows = selected.length;
  const width = widthOfAll(encodings);
  const features = new Float32Array(nRows * width);
  let offset = 0;
  for (const encoding of encodings) {
    const column = columns.get(encoding.column);
    if (!column) throw new TableError(`${source} has no column "${encoding.column}".`);
    encodeColumn(encoding, column, {
      features,
      width,
      offset,
      rows: selected,
      fail: (row, problem) => {
        throw new TableError(`${source}: row ${row}, column "${encoding.column}" ${problem}`);
      },
    });
    offset += widthOf(encoding);
  }
  return features;
}

function lengthOf(columns: ReadonlyMap<string, Column>): number {
  const [first] = columns.values();
  if (!first) return 0;
  return first.type === 'text' ? first.codes.length : first.values.length;
}

/** Where the features of one column go. */
interface Target {
  readonly features: Float32Array;
  readonly width: number;
  readonly offset: number;
  readonly rows: Int32Array;
  fail(row: number, problem: string): never;
}

const noValue =
  'has no value, and no rule for that was learned from the training rows. Fill the cell in, or set `data.missing` in the study.';

function encodeColumn(encoding: FeatureEncoding, column: Column, target: Target): void {
  if (encoding.type === 'category') encodeCategories(encoding, column, target);
  else if (encoding.type === 'date') encodeDates(encoding, column, target);
  else encodeNumbers(encoding, column, target);
}

function encodeNumbers(
  encoding: Extract<FeatureEncoding, { type: 'number' }>,
  column: Column,
  { features, width, offset, rows, fail }: Target,
): void {
  const { order, center, scale, fill, flagsMissing } = encoding;
  const values = numbersOfRows(column, rows, order, fail);
  for (let i = 0, at = offset; i < rows.length; i++, at += width) {
    const value = values[i] as number;
    const isGap = value !== value;
    if (isGap && fill === null) fail(rows[i] as number, noValue);
    const encoded = ((isGap ? (fill as number) : value) - center) / scale;
    if (!(encoded >= -LARGEST && encoded <= LARGEST))
      fail(
        rows[i] as number,
        `has ${value}, which is too large to compute with, also when scaled. Correct the cell, or choose another \`data.scaling\`.`,
      );
    features[at] = encoded;
    if (flagsMissing) features[at + 1] = isGap ? 1 : 0;
  }
}

/** Of 32-bit numbers, which networks compute with. */
const LARGEST = 3.4028234663852886e38;

/** Of some rows of a column: its numbers, or the places of its values in their order; NaN where there is no value. */
export function numbersOfRows(
  column: Column,
  rows: Int32Array,
  order: readonly string[] | null,
  fail: Target['fail'],
): Float64Array {
  const numbers = new Float64Array(rows.length);
  if (column.type !== 'text') {
    const { values } = column;
    for (let i = 0; i < rows.length; i++) numbers[i] = values[rows[i] as number] as number;
    return numbers;
  }
  if (!order) throw new Error('A column of text has no numbers.');
  const { codes, values } = column;
  const places = Int32Array.from(values, (value) => order.indexOf(value));
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    const code = codes[row] as number;
    const place = code < 0 ? NaN : (places[code] as number);
    if (place < 0)
      fail(
        row,
        `has ${showCell(values[code] as string)}, which is not among its values: ${order.join(', ')}. Correct the cell, or add the value under \`data.ordinal\` at its place, or put the column under \`data.categories\`.`,
      );
    numbers[i] = place;
  }
  return numbers;
}

function encodeCategories(
  { values, hasOthers, fill }: Extract<FeatureEncoding, { type: 'category' }>,
  column: Column,
  { features, width, offset, rows }: Target,
): void {
  if (column.type !== 'text') throw new Error('Categories are read as text.');
  const places = new Map(values.map((value, k) => [value, k]));
  const placeOf = (value: string): number => places.get(value) ?? (hasOthers ? values.length : -1);
  const byCode = Int32Array.from(column.values, placeOf);
  const ofGap = placeOf(fill);
  for (let i = 0, at = offset; i < rows.length; i++, at += width) {
    const code = column.codes[rows[i] as number] as number;
    const place = code < 0 ? ofGap : (byCode[code] as number);
    if (place >= 0) features[at + place] = 1;
  }
}

function encodeDates(
  { parts, allowsMissing, flagsMissing }: Extract<FeatureEncoding, { type: 'date' }>,
  column: Column,
  { features, width, offset, rows, fail }: Target,
): void {
  const values = numbersOfRows(column, rows, null, fail);
  for (let i = 0, start = offset; i < rows.length; i++, start += width) {
    const wallMs = values[i] as number;
    const isGap = Number.isNaN(wallMs);
    if (isGap && !allowsMissing) fail(rows[i] as number, noValue);
    let at = start;
    for (const part of parts)
      for (const value of isGap ? part.fill : encodeDatePart(part, wallMs)) features[at++] = value;
    if (flagsMissing) features[at] = Number(isGap);
  }
}

/** One feature, or sine and cosine of a part that goes round: 31 December is as near to 1 January as any two days. */
export function encodeDatePart(
  { part, isCyclic, center, scale }: Omit<DatePartEncoding, 'fill'>,
  wallMs: number,
): number[] {
  const value = datePartOf(wallMs, part);
  if (!isCyclic) return [(value - center) / scale];
  const angle = (2 * Math.PI * value) / (datePeriods[part] as number);
  return [Math.sin(angle), Math.cos(angle)];
}
