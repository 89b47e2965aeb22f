/**
 * What a further trial at a point may bring, as a logarithm.
 */
import {
  logExpectedImprovement,
  logExpectedImprovementSlope,
  logNormalCdfSlope,
} from '../../math/gaussian-process/log-expected-improvement.ts';
import type { GaussianProcess } from '../../math/gaussian-process/gaussian-process.ts';
import { logNormalCdf } from '../../math/normal.ts';

export interface Acquisition {
  /** @param gradient Receives the derivatives by the point, 0 for dimensions of choices; null: they are not needed. */
  evaluate(point: ArrayLike<number>, gradient: Float64Array | null): number;
  /** The values at many points: n x nDims, row-major. */
  evaluateAll(points: Float64Array): Float64Array;
}

/** Added to variances, so that none is 0. */
export const LEAST_VARIANCE = 1e-12;

/** The logarithm of how much the process is expected to exceed the threshold. */
export function logImprovement(process: GaussianProcess, threshold: number): Acquisition {
  return fromStandardized(process, threshold, {
    value: (z, deviation) => Math.log(deviation) + logExpectedImprovement(z),
    slope: logExpectedImprovementSlope,
    ownSlope: (_, deviation) => 1 / deviation,
  });
}

/** The logarithm of the probability that the process is above the threshold. */
export function logProbability(process: GaussianProcess, threshold: number): Acquisition {
  return fromStandardized(process, threshold, {
    value: logNormalCdf,
    slope: logNormalCdfSlope,
    ownSlope: () => 0,
  });
}

/** The sum: for logarithms of independent factors. */
export function sumOf(parts: readonly Acquisition[]): Acquisition {
  return {
    evaluate(point, gradient) {
      if (parts.length === 1) return (parts[0] as Acquisition).evaluate(point, gradient);
      const total = gradient && new Float64Array(gradient.length);
      let sum = 0;
      for (const part of parts) {
        sum += part.evaluate(point, gradient);
        total?.forEach(
          (slope, k) => (total[k] = slope + ((gradient as Float64Array)[k] as number)),
        );
      }
      if (total) gradient?.set(total);
      return sum;
    },
    evaluateAll(points) {
      const [first, ...others] = parts.map((part) => part.evaluateAll(points));
      const total = first as Float64Array;
      for (const values of others)
        values.forEach((value, i) => (total[i] = value + (total[i] as number)));
      return total;
    },
  };
}

/** A function of z = (mean - threshold) / deviation, and of the deviation by itself. */
interface StandardizedFunction {
  value(z: number, deviation: number): number;
  /** The derivative by z. */
  slope(z: number): number;
  /** The derivative by the deviation at a fixed z. */
  ownSlope(z: number, deviation: number): number;
}

function fromStandardized(
  process: GaussianProcess,
  threshold: number,
  { value, slope, ownSlope }: StandardizedFunction,
): Acquisition {
  const nDims = process.observations.isChoice.length;
  const byMean = new Float64Array(nDims);
  const byVariance = new Float64Array(nDims);
  return {
    evaluate(point, gradient) {
      const { mean, variance } = gradient
        ? process.posteriorWithGradients(point, byMean, byVariance)
        : process.posterior(point);
      const deviation = Math.sqrt(variance + LEAST_VARIANCE);
      const z = (mean - threshold) / deviation;
      if (gradient) {
        const dMean = slope(z) / deviation;
        const dVariance = (ownSlope(z, deviation) - z * dMean) / (2 * deviation);
        for (let k = 0; k < nDims; k++)
          gradient[k] = dMean * (byMean[k] as number) + dVariance * (byVariance[k] as number);
      }
      return value(z, deviation);
    },
    evaluateAll(points) {
      const { means, variances } = process.posteriors(points);
      return means.map((mean, i) => {
        const deviation = Math.sqrt((variances[i] as number) + LEAST_VARIANCE);
        return value((mean - threshold) / deviation, deviation);
      });
    },
  };
}
