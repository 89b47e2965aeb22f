/**
 * Tree-structured Parzen estimator: the trials so far are split into good and bad ones, a density is fitted to each, and of some
 * points drawn from the good density the one is taken where it exceeds the bad density most.
 *
 * Bergstra, Bardenet, Bengio and Kégl, "Algorithms for hyper-parameter optimization", NIPS 2011; Watanabe, "Tree-structured Parzen
 * estimator: understanding its algorithm components", 2023; several objectives: Ozaki et al., JAIR 73, 2022. Follows
 * `optuna/samplers/_tpe` (5.0), in splits, weights, kernels and densities number by number. It differs in these points:
 * - The cost of an ask hardly grows with the history: splits, sorted observations and kernels are kept up, not computed anew.
 * - Equal observations are sorted by trial number when kernel widths are determined; there the order is left to NumPy.
 * - Parameters of running trials that were sampled and not yet suggested are shared within this process, not through a trial
 *   attribute. Those that Optuna's workers leave there are read.
 * - With `group`, a parameter whose range changed is sampled with its latest range, not with its first.
 */
import {
  isSingle,
  toExternal,
  toInternal,
  type Distribution,
  type ParamValue,
  type SearchSpace,
} from '../../distributions.ts';
import { InvalidArgumentError } from '../../errors.ts';
import { createRng } from '../../math/rng.ts';
import { checkOptions, seedOption, type OptionSpec } from '../../options.ts';
import { groupedSearchSpaces } from '../../search-space/groups.ts';
import { intersectionSearchSpace } from '../../search-space/intersection.ts';
import type { StudyHistory } from '../../study/study-history.ts';
import type { StudyView } from '../../study/study-view.ts';
import type { FrozenTrial, TrialState } from '../../trial/frozen-trial.ts';
import { storeConstraints, type ConstraintsFunction } from '../constraints.ts';
import { sampleUniform } from '../random.ts';
import { IndependentSampling } from '../independent.ts';
import type { Sampler, SamplerOptions } from '../sampler.ts';
import type { CategoricalDistance } from './categorical-kernels.ts';
import type { KernelOptions } from './parzen-estimator.ts';
import { TpeState } from './tpe-state.ts';
import { setOwn } from '../../own-entries.ts';

export interface TpeSamplerOptions extends SamplerOptions {
  /** Complete and pruned trials before which parameters are drawn at random. @default 10 */
  nStartupTrials?: number;
  /** Points drawn from the good density, of which the best is taken. @default 24 */
  nEiCandidates?: number;
  /** Sample parameters jointly, so that their interactions are seen; 'auto': with one objective. @default 'auto' */
  multivariate?: boolean | 'auto';
  /** With conditional parameters: divide the parameters into groups that occur together, and sample each group jointly. @default false */
  group?: boolean;
  /** Count running trials as bad ones, so that parallel trials do not all try the same. @default true */
  constantLiar?: boolean;
  /** Weight of the prior, where an observation has at most 1. @default 1 */
  priorWeight?: number;
  /** Keep kernels from getting too narrow while there are few. @default true */
  considerMagicClip?: boolean;
  /** Let the outermost kernels reach to the ends of the range. @default false */
  considerEndpoints?: boolean;
  /** Warn, once per parameter, when it has to be sampled alone though `multivariate` is on. @default false */
  warnIndependentSampling?: boolean;
  /** How many of n trials are good. @default a tenth, rounded up; with one objective at most 25 */
  gamma?: (n: number) => number;
  /** Weights of n trials in the order of their numbers. @default 1 for the last 25, falling to 1 / n for the first */
  weights?: (n: number) => ArrayLike<number>;
  /** Distances (at least 0) between the choices of categorical parameters, by parameter. @default none */
  categoricalDistances?: Readonly<Record<string, CategoricalDistance>>;
  /** Constraints of a finished trial, all <= 0 where it is feasible. `trial.setConstraint` does the same from within. @default none */
  constraints?: ConstraintsFunction;
}

