import type { StudyKey } from '../contract/library.ts';
import type { EpochReport, RunState, RunStatus } from '../contract/runs.ts';
import type { BackendDecision, BackendRequest } from '../training/choose-backend.ts';
import { TrialFailedError } from '../training/errors.ts';
import {
  createObjectivePool,
  createProgramPool,
  type ObjectivePool,
  type PoolOptions,
} from '../training/pool.ts';
import type { Program } from '../training/programs.ts';
import type { NetworkStudySpec } from '../training/spec.ts';
import { isProgramStudy } from '../training/spec/kinds.ts';
import type { SpareChildren } from '../training/spare-children.ts';
import { createPruner } from '../tuner/pruners/registry.ts';
import { createSampler } from '../tuner/samplers/registry.ts';
import type { FrozenStudy, Storage } from '../tuner/storages/storage.ts';
import { describeTrial } from '../tuner/study/optimize.ts';
import { loadStudy, type Study } from '../tuner/study/study.ts';
import { ENDED_BY, studyEnd, type StudyEnd } from '../tuner/system-attrs.ts';
import type { FrozenTrial } from '../tuner/trial/frozen-trial.ts';
import type { LocalTrial } from '../tuner/trial/local-trial.ts';
import { backendOfRun } from './backend-of-run.ts';
import { Checkpoints, referencedFiles } from './checkpoints.ts';
import { tellProgress } from './data.ts';
import { EqualTrials } from './equal-trials.ts';
import { ServiceError, toErrorInfo } from './errors.ts';
import { throttle, type EventHub } from './events.ts';
import { failureOf, retryOf, STOPPED } from './failed-trials.ts';
import { keptBackendReason } from './kept-records.ts';
import type { Library } from './library.ts';
import { ModelStore } from './model-store.ts';
import { RunFigures } from './run-figures.ts';
import type { RunLog } from './run-log.ts';
import { describeLost, RunningTrials, TrialLostError } from './running-trials.ts';
import { StopRules } from './stop-rules.ts';
import { BACKEND, specOf } from './study-attrs.ts';
import { loadStudyData, type StudyData } from './study-data.ts';
import { TrialRunner } from './trial-runner.ts';

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
  /** Goes on although the table is not the one that the study was created with. @default false */
  readonly acceptChangedData?: boolean;
}

/** What the program adds to what was asked for. */
export interface RunSettings extends RunOptions {
  /** For a study that leaves it open and has not begun. */
  readonly openBackend: BackendRequest['backend'];
  /** Of a study of an own objective, which the user wants to run. */
  readonly program: Program | null;
  readonly spares: SpareChildren;
}

const statusIntervalMs = 100;
/** So many failed trials in a row, and at least two per job, end a run. */
const minFailuresInARow = 10;

/** As people are told of it: `wasm (fused)`. */
function nameOf({ backend, engine }: BackendDecision): string {
  return engine === 'tfjs' ? backend : `${backend} (${engine})`;
}

