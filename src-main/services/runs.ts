import type { Handlers } from '../contract/contract.ts';
import type { StudyKey } from '../contract/library.ts';
import type { EpochReport, RunLogLine, RunState, RunStatus } from '../contract/runs.ts';
import type { BackendDecision, BackendRequest } from '../training/choose-backend.ts';
import { isNativeTensorFlowInstalled } from '../training/backends.ts';
import { TrialFailedError } from '../training/errors.ts';
import type { Checkpoint } from '../training/checkpoint.ts';
import {
  createObjectivePool,
  createProgramPool,
  type ObjectivePool,
  type PoolOptions,
} from '../training/pool.ts';
import { programOf, type Program } from '../training/programs.ts';
import { upperBound } from '../training/hyperparameter.ts';
import type { NetworkStudySpec } from '../training/spec.ts';
import { isProgramStudy } from '../training/spec/kinds.ts';
import type { SpareChildren } from '../training/spare-children.ts';
import type { Epoch } from '../training/train.ts';
import { createPruner } from '../tuner/pruners/registry.ts';
import { createSampler } from '../tuner/samplers/registry.ts';
import type { FrozenStudy } from '../tuner/storages/storage.ts';
import { describeTrial } from '../tuner/study/optimize.ts';
import { loadStudy, type Study } from '../tuner/study/study.ts';
import { constraintAttrs, ENDED_BY, studyEnd, type StudyEnd } from '../tuner/system-attrs.ts';
import { reportCrossValidationScores } from '../tuner/terminators/error-evaluators.ts';
import type { FrozenTrial } from '../tuner/trial/frozen-trial.ts';
import type { LocalTrial } from '../tuner/trial/local-trial.ts';
import { DUPLICATE_OF, EqualTrials } from './equal-trials.ts';
import { ServiceError, toErrorInfo } from './errors.ts';
import { Checkpoints, referencedFiles } from './checkpoints.ts';
import { tellProgress } from './data.ts';
import { throttle, type EventHub } from './events.ts';
import { describeLost, RunningTrials, TrialLostError } from './running-trials.ts';
import { failureOf, retryOf, STOPPED } from './failed-trials.ts';
import { ModelStore } from './model-store.ts';
import type { Library } from './library.ts';
import type { Settings } from './settings.ts';
import { RunLog } from './run-log.ts';
import { StopRules } from './stop-rules.ts';
import { BACKEND, specOf } from './study-attrs.ts';
import { loadStudyData, type StudyData } from './study-data.ts';
import type { TrustedPrograms } from './trusted-programs.ts';

export interface RunOptions {
  readonly targetTrials?: number;
  readonly timeoutMs?: number;
  /** @default the one of the settings, else the spec's */
  readonly jobs?: number;
  /** @default the spec's; where that leaves it open, the one of the settings */
  readonly backend?: BackendRequest['backend'];
  /** @default the spec's, or none */
  readonly perTrialTimeoutMs?: number;
  /** @default the spec's, or an equal share of most of the machine's */
  readonly perTrialMemoryMb?: number;
  /** The user agrees that this machine runs the study's own program, now and later. @default only if that was said before */
  readonly trust?: boolean;
  /** Goes on although the table is not the one that the study was created with. @default false */
  readonly acceptChangedData?: boolean;
}

/** What the program adds to what was asked for. */
interface RunSettings extends RunOptions {
  /** For a study that leaves it open and has not begun. */
  readonly openBackend: BackendRequest['backend'];
  /** Of a study of an own objective, which the user wants to run. */
  readonly program: Program | null;
  readonly spares: SpareChildren;
}

const statusIntervalMs = 100;
/** Finish times that the rate is taken from. */
const rateWindow = 10;
/** So many failed trials in a row, and at least two per job, end a run. */
const minFailuresInARow = 10;
/** Lines that a trial may print into the run's log. */
const maxOutputLines = 200;

/** The studies being run by this process. */
export class Runs {
  readonly #library: Library;
  readonly #hub: EventHub;
  readonly #settings: Settings;
  readonly #trusted: TrustedPrograms;
  readonly #spares: SpareChildren;
  readonly #runs = new Map<string, Run>();
  readonly #logs = new Map<string, RunLog>();

