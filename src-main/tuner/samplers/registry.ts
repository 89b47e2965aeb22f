import { InvalidArgumentError } from '../errors.ts';
import { checkPart, type OptionSpec, type OptionValues } from '../options.ts';
import { AutoSampler, autoSamplerOptions } from './auto.ts';
import { BruteForceSampler, bruteForceSamplerOptions } from './brute-force.ts';
import {
  CmaEsSampler,
  cmaEsSamplerOptions,
  type CmaEsSamplerOptions,
} from './cma-es/cma-es-sampler.ts';
import { GpSampler, gpSamplerOptions, type GpSamplerOptions } from './gp/gp-sampler.ts';
import { GridSampler, gridSamplerOptions, type GridSamplerOptions } from './grid.ts';
import { NsgaIISampler, nsgaIISamplerOptions } from './nsga/nsga-ii-sampler.ts';
import { NsgaIIISampler, nsgaIIISamplerOptions } from './nsga/nsga-iii-sampler.ts';
import {
  PartialFixedSampler,
  partialFixedSamplerOptions,
  type PartialFixedSamplerOptions,
} from './partial-fixed.ts';
import { QmcSampler, qmcSamplerOptions } from './qmc.ts';
import { RandomSampler, randomSamplerOptions } from './random.ts';
import type { Sampler } from './sampler.ts';
import { TpeSampler, tpeSamplerOptions } from './tpe/tpe-sampler.ts';

/** A sampler as data: what forms, documentation, spec files and conformance tests are made from. */
export interface SamplerEntry {
  /** As in spec files: lower case with hyphens. */
  readonly name: string;
  readonly title: string;
  /** One sentence. */
  readonly description: string;
  readonly options: readonly OptionSpec[];
  /** What it takes into account. What it does not, it tolerates, except several objectives, which it refuses. */
  readonly supports: {
    /** Studies of several objectives. */
    readonly multiObjective: boolean;
    /** `trial.setConstraint`. */
    readonly constraints: boolean;
    /** Parameters that only some trials have. */
    readonly conditional: boolean;
    /** Several trials at once: it avoids what is being tried. */
    readonly parallel: boolean;
  };
  /** @throws InvalidArgumentError for an unknown option or a wrong value. */
  create(options?: OptionValues): Sampler;
}

const entries = [
  {
    name: 'auto',
    title: 'Automatic',
    description:
      'Chooses among the samplers for each trial by parameters, trials so far and objectives, and says which and why.',
    options: autoSamplerOptions,
    supports: { multiObjective: true, constraints: true, conditional: true, parallel: true },
    create: (options) => new AutoSampler(options),
  },
  {
    name: 'tpe',
    title: 'TPE',
    description:
      'Learns from the trials so far where good values lie and tries more there; quick with any number of trials.',
    options: tpeSamplerOptions,
    supports: { multiObjective: true, constraints: true, conditional: true, parallel: true },
    create: (options) => new TpeSampler(options),
  },
  {
    name: 'gp',
    title: 'Gaussian process',
    description:
      'Models the objective and tries where most improvement is expected; needs fewest trials, and the longest time for each.',
    options: gpSamplerOptions,
    supports: { multiObjective: true, constraints: true, conditional: true, parallel: true },
    create: (options = {}) =>
      new GpSampler({
        ...options,
        independentSampler: toSampler(options.independentSampler),
      } as GpSamplerOptions),
  },
  {
    name: 'cma-es',
    title: 'CMA-ES',
    description:
      'Moves and shapes a normal distribution over the numeric parameters; strong with some hundreds of trials and dependent parameters.',
    options: cmaEsSamplerOptions,
    supports: { multiObjective: false, constraints: true, conditional: true, parallel: true },
    create: (options = {}) =>
      new CmaEsSampler({
        ...options,
        independentSampler: toSampler(options.independentSampler),
      } as CmaEsSamplerOptions),
  },
  {
    name: 'nsga-ii',
    title: 'NSGA-II',
    description:
      'Breeds new trials from the best so far, generation by generation; for several objectives and many quick trials.',
    options: nsgaIISamplerOptions,
    supports: { multiObjective: true, constraints: true, conditional: true, parallel: true },
    create: (options) => new NsgaIISampler(options),
  },
  {
    name: 'nsga-iii',
    title: 'NSGA-III',
    description: 'As NSGA-II, for three and more objectives, spread along directions.',
    options: nsgaIIISamplerOptions,
    supports: { multiObjective: true, constraints: true, conditional: true, parallel: true },
    create: (options) => new NsgaIIISampler(options),
  },
  {
    name: 'random',
    title: 'Random',
    description: 'Draws every parameter at random, without regard to the trials so far.',
    options: randomSamplerOptions,
    supports: { multiObjective: true, constraints: false, conditional: true, parallel: true },
    create: (options) => new RandomSampler(options),
  },
  {
    name: 'grid',
    title: 'Grid',
    description: 'Tries every combination of the values given, each once, and then ends the study.',
    options: gridSamplerOptions,
    supports: { multiObjective: true, constraints: false, conditional: false, parallel: true },
    create: (options) => new GridSampler(options as unknown as GridSamplerOptions),
  },
  {
    name: 'qmc',
    title: 'Quasi-Monte Carlo',
    description: 'As random search, but spread evenly, without gaps and clusters.',
    options: qmcSamplerOptions,
    supports: { multiObjective: true, constraints: false, conditional: true, parallel: true },
    create: (options) => new QmcSampler(options),
  },
  {
    name: 'brute-force',
    title: 'Brute force',
    description:
      'Tries everything the objective can ask for, conditions included, each once, and then ends the study.',
    options: bruteForceSamplerOptions,
    supports: { multiObjective: true, constraints: false, conditional: true, parallel: true },
    create: (options) => new BruteForceSampler(options),
  },
  {
    name: 'partial-fixed',
    title: 'Partly fixed',
    description: 'Keeps some parameters at given values and leaves the others to another sampler.',
    options: partialFixedSamplerOptions,
    supports: { multiObjective: true, constraints: true, conditional: true, parallel: true },
    create: (options = {}) =>
      new PartialFixedSampler({
        ...options,
        base: toSampler(options.base),
      } as PartialFixedSamplerOptions),
  },
] as const satisfies readonly SamplerEntry[];

/** All samplers, the default first. */
export const samplers: readonly SamplerEntry[] = entries;

/** The names of all samplers. */
export type SamplerName = (typeof entries)[number]['name'];

/**
 * @param name One of `SamplerName`, which editors propose; any text is taken, as names come from files too, and checked.
 * @throws InvalidArgumentError for an unknown name, an unknown option or a wrong value.
 */
export function createSampler(
  name: SamplerName | (string & {}),
  options: OptionValues = {},
): Sampler {
  const entry = samplers.find((one) => one.name === name);
  if (!entry)
    throw new InvalidArgumentError(
      `The sampler must be one of ${samplers.map((one) => one.name).join(', ')}, but got "${name}".`,
    );
  return entry.create(options);
}

/** A sampler given as such, or as data: `{ type: 'tpe', options: { nStartupTrials: 5 } }`. */
function toSampler(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || 'sampleIndependent' in value) return value;
  const { type, options } = checkPart(value);
  return createSampler(type, options);
}
