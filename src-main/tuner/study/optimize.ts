import { createBreather } from '../breather.ts';
import { InvalidArgumentError, TrialNotFoundError, TrialPruned } from '../errors.ts';
import { isLogging, logger } from '../logger.ts';
import { checkKeys } from '../options.ts';
import { HEARTBEAT_INTERVAL_MS } from '../storages/storage.ts';
import type { SearchSpace } from '../distributions.ts';
import type { AnyParams, ParamsOf } from '../search-space/define-space.ts';
import type { FrozenTrial, TrialState } from '../trial/frozen-trial.ts';
import type { LocalTrial } from '../trial/local-trial.ts';
import type { Study } from './study.ts';

/** What the objective gets beside the trial. */
export interface ObjectiveContext {
  /** Aborted when the run is: give up at once by rejecting; the trial then goes back to the queue. */
  readonly signal: AbortSignal;
}

/** @typeParam Params What is known of the trial's parameters beforehand, by `OptimizeOptions.space`. */
export type LocalObjective<Params extends AnyParams = AnyParams> = (
  trial: LocalTrial<Params>,
  context: ObjectiveContext,
) => Promise<number | readonly number[]> | number | readonly number[];

export type OptimizeCallback = (study: Study, trial: FrozenTrial) => Promise<void> | void;

export interface OptimizeOptions<Space extends SearchSpace = SearchSpace> {
  /** Parameters that every trial has: they are suggested before the objective is called, which finds them in `trial.params`, with their types. @default those of the study */
  space?: Space;
  /** Trials to run in this call. @default no limit */
  nTrials?: number;
  /** Stop when the study has this many finished trials, whoever ran them; a function is asked again before each trial. @default no limit */
  nFinishedTrials?: number | (() => number);
  /** No trial is started after this time; running ones end. In milliseconds. @default no limit */
  timeoutMs?: number;
  /** Trials at a time, or a function asked again before each trial, so it can be changed while running. @default 1 */
  nJobs?: number | (() => number);
  /** Errors of the objective that fail their trial and nothing more: classes, or true for all. @default [] */
  catch?: true | readonly (new (...args: never[]) => Error)[];
  /** Called one after another when a trial has finished. */
  callbacks?: readonly OptimizeCallback[];
  /** Called, and waited for, when a trial was ended, put back or deleted elsewhere while it ran here: what came of it here does not count. */
  onLost?: (trial: LocalTrial) => Promise<void> | void;
  /** Ends the run: running trials whose objective rejects go back to the queue, `optimize` then resolves. */
  signal?: AbortSignal;
}

const optionNames = {
  space: true,
  nTrials: true,
  nFinishedTrials: true,
  timeoutMs: true,
  nJobs: true,
  catch: true,
  callbacks: true,
  onLost: true,
  signal: true,
} as const;

/** The loop behind `Study.optimize`. */
export async function optimize<Space extends SearchSpace>(
  study: Study,
  objective: LocalObjective<ParamsOf<Space>>,
  options: OptimizeOptions<Space>,
): Promise<void> {
  if (typeof objective !== 'function')
    throw new InvalidArgumentError(
      `The objective must be a function of a trial, but got ${typeof objective}.`,
    );
  checkKeys<OptimizeOptions<Space>>('optimize', optionNames, options);
  checkOptions(options);
  const { nTrials = Infinity, timeoutMs = Infinity } = options;
  const signal = options.signal ?? new AbortController().signal;
  const nJobs = (): number => valueOf(options.nJobs) ?? 1;
  const nFinishedTrials = (): number => valueOf(options.nFinishedTrials) ?? Infinity;
  const deadline = performance.now() + timeoutMs;
  const running = new Map<number, Promise<void>>();
  const failures: unknown[] = [];
  const breathe = createBreather();
  let nStarted = 0;

  const heartbeat = setInterval(() => {
    for (const trialId of running.keys())
      study.storage.recordHeartbeat(trialId).catch(warnOf('heartbeat'));
  }, HEARTBEAT_INTERVAL_MS);

  const mayStart = async (): Promise<boolean> => {
    if (signal.aborted || study.isStopping || failures.length > 0) return false;
    if (nStarted >= nTrials || performance.now() >= deadline) return false;
    if (await study.sampler.isExhausted?.(study)) {
      const waiting = await study.storage.countTrials(study.studyId, ['waiting']);
      if (waiting === 0) return false;
    }
    if (nFinishedTrials() === Infinity) return true;
    const nFinished = await study.storage.countTrials(study.studyId, [
      'complete',
      'pruned',
      'fail',
    ]);
    return nFinished + running.size < nFinishedTrials();
  };

  const runOne = async (trial: LocalTrial<ParamsOf<Space>>): Promise<void> => {
    const outcome = await callObjective(objective, trial, signal);
    if (outcome.error !== null && signal.aborted && !(outcome.error instanceof TrialPruned)) {
      await putBack(study, trial);
      return;
    }
    const told = await tellOutcome(study, trial, outcome);
    if (told === null) {
      logger.warn(
        `Trial ${trial.number} was ended, put back or deleted elsewhere while it ran here, so what came of it here does not count.`,
      );
      await options.onLost?.(trial);
      return;
    }
    const callbacks = options.callbacks ?? [];
    if (callbacks.length > 0 || isLogging()) {
      const finished = await study.storage.getTrial(trial.trialId, { asKnown: true });
      await logTrial(study, finished, told.problem);
      for (const callback of callbacks) await callback(study, finished);
    }
    const { error } = outcome;
    if (error !== null && !(error instanceof TrialPruned) && !isCaught(error, options.catch))
      throw error;
  };

  try {
    await study.storage.requeueOrphanedTrials(study.studyId);
    for (;;) {
      while (running.size < Math.max(1, nJobs()) && (await mayStart())) {
        nStarted++;
        const trial = await study.ask(options.space);
        const run = runOne(trial)
          .catch((error: unknown) => void failures.push(error))
          .finally(() => running.delete(trial.trialId));
        running.set(trial.trialId, run);
      }
      if (running.size === 0) break;
      await Promise.race(running.values());
      // An objective that never waits would else let neither a timer nor a signal through.
      await breathe();
    }
  } finally {
    await Promise.all(running.values());
    clearInterval(heartbeat);
  }
  if (failures.length > 0) throw failures[0];
}