  constructor(
    library: Library,
    hub: EventHub,
    settings: Settings,
    trusted: TrustedPrograms,
    spares: SpareChildren,
  ) {
    this.#trusted = trusted;
    this.#spares = spares;
    this.#library = library;
    this.#hub = hub;
    this.#settings = settings;
    library.runOf = (key) => this.get(key);
  }

  get(key: StudyKey): RunStatus | null {
    return this.#runs.get(toId(key))?.status() ?? null;
  }

  /** What the study's runs said last. */
  log(key: StudyKey): readonly RunLogLine[] {
    return this.#logs.get(toId(key))?.lines ?? [];
  }

  #logOf(key: StudyKey): RunLog {
    const log =
      this.#logs.get(toId(key)) ??
      new RunLog((line) => this.#hub.emit('run.log', { key, ...line }));
    this.#logs.set(toId(key), log);
    return log;
  }

  /** Resolves when the run has started. Its end is told by `run.changed`, or awaited with `ended`. */
  async start(key: StudyKey, options: RunOptions): Promise<RunStatus> {
    this.assertNotRunning(key);
    const program = await this.trustedProgram(key, options.trust);
    this.assertNotRunning(key);
    const { jobs = this.#settings.user.jobs ?? undefined } = options;
    const run = new Run(
      key,
      {
        ...options,
        jobs,
        program,
        openBackend: this.#settings.user.backend,
        spares: this.#spares,
      },
      this.#library,
      this.#hub,
      this.#logOf(key),
    );
    this.#runs.set(toId(key), run);
    await run.start();
    return run.status();
  }

  /**
   * What a study of an own objective runs; null for all others.
   *
   * @throws ServiceError `OBJECTIVE_NOT_TRUSTED` when the user has not agreed to run it.
   */
  async trustedProgram(key: StudyKey, trust = false): Promise<Program | null> {
    const spec = specOf(await this.#library.storage(key.storageId).getStudy(key.studyId));
    if (!isProgramStudy(spec)) return null;
    const program = programOf(spec, process.cwd());
    if (trust) this.#trusted.add(program);
    this.#trusted.assertTrusted(program);
    return program;
  }

  /** Resolves when the run, if there is one, is at rest. */
  async ended(key: StudyKey): Promise<RunStatus | null> {
    const run = this.#runs.get(toId(key));
    await run?.ended;
    return run?.status() ?? null;
  }

  run(key: StudyKey): Run {
    const run = this.#runs.get(toId(key));
    if (!run?.isActive) throw new ServiceError('NO_RUN', 'The study is not running.');
    return run;
  }

  assertNotRunning(key: StudyKey): void {
    if (this.#runs.get(toId(key))?.isActive)
      throw new ServiceError('RUN_ACTIVE', 'The study is running. Pause or stop it first.');
  }

  assertNoRunIn(storageId: string): void {
    for (const run of this.#runs.values())
      if (run.isActive && run.key.storageId === storageId)
        throw new ServiceError(
          'RUN_ACTIVE',
          'A study of this file is running. Pause or stop it first.',
        );
  }

  forget(key: StudyKey): void {
    this.#runs.delete(toId(key));
    this.#logs.delete(toId(key));
  }

  /** Puts all running trials back into the queue. */
  async close(): Promise<void> {
    const active = [...this.#runs.values()].filter((run) => run.isActive);
    for (const run of active) run.stop();
    await Promise.all(active.map((run) => run.ended));
  }
}

function toId(key: StudyKey): string {
  return `${key.storageId}\n${key.studyId}`;
}

/** One run of a study, from start to rest. */
class Run {
  readonly key: StudyKey;
  readonly #ended = Promise.withResolvers<void>();
  readonly #library: Library;
  readonly #hub: EventHub;
  readonly #log: RunLog;
  readonly #abort = new AbortController();
  readonly #running: RunningTrials;
  readonly #finishTimes: number[] = [];
  readonly #announce;
  readonly #startedAtMs = Date.now();
  #options: RunSettings;
  #state: RunState = 'starting';
  #study: Study | null = null;
  #pool: ObjectivePool | null = null;
  #checkpoints: Checkpoints | null = null;
  #decision: BackendDecision | null = null;
  #jobs = 1;
  #targetTrials: number | null = null;
  #timeoutMs: number | null = null;
  #finishedTrials = 0;
  #epochs = 0;
  #epochsSaved = 0;
  #nReused = 0;
  /** null: equal trials are run again. */
  #equalTrials: EqualTrials | null = null;
  #maxRetries = 0;
  #nFailedInARow = 0;
  /** What ended the run while trials were left. */
  #problem: ServiceError | null = null;
  /** null: how far trials would have gone, nobody knows. */
  #maxEpochs: number | null = null;
  /** Reported in place of epochs; null: epochs are. */
  #nFolds: number | null = null;
  #endedBy: StudyEnd | null = null;
  #endedAtMs: number | null = null;
  #error: { code: string; message: string } | null = null;

  constructor(key: StudyKey, options: RunSettings, library: Library, hub: EventHub, log: RunLog) {
    this.key = key;
    this.#options = options;
    this.#library = library;
    this.#hub = hub;
    this.#log = log;
    this.#running = new RunningTrials(() => library.storage(key.storageId));
    this.#announce = throttle(statusIntervalMs, () => this.#hub.emit('run.changed', this.status()));
  }

  /** Resolves at rest; never rejects. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  get isActive(): boolean {
    return ['starting', 'running', 'pausing', 'stopping'].includes(this.#state);
  }

  /** Resolves when trials run, or when it was stopped before. @throws when the study cannot be run at all: no spec, bad data, no backend. */
  async start(): Promise<void> {
    try {
      const storage = this.#library.storage(this.key.storageId);
      const frozen = await storage.getStudy(this.key.studyId);
      const spec = specOf(frozen);
      this.#jobs = this.#options.jobs ?? spec.jobs;
      this.#targetTrials = this.#options.targetTrials ?? spec.stop.trials ?? null;
      this.#timeoutMs =
        this.#options.timeoutMs ?? (spec.stop.timeoutS ? spec.stop.timeoutS * 1000 : null);
      this.#maxEpochs = isProgramStudy(spec) ? null : upperBound(spec.training.epochs);
      if (!isProgramStudy(spec) && 'folds' in spec.data.split)
        this.#nFolds = spec.data.split.folds * spec.data.split.repeats;
      const study = await loadStudy({
        storage,
        studyName: frozen.studyName,
        sampler: createSampler(spec.sampler.type, spec.sampler.options),
        pruner: createPruner(spec.pruner.type, spec.pruner.options),
        ...(frozen.directions.length > 1 ? { pruningObjective: 0 } : {}),
      });
      this.#study = study;
      const { program } = this.#options;
      // Children come up while the trials so far and the table are read.
      let reading: Promise<StudyData> | null = null;
      if (isProgramStudy(spec))
        this.#pool = createProgramPool({
          spec,
          program: program as Program,
          ...this.#poolOptions(study),
        });
      else {
        reading = this.#readData(spec, frozen);
        this.#pool = this.#openNetworkPool(spec, study, frozen, reading);
      }
      const finished = await study.getTrials(['complete', 'pruned', 'fail']);
      this.#countSoFar(finished);
      this.#maxRetries = spec.retryFailed;
      if (spec.duplicates === 'reuse') this.#equalTrials = new EqualTrials(finished);
      if (reading && !isProgramStudy(spec))
        await this.#takeData(await reading, spec, study, finished);
      const rules = new StopRules(spec.stop);
      await this.#beginRules(rules, study, frozen);
      if (this.#state === 'starting') this.#setState('running');
      void this.#drive(study, rules, this.#pool).then(this.#ended.resolve);
    } catch (error) {
      await this.#pool?.close();
      const wasStopped = this.#abort.signal.aborted;
      if (wasStopped) this.#rest('paused');
      else this.#fail(error);
      this.#ended.resolve();
      if (!wasStopped) throw error;
    }
  }

  #readData(spec: NetworkStudySpec, frozen: FrozenStudy): Promise<StudyData> {
    return loadStudyData(frozen, spec, {
      acceptsChange: this.#options.acceptChangedData,
      onProgress: tellProgress(this.#hub, spec.data.table),
      signal: this.#abort.signal,
    });
  }

  #openNetworkPool(
    spec: NetworkStudySpec,
    study: Study,
    frozen: FrozenStudy,
    reading: Promise<StudyData>,
  ): ObjectivePool {
    const { request, origin } = this.#backendRequest(spec, frozen);
    const pool = createObjectivePool({
      spec,
      data: reading.then(({ dataset }) => dataset),
      backend: request,
      ...this.#poolOptions(study),
    });
    pool.decision
      .then(async (decision) => {
        if (!decision) return;
        this.#decision =
          origin === 'kept'
            ? { ...decision, reason: 'Chosen when the study first ran.' }
            : decision;
        this.#announce.request();
        if (origin === 'open')
          await study.setSystemAttr(BACKEND, {
            backend: decision.backend,
            engine: decision.engine,
          });
      })
      // What keeps the first child from starting also fails its trial, and so the run.
      .catch(() => {});
    return pool;
  }

  /** Keeps what was found out about the table, and, from now on, the best networks that are trained with it. */
  async #takeData(
    { dataset, attrs }: StudyData,
    spec: NetworkStudySpec,
    study: Study,
    finished: readonly FrozenTrial[],
  ): Promise<void> {
    for (const [key, value] of Object.entries(attrs)) await study.setSystemAttr(key, value);
    for (const warning of dataset.warnings) this.#log.add('warn', warning);
    const folder = this.#library.modelFolder(this.key.storageId);
    if (folder !== null && spec.checkpoints > 0)
      this.#checkpoints = new Checkpoints(
        new ModelStore(folder),
        { studyName: study.studyName, directions: study.directions, spec, dataset },
        finished.filter(({ state }) => state === 'complete'),
      );
  }

  #poolOptions(study: Study): Omit<PoolOptions, 'entry'> {
    const { perTrialTimeoutMs, perTrialMemoryMb, spares } = this.#options;
    return {
      seed: study.seed,
      jobs: this.#jobs,
      perTrialTimeoutMs,
      memoryLimitMb: perTrialMemoryMb,
      spares,
      onLog: (message) => this.#log.add('warn', message),
    };
  }

