import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createCategoricalDistribution,
  createFloatDistribution,
  createIntDistribution,
  type SearchSpace,
} from '../../../src-main/tuner/distributions.ts';
import { GaussianProcess } from '../../../src-main/tuner/math/gaussian-process/gaussian-process.ts';
import { hypervolume } from '../../../src-main/tuner/math/hypervolume.ts';
import { createRng } from '../../../src-main/tuner/math/rng.ts';
import {
  logImprovement,
  logProbability,
  sumOf,
  type Acquisition,
} from '../../../src-main/tuner/samplers/gp/acquisition.ts';
import {
  boxesAbove,
  ExpectedVolume,
  logHypervolumeImprovement,
} from '../../../src-main/tuner/samplers/gp/hypervolume-improvement.ts';
import { maximizeAcquisition } from '../../../src-main/tuner/samplers/gp/maximize.ts';
import { MixedSpace } from '../../../src-main/tuner/samplers/gp/mixed-space.ts';
import { standardize } from '../../../src-main/tuner/samplers/gp/training-set.ts';

function processOf(seed: number): GaussianProcess {
  const rng = createRng(seed);
  return new GaussianProcess(
    {
      points: Float64Array.from({ length: 24 }, () => rng.uniform()),
      values: Float64Array.from({ length: 8 }, () => rng.normal()),
      isChoice: [false, false, false],
    },
    { inverseSquaredLengths: Float64Array.of(3, 8, 1), scale: 1.2, noise: 1e-4 },
  );
}

const scores = Float64Array.of(-1, 1, 0, 0.5, 0.6, -0.4, -1.5, -1.2);

describe.each<[string, Acquisition]>([
  ['improvement', logImprovement(processOf(1), 0.7)],
  ['improvement that is very unlikely', logImprovement(processOf(1), 400)],
  ['probability', logProbability(processOf(2), 0.3)],
  ['their sum', sumOf([logImprovement(processOf(1), 1), logProbability(processOf(2), -0.5)])],
  ['hypervolume improvement', logHypervolumeImprovement([processOf(1), processOf(2)], scores)],
])('acquisition: %s', (_, acquisition) => {
  it('has the slope it says', () => {
    const rng = createRng(8);
    for (let i = 0; i < 20; i++) {
      const point = Float64Array.from({ length: 3 }, () => rng.uniform());
      const gradient = new Float64Array(3);
      const value = acquisition.evaluate(point, gradient);
      expect(value).toBe(acquisition.evaluate(point, null));
      for (let k = 0; k < 3; k++) {
        const at = (offset: number) =>
          acquisition.evaluate(
            point.map((x, j) => (j === k ? x + offset : x)),
            null,
          );
        const slope = (at(1e-6) - at(-1e-6)) / 2e-6;
        expect(Math.abs((gradient[k] as number) - slope)).toBeLessThan(
          1e-4 * (1 + Math.abs(slope) + Math.abs(value)),
        );
      }
    }
  });

  it('gives many values at once', () => {
    const rng = createRng(3);
    for (const nPoints of [1, 4, 11]) {
      const points = Float64Array.from({ length: 3 * nPoints }, () => rng.uniform());
      const values = acquisition.evaluateAll(points);
      expect(values).toHaveLength(nPoints);
      values.forEach((value, i) => {
        const alone = acquisition.evaluate(points.subarray(3 * i, 3 * i + 3), null);
        expect(Math.abs(value - alone)).toBeLessThan(1e-9 * (1 + Math.abs(alone)));
      });
    }
  });
});

describe('logImprovement', () => {
  it('is the logarithm of the mean improvement', () => {
    const process = processOf(5);
    const point = [0.2, 0.6, 0.3];
    const { mean, variance } = process.posterior(point);
    const rng = createRng(6);
    const n = 200_000;
    let sum = 0;
    for (let i = 0; i < n; i++)
      sum += Math.max(0, mean + Math.sqrt(variance) * rng.normal() - mean - 0.2) / n;
    const value = logImprovement(process, mean + 0.2).evaluate(point, null);
    expect(Math.exp(value)).toBeCloseTo(sum, 2);
    expect(Math.abs(value - Math.log(sum))).toBeLessThan(0.02);
  });
});

