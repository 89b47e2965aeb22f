/**
 * Parzen kernels of one numeric parameter: normal distributions truncated to the parameter's range, one per observation, and a wide one, the
 * prior. With a grid of values, a kernel gives each value the mass of its cell.
 *
 * Notation: x is an internal value, u(x) its coordinate (the logarithm where the parameter is logarithmic); mu and sigma belong to
 * a kernel and are in coordinates. [low, high] is the range in coordinates, half a step wider on a grid.
 * A kernel's width follows from its neighbours: the larger of the distances to them (Bergstra et al., "Algorithms for
 * hyper-parameter optimization", 2011; `_calculate_numerical_distributions` of Optuna 5.0).
 */
import type { FloatDistribution, IntDistribution } from '../../distributions.ts';
import { LOG_SQRT_2PI, logNormalMass, truncatedNormalQuantile } from '../../math/normal.ts';
import type { Rng } from '../../math/rng.ts';
import { SortedIndices, compareNumbers } from '../../math/sorted-indices.ts';
import { nearestInternal, numericInterval } from '../../search-space/transform.ts';
import type { Factor, KernelBatch, KernelSpan } from './kernel-batch.ts';
import type { KernelOptions } from './parzen-estimator.ts';

/** The cell of a grid value whose density is asked for, in coordinates. */
interface Cell {
  readonly low: number;
  readonly high: number;
  readonly middle: number;
  readonly width: number;
  /** Log mass of the cell by group of equal kernels, before truncation; NaN: not computed yet. */
  readonly masses: Float64Array;
}

const EPSILON = 1e-12;
/** Kernels are grouped as long as there are no more different ones. */
const MAX_GROUPS = 4096;
/** Below this width (in sigmas) the mass of a cell is density times width, with a correction of second order. */
const NARROW = 1e-4;

