/** Entry of a thread that reads one large table: what takes seconds must not keep the thread of the window's calls busy. */
import { parentPort, workerData } from 'node:worker_threads';
import { TableError } from '../errors.ts';
import type { ThreadReply } from '../thread.ts';
import { performTableTask } from './table-tasks.ts';
import type { TableResult, TableTask } from './table-tasks.ts';
import type { TableProgress } from './table.ts';

const send = (reply: ThreadReply<TableResult, TableProgress>, transfer: ArrayBuffer[] = []): void =>
  parentPort?.postMessage(reply, transfer);

try {
  const result = performTableTask(workerData as TableTask, (progress) =>
    send({ type: 'progress', progress }),
  );
  send({ type: 'done', result }, buffersOf(result));
} catch (error) {
  if (!(error instanceof TableError)) throw error;
  send({ type: 'refused', message: error.message });
}

/** What changes hands instead of being copied. */
function buffersOf(result: TableResult): ArrayBuffer[] {
  if ('features' in result) return [result.features.buffer as ArrayBuffer];
  if (!('train' in result)) return [];
  const { train, validation, test, rows, folds } = result;
  const parts = [train, validation, test].flatMap(({ features, targets }) => [features, targets]);
  const columns = [...(folds?.columns.values() ?? [])].map((column) =>
    column.type === 'text' ? column.codes : column.values,
  );
  const arrays = [...parts, rows.train, rows.validation, rows.test, ...columns];
  return arrays.map(({ buffer }) => buffer as ArrayBuffer);
}