  pause(): void {
    if (this.#state === 'starting' || this.#state === 'running') this.#setState('pausing');
    this.#study?.stop();
  }

  stop(): void {
    if (this.isActive) this.#setState('stopping');
    this.#study?.stop();
    this.#abort.abort();
  }

  /** @throws ServiceError `NO_RUN` when the trial does not run here. */
  stopTrial(trialNumber: number): Promise<void> {
    return this.#running.stop(trialNumber);
  }

  setJobs(jobs: number): void {
    this.#jobs = jobs;
    this.#pool?.setJobs(jobs);
    this.#announce.request();
  }

  setTarget(targetTrials: number): void {
    this.#targetTrials = targetTrials;
    this.#announce.request();
  }

  status(): RunStatus {
    const trialsPerSecond = this.#rate();
    const remaining =
      this.#targetTrials === null ? null : Math.max(0, this.#targetTrials - this.#finishedTrials);
    return {
      key: this.key,
      state: this.#state,
      targetTrials: this.#targetTrials,
      finishedTrials: this.#finishedTrials,
      timeoutMs: this.#timeoutMs,
      startedAtMs: this.#startedAtMs,
      endedAtMs: this.#endedAtMs,
      jobs: this.#jobs,
      trialsPerSecond,
      etaMs: this.isActive ? this.#eta(remaining, trialsPerSecond) : null,
      epochs: this.#epochs,
      epochsSaved: this.#epochsSaved,
      nReused: this.#nReused,
      backend: this.#decision && {
        name:
          this.#decision.engine === 'tfjs'
            ? this.#decision.backend
            : `${this.#decision.backend} (${this.#decision.engine})`,
        reason: this.#decision.reason,
      },
      runningTrials: this.#running.list(),
      endedBy: this.#endedBy,
      error: this.#error,
    };
  }

