import type { Storage } from '../tuner/storages/storage.ts';

/** The name, with a number behind it where the storage has a study of that name. */
export async function freeName(storage: Storage, name: string): Promise<string> {
  const taken = new Set((await storage.getStudies()).map((study) => study.studyName));
  for (let i = 2, candidate = name; ; candidate = `${name} ${i++}`)
    if (!taken.has(candidate)) return candidate;
}
