import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRng, shuffle, weightedIndex } from '../../../src-main/tuner/math/rng.ts';

const draws = (n: number, ...path: (number | string)[]): number[] => {
  const rng = createRng(...path);
  return Array.from({ length: n }, () => rng.uniform());
};

describe('createRng', () => {
  it('gives the same stream for the same path, here and on other machines', () => {
    expect(draws(5, 1, 2, 'x')).toEqual(draws(5, 1, 2, 'x'));
    const rng = createRng(0);
    expect([rng.uint32(), rng.uint32(), rng.uint32()]).toMatchInlineSnapshot(`
      [
        978327321,
        1454519878,
        1371939816,
      ]
    `);
  });

  it('gives other streams for paths that differ in anything', () => {
    const paths: (number | string)[][] = [
      [0],
      [1],
      [1, 0],
      [0, 1],
      ['0'],
      ['1', '0'],
      ['10'],
      [0.5],
      [2 ** 40],
      [2 ** 40 + 1],
      ['ab', 'c'],
      ['a', 'bc'],
    ];
    const firsts = paths.map((path) => draws(1, ...path)[0]);
    expect(new Set(firsts).size).toBe(paths.length);
  });

  it('is uniform: the counts of 64 bins over many neighbouring seeds pass a chi-square test', () => {
    const nBins = 64;
    const counts = new Array<number>(nBins).fill(0);
    const n = 200_000;
    for (let seed = 0; seed < n / 4; seed++)
      for (const u of draws(4, seed, 7, 'relative')) counts[Math.floor(u * nBins)]!++;
    const expected = n / nBins;
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 63 degrees of freedom: mean 63, standard deviation 11.2; five deviations.
    expect(chiSquare).toBeLessThan(63 + 5 * 11.3);
    expect(chiSquare).toBeGreaterThan(63 - 4 * 11.3);
  });

  it('draws first numbers of neighbouring trials that are not correlated', () => {
    const n = 20_000;
    const x = Array.from({ length: n }, (_, i) => draws(1, 1, i, 'a')[0] as number);
    let covariance = 0;
    for (let i = 1; i < n; i++) covariance += (x[i]! - 0.5) * (x[i - 1]! - 0.5);
    expect(Math.abs((covariance / n) * 12)).toBeLessThan(5 / Math.sqrt(n));
  });

  it('draws standard normals', () => {
    const rng = createRng('normal');
    const n = 100_000;
    let [sum, squares, fourth] = [0, 0, 0];
    for (let i = 0; i < n; i++) {
      const z = rng.normal();
      sum += z;
      squares += z * z;
      fourth += z ** 4;
    }
    expect(Math.abs(sum / n)).toBeLessThan(0.02);
    expect(squares / n).toBeCloseTo(1, 1);
    expect(fourth / n).toBeCloseTo(3, 0);
  });
});

describe('shuffle', () => {
  it('permutes, and favours no position', () => {
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 8000; i++) {
      const order = shuffle([0, 1, 2, 3], createRng(i));
      expect([...order].sort()).toEqual([0, 1, 2, 3]);
      counts[order.indexOf(0)]!++;
    }
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200);
  });
});

describe('weightedIndex', () => {
  it('never gives an index without weight and follows the weights', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(0, 0.1, 1, 5), { minLength: 1 }),
        fc.nat(),
        (weights, seed) => {
          fc.pre(weights.some((weight) => weight > 0));
          expect(weights[weightedIndex(weights, createRng(seed))]).toBeGreaterThan(0);
        },
      ),
    );
    const counts = [0, 0, 0];
    const rng = createRng('weights');
    for (let i = 0; i < 10_000; i++) counts[weightedIndex([1, 0, 3], rng)]!++;
    expect(counts[1]).toBe(0);
    expect(Math.abs(counts[0]! - 2500)).toBeLessThan(250);
  });
});
