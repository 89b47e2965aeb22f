/**
 * CMA-ES: a normal distribution over the numeric parameters is moved, widened and turned, generation after generation, towards where the
 * better half of its samples lies. For smooth functions, dependent parameters and some hundreds of trials or more.
 *
 * Hansen, "The CMA evolution strategy: a tutorial", arXiv:1604.00772 (2016). Follows `optuna/samplers/_cmaes.py` (5.0) and the package
 * `cmaes` (0.13) below it. It differs in these points:
 * - Each trial keeps where it was sampled, and no trial keeps a serialized optimizer: the distribution is rebuilt from the trials.
 * - Restarts are built in and on: a distribution that has converged finds nothing more. With a margin is the default, also for
 *   logarithmic integers, and together with `lrAdapt` and `useSeparableCma`.
 * - Parameters outside the distribution are sampled by TPE, not at random.
 * - Where the parameters that all trials share become fewer, the search starts anew with those that are left; Optuna gives up.
 * - Trials that violate constraints rank after those that do not.
 * - Source trials of a warm start may have further parameters, and may be fewer than ten.
 */
import {
  isSingle,
  toExternal,
  toInternal,
  containsInternal,
  type Distribution,
  type ParamValue,
  type SearchSpace,
} from '../../distributions.ts';
import { InvalidArgumentError } from '../../errors.ts';
import { createRng } from '../../math/rng.ts';
import { checkOptions, seedOption, type OptionSpec } from '../../options.ts';
import { intersectionSearchSpace } from '../../search-space/intersection.ts';
import { unitFromInternal } from '../../search-space/transform.ts';
import type { StudyHistory } from '../../study/study-history.ts';
import type { StudyView } from '../../study/study-view.ts';
import { lastStep, type FrozenTrial, type TrialState } from '../../trial/frozen-trial.ts';
import { storeConstraints, type ConstraintsFunction } from '../constraints.ts';
import { IndependentSampling } from '../independent.ts';
import type { Sampler, SamplerOptions } from '../sampler.ts';
import { TpeSampler } from '../tpe/tpe-sampler.ts';
import { CMA_ES, CmaRun } from './cma-run.ts';
import type { Coordinates } from './coordinates.ts';
import { Evolution } from './evolution.ts';
import { restartStrategies, type RestartStrategy } from './restarts.ts';
import { warmStart, type Start } from './warm-start.ts';

/** What a similar study found. */
export interface SourceResult {
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly value: number;
}

export interface CmaEsSamplerOptions extends SamplerOptions {
  /** Where the first run begins, external values; what is not named begins in the middle. @default the middle */
  x0?: Readonly<Record<string, ParamValue>>;
  /** The first standard deviation, in parts of the range of each parameter. @default 1/6 */
  sigma0?: number;
  /** Trials sampled by `independentSampler` first. @default 1 */
  nStartupTrials?: number;
  /** Samples parameters that are categorical or that only some trials have. @default TPE */
  independentSampler?: Sampler;
  /** Warn, once per parameter, of sampling it independently. @default true */
  warnIndependentSampling?: boolean;
  /** Let pruned trials count, with their last reported value. @default false */
  considerPrunedTrials?: boolean;
  /** What to do when the distribution has converged: nothing, start anew with a population `incPopsize` times as large ('ipop'), or take turns between large and small populations ('bipop'). @default 'ipop' */
  restartStrategy?: RestartStrategy;
  /** Trials per generation, at least 2. @default 4 + 3 ln(number of parameters), rounded down */
  popsize?: number;
  /** By what the population grows with a restart. @default 2 */
  incPopsize?: number;
  /** Learn the scale of each parameter only, not how they depend on each other; faster where there are many. @default false */
  useSeparableCma?: boolean;
  /** Keep integers and parameters with a step from freezing on one value. @default true */
  withMargin?: boolean;
  /** Adapt the learning rate, for noisy functions and such with many local optima. @default false */
  lrAdapt?: boolean;
  /** Trials of a similar study whose good ones say where to begin; not together with `x0`, `sigma0` and `useSeparableCma`. @default none */
  sourceTrials?: readonly FrozenTrial[];
  /** The same as plain values, as spec files have them; not together with `sourceTrials` either. @default none */
  source?: readonly SourceResult[];
  /** Constraints of a finished trial, all <= 0 where it is feasible. `trial.setConstraint` does the same from within. @default none */
  constraints?: ConstraintsFunction;
}

