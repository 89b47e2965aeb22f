import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Distribution, SearchSpace } from '../../../../src-main/tuner/distributions.ts';
import {
  createCategoricalDistribution,
  createFloatDistribution,
  createIntDistribution,
} from '../../../../src-main/tuner/distributions.ts';
import {
  logNormalMass,
  truncatedNormalLogDensity,
} from '../../../../src-main/tuner/math/normal.ts';
import { createRng } from '../../../../src-main/tuner/math/rng.ts';
import {
  ParzenEstimator,
  type KernelOptions,
} from '../../../../src-main/tuner/samplers/tpe/parzen-estimator.ts';
import {
  defaultGamma,
  defaultWeights,
} from '../../../../src-main/tuner/samplers/tpe/tpe-sampler.ts';
import { TrialSplit } from '../../../../src-main/tuner/samplers/tpe/split.ts';
import { groupedSearchSpaces } from '../../../../src-main/tuner/search-space/groups.ts';
import { StudyHistory } from '../../../../src-main/tuner/study/study-history.ts';
import { readHistory, readReferenceNumbers } from '../../../helpers/reference.ts';

interface Mixture {
  weights: number[];
  dists: Record<string, { mu?: number[]; sigma?: number[]; weights?: number[][] }>;
}

interface Univariate {
  observations_below: number[];
  observations_above: number[];
  below: Mixture;
  above: Mixture;
  points: number[];
  log_pdf_below: number[];
  log_pdf_above: number[];
  acquisition: number[];
}

type Columns = Record<string, number[]>;

interface Multivariate {
  param_order: string[];
  observations_below: Columns;
  observations_above: Columns;
  below: Mixture;
  above: Mixture;
  points: Columns;
  log_pdf_below: number[];
  log_pdf_above: number[];
  acquisition: number[];
}

interface Internals {
  histories: Record<
    string,
    {
      n: number;
      gamma: number;
      below_trials: number[];
      above_trials: number[];
      weights_func: Record<string, number[]> | null;
      univariate: Record<string, Univariate>;
      multivariate: Record<string, Multivariate>;
      group_decomposed_search_space?: string[][];
    }
  >;
}

const options: KernelOptions = {
  priorWeight: 1,
  considerMagicClip: true,
  considerEndpoints: false,
  weights: defaultWeights,
  categoricalDistances: {},
};

function estimatorOf(space: SearchSpace, columns: Columns): ParzenEstimator {
  const estimator = new ParzenEstimator(space, options);
  const names = Object.keys(space);
  const n = columns[names[0] as string]?.length ?? 0;
  for (let row = 0; row < n; row++)
    estimator.add(
      row,
      names.map((name) => columns[name]?.[row] as number),
    );
  return estimator;
}

/** The density straight from its definition, for kernels given as in the reference. */
function logDensityOf(mixture: Mixture, space: SearchSpace, point: Record<string, number>): number {
  const terms = mixture.weights.map((weight, k) => {
    let term = Math.log(weight);
    for (const [name, distribution] of Object.entries(space)) {
      const { mu, sigma, weights } = mixture.dists[name] as Mixture['dists'][string];
      const x = point[name] as number;
      term +=
        distribution.type === 'categorical'
          ? Math.log(weights?.[k]?.[x] as number)
          : logKernel(distribution, mu?.[k] as number, sigma?.[k] as number, x);
    }
    return term;
  });
  const highest = Math.max(...terms);
  return highest + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - highest), 0));
}

function logKernel(
  { low, high, step, log }: Exclude<Distribution, { type: 'categorical' }>,
  mu: number,
  sigma: number,
  x: number,
): number {
  const z = (value: number) => ((log ? Math.log(value) : value) - mu) / sigma;
  const room = (step ?? 0) / 2;
  const [a, b] = [z(low - room), z(high + room)];
  return step === null
    ? truncatedNormalLogDensity(z(x), a, b) - Math.log(sigma)
    : logNormalMass(z(x - room), z(x + room)) - logNormalMass(a, b);
}

const { histories } = readReferenceNumbers<Internals>('optuna-5.0/tpe_internals.json');
const cases = Object.entries(histories).flatMap(([history, { univariate, multivariate }]) => {
  const { distributions } = readHistory(history === 'COND' ? 'cond' : 'flat');
  const alone = Object.entries(univariate).map(([name, one]) => ({
    title: `${history}, ${name}`,
    space: { [name]: distributions[name] as Distribution },
    below: { columns: { [name]: one.observations_below }, mixture: one.below },
    above: { columns: { [name]: one.observations_above }, mixture: one.above },
    points: { [name]: one.points },
    expected: one,
  }));
  const joint = Object.entries(multivariate).map(([title, one]) => ({
    title: `${history}, ${title}`,
    space: Object.fromEntries(
      one.param_order.map((name) => [name, distributions[name] as Distribution]),
    ),
    below: { columns: one.observations_below, mixture: one.below },
    above: { columns: one.observations_above, mixture: one.above },
    points: one.points,
    expected: one,
  }));
  return [...alone, ...joint];
});

function expectAllClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++)
    expect(Math.abs((actual[i] as number) - (expected[i] as number))).toBeLessThan(1e-9);
}

/** Pairs (mu, sigma) in an order that does not depend on which of equal observations got which width. */
function sortedPairs(mus: readonly number[], sigmas: readonly number[]): number[] {
  return mus
    .map((mu, i) => [mu, sigmas[i] as number] as const)
    .sort(([mu, sigma], [otherMu, otherSigma]) =>
      Math.abs(mu - otherMu) > 1e-12 ? mu - otherMu : sigma - otherSigma,
    )
    .flat();
}

describe('defaults, against Optuna', () => {
  it.each(Object.entries(histories))('splits %s', (name, reference) => {
    const { trials, direction } = readHistory(name === 'COND' ? 'cond' : 'flat');
    const history = new StudyHistory([direction]);
    history.update({
      trials: name === 'COND' ? trials : trials.slice(0, reference.n),
      deletedTrialIds: [],
    });
    const n = history.nComplete + history.nPruned;
    expect(n).toBe(reference.n);
    expect(defaultGamma(n)).toBe(reference.gamma);
    const split = new TrialSplit(history);
    split.refresh(defaultGamma(n), false, -1);
    expect(split.below).toEqual(reference.below_trials);
    expect(split.above()).toEqual(reference.above_trials);
    if (reference.group_decomposed_search_space)
      expect(
        groupedSearchSpaces(history, { withPruned: true }).map((group) => Object.keys(group)),
      ).toEqual(
        reference.group_decomposed_search_space
          .map((group) => [...group].sort())
          .sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
      );
  });

  it('weighs observations', () => {
    for (const [n, weights] of Object.entries(histories.FLAT30?.weights_func ?? {}))
      expectAllClose(defaultWeights(Number(n)), weights);
  });
});

describe.each(cases)('ParzenEstimator, against Optuna: $title', (reference) => {
  const { space, expected } = reference;
  const names = Object.keys(space);
  const points = names.map((name) => Float64Array.from(reference.points[name] ?? []));

  it.each(['below', 'above'] as const)('has its kernels %s', (side) => {
    const { columns, mixture } = reference[side];
    const { weights, mus, sigmas } = estimatorOf(space, columns).describe();
    expectAllClose(weights, mixture.weights);
    names.forEach((name, k) => {
      const { mu, sigma } = mixture.dists[name] as Mixture['dists'][string];
      if (!mu || !sigma) return;
      expectAllClose(mus[k] ?? [], mu);
      expectAllClose(sortedPairs(mus[k] ?? [], sigmas[k] ?? []), sortedPairs(mu, sigma));
    });
  });

  it.each(['below', 'above'] as const)('has its densities %s', (side) => {
    const { columns, mixture } = reference[side];
    const estimator = estimatorOf(space, columns);
    const actual = estimator.logDensities(points);
    const theirs = side === 'below' ? expected.log_pdf_below : expected.log_pdf_above;
    // NumPy gives the widths of equal observations to one or the other as its sort happens to go. Where that makes our kernels others than
    // theirs, the definition is the link: it gives their densities for their kernels, and ours for ours.
    const { sigmas, mus } = estimator.describe();
    const ours: Mixture = { weights: mixture.weights, dists: { ...mixture.dists } };
    let isSame = true;
    names.forEach((name, k) => {
      const { sigma } = mixture.dists[name] as Mixture['dists'][string];
      if (!sigma) return;
      if (sigma.some((value, i) => Math.abs(value - (sigmas[k]?.[i] as number)) > 1e-9))
        isSame = false;
      ours.dists[name] = { mu: mus[k] as number[], sigma: sigmas[k] as number[] };
    });
    if (isSame) return expectAllClose(actual, theirs);
    const pointAt = (i: number) =>
      Object.fromEntries(names.map((name, k) => [name, points[k]?.[i] as number]));
    expectAllClose(
      theirs.map((_, i) => logDensityOf(mixture, space, pointAt(i))),
      theirs,
    );
    expectAllClose(
      actual,
      theirs.map((_, i) => logDensityOf(ours, space, pointAt(i))),
    );
  });
});

