import type { StudyKey } from '../contract/library.ts';
import type { TrialFailureDetail } from '../contract/trials.ts';
import { FAILURE } from '../training/pool.ts';
import { InvalidArgumentError } from '../tuner/errors.ts';
import type { Storage } from '../tuner/storages/storage.ts';
import { isFinished, type FrozenTrial, type TrialTemplate } from '../tuner/trial/frozen-trial.ts';
import { ServiceError } from './errors.ts';
import type { Runs } from './runs.ts';

/** System attributes of a trial that runs a failed one again, as Optuna's RetryFailedTrialCallback writes them. */
const FAILED_TRIAL = 'failed_trial';
const RETRY_HISTORY = 'retry_history';
/** Where Optuna's older versions say why a trial failed. */
const FAIL_REASON = 'fail_reason';

/** System attribute of a trial that the user ended while it ran. */
export const STOPPED = 'parzen:stopped';

/** Why a trial failed; null for trials that did not. Trials of other programs may say little. */
export function failureOf({
  state,
  userAttrs,
  systemAttrs,
}: FrozenTrial): TrialFailureDetail | null {
  if (state !== 'fail') return null;
  const kept = systemAttrs[FAILURE];
  const known = typeof kept === 'object' && kept !== null && !Array.isArray(kept) ? kept : {};
  const { kind, stack, output } = known as Readonly<Record<string, unknown>>;
  return {
    kind: textOrNull(kind),
    message: textOrNull(userAttrs.error) ?? textOrNull(systemAttrs[FAIL_REASON]),
    stack: textOrNull(stack),
    output: textOrNull(output),
  };
}

/** Sets running and waiting trials to failed; nothing is written where one of them may not be. See the contract. */
export async function failTrials(
  storage: Storage,
  runs: Runs,
  key: StudyKey,
  trialNumbers: readonly number[],
): Promise<void> {
  const trials: FrozenTrial[] = [];
  for (const number of new Set(trialNumbers))
    trials.push(await storage.getTrialByNumber(key.studyId, number));
  for (const trial of trials) assertLeftBehind(trial, runs, key);
  for (const { trialId } of trials) {
    await storage.setTrialSystemAttr(trialId, FAIL_REASON, 'It was set to failed by hand.');
    await storage.finishTrial(trialId, 'fail', null);
  }
}

function assertLeftBehind({ number, state }: FrozenTrial, runs: Runs, key: StudyKey): void {
  if (isFinished(state))
    throw new InvalidArgumentError(
      `Only a trial that runs or waits can be set to failed, but trial ${number} is ${state}.`,
    );
  const run = runs.get(key);
  if (run?.runningTrials.some(({ trialNumber }) => trialNumber === number))
    throw new ServiceError(
      'TRIAL_RUNNING_HERE',
      `Only a trial that nobody runs can be set to failed, but trial ${number} is running here. Stop it instead.`,
    );
  // The run could take it at any moment.
  if (state === 'waiting') runs.assertNotRunning(key);
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** The trial that runs a failed one again with its parameters; null when that was done `maxRetries` times already. */
export function retryOf(trial: FrozenTrial, maxRetries: number): TrialTemplate | null {
  const before = trial.systemAttrs[RETRY_HISTORY];
  const history = [...(Array.isArray(before) ? (before as number[]) : []), trial.number];
  if (history.length > maxRetries) return null;
  const { error: _, ...userAttrs } = trial.userAttrs;
  return {
    state: 'waiting',
    values: null,
    startedAtMs: null,
    completedAtMs: null,
    params: trial.params,
    distributions: trial.distributions,
    intermediateValues: new Map(),
    userAttrs,
    systemAttrs: {
      [FAILED_TRIAL]: trial.number,
      // What we keep of a trial is about that trial: its process, its failure.
      ...Object.fromEntries(
        Object.entries(trial.systemAttrs).filter(([key]) => !key.startsWith('parzen:')),
      ),
      [RETRY_HISTORY]: history,
    },
  };
}
