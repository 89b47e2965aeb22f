/**
 * A density over several parameters: a mixture of products, one product of kernels per observed trial and one for the prior.
 *
 * Trials are added and removed by row (their number), and only the kernels whose width changes by that are computed anew. The
 * density is a function of the trials contained alone, whatever came and went before, to the last bit.
 */
import type { Distribution, SearchSpace } from '../../distributions.ts';
import { InvalidArgumentError } from '../../errors.ts';
import { expOfNegative } from '../../math/exp.ts';
import type { Rng } from '../../math/rng.ts';
import { SortedIndices } from '../../math/sorted-indices.ts';
import { CategoricalKernels, type CategoricalDistance } from './categorical-kernels.ts';
import { BATCH_SIZE, KernelBatch, type Factor, type KernelSpan } from './kernel-batch.ts';
import { NumericKernels } from './numeric-kernels.ts';
import { PointMixture, type Weights } from './point-mixture.ts';

export interface KernelOptions {
  readonly priorWeight: number;
  readonly considerMagicClip: boolean;
  readonly considerEndpoints: boolean;
  /** Weights of n observations in the order of trial numbers; may be written to `into`, which has room for them, and that returned. */
  readonly weights: (n: number, into: Float64Array) => ArrayLike<number>;
  readonly categoricalDistances: Readonly<Record<string, CategoricalDistance>>;
}

/** From so many kernels on, one continuous parameter has a way of its own. */
const MANY_KERNELS = 256;

export class ParzenEstimator {
  readonly #kernels: readonly (NumericKernels | CategoricalKernels)[];
  readonly #numeric: readonly NumericKernels[];
  readonly #categorical: readonly CategoricalKernels[];
  readonly #rows = new SortedIndices(() => 0);
  readonly #batch = new KernelBatch();
  readonly #stale = new Set<number>();
  #added: number[] = [];
  #capacity = 0;
  #logNorms = new Float64Array(0);
  readonly #weights: MixtureWeights;
  #mergedWeights = new Float64Array(0);
  readonly #points = new PointMixture();
  #areWeightsStale = true;

