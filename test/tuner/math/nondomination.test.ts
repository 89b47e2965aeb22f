import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isNowhereWorse, nondominationRanks } from '../../../src-main/tuner/math/nondomination.ts';

/** Points on a coarse grid, so that there are ties, equal points and infinities. */
const pointSets = fc.integer({ min: 1, max: 4 }).chain((nObjectives) =>
  fc
    .array(fc.constantFrom(-Infinity, -1, -0, 0, 1, 2, 3, Infinity), {
      maxLength: 40 * nObjectives,
    })
    .map((values) => ({
      nObjectives,
      points: Float64Array.from(values.slice(0, values.length - (values.length % nObjectives))),
    })),
);

/** Fronts one after the other, by comparing all with all. */
function ranksByDefinition(points: Float64Array, nObjectives: number): number[] {
  const ranks = new Array<number>(points.length / nObjectives).fill(-1);
  for (let rank = 0; ranks.includes(-1); rank++) {
    const rest = [...ranks.keys()].filter((i) => ranks[i] === -1);
    const front = rest.filter(
      (i) =>
        !rest.some(
          (j) =>
            isNowhereWorse(points, nObjectives, j, i) && !isNowhereWorse(points, nObjectives, i, j),
        ),
    );
    for (const i of front) ranks[i] = rank;
  }
  return ranks;
}

describe('nondominationRanks', () => {
  it('peels fronts as the definition says', () => {
    fc.assert(
      fc.property(pointSets, ({ points, nObjectives }) => {
        expect([...nondominationRanks(points, nObjectives)]).toEqual(
          ranksByDefinition(points, nObjectives),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('stops telling ranks apart when enough points have one', () => {
    fc.assert(
      fc.property(pointSets, fc.nat(20), ({ points, nObjectives }, nNeeded) => {
        const whole = ranksByDefinition(points, nObjectives);
        const ranks = nondominationRanks(points, nObjectives, nNeeded);
        const last = Math.max(-1, ...ranks);
        ranks.forEach((rank, i) => {
          if (rank < last) expect(rank).toBe(whole[i]);
          else expect(whole[i]).toBeGreaterThanOrEqual(rank);
        });
      }),
    );
  });

  it('takes no points', () => {
    expect([...nondominationRanks(new Float64Array(), 3)]).toEqual([]);
  });
});
