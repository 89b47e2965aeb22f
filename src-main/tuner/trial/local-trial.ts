import {
  checkCompatible,
  containsInternal,
  createCategoricalDistribution,
  createFloatDistribution,
  createIntDistribution,
  describeDistribution,
  firstValue,
  isSameDistribution,
  isSingle,
  toExternal,
  toInternal,
  type CategoricalChoice,
  type Distribution,
  type FloatOptions,
  type IntOptions,
  type ParamValue,
  type SearchSpace,
} from '../distributions.ts';
import { InvalidArgumentError } from '../errors.ts';
import { logger } from '../logger.ts';
import type { Pruner } from '../pruners/pruner.ts';
import type { Sampler } from '../samplers/sampler.ts';
import type { AnyParams } from '../search-space/define-space.ts';
import { ownerOf } from '../storages/process-info.ts';
import type { Storage, WriteOptions } from '../storages/storage.ts';
import { getOwn, setOwn } from '../own-entries.ts';
import type { StudyView } from '../study/study-view.ts';
import { CONSTRAINT_PREFIX, checkAttr, fixedParams } from '../system-attrs.ts';
import type { AttrValue, FrozenTrial } from './frozen-trial.ts';
import type { Trial } from './trial.ts';

/** What a trial needs of the study it belongs to. */
export interface TrialHost {
  readonly view: StudyView;
  readonly storage: Storage;
  readonly sampler: Sampler;
  readonly pruner: Pruner;
  /** Sees the study as pruners do: with the one direction of the reported value; null when pruning is not possible. */
  readonly pruningView: StudyView | null;
}

/**
 * A running trial whose study lives in this process. Made by `Study.ask`.
 *
 * @typeParam Params What is known of `params` beforehand.
 */
export class LocalTrial<Params extends AnyParams = AnyParams> implements Trial {
  readonly trialId: number;
  readonly number: number;
  /** Who ran it when it was asked for, by the storage's record; null where there is none. */
  readonly ownerId: string | null;
  readonly #host: TrialHost;
  /** What the pruner lets the sampler see: with Hyperband the trials of the same bracket. */
  readonly #samplerView: StudyView;
  readonly #fixedParams: Readonly<Record<string, ParamValue>>;
  readonly #relativeSpace: SearchSpace;
  readonly #relativeParams: Readonly<Record<string, ParamValue>>;
  readonly #params: Record<string, ParamValue>;
  readonly #distributions: Record<string, Distribution>;
  readonly #reportedSteps: Set<number>;

  private constructor(
    host: TrialHost,
    trial: FrozenTrial,
    samplerView: StudyView,
    relativeSpace: SearchSpace,
    relativeParams: Readonly<Record<string, ParamValue>>,
  ) {
    this.#host = host;
    this.#samplerView = samplerView;
    this.trialId = trial.trialId;
    this.number = trial.number;
    this.ownerId = ownerOf(trial)?.id ?? null;
    this.#fixedParams = fixedParams(trial.systemAttrs);
    this.#params = { ...trial.params };
    this.#distributions = { ...trial.distributions };
    this.#reportedSteps = new Set(trial.intermediateValues.keys());
    this.#relativeSpace = relativeSpace;
    this.#relativeParams = relativeParams;
  }

  /** Lets the sampler prepare the trial and choose its joint parameters. */
  static async create(host: TrialHost, trial: FrozenTrial): Promise<LocalTrial> {
    const { sampler, pruner, view } = host;
    await sampler.beforeTrial?.(view, trial);
    // The sampler may have left attributes, such as the grid point that the trial is to take.
    const prepared = sampler.beforeTrial ? await host.storage.getTrial(trial.trialId) : trial;
    const samplerView = (await pruner.studyFor?.(view, prepared)) ?? view;
    const space = await sampler.inferRelativeSearchSpace(samplerView, prepared);
    const params =
      Object.keys(space).length > 0
        ? await sampler.sampleRelative(samplerView, prepared, space)
        : {};
    return new LocalTrial(host, prepared, samplerView, space, params);
  }

  get params(): Params {
    return this.#params as Params;
  }

  get distributions(): Readonly<Record<string, Distribution>> {
    return this.#distributions;
  }

  async suggestFloat(
    name: string,
    low: number,
    high: number,
    options?: FloatOptions,
  ): Promise<number> {
    return (await this.suggest(name, createFloatDistribution(low, high, options))) as number;
  }

  async suggestInt(name: string, low: number, high: number, options?: IntOptions): Promise<number> {
    return (await this.suggest(name, createIntDistribution(low, high, options))) as number;
  }

