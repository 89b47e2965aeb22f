/**
 * The density of a mixture over one continuous parameter, made for many kernels: they are copied in the order of mu, so that a point's
 * neighbours lie side by side in memory, and parts of them that are too far from the point are passed over.
 *
 * Notation as in `numeric-kernels.ts`. Terms are relative to the highest that a kernel can have.
 */
import { expOfNegative } from '../../math/exp.ts';
import type { NumericKernels } from './numeric-kernels.ts';

/** What a mixture's density needs to know of its weights. */
export interface Weights {
  readonly byRow: Float64Array;
  readonly prior: number;
  /** Of all weights, the prior's too. */
  readonly total: number;
  readonly highest: number;
  /** With the prior. */
  readonly nKernels: number;
}

const PART_SIZE = 128;
/** What is left out is together less than this share of the density. */
const NEGLIGIBLE = 1e-10;

export class PointMixture {
  #n = 0;
  #mus = new Float64Array(0);
  #inverses = new Float64Array(0);
  #logNorms = new Float64Array(0);
  #weights = new Float64Array(0);
  /** By part, 1 / (sigma sqrt(2)) of its widest kernel. */
  #lowestInverses = new Float64Array(0);
  #highestLogNorm = -Infinity;
  #total: Weights | null = null;

  /** Takes the kernels as they are now; at least one. */
  load(kernels: NumericKernels, weights: Weights): void {
    const rows = kernels.sortedRows();
    this.#n = rows.length;
    this.#total = weights;
    if (this.#mus.length < rows.length) {
      const capacity = 2 * rows.length;
      this.#mus = new Float64Array(capacity);
      this.#inverses = new Float64Array(capacity);
      this.#logNorms = new Float64Array(capacity);
      this.#weights = new Float64Array(capacity);
      this.#lowestInverses = new Float64Array(Math.ceil(capacity / PART_SIZE));
    }
    this.#lowestInverses.fill(Infinity);
    this.#highestLogNorm = -Infinity;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      const inverse = kernels.inverses[row] as number;
      const logNorm = kernels.logNorms[row] as number;
      const part = (i / PART_SIZE) | 0;
      this.#mus[i] = kernels.mus[row] as number;
      this.#inverses[i] = inverse;
      this.#logNorms[i] = logNorm;
      this.#weights[i] = weights.byRow[row] as number;
      if (inverse < (this.#lowestInverses[part] as number)) this.#lowestInverses[part] = inverse;
      if (logNorm > this.#highestLogNorm) this.#highestLogNorm = logNorm;
    }
  }

  /** @param u Within the range. @param priorLogDensity Of the prior there. */
  logDensity(u: number, priorLogDensity: number): number {
    const { prior, highest, nKernels, total } = this.#total as Weights;
    const reference = Math.max(this.#highestLogNorm, priorLogDensity);
    const nParts = Math.ceil(this.#n / PART_SIZE);
    let sum = prior * Math.exp(priorLogDensity - reference);
    // The nearest part first, as the larger the sum, the more of the others is negligible.
    const nearest = this.#partOf(u);
    sum += this.#sumOfPart(nearest, u, reference, -Infinity);
    const cutoff = Math.log((NEGLIGIBLE * sum) / (nKernels * highest));
    for (let part = 0; part < nParts; part++) {
      if (part === nearest) continue;
      const start = part * PART_SIZE;
      const last = Math.min(start + PART_SIZE, this.#n) - 1;
      const away = Math.max((this.#mus[start] as number) - u, u - (this.#mus[last] as number), 0);
      const z = away * (this.#lowestInverses[part] as number);
      if (-z * z > cutoff) sum += this.#sumOfPart(part, u, reference, cutoff);
    }
    return reference + Math.log(sum / total);
  }

  /** The part with the first kernel that is not below u, else the last. */
  #partOf(u: number): number {
    let low = 0;
    let high = this.#n - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#mus[middle] as number) < u) low = middle + 1;
      else high = middle;
    }
    return (low / PART_SIZE) | 0;
  }

  #sumOfPart(part: number, u: number, reference: number, cutoff: number): number {
    const start = part * PART_SIZE;
    const end = Math.min(start + PART_SIZE, this.#n);
    const least = Math.max(cutoff, -64);
    let sum = 0;
    for (let i = start; i < end; i++) {
      const z = (u - (this.#mus[i] as number)) * (this.#inverses[i] as number);
      const t = (this.#logNorms[i] as number) - reference - z * z;
      if (t > least) sum += (this.#weights[i] as number) * expOfNegative(t);
    }
    return sum;
  }
}