  constructor(searchSpace: SearchSpace, options: KernelOptions) {
    this.#kernels = Object.entries(searchSpace).map(([name, distribution]) =>
      createKernels(name, distribution, options),
    );
    this.#weights = new MixtureWeights(options);
    this.#numeric = this.#kernels.filter((kernels) => kernels instanceof NumericKernels);
    this.#categorical = this.#kernels.filter((kernels) => kernels instanceof CategoricalKernels);
  }

  /** Observations contained, without the prior. */
  get nObservations(): number {
    return this.#rows.length + this.#added.length;
  }

  /** Adds a trial that is not contained. @param values Internal values in the order of the search space. */
  add(row: number, values: ArrayLike<number>): void {
    this.reserve(row + 1);
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
    this.#areWeightsStale = true;
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
    this.#areWeightsStale = true;
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
    const [only, ...others] = this.#kernels;
    const isPoints = others.length === 0 && only instanceof NumericKernels && !only.isDiscrete;
    if (isPoints && this.#rows.length >= MANY_KERNELS)
      return this.#logDensitiesOfOne(only, points[0] as Float64Array);
    const factors = this.#kernels.map((kernels, k) => kernels.factors(points[k] as Float64Array));
    const leadingFactors = factors[this.#kernels.indexOf(this.#numeric[0] as NumericKernels)];
    const { rows, weights } = this.#mixture();
    const sums = Array.from({ length: points[0]?.length ?? 0 }, (_, i) => {
      const ofPoint = factors.map((ofKernels) => ofKernels[i] as Factor);
      return new MixtureSum(ofPoint.sort(byCost), leadingFactors?.[i] ?? null, weights);
    });
    // Kernels are the outer loop, as there are many, and each is needed for every point. Neighbours in one parameter are in one batch.
    const [leading] = this.#numeric;
    for (let start = 0; start < rows.length; start += BATCH_SIZE) {
      const ofBatch = rows.subarray(start, start + BATCH_SIZE);
      this.#batch.load(ofBatch, this.#logNorms);
      const span = leading?.span(ofBatch) ?? null;
      for (const sum of sums) sum.add(this.#batch, span);
    }
    return Float64Array.from(sums, (sum) => sum.logDensity());
  }

  /** @returns Per parameter, in the order of the search space, the internal values of `n` points drawn from the density. */
  sample(n: number, rng: Rng): Float64Array[] {
    this.#refresh();
    const rows = this.#rows.view();
    const points = this.#kernels.map(() => new Float64Array(n));
    for (let i = 0; i < n; i++) {
      const row = rows[this.#weights.draw(rng)] ?? null;
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
      weights: this.#weights.normalized(),
      mus: read(({ mus, priorMu }) => [...rows.map((row) => mus[row] as number), priorMu]),
      sigmas: read(({ sigmas, priorSigma }) => [
        ...rows.map((row) => sigmas[row] as number),
        priorSigma,
      ]),
    };
  }

  /** As `logDensities`, of one continuous parameter. */
  #logDensitiesOfOne(kernels: NumericKernels, xs: Float64Array): Float64Array {
    this.#points.load(kernels, this.#weights);
    return xs.map((x) => {
      const u = kernels.coordinate(x);
      const prior = kernels.priorLogDensity(u);
      return prior === -Infinity ? prior : this.#points.logDensity(u, prior);
    });
  }

  /** The kernels, by mu where the first numeric parameter has one; of one parameter with few values equal ones are taken together. */
  #mixture(): { rows: Int32Array; weights: Weights } {
    const rows = this.#numeric[0]?.sortedRows() ?? this.#rows.view();
    const [kernels, ...others] = this.#kernels;
    if (others.length > 0 || !kernels?.isDiscrete || rows.length === 0)
      return { rows, weights: this.#weights };
    if (this.#mergedWeights.length < this.#capacity)
      this.#mergedWeights = new Float64Array(this.#capacity);
    const firsts = kernels.mergeEqual(rows, this.#weights.byRow, this.#mergedWeights);
    const { prior, total } = this.#weights;
    const highest = firsts.reduce(
      (most, row) => Math.max(most, this.#mergedWeights[row] as number),
      prior,
    );
    const nKernels = firsts.length + 1;
    return {
      rows: Int32Array.from(firsts),
      weights: { byRow: this.#mergedWeights, prior, total, highest, nKernels },
    };
  }

  #refresh(): void {
    if (this.#added.length === 0 && this.#stale.size === 0 && !this.#areWeightsStale) return;
    const added = this.#added;
    const nKernels = this.#rows.length + added.length + 1;
    const isMostlyNew = added.length * 4 > nKernels;
    const markStale = isMostlyNew ? null : this.#markStale;
    this.#rows.insertAll(added);
    for (const kernels of this.#numeric) kernels.insertAll(added, markStale);
    for (const row of added) this.#stale.add(row);
    if (added.length > 0) this.#areWeightsStale = true;
    this.#added = [];

    for (const kernels of this.#categorical) kernels.setCount(nKernels);
    const isAllStale = this.#numeric.map((kernels) => kernels.setCount(nKernels)).some(Boolean);
    const stale = isAllStale || isMostlyNew ? null : this.#stale;
    for (const kernels of this.#numeric) kernels.update(stale);
    for (const row of stale ?? this.#rows.view()) {
      let sum = 0;
      for (const { logNorms } of this.#numeric) sum += logNorms[row] as number;
      this.#logNorms[row] = sum;
    }
    this.#stale.clear();
    if (this.#areWeightsStale) this.#weights.set(this.#rows.view(), this.#capacity);
    this.#areWeightsStale = false;
  }

  readonly #markStale = (row: number): void => {
    this.#stale.add(row);
  };

  /** Makes room for rows below `capacity`; called for many additions to come, it saves growing step by step. */
  reserve(capacity: number): void {
    if (capacity <= this.#capacity) return;
    this.#capacity = Math.max(capacity, 2 * this.#capacity, 64);
    const logNorms = new Float64Array(this.#capacity);
    logNorms.set(this.#logNorms);
    this.#logNorms = logNorms;
    for (const kernels of this.#kernels) kernels.reserve(this.#capacity);
  }
}

/** The mixture's density at one point, added up from the largest term on so that nothing overflows. */
class MixtureSum {
  readonly #factors: readonly Factor[];
  /** The factor of the parameter by which kernels are in order. */
  readonly #leading: Factor | null;
  readonly #weights: Weights;
  /** The sum of weight * exp(t - reference), where the reference is the largest term so far. */
  #sum: number;
  #reference: number;
  readonly #isOutside: boolean;

  constructor(factors: readonly Factor[], leading: Factor | null, weights: Weights) {
    this.#factors = factors;
    this.#leading = leading;
    this.#weights = weights;
    const prior = factors.reduce((sum, factor) => sum + factor.priorLogDensity, 0);
    this.#isOutside = prior === -Infinity;
    this.#reference = Math.log(weights.prior) + prior;
    this.#sum = this.#reference === -Infinity ? 0 : 1;
  }

  /**
   * Adds a batch of kernels. One is left out as soon as the parameters looked at so far make it negligible: all that is left out is
   * together less than 1e-10 of the density.
   *
   * @param span Where its kernels lie in the leading parameter.
   */
  add(batch: KernelBatch, span: KernelSpan | null): void {
    if (this.#isOutside) return;
    const { byRow: weights, nKernels, highest } = this.#weights;
    let sum = this.#sum;
    let reference = this.#reference;
    const cutoff = reference + Math.log(sum / (1e10 * nKernels * highest));
    if (span && !(batch.highestTerm + (this.#leading?.highestPart?.(span) ?? 0) > cutoff)) return;
    batch.reset();
    for (const factor of this.#factors) factor.apply(batch, cutoff);
    const { rows, terms, length } = batch;
    for (let j = 0; j < length; j++) {
      const weight = weights[rows[j] as number] as number;
      const difference = (terms[j] as number) - reference;
      if (difference > 0) {
        sum = sum * Math.exp(-difference) + weight;
        reference += difference;
      } else if (difference > -64) sum += weight * expOfNegative(difference);
    }
    this.#sum = sum;
    this.#reference = reference;
  }

  logDensity(): number {
    return this.#sum > 0 ? this.#reference + Math.log(this.#sum / this.#weights.total) : -Infinity;
  }
}

function byCost(a: Factor, b: Factor): number {
  return a.cost - b.cost;
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

/** Weights of the observations, in order, and of the prior. */
class MixtureWeights implements Weights {
  byRow = new Float64Array(0);
  prior = 1;
  total = 1;
  highest = 1;
  nKernels = 1;
  readonly #options: KernelOptions;
  /** In the order of rows. */
  #weights: ArrayLike<number> = [];
  #buffer = new Float64Array(0);

  constructor(options: KernelOptions) {
    this.#options = options;
  }

  /** @param rows Of the observations, in order. @param capacity Above all rows. @throws InvalidArgumentError when the weights function gives nonsense. */
  set(rows: Int32Array, capacity: number): void {
    const n = rows.length;
    if (this.byRow.length < capacity) this.byRow = new Float64Array(capacity);
    if (this.#buffer.length < n) this.#buffer = new Float64Array(2 * n);
    this.#weights = n === 0 ? [] : this.#options.weights(n, this.#buffer.subarray(0, n));
    this.prior = n === 0 ? 1 : this.#options.priorWeight;
    this.nKernels = n + 1;
    let sum = 0;
    this.highest = this.prior;
    for (let i = 0; i < n; i++) {
      const weight = this.#weights[i] ?? NaN;
      if (!(weight >= 0 && weight < Infinity))
        throw new InvalidArgumentError(
          `\`weights(${n})\` must give ${n} finite numbers of at least 0, but one is ${weight}.`,
        );
      sum += weight;
      this.byRow[rows[i] as number] = weight;
      if (weight > this.highest) this.highest = weight;
    }
    if (n > 0 && sum <= 0)
      throw new InvalidArgumentError(`\`weights(${n})\` must not give only zeros.`);
    this.total = sum + this.prior;
  }

  /** The position of an observation, or the one after the last for the prior. */
  draw(rng: Rng): number {
    let rest = rng.uniform() * this.total;
    let i = 0;
    while (i < this.nKernels - 1 && (rest -= this.#weights[i] as number) >= 0) i++;
    return i;
  }

  normalized(): number[] {
    return [...Array.from(this.#weights).slice(0, this.nKernels - 1), this.prior].map(
      (weight) => weight / this.total,
    );
  }
}
