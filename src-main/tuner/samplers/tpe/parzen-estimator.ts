/**
 * A density over several parameters: a mixture of products, one product of kernels per observed trial and one for the prior.
 *
 * Trials are added and removed by row (their number), and only the kernels whose width changes by that are computed anew. The
 * density is a function of the trials contained alone, whatever came and went before, to the last bit.
 */
import type { Distribution, SearchSpace } from '../../distributions.ts';
import { InvalidArgumentError } from '../../errors.ts';
import type { Rng } from '../../math/rng.ts';
import { weightedIndex } from '../../math/rng.ts';
import { SortedIndices } from '../../math/sorted-indices.ts';
import { CategoricalKernels, type CategoricalDistance } from './categorical-kernels.ts';
import { NumericKernels, type Cell } from './numeric-kernels.ts';

export interface KernelOptions {
  readonly priorWeight: number;
  readonly considerMagicClip: boolean;
  readonly considerEndpoints: boolean;
  /** Weights of n observations in the order of trial numbers. */
  readonly weights: (n: number) => ArrayLike<number>;
  readonly categoricalDistances: Readonly<Record<string, CategoricalDistance>>;
}

/** What is this much (in logarithms) below the rest of the mixture is left out: less than 1e-12 for a million kernels. */
const NEGLIGIBLE = 42;

export class ParzenEstimator {
  readonly #kernels: readonly (NumericKernels | CategoricalKernels)[];
  readonly #numeric: readonly NumericKernels[];
  readonly #continuous: readonly NumericKernels[];
  readonly #discrete: readonly NumericKernels[];
  readonly #categorical: readonly CategoricalKernels[];
  readonly #options: KernelOptions;
  readonly #rows = new SortedIndices(() => 0);
  readonly #stale = new Set<number>();
  #added: number[] = [];
  #capacity = 0;
  #logNorms = new Float64Array(0);
  /** Of the rows in order, then of the prior; they sum to 1. */
  #weights: Float64Array | null = null;

