import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { orderByQuality, qualityRanks, type Target } from '../../../src-renderer/charts/target.ts';

/** Few different values, so that many are equal; NaN stands for a row that does not count. */
const columns = fc.array(
  fc.constantFrom(NaN, -Infinity, -1, -0, 0, 0.1, 1e-300, 2, 2 + 2 ** -51, Infinity),
  { maxLength: 60 },
);
const directions = fc.constantFrom('minimize', 'maximize', null);

function targetOf(values: readonly number[], direction: Target['direction']): Target {
  return {
    fieldId: 'value:0',
    title: 'value',
    direction,
    at: (row) => values[row] as number,
    isCounted: (row) => !Number.isNaN(values[row]),
  };
}

describe('qualityRanks', () => {
  it('is the share of the others that are worse, half of the equal ones counted', () => {
    fc.assert(
      fc.property(columns, directions, (values, direction) => {
        const counted = values.filter((value) => !Number.isNaN(value));
        const isWorse = (a: number, b: number): boolean =>
          direction === 'minimize' ? a > b : a < b;
        const expected = values.map((value) => {
          if (Number.isNaN(value)) return NaN;
          if (counted.length === 1) return 1;
          const nWorse = counted.filter((other) => isWorse(other, value)).length;
          const nEqual = counted.filter((other) => other === value).length - 1;
          return (nWorse + nEqual / 2) / (counted.length - 1);
        });
        const ranks = qualityRanks(values.length, targetOf(values, direction));
        const rounded = (shares: Iterable<number>): string[] =>
          Array.from(shares, (share) => share.toFixed(12));
        expect(rounded(ranks)).toEqual(rounded(expected));
      }),
    );
  });
});

describe('orderByQuality', () => {
  it('puts the worst first, and rows that do not count before them', () => {
    fc.assert(
      fc.property(columns, directions, (values, direction) => {
        const ranks = qualityRanks(values.length, targetOf(values, direction));
        const rows = [...values.keys()].filter((row) => row % 3 !== 1);
        const key = (row: number): number => {
          const rank = ranks[row] as number;
          return Number.isNaN(rank) ? -1 : rank;
        };
        const expected = rows.toSorted((a, b) => key(a) - key(b) || a - b);
        expect([...orderByQuality(rows, ranks)]).toEqual(expected);
      }),
    );
  });
});
