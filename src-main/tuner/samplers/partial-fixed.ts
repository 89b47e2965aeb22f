/** Some parameters keep given values, the others are left to another sampler. Follows `optuna/samplers/_partial_fixed.py` (5.0). */
import {
  containsInternal,
  describeDistribution,
  toInternal,
  type Distribution,
  type ParamValue,
  type SearchSpace,
} from '../distributions.ts';
import { logger } from '../logger.ts';
import { checkOptions, type OptionSpec } from '../options.ts';
import type { StudyView } from '../study/study-view.ts';
import type { FrozenTrial, TrialState } from '../trial/frozen-trial.ts';
import type { Sampler } from './sampler.ts';

export interface PartialFixedSamplerOptions {
  /** Parameter name -> its value, external. */
  fixedParams: Readonly<Record<string, ParamValue>>;
  /** Samples the other parameters. */
  base: Sampler;
}

export const partialFixedSamplerOptions: readonly OptionSpec[] = [
  {
    type: 'params',
    name: 'fixedParams',
    title: 'Fixed parameters',
    description: 'Parameters that keep a value.',
  },
  {
    type: 'sampler',
    name: 'base',
    title: 'Sampler of the others',
    description: 'Samples the other parameters.',
  },
];

export class PartialFixedSampler implements Sampler {
  readonly name = 'partial-fixed';
  readonly #fixedParams: Readonly<Record<string, ParamValue>>;
  readonly #base: Sampler;

  /** @throws InvalidArgumentError for an unknown option or a wrong value. */
  constructor(options: PartialFixedSamplerOptions) {
    const { fixedParams, base } = checkOptions<PartialFixedSamplerOptions>(
      'PartialFixedSampler',
      partialFixedSamplerOptions,
      options,
    );
    this.#fixedParams = { ...fixedParams };
    this.#base = base;
  }

  async beforeTrial(study: StudyView, trial: FrozenTrial): Promise<void> {
    await this.#base.beforeTrial?.(study, trial);
  }

  async inferRelativeSearchSpace(study: StudyView, trial: FrozenTrial): Promise<SearchSpace> {
    const space = await this.#base.inferRelativeSearchSpace(study, trial);
    return Object.fromEntries(
      Object.entries(space).filter(([name]) => !Object.hasOwn(this.#fixedParams, name)),
    );
  }

  sampleRelative(
    study: StudyView,
    trial: FrozenTrial,
    searchSpace: SearchSpace,
  ): Promise<Readonly<Record<string, ParamValue>>> {
    return this.#base.sampleRelative(study, trial, searchSpace);
  }

  /** A fixed value is used though it may lie outside the range, with a warning. */
  async sampleIndependent(
    study: StudyView,
    trial: FrozenTrial,
    name: string,
    distribution: Distribution,
  ): Promise<ParamValue> {
    if (!Object.hasOwn(this.#fixedParams, name))
      return this.#base.sampleIndependent(study, trial, name, distribution);
    const value = this.#fixedParams[name] as ParamValue;
    if (!containsInternal(distribution, toInternal(distribution, value)))
      logger.warn(
        `Trial ${trial.number}: the fixed value ${JSON.stringify(value)} of "${name}" is outside ${describeDistribution(distribution)}.`,
      );
    return value;
  }

  async afterTrial(
    study: StudyView,
    trial: FrozenTrial,
    state: TrialState,
    values: readonly number[] | null,
  ): Promise<void> {
    await this.#base.afterTrial?.(study, trial, state, values);
  }

  async isExhausted(study: StudyView): Promise<boolean> {
    return (await this.#base.isExhausted?.(study)) ?? false;
  }
}
