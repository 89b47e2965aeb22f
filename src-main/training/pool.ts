import { totalmem } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Trial } from '../tuner/trial/trial.ts';
import type { BackendDecision, BackendRequest } from './choose-backend.ts';
import { toTrainingData } from './datasets/prepare.ts';
import type { TrainingData } from './datasets/dataset.ts';
import { messageOf, TrialFailedError } from './errors.ts';
import { threadLimits, workerEntry } from './node-runtime.ts';
import { goalsOf } from './objectives-of.ts';
import type { Program } from './programs.ts';
import type { NetworkStudySpec } from './spec.ts';
import type { ProgramStudySpec } from './spec/program.ts';
import { suggestPlan } from './suggest-plan.ts';
import { suggestSpace } from './suggest-space.ts';
import type { SpareChildren } from './spare-children.ts';
import { TrialProcess } from './trial-process.ts';
import type { RunOptions, TrialProcessOptions } from './trial-process.ts';
import type { ObjectiveKind, WorkerSetup } from './worker-protocol.ts';

/**
 * System attribute of a trial whose objective threw or whose process ended: `kind`, a `TrialFailure`, the error's `stack`, and what the
 * process printed last, its `output`; the message is in the user attribute `error`.
 */
export const FAILURE = 'parzen:failure';

/** How long the child of a command may take beyond the command's own grace period. */
const COMMAND_END_MS = 1000;

/** Children with more data than this are not spared: what it leaves behind in memory would count against another study's limit. */
const MAX_SPARED_BYTES = 2 ** 24;

/** What all pools are told. */
export interface PoolOptions {
  /** The study's seed: what is random in a trial, such as first weights, derives from it. */
  readonly seed: number;
  /** Children that run at the same time. @default the spec's `jobs` */
  readonly jobs?: number;
  /** @default the spec's `perTrialTimeoutS`, or no limit */
  readonly perTrialTimeoutMs?: number;
  /** A trial that takes more fails. @default the spec's `perTrialMemoryMb`, or an equal share of three quarters of the machine's memory */
  readonly memoryLimitMb?: number;
  /** What children and their libraries print outside trials, and what the pool does about broken ones. */
  readonly onLog?: (line: string) => void;
  /** Where children come from that are warm already, and where they go when the study ends. @default none: they are started and ended */
  readonly spares?: SpareChildren;
  /** The child's program. @default the one that runs the spec's objective */
  readonly entry?: string;
}

export interface ObjectivePoolOptions extends PoolOptions {
  readonly spec: NetworkStudySpec;
  /** A promise: children come up while it is read. */
  readonly data: TrainingData | Promise<TrainingData>;
  /** @default the spec's `backend` and `engine` */
  readonly backend?: BackendRequest;
}

export interface ProgramPoolOptions extends PoolOptions {
  readonly spec: ProgramStudySpec;
  /** What is run. That the user wants it is the caller's business. */
  readonly program: Program;
}

/**
 * Runs the trials of one study in training children: `study.optimize((trial, { signal }) => pool.run(trial, { signal }), { catch: [TrialFailedError] })`. A
 * study of several objectives must have been opened with `pruningObjective: 0`, as the first one is reported after every epoch.
 */
export interface ObjectivePool {
  /** Asks the trial for the parameters that are known to be needed before it runs: they then cost the child no round trips. */
  suggest(trial: Trial): Promise<void>;
  /**
   * Runs one trial in a child of its own, waiting for a free one where need be.
   *
   * @throws TrialPruned. TrialFailedError when the objective threw, the time was over or the child died; the reason is then in the trial's user
   *   attribute `error` and the details in `parzen:failure`. The signal's reason, at once, when that is aborted.
   */
  run(trial: Trial, options?: Omit<RunOptions, 'timeoutMs'>): Promise<number | readonly number[]>;
  /** What the networks are trained with, and why; null where none are. Known when the first child is ready. */
  readonly decision: Promise<BackendDecision | null>;
  readonly jobs: number;
  /** Starts or ends children; a child that has a trial ends after it. */
  setJobs(jobs: number): void;
  /** Ends all children that are not spared for other studies; trials still running are given up. */
  close(): Promise<void>;
}

