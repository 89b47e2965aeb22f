import {
  containsInternal,
  toInternal,
  type Distribution,
  type ParamValue,
  type SearchSpace,
} from '../distributions.ts';
import { InvalidArgumentError, TrialNotFoundError } from '../errors.ts';
import { logger } from '../logger.ts';
import { randomSeed } from '../math/rng.ts';
import { checkKeys } from '../options.ts';
import type { Pruner } from '../pruners/pruner.ts';
import { MedianPruner } from '../pruners/percentile.ts';
import type { Sampler } from '../samplers/sampler.ts';
import type { ParamsOf } from '../search-space/define-space.ts';
import { isRunBy } from '../storages/process-info.ts';
import type { FrozenStudy, Storage } from '../storages/storage.ts';
import {
  FIXED_PARAMS,
  METRIC_NAMES,
  SEED,
  checkAttr,
  fixedParams,
  isFeasible,
  metricNames,
} from '../system-attrs.ts';
import {
  isFinished,
  lastStep,
  type Attrs,
  type AttrValue,
  type FrozenTrial,
  type NewTrial,
  type TrialState,
  type TrialTemplate,
} from '../trial/frozen-trial.ts';
import { LocalTrial, type TrialHost } from '../trial/local-trial.ts';
import { isBetter, studyDirections, type StudyDirection } from './direction.ts';
import { readableAttrs } from './readable-attrs.ts';
import { optimize, type LocalObjective, type OptimizeOptions } from './optimize.ts';
import { bestTrials } from './pareto-front.ts';
import { StudyHistory } from './study-history.ts';
import type { StudyView } from './study-view.ts';

export interface LoadStudyOptions<Space extends SearchSpace = SearchSpace> {
  storage: Storage;
  studyName: string;
  /**
   * Parameters that every trial has: `ask` and `optimize` suggest them before the objective is called, and `params` of trials and of the best one have their
   * types. It is not stored with the study. Trials that others run, or that are added, are taken to have them too.
   */
  space?: Space;
  /** @default the automatic choice, `AutoSampler` */
  sampler?: Sampler;
  /** @default the median pruner with its defaults */
  pruner?: Pruner;
  /**
   * In a study of several objectives: the one that intermediate values belong to, so that `report` and `shouldPrune` work.
   * @default the only objective; none where there are several
   */
  pruningObjective?: number;
}

export interface CreateStudyOptions<Space extends SearchSpace = SearchSpace> extends Omit<
  LoadStudyOptions<Space>,
  'studyName'
> {
  /** 1 to 512 characters, unique in the storage. @default a unique name */
  studyName?: string;
  /** @default 'minimize' */
  direction?: StudyDirection;
  /** For several objectives; not together with `direction`. */
  directions?: readonly StudyDirection[];
  /** Load the study if there is one of that name, instead of throwing. @default false */
  loadIfExists?: boolean;
  /** What all randomness derives from: a whole number from 0 to 2^53 - 1. Kept with the study. @default random */
  seed?: number;
}

const loadOptionNames = {
  storage: true,
  studyName: true,
  space: true,
  sampler: true,
  pruner: true,
  pruningObjective: true,
} as const;

const createOptionNames = {
  ...loadOptionNames,
  direction: true,
  directions: true,
  loadIfExists: true,
  seed: true,
} as const;

const newTrialKeys = {
  state: true,
  values: true,
  params: true,
  distributions: true,
  intermediateValues: true,
  userAttrs: true,
  systemAttrs: true,
  startedAtMs: true,
  completedAtMs: true,
  trialId: true,
  number: true,
  internalParams: true,
} as const;

export interface TellOptions {
  /** 'complete' needs values, 'pruned' and 'fail' must have none. @default 'complete' where the values are good, else 'fail' */
  state?: TrialState;
  /** Do nothing when the trial has finished already, instead of throwing. @default false */
  skipIfFinished?: boolean;
}

/**
 * Creates a study in the storage.
 *
 * @throws DuplicatedStudyError when the name is taken, unless `loadIfExists`.
 * @throws InvalidArgumentError for no or unknown directions, or an unknown option.
 */
