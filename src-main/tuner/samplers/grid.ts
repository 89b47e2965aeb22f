/**
 * Grid search: every combination of the values given, each once, in a shuffled order; then the study ends.
 *
 * Follows `optuna/samplers/_grid.py` (5.0), also in the attributes it leaves on trials (`grid_id`, `search_space`) and in the order,
 * so that Parzen and Optuna can work on one grid. It differs where two trials start at once in this process: they never take the same combination.
 */
import {
  containsInternal,
  describeDistribution,
  toInternal,
  type CategoricalChoice,
  type Distribution,
  type ParamValue,
  type SearchSpace,
} from '../distributions.ts';
import { InvalidArgumentError } from '../errors.ts';
import { logger } from '../logger.ts';
import { shuffledOrder } from '../math/mersenne-twister.ts';
import { createRng } from '../math/rng.ts';
import { checkOptions, type OptionSpec } from '../options.ts';
import type { StudyView } from '../study/study-view.ts';
import { FIXED_PARAMS } from '../system-attrs.ts';
import { isFinished, type AttrValue, type FrozenTrial } from '../trial/frozen-trial.ts';
import type { Sampler } from './sampler.ts';

export type Grid = Readonly<Record<string, readonly CategoricalChoice[]>>;

export interface GridSamplerOptions {
  /** Parameter name -> the values to try, at least one each. */
  searchSpace: Grid;
  /** Which shuffled order the combinations are tried in: a whole number from 0 to 2^32 - 1. @default 0 */
  seed?: number;
}

export const gridSamplerOptions: readonly OptionSpec[] = [
  {
    type: 'grid',
    name: 'searchSpace',
    title: 'Values to try',
    description: 'The values to try of each parameter.',
  },
  {
    type: 'number',
    name: 'seed',
    title: 'Seed',
    description: 'Which shuffled order the combinations are tried in.',
    isInteger: true,
    min: 0,
    max: 2 ** 32 - 1,
    default: 0,
  },
];

const GRID_ID = 'grid_id';
const SEARCH_SPACE = 'search_space';
const MAX_COMBINATIONS = 2 ** 31 - 1;

export class GridSampler implements Sampler {
  readonly name = 'grid';
  readonly #names: readonly string[];
  readonly #values: readonly (readonly CategoricalChoice[])[];
  readonly #searchSpace: Grid;
  readonly #nCombinations: number;
  readonly #seed: number;
  /** What stands at each grid id: the combination's number in the order of nested loops. */
  #order: Int32Array | null = null;
  /** Whether attributes of trials, seen before, are this grid. */
  readonly #isKnownGrid = new WeakMap<object, boolean>();
  /** Trials, by id, whose combination was chosen here. */
  readonly #chosen = new Set<number>();
  /** Trials of this process choose one after the other. */
  #choosing: Promise<unknown> = Promise.resolve();

  /** @throws InvalidArgumentError for an unknown option, a wrong value or more than 2^31 - 1 combinations. */
  constructor(options: GridSamplerOptions) {
    const { searchSpace, seed } = checkOptions<Required<GridSamplerOptions>>(
      'GridSampler',
      gridSamplerOptions,
      options,
    );
    this.#seed = seed;
    this.#names = Object.keys(searchSpace).sort();
    this.#values = this.#names.map((name) => [...(searchSpace[name] ?? [])]);
    this.#searchSpace = Object.fromEntries(
      this.#names.map((name, i) => [name, this.#values[i] ?? []]),
    );
    this.#nCombinations = this.#values.reduce((product, values) => product * values.length, 1);
    if (this.#nCombinations > MAX_COMBINATIONS)
      throw new InvalidArgumentError(
        `GridSampler: \`searchSpace\` must have at most ${MAX_COMBINATIONS} combinations, but has ${this.#nCombinations}.`,
      );
  }

