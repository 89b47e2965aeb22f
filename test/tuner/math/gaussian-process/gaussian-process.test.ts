import { describe, expect, it } from 'vitest';
import {
  fitGaussianProcess,
  ParameterLoss,
} from '../../../../src-main/tuner/math/gaussian-process/fit.ts';
import {
  GaussianProcess,
  type Observations,
} from '../../../../src-main/tuner/math/gaussian-process/gaussian-process.ts';
import type { KernelParams } from '../../../../src-main/tuner/math/gaussian-process/kernel.ts';
import { createRng } from '../../../../src-main/tuner/math/rng.ts';
import { readTerminatorReference, type ReferenceFit } from '../../terminators/reference.ts';

const { fits } = readTerminatorReference();

function observationsOf({ points, values, is_categorical }: ReferenceFit): Observations {
  return {
    points: Float64Array.from(points.flat()),
    values: Float64Array.from(values),
    isChoice: is_categorical,
  };
}

function paramsOf(fit: ReferenceFit): KernelParams {
  return {
    inverseSquaredLengths: Float64Array.from(fit.inverse_squared_lengthscales),
    scale: fit.kernel_scale,
    noise: fit.noise_var,
  };
}

describe('GaussianProcess', () => {
  it("has Optuna's posterior for the same kernel parameters", () => {
    for (const fit of fits) {
      const process = new GaussianProcess(observationsOf(fit), paramsOf(fit));
      fit.probes.forEach((probe, i) => {
        const { mean, variance } = process.posterior(probe);
        expect(mean).toBeCloseTo(fit.mean[i] as number, 8);
        expect(variance).toBeCloseTo(fit.variance[i] as number, 8);
      });
      const [a, b] = fit.probes as [number[], number[]];
      expect(process.covariance(a, b)).toBeCloseTo(fit.covariance_of_first_two, 8);
      expect(process.covariance(a, a)).toBeCloseTo(process.posterior(a).variance, 12);
    }
  });

  it('is what was observed where noise is least, and the prior far away', () => {
    const process = new GaussianProcess(
      { points: Float64Array.of(0.1, 0.9), values: Float64Array.of(-1, 2), isChoice: [false] },
      { inverseSquaredLengths: Float64Array.of(1e6), scale: 3, noise: 1e-9 },
    );
    expect(process.posterior([0.9]).mean).toBeCloseTo(2, 6);
    expect(process.posterior([0.9]).variance).toBeCloseTo(0, 6);
    expect(process.posterior([0.5])).toEqual({ mean: expect.closeTo(0, 6), variance: 3 });
  });

  it('cannot tell equal points without noise apart', () => {
    const observations = {
      points: Float64Array.of(0.5, 0.5),
      values: Float64Array.of(0, 1),
      isChoice: [false],
    };
    const params = { inverseSquaredLengths: Float64Array.of(1), scale: 1, noise: 0 };
    expect(() => new GaussianProcess(observations, params)).toThrow('positive definite');
  });
});

describe('fitGaussianProcess', () => {
  it("finds Optuna's optimum", () => {
    for (const fit of fits) {
      const observations = observationsOf(fit);
      const loss = new ParameterLoss(observations, 1e-6, fit.deterministic);
      const lossOf = (params: KernelParams): number =>
        loss.evaluate(loss.toLogs(params), new Float64Array(fit.is_categorical.length + 2));
      // The noise is known up to the hundredth of the least that the logarithm leaves out.
      expect(lossOf(paramsOf(fit))).toBeCloseTo(fit.loss, 3);
      const process = fitGaussianProcess(observations, { isDeterministic: fit.deterministic });
      expect(lossOf(process.params)).toBeLessThan(fit.loss + 0.01);
      fit.probes.forEach((probe, i) => {
        const { mean } = process.posterior(probe);
        const deviation = Math.sqrt(fit.variance[i] as number);
        expect(Math.abs(mean - (fit.mean[i] as number))).toBeLessThan(0.25 * deviation + 0.01);
      });
    }
  });

  it('climbs along a gradient that is the slope of its loss', () => {
    const rng = createRng(9);
    for (const fit of fits) {
      const loss = new ParameterLoss(observationsOf(fit), 1e-6, fit.deterministic);
      const nParams = fit.is_categorical.length + 2;
      const logs = Float64Array.from({ length: nParams }, () => rng.normal());
      const gradient = new Float64Array(nParams);
      loss.evaluate(logs, gradient);
      for (let k = 0; k < nParams; k++) {
        const at = (offset: number): number =>
          loss.evaluate(
            logs.map((value, i) => value + (i === k ? offset : 0)),
            new Float64Array(nParams),
          );
        const slope = (at(1e-5) - at(-1e-5)) / 2e-5;
        expect(Math.abs((gradient[k] as number) - slope)).toBeLessThan(
          1e-5 * (1 + Math.abs(slope)),
        );
      }
    }
  });

  it('goes on from an earlier fit, and starts anew from a bad one', () => {
    const observations = observationsOf(fits[1] as ReferenceFit);
    const fitted = fitGaussianProcess(observations).params;
    const again = fitGaussianProcess(observations, { start: fitted }).params;
    expect(again.scale).toBeCloseTo(fitted.scale, 0);
    const nowhere = { inverseSquaredLengths: Float64Array.of(NaN, 1), scale: 1, noise: 1 };
    expect(fitGaussianProcess(observations, { start: nowhere }).params).toEqual(fitted);
  });

  it('makes do with one observation, and with observations that are all alike', () => {
    const one = { points: Float64Array.of(0.5), values: Float64Array.of(0), isChoice: [false] };
    expect(Number.isFinite(fitGaussianProcess(one).posterior([0.2]).variance)).toBe(true);
    const alike = {
      points: new Float64Array(30).fill(0.5),
      values: new Float64Array(30),
      isChoice: [false],
    };
    expect(fitGaussianProcess(alike).posterior([0.5]).mean).toBe(0);
  });
});
