import { createRng, type Rng } from '../../math/rng.ts';
import { unitFromInternal } from '../../search-space/transform.ts';
import { internalAt, type Coordinates } from './coordinates.ts';
import {
  createDistribution,
  samplePoint,
  updateDistribution,
  type CmaDistribution,
} from './distribution.ts';
import { createLearningRates } from './learning-rate.ts';
import { correctMargin } from './margin.ts';
import {
  firstRun,
  isConverged,
  patience,
  planRestart,
  type RestartState,
  type RestartStrategy,
} from './restarts.ts';
import { createStrategy, defaultPopsize, type Strategy } from './strategy.ts';
import type { Start } from './warm-start.ts';

export interface EvolutionOptions {
  /** null: what the number of dimensions suggests. */
  readonly popsize: number | null;
  readonly restartStrategy: RestartStrategy;
  readonly incPopsize: number;
  readonly useSeparableCma: boolean;
  readonly withMargin: boolean;
  readonly lrAdapt: boolean;
  /** Where restarts begin derives from it. */
  readonly seed: number;
}

/**
 * CMA-ES in the unit cube, generation after generation: a population of points is sampled, and `advance` is told their order. Points may lie
 * outside the cube in coordinates that have a margin; `internalsAt` says which values they stand for.
 */
export class Evolution {
  readonly #coordinates: Coordinates;
  readonly #options: EvolutionOptions;
  readonly #initialSigma: number;
  readonly #basePopsize: number;
  #generation = 0;
  #distribution: CmaDistribution;
  #strategy: Strategy;
  #stretch: Float64Array;
  #restarts: RestartState = firstRun;
  #nRestarts = 0;
  #runSigma: number;
  #bests: number[] = [];

  constructor(coordinates: Coordinates, start: Start, options: EvolutionOptions) {
    const n = coordinates.names.length;
    this.#coordinates = coordinates;
    this.#options = options;
    this.#initialSigma = start.sigma;
    this.#runSigma = start.sigma;
    this.#basePopsize = options.popsize ?? defaultPopsize(n);
    this.#strategy = createStrategy(n, this.#basePopsize, options.useSeparableCma);
    this.#distribution = this.#begin(start);
    this.#stretch = new Float64Array(n).fill(1);
  }

  /** How often the distribution has changed; goes on counting over restarts. */
  get generation(): number {
    return this.#generation;
  }

  /** Points that a generation needs. */
  get popsize(): number {
    return this.#strategy.popsize;
  }

  get distribution(): CmaDistribution {
    return this.#distribution;
  }

  get nRestarts(): number {
    return this.#nRestarts;
  }

  /** A point of the distribution, drawn again while it lies outside, and moved to the border in the end. */
  sample(rng: Rng): Float64Array {
    const nAttempts = 10 * this.#coordinates.names.length;
    let point = samplePoint(this.#distribution, rng);
    for (let i = 0; i < nAttempts && !this.#isInside(point); i++)
      point = samplePoint(this.#distribution, rng);
    return point.map((x, i) => (this.#hasMargin(i) ? x : Math.min(Math.max(x, 0), 1)));
  }

  /** The values that a point of this generation stands for. */
  internalsAt(point: Float64Array): number[] {
    return this.#coordinates.distributions.map((distribution, i) => {
      const x = point[i] as number;
      const m = this.#distribution.mean[i] as number;
      const place = this.#hasMargin(i) ? m + (this.#stretch[i] as number) * (x - m) : x;
      return internalAt(distribution, place);
    });
  }

  /** A point of this generation that stands for these values. */
  pointAt(internals: readonly number[]): Float64Array {
    return Float64Array.from(this.#coordinates.distributions, (distribution, i) => {
      const place = unitFromInternal(distribution, internals[i] as number);
      const m = this.#distribution.mean[i] as number;
      return this.#hasMargin(i) ? m + (place - m) / (this.#stretch[i] as number) : place;
    });
  }

  /**
   * Ends a generation.
   *
   * @param points `popsize` points from best to worst.
   * @param best The loss of the first.
   */
  advance(points: readonly Float64Array[], best: number): void {
    this.#generation++;
    this.#restarts = { ...this.#restarts, spent: this.#restarts.spent + points.length };
    const { useSeparableCma, restartStrategy } = this.#options;
    const next = updateDistribution(this.#distribution, this.#strategy, points, useSeparableCma);
    if (next === null) return this.#restart();

    this.#distribution = next;
    this.#correctMargin();
    const n = next.mean.length;
    this.#bests.push(best);
    if (this.#bests.length > patience(n, this.popsize)) this.#bests.shift();
    if (restartStrategy === 'none') return;
    if (
      this.#restarts.spent >= this.#restarts.budget ||
      isConverged(this.#distribution, this.popsize, this.#bests, this.#runSigma)
    )
      this.#restart();
  }

  #begin({ mean, sigma, covariance }: Start): CmaDistribution {
    const rates = this.#options.lrAdapt ? createLearningRates(mean.length) : null;
    return createDistribution(mean, sigma, covariance, rates);
  }

  #restart(): void {
    const n = this.#coordinates.names.length;
    const { seed, restartStrategy, incPopsize, useSeparableCma } = this.#options;
    const rng = createRng(seed, 'cma-es', 'restart', ++this.#nRestarts);
    const { state, popsize, sigmaFactor } = planRestart(
      restartStrategy,
      this.#restarts,
      this.#basePopsize,
      incPopsize,
      rng,
    );
    this.#restarts = state;
    this.#strategy = createStrategy(n, popsize, useSeparableCma);
    this.#runSigma = this.#initialSigma * sigmaFactor;
    this.#distribution = this.#begin({
      mean: Float64Array.from({ length: n }, () => rng.uniform()),
      sigma: this.#runSigma,
      covariance: null,
    });
    this.#stretch.fill(1);
    this.#bests = [];
  }

  #correctMargin(): void {
    const thresholds = this.#coordinates.thresholds.map((one, i) =>
      this.#hasMargin(i) ? one : null,
    );
    const alpha = 1 / (thresholds.length * this.popsize);
    const { mean, stretch } = correctMargin(this.#distribution, this.#stretch, thresholds, alpha);
    this.#distribution = { ...this.#distribution, mean };
    this.#stretch = stretch;
  }

  #isInside(point: Float64Array): boolean {
    return point.every((x, i) => this.#hasMargin(i) || (x >= 0 && x <= 1));
  }

  #hasMargin(i: number): boolean {
    return this.#options.withMargin && this.#coordinates.thresholds[i] !== null;
  }
}