export async function createStudy<const Space extends SearchSpace = SearchSpace>(
  options: CreateStudyOptions<Space>,
): Promise<Study<Space>> {
  checkKeys<CreateStudyOptions<Space>>('createStudy', createOptionNames, options);
  checkParts(options);
  const { storage, studyName, direction, directions: given, loadIfExists = false, seed } = options;
  if (direction && given)
    throw new InvalidArgumentError('Give either `direction` or `directions`, but got both.');
  const directions = given ?? [direction ?? 'minimize'];
  if (directions.length === 0)
    throw new InvalidArgumentError('`directions` must have at least one element, but got none.');
  for (const one of directions)
    if (!studyDirections.includes(one))
      throw new InvalidArgumentError(
        `A direction must be 'minimize' or 'maximize', but got '${String(one)}'.`,
      );
  if (seed !== undefined && !(Number.isSafeInteger(seed) && seed >= 0))
    throw new InvalidArgumentError(
      `\`seed\` must be a whole number from 0 to 2^53 - 1, but got ${seed}.`,
    );
  if (loadIfExists && studyName !== undefined) {
    const existing = (await storage.getStudies()).find((study) => study.studyName === studyName);
    if (existing) return openStudy({ ...options, studyName });
  }
  const studyId = await storage.createStudy(directions, studyName);
  await storage.setStudySystemAttr(studyId, SEED, seed ?? randomSeed());
  const frozen = await storage.getStudy(studyId);
  return openStudy({ ...options, studyName: frozen.studyName });
}

/**
 * @throws StudyNotFoundError when no study has the name.
 * @throws InvalidArgumentError for an unknown option.
 */
export async function loadStudy<const Space extends SearchSpace = SearchSpace>(
  options: LoadStudyOptions<Space>,
): Promise<Study<Space>> {
  checkKeys('loadStudy', loadOptionNames, options);
  checkParts(options);
  return openStudy(options);
}

/** What TypeScript refuses, and JavaScript takes and stumbles over later. */
function checkParts({
  storage,
  sampler,
  pruner,
}: Pick<LoadStudyOptions, 'storage' | 'sampler' | 'pruner'>): void {
  const isMade = (part: unknown, method: string): boolean =>
    typeof (part as Record<string, unknown> | null | undefined)?.[method] === 'function';
  const got = (part: unknown): string =>
    typeof part === 'string'
      ? JSON.stringify(part)
      : part instanceof Promise
        ? 'a promise (await it)'
        : typeof part;
  if (!isMade(storage, 'getStudyId'))
    throw new InvalidArgumentError(
      `\`storage\` must be a storage, such as \`new InMemoryStorage()\` or \`await openStorage('study.db')\`, but got ${got(storage)}.`,
    );
  if (sampler !== undefined && !isMade(sampler, 'sampleIndependent'))
    throw new InvalidArgumentError(
      `\`sampler\` must be a sampler, such as \`createSampler('tpe')\`, but got ${got(sampler)}.`,
    );
  if (pruner !== undefined && !isMade(pruner, 'prune'))
    throw new InvalidArgumentError(
      `\`pruner\` must be a pruner, such as \`createPruner('median')\`, but got ${got(pruner)}.`,
    );
}

async function openStudy<Space extends SearchSpace>(
  options: LoadStudyOptions<Space>,
): Promise<Study<Space>> {
  const studyId = await options.storage.getStudyId(options.studyName);
  let frozen = await options.storage.getStudy(studyId);
  if (typeof frozen.systemAttrs[SEED] !== 'number') frozen = withSeed(frozen);
  return new Study(frozen, { ...options, sampler: options.sampler ?? (await defaultSampler()) });
}

/** Loaded only when it is needed, so that a bundler can leave the samplers out of a program that brings its own. */
async function defaultSampler(): Promise<Sampler> {
  const { AutoSampler } = await import('../samplers/auto.ts');
  return new AutoSampler();
}

/** @throws StudyNotFoundError when no study has the name. */
export async function deleteStudy(storage: Storage, studyName: string): Promise<void> {
  await storage.deleteStudy(await storage.getStudyId(studyName));
}

export interface CopyStudyOptions {
  from: Storage;
  studyName: string;
  to: Storage;
  /** @default the same name */
  newName?: string;
}

