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

/** A deleted study that is to go. */
interface Purge {
  readonly key: StudyKey;
  /** Of the deletion: one that was put back and deleted again goes later. */
  readonly atMs: number;
  /** Whether it was deleted by this program, which offers to put it back. */
  readonly isOwn: boolean;
  readonly timer: NodeJS.Timeout;
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
  readonly #timers = new Map<string, Purge>();

  constructor(storage: (storageId: string) => Storage) {
    this.#storage = storage;
  }

  /** Marks the study and frees its name. */
  async delete({ storageId, studyId }: StudyKey): Promise<void> {
    const storage = this.#storage(storageId);
    const study = await storage.getStudy(studyId);
    if (deletionOf(study)) throw new StudyNotFoundError(study.studyName);
    const deletion = { studyName: study.studyName, atMs: Date.now() };
    const stem = `${study.studyName.slice(0, longestStem)} (deleted)`;
    // Whatever fails or is killed between the two, here and in `restore`, leaves a study that is there.
    await storage.renameStudy(studyId, await freeName(storage, stem));
    await storage.setStudySystemAttr(studyId, DELETED, deletion);
    this.#purgeLater({ storageId, studyId }, { atMs: deletion.atMs, isOwn: true });
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
    await storage.setStudySystemAttr(studyId, DELETED, null);
    this.#forget({ storageId, studyId });
    await storage.renameStudy(studyId, await freeName(storage, deletion.studyName));
  }

  /** Finishes what was begun in a file that has just been opened. */
  async adopt(storageId: string): Promise<void> {
    for (const study of await this.#storage(storageId).getStudies()) {
      const deletion = deletionOf(study);
      if (deletion)
        this.#purgeLater(
          { storageId, studyId: study.studyId },
          { atMs: deletion.atMs, isOwn: false },
        );
    }
  }

  /** The file is about to be closed, or the program to end: what was deleted here goes now. What others deleted they may still put back. */
  async purge(isOfFile: (storageId: string) => boolean = () => true): Promise<void> {
    for (const purge of [...this.#timers.values()]) {
      if (!isOfFile(purge.key.storageId)) continue;
      if (purge.isOwn) await this.#purge(purge).catch(() => {});
      else this.#forget(purge.key);
    }
  }

  #purgeLater(key: StudyKey, { atMs, isOwn }: Pick<Purge, 'atMs' | 'isOwn'>): void {
    this.#forget(key);
    const delayMs = Math.min(keptMs, Math.max(0, atMs + keptMs - Date.now()));
    // A study that cannot be removed now is removed when its file is opened again.
    const timer = setTimeout(() => void this.#purge(purge).catch(() => {}), delayMs);
    timer.unref();
    const purge = { key, atMs, isOwn, timer };
    this.#timers.set(toId(key), purge);
  }

  async #purge({ key, atMs }: Purge): Promise<void> {
    this.#forget(key);
    const storage = this.#storage(key.storageId);
    const study = (await storage.getStudies()).find(({ studyId }) => studyId === key.studyId);
    // Somebody else may have put it back, and may have deleted it again.
    if (study && deletionOf(study)?.atMs === atMs) await storage.deleteStudy(key.studyId);
  }

  #forget(key: StudyKey): void {
    clearTimeout(this.#timers.get(toId(key))?.timer);
    this.#timers.delete(toId(key));
  }
}

function toId({ storageId, studyId }: StudyKey): string {
  return `${storageId}\n${studyId}`;
}
