import { describe, expect, it } from 'vitest';
import { widthsOfShape } from '../../src-main/training/network-shape.ts';

describe('widthsOfShape', () => {
  it.each([
    ['constant', 64, 3, 3, [64, 64, 64]],
    // 128 * (2 / 128)^(i / 3) = 128, 32, 8, and then the 2 outputs.
    ['pyramid', 128, 3, 2, [128, 32, 8]],
    ['pyramid', 100, 1, 10, [100]],
    ['pyramid', 4, 3, 10, [4, 4, 4]],
    ['hourglass', 64, 5, 3, [64, 32, 16, 32, 64]],
    ['hourglass', 64, 4, 3, [64, 32, 32, 64]],
    ['hourglass', 2, 7, 3, [2, 1, 1, 1, 1, 1, 2]],
    ['hourglass', 8, 0, 3, []],
  ] as const)(
    '%s of %d units and %d layers before %d outputs',
    (shape, width, depth, n, widths) => {
      expect(widthsOfShape(shape, width, depth, n)).toEqual(widths);
    },
  );
});
