import { Worker } from 'node:worker_threads';

/** What a thread says of its task. */
export type ThreadReply<Result, Progress> =
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'done'; readonly result: Result }
  | { readonly type: 'refused'; readonly message: string };

export interface ThreadOptions<Progress> {
  /** Aborted, the thread ends at once. */
  readonly signal?: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  /** What a refusal is thrown as. */
  readonly toError: (message: string) => Error;
  /** What to throw in place of an error that ended the thread. @default the error */
  readonly onCrash?: (error: NodeJS.ErrnoException) => Error;
}

/**
 * What a program makes of its `workerData` in a thread of its own.
 *
 * @param entry As `workerEntry` finds it; it says `ThreadReply`s.
 * @throws the error of a refusal, or the signal's reason.
 */
export async function runInThread<Result, Progress>(
  entry: string,
  workerData: unknown,
  { signal, onProgress, toError, onCrash = (error) => error }: ThreadOptions<Progress>,
): Promise<Result> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const worker = new Worker(entry, { workerData });
    const giveUp = (): void => {
      reject(signal?.reason as Error);
      void worker.terminate();
    };
    signal?.addEventListener('abort', giveUp, { once: true });
    worker.on('message', (reply: ThreadReply<Result, Progress>) => {
      if (reply.type === 'progress') onProgress(reply.progress);
      else if (reply.type === 'done') resolve(reply.result);
      else reject(toError(reply.message));
    });
    worker.on('error', (error: NodeJS.ErrnoException) => reject(onCrash(error)));
    worker.on('exit', () => {
      signal?.removeEventListener('abort', giveUp);
      reject(new Error(`The thread ${entry} ended without a result.`));
    });
  });
}