/** Starts the children at once, so that they come up while the caller still opens its storage. */
export function createObjectivePool(options: ObjectivePoolOptions): ObjectivePool {
  const { spec, data, seed, backend = { backend: spec.backend, engine: spec.engine } } = options;
  return startPool(options, {
    objective: 'network',
    leavesLittle: async (decision) =>
      decision?.engine === 'fused' && bytesOf(await data) < MAX_SPARED_BYTES,
    suggest: async (trial) => void (await suggestPlan(trial, spec, await data)),
    setup: async (decision) => ({
      objective: 'network',
      spec,
      data: toTrainingData(await data),
      seed,
      backend: decision
        ? { backend: decision.backend, engine: decision.engine }
        : { backend: backend.backend, engine: backend.engine },
    }),
  });
}

/** The same for an objective of the user's own. */
export function createProgramPool(options: ProgramPoolOptions): ObjectivePool {
  const { spec, program, seed } = options;
  const { space = {} } = spec;
  const suggest = async (trial: Trial): Promise<void> => void (await suggestSpace(trial, space));
  if (program.kind === 'module') {
    const { path, sha256 } = program;
    return startPool(options, {
      objective: 'module',
      suggest,
      setup: async () => ({ objective: 'module', path, sha256, space, seed }),
    });
  }
  const { command, folder } = program;
  const graceMs = 1000 * ('graceS' in spec.run ? spec.run.graceS : 0);
  return startPool(options, {
    objective: 'command',
    suggest,
    setup: async () => ({ objective: 'command', command, folder, graceMs, space, seed }),
    graceMs: graceMs + COMMAND_END_MS,
  });
}

/** The setup but for what the pool adds to it. */
type Setup<Some = WorkerSetup> = Some extends WorkerSetup ? Omit<Some, 'memoryLimitBytes'> : never;

/** What one kind of objective does differently. */
interface Work {
  readonly objective: ObjectiveKind;
  suggest(trial: Trial): Promise<void>;
  /** @param decision Of the first child; null for that one. */
  setup(decision: BackendDecision | null): Promise<Setup>;
  /** Whether a child that ran it can run another study's trials as well as a new one. @default never */
  leavesLittle?(decision: BackendDecision | null): Promise<boolean>;
  /** How long a child may take to give a trial up, where that is long; ends then wait for it. */
  readonly graceMs?: number;
}

function startPool(options: ObjectivePoolOptions | ProgramPoolOptions, work: Work): ObjectivePool {
  const pool = new Pool(options, work);
  pool.start();
  return pool;
}

class Pool implements ObjectivePool {
  readonly #options: ObjectivePoolOptions | ProgramPoolOptions;
  readonly #work: Work;
  /** All that have not ended. */
  readonly #children = new Set<TrialProcess>();
  /** Children without a trial, ready or coming up. */
  readonly #spare: Promise<TrialProcess>[] = [];
  /** What each child was started with. */
  readonly #nThreads = new WeakMap<TrialProcess, string | undefined>();
  readonly #decision = Promise.withResolvers<BackendDecision | null>();
  readonly #waiting: (() => void)[] = [];
  #nBusy = 0;
  #jobs: number;
  #isClosed = false;

  constructor(options: ObjectivePoolOptions | ProgramPoolOptions, work: Work) {
    this.#options = options;
    this.#work = work;
    this.#jobs = options.jobs ?? options.spec.jobs;
    this.#decision.promise.catch(() => {});
  }

  get jobs(): number {
    return this.#jobs;
  }

  get decision(): Promise<BackendDecision | null> {
    return this.#decision.promise;
  }

