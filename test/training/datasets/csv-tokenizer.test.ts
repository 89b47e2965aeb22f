import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CsvTokenizer } from '../../../src-main/training/datasets/csv-tokenizer.ts';
import type { CsvFlaw } from '../../../src-main/training/datasets/csv-tokenizer.ts';

interface Outcome {
  readonly records: string[][];
  readonly flaws: [CsvFlaw, number][];
  readonly line: number;
}

function tokenize(
  text: string | Uint8Array,
  { delimiter = ',', quote = '"', blockSize = Infinity } = {},
): Outcome {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  const records: string[][] = [];
  const flaws: [CsvFlaw, number][] = [];
  let record: string[] = [];
  const tokenizer = new CsvTokenizer(
    { delimiter, quote },
    {
      onCell(column, cellBytes, start, end) {
        expect(column).toBe(record.length);
        record.push(new TextDecoder().decode(cellBytes.subarray(start, end)));
      },
      onRecord(nCells) {
        expect(nCells).toBe(record.length);
        records.push(record);
        record = [];
      },
      onFlaw: (flaw, column) => flaws.push([flaw, column]),
    },
  );
  const size = Math.min(blockSize, Math.max(1, bytes.length));
  for (let i = 0; i < bytes.length; i += size) tokenizer.write(bytes.slice(i, i + size));
  tokenizer.end();
  return { records, flaws, line: tokenizer.line };
}

const anyCell = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.stringMatching(/^[a,;" \t\r\n]{0,6}$/),
  fc.double().map(String),
);

describe('CsvTokenizer', () => {
  it('reads what csv-parse reads, whatever blocks the bytes come in', () => {
    const table = fc
      .integer({ min: 1, max: 4 })
      .chain((width) => fc.array(fc.array(anyCell, { minLength: width, maxLength: width })));
    fc.assert(
      fc.property(
        table,
        fc.constantFrom(',', ';', '\t'),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.integer({ min: 1, max: 12 }),
        fc.boolean(),
        (rows, delimiter, lineEnd, blockSize, endsLine) => {
          const write = (cell: string): string =>
            /^[^,;" \t\r\n\0]+$/.test(cell) ? cell : `"${cell.replaceAll('"', '""')}"`;
          const text =
            rows.map((row) => row.map(write).join(delimiter)).join(lineEnd) +
            (endsLine ? lineEnd : '');
          const expected = parse(text, {
            delimiter,
            trim: true,
            skip_empty_lines: true,
            record_delimiter: ['\n', '\r\n', '\r'],
          });
          const { records } = tokenize(text, { delimiter, blockSize });
          expect(records).toEqual(expected);
        },
      ),
    );
  });

  it('reads any bytes the same way whatever blocks they come in', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[ab,"\r\n \0]{0,40}$/),
        fc.integer({ min: 1, max: 7 }),
        (text, blockSize) => {
          const whole = tokenize(text);
          const { records, flaws } = tokenize(text, { blockSize });
          expect(records).toEqual(whole.records);
          expect(flaws).toEqual(whole.flaws);
        },
      ),
    );
  });

  it('skips blank lines, but no empty cells', () => {
    expect(tokenize('a,b\n\n  \n,\n""\n').records).toEqual([['a', 'b'], ['', ''], ['']]);
    expect(tokenize('a,').records).toEqual([['a', '']]);
  });

  it('takes quotes within cells for text', () => {
    expect(tokenize('5" disk,a"b"c\n')).toMatchObject({
      records: [['5" disk', 'a"b"c']],
      flaws: [],
    });
  });

  it('goes on where a quote is not closed, or is followed by text, or there is a byte 0', () => {
    expect(tokenize('a,"b\nc,d\n')).toMatchObject({
      records: [
        ['a', '"b'],
        ['c', 'd'],
      ],
      flaws: [['openQuote', 1]],
    });
    expect(tokenize('"a"x,b\n')).toMatchObject({
      records: [['ax', 'b']],
      flaws: [['textAfterQuote', 0]],
    });
    expect(tokenize('a,b\0\n').flaws).toEqual([['nul', 1]]);
  });

  it('does not take in a whole file for one open quote', () => {
    const lines = `c,${'d'.repeat(1000)}\n`.repeat(2000);
    const { records, flaws } = tokenize(`a,"b\n${lines}`, { blockSize: 2 ** 16 });
    expect(flaws).toEqual([['openQuote', 1]]);
    expect(records).toHaveLength(2001);
  });

  it('counts lines, also those within cells', () => {
    expect(tokenize('a\n"b\nc"\r\nd\n').line).toBe(5);
  });
});
