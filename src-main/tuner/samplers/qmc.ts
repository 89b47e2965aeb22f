/**
 * Quasi-Monte Carlo: like random search, but with points that leave no gaps and form no clusters.
 *
 * Bergstra and Bengio, "Random search for hyper-parameter optimization", JMLR 13 (2012), section 4; Owen, "Scrambled net variance for
 * integrals of smooth functions", Ann. Statist. 25 (1997). The counterpart of `optuna/samplers/_qmc.py` (5.0), from which it differs:
 * - The point of a trial is that of its number, so nothing is stored, and trials at once never share one.
 * - A parameter's coordinate is the order of its first appearance in the study. So conditional parameters are spread evenly too, and the first
 *   trial is part of the sequence.
 * - It scrambles by default: the seed belongs to the study, so that all its processes agree on it.
 */
import {
  toExternal,
  type Distribution,
  type ParamValue,
  type SearchSpace,
} from '../distributions.ts';
import { haltonCoordinate, MAX_HALTON_DIMENSIONS } from '../math/halton.ts';
import { createRng } from '../math/rng.ts';
import { MAX_SOBOL_DIMENSIONS, owenScramble, sobolCoordinate } from '../math/sobol.ts';
import { checkOptions, seedOption, type OptionSpec } from '../options.ts';
import { internalFromUnit } from '../search-space/transform.ts';
import type { StudyView } from '../study/study-view.ts';
import type { FrozenTrial } from '../trial/frozen-trial.ts';
import { sampleUniform } from './random.ts';
import type { Sampler, SamplerOptions } from './sampler.ts';

const qmcTypes = ['sobol', 'halton'] as const;

export interface QmcSamplerOptions extends SamplerOptions {
  /** The sequence. Sobol's is at its best with 2^k trials. @default 'sobol' */
  qmcType?: (typeof qmcTypes)[number];
  /** Randomize the sequence so that each point is uniform by itself and its evenness is kept. @default true */
  scramble?: boolean;
}

export const qmcSamplerOptions: readonly OptionSpec[] = [
  {
    type: 'choice',
    name: 'qmcType',
    title: 'Sequence',
    description: "The sequence of points. Sobol's is at its best with a power of two of trials.",
    choices: qmcTypes,
    default: 'sobol',
  },
  {
    type: 'boolean',
    name: 'scramble',
    title: 'Scramble',
    description: 'Randomize the sequence in a way that keeps it even.',
    default: true,
  },
  seedOption,
];

interface CheckedOptions {
  qmcType: (typeof qmcTypes)[number];
  scramble: boolean;
  seed: number | null;
}

export class QmcSampler implements Sampler {
  readonly name = 'qmc';
  readonly #options: CheckedOptions;

  /** @throws InvalidArgumentError for an unknown option or a wrong value. */
  constructor(options: QmcSamplerOptions = {}) {
    this.#options = checkOptions<CheckedOptions>('QmcSampler', qmcSamplerOptions, options);
  }

  async inferRelativeSearchSpace(): Promise<SearchSpace> {
    return {};
  }

  async sampleRelative(): Promise<Readonly<Record<string, ParamValue>>> {
    return {};
  }

  /** Parameters beyond the sequence's dimensions are drawn as by random search. */
  async sampleIndependent(
    study: StudyView,
    trial: FrozenTrial,
    name: string,
    distribution: Distribution,
  ): Promise<ParamValue> {
    const seed = this.#options.seed ?? study.seed;
    const dimension = await dimensionOf(study, name);
    const unit = this.#coordinate(trial.number, dimension, seed);
    if (unit === null) return sampleUniform(seed, trial.number, name, distribution);
    return toExternal(distribution, internalFromUnit(distribution, unit));
  }

  /** In [0, 1); null where the sequence has no such dimension. */
  #coordinate(index: number, dimension: number, seed: number): number | null {
    const { qmcType, scramble } = this.#options;
    if (qmcType === 'halton')
      return dimension < MAX_HALTON_DIMENSIONS
        ? haltonCoordinate(index, dimension, scramble ? seed : null)
        : null;
    if (dimension >= MAX_SOBOL_DIMENSIONS) return null;
    const coordinate = sobolCoordinate(index, dimension);
    if (!scramble) return coordinate / 2 ** 32;
    return owenScramble(coordinate, createRng(seed, 'sobol', dimension).uint32()) / 2 ** 32;
  }
}

/** How many parameters appeared in the study before this one did. */
async function dimensionOf(study: StudyView, name: string): Promise<number> {
  const { params } = await study.getHistory();
  let dimension = 0;
  for (const known of params.keys()) {
    if (known === name) break;
    dimension++;
  }
  return dimension;
}
