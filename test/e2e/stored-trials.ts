import { openStorage } from '../../src-main/open-storage.ts';
import type { FrozenTrial } from '../../src-main/tuner/trial/frozen-trial.ts';

/** The trials of the only study in a file, or of the one with a name, read from the file itself and not through the app. */
export async function readTrials(path: string, name?: string): Promise<readonly FrozenTrial[]> {
  const storage = await openStorage(path, { readOnly: true });
  try {
    const all = await storage.getStudies();
    const studies = all.filter(({ studyName }) => name === undefined || studyName === name);
    const [study] = studies;
    if (!study || studies.length > 1) {
      throw new Error(`One study was expected in ${path}, but there are ${studies.length}.`);
    }
    return await storage.getTrials(study.studyId);
  } finally {
    await storage.close();
  }
}

export function isFinished({ state }: FrozenTrial): boolean {
  return state === 'complete' || state === 'pruned' || state === 'fail';
}
