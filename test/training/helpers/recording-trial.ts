import {
  createCategoricalDistribution,
  createFloatDistribution,
  createIntDistribution,
} from '../../../src-main/tuner/distributions.ts';
import type {
  CategoricalChoice,
  Distribution,
  FloatOptions,
  IntOptions,
  ParamValue,
} from '../../../src-main/tuner/distributions.ts';
import { createRng } from '../../../src-main/tuner/math/rng.ts';
import type { AttrValue } from '../../../src-main/tuner/trial/frozen-trial.ts';
import type { Trial } from '../../../src-main/tuner/trial/trial.ts';

export interface RecordingTrialOptions {
  number?: number;
  /** Values to suggest; what is not among them is drawn at random. */
  params?: Record<string, ParamValue>;
  /** `shouldPrune` says yes from this step on. */
  pruneAt?: number;
}

/** A trial without a study that remembers all it was told. */
export class RecordingTrial implements Trial {
  readonly number: number;
  readonly params: Record<string, ParamValue> = {};
  readonly distributions: Record<string, Distribution> = {};
  readonly reports = new Map<number, number>();
  readonly userAttrs: Record<string, AttrValue> = {};
  readonly systemAttrs: Record<string, AttrValue> = {};
  readonly #given: Record<string, ParamValue>;
  readonly #pruneAt: number;

  constructor({ number = 0, params = {}, pruneAt = Infinity }: RecordingTrialOptions = {}) {
    this.number = number;
    this.#given = params;
    this.#pruneAt = pruneAt;
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
    this.distributions[name] ??= distribution;
    const known = this.params[name];
    if (known !== undefined) return known;
    const value = this.#given[name] ?? this.#draw(name, distribution);
    this.params[name] = value;
    return value;
  }

  async report(value: number, step: number): Promise<void> {
    this.reports.set(step, value);
  }

  async shouldPrune(): Promise<boolean> {
    return Math.max(...this.reports.keys()) >= this.#pruneAt;
  }

  async setUserAttr(key: string, value: AttrValue): Promise<void> {
    this.userAttrs[key] = value;
  }

  async setSystemAttr(key: string, value: AttrValue): Promise<void> {
    this.systemAttrs[key] = value;
  }

  async setConstraint(key: string, value: number): Promise<void> {
    this.systemAttrs[`constraints:${key}`] = value;
  }

  #draw(name: string, distribution: Distribution): ParamValue {
    const rng = createRng('recording-trial', this.number, name);
    if (distribution.type === 'categorical')
      return distribution.choices[rng.integer(distribution.choices.length)] ?? null;
    const { low, high, log } = distribution;
    if (distribution.type === 'int') return low + rng.integer(high - low + 1);
    const share = rng.uniform();
    return log ? low * (high / low) ** share : low + (high - low) * share;
  }
}
