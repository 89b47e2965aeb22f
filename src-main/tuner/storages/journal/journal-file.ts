/**
 * The little that a journal needs of a file. The file itself comes from outside (`src-main/journal-file.ts`), so that the tuner needs no Node.
 */
export interface JournalFile {
  /**
   * What stands in the file from `offset` on, at most `maxBytes`; empty at the end. It sees all that other processes have written.
   *
   * @throws StorageError when the file was moved, replaced or shortened, or cannot be read.
   */
  read(offset: number, maxBytes: number): Uint8Array;
  /**
   * Runs `work` while nobody else writes: those who ask in this process in the order they asked, other processes kept out by Optuna's lock file. What
   * `work` throws, the promise is rejected with.
   *
   * @throws StorageError STORAGE_READ_ONLY, STORAGE_LOCKED when the lock cannot be had.
   */
  runLocked<T>(work: (append: AppendLines) => T): Promise<T>;
  /** Waits for what is being written. */
  close(): Promise<void>;
}

/**
 * Writes ASCII text behind the byte `end`, all of it or, when it throws, nothing. What stands behind `end` is cut off: it can only be the beginning of
 * a line whose writer was killed.
 */
export type AppendLines = (lines: string, end: number) => void;