  /** Whether every combination has been tried, or is being tried by a trial of this process. */
  async isExhausted(study: StudyView): Promise<boolean> {
    const { isFinished, nUnfinished } = await this.#visit(study);
    if (nUnfinished > this.#chosen.size) return false;
    const underWay = new Set(
      (await study.getTrials(['running']))
        .filter(({ trialId }) => this.#chosen.has(trialId))
        .map(({ systemAttrs }) => systemAttrs[GRID_ID] as number)
        .filter((gridId) => isFinished[gridId] === 0),
    );
    return underWay.size === nUnfinished;
  }

  async beforeTrial(study: StudyView, trial: FrozenTrial): Promise<void> {
    if (GRID_ID in trial.systemAttrs || FIXED_PARAMS in trial.systemAttrs) return;
    const chosen = this.#choosing.then(() => this.#choose(study, trial));
    this.#choosing = chosen.catch(() => {});
    await chosen;
  }

  async #choose(study: StudyView, trial: FrozenTrial): Promise<void> {
    const gridId =
      trial.number < this.#nCombinations ? trial.number : await this.#chooseLeft(study, trial);
    await study.setTrialSystemAttr(trial.trialId, SEARCH_SPACE, this.#searchSpace as AttrValue);
    await study.setTrialSystemAttr(trial.trialId, GRID_ID, gridId);
    this.#chosen.add(trial.trialId);
  }

  /** One that nobody has begun; else one that nobody has finished; else any. */
  async #chooseLeft(study: StudyView, trial: FrozenTrial): Promise<number> {
    const { isBegun, isFinished, nUnbegun, nUnfinished } = await this.#visit(study);
    const taken = nUnbegun > 0 ? isBegun : nUnfinished > 0 ? isFinished : null;
    if (taken === null)
      logger.warn(
        `Trial ${trial.number}: every combination of the grid has been tried; one is tried again.`,
      );
    // At random, so that processes that choose at the same time seldom choose the same.
    const rng = createRng(this.#seed, study.seed, trial.number, 'grid');
    const nLeft = taken === null ? this.#nCombinations : nUnbegun > 0 ? nUnbegun : nUnfinished;
    let skip = rng.integer(nLeft);
    let gridId = 0;
    while (taken?.[gridId] === 1 || skip-- > 0) gridId++;
    return gridId;
  }

  async inferRelativeSearchSpace(): Promise<SearchSpace> {
    return {};
  }

  async sampleRelative(): Promise<Readonly<Record<string, ParamValue>>> {
    return {};
  }

  /** @throws InvalidArgumentError for a parameter that is not in the grid, or one that an enqueued trial leaves open. */
  async sampleIndependent(
    _study: StudyView,
    trial: FrozenTrial,
    name: string,
    distribution: Distribution,
  ): Promise<ParamValue> {
    const gridId = trial.systemAttrs[GRID_ID];
    if (typeof gridId !== 'number')
      throw new InvalidArgumentError(
        `Trial ${trial.number}: an enqueued trial must name all parameters when the sampler is a grid, but "${name}" is left open.`,
      );
    const value = this.#valueOf(gridId, name);
    if (!containsInternal(distribution, toInternal(distribution, value)))
      logger.warn(
        `Trial ${trial.number}: the value ${JSON.stringify(value)} of the grid is used for "${name}", though it is outside ${describeDistribution(distribution)}.`,
      );
    return value;
  }

  async afterTrial(study: StudyView, trial: FrozenTrial): Promise<void> {
    this.#chosen.delete(trial.trialId);
    const { isFinished, nUnfinished } = await this.#visit(study);
    const own = trial.systemAttrs[GRID_ID];
    const isLast = nUnfinished === 1 && typeof own === 'number' && isFinished[own] === 0;
    if (nUnfinished === 0 || isLast) study.stop();
  }

  /** Which combinations trials of this very grid have begun and finished, by grid id. */
  async #visit(study: StudyView): Promise<Visited> {
    const isBegun = new Uint8Array(this.#nCombinations);
    const isDone = new Uint8Array(this.#nCombinations);
    let nUnbegun = this.#nCombinations;
    let nUnfinished = this.#nCombinations;
    for (const trial of await study.getTrials()) {
      const gridId = trial.systemAttrs[GRID_ID];
      if (typeof gridId !== 'number' || trial.state === 'waiting') continue;
      if (isBegun[gridId] === undefined || !this.#isThisGrid(trial.systemAttrs[SEARCH_SPACE]))
        continue;
      if (isBegun[gridId] === 0) nUnbegun--;
      isBegun[gridId] = 1;
      if (!isFinished(trial.state)) continue;
      if (isDone[gridId] === 0) nUnfinished--;
      isDone[gridId] = 1;
    }
    return { isBegun, isFinished: isDone, nUnbegun, nUnfinished };
  }

  #isThisGrid(attr: AttrValue | undefined): boolean {
    if (typeof attr !== 'object' || attr === null) return false;
    let isThis = this.#isKnownGrid.get(attr);
    if (isThis === undefined) {
      isThis = this.#hasSameValues(attr as Readonly<Record<string, unknown>>);
      this.#isKnownGrid.set(attr, isThis);
    }
    return isThis;
  }

  #hasSameValues(given: Readonly<Record<string, unknown>>): boolean {
    return (
      Object.keys(given).length === this.#names.length &&
      this.#names.every((name, i) => {
        const values = given[name];
        const own = this.#values[i] ?? [];
        return (
          Array.isArray(values) &&
          values.length === own.length &&
          own.every((value, k) => Object.is(value, values[k]) || value === values[k])
        );
      })
    );
  }

  #valueOf(gridId: number, name: string): ParamValue {
    const position = this.#names.indexOf(name);
    if (position < 0)
      throw new InvalidArgumentError(
        `The grid has no values for the parameter "${name}". It has ${this.#names.join(', ')}.`,
      );
    this.#order ??= shuffledOrder(this.#nCombinations, this.#seed);
    let combination = this.#order[gridId] as number;
    // The last parameter varies fastest.
    for (let i = this.#names.length - 1; i > position; i--)
      combination = Math.floor(combination / (this.#values[i]?.length ?? 1));
    const values = this.#values[position] ?? [];
    return values[combination % values.length] as ParamValue;
  }
}

interface Visited {
  readonly isBegun: Uint8Array;
  readonly isFinished: Uint8Array;
  readonly nUnbegun: number;
  readonly nUnfinished: number;
}
