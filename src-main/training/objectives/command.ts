import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ParamValue } from '../../tuner/distributions.ts';
import { TrialPruned } from '../../tuner/errors.ts';
import { createRng } from '../../tuner/math/rng.ts';
import type { Trial } from '../../tuner/trial/trial.ts';
import { TrialFailedError } from '../errors.ts';
import { splitLines } from '../lines.ts';
import { memoryOfGroup, ownGroup, signalGroup } from '../process-group.ts';
import { reportAndShouldPrune } from '../remote-trial.ts';
import { suggestSpace } from '../suggest-space.ts';
import type { SetupOf } from '../worker-protocol.ts';
import { parseOutputLine } from './command-output.ts';
import type { PrepareObjective } from './objective.ts';

const MEMORY_CHECK_INTERVAL_MS = 500;
/** How much of what the command wrote to stderr last an error shows. */
const TAIL_CHARACTERS = 2000;

/** A command of the user's own, started once per trial. The parent has made sure that the user wants it to run. */
export const prepareCommandObjective: PrepareObjective<'command'> = async (setup) => {
  process.once('SIGTERM', () => process.exit(143));
  return {
    decision: null,
    async run(trial, { signal }) {
      const params = await suggestSpace(trial, setup.space);
      return new CommandTrial(setup, trial, params).run(signal);
    },
  };
};

/** The command while it runs for one trial. */
class CommandTrial {
  readonly #setup: SetupOf<'command'>;
  readonly #trial: Trial;
  readonly #params: Readonly<Record<string, ParamValue>>;
  #values: number | readonly number[] | null = null;
  #lastNumber: number | null = null;
  #stderrTail = '';
  /** Set once; what it says is the trial's outcome, whatever the command does after it. */
  #verdict: Error | null = null;
  #killTimer: NodeJS.Timeout | undefined;
  /** While the command runs. */
  #pid: number | undefined;

  constructor(
    setup: SetupOf<'command'>,
    trial: Trial,
    params: Readonly<Record<string, ParamValue>>,
  ) {
    this.#setup = setup;
    this.#trial = trial;
    this.#params = params;
  }

  async run(signal: AbortSignal): Promise<number | readonly number[]> {
    const [program = '', ...args] = this.#setup.command;
    const child = spawn(program, args, {
      cwd: this.#setup.folder,
      env: this.#environment(),
      stdio: ['pipe', 'pipe', 'pipe'],
      ...ownGroup,
    });
    this.#pid = child.pid;
    child.once('exit', () => {
      // What the command started and left behind would hold its output open.
      this.#signal('SIGKILL');
      this.#pid = undefined;
    });
    // A command need not read its parameters from stdin.
    child.stdin.on('error', () => {});
    child.stdin.end(`${JSON.stringify(this.#params)}\n`);
    // Lines are taken one after another, each when the study has taken the one before.
    let work = Promise.resolve();
    const stdout = splitLines((line) => {
      work = work.then(() => this.#onLine(line)).catch((error: unknown) => this.#giveUp(error));
    });
    const stderr = splitLines((line) => process.stderr.write(`${line}\n`));
    child.stdout.setEncoding('utf8').on('data', (text: string) => stdout.push(text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderrTail = (this.#stderrTail + text).slice(-TAIL_CHARACTERS);
      stderr.push(text);
    });
    const onAbort = (): void => this.#giveUp(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    // When this process has to end, the command does too.
    const onExit = (): void => this.#signal('SIGKILL');
    process.once('exit', onExit);
    const memoryWatch = setInterval(() => void this.#checkMemory(), MEMORY_CHECK_INTERVAL_MS);
    try {
      const [code, signalName] = (await once(child, 'close')) as [number | null, string | null];
      stdout.end();
      stderr.end();
      await work;
      return this.#result(code, signalName);
    } catch (error) {
      if (child.pid !== undefined) throw error;
      throw new TrialFailedError(
        'exception',
        `The command "${program}" cannot be started in ${this.#setup.folder}: ${(error as Error).message}. Is it installed, and is the folder there?`,
      );
    } finally {
      clearInterval(memoryWatch);
      clearTimeout(this.#killTimer);
      process.off('exit', onExit);
      signal.removeEventListener('abort', onAbort);
    }
  }

  #environment(): NodeJS.ProcessEnv {
    const { ELECTRON_RUN_AS_NODE: _, NODE_COMPILE_CACHE: __, ...inherited } = process.env;
    const params = Object.entries(this.#params).map(([name, value]) => [
      `PARZEN_PARAM_${name.toUpperCase().replaceAll(/[^A-Z0-9_]/g, '_')}`,
      String(value),
    ]);
    return {
      // Python would keep its lines back until there are many.
      PYTHONUNBUFFERED: '1',
      ...inherited,
      ...(Object.fromEntries(params) as Record<string, string>),
      PARZEN_PARAMS: JSON.stringify(this.#params),
      PARZEN_TRIAL_NUMBER: String(this.#trial.number),
      PARZEN_SEED: String(createRng(this.#setup.seed, this.#trial.number, 'objective').uint32()),
    };
  }

  async #onLine(line: string): Promise<void> {
    const said = parseOutputLine(line);
    if (said === null) {
      if (line.trim() !== '') process.stdout.write(`${line}\n`);
      return;
    }
    switch (said.type) {
      case 'report':
        if (this.#verdict) return;
        if (await reportAndShouldPrune(this.#trial, said.value, said.step))
          this.#giveUp(new TrialPruned(`Trial was pruned at step ${said.step}.`));
        break;
      case 'number':
        this.#lastNumber = said.value;
        break;
      case 'result':
        this.#values = said.values ?? this.#values;
        for (const [key, value] of Object.entries(said.userAttrs))
          await this.#trial.setUserAttr(key, value);
        for (const [key, value] of Object.entries(said.constraints))
          await this.#trial.setConstraint(key, value);
    }
  }

  /** Asks the command to end, and kills it after its grace period. */
  #giveUp(reason: unknown): void {
    if (this.#verdict) return;
    this.#verdict = reason instanceof Error ? reason : new Error(String(reason));
    this.#signal('SIGTERM');
    this.#killTimer = setTimeout(() => this.#signal('SIGKILL'), this.#setup.graceMs);
  }

  #signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    if (this.#pid !== undefined) signalGroup(this.#pid, signal);
  }

  async #checkMemory(): Promise<void> {
    const { memoryLimitBytes } = this.#setup;
    if (memoryLimitBytes === null || this.#pid === undefined || this.#verdict) return;
    const usedBytes = await memoryOfGroup(this.#pid);
    if (usedBytes === null || usedBytes <= memoryLimitBytes) return;
    const [used, limit] = [usedBytes, memoryLimitBytes].map((bytes) => Math.round(bytes / 2 ** 20));
    this.#verdict ??= new TrialFailedError(
      'memory',
      `The command took ${used} MB of memory; its limit is ${limit} MB.`,
    );
    this.#signal('SIGKILL');
  }

  #result(code: number | null, signal: string | null): number | readonly number[] {
    if (this.#verdict) throw this.#verdict;
    const words = this.#stderrTail.trim();
    if (code !== 0)
      throw new TrialFailedError(
        signal === null ? 'exception' : 'crash',
        `The command ended with ${signal === null ? `exit code ${code}` : `signal ${signal}`}.${words === '' ? '' : ` It said last: ${words}`}`,
      );
    const values = this.#values ?? this.#lastNumber;
    if (values === null)
      throw new TrialFailedError(
        'exception',
        'The command ended without a value. It must write one to stdout, as a number in a line of its own or as {"value": …}.',
      );
    return values;
  }
}
