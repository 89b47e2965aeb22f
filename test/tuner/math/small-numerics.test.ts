import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32 } from '../../../src-main/tuner/math/crc32.ts';
import { expOfNegative } from '../../../src-main/tuner/math/exp.ts';
import {
  createMersenneTwister,
  shuffledOrder,
} from '../../../src-main/tuner/math/mersenne-twister.ts';
import { percentileOf } from '../../../src-main/tuner/math/percentile.ts';
import { ranksOf, wilcoxonPValue } from '../../../src-main/tuner/math/wilcoxon.ts';
import { readReferenceNumbers } from '../../helpers/reference.ts';

describe('wilcoxonPValue', () => {
  const { cases } = readReferenceNumbers<{
    cases: { n: number; kind: string; alternative: string; diff: number[]; pvalue: number }[];
  }>('optuna-5.0/wilcoxon_pvalues.json');
  const oneSided = cases.filter(({ alternative }) => alternative !== 'two-sided');

  it.each(oneSided)("has scipy's, $n $kind differences, $alternative", (reference) => {
    const { diff, alternative, pvalue } = reference;
    expect(wilcoxonPValue(diff, alternative as 'greater' | 'less')).toBeCloseTo(pvalue, 12);
  });

  it('sees cases of both kinds', () => {
    expect(oneSided.length).toBeGreaterThan(30);
  });
});

describe('ranksOf', () => {
  it('gives equal values their mean rank', () => {
    const { ranks, tieSizes } = ranksOf([3, 1, 3, 2, 3]);
    expect([...ranks]).toEqual([4, 1, 4, 2, 4]);
    expect(tieSizes).toEqual([3]);
  });
});

describe('percentileOf', () => {
  it("has NumPy's nanpercentile", () => {
    expect(percentileOf([3, 1, 2, 10], 25)).toBe(1.75);
    expect(percentileOf([3, 1, 2, 10], 75)).toBe(4.75);
    expect(percentileOf([0.1, 0.7, 0.3], 33.3)).toBe(0.23319999999999996);
    expect(percentileOf([5], 10)).toBe(5);
    expect(percentileOf([1, NaN, 3], 50)).toBe(2);
    expect(percentileOf([NaN], 50)).toBeNaN();
    expect(percentileOf([], 50)).toBeNaN();
    expect(percentileOf([-Infinity, 1, Infinity, Infinity], 100)).toBe(Infinity);
    expect(percentileOf([-Infinity, 1], 50)).toBe(-Infinity);
    expect(percentileOf([1, Infinity], 50)).toBe(Infinity);
    expect(percentileOf([1, Infinity], 0)).toBe(1);
  });
});

describe('expOfNegative', () => {
  it('is exp', () => {
    fc.assert(
      fc.property(fc.double({ min: -64, max: 0, noNaN: true }), (t) => {
        expect(Math.abs(expOfNegative(t) / Math.exp(t) - 1)).toBeLessThan(2e-14);
      }),
    );
    expect(expOfNegative(0)).toBe(1);
    expect(expOfNegative(-64)).toBeCloseTo(Math.exp(-64), 40);
  });
});

describe('crc32', () => {
  it("has zlib's numbers", () => {
    expect(crc32('ref_0')).toBe(510166310);
    expect(crc32('größe_12')).toBe(416301623);
    expect(crc32('')).toBe(0);
  });
});

describe('Mersenne twister', () => {
  it("has NumPy's numbers", () => {
    // numpy.random.RandomState(5489).randint(0, 2**32, dtype=uint32)
    const uint32 = createMersenneTwister(5489);
    expect(Array.from({ length: 5 }, () => uint32())).toEqual([
      3499211612, 581869302, 3890346734, 3586334585, 545404204,
    ]);
    const { numpy_randomstate_seed0 } = readReferenceNumbers<{
      numpy_randomstate_seed0: { uniform01: number[] };
    }>('optuna-5.0/sampler_sequences.json');
    const zero = createMersenneTwister(0);
    for (const uniform of numpy_randomstate_seed0.uniform01)
      expect(((zero() >>> 5) * 2 ** 26 + (zero() >>> 6)) / 2 ** 53).toBe(uniform);
  });

  it("shuffles as NumPy's RandomState(42).shuffle(list(range(1000)))", () => {
    expect([...shuffledOrder(1000, 42).subarray(0, 10)]).toEqual([
      521, 737, 740, 660, 411, 678, 626, 513, 859, 136,
    ]);
    expect([...shuffledOrder(1, 0)]).toEqual([0]);
  });
});
