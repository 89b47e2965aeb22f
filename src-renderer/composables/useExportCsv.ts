import { useMessage } from 'naive-ui';
import type { Ref } from 'vue';

import { useLibraryStore } from '../stores/library.ts';
import type { StudyStore } from '../stores/study.ts';
import { text } from '../text.ts';
import { saveFile } from './save-file.ts';
import { useAction } from './useAction.ts';

export interface UseExportCsvReturn {
  /** Saves a study's trials where the native dialog says; without one, as a download. */
  readonly exportCsv: (study: StudyStore) => Promise<void>;
  readonly isBusy: Ref<boolean>;
}

export function useExportCsv(): UseExportCsvReturn {
  const library = useLibraryStore();
  const message = useMessage();
  const { run: exportCsv, isBusy } = useAction(async (study: StudyStore) => {
    const fileName = `${study.detail?.summary.studyName ?? 'study'}.csv`.replaceAll(
      /[\\/:*?"<>|]/g,
      '_',
    );
    if (library.system?.hasNativeDialogs) {
      const path = await library.pickPath('csv-export', fileName);
      if (path === null) return;
      await study.exportCsv(path);
      message.success(text.study.exported(path));
    } else {
      const csv = await study.exportCsv();
      saveFile(fileName, new Blob([csv ?? ''], { type: 'text/csv;charset=utf-8' }));
    }
  });
  return { exportCsv, isBusy };
}
