import { describe, expect, it } from 'vitest';

import { commonStep, reportedSteps, reportsAt } from '../../../src-renderer/trials/curves.ts';
import { conditionalHistory, toCurves } from '../helpers/trial-columns.ts';

const curves = toCurves([
  { number: 2, intermediate: [[0, 5]] },
  { number: 4 },
  {
    number: 7,
    intermediate: [
      [0, NaN],
      [3, 7],
      [10, 8],
    ],
  },
  {
    number: 9,
    intermediate: [
      [3, 1],
      [12, 2],
    ],
  },
]);

describe('reports at a step', () => {
  it('are those of exactly that step', () => {
    expect([...reportsAt(curves, 0).values]).toEqual([5, NaN, NaN, NaN]);
    expect([...reportsAt(curves, 3).values]).toEqual([NaN, NaN, 7, 1]);
    expect([...reportsAt(curves, 4).values]).toEqual([NaN, NaN, NaN, NaN]);
    expect([...reportsAt(curves, 12).numbers]).toEqual([2, 4, 7, 9]);
  });

  it('agree with every curve of the reference history', () => {
    const { trials } = conditionalHistory();
    const all = toCurves(trials);
    for (const step of reportedSteps(all))
      expect([...reportsAt(all, step).values]).toEqual(
        trials.map(({ intermediate = [] }) => new Map(intermediate).get(step) ?? NaN),
      );
  });
});

describe('the steps', () => {
  it('are all at which a trial reported', () => {
    expect([...reportedSteps(curves)]).toEqual([0, 3, 10, 12]);
    expect([...reportedSteps(toCurves([]))]).toEqual([]);
    const late = { number: 0, intermediate: [[7, 1]] } as const;
    const early = { number: 1, intermediate: [[2, 1]] } as const;
    expect([...reportedSteps(toCurves([late, early]))]).toEqual([2, 7]);
  });

  it('begin with the last that half of the trials reached', () => {
    expect(commonStep(curves)).toBe(10);
    // In whatever order trials are, and as if those without a report were not there.
    const lasts = [12, null, 3, 5].map((step, number) => ({
      number,
      intermediate: step === null ? [] : ([[step, 1]] satisfies [number, number][]),
    }));
    expect(commonStep(toCurves(lasts))).toBe(5);
    expect(commonStep(toCurves([{ number: 0, intermediate: [[4, 1]] }]))).toBe(4);
    expect(commonStep(toCurves([{ number: 0 }]))).toBeNull();
  });
});
