import type { TrialFailureDetail } from '../contract/trials.ts';
import { FAILURE } from '../training/pool.ts';
import type { FrozenTrial, TrialTemplate } from '../tuner/trial/frozen-trial.ts';

/** System attributes of a trial that runs a failed one again, as Optuna's RetryFailedTrialCallback writes them. */
const FAILED_TRIAL = 'failed_trial';
const RETRY_HISTORY = 'retry_history';
/** Where Optuna's older versions say why a trial failed. */
const FAIL_REASON = 'fail_reason';

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
