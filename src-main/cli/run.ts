import { basename } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Option, type Command } from 'commander';
import cliProgress from 'cli-progress';
import { backendChoices, type RunStatus } from '../contract/runs.ts';
import type { StudyKey } from '../contract/library.ts';
import { openStorage } from '../open-storage.ts';
import { ServiceError, type ServiceErrorCode } from '../services/errors.ts';
import type { Services } from '../services/services.ts';
import { giveObjective } from '../services/given-objective.ts';
import { builtInSpecs, createStudyFromSpec, specOfModule } from '../services/new-study.ts';
import { quoteArgument } from '../services/quote-argument.ts';
import type { StartOptions } from '../services/runs.ts';
import {
  exitCodes,
  findStudy,
  openServices,
  output,
  printJson,
  storageArgument,
} from './context.ts';
import type { LoadedSpec } from '../training/spec.ts';
import type { Storage } from '../tuner/storages/storage.ts';
import { studyDirections, type StudyDirection } from '../tuner/study/direction.ts';
import { count, nonNegativeInteger, positive } from './values.ts';

interface RunFlags {
  storage?: string;
  name?: string;
  trialsFrom?: string;
  warmStartFrom?: string;
  warmStartStorage?: string;
  objective?: string;
  direction?: StudyDirection[];
  trust?: boolean;
  acceptChangedData?: boolean;
  trialTimeout?: number;
  trialMemory?: number;
  trials?: number;
  timeout?: number;
  jobs?: number;
  seed?: number;
  backend?: StartOptions['backend'];
  json?: boolean;
  quiet?: boolean;
}

export function addRunCommands(program: Command): void {
  addRunFlags(
    program
      .command('run')
      .summary('create a study from a spec and run it')
      .description(
        `Creates a study from a spec file (YAML or JSON), or from a spec that comes with Parzen by its name (${builtInSpecs().join(', ')}), and runs it. A module or command that the spec names is run too.`,
      )
      .argument('[spec]', 'path of a spec file, or a name such as "iris"')
      .option(
        '--objective <module>',
        'instead of a spec: a JavaScript or TypeScript module that exports `objective(trial)`',
      )
      .addOption(
        new Option('--direction <directions...>', 'with --objective (default: minimize)').choices(
          studyDirections,
        ),
      )
      .option(
        '--name <study>',
        "the study's name (default: the spec's, with a number where that is taken)",
      )
      .option(
        '--seed <n>',
        'what everything random derives from (default: the spec’s, else drawn anew)',
        nonNegativeInteger,
      )
      .option(
        '--trials-from <study>',
        'begin with the trials of this study that the search space could have suggested too; only its ranges and choices may differ',
      )
      .option(
        '--warm-start-from <study>',
        'with the sampler cma-es: begin where the good trials of this study were',
      )
      .option(
        '--warm-start-storage <file>',
        'where that study is, which is only read (default: the file of --storage)',
      ),
    'created when it is missing',
  ).action(async (spec: string | undefined, flags: RunFlags, command: Command) => {
    if ((spec === undefined) === (flags.objective === undefined))
      command.error('error: give either a spec or --objective');
    if (flags.warmStartStorage !== undefined && flags.warmStartFrom === undefined)
      command.error('error: give --warm-start-storage with --warm-start-from');
    process.exitCode = await runSpec(
      spec ?? specOfModule(flags.objective as string, flags.direction),
      flags,
    );
  });

  addRunFlags(
    program
      .command('resume')
      .summary('go on with a study')
      .description(
        'Goes on with a study that Parzen created, until it has as many finished trials as asked for. With --objective also with one that Optuna created.',
      )
      .argument('<study>', "the study's name")
      .option(
        '--objective <path>',
        'give the study an objective of your own, which it then keeps: a module that exports `objective(trial)`, or a spec that names a program under `run`',
      )
      .option('--trust', "run the study's own module or command without asking")
      .option(
        '--accept-changed-data',
        'go on although the table is not the one that the study was created with',
      ),
    'which must exist',
  ).action(async (study: string, flags: RunFlags) => {
    process.exitCode = await resume(study, flags);
  });
}

/** @param whatFile What is expected of the file of `--storage`. */
function addRunFlags(command: Command, whatFile: string): Command {
  return command
    .option(
      '--storage <file>',
      `SQLite file of the study, ${whatFile} (default: the library's own file)`,
    )
    .option(
      '--trials <n>',
      'until the study has this many finished trials (default: the spec’s)',
      count,
    )
    .option('--timeout <seconds>', 'start no trial after this time', positive)
    .option('--jobs <n>', 'trials at a time', count)
    .option('--trial-timeout <seconds>', 'a trial that runs longer fails', positive)
    .option('--trial-memory <MB>', 'a trial whose process takes more memory fails', count)
    .addOption(
      new Option('--backend <name>', 'what computes (default: the spec’s)').choices(backendChoices),
    )
    .option('--json', 'print one JSON object on stdout at the end')
    .option('--quiet', 'print neither progress nor log lines');
}

