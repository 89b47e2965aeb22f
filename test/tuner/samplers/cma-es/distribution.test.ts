import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createRng } from '../../../../src-main/tuner/math/rng.ts';
import {
  createDistribution,
  samplePoint,
  updateDistribution,
  type CmaDistribution,
} from '../../../../src-main/tuner/samplers/cma-es/distribution.ts';
import { createLearningRates } from '../../../../src-main/tuner/samplers/cma-es/learning-rate.ts';
import { correctMargin } from '../../../../src-main/tuner/samplers/cma-es/margin.ts';
import { createStrategy } from '../../../../src-main/tuner/samplers/cma-es/strategy.ts';
import { warmStart } from '../../../../src-main/tuner/samplers/cma-es/warm-start.ts';

interface Step {
  points: number[][];
  mean: number[];
  sigma: number;
  covariance: number[];
  pathSigma: number[];
  pathC: number[];
  stretch: number[];
}

/** Numbers of the Python package cmaes 0.13.1; test/fixtures/cma-es/make.py tells how. */
const reference = JSON.parse(
  readFileSync(new URL('../../../fixtures/cma-es/updates.json', import.meta.url), 'utf8'),
) as {
  updates: {
    popsize: number;
    lrAdapt: boolean;
    start: { mean: number[]; sigma: number };
    steps: Step[];
  }[];
  margins: { values: number[]; popsize: number; sigma: number; steps: Step[] }[];
  warmStarts: { points: number[][]; mean: number[]; sigma: number; covariance: number[] }[];
};

function expectNear(actual: ArrayLike<number>, expected: readonly number[], what: string): void {
  expect(actual.length, what).toBe(expected.length);
  const size = Math.max(...expected.map(Math.abs), 1e-3);
  expected.forEach((value, i) =>
    expect(Math.abs((actual[i] as number) - value) / size, what).toBeLessThan(1e-8),
  );
}

function toPoints(points: readonly number[][]): Float64Array[] {
  return points.map((point) => Float64Array.from(point));
}

describe('updateDistribution', () => {
  it.each(
    reference.updates.map((one) => ({
      ...one,
      n: one.start.mean.length,
      title: one.lrAdapt ? ', with adapted learning rate' : '',
    })),
  )('follows cmaes in $n dimensions with $popsize points$title', (given) => {
    const { n, popsize, lrAdapt, start, steps } = given;
    const strategy = createStrategy(n, popsize, false);
    let distribution: CmaDistribution | null = createDistribution(
      Float64Array.from(start.mean),
      start.sigma,
      null,
      lrAdapt ? createLearningRates(n) : null,
    );
    steps.forEach((step, generation) => {
      distribution = updateDistribution(
        distribution as CmaDistribution,
        strategy,
        toPoints(step.points),
        false,
      ) as CmaDistribution;
      expect(distribution.generation).toBe(generation + 1);
      expectNear(distribution.mean, step.mean, 'mean');
      expectNear([distribution.sigma], [step.sigma], 'sigma');
      expectNear(distribution.covariance, step.covariance, 'covariance');
      expectNear(distribution.pathSigma, step.pathSigma, 'pathSigma');
      expectNear(distribution.pathC, step.pathC, 'pathC');
    });
  });

  it('makes the step of the tutorial by hand', () => {
    // One dimension, four points, mean 0, sigma 1, C = 1; two parents.
    const raw = [1, 2, 3, 4].map((rank) => Math.log(2.5) - Math.log(rank));
    const positive = (raw[0] as number) + (raw[1] as number);
    const weights = raw.slice(0, 2).map((weight) => weight / positive);
    const muEff =
      1 /
      (weights[0] as number) ** 2 /
      (1 + ((weights[1] as number) / (weights[0] as number)) ** 2);
    const points = [0.5, -0.2, 1.5, -2];
    const meanStep = 0.5 * (weights[0] as number) - 0.2 * (weights[1] as number);
    const cSigma = (muEff + 2) / (1 + muEff + 5);
    const pathSigma = Math.sqrt(cSigma * (2 - cSigma) * muEff) * meanStep;
    const dSigma = 1 + cSigma;
    const chiN = 1 - 1 / 4 + 1 / 21;
    const after = updateDistribution(
      createDistribution(Float64Array.of(0), 1, null, null),
      createStrategy(1, 4, false),
      points.map((x) => Float64Array.of(x)),
      false,
    );
    expect(after?.mean[0]).toBeCloseTo(meanStep, 14);
    expect(after?.pathSigma[0]).toBeCloseTo(pathSigma, 14);
    expect(after?.sigma).toBeCloseTo(
      Math.exp((cSigma / dSigma) * (Math.abs(pathSigma) / chiN - 1)),
      14,
    );
  });

  it('keeps the covariance diagonal when it is separable', () => {
    const n = 3;
    const rng = createRng(1);
    let distribution = createDistribution(new Float64Array(n), 1, null, null);
    for (let i = 0; i < 5; i++) {
      const points = Array.from({ length: 7 }, () => samplePoint(distribution, rng));
      points.sort(
        (a, b) => (a[0] as number) + (a[1] as number) - (b[0] as number) - (b[1] as number),
      );
      distribution = updateDistribution(
        distribution,
        createStrategy(n, 7, true),
        points,
        true,
      ) as CmaDistribution;
    }
    distribution.covariance.forEach((c, at) => {
      if (at % (n + 1) === 0) expect(c).toBeGreaterThan(0);
      else expect(c).toBe(0);
    });
  });

  it('gives up where numbers overflow', () => {
    const points = [1, 2, 3, 4].map((k) => Float64Array.of(k * 1e300, -k * 1e300));
    const start = createDistribution(new Float64Array(2), 1e-10, null, null);
    expect(updateDistribution(start, createStrategy(2, 4, false), points, false)).toBeNull();
  });
});

