/** Kernels looked at together; one that turns out negligible is dropped, so that the factors after it have less to do. */
export const BATCH_SIZE = 1024;

export class KernelBatch {
  /** All rows of the estimator. */
  rows: Int32Array = new Int32Array(0);
  /** Positions in `rows` of the kernels that are left; the first `length` count. */
  readonly positions = new Int32Array(BATCH_SIZE);
  /** Log densities of these kernels as far as known. */
  readonly terms = new Float64Array(BATCH_SIZE);
  length = 0;

  /** Fills the batch with the rows from position `start` on. @param logNorms By row, what terms begin with. */
  load(start: number, rows: Int32Array, logNorms: Float64Array): this {
    const { positions, terms } = this;
    const length = Math.min(BATCH_SIZE, rows.length - start);
    for (let j = 0; j < length; j++) {
      positions[j] = start + j;
      terms[j] = logNorms[rows[start + j] as number] as number;
    }
    this.rows = rows;
    this.length = length;
    return this;
  }
}

/** One parameter's part of the densities of all kernels at one point. */
export interface Factor {
  /** The prior's part, -Infinity out of range. */
  readonly priorLogDensity: number;
  /** Cheap ones go first. */
  readonly cost: number;
  /** Adds its part to the terms of the batch, and drops kernels whose term is not above the cutoff then. No part is above 0. */
  apply(batch: KernelBatch, cutoff: number): void;
}
