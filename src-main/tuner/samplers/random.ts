/**
 * Random search: every parameter uniformly (log-uniformly where it is logarithmic), independently of all else.
 *
 * Bergstra and Bengio, "Random search for hyper-parameter optimization", JMLR 13 (2012). Follows `optuna/samplers/_random.py` (5.0).
 */
import {
  toExternal,
  type Distribution,
  type ParamValue,
  type SearchSpace,
} from '../distributions.ts';
import { createRng } from '../math/rng.ts';
import { checkOptions, seedOption, type OptionSpec } from '../options.ts';
import { internalFromUnit } from '../search-space/transform.ts';
import type { StudyView } from '../study/study-view.ts';
import type { FrozenTrial } from '../trial/frozen-trial.ts';
import type { Sampler, SamplerOptions } from './sampler.ts';

export type RandomSamplerOptions = SamplerOptions;

export const randomSamplerOptions: readonly OptionSpec[] = [seedOption];

export class RandomSampler implements Sampler {
  readonly name = 'random';
  readonly #seed: number | null;

  /** @throws InvalidArgumentError for an unknown option or a wrong value. */
  constructor(options: RandomSamplerOptions = {}) {
    this.#seed = checkOptions<{ seed: number | null }>(
      'RandomSampler',
      randomSamplerOptions,
      options,
    ).seed;
  }

  async inferRelativeSearchSpace(): Promise<SearchSpace> {
    return {};
  }

  async sampleRelative(): Promise<Readonly<Record<string, ParamValue>>> {
    return {};
  }

  async sampleIndependent(
    study: StudyView,
    trial: FrozenTrial,
    name: string,
    distribution: Distribution,
  ): Promise<ParamValue> {
    return sampleUniform(this.#seed ?? study.seed, trial.number, name, distribution);
  }
}

/** The value of random search for a parameter of a trial. Other samplers use it too where they know nothing yet. */
export function sampleUniform(
  seed: number,
  trialNumber: number,
  name: string,
  distribution: Distribution,
): ParamValue {
  const unit = createRng(seed, trialNumber, 'random', name).uniform();
  return toExternal(distribution, internalFromUnit(distribution, unit));
}