  async suggestCategorical<T extends CategoricalChoice>(
    name: string,
    choices: readonly T[],
  ): Promise<T> {
    return (await this.suggest(name, createCategoricalDistribution(choices))) as T;
  }

  async suggest(name: string, distribution: Distribution): Promise<ParamValue> {
    const known = getOwn(this.#distributions, name);
    if (known) {
      checkCompatible(name, known, distribution);
      if (!isSameDistribution(known, distribution))
        logger.warn(
          `Trial ${this.number}: "${name}" was ${describeDistribution(known)} and is now ${describeDistribution(distribution)}. ` +
            'The value of the first suggestion is used.',
        );
      return this.#params[name] as ParamValue;
    }
    const value = await this.#choose(name, distribution);
    const internalValue = toInternal(distribution, value);
    await this.#host.storage.setTrialParam(this.trialId, name, internalValue, distribution, {
      mayWait: true,
    });
    setOwn(this.#distributions, name, distribution);
    setOwn(this.#params, name, value);
    return value;
  }

  async #choose(name: string, distribution: Distribution): Promise<ParamValue> {
    const fixed = getOwn(this.#fixedParams, name);
    if (fixed !== undefined) {
      const internal = toInternal(distribution, fixed);
      const value = distribution.type === 'int' ? toExternal(distribution, internal) : fixed;
      if (value !== fixed)
        logger.warn(
          `Trial ${this.number}: "${name}" must be a whole number, but its fixed value is ${String(fixed)}; ${String(value)} is used.`,
        );
      if (!containsInternal(distribution, internal))
        logger.warn(
          `Trial ${this.number}: the fixed value ${String(fixed)} of "${name}" is outside ${describeDistribution(distribution)}.`,
        );
      return value;
    }
    if (isSingle(distribution)) return firstValue(distribution);
    const relative = getOwn(this.#relativeParams, name);
    if (relative !== undefined) {
      const space = getOwn(this.#relativeSpace, name);
      if (!space)
        throw new InvalidArgumentError(
          `The sampler "${this.#host.sampler.name}" gave a relative value for "${name}", which is not in its relative search space.`,
        );
      checkCompatible(name, space, distribution);
      if (containsInternal(distribution, toInternal(distribution, relative))) return relative;
    }
    const { sampler, storage } = this.#host;
    return sampler.sampleIndependent(
      this.#samplerView,
      await storage.getTrial(this.trialId, { asKnown: true }),
      name,
      distribution,
    );
  }

  async report(value: number, step: number, options?: WriteOptions): Promise<void> {
    this.#requirePruning('report');
    if (typeof value !== 'number')
      throw new InvalidArgumentError(`A reported value must be a number, but got ${typeof value}.`);
    if (!Number.isSafeInteger(step) || step < 0)
      throw new InvalidArgumentError(`\`step\` must be a whole number from 0 on, but got ${step}.`);
    if (this.#reportedSteps.has(step)) {
      logger.warn(
        `Trial ${this.number}: step ${step} has been reported already; the value ${value} is ignored.`,
      );
      return;
    }
    await this.#host.storage.setTrialIntermediateValue(this.trialId, step, value, options);
    this.#reportedSteps.add(step);
  }

  async shouldPrune(): Promise<boolean> {
    const view = this.#requirePruning('shouldPrune');
    return this.#host.pruner.prune(
      view,
      await this.#host.storage.getTrial(this.trialId, { asKnown: true, inPassing: true }),
    );
  }

  async setUserAttr(key: string, value: AttrValue, options?: WriteOptions): Promise<void> {
    checkAttr(key, value);
    await this.#host.storage.setTrialUserAttr(this.trialId, key, value, options);
  }

  async setSystemAttr(key: string, value: AttrValue): Promise<void> {
    checkAttr(key, value);
    await this.#host.storage.setTrialSystemAttr(this.trialId, key, value);
  }

  async setConstraint(key: string, value: number): Promise<void> {
    if (typeof value !== 'number' || Number.isNaN(value))
      throw new InvalidArgumentError(
        `The constraint "${key}" must be a number and not NaN, but got ${value}.`,
      );
    await this.setSystemAttr(`${CONSTRAINT_PREFIX}${key}`, value);
  }

  #requirePruning(method: string): StudyView {
    const view = this.#host.pruningView;
    if (!view)
      throw new InvalidArgumentError(
        `\`${method}\` needs to know which objective the intermediate values belong to: the study has ` +
          `${this.#host.view.directions.length} directions. Set \`pruningObjective\` when you create or load the study.`,
      );
    return view;
  }
}