  async #drive(study: Study, rules: StopRules, pool: ObjectivePool): Promise<void> {
    try {
      if (this.#endedBy === null && this.#state === 'running')
        await study.optimize((trial, { signal }) => this.#runTrial(pool, trial, signal), {
          nFinishedTrials: () => this.#targetTrials ?? Infinity,
          timeoutMs: this.#timeoutMs ?? undefined,
          nJobs: () => this.#jobs,
          signal: this.#abort.signal,
          // A trial that fails is the trial's affair; a backend or child that cannot be had ends the run.
          catch: [TrialFailedError, TrialLostError],
          onLost: (trial) => this.#onLost(study, trial),
          callbacks: [(_, trial) => this.#onFinished(study, rules, trial)],
        });
      if (this.#problem) throw this.#problem;
      const wasAsked = this.#state === 'pausing' || this.#state === 'stopping';
      if (!wasAsked) await this.#tellEnd(study);
      this.#rest(wasAsked ? 'paused' : 'finished');
    } catch (error) {
      this.#fail(error);
    } finally {
      await pool.close();
      await this.#dropOrphans(study).catch((error: unknown) =>
        this.#log.add('warn', `Old networks could not be deleted: ${toErrorInfo(error).message}`),
      );
      this.#tellChange();
    }
  }