async function runSpec(spec: string | LoadedSpec, flags: RunFlags): Promise<number> {
  const { services, storageId, storage } = await openServices(flags, { create: true });
  const { warmStartFrom, warmStartStorage } = flags;
  let source: Storage | null = null;
  try {
    if (warmStartFrom !== undefined)
      source =
        warmStartStorage === undefined
          ? storage
          : await openStorage(warmStartStorage, { readOnly: true });
    const studyId = await createStudyFromSpec(storage, spec, {
      studyName: flags.name,
      ...(source &&
        warmStartFrom !== undefined && {
          warmStartFrom: { storage: source, studyId: await source.getStudyId(warmStartFrom) },
        }),
      ...(flags.trialsFrom !== undefined && {
        trialsFrom: { storage, studyId: await storage.getStudyId(flags.trialsFrom) },
      }),
      seed: flags.seed,
    });
    // Who names a spec or module on the command line wants it to run.
    return await runToEnd(services, { storageId, studyId }, { ...flags, trust: true });
  } finally {
    if (source !== storage) await source?.close();
    await services.close();
  }
}

async function resume(studyName: string, flags: RunFlags): Promise<number> {
  const { services, storageId, storage } = await openServices(flags);
  try {
    const key = await findStudy(storage, storageId, studyName);
    if (flags.objective === undefined) return await runToEnd(services, key, flags);
    const { directions } = await storage.getStudy(key.studyId);
    const isSpec = /\.(ya?ml|json)$/i.test(flags.objective);
    await giveObjective(
      storage,
      key.studyId,
      isSpec ? flags.objective : specOfModule(flags.objective, directions),
    );
    return await runToEnd(services, key, { ...flags, trust: true });
  } finally {
    await services.close();
  }
}

async function runToEnd(services: Services, key: StudyKey, flags: RunFlags): Promise<number> {
  const startedAtMs = performance.now();
  const { studyName } = await services.library.storage(key.storageId).getStudy(key.studyId);
  const display = flags.quiet ? null : new Display(services, key);
  let exitCode: number = exitCodes.ok;
  const stop = (code: number): void => {
    exitCode = code;
    try {
      services.runs.run(key).stop();
    } catch {
      // Between start and end there is nothing to stop.
    }
  };
  const onInterrupt = (): void => stop(exitCodes.interrupted);
  const onTerminate = (): void => stop(exitCodes.terminated);
  const onNoReader = (): void => stop(exitCodes.brokenPipe);
  process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate);
  output.once('closed', onNoReader);
  try {
    await start(services, key, {
      targetTrials: flags.trials,
      timeoutMs: flags.timeout === undefined ? undefined : flags.timeout * 1000,
      jobs: flags.jobs,
      backend: flags.backend,
      perTrialTimeoutMs: flags.trialTimeout === undefined ? undefined : flags.trialTimeout * 1000,
      perTrialMemoryMb: flags.trialMemory,
      trust: flags.trust,
      acceptChangedData: flags.acceptChangedData,
    });
    const status = (await services.runs.ended(key)) as RunStatus;
    display?.close();
    if (status.state === 'failed') {
      console.error(`The run failed: ${status.error?.message}`);
      exitCode = exitCodes.failed;
    }
    if (exitCode === exitCodes.interrupted || exitCode === exitCodes.terminated)
      console.error(
        `Stopped; the running trials are back in the queue. To go on:\n  parzen resume ${quoteArgument(studyName)}${storageArgument(flags)}`,
      );
    else if (exitCode === exitCodes.ok && (await hasOnlyFailed(services, key))) {
      if (!flags.quiet && !flags.json) await printEnd(services, key);
      console.error(
        `No trial came to an end, all failed: parzen trials ${quoteArgument(studyName)} --failed${storageArgument(flags)} says why.`,
      );
      exitCode = exitCodes.failed;
    }
    if (flags.json)
      printJson(await result(services, key, status, (performance.now() - startedAtMs) / 1000));
    else if (!flags.quiet && exitCode === exitCodes.ok) await printEnd(services, key);
    return exitCode;
  } finally {
    display?.close();
    process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate);
    output.off('closed', onNoReader);
  }
}

/** Whether there is nothing to go on with, so that a script had better end too. */
async function hasOnlyFailed(services: Services, key: StudyKey): Promise<boolean> {
  const { complete, pruned, fail } = (await services.library.summary(key)).counts;
  return fail > 0 && complete + pruned === 0;
}

/** What the user can be asked for, by the code of the refusal. */
const consents: Readonly<
  Record<string, { question: string; flag: string; option: Partial<StartOptions> }>