/**
 * Copies a study with its attributes and trials; running trials become waiting ones with their parameters, as the copy has no owner. Attributes that
 * are stored as what is no JSON are left out, with a warning.
 *
 * @throws DuplicatedStudyError when the new name is taken; nothing is copied then.
 */
export async function copyStudy(options: CopyStudyOptions): Promise<void> {
  checkKeys('copyStudy', { from: true, studyName: true, to: true, newName: true }, options);
  const { from, to, studyName, newName = studyName } = options;
  const source = await from.getStudy(await from.getStudyId(studyName));
  const studyId = await to.createStudy(source.directions, newName);
  const owner = `The study "${studyName}"`;
  for (const [key, value] of Object.entries(readableAttrs(source.userAttrs, owner)))
    await to.setStudyUserAttr(studyId, key, value);
  for (const [key, value] of Object.entries(readableAttrs(source.systemAttrs, owner)))
    await to.setStudySystemAttr(studyId, key, value);
  for (const trial of await from.getTrials(source.studyId)) {
    const copied = trial.state === 'running' ? asWaiting(trial) : trial;
    const trialOwner = `Trial ${trial.number} of "${studyName}"`;
    await to.createTrial(studyId, {
      ...copied,
      userAttrs: readableAttrs(copied.userAttrs, trialOwner),
      systemAttrs: readableAttrs(copied.systemAttrs, trialOwner),
    });
  }
}

/** A study: one objective or several, searched for by a sampler, with its trials in a storage. */
export class Study<Space extends SearchSpace = SearchSpace> implements StudyView {
  readonly studyId: number;
  readonly studyName: string;
  readonly directions: readonly StudyDirection[];
  readonly seed: number;
  readonly storage: Storage;
  readonly sampler: Sampler;
  readonly pruner: Pruner;
  readonly #space: Space | undefined;
  readonly #host: TrialHost;
  readonly #history: StudyHistory;
  #historyRevision = 0;
  /** The best trial as of `#bestRevision`. */
  #best: FrozenTrial | null = null;
  #bestRevision = 0;
  #isStopping = false;
  #isOptimizing = false;

