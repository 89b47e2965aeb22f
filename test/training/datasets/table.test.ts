import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Column } from '../../../src-main/training/datasets/dataset.ts';
import { bytesSource, fileSource } from '../../../src-main/training/datasets/table-file.ts';
import type { TableSource } from '../../../src-main/training/datasets/table-file.ts';
import { readTable } from '../../../src-main/training/datasets/table.ts';
import type { ColumnRequest, Table } from '../../../src-main/training/datasets/table.ts';
import type { TableFormat } from '../../../src-main/training/datasets/table-format.ts';
import { TableError } from '../../../src-main/training/errors.ts';
import { temporaryFolder } from '../../helpers/cli.ts';

function read(
  text: string | Uint8Array,
  request: ColumnRequest = { type: 'auto' },
  format?: Partial<TableFormat>,
): Table {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  return readTable(bytesSource(bytes, 'a.csv'), { format, request: () => () => request });
}

/** A column's cells: null where there is no value. */
function cells(column: Column | undefined): unknown[] {
  if (!column) return [];
  return column.type === 'text'
    ? Array.from(column.codes, (code) => (code < 0 ? null : column.values[code]))
    : Array.from(column.values, (value) => (Number.isNaN(value) ? null : value));
}

function allCells(table: Table): unknown {
  return Object.fromEntries([...table.columns].map(([name, column]) => [name, cells(column)]));
}

