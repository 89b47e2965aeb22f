import type { Handlers } from '../contract/contract.ts';
import type { StudyKey } from '../contract/library.ts';
import type { RunLogLine, RunStatus } from '../contract/runs.ts';
import { programOf, type Program } from '../training/programs.ts';
import { isProgramStudy } from '../training/spec/kinds.ts';
import type { SpareChildren } from '../training/spare-children.ts';
import { ServiceError } from './errors.ts';
import type { EventHub } from './events.ts';
import type { Library } from './library.ts';
import { Run, type RunOptions } from './run.ts';
import { RunLog } from './run-log.ts';
import type { Settings } from './settings.ts';
import { specOf } from './study-attrs.ts';
import type { TrustedPrograms } from './trusted-programs.ts';

export interface StartOptions extends RunOptions {
  /** The user agrees that this machine runs the study's own program, now and later. @default only if that was said before */
  readonly trust?: boolean;
}

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
  async start(key: StudyKey, options: StartOptions): Promise<RunStatus> {
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