describe('samplePoint', () => {
  it('has the mean and covariance of the distribution', () => {
    const covariance = Float64Array.of(4, 1.5, 1.5, 1);
    const distribution = createDistribution(Float64Array.of(3, -1), 0.5, covariance, null);
    const rng = createRng(4);
    const n = 40_000;
    const points = Array.from({ length: n }, () => samplePoint(distribution, rng));
    const average = (f: (point: Float64Array) => number) =>
      points.reduce((sum, point) => sum + f(point), 0) / n;
    expect(average(([x]) => x as number)).toBeCloseTo(3, 1);
    expect(average(([, y]) => y as number)).toBeCloseTo(-1, 1);
    expect(average(([x]) => ((x as number) - 3) ** 2)).toBeCloseTo(1, 1);
    expect(average(([, y]) => ((y as number) + 1) ** 2)).toBeCloseTo(0.25, 2);
    expect(average(([x, y]) => ((x as number) - 3) * ((y as number) + 1))).toBeCloseTo(0.375, 1);
  });
});

describe('correctMargin', () => {
  it.each(reference.margins)('follows cmaes with $values values', (given) => {
    const { values, popsize, sigma, steps } = given;
    const n = values.length;
    const strategy = createStrategy(n, popsize, false);
    let distribution = createDistribution(new Float64Array(n).fill(0.5), sigma, null, null);
    let stretch = new Float64Array(n).fill(1);
    const thresholds = values.map((count) =>
      count === 0 ? null : (place: number) => evenThresholds(place, count),
    );
    for (const step of steps) {
      const points = toPoints(step.points);
      const next = updateDistribution(distribution, strategy, points, false) as CmaDistribution;
      const corrected = correctMargin(next, stretch, thresholds, 1 / (n * popsize));
      stretch = Float64Array.from(corrected.stretch);
      distribution = { ...next, mean: corrected.mean };
      expectNear(distribution.mean, step.mean, 'mean');
      expectNear([distribution.sigma], [step.sigma], 'sigma');
      expectNear(stretch, step.stretch, 'stretch');
    }
  });

  function evenThresholds(place: number, count: number): [number, number] {
    // A place between two values belongs to the lower one, as in cmaes.
    const k = Math.min(Math.max(Math.ceil(place * count) - 1, 0), count - 1);
    if (k === 0) return [1 / count, 1 / count];
    if (k === count - 1) return [k / count, k / count];
    return [k / count, (k + 1) / count];
  }
});

describe('warmStart', () => {
  it.each(reference.warmStarts)('follows cmaes from $points.length points', (given) => {
    const { mean, sigma, covariance } = warmStart(toPoints(given.points));
    expectNear(mean, given.mean, 'mean');
    expectNear([sigma], [given.sigma], 'sigma');
    expectNear(covariance as Float64Array, given.covariance, 'covariance');
  });

  it('takes a single point', () => {
    const { mean, sigma, covariance } = warmStart([Float64Array.of(0.2, 0.7)]);
    expect([...mean]).toEqual([0.2, 0.7]);
    expect(sigma).toBeCloseTo(0.1, 15);
    expectNear(covariance as Float64Array, [1, 0, 0, 1], 'covariance');
  });
});
