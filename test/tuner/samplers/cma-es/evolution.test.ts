import { describe, expect, it } from 'vitest';
import {
  createFloatDistribution,
  createIntDistribution,
  type SearchSpace,
} from '../../../../src-main/tuner/distributions.ts';
import { createRng } from '../../../../src-main/tuner/math/rng.ts';
import { createCoordinates } from '../../../../src-main/tuner/samplers/cma-es/coordinates.ts';
import {
  Evolution,
  type EvolutionOptions,
} from '../../../../src-main/tuner/samplers/cma-es/evolution.ts';
import {
  firstRun,
  isConverged,
  planRestart,
  type RestartState,
} from '../../../../src-main/tuner/samplers/cma-es/restarts.ts';
import { createDistribution } from '../../../../src-main/tuner/samplers/cma-es/distribution.ts';

const plain: EvolutionOptions = {
  popsize: null,
  restartStrategy: 'none',
  incPopsize: 2,
  useSeparableCma: false,
  withMargin: true,
  lrAdapt: false,
  seed: 1,
};

function createEvolution(space: SearchSpace, options: Partial<EvolutionOptions> = {}): Evolution {
  const coordinates = createCoordinates(space);
  const mean = new Float64Array(coordinates.names.length).fill(0.5);
  return new Evolution(
    coordinates,
    { mean, sigma: 1 / 6, covariance: null },
    { ...plain, ...options },
  );
}

/** Runs generations, and returns the best loss of each and the population sizes. */
function evolve(
  evolution: Evolution,
  loss: (internals: readonly number[]) => number,
  nGenerations: number,
): { bests: number[]; popsizes: number[] } {
  const bests: number[] = [];
  const popsizes: number[] = [];
  for (let g = 0; g < nGenerations; g++) {
    const population = Array.from({ length: evolution.popsize }, (_, i) => {
      const point = evolution.sample(createRng(7, g, i));
      return { point, loss: loss(evolution.internalsAt(point)) };
    }).sort((a, b) => a.loss - b.loss);
    bests.push(population[0]?.loss as number);
    popsizes.push(evolution.popsize);
    evolution.advance(
      population.map(({ point }) => point),
      population[0]?.loss as number,
    );
  }
  return { bests, popsizes };
}

function floats(n: number): SearchSpace {
  return Object.fromEntries(
    Array.from({ length: n }, (_, i) => [`x${i}`, createFloatDistribution(-2, 3)]),
  );
}

function sphere(x: readonly number[]): number {
  return x.reduce((sum, xi) => sum + xi * xi, 0);
}