  /** Use `createStudy` or `loadStudy`. */
  constructor(frozen: FrozenStudy, options: LoadStudyOptions<Space> & { sampler: Sampler }) {
    this.studyId = frozen.studyId;
    this.studyName = frozen.studyName;
    this.directions = frozen.directions;
    this.seed = frozen.systemAttrs[SEED] as number;
    this.storage = options.storage;
    this.sampler = options.sampler;
    this.pruner = options.pruner ?? new MedianPruner();
    this.#space = options.space;
    this.#history = new StudyHistory(this.directions);
    this.#host = {
      view: this,
      storage: this.storage,
      sampler: this.sampler,
      pruner: this.pruner,
      pruningView: this.#pruningView(options.pruningObjective),
    };
  }

  /** The only direction. @throws InvalidArgumentError where there are several. */
  get direction(): StudyDirection {
    this.#requireSingleObjective('direction');
    return this.directions[0] as StudyDirection;
  }

  get isStopping(): boolean {
    return this.#isStopping;
  }

  // Trials

  async getTrials(states?: readonly TrialState[]): Promise<readonly FrozenTrial[]> {
    return this.storage.getTrials(this.studyId, states);
  }

  async getHistory(): Promise<StudyHistory> {
    const changes = await this.storage.getTrialChanges(this.studyId, this.#historyRevision);
    if (changes.revision !== this.#historyRevision) {
      this.#history.update(changes);
      this.#historyRevision = changes.revision;
    }
    return this.#history;
  }

  /**
   * The complete and feasible trial with the best value; of equal ones the first.
   *
   * @throws InvalidArgumentError when there is none yet, or with several objectives (use `bestTrials`).
   */
  async bestTrial(): Promise<FrozenTrial<ParamsOf<Space>>> {
    const best = await this.findBestTrial();
    if (!best)
      throw new InvalidArgumentError('No trial of the study is complete and feasible yet.');
    return best;
  }

  /** As `bestTrial`, but null when there is none yet. */
  async findBestTrial(): Promise<FrozenTrial<ParamsOf<Space>> | null> {
    this.#requireSingleObjective('bestTrial');
    const changes = await this.storage.getTrialChanges(this.studyId, this.#bestRevision);
    this.#bestRevision = changes.revision;
    let candidates = changes.trials;
    if (this.#best && changes.deletedTrialIds.includes(this.#best.trialId)) {
      this.#best = null;
      candidates = await this.getTrials(['complete']);
    }
    for (const trial of candidates)
      if (trial.state === 'complete' && isFeasible(trial) && this.#isBetterThanBest(trial))
        this.#best = trial;
    return this.#best as FrozenTrial<ParamsOf<Space>> | null;
  }

  #isBetterThanBest(trial: FrozenTrial): boolean {
    if (this.#best === null) return true;
    const [value, best] = [trial.values?.[0] as number, this.#best.values?.[0] as number];
    return value === best
      ? trial.number < this.#best.number
      : isBetter(this.directions[0] as StudyDirection, value, best);
  }

  async bestValue(): Promise<number> {
    return (await this.bestTrial()).values?.[0] as number;
  }

  async bestParams(): Promise<ParamsOf<Space>> {
    return (await this.bestTrial()).params;
  }

  /** The Pareto front: complete, feasible trials that no other dominates, by number. */
  async bestTrials(): Promise<FrozenTrial<ParamsOf<Space>>[]> {
    const best = bestTrials(await this.getTrials(['complete']), this.directions);
    return best as FrozenTrial<ParamsOf<Space>>[];
  }

  // Running

  /**
   * Runs the objective trial after trial. May be called again to go on. Trials of this study that lost their owner are taken up first.
   *
   * @throws the objective's first error that is not in `catch`; its trial is `fail`, trials running beside it are awaited.
   */
  async optimize<const Own extends SearchSpace = Space>(
    objective: LocalObjective<ParamsOf<Own>>,
    options: OptimizeOptions<Own> = {},
  ): Promise<void> {
    if (this.#isOptimizing)
      throw new InvalidArgumentError('`optimize` is running already; it cannot be nested.');
    this.#isOptimizing = true;
    this.#isStopping = false;
    try {
      await optimize(this, objective, options);
    } finally {
      this.#isOptimizing = false;
    }
  }

  /** Ends `optimize` after the trials now running. Also samplers call it, when nothing is left to try. */
  stop(): void {
    this.#isStopping = true;
  }

  /**
   * Starts a trial: the waiting one with the lowest number, or a new one.
   *
   * @param space Parameters to suggest at once; `params` of the trial then has their types. Default: the study's.
   * @throws InvalidArgumentError when one of them is refused; the trial, which nobody could end, has failed then.
   */
  async ask<const Own extends SearchSpace = Space>(
    space?: Own,
  ): Promise<LocalTrial<ParamsOf<Own>>> {
    const waiting = await this.storage.claimWaitingTrial(this.studyId);
    const trial = await LocalTrial.create(
      this.#host,
      waiting ?? (await this.storage.createTrial(this.studyId)),
    );
    try {
      for (const [name, distribution] of Object.entries<Distribution>(space ?? this.#space ?? {}))
        await trial.suggest(name, distribution);
    } catch (error) {
      // Nobody gets to know of this trial, so nobody could end it.
      await this.tell(trial, null, { state: 'fail' }).catch(() => {});
      throw error;
    }
    return trial as LocalTrial<ParamsOf<Own>>;
  }

  /**
   * Ends a trial that `ask` started.
   *
   * @param trial The trial, or its number.
   * @param values One number, or one per direction. Not finite is allowed, NaN is not: without a `state` the trial then fails, with a warning.
   * @returns The trial as stored.
   * @throws InvalidArgumentError when the trial is unknown or not running, or state and values do not fit together.
   */
  async tell(
    trial: LocalTrial | number,
    values: number | readonly number[] | null = null,
    options: TellOptions = {},
  ): Promise<FrozenTrial> {
    checkKeys('tell', { state: true, skipIfFinished: true }, options);
    const frozen = await this.#findTrial(trial);
    const { trialId, number } = frozen;
    if (isFinished(frozen.state) && options.skipIfFinished) return frozen;
    if (frozen.state !== 'running')
      throw new InvalidArgumentError(
        `Only a running trial can be told, but trial ${number} is ${frozen.state}.`,
      );
    const problem = await this.#end(frozen, values, options.state);
    if (problem) logger.warn(`Trial ${number}: ${problem}`);
    return this.storage.getTrial(trialId, { asKnown: true });
  }

  /**
   * As `tell`, but hands over why the trial was failed instead of warning, and does not fetch the trial as it is now: one that nobody looks at need not be made
   * into an object. For `optimize`.
   *
   * @returns Null where nothing was told, as another program has ended, put back, taken or deleted the trial.
   */
  async tellIfRunning(
    trial: LocalTrial,
    values: number | readonly number[] | null,
    state: TrialState | undefined,
  ): Promise<{ problem: string | null } | null> {
    const frozen = await this.#findTrial(trial).catch((error: unknown) => {
      if (error instanceof TrialNotFoundError) return null;
      throw error;
    });
    if (!frozen || !isRunBy(frozen, trial.ownerId)) return null;
    return { problem: await this.#end(frozen, values, state) };
  }

  /** @returns Why the trial was failed, if it was. */
  async #end(
    frozen: FrozenTrial,
    values: number | readonly number[] | null,
    state: TrialState | undefined,
  ): Promise<string | null> {
    const given =
      values === null || values === undefined
        ? null
        : Array.isArray(values)
          ? (values as readonly number[])
          : [values as number];
    const result = this.#judge(frozen, given, state);
    try {
      const view = (await this.pruner.studyFor?.(this, frozen)) ?? this;
      await this.sampler.afterTrial?.(view, frozen, result.state, result.values);
    } finally {
      await this.storage.finishTrial(frozen.trialId, result.state, result.values);
    }
    return result.problem;
  }

  /**
   * Puts a trial with these parameters into the queue; parameters not named are sampled.
   *
   * @param options.skipIfExists Do nothing when a trial with these parameters exists in any state.
   */
  async enqueueTrial(
    params: Readonly<Record<string, ParamValue>>,
    options: { userAttrs?: Attrs; skipIfExists?: boolean } = {},
  ): Promise<void> {
    checkKeys('enqueueTrial', { userAttrs: true, skipIfExists: true }, options);
    if (typeof params !== 'object' || params === null || Array.isArray(params))
      throw new InvalidArgumentError(
        `\`enqueueTrial\` takes parameters as an object, { x: 0.5 }, but got ${describeResult(params)}.`,
      );
    checkAttr(FIXED_PARAMS, params);
    if (options.skipIfExists && (await this.#hasTrialWith(params))) {
      logger.info(
        `A trial with the parameters ${JSON.stringify(params)} exists already; it is not added again.`,
      );
      return;
    }
    await this.addTrial({
      state: 'waiting',
      userAttrs: options.userAttrs ?? {},
      systemAttrs: { [FIXED_PARAMS]: params },
    });
  }

  /**
   * Adds a trial as it stands, such as one of another study, or a result from elsewhere: `{ params, distributions, values: [0.9] }`.
   *
   * @throws InvalidArgumentError when its parts contradict each other (a complete trial without values, parameters outside their distribution, …).
   */
  async addTrial(trial: NewTrial): Promise<FrozenTrial> {
    checkKeys<NewTrial>('addTrial', newTrialKeys, trial);
    const template = toTemplate(trial);
    this.#checkTemplate(template);
    return this.storage.createTrial(this.studyId, template);
  }

  // Attributes

  async getUserAttrs(): Promise<Attrs> {
    return (await this.storage.getStudy(this.studyId)).userAttrs;
  }

  async setUserAttr(key: string, value: AttrValue): Promise<void> {
    checkAttr(key, value);
    await this.storage.setStudyUserAttr(this.studyId, key, value);
  }

  async getSystemAttrs(): Promise<Attrs> {
    return (await this.storage.getStudy(this.studyId)).systemAttrs;
  }

  async setSystemAttr(key: string, value: AttrValue): Promise<void> {
    checkAttr(key, value);
    await this.storage.setStudySystemAttr(this.studyId, key, value);
  }

  async setTrialSystemAttr(trialId: number, key: string, value: AttrValue): Promise<void> {
    checkAttr(key, value);
    await this.storage.setTrialSystemAttr(trialId, key, value);
  }

  /** Names of the objectives, or null where none were set. */
  async getMetricNames(): Promise<readonly string[] | null> {
    return metricNames(await this.getSystemAttrs());
  }

  /** @throws InvalidArgumentError when there is not one name per direction. */
  async setMetricNames(names: readonly string[]): Promise<void> {
    if (names.length !== this.directions.length)
      throw new InvalidArgumentError(
        `There must be one metric name per direction (${this.directions.length}), but got ${names.length}.`,
      );
    await this.setSystemAttr(METRIC_NAMES, [...names]);
  }

  // Helpers

  async #findTrial(trial: LocalTrial | number): Promise<FrozenTrial> {
    return typeof trial === 'number'
      ? this.storage.getTrialByNumber(this.studyId, trial)
      : this.storage.getTrial(trial.trialId);
  }

  /** State and values a trial ends with, by Optuna's rules (`study/_tell.py`). */
  #judge(
    trial: FrozenTrial,
    values: readonly number[] | null,
    state: TrialState | undefined,
  ): { state: TrialState; values: readonly number[] | null; problem: string | null } {
    if (state === undefined) {
      const problem = values === null ? 'The objective gave no value.' : this.#problemOf(values);
      return problem
        ? { state: 'fail', values: null, problem }
        : { state: 'complete', values, problem: null };
    }
    if (state === 'complete') {
      if (values === null)
        throw new InvalidArgumentError("The state 'complete' needs values, but got none.");
      const problem = this.#problemOf(values);
      if (problem) throw new InvalidArgumentError(problem);
      return { state, values, problem: null };
    }
    if (state !== 'pruned' && state !== 'fail')
      throw new InvalidArgumentError(
        `A trial can be told as 'complete', 'pruned' or 'fail', but got '${state}'.`,
      );
    if (values !== null)
      throw new InvalidArgumentError(
        `The state '${state}' must have no values, but got [${values.join(', ')}].`,
      );
    const last = lastStep(trial);
    if (state === 'fail' || last === null) return { state, values: null, problem: null };
    const lastValues = [trial.intermediateValues.get(last) as number];
    return { state, values: this.#problemOf(lastValues) ? null : lastValues, problem: null };
  }

  #problemOf(values: readonly number[]): string | null {
    for (const value of values)
      if (typeof value !== 'number' || Number.isNaN(value))
        return `A value must be a number and not NaN, but got ${describeResult(value)}.`;
    if (values.length !== this.directions.length)
      return `There must be one value per direction (${this.directions.length}), but got ${values.length}.`;
    return null;
  }

  async #hasTrialWith(params: Readonly<Record<string, ParamValue>>): Promise<boolean> {
    const isSame = (other: Readonly<Record<string, ParamValue>>): boolean =>
      Object.keys(params).length === Object.keys(other).length &&
      Object.entries(params).every(
        ([name, value]) => Object.hasOwn(other, name) && Object.is(other[name], value),
      );
    return (await this.getTrials()).some((trial) => {
      const fixed = fixedParams(trial.systemAttrs);
      return isSame(Object.keys(fixed).length > 0 ? fixed : trial.params);
    });
  }

  #checkTemplate(trial: TrialTemplate): void {
    const fail = (message: string): never => {
      throw new InvalidArgumentError(message);
    };
    if (trial.state !== 'waiting' && trial.startedAtMs === null)
      fail(`A ${trial.state} trial must have a start time.`);
    if (isFinished(trial.state) !== (trial.completedAtMs !== null))
      fail(
        `A ${trial.state} trial must ${isFinished(trial.state) ? '' : 'not '}have a time of completion.`,
      );
    if (trial.state === 'fail' && trial.values !== null)
      fail('A failed trial must have no values.');
    if (trial.state === 'complete') {
      const problem =
        trial.values === null
          ? 'A complete trial must have values.'
          : this.#problemOf(trial.values);
      if (problem) fail(problem);
    }
    const names = Object.keys(trial.distributions);
    if (
      names.length !== Object.keys(trial.params).length ||
      !names.every((name) => Object.hasOwn(trial.params, name))
    )
      fail('Every parameter must have a distribution and every distribution a parameter.');
    for (const [name, distribution] of Object.entries(trial.distributions)) {
      const value = trial.params[name] as ParamValue;
      if (!containsInternal(distribution, toInternal(distribution, value)))
        fail(`The value ${String(value)} of "${name}" is not in its distribution.`);
    }
  }

  #pruningView(pruningObjective: number | undefined): StudyView | null {
    if (this.directions.length === 1) return this;
    if (pruningObjective === undefined) return null;
    const direction = this.directions[pruningObjective];
    if (!direction)
      throw new InvalidArgumentError(
        `\`pruningObjective\` must be the index of one of ${this.directions.length} directions, but got ${pruningObjective}.`,
      );
    const view = new ObjectiveTrials(pruningObjective);
    return {
      studyId: this.studyId,
      studyName: this.studyName,
      seed: this.seed,
      directions: [direction],
      getTrials: async (states) => (await this.getTrials(states)).map(view.of),
      getHistory: async () => {
        const history = new StudyHistory([direction]);
        const trials = (await this.getTrials()).map(view.of);
        history.update({ trials, deletedTrialIds: [] });
        return history;
      },
      getSystemAttrs: () => this.getSystemAttrs(),
      setSystemAttr: (key, value) => this.setSystemAttr(key, value),
      setTrialSystemAttr: (trialId, key, value) => this.setTrialSystemAttr(trialId, key, value),
      stop: () => this.stop(),
    };
  }

  #requireSingleObjective(what: string): void {
    if (this.directions.length > 1)
      throw new InvalidArgumentError(
        `\`${what}\` needs a study with one direction, but this one has ${this.directions.length}. Use \`bestTrials\` and \`directions\`.`,
      );
  }
}

