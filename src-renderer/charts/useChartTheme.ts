import { computed, nextTick, shallowRef, watch, type ComputedRef } from 'vue';

import { useSettingsStore } from '../stores/settings.ts';
import { createTokenReader } from '../styles/tokens.ts';
import { createChartTheme, type ChartTheme } from './theme.ts';

/** The chart colours of the theme now in use. */
export function useChartTheme(): ComputedRef<ChartTheme> {
  const settings = useSettingsStore();
  const theme = shallowRef(createChartTheme(createTokenReader()));
  watch(
    () => settings.isDark,
    async () => {
      // App.vue writes the theme's name to the document first.
      await nextTick();
      theme.value = createChartTheme(createTokenReader());
    },
  );
  return computed(() => theme.value);
}
