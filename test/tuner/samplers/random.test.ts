import { describe, expect, it } from 'vitest';
import {
  createCategoricalDistribution,
  createFloatDistribution,
  createIntDistribution,
  type Distribution,
} from '../../../src-main/tuner/distributions.ts';
import { RandomSampler, sampleUniform } from '../../../src-main/tuner/samplers/random.ts';

/** Shares of `n` draws that fall into each of `nBins` equal bins of `position`. */
function histogram(
  distribution: Distribution,
  position: (value: number) => number,
  nBins: number,
): number[] {
  const n = 20_000;
  const shares = new Array<number>(nBins).fill(0);
  for (let i = 0; i < n; i++) {
    const value = sampleUniform(11, i, 'p', distribution) as number;
    const bin = Math.min(nBins - 1, Math.floor(position(value) * nBins));
    shares[bin] = (shares[bin] as number) + 1 / n;
  }
  return shares;
}

function expectEven(shares: readonly number[]): void {
  const expected = 1 / shares.length;
  for (const share of shares)
    expect(Math.abs(share - expected)).toBeLessThan(
      5 * Math.sqrt((expected * (1 - expected)) / 20_000),
    );
}

describe('RandomSampler', () => {
  it('draws evenly over ranges, logarithms, grids and choices', () => {
    expectEven(histogram(createFloatDistribution(-2, 6), (x) => (x + 2) / 8, 10));
    expectEven(
      histogram(createFloatDistribution(1e-4, 1, { log: true }), (x) => 1 + Math.log10(x) / 4, 8),
    );
    expectEven(histogram(createIntDistribution(3, 7), (x) => (x - 3) / 5, 5));
    expectEven(
      histogram(createFloatDistribution(0, 1, { step: 0.25 }), (x) => (x + 0.125) / 1.25, 5),
    );
    expectEven(histogram(createCategoricalDistribution([0, 1, 2, 3]), (x) => x / 4, 4));
  });

  it('gives whole numbers on a logarithmic scale the length of their interval', () => {
    const shares = histogram(createIntDistribution(1, 3, { log: true }), (x) => (x - 1) / 3, 3);
    const whole = Math.log(3.5) - Math.log(0.5);
    expect(shares[0]).toBeCloseTo((Math.log(1.5) - Math.log(0.5)) / whole, 1.5);
    expect(shares[2]).toBeCloseTo((Math.log(3.5) - Math.log(2.5)) / whole, 1.5);
  });

  it('draws parameters and trials independently', () => {
    const unit = createFloatDistribution(0, 1);
    const draw = (trial: number, name: string) => sampleUniform(0, trial, name, unit) as number;
    let covariance = 0;
    let lag = 0;
    const n = 20_000;
    for (let i = 0; i < n; i++) {
      covariance += (draw(i, 'a') - 0.5) * (draw(i, 'b') - 0.5);
      lag += (draw(i, 'a') - 0.5) * (draw(i + 1, 'a') - 0.5);
    }
    // The standard deviation of each mean is 1 / (12 sqrt(n)).
    expect(Math.abs(covariance / n)).toBeLessThan(5 / (12 * Math.sqrt(n)));
    expect(Math.abs(lag / n)).toBeLessThan(5 / (12 * Math.sqrt(n)));
  });

  it('checks its options', () => {
    expect(() => new RandomSampler({ seed: 1.5 })).toThrow(
      'RandomSampler: `seed` must be a whole number between 0 and 9007199254740991, but got 1.5.',
    );
    expect(() => new RandomSampler({ sead: 1 } as never)).toThrow(
      'RandomSampler has no option `sead`. Its options are seed.',
    );
  });
});
