import { defineStore, getActivePinia } from 'pinia';
import { shallowRef } from 'vue';

import type { StudyKey } from '../../src-main/contract/library.ts';
import { useSelectionStore } from './selection.ts';
import { isSameKey } from './study-key.ts';
import { useStudyStore } from './study.ts';

/** The studies that have a place in the navigation; they stay live until closed. */
export const useOpenStudiesStore = defineStore('openStudies', () => {
  const keys = shallowRef<readonly StudyKey[]>([]);

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
