import { describe, expect, it } from 'vitest';
import {
  logExpectedImprovement,
  logExpectedImprovementSlope,
  logNormalCdfSlope,
} from '../../../../src-main/tuner/math/gaussian-process/log-expected-improvement.ts';

/** z, log h(z), its derivative, the derivative of log Phi(z): mpmath 1.3 with 60 digits and more. */
const exact: readonly (readonly [number, number, number, number])[] = [
  [-1e8, -5000000000000037.8, 100000000.00000002, 100000000.00000001],
  [-1e5, -5000000023.9447895, 100000.00002, 100000.00001],
  [-1000, -500014.73445209116, 1000.001999994, 1000.000999998],
  [-100, -5010.1295788002498, 100.01999400419587, 100.00999800099926],
  [-38.5, -749.34727420782292, 38.55184340493951, 38.525939096854494],
  [-25.5, -332.52588446220498, 25.578073358175352, 25.53909598608139],
  [-25, -319.86146358149595, 25.079620234266533, 25.039873012057563],
  [-24.5, -307.44625385773019, 24.581229341151867, 24.540681447869081],
  [-10, -55.553122036122356, 10.194383033412553, 10.098093233962512],
  [-5, -16.74430116266099, 5.3618162412880885, 5.1865039671258421],
  [-1.5, -3.5299359208057099, 2.2795806941564462, 1.9386771666225432],
  [-1, -2.4851210257126413, 1.9042712333296918, 1.5251352761609812],
  [-0.5, -1.6205162643873199, 1.5598731483480797, 1.1410777703680645],
  [0, -0.91893853320467274, 1.2533141373155003, 0.79788456080286536],
  [1, 0.08002621884930694, 0.77663872520173926, 0.28759997093917836],
  [10, 2.3025850929940457, 0.1, 7.6945986267064193e-23],
  [1000, 6.9077552789821371, 0.001, 0],
];

const relativeError = (value: number, truth: number): number =>
  Math.abs(value - truth) / Math.max(Math.abs(truth), 1e-3);

describe('logExpectedImprovement', () => {
  it.each(exact)('is exact at %d, with its slope', (z, value, slope) => {
    expect(relativeError(logExpectedImprovement(z), value)).toBeLessThan(1e-12);
    expect(relativeError(logExpectedImprovementSlope(z), slope)).toBeLessThan(1e-9);
  });

  it('rises without a break', () => {
    let last = -Infinity;
    for (let z = -40; z < 5; z += 1e-3) {
      const value = logExpectedImprovement(z);
      expect(value).toBeGreaterThan(last);
      last = value;
    }
  });

  it('has limits', () => {
    expect(logExpectedImprovement(-Infinity)).toBe(-Infinity);
    expect(logExpectedImprovement(Infinity)).toBe(Infinity);
    expect(logExpectedImprovement(NaN)).toBeNaN();
  });
});

describe('logNormalCdfSlope', () => {
  it.each(exact)('is exact at %d', (z, _value, _slope, cdfSlope) => {
    expect(relativeError(logNormalCdfSlope(z), cdfSlope)).toBeLessThan(1e-9);
  });
});
