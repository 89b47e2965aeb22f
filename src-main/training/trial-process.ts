import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { getPriority, setPriority } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { TrialPruned } from '../tuner/errors.ts';
import type { Trial } from '../tuner/trial/trial.ts';
import type { Checkpoint, KeepWeights } from './checkpoint.ts';
import type { BackendDecision } from './choose-backend.ts';
import { countRows, epochOf, reportOf } from './epoch-batch.ts';
import type { BatchEnd, EpochBatch } from './epoch-batch.ts';
import { TrainingStartError, TrialFailedError } from './errors.ts';
import { splitLines } from './lines.ts';
import { batched } from './message-batch.ts';
import { compileCacheDir, findNodeRuntime } from './node-runtime.ts';
import type { Epoch } from './train.ts';
import { fromWireError, toWireError } from './worker-protocol.ts';
import type {
  ChildMessage,
  ObjectiveKind,
  Outcome,
  ParentMessage,
  TrialCall,
  WorkerSetup,
} from './worker-protocol.ts';

/**
 * starting: has not said that it is ready. idle: waits for a trial. running: has one. cancelling: was asked to give its trial up.
 * spare: waits to be prepared for another study. stopping: is to end. exited: is gone.
 */
export type TrialProcessState =
  'starting' | 'idle' | 'running' | 'cancelling' | 'spare' | 'stopping' | 'exited';

/** How a child is started. */
export interface TrialProcessOptions {
  readonly entry: string;
  /** What the setup will ask for. */
  readonly objective: ObjectiveKind;
  readonly env: Readonly<Record<string, string>>;
  /** Of V8's heap; null: Node's own limit. */
  readonly heapLimitMb: number | null;
  /** How long a child may take to give a trial up, or to end when asked, before it is killed. @default 500 */
  readonly graceMs?: number;
  /** Whether an end that is asked for waits until the trial has been given up in its own time. */
  readonly endsGently?: boolean;
}

/** What a child is prepared with for a study. */
export interface Preparation {
  /** The child comes up meanwhile. */
  readonly setup: Promise<WorkerSetup>;
  /** Lines that the child or its libraries print outside trials. */
  readonly onOutput?: (line: string) => void;
  readonly onExit?: () => void;
}

export interface RunOptions {
  readonly signal?: AbortSignal;
  /** @default no limit */
  readonly timeoutMs?: number;
  readonly onEpoch?: (epoch: Epoch) => void;
  /** @default false */
  readonly keepWeights?: KeepWeights;
  /** See `ObjectiveRun`. */
  readonly nEpochs?: number;
  /** Told before `run` resolves what the trial learned, where `keepWeights` wants it. */
  readonly onCheckpoint?: (checkpoint: Checkpoint) => void;
  /** Told of every intermediate value that the study has taken. */
  readonly onReport?: () => void;
  /** Lines that the trial's process prints while it runs. */
  readonly onOutput?: (line: string) => void;
}

/** What comes again when the trial runs again is stored with what comes next, or in the next turn of the event loop, which nothing keeps busy here. */
const SOON = { mayWait: true } as const;

/** How much of what the child printed last an error shows. */
const TAIL_CHARACTERS = 2000;

/** Loading a native backend from a cold disk takes seconds. */
const START_TIMEOUT_MS = 60_000;

interface Running {
  readonly trial: Trial;
  readonly options: RunOptions;
  /** Was told to give up: what it says of later steps has not happened. */
  isPruned: boolean;
  finish(outcome: Outcome): void;
  fail(error: Error): void;
}