export class NumericKernels {
  readonly isDiscrete: boolean;
  readonly low: number;
  readonly high: number;
  readonly priorMu: number;
  readonly priorSigma: number;
  /** By row; only meaningful for contained rows. */
  mus = new Float64Array(0);
  sigmas = new Float64Array(0);
  /** 1 / (sigma sqrt(2)). */
  inverses = new Float64Array(0);
  /** What a kernel's log density has beside the exponent (or the cell's mass). */
  logNorms = new Float64Array(0);
  /** Number of the group of kernels with the same mu and sigma; -1: in none. */
  groups = new Int32Array(0);
  readonly #distribution: FloatDistribution | IntDistribution;
  readonly #options: KernelOptions;
  /** Coordinates are logarithms, unless the whole range has one logarithm. */
  readonly #log: boolean;
  /** Coordinates are scaled where the range would be infinite, or a hundredth of it nothing. */
  readonly #scale: number;
  readonly #order = new SortedIndices((a, b) =>
    compareNumbers(this.mus[a] as number, this.mus[b] as number),
  );
  readonly #priorLogNorm: number;
  #minSigma = NaN;
  readonly #groupOf = new Map<number, Map<number, number>>();
  #nGroups = 0;
  #masses = new Float64Array(0);

  constructor(distribution: FloatDistribution | IntDistribution, options: KernelOptions) {
    this.#distribution = distribution;
    this.#options = options;
    this.isDiscrete = distribution.step !== null;
    let { low, high } = numericInterval(distribution);
    this.#log = distribution.log && low < high;
    if (low === high) ({ low, high } = distribution);
    this.#scale = high - low === Infinity ? 0.25 : high - low < 1e-290 ? 2 ** 900 : 1;
    this.low = low * this.#scale;
    this.high = high * this.#scale;
    this.priorMu = 0.5 * (this.low + this.high);
    this.priorSigma = this.high - this.low;
    this.#priorLogNorm = this.#logNorm(this.priorMu, this.priorSigma);
  }

  reserve(capacity: number): void {
    const grow = <T extends Float64Array | Int32Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.mus = grow(this.mus, new Float64Array(capacity));
    this.sigmas = grow(this.sigmas, new Float64Array(capacity).fill(NaN));
    this.inverses = grow(this.inverses, new Float64Array(capacity));
    this.logNorms = grow(this.logNorms, new Float64Array(capacity));
    this.groups = grow(this.groups, new Int32Array(capacity));
  }

  /** The coordinate of an internal value. */
  coordinate(x: number): number {
    return (this.#log ? Math.log(x) : x) * this.#scale;
  }

  /** Adds rows whose `mus` were set. @param onStale Called for each row whose width may be another one now; null: all may. */
  insertAll(rows: readonly number[], onStale: ((row: number) => void) | null): void {
    this.#order.insertAll(rows);
    for (const row of rows) {
      this.sigmas[row] = NaN;
      if (onStale === null) continue;
      const position = this.#order.positionOf(row);
      for (let p = position - 1; p <= position + 1; p++)
        if (p >= 0 && p < this.#order.length) onStale(this.#order.at(p));
    }
  }

  remove(row: number, onStale: (row: number) => void): void {
    const position = this.#order.remove(row);
    for (let p = position - 1; p <= position; p++)
      if (p >= 0 && p < this.#order.length) onStale(this.#order.at(p));
  }

  clear(): void {
    this.#order.clear();
  }

  /** Takes over the number of kernels, on which the smallest width depends. @returns Whether all widths may be others now. */
  setCount(nKernels: number): boolean {
    const width = this.high - this.low;
    const minSigma = this.#options.considerMagicClip
      ? width / Math.min(100, 1 + nKernels)
      : EPSILON;
    const isChanged = minSigma !== this.#minSigma;
    this.#minSigma = minSigma;
    return isChanged;
  }

  /** Brings the widths of these rows up to date, or of all with null. */
  update(rows: Iterable<number> | null): void {
    if (rows !== null) {
      for (const row of rows) this.#updateAt(this.#order.positionOf(row));
      return;
    }
    this.#groupOf.clear();
    this.#nGroups = 0;
    this.sigmas.fill(NaN);
    for (let position = 0; position < this.#order.length; position++) this.#updateAt(position);
  }

  #updateAt(position: number): void {
    const order = this.#order;
    const n = order.length;
    const row = order.at(position);
    const mu = this.mus[row] as number;
    const below = mu - (position > 0 ? (this.mus[order.at(position - 1)] as number) : this.low);
    const above =
      (position < n - 1 ? (this.mus[order.at(position + 1)] as number) : this.high) - mu;
    let sigma = Math.max(below, above);
    if (!this.#options.considerEndpoints && n >= 2) {
      if (position === 0) sigma = above;
      else if (position === n - 1) sigma = below;
    }
    sigma = Math.min(Math.max(sigma, this.#minSigma), this.high - this.low);
    if (sigma === this.sigmas[row]) return;
    this.sigmas[row] = sigma;
    this.inverses[row] = Math.SQRT1_2 / sigma;
    this.logNorms[row] = this.#logNorm(mu, sigma);
    if (this.isDiscrete) this.groups[row] = this.#group(mu, sigma);
  }

  #logNorm(mu: number, sigma: number): number {
    const logMass = logNormalMass((this.low - mu) / sigma, (this.high - mu) / sigma);
    return this.isDiscrete ? -logMass : -logMass - LOG_SQRT_2PI - Math.log(sigma);
  }

  #group(mu: number, sigma: number): number {
    let bySigma = this.#groupOf.get(mu);
    let group = bySigma?.get(sigma);
    if (group !== undefined) return group;
    if (this.#nGroups === MAX_GROUPS) return -1;
    if (!bySigma) this.#groupOf.set(mu, (bySigma = new Map()));
    bySigma.set(sigma, (group = this.#nGroups++));
    return group;
  }

  /** The rows from the lowest mu on. */
  sortedRows(): Int32Array {
    return this.#order.view();
  }

  /**
   * Adds up the weights of equal kernels.
   *
   * @param rows In the order of mu.
   * @param weights By row.
   * @param merged Receives the sums, at the first row of each.
   * @returns These rows.
   */
  mergeEqual(rows: Int32Array, weights: Float64Array, merged: Float64Array): number[] {
    const { mus, sigmas } = this;
    const firsts: number[] = [];
    let first = -1;
    let firstMu = NaN;
    let firstSigma = NaN;
    let sum = 0;
    for (const row of rows) {
      const mu = mus[row] as number;
      const sigma = sigmas[row] as number;
      if (mu !== firstMu || sigma !== firstSigma) {
        if (first >= 0) merged[first] = sum;
        firsts.push(row);
        first = row;
        firstMu = mu;
        firstSigma = sigma;
        sum = 0;
      }
      sum += weights[row] as number;
    }
    if (first >= 0) merged[first] = sum;
    return firsts;
  }

  /** @param rows In the order of mu, at least one. */
  span(rows: Int32Array): KernelSpan {
    let lowestInverse = Infinity;
    for (const row of rows) lowestInverse = Math.min(lowestInverse, this.inverses[row] as number);
    return {
      lowestMu: this.mus[rows[0] as number] as number,
      highestMu: this.mus[rows[rows.length - 1] as number] as number,
      lowestInverse,
    };
  }

  /** The density at each of the internal values; valid until the next call. */
  factors(xs: Float64Array): Factor[] {
    const nGroups = this.#nGroups;
    if (this.#masses.length < xs.length * nGroups)
      this.#masses = new Float64Array(xs.length * Math.min(2 * nGroups, MAX_GROUPS));
    const known = new Map<number, Factor>();
    return Array.from(xs, (x) => {
      let factor = known.get(x);
      if (!factor) {
        const start = known.size * nGroups;
        factor = this.isDiscrete
          ? this.#cellFactor(x, this.#masses.subarray(start, start + nGroups).fill(NaN))
          : this.#pointFactor(this.coordinate(x));
        known.set(x, factor);
      }
      return factor;
    });
  }

  /** Of the prior at a coordinate of a continuous parameter; -Infinity out of range. */
  priorLogDensity(u: number): number {
    const z = (u - this.priorMu) / this.priorSigma;
    return u >= this.low && u <= this.high ? this.#priorLogNorm - 0.5 * z * z : -Infinity;
  }

  #pointFactor(u: number): Factor {
    return {
      priorLogDensity: this.priorLogDensity(u),
      cost: 0,
      apply: (batch, cutoff) => applyPoint(u, this.mus, this.inverses, batch, cutoff),
      highestPart: (span) => highestPart(span, u, u),
    };
  }

  #cellFactor(x: number, masses: Float64Array): Factor {
    const { step } = this.#distribution;
    const half = (step ?? 0) / 2;
    const cell: Cell = {
      low: this.coordinate(x - half),
      high: this.coordinate(x + half),
      middle: this.coordinate(x),
      width: this.#log ? Math.log1p((2 * half) / (x - half)) : 2 * half * this.#scale,
      masses,
    };
    return {
      priorLogDensity: this.#priorLogNorm + cellMass(cell, this.priorMu, this.priorSigma),
      cost: 2,
      apply: (batch, cutoff) => applyCell(cell, this, batch, cutoff),
      highestPart: (span) => highestPart(span, cell.low, cell.high),
    };
  }

  /** An internal value drawn from a row's kernel, or from the prior with null. */
  sample(row: number | null, rng: Rng): number {
    const mu = row === null ? this.priorMu : (this.mus[row] as number);
    const sigma = row === null ? this.priorSigma : (this.sigmas[row] as number);
    const z = truncatedNormalQuantile(
      rng.uniform(),
      (this.low - mu) / sigma,
      (this.high - mu) / sigma,
    );
    const u = (mu + sigma * z) / this.#scale;
    return nearestInternal(this.#distribution, this.#log ? Math.exp(u) : u);
  }
}

function highestPart(
  { lowestMu, highestMu, lowestInverse }: KernelSpan,
  low: number,
  high: number,
): number {
  const z = Math.max(lowestMu - high, low - highestMu, 0) * lowestInverse;
  return -z * z;
}

function applyPoint(
  u: number,
  mus: Float64Array,
  inverses: Float64Array,
  batch: KernelBatch,
  cutoff: number,
): void {
  const { rows, terms, length, leftRows, leftTerms } = batch;
  let nLeft = 0;
  for (let j = 0; j < length; j++) {
    const row = rows[j] as number;
    const z = (u - (mus[row] as number)) * (inverses[row] as number);
    const t = (terms[j] as number) - z * z;
    leftRows[nLeft] = row;
    leftTerms[nLeft] = t;
    if (t > cutoff) nLeft++;
  }
  batch.narrow(nLeft);
}

function applyCell(
  cell: Cell,
  { mus, sigmas, inverses, groups }: NumericKernels,
  batch: KernelBatch,
  cutoff: number,
): void {
  const { low, high, masses } = cell;
  const { rows, terms, length, leftRows, leftTerms } = batch;
  let nLeft = 0;
  for (let j = 0; j < length; j++) {
    const row = rows[j] as number;
    const group = groups[row] as number;
    let mass = group >= 0 ? (masses[group] as number) : NaN;
    if (Number.isNaN(mass)) {
      // Far cells have at most the density at their edge, which is known at once.
      const mu = mus[row] as number;
      const z = Math.max(low - mu, mu - high, 0) * (inverses[row] as number);
      if (!((terms[j] as number) - z * z > cutoff)) continue;
      mass = cellMass(cell, mu, sigmas[row] as number);
      if (group >= 0) masses[group] = mass;
    }
    const t = (terms[j] as number) + mass;
    leftRows[nLeft] = row;
    leftTerms[nLeft] = t;
    if (t > cutoff) nLeft++;
  }
  batch.narrow(nLeft);
}

/** Log mass of a cell under a kernel, before truncation. */
function cellMass({ low, high, middle, width }: Cell, mu: number, sigma: number): number {
  const narrow = width / sigma;
  if (narrow >= NARROW) return logNormalMass((low - mu) / sigma, (high - mu) / sigma);
  const z = (middle - mu) / sigma;
  return (
    Math.log(narrow) - LOG_SQRT_2PI - 0.5 * z * z + Math.log1p((narrow * narrow * (z * z - 1)) / 24)
  );
}
