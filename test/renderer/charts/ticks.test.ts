import fc from 'fast-check';
import { afterAll, describe, expect, it, vi } from 'vitest';

import { logTicks, timeTicks } from '../../../src-renderer/charts/ticks.ts';

// Before anything is imported that writes times: a place off Greenwich, whose clocks change.
vi.hoisted(() => vi.stubEnv('TZ', 'Europe/Berlin'));
afterAll(() => vi.unstubAllEnvs());

describe('logTicks', () => {
  it('are powers of the base where there are enough of them', () => {
    expect(logTicks([9e-6, 0.11])).toEqual([1e-5, 1e-4, 1e-3, 0.01, 0.1]);
    expect(logTicks([14, 290], 2)).toEqual([16, 32, 64, 128, 256]);
  });

  it('are also at the ends of a range that are round but for what computing them lost', () => {
    expect(logTicks([0.001 * (1 + 1e-12), 1 - 1e-12])).toEqual([0.001, 0.01, 0.1, 1]);
  });

  it('leave out powers of a wide range, not more and not fewer', () => {
    expect(logTicks([1e-20, 1])).toEqual([1e-18, 1e-15, 1e-12, 1e-9, 1e-6, 1e-3, 1]);
    expect(logTicks([1, 1100], 2)).toEqual([1, 4, 16, 64, 256, 1024]);
    expect(logTicks([1, 1e8])).toHaveLength(9);
    expect(logTicks([1, 1e9])).toHaveLength(5);
  });

  it('get closer the narrower the range is', () => {
    expect(logTicks([14, 290])).toEqual([20, 50, 100, 200]);
    expect(logTicks([0.28, 0.62])).toEqual([0.3, 0.4, 0.5, 0.6]);
    expect(logTicks([0.101, 0.106])).toEqual([0.101, 0.102, 0.103, 0.104, 0.105, 0.106]);
    expect(logTicks([33, 60], 2)).toEqual([40, 50, 60]);
  });

  it('are never too few or too many, rise, and lie within the range', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -290, max: 290, noNaN: true }),
        fc.double({ min: 1e-4, max: 15, noNaN: true }),
        fc.constantFrom(2 as const, 10 as const),
        (power, decades, base) => {
          const [low, high] = [10 ** power, 10 ** (power + decades)];
          const ticks = logTicks([low, high], base);
          expect(ticks.length).toBeGreaterThanOrEqual(3);
          expect(ticks.length).toBeLessThanOrEqual(18);
          expect(ticks.every((tick, i) => i === 0 || tick > (ticks[i - 1] as number))).toBe(true);
          expect(ticks[0]).toBeGreaterThanOrEqual(low * (1 - 1e-8));
          expect(ticks.at(-1)).toBeLessThanOrEqual(high * (1 + 1e-8));
        },
      ),
    );
  });
});

describe('timeTicks', () => {
  const at = (...parts: [number, number, number, number?, number?, number?]): number =>
    new Date(...parts).getTime();
  const labels = (range: [number, number], atMost: number): string[] =>
    timeTicks(range, atMost).map(({ label }) => label);

  it('are round local times, labelled as precisely as they need', () => {
    const evening = at(2026, 10, 27, 21, 56, 24);
    expect(labels([evening + 3, evening + 48], 6)).toEqual([
      '21:56:24.01',
      '21:56:24.02',
      '21:56:24.03',
      '21:56:24.04',
    ]);
    expect(labels([evening, evening + 40_000], 4)).toEqual(['21:56:30', '21:56:45', '21:57:00']);
    expect(labels([evening, evening + 4 * 3_600_000], 5)).toEqual([
      '22:00',
      '23:00',
      '28 Nov',
      '01:00',
    ]);
  });

  it('are hours of the place, not of Greenwich', () => {
    expect(labels([at(2026, 10, 27, 5), at(2026, 10, 28, 5)], 5)).toEqual([
      '06:00',
      '12:00',
      '18:00',
      '28 Nov',
    ]);
  });

  it('are days where a study lasts for days, whatever clocks do meanwhile', () => {
    expect(at(2026, 9, 26) - at(2026, 9, 25)).toBe(25 * 3_600_000);
    expect(labels([at(2026, 9, 23, 12), at(2026, 9, 28)], 6)).toEqual([
      '24 Oct',
      '25 Oct',
      '26 Oct',
      '27 Oct',
      '28 Oct',
    ]);
  });

  it('are at most as many as fit, rise, and lie within the range', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2e12 }),
        fc.double({ min: 0, max: 12, noNaN: true }),
        fc.integer({ min: 2, max: 12 }),
        (low, power, atMost) => {
          const high = low + 10 ** power;
          const ticks = timeTicks([low, high], atMost).map((tick) => tick.at);
          // A change of the clocks may make room for one more.
          expect(ticks.length).toBeLessThanOrEqual(atMost + 1);
          expect(ticks.every((tick) => tick >= low && tick <= high)).toBe(true);
          expect(ticks.every((tick, i) => i === 0 || tick > (ticks[i - 1] as number))).toBe(true);
        },
      ),
    );
  });
});
