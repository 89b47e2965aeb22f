import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  containsInternal,
  createCategoricalDistribution,
  createFloatDistribution,
  createIntDistribution,
  type Distribution,
} from '../../../src-main/tuner/distributions.ts';
import {
  fromNumeric,
  internalFromUnit,
  nearestInternal,
  numericInterval,
  unitFromInternal,
} from '../../../src-main/tuner/search-space/transform.ts';

const distributions: Distribution[] = [
  createFloatDistribution(-5, 10),
  createFloatDistribution(-Number.MAX_VALUE, Number.MAX_VALUE),
  createFloatDistribution(1e-300, 1e300, { log: true }),
  createFloatDistribution(0, 1, { step: 0.1 }),
  createIntDistribution(3, 30, { step: 9 }),
  createIntDistribution(1, 100, { log: true }),
  createIntDistribution(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  createIntDistribution(0, Number.MAX_SAFE_INTEGER, { step: 3 }),
  createCategoricalDistribution(['a', 'b', 'c']),
];

describe('unit interval', () => {
  it.each(distributions)('stays in %o, ends included, and comes back', (distribution) => {
    const unit = fc.oneof(
      fc.constantFrom(0, 1, 1 - 2 ** -53),
      fc.double({ min: 0, max: 1, noNaN: true }),
    );
    fc.assert(
      fc.property(unit, (u) => {
        const internal = internalFromUnit(distribution, u);
        expect(containsInternal(distribution, internal)).toBe(true);
        const back = unitFromInternal(distribution, internal);
        const again = internalFromUnit(distribution, back);
        expect(Math.abs(again - internal)).toBeLessThanOrEqual(1e-9 * Math.abs(internal));
      }),
    );
    const lowest = internalFromUnit(distribution, 0);
    const highest = internalFromUnit(distribution, 1);
    if (distribution.type === 'categorical') expect([lowest, highest]).toEqual([0, 2]);
    else {
      expect(Math.abs(lowest - distribution.low)).toBeLessThanOrEqual(
        1e-12 * Math.abs(distribution.low),
      );
      expect(Math.abs(highest - distribution.high)).toBeLessThanOrEqual(
        1e-12 * Math.abs(distribution.high),
      );
    }
  });

  it('gives every value of a grid the same share', () => {
    expect(internalFromUnit(createIntDistribution(1, 4), 0.249)).toBe(1);
    expect(internalFromUnit(createIntDistribution(1, 4), 0.251)).toBe(2);
    expect(internalFromUnit(createFloatDistribution(0, 1, { step: 0.5 }), 0.34)).toBe(0.5);
    expect(unitFromInternal(createIntDistribution(1, 4), 1)).toBe(0.125);
    expect(unitFromInternal(createCategoricalDistribution([1, 2]), 1)).toBe(0.75);
    expect(unitFromInternal(createFloatDistribution(2, 2), 2)).toBe(0.5);
  });
});

describe('numeric interval', () => {
  it('has half a step of room, and is logarithmic where the distribution is', () => {
    expect(numericInterval(createFloatDistribution(-1, 2))).toEqual({ low: -1, high: 2 });
    expect(numericInterval(createIntDistribution(2, 8, { step: 2 }))).toEqual({ low: 1, high: 9 });
    expect(numericInterval(createIntDistribution(1, 8, { log: true }))).toEqual({
      low: Math.log(0.5),
      high: Math.log(8.5),
    });
  });

  it('leads back to the nearest value', () => {
    expect(fromNumeric(createIntDistribution(1, 100, { log: true }), Math.log(7.4))).toBe(7);
    expect(fromNumeric(createFloatDistribution(1, 2), 2.0001)).toBe(2);
    expect(nearestInternal(createIntDistribution(2, 8, { step: 2 }), 4.9)).toBe(4);
    expect(nearestInternal(createIntDistribution(2, 8, { step: 2 }), -7)).toBe(2);
  });
});
