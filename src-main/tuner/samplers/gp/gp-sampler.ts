/**
 * Bayesian optimization with Gaussian processes: a process is fitted to the trials so far, and the point is tried next from which most
 * improvement is expected, be it because values there look good or because little is known of them.
 *
 * Kernel, priors and fit as in `optuna/_gp` and `optuna/samplers/_gp` (5.0). One objective: log expected improvement (Ament et al.,
 * NeurIPS 2023); several: log expected hypervolume improvement (Daulton et al., NeurIPS 2020); constraints: plus the logarithms of the
 * probabilities that they hold (Gardner et al., ICML 2014). It differs in these points:
 * - Running trials count as if they had ended with the values that are expected there ("kriging believer"); Optuna takes that only for
 *   several objectives with constraints, and else the mean over samples of possible results.
 * - Constraints are to hold with a margin of their noise's deviation.
 * - It learns from at most `maxTrials` trials, as the time of an ask grows with their third power.
 * - Kernel parameters are fitted anew only now and then, and every fit begins anew, so that a study gives the same trials when it was
 *   interrupted.
 * - Random candidates are a Latin hypercube, not Sobol's points.
 * - Constraints may be different in number from trial to trial.
 */
import {
  isSingle,
  type Distribution,
  type ParamValue,
  type SearchSpace,
} from '../../distributions.ts';
import { createBreather } from '../../breather.ts';
import {
  GaussianProcess,
  type Observations,
} from '../../math/gaussian-process/gaussian-process.ts';
import { nondominationRanks } from '../../math/nondomination.ts';
import { createRng, shuffle, type Rng } from '../../math/rng.ts';
import { checkOptions, seedOption, type OptionSpec } from '../../options.ts';
import { intersectionSearchSpace } from '../../search-space/intersection.ts';
import type { StudyHistory } from '../../study/study-history.ts';
import type { StudyView } from '../../study/study-view.ts';
import { isFeasible } from '../../system-attrs.ts';
import type { FrozenTrial, TrialState } from '../../trial/frozen-trial.ts';
import { storeConstraints, type ConstraintsFunction } from '../constraints.ts';
import { IndependentSampling } from '../independent.ts';
import { RandomSampler } from '../random.ts';
import type { Sampler, SamplerOptions } from '../sampler.ts';
import { logImprovement, logProbability, sumOf, type Acquisition } from './acquisition.ts';
import { logHypervolumeImprovement } from './hypervolume-improvement.ts';
import { KernelFits, nTrialsFitted } from './kernel-fits.ts';
import { maximizeAcquisition } from './maximize.ts';
import { MixedSpace } from './mixed-space.ts';
import { PendingTrials } from './pending-trials.ts';
import {
  constraintScores,
  liesIn,
  mostTelling,
  placesOf,
  scoresOf,
  type Standardized,
} from './training-set.ts';

export interface GpSamplerOptions extends SamplerOptions {
  /** Complete trials before which parameters are drawn at random. @default 10 */
  nStartupTrials?: number;
  /** The same parameters always give the same value, so that no noise need be assumed. @default false */
  deterministicObjective?: boolean;
  /** Trials it learns from at most: half of them the best, the others the most recent. @default 300 */
  maxTrials?: number;
  /** Samples the first trials, and parameters that only some trials have. @default random search */
  independentSampler?: Sampler;
  /** Warn, once per parameter, of sampling it independently. @default true */
  warnIndependentSampling?: boolean;
  /** Constraints of a finished trial, all <= 0 where it is feasible. `trial.setConstraint` does the same from within. @default none */
  constraints?: ConstraintsFunction;
}

export const gpSamplerOptions: readonly OptionSpec[] = [
  {
    type: 'number',
    name: 'nStartupTrials',
    title: 'Random trials first',
    description: 'Complete trials before which parameters are drawn at random.',
    isInteger: true,
    min: 1,
    default: 10,
  },
  {
    type: 'boolean',
    name: 'deterministicObjective',
    title: 'No noise',
    description:
      'The same parameters always give the same value, so that no noise need be assumed.',
    default: false,
  },
  {
    type: 'number',
    name: 'maxTrials',
    title: 'Trials to learn from',
    description:
      'Trials it learns from at most: half of them the best, the others the most recent. An ask takes long with many.',
    isInteger: true,
    min: 2,
    default: 300,
  },
  {
    type: 'sampler',
    name: 'independentSampler',
    title: 'Sampler of the rest',
    description:
      'Samples the first trials, and parameters that only some trials have; random search where it is left out.',
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
    type: 'function',
    name: 'constraints',
    title: 'Constraints',
    description: 'Constraints of a finished trial, all at most 0 where it is feasible.',
  },
];

