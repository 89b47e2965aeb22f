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
      const sum = (matrix[rowI + j] as number) - dot(matrix, rowI, matrix, rowJ, j);
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
    const sum = (b[i] as number) - dot(factor, i * n, b, 0, i);
    b[i] = sum / (factor[i * n + i] as number);
  }
}

/** As `solveLower`, for four at once: n x 4, row-major. Each element of L is then fetched once for all. */
export function solveLowerFour(factor: Float64Array, n: number, b: Float64Array): void {
  for (let i = 0; i < n; i++) {
    const row = i * n;
    const at = 4 * i;
    let first = b[at] as number;
    let second = b[at + 1] as number;
    let third = b[at + 2] as number;
    let fourth = b[at + 3] as number;
    for (let k = 0, j = 0; k < i; k++, j += 4) {
      const weight = factor[row + k] as number;
      first -= weight * (b[j] as number);
      second -= weight * (b[j + 1] as number);
      third -= weight * (b[j + 2] as number);
      fourth -= weight * (b[j + 3] as number);
    }
    const pivot = factor[row + i] as number;
    b[at] = first / pivot;
    b[at + 1] = second / pivot;
    b[at + 2] = third / pivot;
    b[at + 3] = fourth / pivot;
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
      const sum = dot(factor, rowI + j, columns, rowJ + j, i - j);
      columns[rowJ + i] = -sum / (factor[rowI + i] as number);
    }
  }
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++)
      inverse[i * n + j] = dot(columns, i * n + i, columns, j * n + i, n - i);
  return inverse;
}

/** Of n elements each. Four sums grow side by side, as one addition need then not wait for the last. */
function dot(a: Float64Array, fromA: number, b: Float64Array, fromB: number, n: number): number {
  let first = 0;
  let second = 0;
  let third = 0;
  let fourth = 0;
  let k = 0;
  for (; k < n - 3; k += 4) {
    const i = fromA + k;
    const j = fromB + k;
    first += (a[i] as number) * (b[j] as number);
    second += (a[i + 1] as number) * (b[j + 1] as number);
    third += (a[i + 2] as number) * (b[j + 2] as number);
    fourth += (a[i + 3] as number) * (b[j + 3] as number);
  }
  for (; k < n; k++) first += (a[fromA + k] as number) * (b[fromB + k] as number);
  return first + second + (third + fourth);
}
