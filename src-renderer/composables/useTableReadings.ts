import { shallowRef, type ShallowRef } from 'vue';

import type { DataEvents } from '../../src-main/contract/data.ts';
import { useChannel } from './useChannel.ts';

export type TableProgress = DataEvents['data.progress'];

export interface UseTableReadingsReturn {
  /** How far the reading of the table is; null while none is read, and for those that are read at once. */
  readonly progress: ShallowRef<TableProgress | null>;
  /** Does what reads a table, so that its progress is shown and it can be cancelled. */
  readonly follow: <Result>(
    table: string,
    read: (signal: AbortSignal) => Promise<Result>,
    abort?: AbortController,
  ) => Promise<Result>;
  /** Ends all that is read now: it fails with `ABORTED`. */
  readonly cancel: () => void;
}

export function useTableReadings(): UseTableReadingsReturn {
  const progress = shallowRef<TableProgress | null>(null);
  const open = new Map<AbortController, string>();

  useChannel().subscribe('data.progress', (told) => {
    const isLast = told.bytesDone === told.bytesTotal;
    if ([...open.values()].includes(told.table) && !(isLast && progress.value === null))
      progress.value = told;
  });

  async function follow<Result>(
    table: string,
    read: (signal: AbortSignal) => Promise<Result>,
    abort = new AbortController(),
  ): Promise<Result> {
    open.set(abort, table);
    try {
      return await read(abort.signal);
    } finally {
      open.delete(abort);
      if (open.size === 0) progress.value = null;
    }
  }

  function cancel(): void {
    for (const abort of open.keys()) abort.abort();
  }

  return { progress, follow, cancel };
}
