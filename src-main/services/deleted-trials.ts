import { randomUUID } from 'node:crypto';
import type { StudyKey } from '../contract/library.ts';
import { checkDeletable } from '../tuner/storages/checks.ts';
import type { FrozenTrial } from '../tuner/trial/frozen-trial.ts';
import { ServiceError } from './errors.ts';
import type { Library } from './library.ts';

/** Trials that are kept to be put back; the oldest deletions are forgotten first. */
const MAX_KEPT = 200_000;

interface Deletion {
  readonly key: StudyKey;
  readonly trials: readonly FrozenTrial[];
}

/** Deletes trials, and keeps what they were for as long as the program runs. */
export class DeletedTrials {
  readonly #library: Library;
  readonly #deletions = new Map<string, Deletion>();

  constructor(library: Library) {
    this.#library = library;
  }

  /** All of them or none. @returns What `restore` takes. */
  async delete(key: StudyKey, trialNumbers: readonly number[]): Promise<string> {
    const storage = this.#library.storage(key.storageId);
    const trials: FrozenTrial[] = [];
    for (const number of new Set(trialNumbers))
      trials.push(await storage.getTrialByNumber(key.studyId, number));
    trials.forEach(checkDeletable);
    const done: FrozenTrial[] = [];
    try {
      for (const trial of trials) {
        await storage.deleteTrial(trial.trialId);
        done.push(trial);
      }
    } catch (error) {
      for (const trial of done) await storage.restoreTrial(key.studyId, trial);
      throw error;
    } finally {
      this.#library.touch(key);
    }
    return this.#keep({ key, trials });
  }

  /** Where it fails the rest can be put back by calling it again. */
  async restore(undoId: string): Promise<void> {
    const deletion = this.#deletions.get(undoId);
    if (!deletion)
      throw new ServiceError(
        'UNDO_EXPIRED',
        'This deletion can no longer be taken back: the program was started anew, or too much was deleted since.',
      );
    const { key, trials } = deletion;
    const storage = this.#library.storage(key.storageId);
    let nRestored = 0;
    try {
      for (const trial of trials) {
        await storage.restoreTrial(key.studyId, trial);
        nRestored++;
      }
      this.#deletions.delete(undoId);
    } catch (error) {
      this.#deletions.set(undoId, { key, trials: trials.slice(nRestored) });
      throw error;
    } finally {
      this.#library.touch(key);
    }
  }

  #keep(deletion: Deletion): string {
    const undoId = randomUUID();
    this.#deletions.set(undoId, deletion);
    let nKept = 0;
    for (const [id, { trials }] of [...this.#deletions].reverse()) {
      nKept += trials.length;
      if (nKept > MAX_KEPT && id !== undoId) this.#deletions.delete(id);
    }
    return undoId;
  }
}
