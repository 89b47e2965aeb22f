import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hypervolume, selectByHypervolume } from '../../../src-main/tuner/math/hypervolume.ts';
import { nondominationRanks } from '../../../src-main/tuner/math/nondomination.ts';
import { readReferenceNumbers } from '../../helpers/reference.ts';

interface MultiObjective {
  cases: {
    n_objectives: number;
    kind: string;
    losses: number[][];
    reference_point: number[];
    ranks: number[];
    hypervolume: number;
    front: number[][];
    subset_size: number;
    subset: number[];
  }[];
}

const { cases } = readReferenceNumbers<MultiObjective>('optuna-5.0/multi_objective.json');
const flat = (points: number[][]) => Float64Array.from(points.flat());

describe.each(cases)('$losses.length $kind points, $n_objectives objectives', (reference) => {
  const points = flat(reference.losses);

  it("has Optuna's non-domination ranks", () => {
    expect([...nondominationRanks(points, reference.n_objectives)]).toEqual(reference.ranks);
  });

  it("has Optuna's hypervolume", () => {
    expect(hypervolume(points, reference.reference_point)).toBeCloseTo(reference.hypervolume, 10);
  });

  it("has Optuna's greedy subset", () => {
    expect(
      selectByHypervolume(flat(reference.front), reference.reference_point, reference.subset_size),
    ).toEqual(reference.subset);
  });
});

describe('nondominationRanks', () => {
  it('tells only as many points apart as needed', () => {
    const points = flat([
      [0, 0, 0],
      [1, 1, 1],
      [2, 2, 2],
      [3, 3, 3],
    ]);
    expect([...nondominationRanks(points, 3, 2)]).toEqual([0, 1, 2, 2]);
    expect([...nondominationRanks(new Float64Array(0), 3)]).toEqual([]);
  });

  it('gives every point of a later front one that dominates it in the front before', () => {
    const point = fc.array(fc.nat(4), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 20 }), (points) => {
        const ranks = nondominationRanks(flat(points), 3);
        const dominates = (a: number[], b: number[]) =>
          a.every((value, k) => value <= (b[k] as number)) &&
          a.some((value, k) => value < (b[k] as number));
        points.forEach((point, i) => {
          points.forEach((other, j) => {
            if (dominates(other, point))
              expect(ranks[j] as number).toBeLessThan(ranks[i] as number);
          });
          const rank = ranks[i] as number;
          if (rank > 0)
            expect(
              points.some((other, j) => ranks[j] === rank - 1 && dominates(other, point)),
            ).toBe(true);
        });
      }),
    );
  });
});

describe('hypervolume', () => {
  it('is the number of dominated cells of a grid', () => {
    const nObjectives = fc.constantFrom(1, 2, 3, 4, 5);
    fc.assert(
      fc.property(
        nObjectives.chain((d) =>
          fc.array(fc.array(fc.nat(4), { minLength: d, maxLength: d }), {
            minLength: 1,
            maxLength: 8,
          }),
        ),
        (points) => {
          const d = points[0]?.length ?? 0;
          let nCells = 0;
          for (let cell = 0; cell < 4 ** d; cell++) {
            const corner = Array.from({ length: d }, (_, k) => Math.floor(cell / 4 ** k) % 4);
            if (points.some((point) => point.every((value, k) => value <= (corner[k] as number))))
              nCells++;
          }
          expect(hypervolume(flat(points), new Array<number>(d).fill(4))).toBe(nCells);
        },
      ),
    );
  });

  it('leaves out what is not below the reference point, and is infinite where that is', () => {
    expect(
      hypervolume(
        flat([
          [1, 5],
          [5, 1],
          [2, 2],
        ]),
        [4, 4],
      ),
    ).toBe(4);
    expect(hypervolume(new Float64Array(0), [1, 1])).toBe(0);
    expect(hypervolume(flat([[1, 1]]), [Infinity, 4])).toBe(Infinity);
    expect(hypervolume(flat([[-Infinity, 1, 0]]), [4, 4, 4])).toBe(Infinity);
  });
});

describe('selectByHypervolume', () => {
  it('takes equal points again only when it has to', () => {
    const points = flat([
      [2, 1],
      [1, 2],
      [2, 1],
      [1, 2],
    ]);
    expect(selectByHypervolume(points, [3, 3], 2).sort()).toEqual([0, 1]);
    expect(selectByHypervolume(points, [3, 3], 3).sort()).toEqual([0, 1, 2]);
    expect(selectByHypervolume(points, [3, 3], 4).sort()).toEqual([0, 1, 2, 3]);
  });

  it('takes the first points where the reference point is infinitely far', () => {
    const points = flat([
      [3, 1],
      [1, 3],
      [2, 2],
    ]);
    expect(selectByHypervolume(points, [Infinity, 4], 2)).toEqual([1, 2]);
  });
});
