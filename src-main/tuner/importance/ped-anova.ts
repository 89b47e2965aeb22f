/**
 * PED-ANOVA: a parameter matters when its values among the best trials are distributed otherwise than among all trials. Both densities are
 * Parzen estimators on a grid; their difference is measured as Pearson divergence.
 *
 * Watanabe, Bansal and Hutter, "PED-ANOVA: efficiently quantifying hyperparameter importance in arbitrary subspaces", IJCAI 2023;
 * for conditional parameters "Conditional PED-ANOVA", KDD 2026: trials are divided by whether they have the parameter and with which
 * distribution (regimes), and each regime adds its part.
 * Notation: gamma' is the share of target (best) trials, gamma that of the region they are compared with; alpha and beta are the shares of
 * target and region trials that are in a regime. The importance is (n_target / n_region)^2 sum over regimes of alpha^2 / beta D,
 * with D the sum over the grid of q (p / q - 1)^2.
 * Follows `optuna/importance/_ped_anova/` (5.0), to rounding. It differs where Optuna would give every parameter the same: that is no result.
 */
import { isSingle, type Distribution } from '../distributions.ts';
import { InvalidArgumentError } from '../errors.ts';
import { logNormalMass } from '../math/normal.ts';
import { checkOptions, type OptionSpec } from '../options.ts';
import { selectBest } from '../samplers/tpe/split.ts';
import {
  silence,
  type Evaluation,
  type Importance,
  type ImportanceEvaluator,
} from './evaluator.ts';
import type { ImportanceColumn, ImportanceData } from './importance-data.ts';

export interface PedAnovaOptions {
  /** The share of trials that are good: the importances tell what it takes to get among them. @default 0.1 */
  targetQuantile?: number;
  /** The share of trials, from the best on, that the good ones are compared with; above `targetQuantile`. @default 1 */
  regionQuantile?: number;
  /** Compare with how the study's trials are distributed, or else with the whole search space alike. @default true */
  evaluateOnLocal?: boolean;
}

export const pedAnovaOptions: readonly OptionSpec[] = [
  {
    type: 'number',
    name: 'targetQuantile',
    title: 'Best share',
    description:
      'The share of trials that are good: the importances tell what it takes to get among them.',
    min: 0,
    max: 1,
    default: 0.1,
  },
  {
    type: 'number',
    name: 'regionQuantile',
    title: 'Compared share',
    description: 'The share of trials, from the best on, that the good ones are compared with.',
    min: 0,
    max: 1,
    default: 1,
  },
  {
    type: 'boolean',
    name: 'evaluateOnLocal',
    title: 'Compare with the trials',
    description:
      'Compare with how the trials are distributed, or else with the whole search space alike.',
    default: true,
  },
];

/** A range is divided into at most so many places. */
const MAX_GRID = 50;
const PRIOR_WEIGHT = 1;
/** A regime with fewer trials is left out. */
const MIN_REGIME_TRIALS = 2;
/** Added to densities, so that none is 0. */
const FLOOR = 1e-12;
/** No kernel is narrower: 90 % of its mass are then in the place of its observation. */
const MIN_SIGMA = 0.5 / 1.64;
/** With fewer good trials the shares change much from trial to trial. */
const STABLE_TARGET_TRIALS = 5;

export class PedAnovaEvaluator implements ImportanceEvaluator {
  readonly name = 'ped-anova';
  readonly #options: Required<PedAnovaOptions>;

  /** @throws InvalidArgumentError for an unknown option or a value that breaks its rule. */
  constructor(options: PedAnovaOptions = {}) {
    this.#options = checkOptions('PedAnovaEvaluator', pedAnovaOptions, options);
    const { targetQuantile, regionQuantile } = this.#options;
    if (!(targetQuantile > 0 && targetQuantile < regionQuantile))
      throw new InvalidArgumentError(
        `PedAnovaEvaluator: \`targetQuantile\` must be above 0 and below \`regionQuantile\`, but got ${targetQuantile} and ${regionQuantile}.`,
      );
  }

