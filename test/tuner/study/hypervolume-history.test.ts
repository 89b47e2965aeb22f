import { describe, expect, it } from 'vitest';
import type { StudyDirection } from '../../../src-main/tuner/study/direction.ts';
import { hypervolumeHistory } from '../../../src-main/tuner/study/hypervolume-history.ts';

const allDirections: StudyDirection[] = ['minimize', 'maximize', 'minimize', 'minimize'];

function columnsOf(nObjectives: number): number[][] {
  const rows = Array.from({ length: 40 }, (_, i) => [
    ((i * 7 + 3) % 23) + ((i * 5) % 7) / 7,
    ((i * 11 + 5) % 19) - ((i * 3) % 5) / 5 - 2,
    ((i * 13 + 1) % 17) + ((i * 2) % 3) / 3,
    ((i * 3 + 2) % 21) + ((i * 9) % 4) / 4,
  ]);
  return Array.from({ length: nObjectives }, (_, k) => rows.map((row) => row[k] as number));
}

describe('hypervolumeHistory', () => {
  // optuna.visualization._hypervolume_history of Optuna 5.0.0, for the same values and reference points.
  it.each([
    [2, [30, -5], [216, 416.5714285714286, 437.4571428571431, 556.971428571429, 594.9142857142862]],
    [
      3,
      [25, -3, 20],
      [2508, 3300.3809523809523, 4849.580952380953, 6598.009523809523, 7795.45714285714],
    ],
    [
      4,
      [25, -3, 20, 22],
      [50160, 63432.38095238096, 90315.17619047621, 107609.11428571433, 123697.82142857145],
    ],
  ])("gives Optuna's numbers for %i objectives", (nObjectives, referencePoint, expected) => {
    const isFeasible = Array.from({ length: 40 }, (_, i) => i % 9 !== 4);
    const { hypervolumes } = hypervolumeHistory(
      columnsOf(nObjectives),
      allDirections.slice(0, nObjectives),
      { referencePoint, isFeasible },
    );
    expect(hypervolumes).toHaveLength(40);
    [0, 1, 9, 20, 39].forEach((row, i) =>
      expect(hypervolumes[row]).toBeCloseTo(expected[i] as number, 8),
    );
    isFeasible.forEach((feasible, row) => {
      if (!feasible) expect(hypervolumes[row]).toBe(hypervolumes[row - 1]);
    });
  });

  it('takes a reference point a tenth beyond the worst values', () => {
    const { referencePoint, hypervolumes } = hypervolumeHistory(
      [
        [10, 5, -Infinity],
        [-10, -5, 2],
      ],
      ['minimize', 'maximize'],
      { isFeasible: Uint8Array.of(1, 1, 0) },
    );
    expect(referencePoint).toEqual([11, -11]);
    expect([...hypervolumes]).toEqual([1, 36, 36]);
  });

  it('takes it beyond values below and at 0 too, of those that count', () => {
    const { referencePoint } = hypervolumeHistory(
      [
        [-10, -5, 1000],
        [-1, 0, 1000],
      ],
      ['minimize', 'minimize'],
      { isFeasible: [true, true, false] },
    );
    expect(referencePoint).toEqual([-4.5, 1e-12]);
  });

  describe('where one trial is far off', () => {
    const usual = Array.from({ length: 20 }, (_, i) => i / 20);
    const near = usual.map((x) => 1 - x);
    const referenceOf = (first: readonly number[], second: readonly number[], sign = 1) =>
      hypervolumeHistory(
        [first.map((x) => sign * x), second],
        [sign === 1 ? 'minimize' : 'maximize', 'minimize'],
      ).referencePoint[0] as number;

    it('measures from the others', () => {
      const diverged = referenceOf([...usual, 1e9], [...near, 2]);
      expect(diverged).toBeCloseTo(1.1 * 0.95, 12);
      const maximized = referenceOf([...usual, 1e9], [...near, 2], -1);
      expect(maximized).toBeCloseTo(-1.1 * 0.95, 12);
      expect(referenceOf([...usual, 2], [...near, 2])).toBeCloseTo(2.2, 12);
    });

    it('measures from beyond it where no other trial dominates it', () => {
      expect(referenceOf([...usual, 1e9], [...near, -2])).toBeCloseTo(1.1e9, 0);
      // Beyond infinity there is nothing.
      const beside = [...near, 2, -2];
      expect(referenceOf([...usual, 1e9, Infinity], beside)).toBeCloseTo(1.1 * 0.95, 12);
    });

    it('has no idea of far off in few values, or in equal ones', () => {
      const few = [0, 1, 2, 3, 4, 5, 6, 7];
      expect(referenceOf([...few, 1e9], [...few.toReversed(), 9])).toBeCloseTo(1.1e9, 0);
      expect(referenceOf([...usual.map(() => 0), 9], [...near, 2])).toBeCloseTo(9.9, 12);
    });
  });

  it('adds nothing for NaN, and starts at 0', () => {
    const { hypervolumes } = hypervolumeHistory(
      [
        [NaN, 1, 0],
        [0, 1, 3],
      ],
      ['minimize', 'minimize'],
      { referencePoint: [2, 2] },
    );
    expect([...hypervolumes]).toEqual([0, 1, 1]);
    expect(hypervolumeHistory([[], []], ['minimize', 'minimize']).hypervolumes).toHaveLength(0);
  });

  it('refuses columns and reference points that do not fit', () => {
    expect(() => hypervolumeHistory([[1]], ['minimize', 'minimize'])).toThrow('one column');
    const columns = [[1], [1]];
    const directions: StudyDirection[] = ['minimize', 'minimize'];
    expect(() => hypervolumeHistory(columns, directions, { referencePoint: [1] })).toThrow(
      'one value per direction',
    );
    expect(() =>
      hypervolumeHistory(columns, directions, { referencePoint: [1, Infinity] }),
    ).toThrow('must be finite');
  });
});
