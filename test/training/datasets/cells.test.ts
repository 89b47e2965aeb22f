import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isBooleanPair,
  isMissing,
  isMissingBytes,
  isNumber,
  parseNumber,
  type NumberMarks,
} from '../../../src-main/training/datasets/cells.ts';

function parse(
  cell: string,
  decimal: NumberMarks['decimal'] = '.',
  thousands: NumberMarks['thousands'] = 'none',
): number {
  const bytes = new TextEncoder().encode(cell);
  return parseNumber(bytes, 0, bytes.length, { decimal, thousands });
}

describe('cells', () => {
  it.each(['1', '-1.5', '+.5', '2.', '1e-3', '1E5', '0', '-0.0', '0.10'])(
    '%s is a number',
    (cell) => {
      expect(isNumber(cell)).toBe(true);
      expect(parse(cell)).toBe(Number(cell));
    },
  );

  it.each(['', '1,5', '0x10', 'Infinity', '1 2', 'e5', '.', '-', '007', '1e999', '1.2.3'])(
    '%j is none',
    (cell) => {
      expect(isNumber(cell)).toBe(false);
      expect(parse(cell)).toBeNaN();
    },
  );

  it('takes a comma for a point when told so', () => {
    expect(parse('-1,25', ',')).toBe(-1.25);
    expect(parse('1,5e3', ',')).toBe(1500);
    expect(parse('1.5', ',')).toBeNaN();
  });

  it.each<[string, NumberMarks['decimal'], NumberMarks['thousands'], number]>([
    ['1.234,5', ',', '.', 1234.5],
    ['-1.234.567', ',', '.', -1234567],
    ['1.234', ',', '.', 1234],
    ['12,5', ',', '.', 12.5],
    ['1234,5', ',', '.', 1234.5],
    ['12.34', ',', '.', NaN],
    ['1.2345', ',', '.', NaN],
    ['.123', ',', '.', NaN],
    ['.123.456', ',', '.', NaN],
    ['0.123', ',', '.', NaN],
    ['1,234.50', '.', ',', 1234.5],
    ['12,34.5', '.', ',', NaN],
    ['1,234,567', '.', ',', 1234567],
    ['1 234,5', ',', ' ', 1234.5],
    ['1\u00a0234.5', '.', ' ', 1234.5],
    ['1\u202f234', '.', ' ', 1234],
    ["1'234.5", '.', "'", 1234.5],
    ['1’234’567', '.', "'", 1234567],
    ['1 234', '.', "'", NaN],
    ['555 12 34', '.', ' ', NaN],
    ["6'2", '.', "'", NaN],
    ['1,234.5', '.', 'none', NaN],
  ])('%j with decimals after %j and %j between thousands is %d', (cell, decimal, mark, value) => {
    expect(parse(cell, decimal, mark)).toBe(value);
    expect(isNumber(cell, { decimal, thousands: mark })).toBe(!Number.isNaN(value));
  });

  it.each(['', 'NA', 'NaN', '?', 'N/A', 'null'])('%j is missing', (cell) => {
    const bytes = new TextEncoder().encode(cell);
    expect(isMissing(cell)).toBe(true);
    expect(isMissingBytes(bytes, 0, bytes.length)).toBe(true);
  });

  it('takes words for yes and no as such', () => {
    expect(isBooleanPair(['TRUE', 'false'])).toBe(true);
    expect(isBooleanPair(['no', 'yes'])).toBe(true);
    expect(isBooleanPair(['yes', 'maybe'])).toBe(false);
    expect(isBooleanPair(['yes'])).toBe(false);
  });

  it('reads every number as JavaScript does', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(parse(String(value))).toBe(value);
      }),
    );
    const digits = fc.stringMatching(/^[1-9]\d{0,17}$/);
    fc.assert(
      fc.property(digits, fc.stringMatching(/^\d{0,25}$/), (whole, decimals) => {
        expect(parse(`${whole}.${decimals}`)).toBe(Number(`${whole}.${decimals}`));
      }),
    );
  });

  it('tells numbers from other text, however it is written', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[-+0-9.eE]{0,8}$/), (cell) => {
        expect(!Number.isNaN(parse(cell))).toBe(isNumber(cell));
      }),
    );
  });
});
