/**
 * Cholesky factors of symmetric positive definite matrices: A = L L', L lower triangular.
 *
 * Matrices are n x n, row-major; of symmetric and triangular ones only the lower triangle is read and written.
 */

/** Replaces the lower triangle of A by L. @returns false, with A in disorder, when A is not positive definite (or has NaN). */
export function factorize(matrix: Float64Array, n: number): boolean {
  for (let i = 0; i < n; i++) {
    const rowI = i * n;
    for (let j = 0; j <= i; j++) {
      const rowJ = j * n;
      let sum = matrix[rowI + j] as number;
      for (let k = 0; k < j; k++)
        sum -= (matrix[rowI + k] as number) * (matrix[rowJ + k] as number);
      if (j < i) matrix[rowI + j] = sum / (matrix[rowJ + j] as number);
      else if (sum > 0) matrix[rowI + i] = Math.sqrt(sum);
      else return false;
    }
  }
  return true;
}

/** Replaces b by the x with L x = b. */
export function solveLower(factor: Float64Array, n: number, b: Float64Array): void {
  for (let i = 0; i < n; i++) {
    let sum = b[i] as number;
    for (let k = 0; k < i; k++) sum -= (factor[i * n + k] as number) * (b[k] as number);
    b[i] = sum / (factor[i * n + i] as number);
  }
}

/** Replaces b by the x with L' x = b. */
export function solveUpper(factor: Float64Array, n: number, b: Float64Array): void {
  for (let i = n - 1; i >= 0; i--) {
    const x = (b[i] as number) / (factor[i * n + i] as number);
    b[i] = x;
    for (let k = 0; k < i; k++) b[k] = (b[k] as number) - (factor[i * n + k] as number) * x;
  }
}

/** The lower triangle of A^-1, from L. */
export function inverseOf(factor: Float64Array, n: number): Float64Array {
  // Rows of the transposed inverse of L, so that all loops run along rows.
  const columns = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    const rowJ = j * n;
    columns[rowJ + j] = 1 / (factor[rowJ + j] as number);
    for (let i = j + 1; i < n; i++) {
      const rowI = i * n;
      let sum = 0;
      for (let k = j; k < i; k++)
        sum -= (factor[rowI + k] as number) * (columns[rowJ + k] as number);
      columns[rowJ + i] = sum / (factor[rowI + i] as number);
    }
  }
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = i; k < n; k++)
        sum += (columns[i * n + k] as number) * (columns[j * n + k] as number);
      inverse[i * n + j] = sum;
    }
  return inverse;
}
