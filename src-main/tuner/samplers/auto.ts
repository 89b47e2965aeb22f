/**
 * Chooses a sampler for each trial by what the study is like: random ones first; a Gaussian process while trials are few and parameters
 * not many, as it needs the fewest trials; then TPE, whose time per trial stays short and which learns from pruned trials and conditional
 * parameters too; CMA-ES where numeric parameters meet a large budget that was announced.
 *
 * The choice follows from the trials so far and is stored with the trial, so that a study that is resumed goes on as it would have.
 * Optuna has nothing like it; OptunaHub's AutoSampler has the same aim.
 */
import {
  countValues,
  isSingle,
  type Distribution,
  type ParamValue,
  type SearchSpace,
} from '../distributions.ts';
import { checkOptions, seedOption, type OptionSpec } from '../options.ts';
import { intersectionSearchSpace } from '../search-space/intersection.ts';
import type { StudyHistory } from '../study/study-history.ts';
import type { StudyView } from '../study/study-view.ts';
import { AUTO } from '../system-attrs.ts';
import type { FrozenTrial, TrialState } from '../trial/frozen-trial.ts';
import { CmaEsSampler } from './cma-es/cma-es-sampler.ts';
import { storeConstraints, type ConstraintsFunction } from './constraints.ts';
import { GpSampler } from './gp/gp-sampler.ts';
import { RandomSampler } from './random.ts';
import type { Sampler, SamplerOptions } from './sampler.ts';
import { TpeSampler } from './tpe/tpe-sampler.ts';

export interface AutoSamplerOptions extends SamplerOptions {
  /** How many trials the study is going to have, if that is known. @default unknown */
  nTrials?: number;
  /** Constraints of a finished trial, all <= 0 where it is feasible. `trial.setConstraint` does the same from within. @default none */
  constraints?: ConstraintsFunction;
}

export const autoSamplerOptions: readonly OptionSpec[] = [
  {
    type: 'number',
    name: 'nTrials',
    title: 'Trials planned',
    description:
      'How many trials the study is going to have, if that is known. A study spec that leaves it out means the trials that it ends after.',
    isInteger: true,
    min: 1,
    default: null,
  },
  seedOption,
  {
    type: 'function',
    name: 'constraints',
    title: 'Constraints',
    description: 'Constraints of a finished trial, all at most 0 where it is feasible.',
  },
];

const names = ['random', 'gp', 'tpe', 'cma-es'] as const;

/** The choice for one trial, as it is stored with it. */
export interface AutoChoice {
  readonly sampler: (typeof names)[number];
  /** A sentence. */
  readonly reason: string;
}

interface CheckedOptions {
  nTrials: number | null;
  seed: number | null;
  constraints: ConstraintsFunction | null;
}

const N_RANDOM_TRIALS = 10;
/** Up to so many finished trials a Gaussian process is asked: beyond it takes long, and has mostly converged. By objectives. */
const GP_TRIALS = { one: 200, several: 100 } as const;
const GP_PARAMS = { one: 20, several: 10 } as const;
const GP_OBJECTIVES = 3;
/** A Gaussian process knows only whether choices are equal: with many it has to try each. */
const GP_CHOICES = 24;
/** So many running trials make believing what they are going to give a poor guess. */
const GP_RUNNING = 10;
/** CMA-ES needs so many trials per parameter before it is ahead. */
const CMA_ES_TRIALS_PER_PARAM = 100;

export class AutoSampler implements Sampler {
  readonly name = 'auto';
  readonly #options: CheckedOptions;
  readonly #samplers: Readonly<Record<AutoChoice['sampler'], Sampler>>;
  /** By trial id. */
  readonly #choices = new WeakMap<StudyHistory, Map<number, AutoChoice>>();