  /** Assesses every parameter, those that only some trials have too. */
  async evaluate(data: ImportanceData, params: readonly string[] | null): Promise<Evaluation> {
    const names = params ?? [...data.params.keys()];
    for (const name of names)
      if (!data.params.has(name))
        throw new InvalidArgumentError(
          `Every parameter must be in at least one complete trial, but "${name}" is in none.`,
        );
    const target = this.#bestTrials(data, this.#options.targetQuantile);
    const region = this.#bestTrials(data, this.#options.regionQuantile);
    if (target.length === region.length)
      return silence(
        `Nothing can be compared: the best ${percent(this.#options.targetQuantile)} of the trials are as good as all ${region.length} they would be compared with.`,
      );
    const importances = names.map((name): Importance => ({
      params: [name],
      importance: this.#importance(data.params.get(name) as ImportanceColumn, target, region),
      deviation: null,
    }));
    return { importances, reason: null, notes: this.#notes(data, target.length) };
  }

  #importance(column: ImportanceColumn, target: number[], region: number[]): number {
    let sum = 0;
    const targetRegimes = divideByRegime(column, target);
    for (const [id, regionRows] of divideByRegime(column, region)) {
      const distribution = column.distributions[id];
      const targetRows = targetRegimes.get(id) ?? [];
      // No distribution: the trials that do not have the parameter.
      if (!distribution || isSingle(distribution)) continue;
      if (regionRows.length < MIN_REGIME_TRIALS || targetRows.length === 0) continue;
      const alpha = targetRows.length / target.length;
      const beta = regionRows.length / region.length;
      sum +=
        ((alpha * alpha) / beta) *
        this.#divergence(distribution, column.values, targetRows, regionRows);
    }
    return (target.length / region.length) ** 2 * sum;
  }

  #divergence(
    distribution: Distribution,
    values: Float64Array,
    targetRows: readonly number[],
    regionRows: readonly number[],
  ): number {
    const top = gridDensity(distribution, countOnGrid(distribution, values, targetRows));
    const local = this.#options.evaluateOnLocal
      ? gridDensity(distribution, countOnGrid(distribution, values, regionRows))
      : null;
    let divergence = 0;
    for (let place = 0; place < top.length; place++) {
      const q = local ? (local[place] as number) + FLOOR : 1 / top.length;
      divergence += q * (((top[place] as number) + FLOOR) / q - 1) ** 2;
    }
    return divergence;
  }

  /** Rows of the best trials; with one target also those that are as good as the last of them. */
  #bestTrials({ losses, nTrials, nTargets }: ImportanceData, quantile: number): number[] {
    const size = Math.ceil(quantile * nTrials);
    const rows = Array.from({ length: nTrials }, (_, row) => row);
    if (quantile === 1 || size === nTrials) return rows;
    if (nTargets > 1) return selectBest(losses, nTargets, size).sort((a, b) => a - b);
    const cutoff = losses.slice().sort()[size - 1] as number;
    return rows.filter((row) => (losses[row] as number) <= cutoff);
  }

  #notes({ nTrials }: ImportanceData, nTarget: number): string[] {
    const { targetQuantile } = this.#options;
    const best = `the best ${percent(targetQuantile)}`;
    if (nTarget < STABLE_TARGET_TRIALS)
      return [
        `Only ${nTarget} of ${nTrials} trials are ${best}: the importances may still change much.`,
      ];
    if (nTarget > 2 * Math.ceil(targetQuantile * nTrials))
      return [
        `${nTarget} of ${nTrials} trials tie for ${best}: the importances are those of getting among them.`,
      ];
    return [];
  }
}

/** Rows by the id of their distribution; -1 for those without the parameter. */
function divideByRegime(column: ImportanceColumn, rows: readonly number[]): Map<number, number[]> {
  const regimes = new Map<number, number[]>();
  for (const row of rows) {
    const id = column.distributionIds[row] as number;
    const regime = regimes.get(id);
    if (regime) regime.push(row);
    else regimes.set(id, [row]);
  }
  return regimes;
}

/**
 * How many trials are at each place of a grid over the distribution (in logarithms where it is logarithmic). One halfway between two places
 * goes to the lower.
 */