export const cmaEsSamplerOptions: readonly OptionSpec[] = [
  {
    type: 'number',
    name: 'nStartupTrials',
    title: 'Random trials first',
    description: 'Trials sampled independently before the first generation.',
    isInteger: true,
    min: 0,
    default: 1,
  },
  {
    type: 'number',
    name: 'popsize',
    title: 'Population size',
    description: 'Trials per generation; grows with the number of parameters where it is left out.',
    isInteger: true,
    min: 2,
    default: null,
  },
  {
    type: 'choice',
    name: 'restartStrategy',
    title: 'Restarts',
    description:
      'When nothing more is to be found: stay, start anew with a larger population (ipop), or take turns between large and small ones (bipop).',
    choices: restartStrategies,
    default: 'ipop',
  },
  {
    type: 'number',
    name: 'incPopsize',
    title: 'Growth with a restart',
    description: 'By what the population grows with a restart.',
    isInteger: true,
    min: 1,
    default: 2,
  },
  {
    type: 'params',
    name: 'x0',
    title: 'Start at',
    description: 'Values to begin at; what is not named begins in the middle of its range.',
    default: null,
  },
  {
    type: 'number',
    name: 'sigma0',
    title: 'Initial step size',
    description:
      'The first standard deviation, in parts of the range; a sixth where it is left out.',
    min: 1e-10,
    max: 1e10,
    default: null,
  },
  {
    type: 'boolean',
    name: 'withMargin',
    title: 'Margin for integers',
    description: 'Keep integers and parameters with a step from freezing on one value.',
    default: true,
  },
  {
    type: 'boolean',
    name: 'lrAdapt',
    title: 'Adapt the learning rate',
    description: 'For noisy functions, and such with many local optima.',
    default: false,
  },
  {
    type: 'boolean',
    name: 'useSeparableCma',
    title: 'Separable',
    description: 'Learn the scale of each parameter only, not how they depend on each other.',
    default: false,
  },
  {
    type: 'boolean',
    name: 'considerPrunedTrials',
    title: 'Learn from pruned trials',
    description: 'Let pruned trials count, with their last reported value.',
    default: false,
  },
  {
    type: 'sampler',
    name: 'independentSampler',
    title: 'Sampler of the rest',
    description:
      'Samples parameters that are categorical or that only some trials have; TPE where it is left out.',
    default: null,
  },
  {
    type: 'boolean',
    name: 'warnIndependentSampling',
    title: 'Warn of independent sampling',
    description: 'Warn, once per parameter, of sampling it independently.',
    default: true,
  },
  seedOption,
  {
    type: 'results',
    name: 'source',
    title: 'Warm start',
    description:
      'Results of a similar study, whose good ones say where to begin; `parzen run --warm-start-from` writes them here.',
    default: null,
  },
  {
    type: 'list',
    name: 'sourceTrials',
    title: 'Warm start',
    description: 'Trials of a similar study, whose good ones say where to begin.',
  },
  {
    type: 'function',
    name: 'constraints',
    title: 'Constraints',
    description: 'Constraints of a finished trial, all at most 0 where it is feasible.',
  },
];

interface CheckedOptions {
  x0: Readonly<Record<string, ParamValue>> | null;
  sigma0: number | null;
  nStartupTrials: number;
  independentSampler: Sampler | null;
  warnIndependentSampling: boolean;
  considerPrunedTrials: boolean;
  restartStrategy: RestartStrategy;
  popsize: number | null;
  incPopsize: number;
  useSeparableCma: boolean;
  withMargin: boolean;
  lrAdapt: boolean;
  source: readonly SourceResult[] | null;
  sourceTrials: readonly FrozenTrial[] | null;
  constraints: ConstraintsFunction | null;
  seed: number | null;
}

const DEFAULT_SIGMA = 1 / 6;

