import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { symmetricEigen } from '../../../src-main/tuner/math/symmetric-eigen.ts';
import { createRng } from '../../../src-main/tuner/math/rng.ts';

function row(vectors: Float64Array, n: number, k: number): Float64Array {
  return vectors.subarray(k * n, (k + 1) * n);
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
}

function times(matrix: Float64Array, vector: Float64Array): Float64Array {
  return vector.map((_, i) => dot(row(matrix, vector.length, i), vector));
}

/** A = Q diag(d) Q^T within rounding, Q orthonormal, d ascending. */
function expectDecomposition(matrix: Float64Array, n: number): void {
  const { values, vectors } = symmetricEigen(matrix, n);
  const size = Math.max(...values.map(Math.abs), Number.MIN_VALUE);
  for (let k = 0; k < n; k++) {
    if (k > 0) expect(values[k]).toBeGreaterThanOrEqual(values[k - 1] as number);
    const vector = row(vectors, n, k);
    const image = times(matrix, vector);
    for (let i = 0; i < n; i++)
      expect(
        Math.abs((image[i] as number) - (values[k] as number) * (vector[i] as number)) / size,
      ).toBeLessThan(1e-13 * n);
    for (let j = 0; j <= k; j++)
      expect(Math.abs(dot(vector, row(vectors, n, j)) - (j === k ? 1 : 0))).toBeLessThan(1e-13 * n);
  }
}

describe('symmetricEigen', () => {
  it('solves a matrix known in closed form', () => {
    // 2 on the diagonal, -1 beside it: 2 - 2 cos(k pi / (n + 1)).
    const n = 7;
    const matrix = Float64Array.from({ length: n * n }, (_, at) => {
      const distance = Math.abs(Math.floor(at / n) - (at % n));
      return distance === 0 ? 2 : distance === 1 ? -1 : 0;
    });
    symmetricEigen(matrix, n).values.forEach((value, k) =>
      expect(value).toBeCloseTo(2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)), 13),
    );
  });

  it('takes one row, and a matrix of zeros', () => {
    expect([...symmetricEigen(Float64Array.of(-3), 1).values]).toEqual([-3]);
    expect([...symmetricEigen(new Float64Array(9), 3).values]).toEqual([0, 0, 0]);
  });

  it('decomposes any symmetric matrix, also singular, sparse and badly scaled ones', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.nat(),
        fc.constantFrom(1, 1e-200, 1e150),
        fc.constantFrom(0, 0.5, 0.9),
        fc.integer({ min: 0, max: 12 }),
        (n, seed, scale, sparsity, decades) => {
          const rng = createRng(seed);
          const matrix = new Float64Array(n * n);
          for (let i = 0; i < n; i++)
            for (let j = 0; j <= i; j++) {
              const weight = 10 ** ((-decades * (i + j)) / (2 * n));
              const value = rng.uniform() < sparsity ? 0 : rng.normal() * scale * weight;
              matrix[i * n + j] = value;
              matrix[j * n + i] = value;
            }
          expectDecomposition(matrix, n);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('decomposes matrices of rank one', () => {
    const n = 12;
    const rng = createRng(1);
    const v = Float64Array.from({ length: n }, () => rng.normal());
    const matrix = Float64Array.from(
      { length: n * n },
      (_, at) => (v[Math.floor(at / n)] as number) * (v[at % n] as number),
    );
    expectDecomposition(matrix, n);
    const { values } = symmetricEigen(matrix, n);
    expect(values[n - 1]).toBeCloseTo(dot(v, v), 12);
    expect(Math.abs(values[n - 2] as number)).toBeLessThan(1e-13);
  });

  it('decomposes large ones', () => {
    const n = 80;
    const rng = createRng(2);
    const matrix = new Float64Array(n * n);
    for (let i = 0; i < n; i++)
      for (let j = 0; j <= i; j++) matrix[i * n + j] = matrix[j * n + i] = rng.normal();
    expectDecomposition(matrix, n);
  });

  it('refuses NaN and infinities', () => {
    expect(() => symmetricEigen(Float64Array.of(1, NaN, NaN, 1), 2)).toThrow(RangeError);
    expect(() => symmetricEigen(Float64Array.of(Infinity), 1)).toThrow(RangeError);
  });
});