interface Outcome {
  readonly values: number | readonly number[] | null;
  readonly error: Error | null;
}

async function callObjective<Params extends AnyParams>(
  objective: LocalObjective<Params>,
  trial: LocalTrial<Params>,
  signal: AbortSignal,
): Promise<Outcome> {
  try {
    return { values: await objective(trial, { signal }), error: null };
  } catch (thrown) {
    return { values: null, error: toError(thrown) };
  }
}

function toError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  try {
    return new Error(String(thrown), { cause: thrown });
  } catch {
    // Objects may have no text.
    return new Error(Object.prototype.toString.call(thrown), { cause: thrown });
  }
}

/** @returns Why the trial failed, if it did; null where it was not ours to end any more. */
async function tellOutcome(
  study: Study,
  trial: LocalTrial,
  { values, error }: Outcome,
): Promise<{ problem: string | null } | null> {
  let state: TrialState | undefined;
  if (error instanceof TrialPruned) state = 'pruned';
  else if (error) state = 'fail';
  const told = await study.tellIfRunning(trial, values, state);
  return told && error && state === 'fail' ? { problem: error.message } : told;
}

async function logTrial(study: Study, trial: FrozenTrial, problem: string | null): Promise<void> {
  if (!isLogging()) return;
  const line = await describeTrial(study, trial, problem);
  if (trial.state === 'fail') logger.warn(line);
  else logger.info(line);
}

/**
 * Optuna's line for a finished trial, such as "Trial 3 finished with value: 0.9 and parameters: {…}. Best is trial 1 with value: 0.95."
 *
 * @param reason Why it failed. Default: its user attribute `error`.
 */
export async function describeTrial(
  study: Study,
  trial: FrozenTrial,
  reason: string | null = null,
): Promise<string> {
  const params = JSON.stringify(trial.params);
  if (trial.state === 'pruned') return `Trial ${trial.number} pruned.`;
  if (trial.state === 'fail')
    return `Trial ${trial.number} failed with parameters: ${params} because of: ${reason ?? String(trial.userAttrs.error ?? 'an unknown error')}`;
  const values = trial.values ?? [];
  if (values.length > 1)
    return `Trial ${trial.number} finished with values: [${values.join(', ')}] and parameters: ${params}.`;
  const best = await study.findBestTrial();
  const bestPart = best ? ` Best is trial ${best.number} with value: ${best.values?.[0]}.` : '';
  return `Trial ${trial.number} finished with value: ${values[0]} and parameters: ${params}.${bestPart}`;
}

/** One that was deleted, or that somebody else has taken meanwhile, is not ours to put back. */
async function putBack(study: Study, { trialId, ownerId }: LocalTrial): Promise<void> {
  try {
    await study.storage.requeueTrial(trialId, ownerId);
  } catch (error) {
    if (!(error instanceof TrialNotFoundError)) throw error;
  }
}

function valueOf(option: number | (() => number) | undefined): number | undefined {
  return typeof option === 'function' ? option() : option;
}

function isCaught(error: Error, caught: OptimizeOptions['catch']): boolean {
  return caught === true || (caught ?? []).some((type) => error instanceof type);
}

function warnOf(what: string): (error: unknown) => void {
  return (error) =>
    logger.warn(`The ${what} failed: ${error instanceof Error ? error.message : String(error)}`);
}

function checkOptions({ nTrials, nFinishedTrials, timeoutMs, nJobs }: OptimizeOptions): void {
  for (const [name, count] of Object.entries({ nTrials, nFinishedTrials }))
    if (typeof count === 'number' && !(Number.isInteger(count) && count >= 0))
      throw new InvalidArgumentError(
        `\`${name}\` must be a whole number from 0 on, but got ${count}.`,
      );
  if (timeoutMs !== undefined && !(timeoutMs >= 0))
    throw new InvalidArgumentError(`\`timeoutMs\` must be 0 or more, but got ${timeoutMs}.`);
  if (typeof nJobs === 'number' && !(Number.isInteger(nJobs) && nJobs >= 1))
    throw new InvalidArgumentError(`\`nJobs\` must be a whole number from 1 on, but got ${nJobs}.`);
}
