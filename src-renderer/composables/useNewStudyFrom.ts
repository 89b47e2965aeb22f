import { useRouter } from 'vue-router';

import type { StudyKey } from '../../src-main/contract/library.ts';
import { studyRoute } from '../router.ts';
import { useLibraryStore } from '../stores/library.ts';
import { useWizardStore } from '../stores/wizard.ts';

/** @returns Goes to a new study made from the spec of another or of a file: to its form, or where a program of one's own is run, to the study. */
export function useNewStudyFrom(): (from: StudyKey | string) => Promise<void> {
  const router = useRouter();
  const library = useLibraryStore();
  const wizard = useWizardStore();
  return async (from) => {
    const program = await wizard.load(from);
    if (program === undefined) return;
    await router.push(
      program ? studyRoute(await library.createStudy(program)) : { name: 'new-study' },
    );
  };
}
