import {
  createCategoricalDistribution,
  createFloatDistribution,
  createIntDistribution,
} from '../distributions.ts';
import type {
  CategoricalChoice,
  Distribution,
  FloatOptions,
  IntOptions,
  ParamValue,
} from '../distributions.ts';
import { InvalidArgumentError } from '../errors.ts';
import { getOwn, setOwn } from '../own-entries.ts';
import type { AttrValue } from './frozen-trial.ts';
import type { Trial } from './trial.ts';

/** Suggests given parameters, belongs to no study, and is never pruned: for running an objective once more (`optuna.trial.FixedTrial`). */
export class FixedTrial implements Trial {
  readonly number: number;
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly distributions: Record<string, Distribution> = {};
  readonly userAttrs: Record<string, AttrValue> = {};
  readonly systemAttrs: Record<string, AttrValue> = {};

  constructor(params: Readonly<Record<string, ParamValue>>, number = 0) {
    this.params = params;
    this.number = number;
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

  /** @throws InvalidArgumentError when the parameter was not given. */
  async suggest(name: string, distribution: Distribution): Promise<ParamValue> {
    const value = getOwn(this.params, name);
    if (value === undefined)
      throw new InvalidArgumentError(
        `The parameter "${name}" must be given, but only ${Object.keys(this.params).join(', ') || 'none'} are.`,
      );
    setOwn(this.distributions, name, distribution);
    return value;
  }

  async report(): Promise<void> {}

  async shouldPrune(): Promise<boolean> {
    return false;
  }

  async setUserAttr(key: string, value: AttrValue): Promise<void> {
    this.userAttrs[key] = value;
  }

  async setSystemAttr(key: string, value: AttrValue): Promise<void> {
    this.systemAttrs[key] = value;
  }

  async setConstraint(): Promise<void> {}
}