  /** @throws InvalidArgumentError for an unknown option or a wrong value. */
  constructor(options: AutoSamplerOptions = {}) {
    this.#options = checkOptions<CheckedOptions>('AutoSampler', autoSamplerOptions, options);
    const seed = this.#options.seed === null ? {} : { seed: this.#options.seed };
    const tpe = new TpeSampler(seed);
    const rest = { ...seed, independentSampler: tpe, warnIndependentSampling: false };
    this.#samplers = {
      random: new RandomSampler(seed),
      tpe,
      gp: new GpSampler({ ...rest, nStartupTrials: 1 }),
      'cma-es': new CmaEsSampler(rest),
    };
  }

  async beforeTrial(study: StudyView, trial: FrozenTrial): Promise<void> {
    const history = await study.getHistory();
    const choice = chooseSampler(history, trial.number, this.#options.nTrials);
    let choices = this.#choices.get(history);
    if (!choices) this.#choices.set(history, (choices = new Map()));
    choices.set(trial.trialId, choice);
    await study.setTrialSystemAttr(trial.trialId, AUTO, { ...choice });
    await this.#samplers[choice.sampler].beforeTrial?.(study, trial);
  }

  async inferRelativeSearchSpace(study: StudyView, trial: FrozenTrial): Promise<SearchSpace> {
    return (await this.#samplerOf(study, trial)).inferRelativeSearchSpace(study, trial);
  }

  async sampleRelative(
    study: StudyView,
    trial: FrozenTrial,
    searchSpace: SearchSpace,
  ): Promise<Readonly<Record<string, ParamValue>>> {
    return (await this.#samplerOf(study, trial)).sampleRelative(study, trial, searchSpace);
  }

  async sampleIndependent(
    study: StudyView,
    trial: FrozenTrial,
    name: string,
    distribution: Distribution,
  ): Promise<ParamValue> {
    const sampler = await this.#samplerOf(study, trial);
    return sampler.sampleIndependent(study, trial, name, distribution);
  }

  async afterTrial(
    study: StudyView,
    trial: FrozenTrial,
    state: TrialState,
    values: readonly number[] | null,
  ): Promise<void> {
    if (this.#options.constraints)
      await storeConstraints(study, trial, state, this.#options.constraints);
    await (await this.#samplerOf(study, trial)).afterTrial?.(study, trial, state, values);
    this.#choices.get(await study.getHistory())?.delete(trial.trialId);
  }

  async #samplerOf(study: StudyView, trial: FrozenTrial): Promise<Sampler> {
    const history = await study.getHistory();
    const { sampler } =
      this.#choices.get(history)?.get(trial.trialId) ??
      storedChoice(trial) ??
      chooseSampler(history, trial.number, this.#options.nTrials);
    return this.#samplers[sampler];
  }
}

/**
 * The sampler for a trial, by the trials so far.
 *
 * @param trialNumber It does not count itself among the running ones.
 * @param nTrials How many the study is going to have, or null.
 */
function chooseSampler(
  history: StudyHistory,
  trialNumber: number,
  nTrials: number | null,
): AutoChoice {
  const { nComplete, nPruned, directions } = history;
  const nKnown = nComplete + nPruned;
  if (nKnown < N_RANDOM_TRIALS)
    return because(
      'random',
      `The first ${N_RANDOM_TRIALS} trials show what the parameters and values are like.`,
    );
  const space = Object.entries(intersectionSearchSpace(history)).filter(
    ([, distribution]) => !isSingle(distribution),
  );
  const nParams = space.length;
  if (nParams === 0) return because('tpe', 'No parameter is in every trial with the same range.');

  const isConditional = [...history.params].some(
    ([name, { latestDistribution }]) =>
      !isSingle(latestDistribution) && !space.some(([known]) => known === name),
  );
  const isNumeric = space.every(([, { type }]) => type !== 'categorical');
  const few = directions.length === 1 ? 'one' : 'several';
  if (
    few === 'one' &&
    isNumeric &&
    !isConditional &&
    nParams > 1 &&
    nTrials !== null &&
    nTrials >= Math.max(CMA_ES_TRIALS_PER_PARAM * nParams, 2 * GP_TRIALS.one)
  )
    return because(
      'cma-es',
      `All ${nParams} parameters are numeric, and ${nTrials} trials are planned.`,
    );

  if (nPruned > nComplete)
    return because('tpe', 'Most trials were pruned, and TPE learns from these too.');
  if (directions.length > GP_OBJECTIVES)
    return because('tpe', `There are ${directions.length} objectives.`);
  if (nKnown >= GP_TRIALS[few])
    return because('tpe', `With ${GP_TRIALS[few]} trials and more, TPE learns at little cost.`);
  if (nParams > GP_PARAMS[few])
    return because('tpe', `There are many parameters: more than ${GP_PARAMS[few]}.`);
  const nChoices = space.reduce(
    (sum, [, distribution]) =>
      sum + (distribution.type === 'categorical' ? countValues(distribution) : 0),
    0,
  );
  if (nChoices > GP_CHOICES)
    return because('tpe', `There are many choices: more than ${GP_CHOICES}.`);
  const nRunning = history.running.size - (history.running.has(trialNumber) ? 1 : 0);
  if (nRunning >= GP_RUNNING)
    return because('tpe', `Many trials run at once: ${GP_RUNNING} or more beside this one.`);
  return because(
    'gp',
    isConditional
      ? 'Trials are few; parameters that only some of them have are left to TPE.'
      : 'Trials are few, and parameters not many.',
  );
}

function because(sampler: AutoChoice['sampler'], reason: string): AutoChoice {
  return { sampler, reason };
}

function storedChoice({ systemAttrs }: FrozenTrial): AutoChoice | null {
  const stored = systemAttrs[AUTO] as Partial<AutoChoice> | undefined;
  const sampler = names.find((name) => name === stored?.sampler);
  return sampler ? because(sampler, String(stored?.reason)) : null;
}
