import { describe, expect, it } from 'vitest';
import {
  factorize,
  inverseOf,
  solveLower,
  solveUpper,
} from '../../../src-main/tuner/math/cholesky.ts';
import { createRng } from '../../../src-main/tuner/math/rng.ts';

/** G G' + I, which is positive definite. */
function randomMatrix(n: number): Float64Array {
  const rng = createRng(n);
  const g = Float64Array.from({ length: n * n }, () => rng.normal());
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      let sum = i === j ? 1 : 0;
      for (let k = 0; k < n; k++) sum += (g[i * n + k] as number) * (g[j * n + k] as number);
      matrix[i * n + j] = sum;
    }
  return matrix;
}

function times(matrix: Float64Array, n: number, x: Float64Array): Float64Array {
  return Float64Array.from({ length: n }, (_, i) =>
    x.reduce((sum, value, k) => sum + (matrix[i * n + k] as number) * value, 0),
  );
}

describe('factorize', () => {
  it('solves systems of equations', () => {
    for (const n of [1, 2, 7, 30]) {
      const matrix = randomMatrix(n);
      const factor = matrix.slice();
      expect(factorize(factor, n)).toBe(true);
      const x = Float64Array.from({ length: n }, (_, i) => i - 3);
      const b = times(matrix, n, x);
      solveLower(factor, n, b);
      solveUpper(factor, n, b);
      b.forEach((value, i) => expect(value).toBeCloseTo(x[i] as number, 8));
    }
  });

  it('gives the inverse', () => {
    const n = 12;
    const matrix = randomMatrix(n);
    const factor = matrix.slice();
    factorize(factor, n);
    const lower = inverseOf(factor, n);
    const inverse = lower.map((_, at) => {
      const [i, j] = [Math.floor(at / n), at % n];
      return lower[Math.max(i, j) * n + Math.min(i, j)] as number;
    });
    for (let j = 0; j < n; j++) {
      const unit = Float64Array.from({ length: n }, (_, i) => (i === j ? 1 : 0));
      times(matrix, n, times(inverse, n, unit)).forEach((value, i) =>
        expect(value).toBeCloseTo(unit[i] as number, 8),
      );
    }
  });

  it('refuses what is not positive definite', () => {
    expect(factorize(Float64Array.of(1, 2, 2, 1), 2)).toBe(false);
    expect(factorize(Float64Array.of(0), 1)).toBe(false);
    expect(factorize(Float64Array.of(NaN), 1)).toBe(false);
  });
});