/** One run of a study, from start to rest. */
export class Run {
  readonly key: StudyKey;
  readonly #ended = Promise.withResolvers<void>();
  readonly #library: Library;
  readonly #hub: EventHub;
  readonly #log: RunLog;
  readonly #abort = new AbortController();
  readonly #running: RunningTrials;
  readonly #figures = new RunFigures(Date.now());
  readonly #announce;
  /** What windows have not been told of. */
  #newEpochs: EpochReport[] = [];
  #options: RunSettings;
  #state: RunState = 'starting';
  #study: Study | null = null;
  #pool: ObjectivePool | null = null;
  #checkpoints: Checkpoints | null = null;
  #decision: BackendDecision | null = null;
  #jobs = 1;
  #targetTrials: number | null = null;
  #timeoutMs: number | null = null;
  /** null: equal trials are run again. */
  #equalTrials: EqualTrials | null = null;
  #maxRetries = 0;
  #nFailedInARow = 0;
  /** What ended the run while trials were left. */
  #problem: ServiceError | null = null;
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
      this.#figures.finishedTrials = finished.length;
      this.#maxRetries = spec.retryFailed;
      if (spec.duplicates === 'reuse') this.#equalTrials = new EqualTrials(finished);
      if (reading && !isProgramStudy(spec))
        await this.#takeData(await reading, spec, study, finished);
      const rules = new StopRules(spec.stop);
      await this.#beginRules(rules, study, frozen);
      if (this.#state === 'starting') this.#setState('running');
      const hasFolds = !isProgramStudy(spec) && 'folds' in spec.data.split;
      const runner = this.#createRunner(storage, this.#pool, hasFolds);
      void this.#drive(study, rules, runner, this.#pool).then(this.#ended.resolve);
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
    const { backend, openBackend } = this.#options;
    const { request, origin } = backendOfRun(spec, frozen, { asked: backend, open: openBackend });
    const pool = createObjectivePool({
      spec,
      data: reading.then(({ dataset }) => dataset),
      backend: request,
      ...this.#poolOptions(study),
    });
    pool.decision
      .then(async (decision) => {
        if (!decision) return;
        const { backend: chosen, engine, reason } = decision;
        const kept = keptBackendReason(frozen);
        this.#decision =
          origin === 'kept'
            ? { ...decision, reason: `Chosen when the study first ran${kept ? `: ${kept}` : '.'}` }
            : decision;
        this.#announce.request();
        if (origin === 'open') {
          this.#log.add('info', `Networks are trained by ${nameOf(decision)}. ${reason}`);
          await study.setSystemAttr(BACKEND, { backend: chosen, engine, reason });
        }
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
    const { finishedTrials, startedAtMs, epochs, nReused } = this.#figures;
    return {
      key: this.key,
      state: this.#state,
      targetTrials: this.#targetTrials,
      finishedTrials,
      timeoutMs: this.#timeoutMs,
      startedAtMs,
      endedAtMs: this.#endedAtMs,
      jobs: this.#jobs,
      trialsPerSecond: this.#figures.rate(),
      etaMs: this.isActive
        ? this.#figures.etaMs(this.#targetTrials, this.#timeoutMs, Date.now())
        : null,
      epochs,
      nReused,
      backend: this.#decision && {
        name: nameOf(this.#decision),
        reason: this.#decision.reason,
      },
      runningTrials: this.#running.list(),
      endedBy: this.#endedBy,
      error: this.#error,
    };
  }

  async #drive(
    study: Study,
    rules: StopRules,
    runner: TrialRunner,
    pool: ObjectivePool,
  ): Promise<void> {
    try {
      if (this.#endedBy === null && this.#state === 'running')
        await study.optimize((trial, { signal }) => runner.run(trial, signal), {
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

  /** A message to a window takes as long as a short epoch, so what comes in one go goes in one. */
  #tellEpochs(): void {
    if (this.#newEpochs.length === 0) return;
    const epochs = this.#newEpochs;
    this.#newEpochs = [];
    this.#hub.emit('run.epochs', { key: this.key, epochs });
  }

  #createRunner(storage: Storage, pool: ObjectivePool, hasFolds: boolean): TrialRunner {
    return new TrialRunner({
      storage,
      pool,
      hasFolds,
      running: this.#running,
      log: this.#log,
      equalTrials: this.#equalTrials,
      checkpoints: this.#checkpoints,
      onBegin: () => this.#tellChange(),
      onEpoch: (epoch) => {
        this.#figures.epochs++;
        this.#running.show(epoch);
        this.#tellChange();
        if (this.#newEpochs.push(epoch) === 1) setImmediate(() => this.#tellEpochs());
      },
      onEnd: () => this.#tellEpochs(),
      onReport: () => this.#library.touch(this.key),
      onReuse: () => void this.#figures.nReused++,
    });
  }

  /** Networks that better ones have taken the place of. */
  async #dropOrphans(study: Study): Promise<void> {
    const folder = this.#library.modelFolder(this.key.storageId);
    if (folder === null || this.#checkpoints === null) return;
    await new ModelStore(folder).clean(() => referencedFiles(study.storage));
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
    if (!retry || this.#figures.finishedTrials >= (this.#targetTrials ?? Infinity)) return;
    const { number } = await study.addTrial(retry);
    this.#log.add('info', `Trial ${trial.number} is run again as trial ${number}.`);
  }

  async #onFinished(study: Study, rules: StopRules, trial: FrozenTrial): Promise<void> {
    await this.#countFinished(study);
    this.#figures.noteFinish(Date.now());
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
    if (this.#figures.finishedTrials === 0) return;
    if (studyEnd(frozen.systemAttrs) === null) this.#endedBy = await rules.endOf(study);
    else
      for (const { reason } of await rules.leaveOutFulfilled(study))
        this.#log.add('info', `The study goes on although ${reason}.`);
  }

  async #countFinished(study: Study): Promise<void> {
    this.#figures.finishedTrials = await study.storage.countTrials(study.studyId, [
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
    if (this.#targetTrials !== null && this.#figures.finishedTrials >= this.#targetTrials)
      return {
        rule: 'trials',
        reason:
          this.#figures.finishedTrials === 1
            ? '1 trial has finished'
            : `${this.#figures.finishedTrials} trials have finished`,
      };
    if (this.#timeoutMs !== null && Date.now() - this.#figures.startedAtMs >= this.#timeoutMs)
      return { rule: 'timeout', reason: `it has run for ${this.#timeoutMs / 1000} seconds` };
    return { rule: 'exhausted', reason: 'nothing is left to try' };
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
