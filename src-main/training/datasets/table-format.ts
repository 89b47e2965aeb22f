import { extname } from 'node:path';
import { isMissing, isNumber, textOf, thousandsMarks, withoutThousands } from './cells.ts';
import type { NumberMarks } from './cells.ts';
import { CsvTokenizer } from './csv-tokenizer.ts';
import { bytesSource, hasUtf8Characters, readSample, readText } from './table-file.ts';
import type { TableSource } from './table-file.ts';

/** How a table's text becomes cells. */
export interface TableFormat extends NumberMarks {
  readonly delimiter: string;
  readonly quote: string;
  /** A WHATWG label. */
  readonly encoding: string;
  /** Whether the first line names the columns. */
  readonly hasHeader: boolean;
}

const delimiters = [',', ';', '\t', '|'] as const;

const SAMPLE_BYTES = 2 ** 18;
const SAMPLE_RECORDS = 1000;

/**
 * The format of a table, as far as it is not given, from its first quarter of a megabyte. The encoding holds for that much only: a table may have its first
 * character that is no UTF-8 further on.
 *
 * @param like How numbers of another table of the same kind are written, taken where this one does not tell otherwise.
 */
export function detectFormat(
  source: TableSource,
  given: Partial<TableFormat> = {},
  like: Partial<NumberMarks> = {},
): TableFormat {
  const sample = readSample(source, SAMPLE_BYTES);
  const isWhole = sample.length === source.sizeBytes;
  const encoding = given.encoding ?? detectEncoding(sample, isWhole);
  const text = decodeSample(sample, encoding, isWhole);
  const quote = given.quote ?? detectQuote(text);
  const delimiter = given.delimiter ?? detectDelimiter(text, quote, isWhole, source.name);
  const records = recordsOf(text, { delimiter, quote }, isWhole);
  const marks = detectMarks(records, given, like);
  const hasHeader = given.hasHeader ?? detectHeader(records, marks);
  return { delimiter, quote, encoding, ...marks, hasHeader };
}

function detectEncoding(sample: Uint8Array, isWhole: boolean): string {
  const [a, b] = sample;
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  // Without a mark: of characters below 256, every second byte is 0.
  const zeros = [0, 0];
  sample.forEach((byte, i) => {
    if (byte === 0) zeros[i % 2] = (zeros[i % 2] as number) + 1;
  });
  const [even = 0, odd = 0] = zeros;
  const many = 0.2 * sample.length;
  if (odd > many && even < odd / 10) return 'utf-16le';
  if (even > many && odd < even / 10) return 'utf-16be';
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(sample, { stream: !isWhole });
    return 'utf-8';
  } catch {
    return hasUtf8Characters(sample) ? 'utf-8' : 'windows-1252';
  }
}

/** Errors in it come to light when the whole table is read. */
function decodeSample(sample: Uint8Array, encoding: string, isWhole: boolean): string {
  let decoder: InstanceType<typeof TextDecoder>;
  try {
    decoder = new TextDecoder(encoding);
  } catch {
    // An unknown name is refused where the table is read, with words.
    decoder = new TextDecoder();
  }
  return decoder.decode(sample, { stream: !isWhole });
}

