import { defineStore } from 'pinia';
import { computed, reactive, ref, shallowRef, toRefs, watch } from 'vue';

import { defaultSettings, type UserSettings } from '../../src-main/contract/settings.ts';
import type { StudySortKey } from '../components/library/search-studies.ts';
import { useChannel } from '../composables/useChannel.ts';
import type { ColumnLayout } from '../trials/column-layout.ts';

export const themeChoices = ['system', 'light', 'dark'] as const;
export type ThemeChoice = UserSettings['theme'];

interface WindowSettings {
  /** The program's, as it was last known: the window opens in its colours before it has asked. */
  knownTheme: ThemeChoice;
  isNavSlim: boolean;
  librarySort: { key: StudySortKey; isDescending: boolean };
  /** The columns of the trial table, by the id of the study's key. */
  columns: Record<string, ColumnLayout>;
  /** The filter expression in use, by the same. */
  expressions: Record<string, string>;
  /** What hypervolumes are measured from, by the same; an objective each. */
  referencePoints: Record<string, readonly number[]>;
}

const STORAGE_NAME = 'parzen.settings';
const defaults: WindowSettings = {
  knownTheme: 'system',
  isNavSlim: false,
  librarySort: { key: 'activity', isDescending: true },
  columns: {},
  expressions: {},
  referencePoints: {},
};

/** The settings of the program, which all windows share, and what this window remembers about itself. */
export const useSettingsStore = defineStore('settings', () => {
  const channel = useChannel();
  const local = reactive<WindowSettings>({ ...defaults, ...load() });
  watch(local, () => save(local), { deep: true });

  const user = shallowRef<UserSettings>({ ...defaultSettings, theme: local.knownTheme });
  watch(user, ({ theme }) => (local.knownTheme = theme));

  let isStarted = false;
  /** Follows the program's settings from now on. */
  async function start(): Promise<void> {
    if (isStarted) return;
    isStarted = true;
    channel.subscribe('settings.changed', (changed) => (user.value = changed));
    // What cannot be asked now is asked when the connection is back.
    channel.onReconnect(() => void fetch().catch(() => {}));
    await fetch().catch(() => {});
  }

  async function fetch(): Promise<void> {
    user.value = await channel.call('settings.get', {});
  }

  /** Changes the settings given, at once; they are as they were where the program refuses. */
  async function change(changes: Partial<UserSettings>): Promise<void> {
    const before = user.value;
    user.value = { ...before, ...changes };
    try {
      user.value = await channel.call('settings.set', changes);
    } catch (error) {
      user.value = before;
      throw error;
    }
  }

  const theme = computed({
    get: () => user.value.theme,
    set: (chosen) => void change({ theme: chosen }).catch(() => {}),
  });

  const query =
    typeof matchMedia === 'undefined' ? null : matchMedia('(prefers-color-scheme: dark)');
  const isSystemDark = ref(query?.matches ?? false);
  query?.addEventListener('change', (event) => (isSystemDark.value = event.matches));

  const isDark = computed(() =>
    theme.value === 'system' ? isSystemDark.value : theme.value === 'dark',
  );
  const { isNavSlim, librarySort, columns, expressions, referencePoints } = toRefs(local);
  return {
    user,
    theme,
    isNavSlim,
    librarySort,
    columns,
    expressions,
    referencePoints,
    isDark,
    start,
    change,
  };
});

function load(): Partial<WindowSettings> {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORAGE_NAME) ?? '{}');
    return typeof stored === 'object' && stored !== null ? stored : {};
  } catch {
    return {};
  }
}

function save(settings: WindowSettings): void {
  try {
    localStorage.setItem(STORAGE_NAME, JSON.stringify(settings));
  } catch {
    // Storage may be full or forbidden: then nothing is remembered.
  }
}
