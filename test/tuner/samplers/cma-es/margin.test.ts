import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createFloatDistribution,
  createIntDistribution,
  type Distribution,
} from '../../../../src-main/tuner/distributions.ts';
import { normalCdf } from '../../../../src-main/tuner/math/normal.ts';
import {
  createCoordinates,
  internalAt,
} from '../../../../src-main/tuner/samplers/cma-es/coordinates.ts';
import {
  correctMargin,
  type Thresholds,
} from '../../../../src-main/tuner/samplers/cma-es/margin.ts';

function thresholdsOf(distribution: Distribution): Thresholds | null {
  return createCoordinates({ x: distribution }).thresholds[0] as Thresholds | null;
}

describe('createCoordinates', () => {
  const grids = fc.oneof(
    fc
      .tuple(
        fc.integer({ min: -50, max: 50 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 5 }),
      )
      .map(([low, n, step]) => createIntDistribution(low, low + n * step, { step })),
    fc
      .tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 1000 }))
      .map(([low, n]) => createIntDistribution(low, low + n, { log: true })),
    fc
      .tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: 1, max: 40 }))
      .map(([low, n]) => createFloatDistribution(low / 10, (low + n) / 10, { step: 0.1 })),
  );

  it('places thresholds where the value changes', () => {
    fc.assert(
      fc.property(grids, fc.double({ min: -0.5, max: 1.5, noNaN: true }), (distribution, place) => {
        const thresholds = thresholdsOf(distribution) as Thresholds;
        const [below, above] = thresholds(place);
        const nudge = 1e-9;
        expect(internalAt(distribution, below - nudge)).not.toBe(
          internalAt(distribution, below + nudge),
        );
        expect(internalAt(distribution, above - nudge)).not.toBe(
          internalAt(distribution, above + nudge),
        );
        if (below < above) {
          expect(below).toBeLessThanOrEqual(place + nudge);
          expect(above).toBeGreaterThanOrEqual(place - nudge);
          const middle = internalAt(distribution, (below + above) / 2);
          expect(internalAt(distribution, below + nudge)).toBe(middle);
          expect(internalAt(distribution, above - nudge)).toBe(middle);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('has none for continuous parameters, and for integers as good as continuous', () => {
    expect(thresholdsOf(createFloatDistribution(0, 1))).toBeNull();
    expect(thresholdsOf(createFloatDistribution(1e-5, 1, { log: true }))).toBeNull();
    expect(thresholdsOf(createIntDistribution(0, Number.MAX_SAFE_INTEGER))).toBeNull();
  });
});

describe('correctMargin', () => {
  it('gives the neighbours of the value their probability, whatever the distribution was', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 50 }),
        fc.double({ min: -1, max: 2, noNaN: true }),
        fc.double({ min: -12, max: 1, noNaN: true }),
        fc.double({ min: -2, max: 2, noNaN: true }),
        fc.integer({ min: 8, max: 500 }),
        (n, mean, logSigma, logStretch, inverseAlpha) => {
          const alpha = 1 / inverseAlpha;
          const thresholds = thresholdsOf(createIntDistribution(1, n)) as Thresholds;
          const sigma = 10 ** logSigma;
          const corrected = correctMargin(
            { mean: Float64Array.of(mean), sigma, covariance: Float64Array.of(1) },
            Float64Array.of(10 ** logStretch),
            [thresholds],
            alpha,
          );
          const m = corrected.mean[0] as number;
          const spread = sigma * (corrected.stretch[0] as number);
          expect(spread).toBeGreaterThan(0);
          // The value is still the same.
          const [below, above] = thresholds(mean);
          if (below < above) expect(thresholds(m)).toEqual([below, above]);
          const pBelow = normalCdf((below - m) / spread);
          const pAbove = normalCdf((m - above) / spread);
          const least = below === above ? alpha : alpha / 2;
          expect(Math.min(pBelow, pAbove)).toBeGreaterThan(least * 0.999 - 1e-8);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('leaves alone what is wide enough, and what is continuous', () => {
    const distribution = {
      mean: Float64Array.of(0.5, 0.5),
      sigma: 0.3,
      covariance: Float64Array.of(1, 0, 0, 1),
    };
    const stretch = Float64Array.of(1, 1);
    const thresholds = [thresholdsOf(createIntDistribution(1, 9)), null];
    const corrected = correctMargin(distribution, stretch, thresholds, 0.1);
    expect(corrected).toEqual({ mean: distribution.mean, stretch });
    const narrow = correctMargin({ ...distribution, sigma: 1e-9 }, stretch, thresholds, 0.1);
    expect(narrow.stretch[0]).toBeGreaterThan(1e6);
    expect(narrow.stretch[1]).toBe(1);
    expect(narrow.mean[1]).toBe(0.5);
  });
});