  async #runTrial(
    pool: ObjectivePool,
    trial: LocalTrial,
    signal: AbortSignal,
  ): Promise<number | readonly number[]> {
    const stop = this.#running.begin(trial);
    this.#tellChange();
    try {
      const equal = await this.#findEqual(pool, trial);
      if (equal) return equal;
      let checkpoint: Checkpoint | null = null as Checkpoint | null;
      const epochs: Epoch[] = [];
      const values = await pool.run(trial, {
        signal: AbortSignal.any([signal, stop]),
        keepWeights: this.#checkpoints?.keepWeights,
        onCheckpoint: (learned) => (checkpoint = learned),
        onEpoch: (trained) => {
          const { epoch: number, trainLoss, valLoss, trainAccuracy, valAccuracy } = trained;
          epochs.push(trained);
          this.#epochs++;
          const epoch: EpochReport = {
            trialNumber: trial.number,
            epoch: number,
            trainLoss,
            valLoss,
            metrics:
              trainAccuracy === null || valAccuracy === null
                ? {}
                : { trainAccuracy, accuracy: valAccuracy },
          };
          this.#running.show(epoch);
          this.#tellChange();
          this.#hub.emit('run.epoch', { key: this.key, ...epoch });
        },
        onReport: () => this.#library.touch(this.key),
        onOutput: this.#outputLog(trial.number),
      });
      if (this.#nFolds !== null) await this.#keepFoldScores(trial);
      if (checkpoint) await this.#keep(trial, [values].flat(), checkpoint, epochs);
      return values;
    } finally {
      this.#running.end(trial);
    }
  }

  /** The values of an equal trial, whose constraints are noted too, where the study takes them instead of running one again. */
  async #findEqual(pool: ObjectivePool, trial: LocalTrial): Promise<readonly number[] | null> {
    if (!this.#equalTrials) return null;
    await pool.suggest(trial);
    const equal = this.#equalTrials.find(trial.params);
    if (!equal?.values) return null;
    this.#nReused++;
    await trial.setSystemAttr(DUPLICATE_OF, equal.number);
    // A trial without them would count as feasible.
    for (const [key, value] of Object.entries(constraintAttrs(equal.systemAttrs)))
      await trial.setSystemAttr(key, value);
    this.#log.add(
      'info',
      `Trial ${trial.number} has the parameters of trial ${equal.number}; its values are taken.`,
    );
    return equal.values;
  }

  #asKnown({ trialId }: LocalTrial): Promise<FrozenTrial> {
    return this.#library.storage(this.key.storageId).getTrial(trialId, { asKnown: true });
  }

  /** For stop rules that compare with the error of cross-validation. */
  async #keepFoldScores(trial: LocalTrial): Promise<void> {
    const { intermediateValues } = await this.#asKnown(trial);
    const scores = [...intermediateValues.values()];
    if (scores.length > 1 && scores.every(Number.isFinite))
      await reportCrossValidationScores(trial, scores);
  }

  /** A network that cannot be kept is told of; the trial counts all the same. */
  async #keep(
    trial: LocalTrial,
    values: readonly number[],
    checkpoint: Checkpoint,
    epochs: readonly Epoch[],
  ): Promise<void> {
    try {
      await this.#checkpoints?.offer(trial, values, checkpoint, epochs);
    } catch (error) {
      this.#log.add(
        'warn',
        `The network of trial ${trial.number} could not be kept: ${toErrorInfo(error).message}`,
      );
    }
  }

  /** Networks that better ones have taken the place of. */
  async #dropOrphans(study: Study): Promise<void> {
    const folder = this.#library.modelFolder(this.key.storageId);
    if (folder === null || this.#checkpoints === null) return;
    await new ModelStore(folder).clean(() => referencedFiles(study.storage));
  }

  /** Passes on what a trial prints, up to a number of lines. */
  #outputLog(trialNumber: number): (line: string) => void {
    let nLines = 0;
    return (line) => {
      nLines++;
      if (nLines <= maxOutputLines) this.#log.add('info', `[trial ${trialNumber}] ${line}`);
      if (nLines === maxOutputLines)
        this.#log.add('info', `[trial ${trialNumber}] … what else it prints is not shown.`);
    };
  }

  /** Trials that all fail would only use up the study; what is wrong is then not the trials' affair. */
  async #onFailed(study: Study, trial: FrozenTrial): Promise<void> {
    if (trial.systemAttrs[STOPPED] === true) return;
    this.#nFailedInARow++;
    const limit = Math.max(minFailuresInARow, 2 * this.#jobs);
    if (this.#nFailedInARow >= limit) {
      this.#problem = new ServiceError(
        'TRIALS_KEEP_FAILING',
        `${this.#nFailedInARow} trials in a row failed, so the run was ended. The last one, trial ${trial.number}, failed because of: ${failureOf(trial)?.message ?? 'an unknown error'}`,
      );
      study.stop();
      return;
    }
    const retry = retryOf(trial, this.#maxRetries);
    if (!retry || this.#finishedTrials >= (this.#targetTrials ?? Infinity)) return;
    const { number } = await study.addTrial(retry);
    this.#log.add('info', `Trial ${trial.number} is run again as trial ${number}.`);
  }

  async #onFinished(study: Study, rules: StopRules, trial: FrozenTrial): Promise<void> {
    await this.#countFinished(study);
    this.#finishTimes.push(Date.now());
    if (this.#finishTimes.length > rateWindow) this.#finishTimes.shift();
    this.#countSaved(trial);
    this.#equalTrials?.add(trial);
    this.#log.add(trial.state === 'fail' ? 'warn' : 'info', await describeTrial(study, trial));
    if (trial.state === 'fail') await this.#onFailed(study, trial);
    else this.#nFailedInARow = 0;
    this.#endedBy ??= await rules.endOf(study);
    if (this.#endedBy) study.stop();
    this.#tellChange();
  }

  async #onLost(study: Study, trial: LocalTrial): Promise<void> {
    this.#log.add('warn', await describeLost(study.storage, trial));
    await this.#countFinished(study);
    this.#tellChange();
  }

  #tellChange(): void {
    this.#library.touch(this.key);
    this.#announce.request();
  }

  /** A study that was interrupted just when a rule ended it ends now. */
  async #beginRules(rules: StopRules, study: Study, frozen: FrozenStudy): Promise<void> {
    if (this.#finishedTrials === 0) return;
    if (studyEnd(frozen.systemAttrs) === null) this.#endedBy = await rules.endOf(study);
    else
      for (const { reason } of await rules.leaveOutFulfilled(study))
        this.#log.add('info', `The study goes on although ${reason}.`);
  }

  async #countFinished(study: Study): Promise<void> {
    this.#finishedTrials = await study.storage.countTrials(study.studyId, [
      'complete',
      'pruned',
      'fail',
    ]);
  }

  async #tellEnd(study: Study): Promise<void> {
    // Other programs may have ended the last ones.
    await this.#countFinished(study);
    const end = this.#endedBy ?? this.#plainEnd();
    this.#endedBy = end;
    this.#log.add('info', `The study ends: ${end.reason}.`);
    await study.setSystemAttr(ENDED_BY, { ...end });
  }

  /** The end of a study that no rule has ended. */
  #plainEnd(): StudyEnd {
    if (this.#targetTrials !== null && this.#finishedTrials >= this.#targetTrials)
      return { rule: 'trials', reason: `${this.#finishedTrials} trials have finished` };
    if (this.#timeoutMs !== null && Date.now() - this.#startedAtMs >= this.#timeoutMs)
      return { rule: 'timeout', reason: `it has run for ${this.#timeoutMs / 1000} seconds` };
    return { rule: 'exhausted', reason: 'nothing is left to try' };
  }

  /**
   * What to train with: what was asked for, or was kept, or is left open to the settings and to measuring. A choice that was left open
   * is kept with the study: a resumed one must not train its later trials with something that rounds otherwise.
   */
  #backendRequest(
    spec: NetworkStudySpec,
    study: FrozenStudy,
  ): { request: BackendRequest; origin: 'asked' | 'kept' | 'open' } {
    const { engine } = spec;
    const asked = this.#options.backend ?? spec.backend;
    if (asked !== 'auto') return { request: { backend: asked, engine }, origin: 'asked' };
    const kept = study.systemAttrs[BACKEND] as BackendRequest | undefined;
    if (kept && (kept.backend !== 'tfjs-node' || isNativeTensorFlowInstalled()))
      return { request: kept, origin: 'kept' };
    return { request: { backend: this.#options.openBackend, engine }, origin: 'open' };
  }

  #countSoFar(finished: readonly FrozenTrial[]): void {
    this.#finishedTrials = finished.length;
    for (const trial of finished) this.#countSaved(trial);
  }

  #countSaved(trial: FrozenTrial): void {
    if (trial.state !== 'pruned' || this.#maxEpochs === null) return;
    const nReports = trial.intermediateValues.size;
    this.#epochsSaved +=
      this.#nFolds === null
        ? Math.max(0, this.#maxEpochs - nReports)
        : Math.max(0, this.#nFolds - nReports) * this.#maxEpochs;
  }

  #rate(): number | null {
    const times = this.#finishTimes;
    if (times.length === 0) return null;
    const from = times.length < rateWindow ? this.#startedAtMs : (times[0] as number);
    const n = times.length < rateWindow ? times.length : times.length - 1;
    const seconds = ((times.at(-1) as number) - from) / 1000;
    return seconds > 0 ? n / seconds : null;
  }

  #eta(remaining: number | null, trialsPerSecond: number | null): number | null {
    const byTrials =
      remaining !== null && trialsPerSecond !== null
        ? (remaining / trialsPerSecond) * 1000
        : Infinity;
    const byTime =
      this.#timeoutMs !== null
        ? Math.max(0, this.#startedAtMs + this.#timeoutMs - Date.now())
        : Infinity;
    const eta = Math.min(byTrials, byTime);
    return Number.isFinite(eta) ? Math.round(eta) : null;
  }

  #setState(state: RunState): void {
    this.#state = state;
    this.#announce.request();
    this.#library.touchStudies();
  }

  #fail(error: unknown): void {
    this.#error = toErrorInfo(error);
    this.#log.add('warn', this.#error.message);
    this.#rest('failed');
  }

  #rest(state: RunState): void {
    this.#endedAtMs = Date.now();
    this.#setState(state);
  }
}

