import {
  createCategoricalDistribution,
  createFloatDistribution,
  createIntDistribution,
  isSameDistribution,
} from '../tuner/distributions.ts';
import type {
  CategoricalChoice,
  Distribution,
  FloatOptions,
  IntOptions,
  ParamValue,
} from '../tuner/distributions.ts';
import { getOwn, setOwn } from '../tuner/own-entries.ts';
import type { AttrValue } from '../tuner/trial/frozen-trial.ts';
import type { Trial } from '../tuner/trial/trial.ts';
import type { LastWords, TrialCalls, TrialStart } from './worker-protocol.ts';

/** Asks the parent; rejects when the parent refuses. */
export type CallParent = <Method extends keyof TrialCalls>(
  method: Method,
  args: TrialCalls[Method]['args'],
) => Promise<TrialCalls[Method]['result']>;

/** Reports with what is said of epochs, when that is worth a message; whether the trial is to be given up at this step. */
export type ReportAhead = (value: number, step: number) => Promise<boolean>;

/** A trial whose study lives in the parent process. */
export class RemoteTrial implements Trial {
  readonly number: number;
  readonly #params: Record<string, ParamValue>;
  readonly #distributions: Record<string, Distribution>;
  readonly #call: CallParent;
  readonly #reportAhead: ReportAhead;
  /** User attributes that its outcome takes along. */
  lastWords: LastWords = {};

  constructor(
    { number, params, distributions }: TrialStart,
    call: CallParent,
    reportAhead: ReportAhead,
  ) {
    this.number = number;
    this.#params = { ...params };
    this.#distributions = { ...distributions };
    this.#call = call;
    this.#reportAhead = reportAhead;
  }

  get params(): Readonly<Record<string, ParamValue>> {
    return this.#params;
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

  /** Parameters that the parent knew when the trial started cost no round trip. */
  async suggest(name: string, distribution: Distribution): Promise<ParamValue> {
    const known = getOwn(this.#distributions, name);
    if (known && isSameDistribution(known, distribution)) return this.#params[name] as ParamValue;
    const value = await this.#call('suggest', { name, distribution });
    setOwn(this.#params, name, value);
    setOwn(this.#distributions, name, distribution);
    return value;
  }

  async report(value: number, step: number): Promise<void> {
    await this.#call('report', { value, step });
  }

  shouldPrune(): Promise<boolean> {
    return this.#call('shouldPrune', {});
  }

  /** `report`, then `shouldPrune`, in one round trip. */
  reportAndShouldPrune(value: number, step: number): Promise<boolean> {
    return this.#call('reportAndShouldPrune', { value, step });
  }

  /** As `reportAndShouldPrune`, but kept back for a while, see `EpochGatherer`. */
  reportAhead(value: number, step: number): Promise<boolean> {
    return this.#reportAhead(value, step);
  }

  async setUserAttr(key: string, value: AttrValue): Promise<void> {
    await this.#call('setUserAttr', { key, value });
  }

  async setSystemAttr(key: string, value: AttrValue): Promise<void> {
    await this.#call('setSystemAttr', { key, value });
  }

  async setConstraint(key: string, value: number): Promise<void> {
    await this.#call('setConstraint', { key, value });
  }
}

/** `report`, then `shouldPrune`, in as few steps as the trial can. */
export async function reportAndShouldPrune(
  trial: Trial,
  value: number,
  step: number,
): Promise<boolean> {
  if (trial instanceof RemoteTrial) return trial.reportAndShouldPrune(value, step);
  await trial.report(value, step);
  return trial.shouldPrune();
}

/** As `reportAndShouldPrune`, for who goes on meanwhile and says when it is silent for long (`ObjectiveRun.beforeSilence`). */
export async function reportAhead(trial: Trial, value: number, step: number): Promise<boolean> {
  if (trial instanceof RemoteTrial) return trial.reportAhead(value, step);
  return reportAndShouldPrune(trial, value, step);
}

/** Sets user attributes that are known only now, when the trial ends: without a round trip where the trial can. */
export async function setLastUserAttrs(trial: Trial, attrs: LastWords): Promise<void> {
  if (trial instanceof RemoteTrial) trial.lastWords = attrs;
  else for (const [key, value] of Object.entries(attrs)) await trial.setUserAttr(key, value);
}

/** How much may be trained while the trial's answers are on their way, which from another process takes as long as many short epochs. */
export function lookaheadMsOf(trial: Trial): number {
  return trial instanceof RemoteTrial ? 20 : 0;
}
