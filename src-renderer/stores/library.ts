import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';

import type {
  LibrarySnapshot,
  StorageSummary,
  StudyKey,
  StudySummary,
} from '../../src-main/contract/library.ts';
import type { InputOf } from '../../src-main/contract/contract.ts';
import { contractErrorCodes } from '../../src-main/contract/errors.ts';
import type { BuiltInStudy } from '../../src-main/contract/studies.ts';
import type { SystemInfo } from '../../src-main/contract/system.ts';
import { hasCode, toShownError, type ShownError } from '../composables/errors.ts';
import { createThrottle } from '../composables/frame.ts';
import { useChannel } from '../composables/useChannel.ts';
import { keyId } from './study-key.ts';

/** All open files and their studies. */
export const useLibraryStore = defineStore('library', () => {
  const channel = useChannel();
  const snapshot = shallowRef<LibrarySnapshot | null>(null);
  const builtInStudies = shallowRef<readonly BuiltInStudy[]>([]);
  const recentFiles = shallowRef<readonly string[]>([]);
  const system = shallowRef<SystemInfo | null>(null);
  const error = ref<ShownError | null>(null);

  const storages = computed(() => snapshot.value?.storages ?? []);
  const studies = computed(() => snapshot.value?.studies ?? []);
  const studiesById = computed(
    () => new Map(studies.value.map((study) => [keyId(study.key), study])),
  );
  const storagesById = computed(
    () => new Map(storages.value.map((storage) => [storage.storageId, storage])),
  );

  let nAsked = 0;
  let shown = 0;
  /** Afterwards what is shown is at least as new as this call, also where another one began meanwhile. */
  async function refresh(): Promise<void> {
    const mine = ++nAsked;
    try {
      const fetched = await channel.call('library.get', {});
      if (mine < shown) return;
      shown = mine;
      const wereOpen = openFiles(snapshot.value);
      snapshot.value = fetched;
      error.value = null;
      // Also the menu, the command line and other tabs open and close files.
      if (openFiles(fetched) !== wereOpen) await refreshRecentFiles();
    } catch (cause) {
      if (mine === nAsked && !isOutOfDateOnly(cause)) error.value = toShownError(cause);
    }
  }
  /** The banner of the connection says so already, and what is shown stays. */
  function isOutOfDateOnly(cause: unknown): boolean {
    return snapshot.value !== null && hasCode(cause, contractErrorCodes.disconnected);
  }
  async function refreshRecentFiles(): Promise<void> {
    recentFiles.value = await channel.call('library.recentFiles', {});
  }
  const refreshSoon = createThrottle(() => void refresh());

  let isStarted = false;
  async function start(): Promise<void> {
    if (isStarted) return;
    isStarted = true;
    channel.subscribe('library.changed', refreshSoon.request);
    channel.onReconnect(refreshSoon.request);
    await Promise.all([
      refresh(),
      refreshSystem(),
      channel.call('studies.builtIn', {}).then((list) => (builtInStudies.value = list)),
    ]).catch((cause: unknown) => (error.value = toShownError(cause)));
  }

  async function refreshSystem(): Promise<void> {
    system.value = await channel.call('system.info', {});
  }

  /** Moves the library's own file; see `library.moveTo`. */
  async function moveTo(folder: string, useExisting: boolean): Promise<void> {
    await channel.call('library.moveTo', { folder, useExisting });
    await Promise.all([refreshSystem(), refresh()]);
  }

  async function openFile(
    path: string,
    options: { migrate?: boolean; create?: boolean } = {},
  ): Promise<StorageSummary> {
    const storage = await channel.call('library.openFile', { path, ...options });
    await refresh();
    // One that was open already comes to the front, too.
    await refreshRecentFiles();
    return storage;
  }

  async function closeFile(storageId: string): Promise<void> {
    await channel.call('library.closeFile', { storageId });
    await refresh();
  }

  /** Asks with the native dialog; null where there is none or the user cancelled. */
  async function pickPath(
    purpose: InputOf<'library.pickPath'>['purpose'],
    defaultName?: string,
  ): Promise<string | null> {
    if (!system.value?.hasNativeDialogs) return null;
    return channel.call('library.pickPath', { purpose, defaultName });
  }

  async function createStudy(spec: string | Record<string, unknown>): Promise<StudyKey> {
    const key = await channel.call('studies.create', { spec });
    await refresh();
    return key;
  }

  function summaryOf(key: StudyKey): StudySummary | undefined {
    return studiesById.value.get(keyId(key));
  }

  return {
    snapshot,
    storages,
    storagesById,
    studies,
    builtInStudies,
    recentFiles,
    system,
    error,
    start,
    refresh,
    openFile,
    closeFile,
    moveTo,
    pickPath,
    createStudy,
    summaryOf,
  };
});

/** To tell whether they changed. */
function openFiles(snapshot: LibrarySnapshot | null): string | undefined {
  return snapshot?.storages.map(({ storageId }) => storageId).join('\n');
}