type RunsHandlers = Pick<
  Handlers,
  | 'runs.start'
  | 'runs.pause'
  | 'runs.stop'
  | 'runs.stopTrial'
  | 'runs.setJobs'
  | 'runs.setTarget'
  | 'runs.get'
  | 'runs.log'
>;

export function runsHandlers(runs: Runs): RunsHandlers {
  return {
    'runs.start': async ({ key, ...options }) => runs.start(key, options),
    'runs.pause': async ({ key }) => {
      const run = runs.run(key);
      run.pause();
      return run.status();
    },
    'runs.stop': async ({ key }) => {
      const run = runs.run(key);
      run.stop();
      await run.ended;
      return run.status();
    },
    'runs.stopTrial': async ({ key, trialNumber }) => {
      const run = runs.run(key);
      await run.stopTrial(trialNumber);
      return run.status();
    },
    'runs.setJobs': async ({ key, jobs }) => {
      const run = runs.run(key);
      run.setJobs(jobs);
      return run.status();
    },
    'runs.setTarget': async ({ key, targetTrials }) => {
      const run = runs.run(key);
      run.setTarget(targetTrials);
      return run.status();
    },
    'runs.get': async ({ key }) => runs.get(key),
    'runs.log': async ({ key }) => runs.log(key),
  };
}
