import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GrowingHypervolume } from '../../../src-main/tuner/math/growing-hypervolume.ts';
import { hypervolume } from '../../../src-main/tuner/math/hypervolume.ts';

describe('GrowingHypervolume', () => {
  for (const nObjectives of [1, 2, 3, 4])
    it(`is the hypervolume of the points so far (${nObjectives} objectives)`, () => {
      // A coarse grid, so that points are equal, dominate each other, and lie on and beyond the reference point.
      const point = fc.array(fc.integer({ min: 0, max: 8 }), {
        minLength: nObjectives,
        maxLength: nObjectives,
      });
      const reference = Array.from({ length: nObjectives }, (_, k) => 6 + (k % 3));
      fc.assert(
        fc.property(fc.array(point, { maxLength: 25 }), (points) => {
          const growing = new GrowingHypervolume(reference);
          points.forEach((one, i) => {
            const soFar = Float64Array.from(points.slice(0, i + 1).flat());
            expect(growing.add(one)).toBeCloseTo(hypervolume(soFar, reference), 9);
          });
        }),
        { numRuns: nObjectives < 4 ? 300 : 60 },
      );
    });

  it('agrees with the whole front for many points of which most are on it', () => {
    for (const nObjectives of [2, 3]) {
      const reference = new Array<number>(nObjectives).fill(1.1);
      const growing = new GrowingHypervolume(reference);
      const points: number[] = [];
      for (let i = 0; i < 300; i++) {
        const direction = Array.from(
          { length: nObjectives },
          (_, k) => ((i * (37 + 24 * k)) % 300) + 1,
        );
        const length = Math.hypot(...direction);
        const point = direction.map((value) => 1 - value / length);
        points.push(...point);
        growing.add(point);
      }
      expect(growing.volume).toBeCloseTo(hypervolume(Float64Array.from(points), reference), 9);
    }
  });

  it('is infinite from the first infinitely good point on', () => {
    const growing = new GrowingHypervolume([1, 1, 1]);
    expect(growing.add([0, 0, Infinity])).toBe(0);
    expect(growing.add([0.5, 0.5, 0.5])).toBe(0.125);
    expect(growing.add([-Infinity, 2, 0])).toBe(0.125);
    expect(growing.add([-Infinity, 0, 0])).toBe(Infinity);
    expect(growing.add([0, 0, 0])).toBe(Infinity);
  });
});
