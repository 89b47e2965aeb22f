import { describe, expect, it } from 'vitest';
import { haltonCoordinate, MAX_HALTON_DIMENSIONS } from '../../../src-main/tuner/math/halton.ts';
import {
  MAX_SOBOL_DIMENSIONS,
  owenScramble,
  sobolCoordinate,
} from '../../../src-main/tuner/math/sobol.ts';

const sobol = (index: number, dimension: number) => sobolCoordinate(index, dimension) / 2 ** 32;
const scrambled = (index: number, dimension: number, seed = 7) =>
  owenScramble(sobolCoordinate(index, dimension), seed * 1000 + dimension) / 2 ** 32;

/** Whether every one of n equal intervals holds one of the first n points. */
function isStratified(n: number, coordinate: (index: number) => number): boolean {
  const seen = new Set(Array.from({ length: n }, (_, i) => Math.floor(coordinate(i) * n)));
  return seen.size === n;
}

describe('sobolCoordinate', () => {
  it("has SciPy's points", () => {
    // scipy.stats.qmc.Sobol(6, scramble=False).random(16)
    const points = {
      1: [0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
      2: [0.75, 0.25, 0.25, 0.25, 0.75, 0.75],
      3: [0.25, 0.75, 0.75, 0.75, 0.25, 0.25],
      7: [0.125, 0.625, 0.375, 0.125, 0.125, 0.375],
      15: [0.0625, 0.9375, 0.5625, 0.3125, 0.6875, 0.1875],
    };
    for (const [index, point] of Object.entries(points))
      expect(point.map((_, dimension) => sobol(Number(index), dimension))).toEqual(point);
    // The same with 128 dimensions, points 777 and 1023.
    expect([0, 1, 50, 100, 127].map((dimension) => sobol(777, dimension))).toEqual([
      0.6923828125, 0.9365234375, 0.0830078125, 0.8427734375, 0.1181640625,
    ]);
    expect([3, 64, 126].map((dimension) => sobol(1023, dimension))).toEqual([
      0.1455078125, 0.0986328125, 0.5751953125,
    ]);
  });

  it('is even in every dimension', () => {
    for (let dimension = 0; dimension < MAX_SOBOL_DIMENSIONS; dimension++)
      expect(isStratified(256, (i) => sobol(i, dimension))).toBe(true);
  });
});

describe('owenScramble', () => {
  it('keeps points even, in one dimension and in boxes of two', () => {
    for (let dimension = 0; dimension < MAX_SOBOL_DIMENSIONS; dimension++)
      expect(isStratified(128, (i) => scrambled(i, dimension))).toBe(true);
    // The first two dimensions are a (0, m, 2)-net: every box of the same area has one point, whatever its shape.
    for (let wide = 0; wide <= 6; wide++) {
      const boxes = new Set(
        Array.from(
          { length: 64 },
          (_, i) =>
            `${Math.floor(scrambled(i, 0) * 2 ** wide)},${Math.floor(scrambled(i, 1) * 2 ** (6 - wide))}`,
        ),
      );
      expect(boxes.size).toBe(64);
    }
  });

  it('makes every point uniform over the seeds', () => {
    const nSeeds = 20_000;
    const counts = new Array<number>(8).fill(0);
    for (let seed = 0; seed < nSeeds; seed++) {
      const bin = owenScramble(sobolCoordinate(5, 3), seed) >>> 29;
      counts[bin] = (counts[bin] as number) + 1;
    }
    for (const count of counts)
      expect(Math.abs(count - nSeeds / 8)).toBeLessThan(5 * Math.sqrt((nSeeds * 7) / 64));
  });

  it('integrates a smooth function far better than random points do', () => {
    const f = (x: number, y: number, z: number) => Math.exp(x) * Math.sin(2 * y) * (1 + z * z);
    const exact = (Math.E - 1) * ((1 - Math.cos(2)) / 2) * (4 / 3);
    const n = 4096;
    let sum = 0;
    for (let i = 0; i < n; i++) sum += f(scrambled(i, 0), scrambled(i, 1), scrambled(i, 2));
    // The error of random points would be about 0.015.
    expect(Math.abs(sum / n - exact)).toBeLessThan(1e-4);
  });
});

describe('haltonCoordinate', () => {
  it("has SciPy's points", () => {
    // scipy.stats.qmc.Halton(4, scramble=False).random(9)
    const points = {
      0: [0, 0, 0, 0],
      1: [0.5, 1 / 3, 0.2, 1 / 7],
      5: [0.625, 7 / 9, 0.04, 5 / 7],
      8: [0.0625, 8 / 9, 0.64, 8 / 49],
    };
    for (const [index, point] of Object.entries(points))
      point.forEach((expected, dimension) =>
        expect(haltonCoordinate(Number(index), dimension, null)).toBeCloseTo(expected, 14),
      );
  });

  it('is even in its bases, permuted or not', () => {
    const evenCounts = [64, 81, 125, 49, 121];
    for (const seed of [null, 3])
      evenCounts.forEach((n, dimension) =>
        expect(isStratified(n, (i) => haltonCoordinate(i, dimension, seed) + 1e-12)).toBe(true),
      );
  });

  it('stays below 1, and depends on the seed', () => {
    for (let dimension = 0; dimension < MAX_HALTON_DIMENSIONS; dimension++)
      for (const index of [0, 1, 1e6]) {
        const coordinate = haltonCoordinate(index, dimension, 1);
        expect(coordinate).toBeGreaterThanOrEqual(0);
        expect(coordinate).toBeLessThan(1);
      }
    expect(haltonCoordinate(4, 1, 1)).not.toBe(haltonCoordinate(4, 1, 2));
  });
});