describe('readTable', () => {
  it.each([
    ['breast_cancer', 569, 31],
    ['diabetes', 442, 11],
    ['digits', 1797, 65],
    ['iris', 150, 5],
    ['wine', 178, 14],
  ])('reads the shipped table %s', (name, nRows, nColumns) => {
    const source = fileSource(join('resources/tables', `${name}.csv`));
    const table = readTable(source, { request: () => () => ({ type: 'auto' }) });
    expect([table.nRows, table.columns.size]).toEqual([nRows, nColumns]);
  });

  it('reads quotes, a byte order mark, Windows line ends and blank lines', () => {
    const table = read('\uFEFFa,"b, c"\r\n1,"x ""y"""\r\n\r\n 2 ,\r\n');
    expect(table.nRows).toBe(2);
    expect(allCells(table)).toEqual({ a: [1, 2], 'b, c': ['x "y"', null] });
  });

  it('reads line ends within quotes', () => {
    const table = read('a,b\n"one\ntwo",1\n"""",2\n');
    expect(allCells(table)).toEqual({ a: ['one\ntwo', '"'], b: [1, 2] });
  });

  it('reads columns without a header', () => {
    const table = read('1,x\n2,y\n');
    expect(allCells(table)).toEqual({ column_1: [1, 2], column_2: ['x', 'y'] });
    expect(allCells(read('1,x\n2,y\n', { type: 'auto' }, { hasHeader: true }))).toEqual({
      '1': [2],
      x: ['y'],
    });
  });

  it('reads decimal commas', () => {
    const table = read('a;b\n1,5;x\n-2;y\n,5;z\n');
    expect(table.format).toMatchObject({ delimiter: ';', decimal: ',' });
    expect(allCells(table)).toEqual({ a: [1.5, -2, 0.5], b: ['x', 'y', 'z'] });
  });

  it.each(['utf-16le', 'utf-16be'])('reads %s with a byte order mark', (encoding) => {
    const little = Buffer.from('\uFEFFGröße,b\n1,ä€\n', 'utf16le');
    const bytes = encoding === 'utf-16le' ? little : little.swap16();
    expect(allCells(read(bytes))).toEqual({ Größe: [1], b: ['ä€'] });
  });

  it('reads windows-1252, also where its first character comes late', () => {
    const rows = Array.from({ length: 60_000 }, (_, i) => `${i},x`).join('\n');
    const table = read(Buffer.concat([Buffer.from(`a,b\n${rows}\n1,`), Buffer.from([0x80, 0xe4])]));
    expect(table.format.encoding).toBe('windows-1252');
    expect(cells(table.columns.get('b')).at(-1)).toBe('€ä');
    expect(() => read(Buffer.from([0x61, 0x0a, 0xe4]), undefined, { encoding: 'utf-8' })).toThrow(
      'a.csv is not UTF-8 text in line 2 (byte 2). Correct it, save the table as "CSV UTF-8", or set `data.format.encoding`, such as windows-1252.',
    );
  });

  it('takes no UTF-8 text with a bad byte for windows-1252', () => {
    const bad = Buffer.concat([Buffer.from('city\nKöln\nZürich '), Buffer.from([0xf6, 10])]);
    expect(() => read(bad)).toThrow('a.csv is not UTF-8 text in line 3 (byte 19).');
    const late = Buffer.concat([
      Buffer.from(`city\n${'Köln\n'.repeat(60_000)}`),
      Buffer.from([0xe4]),
    ]);
    expect(() => read(late)).toThrow('a.csv is not UTF-8 text in line 60002 (byte 360005).');
    // Read in blocks that end anywhere, also within a character.
    for (let size = 1; size < bad.length; size++) {
      const source: TableSource = {
        ...bytesSource(bad, 'a.csv'),
        eachBlock(onBlock) {
          for (let at = 0; at < bad.length; at += size) onBlock(bad.subarray(at, at + size));
        },
      };
      expect(() => readTable(source, { request: () => () => ({ type: 'auto' }) })).toThrow(
        'a.csv is not UTF-8 text in line 3 (byte 19).',
      );
    }
  });

  it.each([
    ['dates', ['2024-01-31', '2024-02-29'], 'is a date, as all of the column are', '`format: iso`'],
    ['dates of other places', ['31.12.2024', '', '1.2.2024'], 'is a date', '`format: dayFirst`'],
    ['thousands', ['1.234,56', '7.000,00'], 'is a number with thousands marks', 'data.format'],
    ['what may be thousands', ['1,234', '12,000'], 'is a number with', 'data.format.thousands'],
    ['percentages', ['5%', '12.5 %', '7%'], 'is a number with', 'data.format'],
    ['amounts of money', ['$5', '$1,000.50', '-$3'], 'is a number with', 'data.format'],
    ['minus signs of typography', ['−3.5', '−1'], 'is a number with', 'data.format'],
    ['hexadecimal numbers', ['0x1f', '0xA0'], 'is a number with', 'data.format'],
    ['two decimal marks', ['1,16', '2.16', '1,20'], 'is a number with', 'data.format'],
  ])('does not take %s for categories, unless it is told to', (_, values, problem, wayOut) => {
    const text = `a|b\n${values.map((value, i) => `${value}|${i}`).join('\n')}\n`;
    const format = { delimiter: '|', decimal: '.', hasHeader: true } as const;
    const expected = new RegExp(
      `^a\\.csv: row 0, column "a" has .*${problem}.*${wayOut}.*data\\.categories`,
    );
    expect(() => read(text, undefined, format)).toThrow(expected);
    const asText = read(text, { type: 'text', maxValues: 10 }, format);
    expect(cells(asText.columns.get('a'))).toEqual(values.map((value) => value || null));
  });

  it('reads numbers with thousands marks, found or given, and refuses what does not fit them', () => {
    const values = (text: string, format?: Partial<TableFormat>) =>
      cells(read(text, undefined, format).columns.get('a'));
    expect(values('a;b\n1.234,5;1\n12;2\n7.000;3\n')).toEqual([1234.5, 12, 7000]);
    const english = 'a;b\n1,234;1\n12;2\n';
    expect(values(english, { thousands: ',' })).toEqual([1234, 12]);
    expect(() => values(english)).toThrow(
      'a.csv: row 0, column "a" has "1,234", but 1 of 2 cells of the column are numbers. Correct or empty the cell, set `data.format.thousands` or `data.format.decimal` where it is a number written so, or put the column under `data.categories`.',
    );
    expect(() => values('a;b\n1,234;1\n12;2\n12,34;2\n', { thousands: ',' })).toThrow(
      'row 2, column "a" has "12,34", but 2 of 3 cells of the column are numbers with or without "," between thousands.',
    );
    expect(() => values('a;b\n1,234;1\n12;2\nx;3\n', { thousands: ',' })).toThrow(
      '2 of 3 cells of the column are numbers with or without "," between thousands. Correct or empty the cell, or put the column',
    );
    expect(() => values('a;b\n1.234,5;1\n12;2\nx;3\n', { thousands: '.' })).toThrow(
      'are numbers with a decimal comma, with or without "." between thousands. Correct',
    );
    for (const request of [
      { type: 'number', allowsPadding: false, wayOut: '' },
      { type: 'time', format: 'iso' },
    ] as const)
      expect(cells(read('a;b\n1.234,5;1\n12;2\n', request).columns.get('a'))).toEqual([1234.5, 12]);
  });

  it('names the first number in disguise, not one that is none', () => {
    const text = 'a|b\n|1\n1.5|2\n1,200|3\n7,000|4\n12,000|5\n';
    const format = { delimiter: '|', decimal: '.', hasHeader: true } as const;
    expect(() => read(text, undefined, format)).toThrow(
      'a.csv: row 2, column "a" has "1,200": it is a number with thousands marks',
    );
    const shares = 'a|b\n1,200|1\n7,000|2\n5%|3\n6%|4\n12%|5\n';
    expect(() => read(shares, undefined, { ...format, thousands: ',' })).toThrow(
      'a.csv: row 2, column "a" has "5%": it is a number with',
    );
  });

  it.each([
    ['codes', ['007', '0815']],
    ['versions', ['1.2.3', '1.10.0']],
    ['sizes', ['5 kg', '7 kg']],
    ['numbers among words', ['5%', 'unknown']],
    ['ranges', ['18-25', '26-35']],
  ])('takes %s for categories', (_, values) => {
    const table = read(`a|b\n${values.map((value) => `${value}|x`).join('\n')}\n`);
    expect(cells(table.columns.get('a'))).toEqual(values);
  });

  it('keeps zeros before codes', () => {
    expect(allCells(read('zip\n01067\n01069\n'))).toEqual({ zip: ['01067', '01069'] });
    expect(() => read('zip\n01067\n10115\n20095\n')).toThrow(
      'a.csv: row 0, column "zip" has "01067", but 2 of 3 cells of the column are numbers. Zeros before a number are those of a code. Put the column under `data.categories`, `data.ignore`, or, if they do not count, `data.numbers`.',
    );
    const request = { type: 'number', allowsPadding: true, wayOut: '' } as const;
    expect(allCells(read('n\n007\n08.5\n', request))).toEqual({ n: [7, 8.5] });
  });

  it('reads again what turns out late to be text', () => {
    const numbers = Array.from({ length: 12_000 }, (_, i) => `${i % 100}.0`);
    const texts = Array.from({ length: 13_000 }, (_, i) => `x${i % 7}`);
    const table = read(`a\n${[...numbers, ...texts].join('\n')}\n`);
    expect(cells(table.columns.get('a'))).toEqual([...numbers, ...texts]);
  });

  it('tells a mistake from a column of text, wherever it is', () => {
    const lines = Array.from({ length: 150_000 }, (_, i) => String(i + 0.5));
    for (const row of [3, 140_000]) {
      const text = `a\n${lines.with(row, 'x').join('\n')}\n`;
      expect(() => read(text)).toThrow(
        new RegExp(
          `^a.csv: row ${row}, column "a" has "x", but 1\\d{5} of 1\\d{5} cells of the column are numbers. Correct or empty the cell`,
        ),
      );
    }
  });

  it('has many columns', () => {
    const names = Array.from({ length: 10_000 }, (_, i) => `c${i}`);
    const table = read(`${names.join(',')}\n${names.map((_, i) => i).join(',')}\n`);
    expect(table.columnNames).toEqual(names);
    expect(cells(table.columns.get('c9999'))).toEqual([9999]);
  });

  it('names columns that the header does not, and says so', () => {
    const table = read(',a\n0,5\n1,6\n');
    expect(table.columnNames).toEqual(['column_1', 'a']);
    expect(table.warnings).toEqual([
      'Column 1 has no name in the header and is called "column_1". Where it only counts the rows, as pandas and R write it, put it under `data.ignore`.',
    ]);
  });

  it('keeps only the columns that are wanted', () => {
    const source = bytesSource(Buffer.from('a,b\n1,2\n'), 'a.csv');
    const table = readTable(source, {
      request: () => (name) => (name === 'b' ? { type: 'auto' } : null),
    });
    expect([...table.columns.keys()]).toEqual(['b']);
    expect(table.columnNames).toEqual(['a', 'b']);
  });

  it('has a hash of its bytes', () => {
    expect(read('a\n1').hash).toMatch(/^[0-9a-f]{64}$/);
    expect(read('a\n1').hash).toBe(read('a\n1').hash);
    expect(read('a\n1').hash).not.toBe(read('a\n1\n').hash);
  });

  it('reads dates, and points in time by the offset that they have', () => {
    const text = 'a\n2024-03-01T12:00+02:00\n\n2024-03-01T11:00Z\n';
    const date = cells(read(text, { type: 'date', format: 'iso' }).columns.get('a'));
    const time = cells(read(text, { type: 'time', format: 'iso' }).columns.get('a'));
    expect(date).toEqual([Date.UTC(2024, 2, 1, 12), Date.UTC(2024, 2, 1, 11)]);
    expect(time).toEqual([Date.UTC(2024, 2, 1, 10), Date.UTC(2024, 2, 1, 11)]);
  });

  it.each<[string, string, ColumnRequest?]>([
    ['', 'must have a header and at least one row, but has neither'],
    ['a,b\n', 'must have a header and at least one row, but has no rows'],
    ['b,a,a\n1,2,3', 'has the name "a" twice, for columns 2 and 3.'],
    ['column_2,\n1,2', 'has the name "column_2" twice, for columns 1 and 2.'],
    ['a,b\n1,2\n1,2,3', 'row 1 (line 3) must have 2 cells, as the header has, but has 3'],
    ['a,b\n1,2\n\n1', 'row 1 (line 4) must have 2 cells'],
    ['a,b\n"x\ny",1\n2\n', 'row 1 (line 4) must have 2 cells'],
    ['a,b\n1,"x\n', 'row 0, column "b" (line 2): The quote that a cell begins with'],
    ['a,b\n1,"x"y\n', 'row 0, column "b" (line 2): A delimiter must follow'],
    ['a,b\n1,x\0y\n', 'row 0, column "b" (line 2): A cell must be text'],
    [
      'a,b\n1,1e999\n2,3\n',
      'row 0, column "b" has "1e999", but 1 of 2 cells of the column are numbers',
    ],
    [
      'a\n1\nx\n',
      'row 1, column "a" must be a number, but is "x". Say so.',
      { type: 'number', allowsPadding: false, wayOut: 'Say so.' },
    ],
    [
      'a\n1\n2\n3\n',
      'column "a" has more than 2 different values, too many to be categories',
      { type: 'text', maxValues: 2 },
    ],
    [
      'a\n2024-02-28\n2024-02-30\n',
      'row 1, column "a" must be a date such as 2024-12-31 or 2024-12-31T14:30 (iso), but is "2024-02-30"',
      { type: 'date', format: 'iso' },
    ],
    [
      'a\n1\n2\n1.2.2024\n',
      'row 2, column "a" must be a number or a date',
      { type: 'time', format: 'iso' },
    ],
  ])('says what is wrong with %j', (text, message, request) => {
    const format = { delimiter: ',', hasHeader: true };
    expect(() => read(text, request, format)).toThrow(TableError);
    expect(() => read(text, request, format)).toThrow(message);
  });

  it('refuses an encoding that does not exist', () => {
    expect(() => read('a\n1\n', undefined, { encoding: 'klingon' })).toThrow(
      '`data.format.encoding` must be the name of an encoding, such as utf-8, utf-16le or windows-1252, but got klingon.',
    );
  });

  it('says so when there is no such file', () => {
    expect(() => fileSource('no-such.csv')).toThrow(TableError);
  });

  it('shows the beginning of a cell that is as long as a book', () => {
    const text = `a\n1\n2\n3\n${'x'.repeat(1_000_000)}\n`;
    const request = (): ColumnRequest => ({ type: 'number', allowsPadding: true, wayOut: '' });
    for (const wanted of [undefined, request()])
      expect(() => read(text, wanted)).toThrow(/row 3, column "a" [^x]*"x{79}…"[^x]*$/);
  });

  it.skipIf(process.platform === 'win32')(
    'refuses a folder, a link to itself, and a pipe, which it would wait for',
    () => {
      const folder = temporaryFolder();
      const [loop, pipe] = ['loop.csv', 'pipe.csv'].map((name) => join(folder, name));
      symlinkSync(loop!, loop!);
      execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', pipe!]);
      expect(() => fileSource(loop!)).toThrow(TableError);
      for (const path of [folder, pipe!])
        expect(() => fileSource(path)).toThrow(
          `A table must be a file, but ${path} is none. Give a file's path.`,
        );
    },
  );
});
