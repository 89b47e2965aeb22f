import { computed, type ComputedRef, type Ref } from 'vue';
import { useRoute, useRouter } from 'vue-router';

import { studyRoute, studyTabs } from '../router.ts';
import { useLibraryStore } from '../stores/library.ts';
import { themeChoices, useSettingsStore } from '../stores/settings.ts';
import { useStudyStore } from '../stores/study.ts';
import { useUndoStore } from '../stores/undo.ts';
import { text } from '../text.ts';
import { useAction } from './useAction.ts';
import { useOpenFile } from './useOpenFile.ts';

export interface Command {
  readonly id: string;
  readonly title: string;
  readonly group: string;
  readonly shortcut?: string | undefined;
  readonly run: () => unknown;
}

export interface UseCommandsReturn {
  /** What can be done now. */
  readonly commands: ComputedRef<readonly Command[]>;
  readonly isFileDialogOpen: Ref<boolean>;
  readonly problem: Ref<string | null>;
  readonly openFile: (path: string) => Promise<void>;
}

/** Everything the command palette offers; some of it has shortcuts of its own. */
export function useCommands(): UseCommandsReturn {
  const router = useRouter();
  const route = useRoute();
  const library = useLibraryStore();
  const settings = useSettingsStore();
  const undoStore = useUndoStore();
  const { chooseFile, openFile, isDialogOpen, problem } = useOpenFile();
  const { run: newIris } = useAction(async () => {
    await router.push(studyRoute(await library.createStudy('iris')));
  });

  const current = computed(() => {
    if (route.name !== 'study') return null;
    return useStudyStore({
      storageId: String(route.params.storageId),
      studyId: Number(route.params.studyId),
    });
  });
  const { run: act } = useAction(async (action: () => Promise<unknown>) => {
    await action();
  });

  const studyCommands = computed<Command[]>(() => {
    const study = current.value;
    if (!study?.detail) return [];
    const tabs = studyTabs.map((tab): Command => ({
      id: `tab:${tab}`,
      title: text.commands.showTab(text.study.tabs[tab]),
      group: study.detail?.summary.studyName ?? '',
      run: () => router.push(studyRoute(study.key, tab)),
    }));
    const run: Command[] = study.isActive
      ? [
          {
            id: 'pause',
            title: text.study.pause,
            group: text.commands.run,
            run: () => act(study.pause),
          },
          {
            id: 'stop',
            title: text.study.stop,
            group: text.commands.run,
            run: () => act(study.stop),
          },
        ]
      : study.detail.summary.isRunnable
        ? [
            {
              id: 'start',
              title: text.commands.start,
              group: text.commands.run,
              run: () => act(() => study.start()),
            },
          ]
        : [];
    return [...run, ...tabs];
  });

  const undoCommands = computed<Command[]>(() =>
    undoStore.last
      ? [
          {
            id: 'undo',
            title: text.commands.undo(undoStore.last.label),
            group: text.commands.window,
            shortcut: text.shortcuts.undo,
            run: () => act(() => undoStore.undo()),
          },
        ]
      : [],
  );

  const commands = computed<Command[]>(() => [
    ...studyCommands.value,
    ...undoCommands.value,
    {
      id: 'library',
      title: text.nav.library,
      group: text.commands.go,
      run: () => router.push({ name: 'library' }),
    },
    {
      id: 'settings',
      title: text.settings.title,
      group: text.commands.go,
      shortcut: text.shortcuts.settings,
      run: () => router.push({ name: 'settings' }),
    },
    {
      id: 'about',
      title: text.settings.about,
      group: text.commands.go,
      run: () => router.push({ name: 'settings', query: { show: 'about' } }),
    },
    ...library.studies.map((study): Command => ({
      id: `study:${study.key.storageId}/${study.key.studyId}`,
      title: study.studyName,
      group: text.commands.open,
      run: () => router.push(studyRoute(study.key)),
    })),
    {
      id: 'new-study',
      title: text.library.newStudy,
      group: text.commands.file,
      // A browser keeps it to itself.
      shortcut: library.system?.shell === 'desktop' ? text.shortcuts.newStudy : undefined,
      run: () => router.push({ name: 'new-study' }),
    },
    {
      id: 'open-file',
      title: text.library.openFile,
      group: text.commands.file,
      shortcut: text.shortcuts.openFile,
      run: chooseFile,
    },
    { id: 'iris', title: text.library.newIris, group: text.commands.file, run: newIris },
    ...themeChoices.map((theme): Command => ({
      id: `theme:${theme}`,
      title: text.nav.theme[theme],
      group: text.commands.window,
      run: () => (settings.theme = theme),
    })),
    {
      id: 'nav',
      title: settings.isNavSlim ? text.nav.wide : text.nav.slim,
      group: text.commands.window,
      run: () => (settings.isNavSlim = !settings.isNavSlim),
    },
  ]);

  return { commands, isFileDialogOpen: isDialogOpen, problem, openFile };
}