interface CheckedOptions {
  nStartupTrials: number;
  deterministicObjective: boolean;
  maxTrials: number;
  independentSampler: Sampler | null;
  warnIndependentSampling: boolean;
  seed: number | null;
  constraints: ConstraintsFunction | null;
}

/** Known good points from which the search for the next one begins, with several objectives. */
const MAX_KNOWN = 5;
/** Random places where an improvement is looked for: climbs from the best of them do the rest. */
const CANDIDATES_PER_DIMENSION = 128;
const MAX_CANDIDATES = 1024;

export class GpSampler implements Sampler {
  readonly name = 'gp';
  readonly #options: CheckedOptions;
  readonly #independent: Sampler;
  readonly #notes: IndependentSampling;
  readonly #pending = new PendingTrials();
  readonly #kernels: KernelFits;

  /** @throws InvalidArgumentError for an unknown option or a wrong value. */
  constructor(options: GpSamplerOptions = {}) {
    this.#options = checkOptions<CheckedOptions>('GpSampler', gpSamplerOptions, options);
    const { seed, independentSampler, warnIndependentSampling, deterministicObjective } =
      this.#options;
    this.#kernels = new KernelFits({ isDeterministic: deterministicObjective });
    this.#independent = independentSampler ?? new RandomSampler(seed === null ? {} : { seed });
    this.#notes = new IndependentSampling(
      'a Gaussian process',
      'not every trial had it with the same range',
      warnIndependentSampling,
    );
  }

  async beforeTrial(study: StudyView, trial: FrozenTrial): Promise<void> {
    await this.#independent.beforeTrial?.(study, trial);
  }

  async inferRelativeSearchSpace(study: StudyView): Promise<SearchSpace> {
    const space = intersectionSearchSpace(await study.getHistory());
    return Object.fromEntries(
      Object.entries(space).filter(([, distribution]) => !isSingle(distribution)),
    );
  }

  async sampleRelative(
    study: StudyView,
    trial: FrozenTrial,
    searchSpace: SearchSpace,
  ): Promise<Readonly<Record<string, ParamValue>>> {
    const history = await study.getHistory();
    if (history.nComplete < this.#options.nStartupTrials || Object.keys(searchSpace).length === 0)
      return {};
    const space = new MixedSpace(searchSpace);
    const complete = await study.getTrials(['complete']);
    const usable = complete.filter(({ internalParams }) => liesIn(space, internalParams));
    if (usable.length === 0) return {};
    const learnFrom = (some: readonly FrozenTrial[]): readonly FrozenTrial[] =>
      mostTelling(some, study.directions, this.#options.maxTrials);
    const trials: TrainingTrials = {
      history,
      observed: learnFrom(usable),
      fitted: learnFrom(usable.slice(0, nTrialsFitted(usable.length))),
    };
    const running = this.#pending.placesOf(history, space, trial);
    const rng = createRng(this.#options.seed ?? study.seed, trial.number, 'gp');
    const params = space.toParams(await this.#nextPoint(study, space, trials, running, rng));
    this.#pending.announce(history, trial, space, params);
    return params;
  }

  async sampleIndependent(
    study: StudyView,
    trial: FrozenTrial,
    name: string,
    distribution: Distribution,
  ): Promise<ParamValue> {
    const { nComplete } = await study.getHistory();
    if (nComplete >= this.#options.nStartupTrials) await this.#notes.note(study, trial, name);
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

  async #nextPoint(
    study: StudyView,
    space: MixedSpace,
    { history, observed: trials, fitted }: TrainingTrials,
    running: Float64Array,
    rng: Rng,
  ): Promise<Float64Array> {
    const breathe = createBreather();
    const spaceKey = JSON.stringify(space.searchSpace);
    const processOf = async (
      name: string,
      observed: ScoredTrials,
      basis: ScoredTrials,
    ): Promise<GaussianProcess> => {
      await breathe();
      const params = this.#kernels.paramsOf(history, name, spaceKey, basis.trials, () =>
        observationsOf(space, basis),
      );
      const process = new GaussianProcess(observationsOf(space, observed), params);
      return running.length > 0 ? process.believing(running) : process;
    };
    const constraints: ConstraintModel[] = [];
    const basisOfConstraints = constraintScores(fitted);
    for (const one of constraintScores(trials)) {
      const basis = basisOfConstraints.find(({ index }) => index === one.index) ?? one;
      const process = await processOf(`constraint ${one.index}`, one, basis);
      // Where the noise's deviation is left as a margin, trials at the border tend to fall on the right side of it.
      constraints.push({ process, threshold: one.scores.zero + Math.sqrt(process.params.noise) });
    }
    const scores = study.directions.map((direction, k) => scoresOf(trials, direction, k));
    const processes: GaussianProcess[] = [];
    for (const [k, direction] of study.directions.entries())
      processes.push(
        await processOf(
          `objective ${k}`,
          { trials, scores: scores[k] as Standardized },
          { trials: fitted, scores: scoresOf(fitted, direction, k) },
        ),
      );
    await breathe();

    const parts = constraints.map((one) => logProbability(one.process, one.threshold));
    const all = [...trials.keys()];
    // Constraints that are violated everywhere alike say nothing: then all trials count.
    const feasible =
      parts.length > 0 ? all.filter((i) => isFeasible(trials[i] as FrozenTrial)) : all;
    const best = bestOf(scores, feasible, rng).map((i) => trials[i] as FrozenTrial);
    // Before anything is feasible, only that counts.
    if (feasible.length > 0) {
      const reached = rowsOf(scores, feasible);
      const believed = believedScores(processes, constraints, space, running);
      parts.push(improvement(processes, Float64Array.of(...reached, ...believed)));
    }
    return maximizeAcquisition(sumOf(parts), space, rng, {
      known: placesOf(
        space,
        best.map(({ internalParams }) => internalParams),
      ),
      lengths: meanLengths(processes),
      nCandidates: Math.min(CANDIDATES_PER_DIMENSION * (space.nDims + 2), MAX_CANDIDATES),
    });
  }
}

/** The trials an ask learns from. */
interface TrainingTrials {
  readonly history: StudyHistory;
  readonly observed: readonly FrozenTrial[];
  /** Those that kernel parameters are fitted to. */
  readonly fitted: readonly FrozenTrial[];
}

interface ScoredTrials {
  readonly trials: readonly FrozenTrial[];
  readonly scores: Standardized;
}

function observationsOf(space: MixedSpace, { trials, scores }: ScoredTrials): Observations {
  return {
    points: placesOf(
      space,
      trials.map(({ internalParams }) => internalParams),
    ),
    values: scores.values,
    isChoice: space.kinds.map((kind) => kind === 'choice'),
  };
}

interface ConstraintModel {
  readonly process: GaussianProcess;
  /** Above it the constraint holds. */
  readonly threshold: number;
}

/** What is expected to be gained over scores: n x nObjectives, row-major. */
function improvement(processes: readonly GaussianProcess[], scores: Float64Array): Acquisition {
  const [process] = processes;
  return process && processes.length === 1
    ? logImprovement(
        process,
        scores.reduce((a, b) => Math.max(a, b), -Infinity),
      )
    : logHypervolumeImprovement(processes, scores);
}

/** The trials' scores: nTrials x nObjectives, row-major. */
function rowsOf(scores: readonly Standardized[], trials: readonly number[]): number[] {
  return trials.flatMap((i) => scores.map(({ values }) => values[i] as number));
}

/** As `rowsOf`, of the running trials that are expected to be feasible: what they are expected to reach. */
function believedScores(
  processes: readonly GaussianProcess[],
  constraints: readonly ConstraintModel[],
  { nDims }: MixedSpace,
  running: Float64Array,
): number[] {
  const rows = Array.from({ length: running.length / nDims }, (_, i) =>
    running.subarray(i * nDims, (i + 1) * nDims),
  );
  return rows
    .filter((point) =>
      constraints.every(({ process, threshold }) => process.posterior(point).mean >= threshold),
    )
    .flatMap((point) => processes.map((process) => process.posterior(point).mean));
}

/** The best of the trials; with several objectives some of the front. */
function bestOf(
  scores: readonly Standardized[],
  trials: readonly number[],
  rng: Rng,
): readonly number[] {
  const losses = Float64Array.from(rowsOf(scores, trials), (score) => -score);
  const ranks = nondominationRanks(losses, scores.length);
  const front = trials.filter((_, i) => ranks[i] === 0);
  return scores.length === 1 ? front.slice(0, 1) : shuffle(front, rng).slice(0, MAX_KNOWN);
}

/** By dimension, the mean over the processes. */
function meanLengths(processes: readonly GaussianProcess[]): Float64Array {
  const lengths = new Float64Array(processes[0]?.params.inverseSquaredLengths.length ?? 0);
  for (const { params } of processes)
    params.inverseSquaredLengths.forEach((w, k) => {
      lengths[k] = (lengths[k] as number) + 1 / Math.sqrt(w) / processes.length;
    });
  return lengths;
}
