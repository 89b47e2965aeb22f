import { ref, shallowRef, type Ref, type ShallowRef } from 'vue';

import type { TableProfile } from '../../src-main/contract/data.ts';
import { hasCode, toShownError, type ShownError } from './errors.ts';
import { useChannel } from './useChannel.ts';
import type { UseTableReadingsReturn } from './useTableReadings.ts';

export interface UseTableProfileReturn {
  /** Of the table that was read last. */
  readonly profile: ShallowRef<TableProfile | null>;
  readonly isReading: Ref<boolean>;
  /** Why the table that was asked for last could not be read. */
  readonly error: ShallowRef<ShownError | null>;
  /** @returns The profile; null when it could not be read, or something else was asked for meanwhile. */
  readonly read: (
    table: string,
    format?: Partial<TableProfile['format']>,
  ) => Promise<TableProfile | null>;
  /** Forgets the table, also one that is being read. */
  readonly reset: () => void;
}

/**
 * Reads tables, one at a time: what their columns hold.
 *
 * @param follow Shows how far the reading is.
 */
export function useTableProfile(follow: UseTableReadingsReturn['follow']): UseTableProfileReturn {
  const channel = useChannel();
  const profile = shallowRef<TableProfile | null>(null);
  const isReading = ref(false);
  const error = shallowRef<ShownError | null>(null);

  let reading: AbortController | null = null;
  async function read(
    table: string,
    format: Partial<TableProfile['format']> = {},
  ): Promise<TableProfile | null> {
    reading?.abort();
    const mine = (reading = new AbortController());
    isReading.value = true;
    error.value = null;
    try {
      const asked = { table, ...(Object.keys(format).length > 0 ? { format } : {}) };
      const found = await follow(
        table,
        (signal) => channel.call('data.profile', asked, signal),
        mine,
      );
      if (mine !== reading) return null;
      profile.value = found;
      return found;
    } catch (cause) {
      if (mine === reading && !hasCode(cause, 'ABORTED')) error.value = toShownError(cause);
      return null;
    } finally {
      if (mine === reading) isReading.value = false;
    }
  }

  function reset(): void {
    reading?.abort();
    reading = null;
    profile.value = null;
    error.value = null;
    isReading.value = false;
  }

  return { profile, isReading, error, read, reset };
}
