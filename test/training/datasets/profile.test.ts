import { describe, expect, it } from 'vitest';
import { profileTable } from '../../../src-main/training/datasets/profile.ts';
import type { TableProfile } from '../../../src-main/training/datasets/profile.ts';
import { bytesSource } from '../../../src-main/training/datasets/table-file.ts';
import type { TableFormat } from '../../../src-main/training/datasets/table-format.ts';
import { TableError } from '../../../src-main/training/errors.ts';

function profile(text: string, format: Partial<TableFormat> = {}): TableProfile {
  return profileTable(bytesSource(Buffer.from(text), 'a.csv'), 'a.csv', format);
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** The profile of one column with these cells. */
function columnOf(cells: readonly (string | number)[], name = 'a') {
  const text = `${name},other\n${cells.map((cell, i) => `${cell},${i % 3}`).join('\n')}\n`;
  return profile(text, { hasHeader: true, delimiter: ',' }).columns[0];
}

describe('profileTable', () => {
  it('tells kinds of columns apart', () => {
    const days = range(60).map((i) => new Date(Date.UTC(2024, 0, 1 + i)).toISOString());
    expect(columnOf([1.5, '', 3, 2])).toMatchObject({
      type: 'number',
      suggestedRole: 'feature',
      nMissing: 1,
      nDistinct: 3,
      min: 1.5,
      max: 3,
      mean: 6.5 / 3,
    });
    expect(columnOf(['red', 'blue', 'red', 'NA', 'red'])).toMatchObject({
      type: 'category',
      nMissing: 1,
      top: [
        { value: 'red', count: 3 },
        { value: 'blue', count: 1 },
      ],
      min: null,
    });
    expect(columnOf(['yes', 'no', 'no'])).toMatchObject({ type: 'boolean' });
    expect(columnOf(days)).toMatchObject({
      type: 'date',
      dateFormat: 'iso',
      min: days[0],
      max: days[59],
    });
    expect(columnOf(['31.1.2024', '1.2.2024'])).toMatchObject({ dateFormat: 'dayFirst' });
    expect(columnOf(['1/31/2024', '2/1/2024'])).toMatchObject({ dateFormat: 'monthFirst' });
  });

  it('takes texts for categories where only some look like numbers to the eye', () => {
    for (const cells of [
      ['5%', 'unknown', '5%', '7%'],
      ['unknown', '5%', '5%', '7%'],
    ])
      expect(columnOf(cells)).toMatchObject({ type: 'category', suggestedRole: 'feature' });
  });

  it('takes no UTF-8 text with a bad byte for windows-1252', () => {
    const bytes = Buffer.concat([Buffer.from('city\nKöln\nZürich '), Buffer.from([0xf6, 10])]);
    expect(() => profileTable(bytesSource(bytes, 'a.csv'), 'a.csv')).toThrow(
      'a.csv is not UTF-8 text in line 3 (byte 19).',
    );
  });

  it('says what is doubtful instead of guessing', () => {
    expect(columnOf(['1.2.2024', '3.4.2024', '5.6.2024'])).toMatchObject({
      type: 'date',
      dateFormat: null,
      note: 'Day or month may come first (1.2.2024): say which, or ignore it.',
    });
    expect(columnOf(['01067', '10115', '20095', '01067'])).toMatchObject({
      type: 'category',
      note: 'Some values have zeros before them, as codes have: they are taken as categories, not as amounts.',
    });
    expect(columnOf(range(60).map((i) => 1 + (i % 2)))).toMatchObject({
      type: 'number',
      note: 'It has only 2 different numbers: if they stand for kinds, not for amounts, make it a category.',
    });
    expect(columnOf(['9007199254740993', '9007199254740995', '9007199254740999'])?.note).toBe(
      'Its numbers have more digits than are kept: are they ids?',
    );
  });

  it.each<[string, (string | number)[], string, string?]>([
    ['a counter', range(30), 'It counts the rows.'],
    [
      'ids',
      range(30).map((i) => (i * 7919) % 1000),
      'It is a number of its own in every row: an id.',
      'customer_id',
    ],
    [
      'prices',
      range(30).map((i) => `$${i}.50`),
      '“$0.50” is to the eye a number with thousands marks, a currency, % or another decimal mark, which is not read as one. Set `data.format.thousands` or `data.format.decimal`, take them out of the table, or make the column a category.',
    ],
    ['names', range(30).map((i) => `name ${i}`), 'It is different in every row: an id or a name.'],
    ['one value', range(30).map(() => 'x'), 'It has the same value in all rows.'],
    ['no values', range(30).map(() => ''), 'It has no values.'],
    [
      'free text',
      range(200).map((i) => `some longer text about the matter number ${i % 150}`),
      'It is free text, different in most rows.',
    ],
  ])('would ignore %s', (_what, cells, note, name) => {
    expect(columnOf(cells, name)).toMatchObject({ suggestedRole: 'ignore', note });
  });

  it('names cells that do not fit, with row, column and value', () => {
    const { columns, problems, nProblems } = profile('a,b\n1,x\n2,y\nx1,z\n4,z\n,z\n');
    expect(columns[0]).toMatchObject({ type: 'number', note: '1 cell is no number.', mean: 7 / 3 });
    expect(nProblems).toBe(1);
    expect(problems).toEqual([
      {
        row: 2,
        column: 'a',
        value: 'x1',
        message:
          'Must be a number, as 3 of 4 cells of the column are. Correct or empty the cell, or make the column a category.',
      },
    ]);
  });

  it('goes on where lines are broken, and counts what it does not show', () => {
    const broken = profile('a,b\n1,2\n3\n4,5,6\n"x"y,1\n7,"8\n', { hasHeader: true });
    expect(broken.nRows).toBe(5);
    expect(broken.problems.map(({ row, column }) => [row, column])).toEqual([
      [1, null],
      [2, null],
      [3, 'a'],
      [4, 'b'],
      [3, 'a'],
      [4, 'b'],
    ]);
    const many = profile(`a,b\n${'1\n'.repeat(500)}`, { hasHeader: true, delimiter: ',' });
    expect(many.problems).toHaveLength(100);
    expect(many.nProblems).toBe(500);
  });

  it('mends headers, and says so', () => {
    const { columns, problems } = profile('a,,a\n1,2,3\n4,5,6\n', { hasHeader: true });
    expect(columns.map(({ name }) => name)).toEqual(['a', 'column_2', 'a_2']);
    expect(problems.map(({ message }) => message)).toEqual([
      'Column 2 must have a name in the header, but has none; it is called "column_2" here.',
      'Columns must have names of their own, but "a" is there twice; the second one is called "a_2" here.',
    ]);
  });

  it('counts different values up to a limit only', () => {
    const text = `a\n${range(30_000).join('.5\n')}\n`;
    expect(profile(text, { hasHeader: true }).columns[0]).toMatchObject({
      nDistinct: 10_000,
      isDistinctCapped: true,
      top: [],
    });
  });

  it('has the first rows as text, and something to predict', () => {
    const rows = range(100).map((i) => `${(i * 7) % 13}.5,${'uv'[i % 2]}`);
    const { preview, suggested, tableHash } = profile(`a,kind\n${rows.join('\n')}\n`);
    expect(preview).toHaveLength(50);
    expect(preview[1]).toEqual(['7.5', 'v']);
    expect(suggested).toEqual({ target: 'kind', task: 'classification' });
    expect(tableHash).toMatch(/^[0-9a-f]{64}$/);
    const numbers = range(100).map((i) => `${i % 7}.5,${(i * i) % 89}.25`);
    expect(profile(`a,price\n${numbers.join('\n')}\n`).suggested).toEqual({
      target: 'price',
      task: 'regression',
    });
  });

  it('has 10,000 columns', () => {
    const names = range(10_000).map((i) => `c${i}`);
    const line = names.map((_, i) => i).join(',');
    expect(profile(`${names.join(',')}\n${line}\n${line}\n`).columns).toHaveLength(10_000);
  });

  it('refuses what is no table, and knows one without rows', () => {
    expect(() => profile('')).toThrow(TableError);
    expect(() => profile('\n\n')).toThrow('a.csv is empty. Choose a file with a table in it.');
    const { nRows, problems } = profile('a,b\n');
    expect(nRows).toBe(0);
    expect(problems[0]?.message).toContain('must have at least one row below its header');
  });
});