describe('Evolution', () => {
  it('has the population size of the tutorial', () => {
    expect(createEvolution(floats(1)).popsize).toBe(4);
    expect(createEvolution(floats(2)).popsize).toBe(6);
    expect(createEvolution(floats(10)).popsize).toBe(10);
    expect(createEvolution(floats(10), { popsize: 33 }).popsize).toBe(33);
  });

  it('converges on a narrow, turned valley', () => {
    const rosenbrock = ([x = 0, y = 0]: readonly number[]) => 100 * (y - x * x) ** 2 + (1 - x) ** 2;
    const { bests } = evolve(createEvolution(floats(2)), rosenbrock, 200);
    expect(Math.min(...bests)).toBeLessThan(1e-12);
  });

  it('converges with each of its variants', () => {
    for (const options of [{ useSeparableCma: true }, { lrAdapt: true }, { withMargin: false }]) {
      const { bests } = evolve(createEvolution(floats(4), options), sphere, 300);
      expect(Math.min(...bests), JSON.stringify(options)).toBeLessThan(1e-6);
    }
  });

  it('keeps its points in the cube, except where there is a margin', () => {
    const space = { x: createFloatDistribution(0, 1), n: createIntDistribution(1, 5) };
    const evolution = createEvolution(space);
    // The optimum is in the corner.
    const { bests } = evolve(evolution, ([x = 0, n = 0]) => x + n, 60);
    expect(Math.min(...bests)).toBeLessThan(1 + 1e-6);
    for (let i = 0; i < 200; i++) {
      const [x = NaN] = evolution.sample(createRng(i));
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x).toBeLessThanOrEqual(1);
    }
  });

  it('goes on trying the neighbours of an integer with a margin, and not without', () => {
    const space = { x: createFloatDistribution(-2, 3), n: createIntDistribution(-10, 10) };
    const nDifferent = (withMargin: boolean) => {
      const evolution = createEvolution(space, { withMargin });
      evolve(evolution, ([x = 0, n = 0]) => (x - 1) ** 2 + (n - 3) ** 2, 150);
      const values = new Set<number>();
      for (let i = 0; i < 300; i++)
        values.add(evolution.internalsAt(evolution.sample(createRng(i)))[1] as number);
      return values.size;
    };
    expect(nDifferent(true)).toBeGreaterThanOrEqual(3);
    expect(nDifferent(false)).toBe(1);
  });

  it('gives the point of given values', () => {
    const space = {
      x: createFloatDistribution(-2, 3),
      n: createIntDistribution(-10, 10),
      m: createIntDistribution(1, 100, { log: true }),
    };
    const evolution = createEvolution(space);
    evolve(evolution, sphere, 30);
    for (const internals of [
      [-2, -10, 1],
      [0.3, 4, 17],
      [3, 10, 100],
    ])
      evolution
        .internalsAt(evolution.pointAt(internals))
        .forEach((internal, i) => expect(internal).toBeCloseTo(internals[i] as number, 12));
  });

  it('stays where it is without restarts', () => {
    const evolution = createEvolution(floats(2));
    evolve(evolution, sphere, 400);
    expect(evolution.nRestarts).toBe(0);
    expect(evolution.distribution.sigma).toBeLessThan(1e-8);
  });

  it('restarts elsewhere with a larger population (ipop)', () => {
    const evolution = createEvolution(floats(2), { restartStrategy: 'ipop', incPopsize: 3 });
    const { popsizes } = evolve(evolution, sphere, 400);
    expect(evolution.nRestarts).toBeGreaterThan(1);
    expect([...new Set(popsizes)].slice(0, 3)).toEqual([6, 18, 54]);
    expect(evolution.generation).toBe(400);
  });

  it('restarts where all values are equal', () => {
    const evolution = createEvolution(
      { n: createIntDistribution(0, 3), m: createIntDistribution(0, 3) },
      { restartStrategy: 'ipop' },
    );
    evolve(evolution, () => 5, 30);
    expect(evolution.nRestarts).toBeGreaterThan(0);
  });

  it('takes turns between large and small populations (bipop)', () => {
    const evolution = createEvolution(floats(2), { restartStrategy: 'bipop' });
    const { popsizes } = evolve(evolution, sphere, 1500);
    const runs = popsizes.filter((popsize, i) => i === 0 || popsize !== popsizes[i - 1]);
    expect(runs[1]).toBe(12);
    expect(runs.some((popsize, i) => i > 1 && popsize < 12)).toBe(true);
    expect(runs).toContain(24);
  });
});

describe('planRestart', () => {
  it('starts a small run while those have cost less than the large ones', () => {
    const large: RestartState = { ...firstRun, kind: 'large', nLarge: 3, spent: 1000 };
    const { state, popsize, sigmaFactor } = planRestart('bipop', large, 10, 2, createRng(1));
    expect(state).toEqual({
      kind: 'small',
      nLarge: 3,
      spentLarge: 1000,
      spentSmall: 0,
      spent: 0,
      budget: 500,
    });
    expect(popsize).toBeGreaterThanOrEqual(10);
    expect(popsize).toBeLessThanOrEqual(40);
    expect(sigmaFactor).toBeGreaterThanOrEqual(0.01);
    expect(sigmaFactor).toBeLessThan(1);
    const next = planRestart('bipop', { ...state, spent: 1000 }, 10, 2, createRng(2));
    expect(next.state).toMatchObject({ kind: 'large', nLarge: 4, spentSmall: 1000 });
    expect(next.popsize).toBe(160);
    expect(next.sigmaFactor).toBe(1);
  });
});

describe('isConverged', () => {
  const distribution = createDistribution(Float64Array.of(0.3, 0.4), 0.1, null, null);

  it('says no in the middle of a run', () => {
    expect(isConverged(distribution, 6, [3, 2, 1], 0.1)).toBe(false);
  });

  it.each([
    ['the best values stay equal', { bests: new Array<number>(20).fill(1) }],
    ['all losses are infinite', { bests: new Array<number>(20).fill(Infinity) }],
    ['it is narrow', { sigma: 1e-14 }],
    ['it has become far wider', { sigma: 2000 }],
    ['no coordinate changes any more', { sigma: 1e-18, initialSigma: 1e-18 }],
    ['it is ill-conditioned', { covariance: Float64Array.of(1e15, 0, 0, 0.01) }],
  ])('says yes where %s', (_what, { bests = [2, 1], initialSigma = 0.1, ...changes }: Changes) => {
    const { covariance = null, sigma = 0.1 } = changes;
    const changed = createDistribution(Float64Array.of(0.3, 0.4), sigma, covariance, null);
    expect(isConverged(changed, 6, bests, initialSigma)).toBe(true);
  });
});

interface Changes {
  bests?: number[];
  sigma?: number;
  initialSigma?: number;
  covariance?: Float64Array;
}
