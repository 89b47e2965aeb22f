import { computed, type ComputedRef, type Ref } from 'vue';
import { useRoute, useRouter } from 'vue-router';

import type { AppCommand } from '../../src-main/contract/app.ts';
import { compareRoute, studyRoute, studyTabs } from '../router.ts';
import { type Shortcut, shortcuts } from '../shortcuts.ts';
import { useLibraryStore } from '../stores/library.ts';
import { useSelectionStore } from '../stores/selection.ts';
import { themeChoices, useSettingsStore } from '../stores/settings.ts';
import { isSameKey, keyId } from '../stores/study-key.ts';
import { useStudyStore, type StudyStore } from '../stores/study.ts';
import { useUndoStore } from '../stores/undo.ts';
import { shownName } from '../shown-name.ts';
import { text } from '../text.ts';
import { endableTrials } from '../trials/endable.ts';
import { hasSteps } from '../wizard/steps.ts';
import { useAction } from './useAction.ts';
import type { UseAppRequestsOptions } from './useAppRequests.ts';
import { useEndTrials } from './useEndTrials.ts';
import { useExportCsv } from './useExportCsv.ts';
import { useNewStudyFrom } from './useNewStudyFrom.ts';
import { useSavedViews } from './useSavedViews.ts';
import { useOpenFile } from './useOpenFile.ts';

export interface Command {
  readonly id: string;
  readonly title: string;
  readonly group: string;
  /** Its keys; where it has none the palette is the way. */
  readonly keys?: Shortcut | undefined;
  /** Its name in the menu bar of the desktop app. */
  readonly app?: AppCommand;
  readonly run: () => unknown;
}

export interface UseCommandsReturn {
  /** What can be done now. */
  readonly commands: ComputedRef<readonly Command[]>;
  /** Of the study that is shown. */
  readonly tabs: UseAppRequestsOptions['tabs'];
  readonly isFileDialogOpen: Ref<boolean>;
  readonly isOpeningFile: Ref<boolean>;
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
  const { chooseFile, openFile, isDialogOpen, isBusy: isOpeningFile, problem } = useOpenFile();
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
  const { exportCsv } = useExportCsv();
  const newStudyFrom = useNewStudyFrom();
  const endTrials = useEndTrials();
  const savedViews = useSavedViews();
  const { run: act } = useAction(async (action: () => Promise<unknown>) => {
    await action();
  });

  /** For the trials that are selected, or the one that is open. */
  function endCommands(study: StudyStore): Command[] {
    const { selected, opened } = useSelectionStore(study.key);
    const meant = selected.size > 0 ? [...selected] : opened === null ? [] : [opened];
    const { stoppable, failable } = endableTrials(study.allTrials, study.run, meant);
    const stop: Command = {
      id: 'stop-trials',
      title: text.endTrials.stopNamed(stoppable),
      group: text.commands.run,
      run: () => endTrials.stop(study, stoppable),
    };
    const fail: Command = {
      id: 'fail-trials',
      title: text.endTrials.failNamed(failable),
      group: text.commands.run,
      run: () => endTrials.fail(study, failable),
    };
    return [...(stoppable.length > 0 ? [stop] : []), ...(failable.length > 0 ? [fail] : [])];
  }

  /** Side by side with each other study that there is. */
  function compareCommands(study: StudyStore): Command[] {
    return library.studies
      .filter(({ key }) => !isSameKey(key, study.key))
      .map(({ key, studyName }) => ({
        id: `compare:${keyId(key)}`,
        title: text.commands.compareWith(shownName(studyName)),
        group: text.commands.compare,
        run: () => router.push(compareRoute([study.key, key])),
      }));
  }

  /** Shows the table of trials as it was once. */
  function viewCommands(study: StudyStore): Command[] {
    return savedViews.viewsFor(study).map((view) => ({
      id: `view:${view.studyName ?? ''}/${view.name}`,
      title: text.views.apply(view.name),
      group: text.views.title,
      run: async () => {
        await router.push(studyRoute(study.key, 'trials'));
        savedViews.apply(study, view);
      },
    }));
  }

  const studyCommands = computed<Command[]>(() => {
    const study = current.value;
    if (!study?.detail) return [];
    const tabs = studyTabs.map((tab, i): Command => ({
      id: `tab:${tab}`,
      keys: `mod+${i + 1}`,
      title: text.commands.showTab(text.study.tabs[tab]),
      group: shownName(study.detail?.summary.studyName ?? ''),
      run: () => router.push(studyRoute(study.key, tab)),
    }));
    const run: Command[] = study.isActive
      ? [
          {
            id: 'pause',
            app: 'pauseRun',
            title: text.study.pause,
            group: text.commands.run,
            run: () => act(study.pause),
          },
          {
            id: 'stop',
            app: 'stopRun',
            title: text.study.stop,
            group: text.commands.run,
            run: () => act(study.stop),
          },
        ]
      : study.canRun
        ? [
            {
              id: 'start',
              keys: shortcuts.start,
              app: 'startRun',
              title: text.commands.start,
              group: text.commands.run,
              run: () => act(() => study.start()),
            },
          ]
        : [];
    const exportAs: Command = {
      id: 'export',
      title: text.study.export,
      group: text.commands.file,
      keys: shortcuts.exportCsv,
      app: 'exportCsv',
      run: () => exportCsv(study),
    };
    const clone: Command = {
      id: 'clone',
      title: text.library.clone,
      group: text.commands.file,
      run: () => act(() => newStudyFrom(study.key)),
    };
    return [
      ...run,
      ...endCommands(study),
      exportAs,
      ...(hasSteps(study.detail.spec) ? [clone] : []),
      ...viewCommands(study),
      ...tabs,
      ...compareCommands(study),
    ];
  });

  const undoCommands = computed<Command[]>(() =>
    undoStore.last
      ? [
          {
            id: 'undo',
            app: 'undo',
            title: text.commands.undo(undoStore.last.label),
            group: text.commands.window,
            keys: shortcuts.undo,
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
      keys: shortcuts.library,
      app: 'showLibrary',
      run: () => router.push({ name: 'library' }),
    },
    {
      id: 'settings',
      title: text.settings.title,
      group: text.commands.go,
      keys: shortcuts.settings,
      app: 'showSettings',
      run: () => router.push({ name: 'settings' }),
    },
    {
      id: 'about',
      title: text.settings.about,
      group: text.commands.go,
      app: 'showAbout',
      run: () => router.push({ name: 'settings', query: { show: 'about' } }),
    },
    {
      id: 'new-study',
      title: text.library.newStudy,
      group: text.commands.file,
      keys: shortcuts.newStudy,
      app: 'newStudy',
      run: () => router.push({ name: 'new-study' }),
    },
    {
      id: 'open-file',
      title: text.library.openFile,
      group: text.commands.file,
      keys: shortcuts.openFile,
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
    // Of these there may be many.
    ...library.studies.map((study): Command => ({
      id: `study:${study.key.storageId}/${study.key.studyId}`,
      title: shownName(study.studyName),
      group: text.commands.open,
      run: () => router.push(studyRoute(study.key)),
    })),
  ]);

  const tabs = computed(() =>
    studyCommands.value
      .filter(({ id }) => id.startsWith('tab:'))
      .map(({ title, run }) => ({ title, show: run })),
  );

  return { commands, tabs, isFileDialogOpen: isDialogOpen, isOpeningFile, problem, openFile };
}
