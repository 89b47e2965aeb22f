import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRng } from '../../../../src-main/tuner/math/rng.ts';
import {
  chooseByCrowding,
  crowdingDistances,
  crowdingOfAll,
} from '../../../../src-main/tuner/samplers/nsga/crowding.ts';
import {
  chooseByNiches,
  normalize,
  referencePoints,
} from '../../../../src-main/tuner/samplers/nsga/niching.ts';
import {
  createPopulation,
  dominates,
  selectElite,
  toFronts,
  type Population,
} from '../../../../src-main/tuner/samplers/nsga/population.ts';
import { StudyHistory } from '../../../../src-main/tuner/study/study-history.ts';
import { frozenTrial } from '../../../helpers/frozen-trial.ts';

function population(losses: readonly number[][], violations?: readonly number[]): Population {
  return {
    rows: losses.map((_, i) => i),
    nObjectives: losses[0]?.length ?? 2,
    losses: Float64Array.from(losses.flat()),
    violations: Float64Array.from(violations ?? losses.map(() => 0)),
  };
}

const populations = fc
  .record({
    nObjectives: fc.integer({ min: 1, max: 4 }),
    losses: fc.array(
      fc.array(fc.constantFrom(-Infinity, 0, 0.5, 1, 2, Infinity), { minLength: 4, maxLength: 4 }),
      {
        minLength: 1,
        maxLength: 25,
      },
    ),
    violations: fc.array(fc.constantFrom(0, 0, 0, 1, 2, Infinity), {
      minLength: 25,
      maxLength: 25,
    }),
  })
  .map(({ nObjectives, losses, violations }) =>
    population(
      losses.map((one) => one.slice(0, nObjectives)),
      violations.slice(0, losses.length),
    ),
  );

describe('createPopulation', () => {
  it('turns every objective into a loss and sums violations', () => {
    const history = new StudyHistory(['minimize', 'maximize']);
    history.update({
      trials: [
        frozenTrial({ number: 0, values: [1, 2] }),
        frozenTrial({
          number: 1,
          values: [3, -Infinity],
          systemAttrs: { constraints: [1, -5, 2] },
        }),
      ],
      deletedTrialIds: [],
    });
    expect(createPopulation(history, [1, 0])).toEqual({
      rows: [1, 0],
      nObjectives: 2,
      losses: Float64Array.of(3, Infinity, 1, -2),
      violations: Float64Array.of(3, 0),
    });
  });
});

describe('toFronts', () => {
  it('puts feasible ones first, then the others by their violation', () => {
    const losses = [
      [1, 1],
      [0, 2],
      [2, 2],
      [-9, -9],
      [-9, -9],
      [5, 5],
    ];
    expect(toFronts(population(losses, [0, 0, 0, 3, 1, 1]))).toEqual([[0, 1], [2], [4, 5], [3]]);
  });

  it('agrees with constrained domination', () => {
    fc.assert(
      fc.property(populations, (one) => {
        const fronts = toFronts(one);
        expect(fronts.flat().sort((a, b) => a - b)).toEqual(one.rows);
        fronts.forEach((front, f) => {
          for (const i of front) {
            // Nobody of the own front or a later one is better, and of the front before somebody is.
            for (const j of fronts.slice(f).flat()) expect(dominates(one, j, i)).toBe(false);
            if (f > 0) expect(fronts[f - 1]?.some((j) => dominates(one, j, i))).toBe(true);
          }
        });
      }),
    );
  });
});

