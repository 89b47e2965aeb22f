import { workerEntry } from '../training/node-runtime.ts';
import { runInThread } from '../training/thread.ts';
import { InvalidArgumentError } from '../tuner/errors.ts';
import type { StudyDirection } from '../tuner/study/direction.ts';
import type {
  ImprovementHistory,
  ImprovementHistoryOptions,
} from '../tuner/terminators/improvement-history.ts';
import type { FrozenTrial } from '../tuner/trial/frozen-trial.ts';

export interface ImprovementTask extends Omit<ImprovementHistoryOptions, 'onProgress'> {
  readonly directions: readonly StudyDirection[];
  /** The complete ones, by number. */
  readonly trials: readonly FrozenTrial[];
}

/** How many estimates are made. */
export interface ImprovementProgress {
  readonly nDone: number;
  readonly nTotal: number;
}

/**
 * `improvementHistory` in a thread of its own.
 *
 * @throws InvalidArgumentError, or the signal's reason: aborted, it ends at once.
 */
export function improvementInThread(
  { trials, ...task }: ImprovementTask,
  signal: AbortSignal,
  onProgress: (progress: ImprovementProgress) => void,
): Promise<ImprovementHistory> {
  const workerData: ImprovementTask = { ...task, trials: trials.map(withoutReports) };
  return runInThread(workerEntry('improvement-worker', '../services'), workerData, {
    signal,
    onProgress,
    toError: (message) => new InvalidArgumentError(message),
  });
}

/** What no estimate looks at is not copied. */
function withoutReports(trial: FrozenTrial): FrozenTrial {
  return { ...trial, params: {}, intermediateValues: new Map(), userAttrs: {} };
}
