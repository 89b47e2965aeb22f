import type { StudyKey } from '../contract/library.ts';
import { StudyNotFoundError } from '../tuner/errors.ts';
import type { FrozenStudy, Storage } from '../tuner/storages/storage.ts';
import { ServiceError } from './errors.ts';
import { freeName } from './free-name.ts';
import { DELETED } from './study-attrs.ts';

/** So long a deletion can be taken back. */
const keptMs = 10 * 60_000;
/** Room for what is added to a name, which has at most 512 characters. */
const longestStem = 480;

interface Deletion {
  /** Its name before, which another study may have now. */
  readonly studyName: string;
  readonly atMs: number;
}

/** When the study was deleted, if it was; it is not shown any more, and goes soon. */
export function deletionOf({ systemAttrs }: FrozenStudy): Deletion | null {
  const mark = systemAttrs[DELETED];
  return typeof mark === 'object' && mark !== null ? (mark as unknown as Deletion) : null;
}

/**
 * Studies that were deleted and can still be put back as they were. The mark is in the file, so a deletion outlasts a program that was killed;
 * whoever opens the file later finishes it.
 */
export class DeletedStudies {
  readonly #storage: (storageId: string) => Storage;
  readonly #timers = new Map<string, { key: StudyKey; timer: NodeJS.Timeout }>();

  constructor(storage: (storageId: string) => Storage) {
    this.#storage = storage;
  }

  /** Marks the study and frees its name. */
  async delete({ storageId, studyId }: StudyKey): Promise<void> {
    const storage = this.#storage(storageId);
    const study = await storage.getStudy(studyId);
    if (deletionOf(study)) throw new StudyNotFoundError(study.studyName);
    const deletion = { studyName: study.studyName, atMs: Date.now() };
    await storage.setStudySystemAttr(studyId, DELETED, deletion);
    const stem = `${study.studyName.slice(0, longestStem)} (deleted)`;
    await storage.renameStudy(studyId, await freeName(storage, stem));
    this.#purgeLater({ storageId, studyId }, keptMs);
  }

  /**
   * Puts it back under its name, with a number where that is taken now.
   *
   * @throws ServiceError `UNDO_EXPIRED`
   */
  async restore({ storageId, studyId }: StudyKey): Promise<void> {
    const storage = this.#storage(storageId);
    const study = (await storage.getStudies()).find((each) => each.studyId === studyId);
    const deletion = study && deletionOf(study);
    if (!deletion)
      throw new ServiceError(
        'UNDO_EXPIRED',
        `The study is gone for good: a deletion can be taken back for ${keptMs / 60_000} minutes.`,
      );
    await storage.renameStudy(studyId, await freeName(storage, deletion.studyName));
    await storage.setStudySystemAttr(studyId, DELETED, null);
    this.#forget({ storageId, studyId });
  }

  /** Finishes what was begun in a file that has just been opened. */
  async adopt(storageId: string): Promise<void> {
    for (const study of await this.#storage(storageId).getStudies()) {
      const deletion = deletionOf(study);
      if (deletion)
        this.#purgeLater(
          { storageId, studyId: study.studyId },
          Math.min(keptMs, Math.max(0, deletion.atMs + keptMs - Date.now())),
        );
    }
  }

  /** The file is about to be closed, or the program to end: what was deleted in it goes now. */
  async purge(isOfFile: (storageId: string) => boolean = () => true): Promise<void> {
    for (const { key } of [...this.#timers.values()])
      if (isOfFile(key.storageId)) await this.#purge(key).catch(() => {});
  }

  #purgeLater(key: StudyKey, delayMs: number): void {
    this.#forget(key);
    // A study that cannot be removed now is removed when its file is opened again.
    const timer = setTimeout(() => void this.#purge(key).catch(() => {}), delayMs);
    timer.unref();
    this.#timers.set(toId(key), { key, timer });
  }

  async #purge(key: StudyKey): Promise<void> {
    this.#forget(key);
    const storage = this.#storage(key.storageId);
    const study = (await storage.getStudies()).find(({ studyId }) => studyId === key.studyId);
    // Somebody else may have put it back.
    if (study && deletionOf(study)) await storage.deleteStudy(key.studyId);
  }

  #forget(key: StudyKey): void {
    clearTimeout(this.#timers.get(toId(key))?.timer);
    this.#timers.delete(toId(key));
  }
}

function toId({ storageId, studyId }: StudyKey): string {
  return `${storageId}\n${studyId}`;
}