export class CmaEsSampler implements Sampler {
  readonly name = 'cma-es';
  readonly #options: CheckedOptions;
  readonly #independent: Sampler;
  readonly #notes: IndependentSampling;
  readonly #runs = new WeakMap<StudyHistory, CmaRun>();

  /**
   * @throws InvalidArgumentError for an unknown option or a wrong value, or `source` or `sourceTrials` together with what they decide. Each method that
   *   samples throws it for a study of several objectives.
   */
  constructor(options: CmaEsSamplerOptions = {}) {
    this.#options = checkOptions<CheckedOptions>('CmaEsSampler', cmaEsSamplerOptions, options);
    const { source, sourceTrials, x0, sigma0, useSeparableCma, seed } = this.#options;
    if ((source || sourceTrials) && (x0 || sigma0 !== null || useSeparableCma))
      throw new InvalidArgumentError(
        `CmaEsSampler: \`${source ? 'source' : 'sourceTrials'}\` decides what \`x0\`, \`sigma0\` and \`useSeparableCma\` say too; give one or the other.`,
      );
    if (source && sourceTrials)
      throw new InvalidArgumentError(
        'CmaEsSampler: `source` and `sourceTrials` say the same; give one or the other.',
      );
    this.#independent =
      this.#options.independentSampler ??
      new TpeSampler({ multivariate: false, ...(seed === null ? {} : { seed }) });
    this.#notes = new IndependentSampling(
      'CMA-ES',
      'it is categorical or not every trial had it with the same distribution',
      this.#options.warnIndependentSampling,
    );
  }

  async beforeTrial(study: StudyView, trial: FrozenTrial): Promise<void> {
    await this.#independent.beforeTrial?.(study, trial);
  }

  async inferRelativeSearchSpace(study: StudyView): Promise<SearchSpace> {
    requireSingleObjective(study);
    const history = await study.getHistory();
    const space = intersectionSearchSpace(history, {
      withPruned: this.#options.considerPrunedTrials,
    });
    return Object.fromEntries(
      Object.entries(space).filter(
        ([, distribution]) => distribution.type !== 'categorical' && !isSingle(distribution),
      ),
    );
  }

  async sampleRelative(
    study: StudyView,
    trial: FrozenTrial,
    searchSpace: SearchSpace,
  ): Promise<Readonly<Record<string, ParamValue>>> {
    requireSingleObjective(study);
    const history = await study.getHistory();
    if (!this.#isUnderWay(history)) return {};
    const run = this.#runOf(study, history, searchSpace);
    await run.refresh(study);
    const rng = createRng(this.#seedOf(study), trial.number, 'cma-es');
    const { internals, attr } = run.sample(trial, rng);
    await study.setTrialSystemAttr(trial.trialId, CMA_ES, attr);
    return Object.fromEntries(
      Object.entries(searchSpace).map(([name, distribution]) => [
        name,
        toExternal(distribution, internals[name] as number),
      ]),
    );
  }

  async sampleIndependent(
    study: StudyView,
    trial: FrozenTrial,
    name: string,
    distribution: Distribution,
  ): Promise<ParamValue> {
    requireSingleObjective(study);
    if (this.#isUnderWay(await study.getHistory())) await this.#notes.note(study, trial, name);
    return this.#independent.sampleIndependent(study, trial, name, distribution);
  }

  async afterTrial(
    study: StudyView,
    trial: FrozenTrial,
    state: TrialState,
    values: readonly number[] | null,
  ): Promise<void> {
    if (this.#options.constraints)
      await storeConstraints(study, trial, state, this.#options.constraints);
    await this.#independent.afterTrial?.(study, trial, state, values);
  }

  #isUnderWay(history: StudyHistory): boolean {
    const { nStartupTrials, considerPrunedTrials } = this.#options;
    const nKnown = history.nComplete + (considerPrunedTrials ? history.nPruned : 0);
    return nKnown >= nStartupTrials;
  }

  #runOf(study: StudyView, history: StudyHistory, space: SearchSpace): CmaRun {
    let run = this.#runs.get(history);
    if (!run?.isOf(space)) {
      run = new CmaRun(
        history,
        space,
        (coordinates) =>
          new Evolution(coordinates, this.#start(study, coordinates), {
            ...this.#options,
            seed: this.#seedOf(study),
          }),
        this.#options.considerPrunedTrials,
      );
      this.#runs.set(history, run);
    }
    return run;
  }

  #start(study: StudyView, { names, distributions }: Coordinates): Start {
    const { x0, sigma0, source, sourceTrials, considerPrunedTrials } = this.#options;
    const sources =
      source?.map(({ params, value }) => ({
        value,
        internals: internalsOf(params, names, distributions),
      })) ??
      sourceTrials?.map((trial) => ({
        value: valueOf(trial, considerPrunedTrials),
        internals: internalsOfTrial(trial, names, distributions),
      }));
    if (sources) return warmStart(sourcePoints(study, sources, names, distributions));
    const mean = Float64Array.from(names, (name, i) => {
      const value = x0?.[name];
      if (value === undefined) return 0.5;
      const distribution = distributions[i] as Distribution;
      const internal = toInternal(distribution, value);
      if (!containsInternal(distribution, internal))
        throw new InvalidArgumentError(
          `CmaEsSampler: \`x0\` must be in range, but its value ${String(value)} of "${name}" is not.`,
        );
      return unitFromInternal(distribution, internal);
    });
    return { mean, sigma: sigma0 ?? DEFAULT_SIGMA, covariance: null };
  }

  #seedOf(study: StudyView): number {
    return this.#options.seed ?? study.seed;
  }
}

