import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isMissing, isNumber } from '../../../src-main/training/datasets/cells.ts';
import { parseTable, readTable } from '../../../src-main/training/datasets/table.ts';
import { TableError } from '../../../src-main/training/errors.ts';

function parse(text: string, delimiter?: string) {
  return parseTable(new TextEncoder().encode(text), 'a.csv', { delimiter });
}

describe('parseTable', () => {
  it('reads quotes, a byte order mark, Windows line ends and blank lines', () => {
    const table = parse('\uFEFFa,"b, c"\r\n1,"x ""y"""\r\n\r\n 2 ,\r\n');
    expect(table.nRows).toBe(2);
    expect([...table.columns]).toEqual([
      ['a', ['1', '2']],
      ['b, c', ['x "y"', '']],
    ]);
  });

  it('takes another delimiter', () => {
    expect(parse('a;b\n1;2', ';').columns.get('b')).toEqual(['2']);
  });

  it('has a hash of its bytes', () => {
    expect(parse('a\n1').hash).toMatch(/^[0-9a-f]{64}$/);
    expect(parse('a\n1').hash).toBe(parse('a\n1').hash);
    expect(parse('a\n1').hash).not.toBe(parse('a\n1\n').hash);
  });

  it.each([
    ['', 'must have a header and at least one row, but has neither'],
    ['a,b\n', 'must have a header and at least one row, but has no rows'],
    ['a,a\n1,2', 'has the name "a" twice'],
    ['a,\n1,2', 'column 2 has no name'],
    ['a,b\n1,2\n1,2,3', 'line 3'],
    ['a\n"1', 'not a well-formed table'],
  ])('says what is wrong with %j', (text, message) => {
    expect(() => parse(text)).toThrow(TableError);
    expect(() => parse(text)).toThrow(message);
  });

  it('refuses what is not UTF-8', () => {
    expect(() => parseTable(Uint8Array.of(0x61, 0x0a, 0xe4), 'a.csv')).toThrow(/not UTF-8/);
  });
});

describe('readTable', () => {
  it.each([
    ['breast_cancer', 569, 31],
    ['diabetes', 442, 11],
    ['digits', 1797, 65],
    ['iris', 150, 5],
    ['wine', 178, 14],
  ])('reads the shipped table %s', (name, nRows, nColumns) => {
    const table = readTable(join('resources/tables', `${name}.csv`));
    expect([table.nRows, table.columns.size]).toEqual([nRows, nColumns]);
  });

  it('says so when there is no such file', () => {
    expect(() => readTable('no-such.csv')).toThrow(TableError);
  });
});

describe('cells', () => {
  it.each(['1', '-1.5', '+.5', '2.', '1e-3', '1E5'])('%s is a number', (cell) => {
    expect(isNumber(cell)).toBe(true);
  });

  it.each(['', '1,5', '0x10', 'Infinity', '1 2', 'e5', '.'])('%j is not', (cell) => {
    expect(isNumber(cell)).toBe(false);
  });

  it.each(['', 'NA', 'NaN', '?'])('%j is missing', (cell) => {
    expect(isMissing(cell)).toBe(true);
  });
});
