/** Entry of a thread that fits a model after many trials: what takes minutes must not keep the thread of the window's calls busy. */
import { parentPort, workerData } from 'node:worker_threads';
import { InvalidArgumentError } from '../tuner/errors.ts';
import { improvementHistory } from '../tuner/terminators/improvement-history.ts';
import type { ImprovementReply, ImprovementTask } from './improvement-thread.ts';

const send = (reply: ImprovementReply): void => parentPort?.postMessage(reply);
const { directions, trials, ...options } = workerData as ImprovementTask;

try {
  const history = await improvementHistory(
    { directions, getTrials: async () => trials },
    { ...options, onProgress: (nDone, nTotal) => send({ type: 'progress', nDone, nTotal }) },
  );
  send({ type: 'done', history });
} catch (error) {
  if (!(error instanceof InvalidArgumentError)) throw error;
  send({ type: 'refused', message: error.message });
}
