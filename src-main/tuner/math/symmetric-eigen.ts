/**
 * Eigenvalues and eigenvectors of a real symmetric matrix: Householder's reduction to a tridiagonal one, then the implicit QL method.
 *
 * Golub and Van Loan, "Matrix Computations", 4th ed. (2013), sections 8.3.1 and 8.3.3; Dubrulle, Martin and Wilkinson, "The implicit QL
 * algorithm", Numer. Math. 12 (1968). Notation: A = Q diag(d) Q^T; the rows of `vectors` are the columns of Q.
 */

export interface SymmetricEigen {
  /** Ascending. */
  readonly values: Float64Array;
  /** n x n, row-major: row k is the eigenvector of length 1 that belongs to `values[k]`. */
  readonly vectors: Float64Array;
}

const MAX_STEPS = 60;

/**
 * About 9 n^3 operations; residuals of the order of the largest eigenvalue times 1e-16.
 *
 * @param matrix n x n, row-major, finite; of each pair of symmetric entries the lower one is read.
 * @throws RangeError when the matrix has NaN or infinities.
 */
export function symmetricEigen(matrix: Float64Array, n: number): SymmetricEigen {
  if (!matrix.every(Number.isFinite))
    throw new RangeError('A matrix with NaN or infinities has no eigenvalues.');
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  const diagonal = new Float64Array(n);
  const beside = new Float64Array(n);
  tridiagonalize(matrix.slice(), n, diagonal, beside, vectors);
  diagonalize(n, diagonal, beside, vectors);
  return ascending(n, diagonal, vectors);
}

/** Leaves the diagonal, what is beside it (`beside[i]` between i and i + 1), and the transformation in `vectors`. */
function tridiagonalize(
  a: Float64Array,
  n: number,
  diagonal: Float64Array,
  beside: Float64Array,
  vectors: Float64Array,
): void {
  const v = new Float64Array(n);
  const w = new Float64Array(n);
  for (let k = 0; k < n - 2; k++) {
    const beta = reflector(a, n, k, v, beside);
    if (beta === 0) continue;
    // A <- H A H with H = 1 - beta v v^T, as A - v w^T - w v^T.
    let product = 0;
    for (let i = k + 1; i < n; i++) {
      let sum = 0;
      for (let j = k + 1; j <= i; j++) sum += (a[i * n + j] as number) * (v[j] as number);
      for (let j = i + 1; j < n; j++) sum += (a[j * n + i] as number) * (v[j] as number);
      w[i] = beta * sum;
      product += beta * sum * (v[i] as number);
    }
    for (let i = k + 1; i < n; i++)
      w[i] = (w[i] as number) - 0.5 * beta * product * (v[i] as number);
    for (let i = k + 1; i < n; i++)
      for (let j = k + 1; j <= i; j++)
        a[i * n + j] =
          (a[i * n + j] as number) -
          (v[i] as number) * (w[j] as number) -
          (w[i] as number) * (v[j] as number);
    w.fill(0);
    for (let i = k + 1; i < n; i++)
      for (let j = 0; j < n; j++)
        w[j] = (w[j] as number) + (v[i] as number) * (vectors[i * n + j] as number);
    for (let i = k + 1; i < n; i++)
      for (let j = 0; j < n; j++)
        vectors[i * n + j] =
          (vectors[i * n + j] as number) - beta * (v[i] as number) * (w[j] as number);
  }
  for (let i = 0; i < n; i++) diagonal[i] = a[i * n + i] as number;
  if (n > 1) beside[n - 2] = a[(n - 1) * n + n - 2] as number;
}