  constructor(searchSpace: SearchSpace, options: KernelOptions) {
    this.#options = options;
    this.#kernels = Object.entries(searchSpace).map(([name, distribution]) =>
      createKernels(name, distribution, options),
    );
    this.#numeric = this.#kernels.filter((kernels) => kernels instanceof NumericKernels);
    this.#continuous = this.#numeric.filter((kernels) => !kernels.isDiscrete);
    this.#discrete = this.#numeric.filter((kernels) => kernels.isDiscrete);
    this.#categorical = this.#kernels.filter((kernels) => kernels instanceof CategoricalKernels);
  }

  /** Observations contained, without the prior. */
  get nObservations(): number {
    return this.#rows.length + this.#added.length;
  }

  /** Adds a trial that is not contained. @param values Internal values in the order of the search space. */
  add(row: number, values: ArrayLike<number>): void {
    this.#reserve(row + 1);
    this.#kernels.forEach((kernels, i) => {
      const value = values[i] as number;
      if (kernels instanceof NumericKernels) kernels.mus[row] = kernels.coordinate(value);
      else kernels.observed[row] = value;
    });
    this.#added.push(row);
  }

  /** Removes a trial that is contained. */
  remove(row: number): void {
    this.#refresh();
    this.#rows.remove(row);
    this.#stale.delete(row);
    for (const kernels of this.#numeric) kernels.remove(row, this.#markStale);
    this.#weights = null;
  }

  has(row: number): boolean {
    return this.#rows.has(row) || this.#added.includes(row);
  }

  /** Whether a contained trial has these values. */
  hasValues(row: number, values: ArrayLike<number>): boolean {
    return this.#kernels.every((kernels, i) =>
      kernels instanceof NumericKernels
        ? kernels.mus[row] === kernels.coordinate(values[i] as number)
        : kernels.observed[row] === values[i],
    );
  }

  clear(): void {
    this.#added = [];
    this.#rows.clear();
    this.#stale.clear();
    this.#weights = null;
    for (const kernels of this.#numeric) kernels.clear();
  }

  /**
   * Log densities at points.
   *
   * @param points Per parameter, in the order of the search space, the internal values of all points.
   * @returns One per point; -Infinity outside the range of a continuous parameter.
   */
  logDensities(points: readonly Float64Array[]): Float64Array {
    this.#refresh();
    const nPoints = points[0]?.length ?? 0;
    const result = new Float64Array(nPoints);
    const cellsOf = this.#kernels.map(() => new Map<number, Cell | null>());
    for (let i = 0; i < nPoints; i++) {
      const cells = new Map<NumericKernels, Cell>();
      const tables: Float64Array[] = [];
      let prior = 0;
      let isOutside = false;
      this.#kernels.forEach((kernels, k) => {
        const x = points[k]?.[i] as number;
        if (kernels instanceof CategoricalKernels) {
          tables.push(kernels.logProbabilities(x));
          prior += kernels.priorLogDensity();
          return;
        }
        const known = cellsOf[k] as Map<number, Cell | null>;
        if (!known.has(x)) known.set(x, kernels.cell(x));
        const cell = known.get(x) as Cell | null;
        if (cell === null) isOutside = true;
        else {
          cells.set(kernels, cell);
          prior += kernels.priorLogDensity(cell);
        }
      });
      result[i] = isOutside ? -Infinity : this.#logDensity(cells, tables, prior);
    }
    return result;
  }

  #logDensity(
    cells: ReadonlyMap<NumericKernels, Cell>,
    tables: readonly Float64Array[],
    priorLogDensity: number,
  ): number {
    const rows = this.#rows.view();
    const weights = this.#weights as Float64Array;
    const logNorms = this.#logNorms;
    const continuous = this.#continuous.map(({ mus, inverses }) => ({ mus, inverses }));
    const xs = Float64Array.from(this.#continuous, (kernels) => cells.get(kernels)?.middle ?? NaN);
    const discrete = this.#discrete.map((kernels) => ({
      kernels,
      mus: kernels.mus,
      inverses: kernels.inverses,
      cell: cells.get(kernels) as Cell,
    }));
    const categorical = this.#categorical.map(({ observed }, k) => ({
      observed,
      table: tables[k] as Float64Array,
    }));

    // The sum of weight * exp(t - reference), where the reference is the largest term so far.
    const priorWeight = weights[rows.length] as number;
    let reference = priorWeight > 0 ? Math.log(priorWeight) + priorLogDensity : -Infinity;
    let sum = priorWeight > 0 ? 1 : 0;
    let cutoff = reference - NEGLIGIBLE;
    next: for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      let t = logNorms[row] as number;
      for (let k = 0; k < continuous.length; k++) {
        const { mus, inverses } = continuous[k] as (typeof continuous)[number];
        const z = ((xs[k] as number) - (mus[row] as number)) * (inverses[row] as number);
        t -= z * z;
        if (!(t > cutoff)) continue next;
      }
      for (let k = 0; k < categorical.length; k++) {
        const { observed, table } = categorical[k] as (typeof categorical)[number];
        t += table[observed[row] as number] as number;
        if (!(t > cutoff)) continue next;
      }
      // First an upper bound of each cell's mass, then the mass itself.
      let bound = t;
      for (let k = 0; k < discrete.length; k++) {
        const { mus, inverses, cell } = discrete[k] as (typeof discrete)[number];
        const mu = mus[row] as number;
        const distance = mu < cell.low ? cell.low - mu : mu > cell.high ? mu - cell.high : 0;
        const z = distance * (inverses[row] as number);
        bound -= z * z;
        if (!(bound > cutoff)) continue next;
      }
      for (let k = 0; k < discrete.length; k++) {
        const { kernels, cell } = discrete[k] as (typeof discrete)[number];
        t += kernels.logMass(cell, row);
      }
      if (!(t > cutoff)) continue;
      const weight = weights[i] as number;
      if (t <= reference) sum += weight * Math.exp(t - reference);
      else {
        sum = sum * Math.exp(reference - t) + weight;
        reference = t;
        cutoff = reference - NEGLIGIBLE;
      }
    }
    return sum > 0 ? reference + Math.log(sum) : -Infinity;
  }

  /** @returns Per parameter, in the order of the search space, the internal values of `n` points drawn from the density. */
  sample(n: number, rng: Rng): Float64Array[] {
    this.#refresh();
    const rows = this.#rows.view();
    const points = this.#kernels.map(() => new Float64Array(n));
    for (let i = 0; i < n; i++) {
      const row = rows[weightedIndex(this.#weights as Float64Array, rng)] ?? null;
      this.#kernels.forEach((kernels, k) => {
        (points[k] as Float64Array)[i] = kernels.sample(row, rng);
      });
    }
    return points;
  }

  /** The mixture as numbers, the prior last: for inspection and tests. */
  describe(): { weights: number[]; mus: (number[] | null)[]; sigmas: (number[] | null)[] } {
    this.#refresh();
    const rows = [...this.#rows.view()];
    const read = (select: (kernels: NumericKernels) => number[]) =>
      this.#kernels.map((kernels) => (kernels instanceof NumericKernels ? select(kernels) : null));
    return {
      weights: [...(this.#weights as Float64Array)],
      mus: read(({ mus, priorMu }) => [...rows.map((row) => mus[row] as number), priorMu]),
      sigmas: read(({ sigmas, priorSigma }) => [
        ...rows.map((row) => sigmas[row] as number),
        priorSigma,
      ]),
    };
  }

  #refresh(): void {
    if (this.#added.length === 0 && this.#stale.size === 0 && this.#weights !== null) return;
    this.#rows.insertAll(this.#added);
    for (const kernels of this.#numeric) kernels.insertAll(this.#added, this.#markStale);
    if (this.#added.length > 0) this.#weights = null;
    for (const row of this.#added) this.#stale.add(row);
    this.#added = [];

    const nKernels = this.#rows.length + 1;
    for (const kernels of this.#categorical) kernels.setCount(nKernels);
    const isAllStale = this.#numeric.map((kernels) => kernels.setCount(nKernels)).some(Boolean);
    const stale = isAllStale || this.#stale.size * 4 > nKernels ? this.#rows.view() : this.#stale;
    for (const kernels of this.#numeric)
      if (stale === this.#stale) kernels.update(stale);
      else kernels.updateAll();
    for (const row of stale) {
      let sum = 0;
      for (const { logNorms } of this.#numeric) sum += logNorms[row] as number;
      this.#logNorms[row] = sum;
    }
    this.#stale.clear();
    this.#weights ??= mixtureWeights(this.#rows.length, this.#options);
  }

  readonly #markStale = (row: number): void => {
    this.#stale.add(row);
  };

  #reserve(capacity: number): void {
    if (capacity <= this.#capacity) return;
    this.#capacity = Math.max(capacity, 2 * this.#capacity, 64);
    const logNorms = new Float64Array(this.#capacity);
    logNorms.set(this.#logNorms);
    this.#logNorms = logNorms;
    for (const kernels of this.#kernels) kernels.reserve(this.#capacity);
  }
}

function createKernels(
  name: string,
  distribution: Distribution,
  options: KernelOptions,
): NumericKernels | CategoricalKernels {
  return distribution.type === 'categorical'
    ? new CategoricalKernels(
        distribution,
        options.priorWeight,
        options.categoricalDistances[name] ?? null,
      )
    : new NumericKernels(distribution, options);
}

/** Weights of n observations and the prior, summing to 1. @throws InvalidArgumentError when the weights function gives nonsense. */
function mixtureWeights(
  n: number,
  { weights: weightsOf, priorWeight }: KernelOptions,
): Float64Array {
  const weights = new Float64Array(n + 1);
  if (n === 0) return weights.fill(1);
  const given = weightsOf(n);
  let sum = priorWeight;
  for (let i = 0; i < n; i++) {
    const weight = given[i] ?? NaN;
    if (!(weight >= 0 && weight < Infinity))
      throw new InvalidArgumentError(
        `\`weights(${n})\` must give ${n} finite numbers of at least 0, but one is ${weight}.`,
      );
    weights[i] = weight;
    sum += weight;
  }
  if (sum <= priorWeight)
    throw new InvalidArgumentError(`\`weights(${n})\` must not give only zeros.`);
  weights[n] = priorWeight;
  for (let i = 0; i <= n; i++) weights[i] = (weights[i] as number) / sum;
  return weights;
}