/** A double quote, unless there is none and cells stand between single ones. */
function detectQuote(text: string): string {
  if (text.includes('"')) return '"';
  const nOpening = text.match(/(^|[,;\t|\n]) *'/g)?.length ?? 0;
  const nClosed = text.match(/(^|[,;\t|\n]) *'[^'\n]*' *(?=$|[,;\t|\r\n])/g)?.length ?? 0;
  return nClosed >= 2 && nClosed === nOpening ? "'" : '"';
}

/** That which gives records of the same length, and cells that hold no other delimiter. */
function detectDelimiter(text: string, quote: string, isWhole: boolean, name: string): string {
  const usual = extname(name).toLowerCase() === '.tsv' ? '\t' : ',';
  let best = { delimiter: usual, score: 0, nColumns: 1 };
  for (const delimiter of [usual, ...delimiters.filter((one) => one !== usual)]) {
    const records = recordsOf(text, { delimiter, quote }, isWhole);
    const lengths = new Map<number, number>();
    for (const { length } of records) lengths.set(length, (lengths.get(length) ?? 0) + 1);
    const [nColumns, nRecords] = [...lengths].reduce(
      (most, one) => (one[1] > most[1] ? one : most),
      [1, 0],
    );
    if (nColumns < 2) continue;
    const cells = records.flat();
    const nClean = cells.filter((cell) => !/[,;\t|]/.test(cell) || isNumberWithCommas(cell)).length;
    const score = (nRecords / records.length) ** 2 * (0.5 + (0.5 * nClean) / cells.length);
    if (score > best.score + 1e-9 || (score > best.score - 1e-9 && nColumns > best.nColumns))
      best = { delimiter, score, nColumns };
  }
  return best.delimiter;
}

function isNumberWithCommas(cell: string): boolean {
  return (
    isNumber(cell, { decimal: ',', thousands: 'none' }) ||
    allMarks.some((marks) => hasBothMarks(cell, marks))
  );
}

/** Thousands marks and decimals that can stand in one number. */
const allMarks: readonly NumberMarks[] = thousandsMarks
  .filter((thousands) => thousands !== 'none')
  .flatMap((thousands) => (['.', ','] as const).map((decimal) => ({ decimal, thousands })));

/** Such as 1.234,5, which can be read in one way only. */
function hasBothMarks(cell: string, marks: NumberMarks): boolean {
  const plain = withoutThousands(cell, marks);
  return plain !== cell && plain.includes(marks.decimal) && isNumber(cell, marks);
}

/**
 * Thousands marks only where some column of nothing but numbers has both these and decimals in one of them, and where no column of numbers would be none: 1,234 alone
 * may be either.
 */
function detectMarks(
  records: readonly (readonly string[])[],
  given: Partial<NumberMarks>,
  like: Partial<NumberMarks>,
): NumberMarks {
  const columns = toColumns(records.slice(1));
  const areNumbers = (cells: readonly string[], marks: NumberMarks): boolean =>
    cells.every((cell) => isNumber(cell, marks));
  const plain = { decimal: given.decimal ?? detectDecimal(columns), thousands: 'none' } as const;
  const keepsNumbers = (marks: NumberMarks): boolean =>
    columns.every((cells) => !areNumbers(cells, plain) || areNumbers(cells, marks));
  const found = allMarks.filter(
    (marks) =>
      marks.decimal === (given.decimal ?? marks.decimal) &&
      marks.thousands === (given.thousands ?? marks.thousands) &&
      columns.some(
        (cells) => cells.some((cell) => hasBothMarks(cell, marks)) && areNumbers(cells, marks),
      ) &&
      keepsNumbers(marks),
  );
  const [only] = found;
  if (only && found.length === 1) return only;
  if (like.decimal !== undefined && found.length === 0) {
    const usual = { decimal: like.decimal, thousands: like.thousands ?? 'none' };
    if (keepsNumbers(usual)) return usual;
  }
  const { thousands = 'none' } = given;
  const other = { '.': ',', ',': '.' } as const;
  return {
    thousands,
    decimal: thousands === '.' || thousands === ',' ? other[thousands] : plain.decimal,
  };
}

/**
 * A comma where some column has numbers with commas only, one of them at least no thousand with a comma in it, and no column has numbers with points
 * only.
 */
function detectDecimal(columns: readonly (readonly string[])[]): '.' | ',' {
  const writes = (decimal: '.' | ',', mark: RegExp): boolean =>
    columns.some(
      (cells) =>
        cells.some((cell) => mark.test(cell)) &&
        cells.every((cell) => isNumber(cell, { decimal, thousands: 'none' })),
    );
  const hasCommas = writes(',', /^[+-]?(0|\d{4,}|\d{1,3}(?!,\d{3}$)),\d+$/);
  return hasCommas && !writes('.', /\./) ? ',' : '.';
}

/**
 * The first line is none where it has a number, or nothing, above each column of numbers; and where there are no numbers, when most of its cells come up
 * again below.
 */
function detectHeader(records: readonly (readonly string[])[], marks: NumberMarks): boolean {
  const [first, ...rest] = records;
  if (!first || rest.length === 0) return true;
  const columns = toColumns(rest);
  const numeric = columns.flatMap((cells, i) =>
    cells.length > 0 && cells.every((cell) => isNumber(cell, marks)) ? [i] : [],
  );
  const isNumberOrNothing = (cell: string | undefined): boolean =>
    cell === undefined || isMissing(cell) || isNumber(cell, marks);
  if (numeric.length > 0)
    return !numeric.every((i) => isNumberOrNothing(first[i])) || isSequence(first, numeric);
  const nKnown = first.filter((cell, i) => columns[i]?.includes(cell)).length;
  return nKnown <= first.length / 2;
}

/** Whether these cells are whole numbers that go up by one: years or numbers of columns, as headers have them. */
function isSequence(cells: readonly string[], places: readonly number[]): boolean {
  const numbers = places.map((i) => Number(cells[i]));
  return (
    places.length < cells.length &&
    numbers.length > 2 &&
    numbers.every((value, i) => i === 0 || value === (numbers[i - 1] as number) + 1)
  );
}

/** Cells with a value, by column. */
function toColumns(records: readonly (readonly string[])[]): string[][] {
  const columns: string[][] = [];
  for (const record of records)
    record.forEach((cell, i) => {
      const column = (columns[i] ??= []);
      if (!isMissing(cell)) column.push(cell);
    });
  return columns;
}

function recordsOf(
  text: string,
  format: Pick<TableFormat, 'delimiter' | 'quote'>,
  isWhole: boolean,
): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  const tokenizer = new CsvTokenizer(format, {
    onCell: (_, bytes, start, end) => record.push(textOf(bytes, start, end)),
    onRecord: () => {
      if (records.length < SAMPLE_RECORDS) records.push(record);
      record = [];
    },
    onFlaw: () => {},
  });
  readText(bytesSource(Buffer.from(text), ''), 'utf-8', (utf8) => tokenizer.write(utf8));
  // The last record of a part of a table is cut off.
  if (isWhole) tokenizer.end();
  return records;
}
