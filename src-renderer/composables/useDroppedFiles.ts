import { useRouter } from 'vue-router';

import { useWizardStore } from '../stores/wizard.ts';
import { useAction } from './useAction.ts';
import { useNewStudyFrom } from './useNewStudyFrom.ts';
import type { UseOpenFileReturn } from './useOpenFile.ts';

/** What becomes of a file, by the end of its name: a table makes a study, a spec is looked through, all else is opened as a study file. */
export function kindOfFile(path: string): 'table' | 'spec' | 'study' {
  if (/\.(csv|tsv|txt)$/i.test(path)) return 'table';
  return /\.(ya?ml|json)$/i.test(path) ? 'spec' : 'study';
}

/** @returns What to do with the path of a file that was dropped on the window. */
export function useDroppedFiles(
  openFile: UseOpenFileReturn['openFile'],
): (path: string) => Promise<void> {
  const router = useRouter();
  const wizard = useWizardStore();
  const newStudyFrom = useNewStudyFrom();
  const { run } = useAction(async (path: string) => {
    const kind = kindOfFile(path);
    if (kind === 'study') return openFile(path);
    if (kind === 'spec') return newStudyFrom(path);
    // What is wrong with a table is said where it would be shown.
    await wizard.chooseTable(path);
    await router.push({ name: 'new-study' });
  });
  return run;
}
