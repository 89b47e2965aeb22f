import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GrowingHypervolume } from '../../../src-main/tuner/math/growing-hypervolume.ts';
import { createRng } from '../../../src-main/tuner/math/rng.ts';
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

  // Corners of the region that nothing dominates are kept in a tree, which splits, tilts and empties here.
  it.each(['in no order', 'by the first objective', 'ever better', 'on a grid'])(
    'is exact for 600 points of three objectives, %s',
    (order) => {
      const rng = createRng('growing', order);
      const points = Array.from({ length: 600 }, () => {
        const raw = [0, 1, 2].map(() => Math.abs(rng.normal()) + 1e-3);
        if (order === 'on a grid') return raw.map((x) => Math.min(9, Math.floor(4 * x)));
        const length = Math.hypot(...raw);
        return raw.map((x) => 1 - x / length);
      });
      if (order === 'by the first objective') points.sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
      if (order === 'ever better')
        points.forEach((point, i) => point.forEach((x, k) => (point[k] = x + (600 - i) / 200)));
      const reference = order === 'on a grid' ? [9, 8, 9] : [4, 4.5, 4];
      const growing = new GrowingHypervolume(reference);
      points.forEach((point, i) => {
        growing.add(point);
        if (i % 100 !== 99) return;
        const soFar = Float64Array.from(points.slice(0, i + 1).flat());
        const volume = hypervolume(soFar, reference);
        expect(growing.volume / volume).toBeCloseTo(1, 12);
      });
    },
  );

  it('is exact where most corners share their lowest coordinate', () => {
    // The last point bounds them at 0, beside few that are far out: no plane across the long axis has half of them below it.
    const steps = Array.from({ length: 60 }, (_, i) => i);
    const points = [...steps.map((i) => [-1, 1 + i, 61 - i]), [500, 0.1, 0.1], [0, 0.5, 0.5]];
    const reference = [1000, 100, 100];
    const growing = new GrowingHypervolume(reference);
    for (const point of points) growing.add(point);
    const volume = hypervolume(Float64Array.from(points.flat()), reference);
    expect(growing.volume / volume).toBeCloseTo(1, 12);
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