describe('selectElite', () => {
  it('takes whole fronts, and asks about the one that does not fit', () => {
    const fronts = population([
      [0, 1],
      [1, 0],
      [1, 2],
      [2, 1],
      [1.5, 1.5],
      [9, 9],
    ]);
    const asked: unknown[] = [];
    const choose = (chosen: readonly number[], front: readonly number[], nNeeded: number) => {
      asked.push([[...chosen], front, nNeeded]);
      return [4];
    };
    expect(selectElite(fronts, 3, choose)).toEqual([0, 1, 4]);
    expect(asked).toEqual([[[0, 1], [2, 3, 4], 1]]);
    expect(selectElite(fronts, 2, choose)).toEqual([0, 1]);
    expect(selectElite(fronts, 5, choose)).toEqual([0, 1, 2, 3, 4]);
    expect(selectElite(fronts, 99, choose)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(asked).toHaveLength(1);
  });
});

describe('crowdingDistances', () => {
  it('sums the gaps between neighbours in parts of the range', () => {
    const one = population([
      [0, 10],
      [1, 6],
      [4, 5],
      [10, 0],
    ]);
    expect([...crowdingDistances(one, [0, 1, 2, 3])]).toEqual([
      Infinity,
      0.4 + 0.5,
      0.9 + 0.6,
      Infinity,
    ]);
    expect([...crowdingDistances(one, [3, 1, 0])]).toEqual([Infinity, 2, Infinity]);
  });

  it('bears equal and infinite values', () => {
    const same = population([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    expect([...crowdingDistances(same, [0, 1, 2])]).toEqual([0, 0, 0]);
    const far = population([
      [-Infinity, 3],
      [-Infinity, 2],
      [0, 1],
      [2, 1],
    ]);
    expect([...crowdingDistances(far, [0, 1, 2, 3])]).toEqual([
      Infinity,
      Infinity,
      Infinity,
      Infinity,
    ]);
    fc.assert(
      fc.property(populations, (one) => {
        for (const distance of crowdingOfAll(one)) expect(distance).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('chooseByCrowding', () => {
  it('takes the ends first, then the loneliest', () => {
    const one = population([
      [0, 10],
      [1, 9],
      [2, 8],
      [6, 4],
      [10, 0],
    ]);
    expect(chooseByCrowding(one, [0, 1, 2, 3, 4], 3)).toEqual([0, 4, 3]);
    expect(chooseByCrowding(one, [0, 1, 2, 3, 4], 4)).toEqual([0, 4, 3, 2]);
  });
});

describe('referencePoints', () => {
  it('divides the axes evenly', () => {
    expect(referencePoints(2, 3)).toEqual([
      [3, 0],
      [2, 1],
      [1, 2],
      [0, 3],
    ]);
    expect(referencePoints(1, 3)).toEqual([[3]]);
    const points = referencePoints(4, 5);
    // 5 + 4 - 1 over 4 - 1.
    expect(points).toHaveLength(56);
    expect(new Set(points.map(String)).size).toBe(56);
    for (const point of points) expect(point.reduce((a, b) => a + b)).toBe(5);
  });
});

describe('normalize', () => {
  it('moves the ideal point to 0 and the intercepts to 1', () => {
    // On the plane x / 2 + y / 4 + z / 5 = 1, moved by (10, 20, 30).
    const points = [
      [2, 0, 0],
      [0, 4, 0],
      [0, 0, 5],
      [1, 2, 0],
    ].flatMap(([x = 0, y = 0, z = 0]) => [x + 10, y + 20, z + 30]);
    const scaled = normalize(Float64Array.from(points), 3);
    [1, 0, 0, 0, 1, 0, 0, 0, 1, 0.5, 0.5, 0].forEach((value, i) =>
      expect(scaled[i]).toBeCloseTo(value, 12),
    );
  });

  it('falls back on the largest values where there is no such plane', () => {
    expect([...normalize(Float64Array.of(1, 2, 1, 2, 3, 10), 2)]).toEqual([0, 0, 0, 0, 1, 1]);
    expect([...normalize(Float64Array.of(5, 7), 2)]).toEqual([0, 0]);
  });
});

describe('chooseByNiches', () => {
  const rng = () => createRng(1);

  it('prefers the directions with fewest others, and there the nearest', () => {
    // Two in the niche of (1, 0) are chosen; of the front one lies there, two near (0, 1).
    const one = population([
      [0, 1],
      [1, 0],
      [0.98, 0.01],
      [0.02, 0.99],
      [0.04, 0.985],
    ]);
    const references = [
      [1, 0],
      [0, 1],
    ];
    expect(chooseByNiches(one, [1], [2, 3, 4], 1, references, rng())).toEqual([3]);
    const two = chooseByNiches(one, [1, 0], [2, 3, 4], 2, references, rng());
    expect(two).toHaveLength(2);
    expect(two).toContain(2);
  });

  it('chooses as many different ones of the front as are needed', () => {
    fc.assert(
      fc.property(
        populations,
        fc.nat(),
        fc.nat(),
        fc.integer({ min: 1, max: 3 }),
        (one, a, b, d) => {
          const nChosen = a % one.rows.length;
          const chosen = one.rows.slice(0, nChosen);
          const front = one.rows.slice(nChosen);
          const nNeeded = 1 + (b % front.length);
          const references = referencePoints(one.nObjectives, d);
          const taken = chooseByNiches(one, chosen, front, nNeeded, references, createRng(b));
          expect(taken).toHaveLength(nNeeded);
          expect(new Set(taken).size).toBe(nNeeded);
          for (const index of taken) expect(front).toContain(index);
        },
      ),
    );
  });

  it('bears the largest numbers there are', () => {
    const one = population([
      [1e308, -1e308],
      [-1e308, 1e308],
      [Infinity, -Infinity],
    ]);
    expect(chooseByNiches(one, [], [0, 1, 2], 2, referencePoints(2, 3), rng())).toHaveLength(2);
  });
});
