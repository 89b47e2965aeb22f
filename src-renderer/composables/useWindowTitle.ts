import { computed, watchEffect } from 'vue';
import { useRoute } from 'vue-router';

import { useLibraryStore } from '../stores/library.ts';
import { text } from '../text.ts';

/** Names the window, and with it its place in the taskbar or among a browser's tabs, after what it shows. */
export function useWindowTitle(): void {
  const route = useRoute();
  const library = useLibraryStore();
  const shown = computed(() => {
    if (route.name !== 'study') return null;
    const { storageId, studyId } = route.params;
    const key = { storageId: String(storageId), studyId: Number(studyId) };
    return library.summaryOf(key)?.studyName ?? null;
  });
  watchEffect(() => {
    document.title = shown.value === null ? text.appName : `${shown.value} – ${text.appName}`;
  });
}
