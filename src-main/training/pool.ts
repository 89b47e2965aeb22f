import { totalmem } from 'node:os';
import type { Trial } from '../tuner/trial/trial.ts';
import type { BackendDecision, BackendRequest } from './choose-backend.ts';
import { toTrainingData } from './datasets/prepare.ts';
import type { TrainingData } from './datasets/dataset.ts';
import { messageOf, TrialFailedError } from './errors.ts';
import { threadLimits, workerEntry } from './node-runtime.ts';
import type { StudySpec } from './spec.ts';
import { suggestPlan } from './suggest-plan.ts';
import { TrialProcess } from './trial-process.ts';
import type { RunOptions } from './trial-process.ts';
import type { WorkerSetup } from './worker-protocol.ts';

export interface ObjectivePoolOptions {
  readonly spec: StudySpec;
  readonly data: TrainingData;
  /** The study's seed: weights, order of rows and dropout of each trial derive from it. */
  readonly seed: number;
  /** Children that run at the same time. @default the spec's `jobs` */
  readonly jobs?: number;
  /** @default the spec's `backend` and `engine` */
  readonly backend?: BackendRequest;
  /** @default the spec's `perTrialTimeoutS`, or no limit */
  readonly perTrialTimeoutMs?: number;
  /** A trial that takes more fails. @default an equal share of three quarters of the machine's memory */
  readonly memoryLimitMb?: number;
  /** What children and their libraries print, and what the pool does about broken ones. */
  readonly onLog?: (line: string) => void;
  /** The child's program. @default the one that trains the spec's network */
  readonly entry?: string;
}

/**
 * Runs the trials of one study in training children: `study.optimize((trial, { signal }) => pool.run(trial, { signal }), { catch: [TrialFailedError] })`. A
 * study of several objectives must have been opened with `pruningObjective: 0`, as the first one is reported after every epoch.
 */
export interface ObjectivePool {
  /**
   * Runs one trial in a child of its own, waiting for a free one where need be.
   *
   * @throws TrialPruned. TrialFailedError when the objective threw, the time was over or the child died; the reason is then in the trial's user
   *   attribute `error` and the details in `parzen:failure`. The signal's reason, at once, when that is aborted.
   */
  run(trial: Trial, options?: Omit<RunOptions, 'timeoutMs'>): Promise<number | readonly number[]>;
  /** What the networks are trained with, and why. Known when the first child is ready. */
  readonly decision: Promise<BackendDecision>;
  readonly jobs: number;
  /** Starts or ends children; a child that has a trial ends after it. */
  setJobs(jobs: number): void;
  /** Ends all children; trials still running are given up. */
  close(): Promise<void>;
}

/** Starts the children at once, so that they come up while the caller still opens its storage. */
export function createObjectivePool(options: ObjectivePoolOptions): ObjectivePool {
  const pool = new Pool(options);
  pool.start();
  return pool;
}

class Pool implements ObjectivePool {
  readonly #options: ObjectivePoolOptions;
  /** All that have not ended. */
  readonly #children = new Set<TrialProcess>();
  /** Children without a trial, ready or coming up. */
  readonly #spare: Promise<TrialProcess>[] = [];
  readonly #decision = Promise.withResolvers<BackendDecision>();
  readonly #waiting: (() => void)[] = [];
  #nBusy = 0;
  #jobs: number;
  #isClosed = false;

  constructor(options: ObjectivePoolOptions) {
    this.#options = options;
    this.#jobs = options.jobs ?? options.spec.jobs;
    this.#decision.promise.catch(() => {});
  }

  get jobs(): number {
    return this.#jobs;
  }

  get decision(): Promise<BackendDecision> {
    return this.#decision.promise;
  }

