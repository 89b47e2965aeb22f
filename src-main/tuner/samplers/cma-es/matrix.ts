/** Square matrices, n x n, row-major. */

/** C = B diag(D^2) B^T. */
export interface Factors {
  /** The columns of B as rows. */
  readonly basis: Float64Array;
  /** D. */
  readonly scales: Float64Array;
}

export function identity(n: number): Float64Array {
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) matrix[i * n + i] = 1;
  return matrix;
}

/** Adds weight v v^T in place, or its diagonal only. */
export function addOuter(
  matrix: Float64Array,
  vector: Float64Array,
  weight: number,
  onlyDiagonal: boolean,
): void {
  const n = vector.length;
  for (let i = 0; i < n; i++) {
    const scaled = weight * (vector[i] as number);
    const [first, last] = onlyDiagonal ? [i, i] : [0, n - 1];
    for (let j = first; j <= last; j++)
      matrix[i * n + j] = (matrix[i * n + j] as number) + scaled * (vector[j] as number);
  }
}

/** C^(-1/2) y. */
export function whiten({ basis, scales }: Factors, y: Float64Array): Float64Array {
  const n = y.length;
  const white = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    let along = 0;
    for (let i = 0; i < n; i++) along += (basis[k * n + i] as number) * (y[i] as number);
    along /= scales[k] as number;
    for (let i = 0; i < n; i++)
      white[i] = (white[i] as number) + along * (basis[k * n + i] as number);
  }
  return white;
}

export function squaredLength(vector: Float64Array): number {
  let sum = 0;
  for (const x of vector) sum += x * x;
  return sum;
}
