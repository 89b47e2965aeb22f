import type {
  CategoricalChoice,
  Distribution,
  FloatOptions,
  IntOptions,
  ParamValue,
} from '../distributions.ts';
import type { WriteOptions } from '../storages/storage.ts';
import type { AttrValue } from './frozen-trial.ts';

/**
 * What an objective gets: it asks for parameters and reports how it goes. The objective cannot tell whether the study lives in this
 * process (`LocalTrial`) or in another (`RemoteTrial` of a training child).
 */
export interface Trial {
  /** Counts from 0 within the study. */
  readonly number: number;
  /** Parameters suggested so far, external values. */
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly distributions: Readonly<Record<string, Distribution>>;
  /**
   * A real number in [low, high]. Asking again for a name gives the same value.
   *
   * @throws InvalidArgumentError when bounds or step break the rules of `createFloatDistribution`, or the name was of another kind before.
   */
  suggestFloat(name: string, low: number, high: number, options?: FloatOptions): Promise<number>;
  /** A whole number in [low, high]; otherwise as `suggestFloat`. */
  suggestInt(name: string, low: number, high: number, options?: IntOptions): Promise<number>;
  /** One of the choices. They must be the same for all trials of a study. */
  suggestCategorical<T extends CategoricalChoice>(name: string, choices: readonly T[]): Promise<T>;
  /** The same by distribution. */
  suggest(name: string, distribution: Distribution): Promise<ParamValue>;
  /**
   * Tells an intermediate value for the pruner and the charts. A second report of the same step is ignored with a warning.
   *
   * @param value Any number; NaN counts as no information.
   * @param step A whole number >= 0, such as the epoch.
   * @param options How it is stored; for who calls from a thread whose event loop gets a turn between two steps.
   * @throws InvalidArgumentError for a negative or fractional step.
   */
  report(value: number, step: number, options?: WriteOptions): Promise<void>;
  /** Whether the pruner would give the trial up now. The objective then throws `TrialPruned`. */
  shouldPrune(): Promise<boolean>;
  setUserAttr(key: string, value: AttrValue, options?: WriteOptions): Promise<void>;
  setSystemAttr(key: string, value: AttrValue): Promise<void>;
  /**
   * Stores a constraint's value: the trial is feasible when all are <= 0.
   *
   * @throws InvalidArgumentError for NaN.
   */
  setConstraint(key: string, value: number): Promise<void>;
}

/** What is optimized: one number, or one per direction of the study. */
export type Objective = (
  trial: Trial,
) => Promise<number | readonly number[]> | number | readonly number[];
