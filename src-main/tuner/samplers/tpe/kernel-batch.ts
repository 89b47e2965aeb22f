/** Kernels looked at together. Few, so that with neighbours in one batch, a point is far from most batches. */
export const BATCH_SIZE = 256;

/**
 * A batch is loaded once and then narrowed for point after point: each factor drops the kernels that turn out negligible, so that the
 * factors after it have less to do. What is loaded stays; what is left is written elsewhere.
 */
export class KernelBatch {
  /** Rows, and log densities as far as known, of the kernels there still are; the first `length` count. */
  rows: Int32Array;
  terms: Float64Array;
  length = 0;
  /** Where a factor writes what it leaves; may be the same as it reads. */
  readonly leftRows = new Int32Array(BATCH_SIZE);
  readonly leftTerms = new Float64Array(BATCH_SIZE);
  readonly #rows = new Int32Array(BATCH_SIZE);
  readonly #terms = new Float64Array(BATCH_SIZE);
  #length = 0;
  #highestTerm = -Infinity;

  constructor() {
    this.rows = this.#rows;
    this.terms = this.#terms;
  }

  /** The highest of the terms loaded. */
  get highestTerm(): number {
    return this.#highestTerm;
  }

  /** Takes the kernels of these rows. @param logNorms By row, what terms begin with. */
  load(rows: Int32Array, logNorms: Float64Array): void {
    this.#length = rows.length;
    this.#highestTerm = -Infinity;
    for (let j = 0; j < rows.length; j++) {
      const row = rows[j] as number;
      const term = logNorms[row] as number;
      this.#rows[j] = row;
      this.#terms[j] = term;
      if (term > this.#highestTerm) this.#highestTerm = term;
    }
  }

  /** Begins with all that was loaded. */
  reset(): void {
    this.rows = this.#rows;
    this.terms = this.#terms;
    this.length = this.#length;
  }

  /** Goes on with what was written. */
  narrow(length: number): void {
    this.rows = this.leftRows;
    this.terms = this.leftTerms;
    this.length = length;
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
  /** The highest part that a kernel of this span can have. Only for numeric parameters. */
  highestPart?(span: KernelSpan): number;
}

/** Where the kernels of a batch lie in a numeric parameter. */
export interface KernelSpan {
  readonly lowestMu: number;
  readonly highestMu: number;
  readonly lowestInverse: number;
}