/** A result of the source study: NaN where it, or a parameter, cannot be used. */
interface Source {
  readonly value: number;
  readonly internals: readonly number[];
}

function valueOf(trial: FrozenTrial, considerPruned: boolean): number {
  if (trial.state === 'complete') return trial.values?.[0] ?? NaN;
  if (trial.state !== 'pruned' || !considerPruned) return NaN;
  return trial.intermediateValues.get(lastStep(trial) ?? NaN) ?? NaN;
}

function internalsOfTrial(
  trial: FrozenTrial,
  names: readonly string[],
  distributions: readonly Distribution[],
): number[] {
  return names.map((name, i) =>
    trial.distributions[name]?.type === distributions[i]?.type
      ? (trial.internalParams[name] ?? NaN)
      : NaN,
  );
}

function internalsOf(
  params: SourceResult['params'],
  names: readonly string[],
  distributions: readonly Distribution[],
): number[] {
  return names.map((name, i) => {
    const value = Object.hasOwn(params, name) ? params[name] : undefined;
    const isWhole = Number.isInteger(value) || distributions[i]?.type !== 'int';
    return typeof value === 'number' && isWhole ? value : NaN;
  });
}

/** Sources that have all these parameters in their ranges, from best to worst, in the unit cube. */
function sourcePoints(
  study: StudyView,
  sources: readonly Source[],
  names: readonly string[],
  distributions: readonly Distribution[],
): Float64Array[] {
  const sign = study.directions[0] === 'minimize' ? 1 : -1;
  const points: { point: Float64Array; loss: number }[] = [];
  for (const { value, internals } of sources) {
    const isUsable =
      !Number.isNaN(value) &&
      distributions.every((distribution, i) =>
        containsInternal(distribution, internals[i] as number),
      );
    if (!isUsable) continue;
    points.push({
      loss: sign * value,
      point: Float64Array.from(distributions, (distribution, i) =>
        unitFromInternal(distribution, internals[i] as number),
      ),
    });
  }
  if (points.length === 0)
    throw new InvalidArgumentError(
      `CmaEsSampler: the source of a warm start must have trials with ${names.join(', ')} in range and a value, but got none.`,
    );
  points.sort((a, b) => (a.loss === b.loss ? 0 : a.loss < b.loss ? -1 : 1));
  return points.map(({ point }) => point);
}

function requireSingleObjective(study: StudyView): void {
  if (study.directions.length > 1)
    throw new InvalidArgumentError(
      `CMA-ES needs a study with one direction, but this one has ${study.directions.length}. Use nsga-ii or tpe.`,
    );
}
