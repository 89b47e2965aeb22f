import { describe, expect, it } from 'vitest';
import {
  erfc,
  logNormalCdf,
  logNormalMass,
  normalCdf,
  normalQuantile,
  normalQuantileOfLog,
  truncatedNormalLogDensity,
  truncatedNormalQuantile,
} from '../../../src-main/tuner/math/normal.ts';
import { readReferenceNumbers } from '../../helpers/reference.ts';

interface TruncNorm {
  cases: {
    a: number;
    b: number;
    log_gauss_mass: number;
    q: number[];
    ppf: number[];
    x: number[];
    logpdf: number[];
  }[];
  log_ndtr: { x: number[]; y: number[] };
  ndtr: { x: number[]; y: number[] };
  ndtri_exp: { y: number[]; x: number[] };
}

const reference = readReferenceNumbers<TruncNorm>('optuna-5.0/truncnorm.json');

describe('normal distribution, against Optuna', () => {
  it('has the distribution function and its logarithm', () => {
    reference.ndtr.x.forEach((x, i) => {
      expect(normalCdf(x)).toBeCloseTo(reference.ndtr.y[i] as number, 14);
    });
    reference.log_ndtr.x.forEach((x, i) => {
      const expected = reference.log_ndtr.y[i] as number;
      expect(Math.abs(logNormalCdf(x) - expected)).toBeLessThan(1e-12 * Math.max(1, -expected));
    });
  });

  it('inverts the logarithm of the distribution function', () => {
    reference.ndtri_exp.y.forEach((y, i) => {
      expect(normalQuantileOfLog(y)).toBeCloseTo(reference.ndtri_exp.x[i] as number, 8);
    });
  });

  it.each(reference.cases)('truncated to [$a, $b]', ({ a, b, ...expected }) => {
    expect(logNormalMass(a, b)).toBeCloseTo(expected.log_gauss_mass, 9);
    expected.q.forEach((q, i) => {
      expect(truncatedNormalQuantile(q, a, b)).toBeCloseTo(expected.ppf[i] as number, 8);
    });
    expected.x.forEach((x, i) => {
      expect(truncatedNormalLogDensity(x, a, b)).toBeCloseTo(expected.logpdf[i] as number, 8);
    });
  });
});

describe('normal distribution, by its own properties', () => {
  it('keeps its relative precision in the tail', () => {
    // scipy.special.ndtr and log_ndtr.
    expect(normalCdf(-20) / 2.753624118606234e-89).toBeCloseTo(1, 12);
    expect(normalCdf(-37) / 5.725571222524577e-300).toBeCloseTo(1, 11);
    expect(logNormalCdf(-1e5) / -5000000012.431864).toBeCloseTo(1, 14);
    expect(erfc(0.5)).toBeCloseTo(0.4795001221869535, 15);
    expect(erfc(-3)).toBeCloseTo(1.9999779095030015, 15);
  });

  it('has a quantile that the distribution function undoes', () => {
    for (const p of [1e-300, 1e-20, 1e-3, 0.02, 0.3, 0.5, 0.8, 0.999])
      expect(normalCdf(normalQuantile(p)) / p).toBeCloseTo(1, 12);
    for (const y of [-1e6, -800, -700, -3, -0.5, -1e-3, -1e-12])
      expect(logNormalCdf(normalQuantileOfLog(y)) / y).toBeCloseTo(1, 11);
    expect(normalQuantile(0)).toBe(-Infinity);
    expect(normalQuantile(1)).toBe(Infinity);
  });

  it('never leaves the truncated range', () => {
    const ranges: [number, number][] = [
      [-1e-9, 1e-9],
      [50, 51],
      [-1e4, -1e4 + 1e-3],
      [-Infinity, 0],
      [3, Infinity],
    ];
    for (const [a, b] of ranges)
      for (const q of [0, 1e-17, 0.3, 0.5, 0.9999, 1 - 2 ** -53, 1]) {
        const x = truncatedNormalQuantile(q, a, b);
        expect(x).toBeGreaterThanOrEqual(a);
        expect(x).toBeLessThanOrEqual(b);
      }
  });
});
