/**
 * Parzen kernels of one categorical parameter: each observation has its choice as likely as the rest of the kernels' share allows,
 * and the prior has all choices alike. With a distance between choices, near ones are likelier than far ones.
 *
 * Notation: C choices, K kernels with the prior, weight w of the prior. Kernel o gives choice c the probability
 * ([c = o] + w / K) / (1 + C w / K) (`_calculate_categorical_distributions` of Optuna 5.0); with a distance d,
 * proportional to exp(-(d(o, c) / max_c d(o, c))^2 log(K / w) log(C) / log(6)) (Optuna 3.4 to 4.9).
 */
import type { CategoricalChoice, CategoricalDistribution } from '../../distributions.ts';
import type { Rng } from '../../math/rng.ts';
import { weightedIndex } from '../../math/rng.ts';
import type { Factor, KernelBatch } from './kernel-batch.ts';

export type CategoricalDistance = (a: CategoricalChoice, b: CategoricalChoice) => number;

export class CategoricalKernels {
  readonly isDiscrete = true;
  /** Observed choice by row; only meaningful for contained rows. */
  observed = new Int32Array(0);
  readonly #choices: readonly CategoricalChoice[];
  readonly #priorWeight: number;
  readonly #distance: CategoricalDistance | null;
  #nKernels = 1;
  /** With a distance: the probabilities of kernels, by observed choice. */
  readonly #rows = new Map<number, Float64Array>();

  constructor(
    { choices }: CategoricalDistribution,
    priorWeight: number,
    distance: CategoricalDistance | null,
  ) {
    this.#choices = choices;
    this.#priorWeight = priorWeight;
    this.#distance = distance;
  }

  reserve(capacity: number): void {
    const grown = new Int32Array(capacity);
    grown.set(this.observed);
    this.observed = grown;
  }

  /** @param nKernels With the prior. */
  setCount(nKernels: number): void {
    if (nKernels === this.#nKernels) return;
    this.#nKernels = nKernels;
    this.#rows.clear();
  }

  /** Adds up the weights of kernels that observed the same choice; see `NumericKernels.mergeEqual`. */
  mergeEqual(rows: Int32Array, weights: Float64Array, merged: Float64Array): number[] {
    const firsts = new Int32Array(this.#choices.length).fill(-1);
    const sums = new Float64Array(this.#choices.length);
    for (const row of rows) {
      const choice = this.observed[row] as number;
      if (firsts[choice] === -1) firsts[choice] = row;
      sums[choice] = (sums[choice] as number) + (weights[row] as number);
    }
    firsts.forEach((row, choice) => {
      if (row >= 0) merged[row] = sums[choice] as number;
    });
    return [...firsts.filter((row) => row >= 0)].sort((a, b) => a - b);
  }

  /** The density at each of the choices. */
  factors(choices: Float64Array): Factor[] {
    return Array.from(choices, (choice) => ({
      priorLogDensity: -Math.log(this.#choices.length),
      cost: 1,
      apply: applyTable.bind(null, this.observed, this.#logProbabilities(choice)),
    }));
  }

  /** Log probability of a choice by the kernel's observed choice. */
  #logProbabilities(choice: number): Float64Array {
    const result = new Float64Array(this.#choices.length);
    if (this.#distance !== null) {
      for (let observed = 0; observed < result.length; observed++)
        result[observed] = Math.log(this.#row(observed)[choice] as number);
      return result;
    }
    const share = this.#priorWeight / this.#nKernels;
    const total = 1 + share * result.length;
    result.fill(Math.log(share / total));
    result[choice] = Math.log((1 + share) / total);
    return result;
  }

  /** A choice drawn from a row's kernel, or from the prior with null. */
  sample(row: number | null, rng: Rng): number {
    const n = this.#choices.length;
    if (row === null) return rng.integer(n);
    const observed = this.observed[row] as number;
    if (this.#distance !== null) return weightedIndex(this.#row(observed), rng);
    const share = this.#priorWeight / this.#nKernels;
    return rng.uniform() * (1 + share * n) < 1 ? observed : rng.integer(n);
  }

  #row(observed: number): Float64Array {
    let row = this.#rows.get(observed);
    if (row) return row;
    const distance = this.#distance as CategoricalDistance;
    const from = this.#choices[observed] as CategoricalChoice;
    const distances = this.#choices.map((choice) => distance(from, choice));
    const farthest = Math.max(...distances) || 1;
    const sharpness =
      (Math.log(this.#nKernels / this.#priorWeight) * Math.log(distances.length)) / Math.log(6);
    row = Float64Array.from(distances, (d) => Math.exp(-((d / farthest) ** 2) * sharpness));
    const total = row.reduce((sum, value) => sum + value, 0);
    this.#rows.set(
      observed,
      row.map((value) => value / total),
    );
    return this.#rows.get(observed) as Float64Array;
  }
}

function applyTable(
  observed: Int32Array,
  table: Float64Array,
  batch: KernelBatch,
  cutoff: number,
): void {
  const { rows, terms, length, leftRows, leftTerms } = batch;
  let nLeft = 0;
  for (let j = 0; j < length; j++) {
    const row = rows[j] as number;
    const choice = observed[row] as number;
    const t = (terms[j] as number) + (table[choice] as number);
    leftRows[nLeft] = row;
    leftTerms[nLeft] = t;
    if (t > cutoff) nLeft++;
  }
  batch.narrow(nLeft);
}