describe('ParzenEstimator', () => {
  const space: SearchSpace = {
    x: createFloatDistribution(-5, 10),
    lr: createFloatDistribution(1e-5, 0.1, { log: true }),
    n: createIntDistribution(1, 8),
    units: createIntDistribution(1, 100_000, { log: true }),
    c: createCategoricalDistribution(['a', 'b', 'c']),
  };
  const observation = fc.tuple(
    fc.double({ min: -5, max: 10, noNaN: true }),
    fc.double({ min: 1e-5, max: 0.1, noNaN: true }),
    fc.integer({ min: 1, max: 8 }),
    fc.integer({ min: 1, max: 100_000 }),
    fc.nat(2),
  );

  it('is, to the last bit, the same however its trials came and went', () => {
    const change = fc.record({ row: fc.nat(130), observation, isRemoved: fc.boolean() });
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 300, size: 'max' }),
        fc.nat(20),
        (changes, every) => {
          const followed = new ParzenEstimator(space, options);
          const current = new Map<number, number[]>();
          const points = createFresh([...current]).sample(4, createRng(1));
          changes.forEach(({ row, observation: values, isRemoved }, i) => {
            if (followed.has(row)) followed.remove(row);
            current.delete(row);
            if (!isRemoved) {
              followed.add(row, values);
              current.set(row, values);
            }
            if (i % (every + 1) === 0) followed.logDensities(points);
          });
          const fresh = createFresh([...current].sort(([a], [b]) => a - b));
          expect(followed.describe()).toEqual(fresh.describe());
          expect(followed.logDensities(points)).toEqual(fresh.logDensities(points));
          expect(followed.sample(3, createRng(2))).toEqual(fresh.sample(3, createRng(2)));
        },
      ),
      { numRuns: 60 },
    );

    function createFresh(rows: readonly (readonly [number, number[]])[]): ParzenEstimator {
      const estimator = new ParzenEstimator(space, options);
      for (const [row, values] of rows) estimator.add(row, values);
      return estimator;
    }
  });

  it('of one parameter is the sum of its kernels, however many they are', () => {
    const x = createFloatDistribution(-5, 10);
    const n = createIntDistribution(1, 8);
    const c = createCategoricalDistribution(['a', 'b', 'c']);
    const logSum = (logs: readonly number[]): number => {
      const highest = Math.max(...logs);
      return highest + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - highest), 0));
    };
    for (const nObserved of [3, 300, 1200]) {
      const rng = createRng('one parameter', nObserved);
      const values = {
        x: () => (rng.uniform() < 0.5 ? -5 + 15 * rng.uniform() : 0.01 * rng.normal()),
        n: () => 1 + rng.integer(8),
        c: () => rng.integer(3),
      };
      for (const [name, distribution] of Object.entries({ x, n, c })) {
        const estimator = new ParzenEstimator({ [name]: distribution }, options);
        const observed = Array.from({ length: nObserved }, values[name as keyof typeof values]);
        observed.forEach((value, row) => estimator.add(row, [value]));
        const { weights, mus, sigmas } = estimator.describe();
        const points = Float64Array.from({ length: 20 }, values[name as keyof typeof values]);
        const expected = points.map((point) =>
          logSum(
            weights.map((weight, i) => {
              const [mu, sigma] = [mus[0]?.[i] as number, sigmas[0]?.[i] as number];
              if (name === 'x')
                return (
                  Math.log(weight) +
                  truncatedNormalLogDensity(
                    (point - mu) / sigma,
                    (-5 - mu) / sigma,
                    (10 - mu) / sigma,
                  ) -
                  Math.log(sigma)
                );
              if (name === 'n')
                return (
                  Math.log(weight) +
                  logNormalMass((point - 0.5 - mu) / sigma, (point + 0.5 - mu) / sigma) -
                  logNormalMass((0.5 - mu) / sigma, (8.5 - mu) / sigma)
                );
              const share = 1 / (nObserved + 1);
              const likely = i < nObserved ? Number(observed[i] === point) + share : share;
              return Math.log(weight * (likely / (i < nObserved ? 1 + 3 * share : 3 * share)));
            }),
          ),
        );
        estimator
          .logDensities([points])
          .forEach((log, i) => expect(log).toBeCloseTo(expected[i]!, 8));
      }
    }
  });

  it('sums to 1 over the values of a grid', () => {
    const grids: Distribution[] = [
      createIntDistribution(1, 40),
      createIntDistribution(3, 300, { log: true }),
      createFloatDistribution(-1, 1, { step: 0.125 }),
      createCategoricalDistribution([1, 2, 3, 4]),
    ];
    for (const distribution of grids) {
      const estimator = new ParzenEstimator({ p: distribution }, options);
      const rng = createRng(3);
      const values =
        distribution.type === 'categorical'
          ? [0, 1, 2, 3]
          : Array.from(
              {
                length:
                  Math.round((distribution.high - distribution.low) / (distribution.step ?? 1)) + 1,
              },
              (_, k) => distribution.low + k * (distribution.step ?? 1),
            );
      for (let row = 0; row < 30; row++)
        estimator.add(row, [values[rng.integer(values.length)] as number]);
      const total = estimator
        .logDensities([Float64Array.from(values)])
        .reduce((sum, logDensity) => sum + Math.exp(logDensity), 0);
      expect(total).toBeCloseTo(1, 10);
    }
  });

  it('integrates to 1 over a continuous range, and is 0 outside', () => {
    const estimator = new ParzenEstimator({ x: createFloatDistribution(2, 5) }, options);
    for (let row = 0; row < 40; row++) estimator.add(row, [2 + 3 * createRng(row).uniform()]);
    const n = 30_000;
    const xs = Float64Array.from({ length: n }, (_, i) => 2 + (3 * (i + 0.5)) / n);
    const integral = estimator
      .logDensities([xs])
      .reduce((sum, logDensity) => sum + (Math.exp(logDensity) * 3) / n, 0);
    expect(integral).toBeCloseTo(1, 6);
    expect([...estimator.logDensities([Float64Array.of(1.99, 5.01)])]).toEqual([
      -Infinity,
      -Infinity,
    ]);
  });

  it('draws points as its density says', () => {
    const estimator = new ParzenEstimator({ n: createIntDistribution(0, 9) }, options);
    [2, 2, 7, 3, 2].forEach((value, row) => estimator.add(row, [value]));
    const n = 40_000;
    const counts = new Array<number>(10).fill(0);
    for (const value of estimator.sample(n, createRng(4))[0] ?? [])
      counts[value] = (counts[value] ?? 0) + 1;
    const densities = estimator.logDensities([Float64Array.from({ length: 10 }, (_, k) => k)]);
    counts.forEach((count, k) => {
      const p = Math.exp(densities[k] as number);
      expect(Math.abs(count / n - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / n));
    });
  });

  it('is the uniform prior where nothing was observed', () => {
    const estimator = new ParzenEstimator({ c: space.c as Distribution }, options);
    expectAllClose(estimator.logDensities([Float64Array.of(0, 1, 2)]), [
      -Math.log(3),
      -Math.log(3),
      -Math.log(3),
    ]);
  });

  it('prefers near choices where a distance is given', () => {
    const estimator = new ParzenEstimator(
      { c: createCategoricalDistribution([1, 2, 3, 9]) },
      {
        ...options,
        categoricalDistances: { c: (a, b) => Math.abs((a as number) - (b as number)) },
      },
    );
    for (let row = 0; row < 10; row++) estimator.add(row, [0]);
    const [p1, p2, p3, p9] = estimator.logDensities([Float64Array.of(0, 1, 2, 3)]) as unknown as [
      number,
      number,
      number,
      number,
    ];
    expect(p1).toBeGreaterThan(p2);
    expect(p2).toBeGreaterThan(p3);
    expect(p3).toBeGreaterThan(p9);
  });

  it('keeps its precision where cells are a tiny part of the range', () => {
    const wide = new ParzenEstimator({ n: createIntDistribution(0, 2 ** 50) }, options);
    const same = new ParzenEstimator({ n: createFloatDistribution(-0.5, 2 ** 50 + 0.5) }, options);
    for (let row = 0; row < 20; row++) {
      const value = Math.floor(createRng(row).uniform() * 2 ** 50);
      wide.add(row, [value]);
      same.add(row, [value]);
    }
    const points = [Float64Array.of(5, 2 ** 40, 2 ** 49, 2 ** 50)];
    expectAllClose(wide.logDensities(points), same.logDensities(points));
  });

  it('refuses nonsense from a weights function', () => {
    const weightsGiving = (weights: number[]) => {
      const estimator = new ParzenEstimator(
        { x: space.x as Distribution },
        { ...options, weights: () => weights },
      );
      estimator.add(0, [1]);
      estimator.add(1, [2]);
      return () => estimator.describe();
    };
    expect(weightsGiving([1])).toThrow(/weights\(2\).*2 finite numbers/);
    expect(weightsGiving([1, -1])).toThrow(/at least 0, but one is -1/);
    expect(weightsGiving([1, NaN])).toThrow(/one is NaN/);
    expect(weightsGiving([0, 0])).toThrow(/only zeros/);
  });
});