describe('ExpectedVolume', () => {
  it('is by how much the hypervolume grows, where the score is certain', () => {
    const score = fc.integer({ min: -5, max: 5 }).map((x) => x / 2);
    const cases = fc.integer({ min: 2, max: 4 }).chain((nObjectives) =>
      fc.tuple(
        fc.array(fc.array(score, { minLength: nObjectives, maxLength: nObjectives }), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.array(score, { minLength: nObjectives, maxLength: nObjectives }),
      ),
    );
    fc.assert(
      fc.property(cases, (one) => {
        const [points, added] = one;
        const nObjectives = added.length;
        const boxes = boxesAbove(Float64Array.from(points.flat()), nObjectives);
        const reference = added.map((_, k) => {
          const worst = Math.max(...points.map((point) => -(point[k] as number)));
          return Math.max(1.1 * worst, 0.9 * worst);
        });
        const volume = (all: readonly (readonly number[])[]) =>
          hypervolume(
            Float64Array.from(all.flat(), (value) => -value),
            reference,
          );
        const certain = new Float64Array(nObjectives);
        const volumeAdded = new ExpectedVolume(boxes);
        expect(volumeAdded.added(Float64Array.from(added), certain, null)).toBeCloseTo(
          volume([...points, added]) - volume(points),
          9,
        );
      }),
    );
  });

  it('is the mean over what an uncertain score may be', () => {
    const boxes = boxesAbove(Float64Array.of(1, 0, 2, 0, 1, 1, 2, 2, -1), 3);
    const volume = new ExpectedVolume(boxes);
    const means = Float64Array.of(0.8, 1.1, 0.4);
    const deviations = Float64Array.of(0.5, 0.3, 0.9);
    const rng = createRng(5);
    const n = 100_000;
    const certain = new Float64Array(3);
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const score = means.map((mean, k) => mean + (deviations[k] as number) * rng.normal());
      sum += volume.added(score, certain, null) / n;
    }
    expect(volume.added(means, deviations, null) / sum).toBeCloseTo(1, 2);
  });

  it('keeps the number of boxes bounded', () => {
    const rng = createRng(2);
    for (const nObjectives of [2, 3, 4, 6]) {
      // On a sphere: none dominates another.
      const points = Array.from({ length: 400 }, () => {
        const raw = Array.from({ length: nObjectives }, () => Math.abs(rng.normal()));
        const length = Math.hypot(...raw);
        return raw.map((x) => x / length);
      });
      const { lower } = boxesAbove(Float64Array.from(points.flat()), nObjectives);
      expect(lower.length / nObjectives).toBeLessThan(20_000);
    }
  });
});

describe('maximizeAcquisition', () => {
  const space: SearchSpace = {
    x: createFloatDistribution(0, 1),
    edge: createFloatDistribution(-3, 3),
    few: createIntDistribution(0, 4),
    many: createIntDistribution(0, 100_000),
    log: createIntDistribution(1, 1000, { log: true }),
    kind: createCategoricalDistribution(['a', 'b', 'c', 'd']),
  };

  it('finds the top of a hill in a mixed space, on its grids and at its edge', () => {
    const mixed = new MixedSpace(space);
    const top = [0.3, 1, mixed.toPlace(2, 3), mixed.toPlace(3, 71_234), mixed.toPlace(4, 57)];
    const hill: Acquisition = {
      evaluate(point, gradient) {
        let value = point[5] === 2 ? 0 : -0.5;
        gradient?.fill(0);
        top.forEach((best, k) => {
          const away = (point[k] as number) - best;
          value -= away * away;
          if (gradient) gradient[k] = -2 * away;
        });
        return value;
      },
      evaluateAll: (points) =>
        Float64Array.from({ length: points.length / mixed.nDims }, (_, i) =>
          hill.evaluate(points.subarray(i * mixed.nDims, (i + 1) * mixed.nDims), null),
        ),
    };
    const lengths = [0.4, 0.4, 1, 1, 1, 1];
    const known = new Float64Array(0);
    const point = maximizeAcquisition(hill, mixed, createRng(1), {
      known,
      lengths,
      nCandidates: 64,
    });
    const { x, edge, ...exact } = mixed.toParams(point);
    expect(exact).toEqual({ few: 3, many: 71_234, log: 57, kind: 'c' });
    expect(x).toBeCloseTo(0.3, 2);
    expect(edge).toBeCloseTo(3, 2);
  });

  it('is content where there is nothing to gain', () => {
    const flat: Acquisition = {
      evaluate: () => -Infinity,
      evaluateAll: (points) => new Float64Array(points.length / 6).fill(-Infinity),
    };
    const point = maximizeAcquisition(flat, new MixedSpace(space), createRng(1), {
      known: new Float64Array(0),
      lengths: [1, 1, 1, 1, 1, 1],
    });
    expect(point.every(Number.isFinite)).toBe(true);
  });
});

describe('standardize', () => {
  it('gives mean 0 and variance 1, and says what 0 became', () => {
    const { values, zero } = standardize([1, 2, 3, 6]);
    expect(values.reduce((a, b) => a + b)).toBeCloseTo(0, 12);
    expect(values.reduce((a, b) => a + b * b, 0) / 4).toBeCloseTo(1, 12);
    expect(zero).toBeCloseTo(-3 / Math.sqrt(3.5), 12);
  });

  it('bears infinite, huge and equal values', () => {
    const { values } = standardize([1, Infinity, -Infinity, 3]);
    [-1, 1, -1, 1].forEach((value, i) => expect(values[i]).toBeCloseTo(value, 12));
    expect([...standardize([1e308, -1e308]).values]).toEqual([1, -1]);
    expect(standardize([7, 7, 7])).toMatchObject({ isConstant: true });
    expect([...standardize([Infinity, Infinity]).values]).toEqual([0, 0]);
    expect([...standardize([1e-300, 3e-300]).values].map(Math.round)).toEqual([-1, 1]);
  });
});
