import { defineStore } from 'pinia';
import { computed, reactive, ref, toRefs, watch } from 'vue';

export const themeChoices = ['system', 'light', 'dark'] as const;
export type ThemeChoice = (typeof themeChoices)[number];

interface Settings {
  theme: ThemeChoice;
  isNavSlim: boolean;
  /** Field ids hidden in the trial table, by study name. */
  hiddenFields: Record<string, readonly string[]>;
}

const STORAGE_NAME = 'parzen.settings';
const defaults: Settings = { theme: 'system', isNavSlim: false, hiddenFields: {} };

/** What this window remembers about itself. */
export const useSettingsStore = defineStore('settings', () => {
  const settings = reactive<Settings>({ ...defaults, ...load() });
  watch(settings, () => save(settings), { deep: true });

  const query =
    typeof matchMedia === 'undefined' ? null : matchMedia('(prefers-color-scheme: dark)');
  const isSystemDark = ref(query?.matches ?? false);
  query?.addEventListener('change', (event) => (isSystemDark.value = event.matches));

  const isDark = computed(() =>
    settings.theme === 'system' ? isSystemDark.value : settings.theme === 'dark',
  );
  return { ...toRefs(settings), isDark };
});

function load(): Partial<Settings> {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORAGE_NAME) ?? '{}');
    return typeof stored === 'object' && stored !== null ? stored : {};
  } catch {
    return {};
  }
}

function save(settings: Settings): void {
  try {
    localStorage.setItem(STORAGE_NAME, JSON.stringify(settings));
  } catch {
    // Storage may be full or forbidden: then nothing is remembered.
  }
}
