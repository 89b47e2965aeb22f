import { defineStore, getActivePinia } from 'pinia';
import { shallowRef, watch } from 'vue';

import type { StudyKey } from '../../src-main/contract/library.ts';
import { useSelectionStore } from './selection.ts';
import { isSameKey, keyId, parseKeyId } from './study-key.ts';
import { useStudyStore } from './study.ts';

/** For as long as the window is there, so that a page that crashed or was loaded anew has them again. */
const STORAGE_NAME = 'parzen.openStudies';

/** The studies that have a place in the navigation; they stay live until closed. */
export const useOpenStudiesStore = defineStore('openStudies', () => {
  const keys = shallowRef<readonly StudyKey[]>(load());
  watch(keys, save);

  function open(key: StudyKey): void {
    if (!keys.value.some((other) => isSameKey(other, key))) keys.value = [...keys.value, key];
    void useStudyStore(key).open();
  }

  /** Frees what was kept for it. */
  function close(key: StudyKey): void {
    keys.value = keys.value.filter((other) => !isSameKey(other, key));
    const study = useStudyStore(key);
    study.close();
    const state = getActivePinia()?.state.value;
    for (const store of [useSelectionStore(key), study]) {
      store.$dispose();
      if (state) delete state[store.$id];
    }
  }

  return { keys, open, close };
});

function load(): readonly StudyKey[] {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(STORAGE_NAME) ?? '[]');
    return Array.isArray(stored) ? stored.flatMap((id) => parseKeyId(String(id)) ?? []) : [];
  } catch {
    return [];
  }
}

function save(keys: readonly StudyKey[]): void {
  try {
    sessionStorage.setItem(STORAGE_NAME, JSON.stringify(keys.map(keyId)));
  } catch {
    // Storage may be full or forbidden: then nothing is remembered.
  }
}
