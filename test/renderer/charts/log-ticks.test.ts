import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { logTicks } from '../../../src-renderer/charts/log-ticks.ts';

describe('logTicks', () => {
  it('are powers of the base where there are enough of them', () => {
    expect(logTicks([9e-6, 0.11])).toEqual([1e-5, 1e-4, 1e-3, 0.01, 0.1]);
    expect(logTicks([14, 290], 2)).toEqual([16, 32, 64, 128, 256]);
  });

  it('leave out powers of a wide range, not more and not fewer', () => {
    expect(logTicks([1e-20, 1])).toEqual([1e-18, 1e-15, 1e-12, 1e-9, 1e-6, 1e-3, 1]);
    expect(logTicks([1, 1100], 2)).toEqual([1, 4, 16, 64, 256, 1024]);
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
