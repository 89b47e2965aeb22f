import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { paretoFront } from '../../../src-main/tuner/study/pareto-front.ts';
import { createRng } from '../../../src-main/tuner/math/rng.ts';
import type { StudyDirection } from '../../../src-main/tuner/study/direction.ts';

/** By the definition: O(n²). */
function slowFront(points: number[][], directions: StudyDirection[]): number[] {
  const loss = (point: number[]) =>
    point.map((value, k) => (directions[k] === 'minimize' ? value : -value));
  const dominates = (a: number[], b: number[]) =>
    a.every((x, k) => x <= b[k]!) && a.some((x, k) => x < b[k]!);
  return points.flatMap((point, i) =>
    point.some(Number.isNaN) ||
    points.some((other) => !other.some(Number.isNaN) && dominates(loss(other), loss(point)))
      ? []
      : [i],
  );
}

describe('paretoFront', () => {
  it('is what the definition says, for 1 to 4 objectives, with ties, infinities and NaN', () => {
    const value = fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: 0, max: 4 }) },
      fc.constantFrom(Infinity, -Infinity, NaN),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }).chain((n) =>
          fc.tuple(
            fc.array(fc.array(value, { minLength: n, maxLength: n }), { maxLength: 30 }),
            fc.array(fc.constantFrom<StudyDirection>('minimize', 'maximize'), {
              minLength: n,
              maxLength: n,
            }),
          ),
        ),
        ([points, directions]) => {
          expect(paretoFront(points, directions)).toEqual(slowFront(points, directions));
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each([2, 3, 4])('is that of many points too, for %i objectives', (nObjectives) => {
    const rng = createRng('many points', nObjectives);
    const directions = Array.from({ length: nObjectives }, (_, k) =>
      k % 2 === 0 ? ('minimize' as const) : ('maximize' as const),
    );
    for (const nLevels of [8, 1000]) {
      const points = Array.from({ length: 1500 }, (_, i) =>
        directions.map(() =>
          i % 97 === 0 ? [NaN, Infinity, -Infinity][i % 3]! : Math.floor(nLevels * rng.uniform()),
        ),
      );
      expect(paretoFront(points, directions)).toEqual(slowFront(points, directions));
    }
  });
});