function toTemplate({
  state = 'complete',
  values = null,
  startedAtMs = state === 'waiting' ? null : Date.now(),
  completedAtMs = isFinished(state) ? Date.now() : null,
  params = {},
  distributions = {},
  intermediateValues = new Map(),
  userAttrs = {},
  systemAttrs = {},
}: NewTrial): TrialTemplate {
  return {
    state,
    values,
    startedAtMs,
    completedAtMs,
    params,
    distributions,
    intermediateValues,
    userAttrs,
    systemAttrs,
  };
}

/** Objectives give anything, what JSON has no text for too. */
function describeResult(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return `string ${JSON.stringify(value)}`;
  return typeof value === 'boolean' || typeof value === 'bigint'
    ? `${typeof value} ${value}`
    : Object.prototype.toString.call(value);
}

/** Trials as those of a study that has but one of the objectives; the same object for the same trial. */
class ObjectiveTrials {
  readonly #known = new WeakMap<FrozenTrial, FrozenTrial>();
  readonly #objective: number;

  constructor(objective: number) {
    this.#objective = objective;
  }

  readonly of = (trial: FrozenTrial): FrozenTrial => {
    const value = trial.values?.[this.#objective];
    if (value === undefined) return trial;
    let own = this.#known.get(trial);
    if (!own) this.#known.set(trial, (own = { ...trial, values: [value] }));
    return own;
  };
}

/**
 * Studies made by Optuna carry no seed. It is derived from the name, so that every process and every resume agrees without
 * writing to the user's file.
 */
function withSeed(study: FrozenStudy): FrozenStudy {
  let seed = 0;
  for (const character of study.studyName)
    seed = (Math.imul(seed, 31) + (character.codePointAt(0) ?? 0)) >>> 0;
  return { ...study, systemAttrs: { ...study.systemAttrs, [SEED]: seed } };
}

function asWaiting(trial: FrozenTrial): TrialTemplate {
  return {
    state: 'waiting',
    values: null,
    startedAtMs: null,
    completedAtMs: null,
    params: {},
    distributions: {},
    intermediateValues: new Map(),
    userAttrs: trial.userAttrs,
    systemAttrs: {
      ...trial.systemAttrs,
      [FIXED_PARAMS]: { ...fixedParams(trial.systemAttrs), ...trial.params },
    },
  };
}
