/** Entry of a thread that fits a model after many trials: what takes minutes must not keep the thread of the window's calls busy. */
import { parentPort, workerData } from 'node:worker_threads';
import { InvalidArgumentError } from '../tuner/errors.ts';
import {
  improvementHistory,
  type ImprovementHistory,
} from '../tuner/terminators/improvement-history.ts';
import type { ThreadReply } from '../training/thread.ts';
import type { ImprovementProgress, ImprovementTask } from './improvement-thread.ts';

const send = (reply: ThreadReply<ImprovementHistory, ImprovementProgress>): void =>
  parentPort?.postMessage(reply);
const { directions, trials, ...options } = workerData as ImprovementTask;

try {
  const result = await improvementHistory(
    { directions, getTrials: async () => trials },
    {
      ...options,
      onProgress: (nDone, nTotal) => send({ type: 'progress', progress: { nDone, nTotal } }),
    },
  );
  send({ type: 'done', result });
} catch (error) {
  if (!(error instanceof InvalidArgumentError)) throw error;
  send({ type: 'refused', message: error.message });
}