  /** The first child decides about the backend; the others come up meanwhile, and are told. */
  start(): void {
    const first = this.#spawn(null);
    this.#addSpare(first);
    first.catch(this.#decision.reject);
    this.#fill();
  }

  setJobs(jobs: number): void {
    this.#jobs = jobs;
    for (const excess of this.#spare.splice(Math.max(0, jobs - this.#nBusy)))
      excess.then((child) => child.stop()).catch(() => {});
    this.#fill();
    this.#wakeWaiting();
  }

  suggest(trial: Trial): Promise<void> {
    return this.#work.suggest(trial);
  }

  async run(
    trial: Trial,
    options: Omit<RunOptions, 'timeoutMs'> = {},
  ): Promise<number | readonly number[]> {
    const { spec, perTrialTimeoutMs } = this.#options;
    const timeoutMs =
      perTrialTimeoutMs ?? (spec.perTrialTimeoutS ? spec.perTrialTimeoutS * 1000 : undefined);
    await this.#takeTurn(options.signal);
    let child: TrialProcess | undefined;
    try {
      // While a child may still be coming up.
      await this.suggest(trial);
      child = await this.#takeChild();
      const values = await child.run(trial, { ...options, timeoutMs });
      checkValues(values, goalsOf(spec).length);
      return values;
    } catch (error) {
      if (error instanceof TrialFailedError) {
        // What the child printed before it said so may be read after that.
        await nextTurn();
        await recordFailure(trial, error, child?.output ?? '');
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
    const idle = [...this.#children].filter(({ state }) => state === 'idle');
    const spares = idle.length > 0 && (await this.#leavesLittle()) ? this.#options.spares : null;
    await Promise.all(
      [...this.#children].map((child) =>
        spares && child.state === 'idle' ? spares.keep(child) : child.stop(),
      ),
    );
  }

  async #leavesLittle(): Promise<boolean> {
    return (await this.#work.leavesLittle?.(await this.decision)) ?? false;
  }

  async #takeTurn(signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      this.#assertOpen();
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
      if (child.state === 'idle' && !(await this.#isOutdated(child))) return child;
      void child.stop();
    }
  }

  /** Whether it uses more or fewer threads than its share has become, where that makes a difference. */
  async #isOutdated(child: TrialProcess): Promise<boolean> {
    const decision = await this.decision;
    if (decision !== null && decision.backend !== 'tfjs-node') return false;
    return this.#nThreads.get(child) !== threadLimits(this.#jobs).OMP_NUM_THREADS;
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
    return this.#spawn(this.decision);
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new Error('The training processes have been closed.');
  }

  async #spawn(decision: Promise<BackendDecision | null> | null): Promise<TrialProcess> {
    this.#assertOpen();
    const { spec, entry, onLog } = this.#options;
    const { graceMs, objective } = this.#work;
    const limitMb =
      this.#options.memoryLimitMb ??
      spec.perTrialMemoryMb ??
      Math.floor((0.75 * totalmem()) / 2 ** 20 / this.#jobs);
    const setup = async (decided: BackendDecision | null): Promise<WorkerSetup> => ({
      ...(await this.#work.setup(decided)),
      memoryLimitBytes: limitMb * 2 ** 20,
    });
    const how: TrialProcessOptions = {
      entry: entry ?? workerEntry(),
      objective,
      env: threadLimits(this.#jobs),
      heapLimitMb: limitMb,
      ...(graceMs === undefined ? {} : { graceMs, endsGently: true }),
    };
    const bringUp = async (child: TrialProcess): Promise<TrialProcess> => {
      this.#children.add(child);
      this.#nThreads.set(child, how.env.OMP_NUM_THREADS);
      const onExit = (): void => void this.#children.delete(child);
      const decided = await child.prepare({
        setup: Promise.resolve(decision).then(setup),
        onOutput: onLog,
        onExit,
      });
      this.#decision.resolve(decided);
      return child;
    };
    const spare = this.#options.spares?.take(how);
    // One that ended while it was spare says nothing about this study.
    const warm = spare && (await bringUp(spare).catch(() => null));
    if (warm) return warm;
    this.#assertOpen();
    return bringUp(new TrialProcess(how));
  }
}

function bytesOf({ train, validation, folds }: TrainingData): number {
  return folds ? Infinity : train.features.byteLength + validation.features.byteLength;
}

/** The study would fail the trial too, but could not say why. */
function checkValues(values: number | readonly number[], nObjectives: number): void {
  const given = [values].flat();
  if (given.length !== nObjectives)
    throw new TrialFailedError(
      'exception',
      `The study has ${nObjectives === 1 ? 'one objective' : `${nObjectives} objectives`}, but the trial ended with ${given.length} values: ${given.join(', ')}.`,
    );
  if (given.some(Number.isNaN))
    throw new TrialFailedError(
      'exception',
      `The trial ended with ${nObjectives === 1 ? 'the value NaN' : `the values ${given.join(', ')}`}; NaN cannot be compared with others.`,
    );
}

async function recordFailure(trial: Trial, error: TrialFailedError, output: string): Promise<void> {
  await trial.setUserAttr('error', error.message);
  await trial.setSystemAttr(FAILURE, {
    kind: error.failure,
    stack: error.cause instanceof Error ? (error.cause.stack ?? null) : null,
    output: output === '' ? null : output,
  });
}
