import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { datePartOf, parseDate } from '../../../src-main/training/datasets/dates.ts';

describe('parseDate', () => {
  it.each([
    ['2024-03-01', 'iso', Date.UTC(2024, 2, 1), null],
    ['2024-03-01T14:30', 'iso', Date.UTC(2024, 2, 1, 14, 30), null],
    ['2024-03-01 14:30:15.5', 'iso', Date.UTC(2024, 2, 1, 14, 30, 15), null],
    ['2024-03-01T14:30Z', 'iso', Date.UTC(2024, 2, 1, 14, 30), 0],
    ['2024-03-01T14:30-0530', 'iso', Date.UTC(2024, 2, 1, 14, 30), -330],
    ['1.3.2024', 'dayFirst', Date.UTC(2024, 2, 1), null],
    ['01/03/2024 9:05', 'dayFirst', Date.UTC(2024, 2, 1, 9, 5), null],
    ['3-1-2024', 'monthFirst', Date.UTC(2024, 2, 1), null],
  ] as const)('reads %s as %s', (cell, format, wallMs, offsetMinutes) => {
    expect(parseDate(cell, format)).toMatchObject({ wallMs, offsetMinutes });
  });

  it.each([
    ['2024-02-30', 'iso'],
    ['2024-13-01', 'iso'],
    ['2024-03-01T25:00', 'iso'],
    ['24-03-01', 'iso'],
    ['31.12.24', 'dayFirst'],
    ['1.3/2024', 'dayFirst'],
    ['13/1/2024', 'monthFirst'],
    ['20240301', 'iso'],
    ['', 'iso'],
  ] as const)('refuses %j as %s', (cell, format) => {
    expect(parseDate(cell, format)).toBeNull();
  });

  it('reads what Date writes', () => {
    const dates = fc.date({
      min: new Date('0001-01-01'),
      max: new Date('9999-12-31'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(dates, (date) => {
        const seconds = Math.floor(date.getTime() / 1000) * 1000;
        expect(parseDate(date.toISOString(), 'iso')?.wallMs).toBe(seconds);
      }),
    );
  });
});

describe('datePartOf', () => {
  it('counts weekdays from Monday, and the rest from 0', () => {
    const sunday = Date.UTC(2024, 2, 3, 14, 30);
    const parts = (['year', 'month', 'day', 'weekday', 'hour'] as const).map((part) =>
      datePartOf(sunday, part),
    );
    expect(parts).toEqual([2024, 2, 2, 6, 14.5]);
  });
});