> = {
  OBJECTIVE_NOT_TRUSTED: { question: 'Run it?', flag: '--trust', option: { trust: true } },
  DATA_CHANGED: {
    question: 'Go on with the table as it is now?',
    flag: '--accept-changed-data',
    option: { acceptChangedData: true },
  },
};

/** Starts the run; asks first, where somebody is there to answer, what only the user can decide. */
async function start(services: Services, key: StudyKey, options: StartOptions): Promise<void> {
  try {
    await services.runs.start(key, options);
  } catch (error) {
    const consent = error instanceof ServiceError ? consents[error.code] : undefined;
    if (!consent || !(error instanceof ServiceError)) throw error;
    if (!process.stdin.isTTY || !process.stderr.isTTY)
      throw new ServiceError(
        error.code as ServiceErrorCode,
        `${error.message} ${consent.flag} says so.`,
      );
    if (!(await confirm(`${error.message}\n${consent.question}`))) throw error;
    await start(services, key, { ...options, ...consent.option });
  }
}

async function confirm(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
  } finally {
    lines.close();
  }
}

/** What `--json` prints. */
async function result(
  services: Services,
  key: StudyKey,
  status: RunStatus,
  seconds: number,
): Promise<Record<string, unknown>> {
  const summary = await services.library.summary(key);
  const storage = services.library.storage(key.storageId);
  const best =
    summary.best && (await storage.getTrialByNumber(key.studyId, summary.best.trialNumber));
  const { complete, pruned, fail, running, waiting } = summary.counts;
  return {
    study: summary.studyName,
    storage: key.storageId,
    nTrials: complete + pruned + fail + running + waiting,
    nComplete: complete,
    nPruned: pruned,
    nFail: fail,
    bestTrial: best?.number ?? null,
    bestValue: best?.values?.[0] ?? null,
    bestParams: best?.params ?? null,
    nFront: summary.nFront,
    seconds: Math.round(seconds * 1000) / 1000,
    endedBy: status.endedBy?.rule ?? null,
    backend: status.backend?.name ?? null,
  };
}

async function printEnd(services: Services, key: StudyKey): Promise<void> {
  const { best, nFront, counts, studyName } = await services.library.summary(key);
  const file = key.storageId === ':memory:' ? 'memory' : basename(key.storageId);
  console.error(
    `Study "${studyName}" in ${file}: ${counts.complete} complete, ${counts.pruned} pruned, ${counts.fail} failed.` +
      (best
        ? ` Best value ${best.value} by trial ${best.trialNumber}${best.nTied > 1 ? ` (${best.nTied} trials share it)` : ''}.`
        : '') +
      (nFront !== null
        ? ` On the Pareto front: ${nFront} (\`parzen best-trial\` lists them).`
        : ''),
  );
}

/** Progress bar with ETA on a terminal, and a log line per finished trial, both on stderr. */
class Display {
  readonly #bar: cliProgress.SingleBar | null;
  readonly #unsubscribe: () => void;
  #isClosed = false;

  constructor(services: Services, key: StudyKey) {
    const isTerminal = process.stderr.isTTY === true;
    this.#bar = isTerminal
      ? new cliProgress.SingleBar({
          stream: process.stderr,
          format: '{bar} {value}/{total} trials  {eta}  {best}',
          barsize: 24,
          hideCursor: true,
          clearOnComplete: true,
          // Log lines above the bar may be longer than the terminal is wide.
          linewrap: true,
          formatBar: (progress) => {
            const filled = Math.round(progress * 24);
            return '█'.repeat(filled) + '░'.repeat(24 - filled);
          },
        })
      : null;
    let isStarted = false;
    this.#unsubscribe = services.onEmit((name, payload) => {
      if (this.#isClosed) return;
      if (name === 'run.log') {
        const { atMs, level, message } = payload as {
          atMs: number;
          level: string;
          message: string;
        };
        this.#log(
          `[${level === 'warn' ? 'W' : 'I'} ${new Date(atMs).toISOString().replace('T', ' ').slice(0, -1)}] ${message}`,
        );
      } else if (name === 'run.changed' && this.#bar) {
        const status = payload as RunStatus;
        if (status.key.studyId !== key.studyId || status.targetTrials === null) return;
        const details = {
          eta: status.etaMs === null ? '' : `ETA ${formatDuration(status.etaMs)}`,
          best: status.backend ? `on ${status.backend.name}` : '',
        };
        if (!isStarted) this.#bar.start(status.targetTrials, status.finishedTrials, details);
        else {
          this.#bar.setTotal(status.targetTrials);
          this.#bar.update(status.finishedTrials, details);
        }
        isStarted = true;
      }
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#unsubscribe();
    this.#bar?.stop();
  }

  #log(line: string): void {
    // The line takes the place of the bar, which is then drawn again below it.
    process.stderr.write(this.#bar ? `\r\x1b[2K${line}\n` : `${line}\n`);
    this.#bar?.render();
  }
}

function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds / 60) % 60} min`;
}
