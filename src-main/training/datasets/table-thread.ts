import { statSync } from 'node:fs';
import { TableError } from '../errors.ts';
import { workerEntry } from '../node-runtime.ts';
import { runInThread } from '../thread.ts';
import { performTableTask } from './table-tasks.ts';
import type { TableResult, TableTask, TableTasks } from './table-tasks.ts';
import type { TableProgress } from './table.ts';

export interface TableTaskOptions {
  /** Aborted, the reading ends at once and rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called for every megabyte, the last time when all is read. */
  readonly onProgress?: (progress: TableProgress) => void;
}

/** Files below this are read before a thread would have started. */
const SMALL_BYTES = 2 ** 21;

/**
 * Does something with a whole table, large ones in a thread of their own.
 *
 * @throws TableError, or the signal's reason.
 */
export async function runTableTask<Name extends keyof TableTasks>(
  name: Name,
  input: TableTasks[Name]['input'],
  { signal, onProgress = () => {} }: TableTaskOptions = {},
): Promise<TableTasks[Name]['result']> {
  signal?.throwIfAborted();
  const task = { name, input } as TableTask;
  const result = isSmall(input.path)
    ? performTableTask(task, onProgress)
    : await runInThread<TableResult, TableProgress>(workerEntry('table-worker', 'datasets'), task, {
        signal,
        onProgress,
        toError: (message) => new TableError(message),
        onCrash: (error) =>
          isMemoryFull(error)
            ? new TableError(
                'The table takes more memory than this program may have. Put columns under `data.ignore`, or leave out rows.',
                { cause: error },
              )
            : error,
      });
  return result as TableTasks[Name]['result'];
}

/** A file that cannot be looked at is refused by whoever reads it. */
function isSmall(path: string): boolean {
  try {
    return statSync(path).size < SMALL_BYTES;
  } catch {
    return true;
  }
}

function isMemoryFull(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}