export const tpeSamplerOptions: readonly OptionSpec[] = [
  {
    type: 'number',
    name: 'nStartupTrials',
    title: 'Random trials first',
    description: 'Complete and pruned trials before which parameters are drawn at random.',
    isInteger: true,
    min: 0,
    default: 10,
  },
  {
    type: 'number',
    name: 'nEiCandidates',
    title: 'Candidates',
    description: 'Points drawn from the good density, of which the best is taken.',
    isInteger: true,
    min: 1,
    default: 24,
  },
  {
    type: 'boolean',
    name: 'multivariate',
    title: 'Sample jointly',
    description:
      "Sample parameters jointly, so that their interactions are seen. 'auto': with one objective.",
    allowsAuto: true,
    default: 'auto',
  },
  {
    type: 'boolean',
    name: 'group',
    title: 'Group conditional parameters',
    description:
      'Divide the parameters into groups that occur together, and sample each group jointly.',
    default: false,
  },
  {
    type: 'boolean',
    name: 'constantLiar',
    title: 'Avoid running trials',
    description:
      'Count running trials as bad ones, so that parallel trials do not all try the same.',
    default: true,
  },
  {
    type: 'number',
    name: 'priorWeight',
    title: 'Weight of the prior',
    description: 'Weight of the prior, where an observation has at most 1.',
    min: 0,
    max: Number.MAX_VALUE,
    default: 1,
  },
  {
    type: 'boolean',
    name: 'considerMagicClip',
    title: 'Magic clip',
    description: 'Keep kernels from getting too narrow while there are few.',
    default: true,
  },
  {
    type: 'boolean',
    name: 'considerEndpoints',
    title: 'Reach to the ends',
    description: 'Let the outermost kernels reach to the ends of the range.',
    default: false,
  },
  {
    type: 'boolean',
    name: 'warnIndependentSampling',
    title: 'Warn of independent sampling',
    description:
      'Warn, once per parameter, when it has to be sampled alone though parameters are sampled jointly.',
    default: false,
  },
  seedOption,
  {
    type: 'function',
    name: 'gamma',
    title: 'Good trials',
    description: 'How many of n trials are good.',
  },
  {
    type: 'function',
    name: 'weights',
    title: 'Weights',
    description: 'Weights of n trials in the order of their numbers.',
  },
  {
    type: 'functions',
    name: 'categoricalDistances',
    title: 'Distances between choices',
    description: 'Distances between the choices of categorical parameters, by parameter.',
  },
  {
    type: 'function',
    name: 'constraints',
    title: 'Constraints',
    description: 'Constraints of a finished trial, all at most 0 where it is feasible.',
  },
];

interface CheckedOptions {
  nStartupTrials: number;
  nEiCandidates: number;
  multivariate: boolean | 'auto';
  group: boolean;
  constantLiar: boolean;
  priorWeight: number;
  considerMagicClip: boolean;
  considerEndpoints: boolean;
  warnIndependentSampling: boolean;
  seed: number | null;
  gamma: ((n: number) => number) | null;
  weights: ((n: number) => ArrayLike<number>) | null;
  categoricalDistances: Readonly<Record<string, CategoricalDistance>> | null;
  constraints: ConstraintsFunction | null;
}

export class TpeSampler implements Sampler {
  readonly name = 'tpe';
  readonly #options: CheckedOptions;
  readonly #kernelOptions: KernelOptions;
  readonly #notes: IndependentSampling;
  readonly #states = new WeakMap<StudyHistory, TpeState>();