export function countOnGrid(
  distribution: Distribution,
  values: Float64Array,
  rows: readonly number[],
): Float64Array {
  if (distribution.type === 'categorical') {
    const counts = new Float64Array(distribution.choices.length);
    for (const row of rows) increment(counts, values[row] as number);
    return counts;
  }
  const counts = new Float64Array(gridSize(distribution));
  const { log } = distribution;
  const toGrid = (value: number): number => (log ? Math.log(value) : value);
  // Halved, as the difference of the bounds may be infinite.
  const low = toGrid(distribution.low) / 2;
  const width = (toGrid(distribution.high) / 2 - low) / (counts.length - 1);
  for (const row of rows) {
    const place = Math.ceil((toGrid(values[row] as number) / 2 - low) / width - 0.5);
    increment(counts, Math.min(Math.max(place, 0), counts.length - 1));
  }
  return counts;
}

function gridSize(distribution: Exclude<Distribution, { type: 'categorical' }>): number {
  const { type, low, high, log, step } = distribution;
  if (type === 'int' && log)
    return Math.min(Math.ceil(Math.log(high - low + 1) / Math.LN2) + 1, MAX_GRID);
  return step === null ? MAX_GRID : Math.min(Math.round((high - low) / step) + 1, MAX_GRID);
}

/** The density of a Parzen estimator at each place, from the number of observations there (at least one); adds up to 1. */
export function gridDensity(distribution: Distribution, counts: Float64Array): Float64Array {
  return distribution.type === 'categorical' ? choiceDensity(counts) : rangeDensity(counts);
}

function choiceDensity(counts: Float64Array): Float64Array {
  const nChoices = counts.length;
  const nObserved = counts.filter((count) => count > 0).length;
  const total = sumOf(counts);
  const share = PRIOR_WEIGHT / (nObserved + 1);
  return counts.map(
    (count) =>
      ((count + total * share) / (1 + share * nChoices) + PRIOR_WEIGHT / nChoices) /
      (total + PRIOR_WEIGHT),
  );
}

/** Kernels are normal distributions, truncated to the grid half a place beyond its ends; each place has the mass of its cell. */
function rangeDensity(counts: Float64Array): Float64Array {
  const last = counts.length - 1;
  const total = sumOf(counts);
  const sigma = Math.max(scottSigma(counts, total), MIN_SIGMA);
  // Cells and observations are a whole number of places apart.
  const masses = Float64Array.from(counts, (_, distance) => cellMass(distance, sigma));
  const density = new Float64Array(counts.length);
  counts.forEach((count, mu) => {
    if (count === 0) return;
    const within = logNormalMass((-0.5 - mu) / sigma, (last + 0.5 - mu) / sigma);
    const weight = count / (total + PRIOR_WEIGHT) / Math.exp(within);
    for (let place = 0; place <= last; place++)
      density[place] =
        (density[place] as number) + weight * (masses[Math.abs(place - mu)] as number);
  });
  const prior = { mu: last / 2, sigma: last + 1 };
  const within = Math.exp(logNormalMass(-0.5, 0.5));
  for (let place = 0; place <= last; place++)
    density[place] =
      (density[place] as number) +
      (cellMass(place - prior.mu, prior.sigma) * PRIOR_WEIGHT) / (total + PRIOR_WEIGHT) / within;
  return density;
}

function cellMass(distance: number, sigma: number): number {
  return Math.exp(logNormalMass((distance - 0.5) / sigma, (distance + 0.5) / sigma));
}

/** Scott's rule, with the smaller of the standard deviation and what the quartiles tell ("Multivariate density estimation", 1992). */
function scottSigma(counts: Float64Array, total: number): number {
  let mean = 0;
  counts.forEach((count, place) => (mean += (count * place) / total));
  let squares = 0;
  counts.forEach((count, place) => (squares += count * (place - mean) ** 2));
  const deviation = Math.sqrt(squares / Math.max(1, total - 1));
  const lower = placeOf(counts, (below) => below >= Math.floor(total / 4));
  const upper = placeOf(counts, (below) => below > Math.floor((total * 3) / 4));
  return 1.059 * Math.min((upper - lower) / 1.34, deviation) * total ** -0.2;
}

/** The first observed place up to which so many observations are, or the last observed one. */
function placeOf(counts: Float64Array, isReached: (nUpTo: number) => boolean): number {
  let nUpTo = 0;
  let observed = 0;
  for (let place = 0; place < counts.length; place++) {
    if (counts[place] === 0) continue;
    observed = place;
    nUpTo += counts[place] as number;
    if (isReached(nUpTo)) break;
  }
  return observed;
}

function increment(counts: Float64Array, at: number): void {
  counts[at] = (counts[at] as number) + 1;
}

function sumOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
