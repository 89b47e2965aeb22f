import { useDialog, useMessage } from 'naive-ui';
import { ref, type Ref } from 'vue';
import { useRouter } from 'vue-router';

import { studyRoute } from '../router.ts';
import { useLibraryStore } from '../stores/library.ts';
import { text } from '../text.ts';
import { hasCode, toShownError } from './errors.ts';

export interface UseOpenFileReturn {
  /** Whether a path is asked for in the window, because there is no native dialog. */
  readonly isDialogOpen: Ref<boolean>;
  readonly isBusy: Ref<boolean>;
  /** Why the last file could not be opened; shown by the dialog, or as a message where it is not open. */
  readonly problem: Ref<string | null>;
  /** Opens a file; an older one after asking. */
  readonly openFile: (path: string) => Promise<void>;
  /** Asks which. */
  readonly chooseFile: () => Promise<void>;
}

export function useOpenFile(): UseOpenFileReturn {
  const library = useLibraryStore();
  const dialog = useDialog();
  const message = useMessage();
  const router = useRouter();
  const isDialogOpen = ref(false);
  const isBusy = ref(false);
  const problem = ref<string | null>(null);

  async function openFile(path: string, migrate = false): Promise<void> {
    isBusy.value = true;
    problem.value = null;
    try {
      const { storageId } = await library.openFile(path, migrate ? { migrate } : {});
      isDialogOpen.value = false;
      await show(storageId);
    } catch (error) {
      if (hasCode(error, 'STORAGE_NEEDS_MIGRATION') && !migrate) askMigration(path);
      else tell(toShownError(error).message);
    } finally {
      isBusy.value = false;
    }
  }

  /** Goes to the file's study, or to the library where it has none or several. */
  async function show(storageId: string): Promise<void> {
    const studies = library.studies.filter(({ key }) => key.storageId === storageId);
    const [study] = studies;
    await router.push(study && studies.length === 1 ? studyRoute(study.key) : { name: 'library' });
  }

  function tell(reason: string): void {
    problem.value = reason;
    if (!isDialogOpen.value) message.error(reason, { duration: 10_000, closable: true });
  }

  function askMigration(path: string): void {
    dialog.warning({
      title: text.openFile.migrateTitle,
      content: text.openFile.migrateText,
      positiveText: text.openFile.migrateAction,
      negativeText: text.common.cancel,
      onPositiveClick: () => openFile(path, true),
    });
  }

  async function chooseFile(): Promise<void> {
    problem.value = null;
    if (!library.system?.hasNativeDialogs) {
      isDialogOpen.value = true;
      return;
    }
    const path = await library.pickPath('study-file');
    if (path !== null) await openFile(path);
  }

  return { isDialogOpen, isBusy, problem, openFile: (path) => openFile(path), chooseFile };
}
