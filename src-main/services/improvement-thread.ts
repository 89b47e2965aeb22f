import { Worker } from 'node:worker_threads';
import { workerEntry } from '../training/node-runtime.ts';
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

export type ImprovementReply =
  | { readonly type: 'progress'; readonly nDone: number; readonly nTotal: number }
  | { readonly type: 'done'; readonly history: ImprovementHistory }
  | { readonly type: 'refused'; readonly message: string };

/**
 * `improvementHistory` in a thread of its own.
 *
 * @throws InvalidArgumentError, or the signal's reason: aborted, it ends at once.
 */
export function improvementInThread(
  { trials, ...task }: ImprovementTask,
  signal: AbortSignal,
  onProgress: (nDone: number, nTotal: number) => void,
): Promise<ImprovementHistory> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const workerData: ImprovementTask = { ...task, trials: trials.map(withoutReports) };
    const worker = new Worker(workerEntry('improvement-worker', '../services'), { workerData });
    const giveUp = (): void => {
      reject(signal.reason as Error);
      void worker.terminate();
    };
    signal.addEventListener('abort', giveUp, { once: true });
    worker.on('message', (reply: ImprovementReply) => {
      if (reply.type === 'progress') onProgress(reply.nDone, reply.nTotal);
      else if (reply.type === 'done') resolve(reply.history);
      else reject(new InvalidArgumentError(reply.message));
    });
    worker.on('error', reject);
    worker.on('exit', () => {
      signal.removeEventListener('abort', giveUp);
      reject(new Error('The thread that estimated the improvement ended without a result.'));
    });
  });
}

/** What no estimate looks at is not copied. */
function withoutReports(trial: FrozenTrial): FrozenTrial {
  return { ...trial, params: {}, intermediateValues: new Map(), userAttrs: {} };
}
