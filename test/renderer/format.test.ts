import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  formatBytes,
  formatDays,
  formatDuration,
  formatNumber,
  formatPercent,
  formatRate,
  formatTick,
  shortenMiddle,
  shortenNames,
} from '../../src-renderer/format.ts';
import { formatAgo } from '../../src-renderer/format-ago.ts';

it('shortens names in their middle, as they often differ at their ends', () => {
  expect(shortenMiddle('hidden_dim_layer_10', 20)).toBe('hidden_dim_layer_10');
  expect(shortenMiddle('a_very_long_name_of_a_layer_10', 20)).toBe('a_very_long_…ayer_10');
});

describe('formatTick', () => {
  it.each([
    [0.25, '0.25'],
    [1500, '1500'],
    [99_999, '99999'],
    [300_000, '300K'],
    [-6_000_000, '−6M'],
    [1_234_500, '1.2345M'],
    [5e12, '5e12'],
    [0, '0'],
  ])('%d is %s', (value, text) => {
    expect(formatTick(value)).toBe(text);
  });
});

describe('formatNumber', () => {
  it.each([
    [0, '0'],
    [1, '1'],
    [-3, '−3'],
    [0.9666666666, '0.96667'],
    [1234.5678, '1234.6'],
    [123456789, '123,456,789'],
    [-1_293_051, '−1,293,051'],
    [9999, '9999'],
    [10_000, '10,000'],
    [-54_321.9, '−54,322'],
    [-0.5, '−0.5'],
    [0.00012, '0.00012'],
    [0.000012, '1.2e−5'],
    [1.5e20, '1.5e20'],
    [NaN, 'NaN'],
    [Infinity, '∞'],
    [-Infinity, '−∞'],
  ])('%d is %s', (value, expected) => expect(formatNumber(value)).toBe(expected));
});

it('groups digits of the whole part only', () => {
  expect(formatNumber(12_345.678_9, 9)).toBe('12,345.6789');
  expect(formatNumber(0.123_456_789, 9)).toBe('0.123456789');
});

describe('formatPercent', () => {
  it.each([
    [0, '0 %'],
    [0.0004, '< 0.1 %'],
    [0.00051, '0.1 %'],
    [0.0996, '10 %'],
    [1, '100 %'],
  ])('%d is %s', (share, expected) => expect(formatPercent(share)).toBe(expected));
});

describe('formatDuration', () => {
  it.each([
    [12, '12 ms'],
    [1500, '1.5 s'],
    [59_940, '59.9 s'],
    [59_960, '1 min 00 s'],
    [185_000, '3 min 05 s'],
    [7_800_000, '2 h 10 min'],
    [270_000_000, '3 d 3 h'],
    [NaN, '–'],
  ])('%d ms is %s', (ms, expected) => expect(formatDuration(ms)).toBe(expected));
});

it('formats ages, sizes and rates', () => {
  expect(formatAgo(0, 10_000)).toBe('just now');
  expect(formatAgo(0, 12 * 60_000)).toBe('12 min ago');
  expect(formatAgo(0, 5 * 3_600_000)).toBe('5 h ago');
  expect(formatBytes(999)).toBe('999 B');
  expect(formatBytes(212_992)).toBe('213 kB');
  expect(formatBytes(999_900)).toBe('1.0 MB');
  expect(formatRate(2.4)).toBe('2.4 /s');
  expect(formatRate(0.05)).toBe('3 /min');
  expect(formatRate(0.001)).toBe('3.6 /h');
});

describe('shortenNames', () => {
  it('leaves out the middle where that tells them apart', () => {
    expect(shortenNames(['a_very_long_name_of_a_layer_10', 'short'], 20)).toEqual([
      'a_very_long_…ayer_10',
      'short',
    ]);
  });

  it('leaves out what all begin and end with where they would look alike', () => {
    const names = ['encoder.block_3.dropout_rate', 'encoder.block_12.dropout_rate', 'depth'];
    const short = shortenNames(names, 20);
    expect(short).toEqual(['…er.block_3.dropout…', '…r.block_12.dropout…', 'depth']);
    expect(short.every(({ length }) => length <= 20)).toBe(true);
  });

  it('never makes a name longer than there is room for', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 40 })),
        fc.integer({ min: 4, max: 24 }),
        (names, n) => {
          const short = shortenNames(names, n);
          expect(short).toHaveLength(names.length);
          short.forEach((name, i) => {
            expect(name.length).toBeLessThanOrEqual(n);
            if ((names[i] as string).length <= n) expect(name).toBe(names[i]);
          });
        },
      ),
    );
  });
});

it('says the days of a span of time', () => {
  const at = (day: number, hour: number): number => new Date(2026, 10, day, hour).getTime();
  expect(formatDays([at(27, 1), at(27, 23)])).toBe('27 Nov 2026');
  expect(formatDays([at(27, 1), at(28, 1)])).toMatch(/^27\s?–\s?28 Nov 2026$/u);
});
