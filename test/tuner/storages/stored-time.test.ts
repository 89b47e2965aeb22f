import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  formatStoredTime,
  nowMs,
  parseStoredTime,
  roundToMicros,
} from '../../../src-main/tuner/storages/stored-time.ts';

const zoneBefore = process.env.TZ;
afterAll(() => {
  if (zoneBefore === undefined) delete process.env.TZ;
  else process.env.TZ = zoneBefore;
});

describe('stored times', () => {
  it.each([
    [0, '1970-01-01 00:00:00.000000'],
    [1_795_459_000_123.457, '2026-11-23 18:36:40.123457'],
    [999.9996, '1970-01-01 00:00:01.000000'],
    [-0.001, '1969-12-31 23:59:59.999999'],
  ])('writes %d ms as UTC with microseconds', (ms, text) => {
    expect(formatStoredTime(ms)).toBe(text);
  });

  it.each([
    ['2026-11-23 18:36:40', 1_795_459_000_000],
    ['2026-11-23T18:36:40.5', 1_795_459_000_500],
    ['2026-11-23 18:36:40.123456789', 1_795_459_000_123.456],
  ])('reads %s', (text, ms) => {
    expect(parseStoredTime(text)).toBe(ms);
  });

  it('reads nothing from nothing and from no time', () => {
    expect(parseStoredTime(null)).toBeNull();
    expect(parseStoredTime('yesterday')).toBeNull();
  });

  it.each(['UTC', 'Asia/Tokyo', 'America/St_Johns', 'Asia/Kathmandu'])(
    'survives in the zone %s to the microsecond',
    (zone) => {
      process.env.TZ = zone;
      const micros = fc.integer({ min: 1_420_070_400_000_000, max: 1_900_000_000_000_000 });
      fc.assert(
        fc.property(micros, (value) => {
          const ms = roundToMicros(value / 1000);
          expect(parseStoredTime(formatStoredTime(ms))).toBe(ms);
          // The hour that the end of summer time brings twice has one text for two times.
          if (!isRepeatedHour(ms))
            expect(parseStoredTime(formatStoredTime(ms, 'local'), 'local')).toBe(ms);
        }),
      );
    },
  );

  it('tells the time now as it will read after having been stored', () => {
    const now = nowMs();
    expect(Math.abs(now - Date.now())).toBeLessThan(60);
    expect(parseStoredTime(formatStoredTime(now))).toBe(now);
  });
});

function isRepeatedHour(ms: number): boolean {
  const offset = (at: number): number => new Date(at).getTimezoneOffset();
  return offset(ms - 3_600_000) !== offset(ms + 3_600_000);
}