/** The Householder vector that leaves of column `k` only the entry below the diagonal. @returns beta, 0 where nothing is to be done. */
function reflector(
  a: Float64Array,
  n: number,
  k: number,
  v: Float64Array,
  beside: Float64Array,
): number {
  let scale = 0;
  for (let i = k + 1; i < n; i++) scale = Math.max(scale, Math.abs(a[i * n + k] as number));
  const first = a[(k + 1) * n + k] as number;
  let rest = 0;
  if (scale > 0) for (let i = k + 2; i < n; i++) rest += ((a[i * n + k] as number) / scale) ** 2;
  if (rest === 0) {
    beside[k] = first;
    return 0;
  }
  const norm = Math.sqrt((first / scale) ** 2 + rest);
  const head = first / scale + (first < 0 ? -norm : norm);
  v[k + 1] = 1;
  for (let i = k + 2; i < n; i++) v[i] = (a[i * n + k] as number) / scale / head;
  beside[k] = (first < 0 ? norm : -norm) * scale;
  return (2 * head * head) / (head * head + rest);
}

function diagonalize(
  n: number,
  diagonal: Float64Array,
  beside: Float64Array,
  vectors: Float64Array,
): void {
  for (let first = 0; first < n; first++)
    for (let step = 0; step < MAX_STEPS; step++) {
      const last = endOfBlock(diagonal, beside, first, n);
      if (last === first) break;
      qlStep(n, diagonal, beside, vectors, first, last);
    }
}

/** The last row of the block that starts at `first`: beside it is nothing that counts. */
function endOfBlock(
  diagonal: Float64Array,
  beside: Float64Array,
  first: number,
  n: number,
): number {
  let last = first;
  while (last < n - 1) {
    const size = Math.abs(diagonal[last] as number) + Math.abs(diagonal[last + 1] as number);
    if (Math.abs(beside[last] as number) <= Number.EPSILON * size) break;
    last++;
  }
  return last;
}

/** One QL step with Wilkinson's shift on rows `first` to `last`, by rotations from the bottom to the top. */
function qlStep(
  n: number,
  diagonal: Float64Array,
  beside: Float64Array,
  vectors: Float64Array,
  first: number,
  last: number,
): void {
  const d0 = diagonal[first] as number;
  const e0 = beside[first] as number;
  const ratio = ((diagonal[first + 1] as number) - d0) / (2 * e0);
  const root = Math.hypot(ratio, 1);
  const shift = d0 - e0 / (ratio + (ratio < 0 ? -root : root));
  let g = (diagonal[last] as number) - shift;
  let sine = 1;
  let cosine = 1;
  let moved = 0;
  for (let i = last - 1; i >= first; i--) {
    const e = beside[i] as number;
    const f = sine * e;
    const b = cosine * e;
    const length = Math.hypot(f, g);
    if (i < last - 1) beside[i + 1] = length;
    if (length === 0) {
      // The block has come apart here.
      diagonal[i + 1] = (diagonal[i + 1] as number) - moved;
      beside[last] = 0;
      return;
    }
    sine = f / length;
    cosine = g / length;
    const below = (diagonal[i + 1] as number) - moved;
    const r = ((diagonal[i] as number) - below) * sine + 2 * cosine * b;
    moved = sine * r;
    diagonal[i + 1] = below + moved;
    g = cosine * r - b;
    for (let j = 0; j < n; j++) {
      const upper = vectors[i * n + j] as number;
      const lower = vectors[(i + 1) * n + j] as number;
      vectors[(i + 1) * n + j] = sine * upper + cosine * lower;
      vectors[i * n + j] = cosine * upper - sine * lower;
    }
  }
  diagonal[first] = (diagonal[first] as number) - moved;
  beside[first] = g;
  if (last < n - 1) beside[last] = 0;
}

function ascending(n: number, diagonal: Float64Array, vectors: Float64Array): SymmetricEigen {
  const order = [...diagonal.keys()].sort(
    (a, b) => (diagonal[a] as number) - (diagonal[b] as number) || a - b,
  );
  const sorted = new Float64Array(n * n);
  order.forEach((from, to) => sorted.set(vectors.subarray(from * n, (from + 1) * n), to * n));
  return { values: Float64Array.from(order, (k) => diagonal[k] as number), vectors: sorted };
}