  /** The first child decides about the backend; the others come up when it has. */
  start(): void {
    const { spec, backend = { backend: spec.backend, engine: spec.engine } } = this.#options;
    const first = this.#spawn(backend);
    this.#addSpare(first);
    first
      .then(({ ready }) => ready)
      .then(this.#decision.resolve, this.#decision.reject)
      .then(() => this.#fill())
      .catch(() => {});
  }

  setJobs(jobs: number): void {
    this.#jobs = jobs;
    for (const excess of this.#spare.splice(Math.max(0, jobs - this.#nBusy)))
      excess.then((child) => child.stop()).catch(() => {});
    this.#fill();
    this.#wakeWaiting();
  }

  async run(
    trial: Trial,
    options: Omit<RunOptions, 'timeoutMs'> = {},
  ): Promise<number | readonly number[]> {
    const { spec, data, perTrialTimeoutMs } = this.#options;
    const timeoutMs =
      perTrialTimeoutMs ?? (spec.perTrialTimeoutS ? spec.perTrialTimeoutS * 1000 : undefined);
    await this.#takeTurn(options.signal);
    let child: TrialProcess | undefined;
    try {
      child = await this.#takeChild();
      // Asked here, the parameters reach the child with its trial and cost no round trips.
      await suggestPlan(trial, spec, data);
      return await child.run(trial, { ...options, timeoutMs });
    } catch (error) {
      if (error instanceof TrialFailedError) {
        await recordFailure(trial, error);
        // What is left of a trial that ate the memory would eat the next one's.
        if (error.failure === 'memory') await child?.stop();
      }
      throw error;
    } finally {
      this.#nBusy--;
      if (child) this.#giveBack(child);
      this.#wakeWaiting();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wakeWaiting();
    await Promise.all([...this.#children].map((child) => child.stop()));
  }

  async #takeTurn(signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      if (this.#isClosed) throw new Error('The training processes have been closed.');
      if (this.#nBusy < this.#jobs) break;
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        signal?.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    this.#nBusy++;
  }

  #wakeWaiting(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async #takeChild(): Promise<TrialProcess> {
    for (;;) {
      const child = await (this.#spare.shift() ?? this.#spawnDecided());
      if (child.state === 'idle') return child;
    }
  }

  /** Keeps the child warm for the next trial, or sees to a new one in the place of one that is gone. */
  #giveBack(child: TrialProcess): void {
    if (this.#nBusy + this.#spare.length >= this.#jobs) void child.stop();
    else if (child.state === 'idle') this.#spare.unshift(Promise.resolve(child));
    else if (child.state === 'cancelling') this.#addSpare(this.#settle(child));
    else this.#fill();
  }

  /** The child itself when it gave its trial up as asked, else a new one. */
  async #settle(child: TrialProcess): Promise<TrialProcess> {
    await child.whenSettled();
    return child.state === 'idle' ? child : this.#spawnDecided();
  }

  /** One child per job, warm before it is needed. */
  #fill(): void {
    while (!this.#isClosed && this.#nBusy + this.#spare.length < this.#jobs) {
      this.#addSpare(this.#spawnDecided());
    }
  }

  /** Whoever takes it learns why it did not come up; until then it is only told. */
  #addSpare(child: Promise<TrialProcess>): void {
    child.catch((error: unknown) => {
      if (!this.#isClosed) this.#options.onLog?.(messageOf(error));
    });
    this.#spare.push(child);
  }

  async #spawnDecided(): Promise<TrialProcess> {
    return this.#spawn(await this.decision);
  }

  async #spawn(backend: BackendRequest): Promise<TrialProcess> {
    if (this.#isClosed) throw new Error('The training processes have been closed.');
    const { spec, data, seed, entry, onLog } = this.#options;
    const limitMb =
      this.#options.memoryLimitMb ?? Math.floor((0.75 * totalmem()) / 2 ** 20 / this.#jobs);
    const setup: WorkerSetup = {
      objective: 'network',
      spec,
      data: toTrainingData(data),
      seed,
      backend: { backend: backend.backend, engine: backend.engine },
      memoryLimitBytes: limitMb * 2 ** 20,
    };
    const child = new TrialProcess({
      entry: entry ?? workerEntry(),
      setup,
      env: threadLimits(this.#jobs),
      heapLimitMb: limitMb,
      onOutput: onLog,
    });
    this.#children.add(child);
    void child.exited.then(() => this.#children.delete(child));
    await child.ready;
    return child;
  }
}

async function recordFailure(trial: Trial, error: TrialFailedError): Promise<void> {
  await trial.setUserAttr('error', error.message);
  await trial.setSystemAttr('parzen:failure', {
    kind: error.failure,
    stack: error.cause instanceof Error ? (error.cause.stack ?? null) : null,
  });
}