/** The parent's side of one training child. */
export class TrialProcess {
  readonly #child: ChildProcess;
  readonly #options: TrialProcessOptions;
  readonly #exited: Promise<void>;
  #state: TrialProcessState = 'starting';
  #preparation: Preparation | null = null;
  #starting: PromiseWithResolvers<BackendDecision | null> | null = null;
  #running: Running | null = null;
  #tail = '';
  #killTimers: NodeJS.Timeout[] = [];
  /** The end of what the child has said so far: one thing is dealt with after another. */
  #heard: Promise<void> = Promise.resolve();
  /** A child that is gone is reported by its exit, so an error here says nothing new. */
  readonly #send = batched<ParentMessage>((messages) => {
    if (this.#child.connected) this.#child.send(messages, () => {});
  });
  readonly #idleWaiters: (() => void)[] = [];

  constructor(options: TrialProcessOptions) {
    this.#options = options;
    const { execPath, env } = findNodeRuntime();
    this.#child = fork(options.entry, [options.objective], {
      execPath,
      execArgv: [
        '--disable-warning=ExperimentalWarning',
        ...(options.heapLimitMb === null ? [] : [`--max-old-space-size=${options.heapLimitMb}`]),
      ],
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        NODE_COMPILE_CACHE: compileCacheDir(),
        ...env,
        ...options.env,
      },
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    endPrecedence(this.#child.pid);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      const lines = splitLines((line) => this.#onLine(line));
      stream
        ?.setEncoding('utf8')
        .on('data', (text: string) => {
          this.#tail = (this.#tail + text).slice(-TAIL_CHARACTERS);
          lines.push(text);
        })
        .on('end', () => lines.end());
    }
    this.#exited = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => this.#onExit(code, signal));
      // After 'close' the last output has arrived too.
      this.#child.once('close', () => resolve());
    });
    this.#child.on('error', (error) => this.#onSpawnError(error));
    this.#child.on('message', (messages: ChildMessage[]) => {
      this.#heard = this.#heard.then(async () => {
        for (const message of messages) await this.#onMessage(message);
      });
    });
  }

  get state(): TrialProcessState {
    return this.#state;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Whether it was started in this way. */
  isLike(options: TrialProcessOptions): boolean {
    return isDeepStrictEqual(this.#options, options);
  }

  /**
   * Resolves when the child, which is new or spare, can run trials: with the backend it took, if it needs one.
   *
   * @throws TrainingStartError, or what kept it from coming up; it is then ended.
   */
  async prepare(preparation: Preparation): Promise<BackendDecision | null> {
    this.#preparation = preparation;
    if (this.#state === 'spare') this.#state = 'starting';
    const starting = Promise.withResolvers<BackendDecision | null>();
    this.#starting = starting;
    let timer: NodeJS.Timeout | undefined;
    const fail = (how: string): void =>
      starting.reject(new TrainingStartError(`A training process ${how}.${this.#lastWords()}`));
    void this.#exited.then(() => fail('ended before it was ready'));
    preparation.setup.then((setup) => {
      if (this.#state !== 'starting') return;
      timer = setTimeout(
        () => fail(`did not become ready within ${START_TIMEOUT_MS / 1000} s`),
        START_TIMEOUT_MS,
      );
      this.#send({ type: 'setup', setup });
    }, starting.reject);
    try {
      return await starting.promise;
    } catch (error) {
      void this.stop();
      throw error;
    } finally {
      clearTimeout(timer);
      this.#starting = null;
    }
  }

  /** Makes an idle child a spare one, which has nothing more to do with the study it was prepared for. */
  release(): void {
    if (this.#state !== 'idle')
      throw new Error(`Only an idle child can be released, but this one is ${this.#state}.`);
    this.#state = 'spare';
    this.#preparation = null;
    this.#tail = '';
  }

  /** Resolves when the child is gone and all it printed has been read. */
  get exited(): Promise<void> {
    return this.#exited;
  }

  /** Resolves when the child is idle again or is gone. */
  async whenSettled(): Promise<void> {
    if (this.#state !== 'cancelling') return;
    await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
  }

  /**
   * Runs one trial; the child must be idle.
   *
   * @throws TrialPruned; TrialFailedError when the objective threw, the time was over or the child died; the signal's reason, at once, when
   *   that is aborted.
   */
  async run(trial: Trial, options: RunOptions = {}): Promise<number | readonly number[]> {
    const { signal, timeoutMs, onCheckpoint, keepWeights, nEpochs } = options;
    if (this.#state !== 'idle')
      throw new Error(`A trial needs an idle child, but this one is ${this.#state}.`);
    signal?.throwIfAborted();
    this.#state = 'running';
    this.#tail = '';
    let timer: NodeJS.Timeout | undefined;
    let onAbort = (): void => {};
    try {
      const outcome = await new Promise<Outcome>((resolve, reject) => {
        this.#running = { trial, options, isPruned: false, finish: resolve, fail: reject };
        onAbort = () => {
          this.#cancel();
          reject(signal?.reason as Error);
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        if (timeoutMs !== undefined)
          timer = setTimeout(() => {
            this.#cancel();
            reject(
              new TrialFailedError(
                'timeout',
                `Trial ${trial.number} ran longer than its limit of ${timeoutMs / 1000} s and was stopped.`,
              ),
            );
          }, timeoutMs);
        const { number, params, distributions } = trial;
        const start = { number, params, distributions, keepWeights, nEpochs };
        this.#send({ type: 'run', trial: start });
      });
      if (outcome.state === 'complete' || outcome.state === 'pruned')
        for (const [key, value] of Object.entries(outcome.userAttrs))
          await trial.setUserAttr(key, value, SOON);
      if (outcome.state === 'complete' && outcome.checkpoint) onCheckpoint?.(outcome.checkpoint);
      return toResult(outcome);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** What the child printed last in its trial, or before it had one; cut to a bounded length. */
  get output(): string {
    return this.#tail.trim();
  }

  /** Ends the child, which has nothing to save: asks it with SIGTERM, then kills it. Resolves when it is gone. */
  async stop(): Promise<void> {
    if (this.#options.endsGently) await this.whenSettled();
    if (this.#state !== 'exited' && this.#state !== 'stopping') {
      this.#state = 'stopping';
      this.#killAfter(0);
    }
    await this.#exited;
  }

  get #graceMs(): number {
    return this.#options.graceMs ?? 500;
  }

  async #onMessage(message: ChildMessage): Promise<void> {
    const running = this.#state === 'running' ? this.#running : null;
    switch (message.type) {
      case 'ready':
        if (this.#state === 'starting') this.#state = 'idle';
        this.#starting?.resolve(message.decision);
        break;
      case 'unready':
        this.#starting?.reject(fromWireError(message.error));
        break;
      case 'call':
        if (running) await this.#answer(running, message.id, message.call);
        break;
      case 'epochs':
        if (running) await this.#takeEpochs(running, message.batch);
        break;
      case 'finished': {
        const running = this.#running;
        this.#running = null;
        // A child that is being stopped may still finish its trial; it is to end all the same.
        if (this.#state === 'running' || this.#state === 'cancelling') {
          this.#clearKillTimers();
          this.#state = 'idle';
        }
        this.#wakeIdleWaiters();
        running?.finish(message.outcome);
        break;
      }
    }
  }

  async #answer(running: Running, id: number, call: TrialCall): Promise<void> {
    try {
      const isTooLate = running.isPruned && call.method === 'reportAndShouldPrune';
      const result = isTooLate || (await callTrial(running.trial, call));
      if (!isTooLate && (call.method === 'report' || call.method === 'reportAndShouldPrune'))
        running.options.onReport?.();
      if (call.method === 'reportAndShouldPrune') running.isPruned = result === true;
      this.#send({ type: 'reply', id, result });
    } catch (error) {
      this.#send({ type: 'refusal', id, error: toWireError(error) });
    }
  }

  /** What it says of one epoch after another, until it is pruned or this process gives it up. */
  async #takeEpochs(running: Running, batch: EpochBatch): Promise<void> {
    const { trial, options } = running;
    let end: BatchEnd | null = null;
    for (let row = 0; row < countRows(batch) && this.#state === 'running'; row++) {
      if (running.isPruned) {
        end ??= { row, refusal: null };
        break;
      }
      const epoch = options.onEpoch && epochOf(batch, row);
      if (epoch) options.onEpoch?.(epoch);
      const report = reportOf(batch, row);
      if (!report) continue;
      try {
        await trial.report(report.value, report.step, SOON);
        options.onReport?.();
        running.isPruned = await trial.shouldPrune();
        if (running.isPruned) end ??= { row, refusal: null };
      } catch (error) {
        end ??= { row, refusal: toWireError(error) };
      }
    }
    this.#send({ type: 'answer', id: batch.id, end });
  }

  /** Asks the child to give its trial up; kills it when it does not. */
  #cancel(): void {
    if (this.#state !== 'running') return;
    this.#state = 'cancelling';
    this.#send({ type: 'cancel' });
    this.#killAfter(this.#graceMs);
  }

  #killAfter(graceMs: number): void {
    this.#clearKillTimers();
    this.#killTimers = [
      setTimeout(() => this.#child.kill('SIGTERM'), graceMs),
      setTimeout(() => this.#child.kill('SIGKILL'), graceMs + this.#graceMs),
    ];
  }

  #clearKillTimers(): void {
    for (const timer of this.#killTimers) clearTimeout(timer);
    this.#killTimers = [];
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null): void {
    const wasStopping = this.#state === 'stopping' || this.#state === 'cancelling';
    this.#state = 'exited';
    this.#clearKillTimers();
    this.#wakeIdleWaiters();
    this.#preparation?.onExit?.();
    void this.#heard.then(() => {
      const running = this.#running;
      this.#running = null;
      if (!running || wasStopping)
        running?.fail(new TrialFailedError('crash', 'The training process was stopped.'));
      // What it trained past the answer has not happened, nor has its end.
      else if (running.isPruned)
        running.finish({ state: 'pruned', message: 'Trial was pruned.', userAttrs: {} });
      else
        void this.#exited.then(() =>
          running.fail(this.#exitError(running.trial.number, code, signal)),
        );
    });
  }

  #exitError(
    trialNumber: number,
    code: number | null,
    signal: NodeJS.Signals | null,
  ): TrialFailedError {
    const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
    const { heapLimitMb } = this.#options;
    if (/out of memory|allocation failed/i.test(this.#tail))
      return new TrialFailedError(
        'memory',
        `The training process of trial ${trialNumber} ran out of memory (${how})${heapLimitMb === null ? '' : `; its limit is ${heapLimitMb} MB`}.`,
      );
    const hint =
      signal === 'SIGKILL' ? ' The system kills processes so when memory runs short.' : '';
    return new TrialFailedError(
      'crash',
      `The training process of trial ${trialNumber} ended unexpectedly with ${how}.${hint}${this.#lastWords()}`,
    );
  }

  #onSpawnError(error: Error): void {
    this.#tail = error.message;
    this.#onLine(error.message);
    if (this.#child.pid === undefined) {
      this.#onExit(null, null);
      this.#child.emit('close');
    }
  }

  #onLine(line: string): void {
    if (line.trim() === '') return;
    if (this.#running) this.#running.options.onOutput?.(line);
    else this.#preparation?.onOutput?.(line);
  }

  #lastWords(): string {
    return this.output === '' ? '' : ` It said last: ${this.output}`;
  }

  #wakeIdleWaiters(): void {
    for (const wake of this.#idleWaiters.splice(0)) wake();
  }
}

/**
 * Chromium puts the desktop program's main thread before all others where it may, as root on Linux, and a child inherits that: with few
 * cores the window would have to live on what training leaves.
 */
function endPrecedence(pid: number | undefined): void {
  try {
    if (pid !== undefined && getPriority(pid) < 0) setPriority(pid, 0);
  } catch {
    // It is gone already, which its exit tells, or the system keeps priorities to itself.
  }
}

function toResult(outcome: Outcome): number | readonly number[] {
  switch (outcome.state) {
    case 'complete':
      return outcome.values;
    case 'pruned':
      throw new TrialPruned(outcome.message);
    case 'cancelled':
      throw new TrialFailedError('exception', 'The trial was cancelled.');
    case 'fail':
      throw new TrialFailedError(outcome.failure, outcome.error.message, {
        cause: fromWireError(outcome.error),
      });
  }
}

/** Does for the child what it asked of its trial. */
async function callTrial(trial: Trial, { method, args }: TrialCall): Promise<unknown> {
  switch (method) {
    case 'suggest':
      return trial.suggest(args.name, args.distribution);
    case 'report':
      await trial.report(args.value, args.step, SOON);
      return null;
    case 'shouldPrune':
      return trial.shouldPrune();
    case 'reportAndShouldPrune':
      await trial.report(args.value, args.step, SOON);
      return trial.shouldPrune();
    case 'setUserAttr':
      await trial.setUserAttr(args.key, args.value);
      return null;
    case 'setSystemAttr':
      await trial.setSystemAttr(args.key, args.value);
      return null;
    case 'setConstraint':
      await trial.setConstraint(args.key, args.value);
      return null;
  }
}
