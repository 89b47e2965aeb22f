import type { Handlers } from '../contract/contract.ts';
import { builtInTables, tablePath } from '../training/datasets/built-in.ts';
import type { TableProgress } from '../training/datasets/table.ts';
import { runTableTask } from '../training/datasets/table-thread.ts';
import type { EventHub } from './events.ts';

const progressIntervalMs = 200;

/** Tells windows how far the reading of a table has come, a few times a second and at the end. */
export function tellProgress(hub: EventHub, table: string): (progress: TableProgress) => void {
  let toldAtMs = -Infinity;
  return (progress) => {
    const isLast = progress.bytesDone === progress.bytesTotal;
    if (!isLast && performance.now() - toldAtMs < progressIntervalMs) return;
    toldAtMs = performance.now();
    hub.emit('data.progress', { table, ...progress });
  };
}

export function dataHandlers(hub: EventHub): Pick<Handlers, 'data.tables' | 'data.profile'> {
  return {
    'data.tables': async () =>
      Object.entries(builtInTables).map(([name, table]) => ({ name, ...table })),
    'data.profile': async ({ table, format }, { signal }) =>
      runTableTask(
        'profile',
        { path: tablePath(table, process.cwd()), table, format },
        { signal, onProgress: tellProgress(hub, table) },
      ),
  };
}