  /** @throws InvalidArgumentError for an unknown option or a wrong value, or `group` without `multivariate`. */
  constructor(options: TpeSamplerOptions = {}) {
    this.#options = checkOptions<CheckedOptions>('TpeSampler', tpeSamplerOptions, options);
    const { group, multivariate, weights, categoricalDistances } = this.#options;
    if (group && multivariate === false)
      throw new InvalidArgumentError(
        'TpeSampler: `group` needs `multivariate`, but got `multivariate: false`.',
      );
    this.#notes = new IndependentSampling(
      'multivariate TPE',
      'not every trial had it with the same range; with `group: true` such parameters are sampled jointly too',
      this.#options.warnIndependentSampling,
    );
    this.#kernelOptions = {
      ...this.#options,
      weights: weights ?? defaultWeights,
      categoricalDistances: categoricalDistances ?? {},
    };
  }

  async inferRelativeSearchSpace(study: StudyView): Promise<SearchSpace> {
    if (!this.#isMultivariate(study)) return {};
    const history = await study.getHistory();
    const space = this.#options.group
      ? Object.assign({}, ...groupedSearchSpaces(history, { withPruned: true }))
      : intersectionSearchSpace(history, { withPruned: true });
    return withoutSingles(space);
  }

  async sampleRelative(
    study: StudyView,
    trial: FrozenTrial,
    searchSpace: SearchSpace,
  ): Promise<Readonly<Record<string, ParamValue>>> {
    const history = await study.getHistory();
    if (!this.#knowsEnough(history)) return {};
    let spaces = [searchSpace];
    if (this.#options.group)
      spaces = groupedSearchSpaces(history, { withPruned: true }).map((group) =>
        Object.fromEntries(Object.entries(searchSpace).filter(([name]) => name in group)),
      );
    const state = this.#stateOf(history);
    const params: Record<string, ParamValue> = {};
    for (const space of spaces)
      if (Object.keys(space).length > 0)
        Object.assign(params, this.#sample(study, state, trial, space));
    if (this.#options.constantLiar) state.announce(trial, internalValues(searchSpace, params));
    return params;
  }

  async sampleIndependent(
    study: StudyView,
    trial: FrozenTrial,
    name: string,
    distribution: Distribution,
  ): Promise<ParamValue> {
    const history = await study.getHistory();
    if (!this.#knowsEnough(history))
      return sampleUniform(this.#options.seed ?? study.seed, trial.number, name, distribution);
    if (this.#isMultivariate(study) && history.params.has(name))
      await this.#notes.note(study, trial, name);
    const space = { [name]: distribution };
    return this.#sample(study, this.#stateOf(history), trial, space)[name] as ParamValue;
  }

  async afterTrial(study: StudyView, trial: FrozenTrial, state: TrialState): Promise<void> {
    if (this.#options.constraints)
      await storeConstraints(study, trial, state, this.#options.constraints);
  }

  #sample(
    study: StudyView,
    state: TpeState,
    trial: FrozenTrial,
    space: SearchSpace,
  ): Record<string, ParamValue> {
    const { constantLiar, nEiCandidates, seed } = this.#options;
    state.refresh(this.#nBelow(state.history), constantLiar, trial.number);
    const rng = createRng(seed ?? study.seed, trial.number, 'tpe', ...Object.keys(space));
    const good = state.below(space);
    const candidates = good.sample(nEiCandidates, rng);
    const best = mostPromising(
      good.logDensities(candidates),
      state.above(space).logDensities(candidates),
    );
    const params: Record<string, ParamValue> = {};
    Object.entries(space).forEach(([name, distribution], i) => {
      setOwn(params, name, toExternal(distribution, candidates[i]?.[best] as number));
    });
    return params;
  }

  #nBelow(history: StudyHistory): number {
    const n = history.nComplete + history.nPruned;
    const gamma = this.#options.gamma ?? (history.directions.length === 1 ? defaultGamma : tenthOf);
    const nBelow = gamma(n);
    if (!(nBelow >= 0 && Number.isInteger(nBelow)))
      throw new InvalidArgumentError(
        `TpeSampler: \`gamma(${n})\` must be a whole number of at least 0, but is ${nBelow}.`,
      );
    return nBelow;
  }

  #knowsEnough(history: StudyHistory): boolean {
    return history.nComplete + history.nPruned >= this.#options.nStartupTrials;
  }

  #isMultivariate(study: StudyView): boolean {
    const { multivariate, group } = this.#options;
    return multivariate === 'auto' ? group || study.directions.length === 1 : multivariate;
  }

  #stateOf(history: StudyHistory): TpeState {
    let state = this.#states.get(history);
    if (!state) {
      state = new TpeState(history, this.#kernelOptions);
      this.#states.set(history, state);
    }
    return state;
  }
}

/** How many of n trials are good, with one objective. */
export function defaultGamma(n: number): number {
  return Math.min(tenthOf(n), 25);
}

function tenthOf(n: number): number {
  return Math.ceil(0.1 * n);
}

/** Weights of n trials: 1 for the last 25, rising evenly from 1 / n before them. */
export function defaultWeights(n: number, into: Float64Array = new Float64Array(n)): Float64Array {
  into.fill(1);
  const nRising = n - 25;
  const step = (1 - 1 / n) / (nRising - 1);
  for (let i = 0; i < nRising - 1; i++) into[i] = 1 / n + i * step;
  if (nRising === 1) into[0] = 1 / n;
  return into;
}

/** The candidate whose density is highest among the good in relation to the bad; of equal ones the first. */
function mostPromising(logGood: Float64Array, logBad: Float64Array): number {
  let best = 0;
  let bestRatio = -Infinity;
  logGood.forEach((good, i) => {
    const ratio = good - (logBad[i] as number);
    if (!(ratio > bestRatio)) return;
    best = i;
    bestRatio = ratio;
  });
  return best;
}

function withoutSingles(space: SearchSpace): SearchSpace {
  return Object.fromEntries(
    Object.entries(space).filter(([, distribution]) => !isSingle(distribution)),
  );
}

function internalValues(
  space: SearchSpace,
  params: Readonly<Record<string, ParamValue>>,
): Record<string, number> {
  const values: Record<string, number> = {};
  for (const [name, value] of Object.entries(params))
    setOwn(values, name, toInternal(space[name] as Distribution, value));
  return values;
}
