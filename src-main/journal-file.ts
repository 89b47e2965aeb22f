/** Optuna's journal on a real file, with Optuna's lock files. Follows `optuna/storages/journal/_file.py` (5.0). */
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeSync,
  type Stats,
} from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { StorageError } from './tuner/errors.ts';
import { logger } from './tuner/logger.ts';
import type { AppendLines, JournalFile } from './tuner/storages/journal/journal-file.ts';
import { fileMoved } from './tuner/storages/sql/sqlite.ts';

export interface NodeJournalFileOptions {
  /** Absolute path of a file that is there. */
  file: string;
  /** @default false */
  readOnly?: boolean;
  /** How long to wait for the lock, in milliseconds. @default 60,000 */
  busyTimeoutMs?: number;
  /** How long nothing must have happened until a lock is taken for one that a killed process left behind, in milliseconds. @default 30,000, as Optuna's */
  graceMs?: number;
  /** What the lock file is: Optuna's `JournalFileSymlinkLock` or `JournalFileOpenLock`. Each respects the other. @default 'symlink', on Windows 'open' */
  lock?: 'symlink' | 'open';
}

/** Opened anew for each access: that is when a network's file system looks what others have written. */
export class NodeJournalFile implements JournalFile {
  readonly #file: string;
  readonly #readOnly: boolean;
  readonly #busyTimeoutMs: number;
  readonly #lock: LockFile;
  /** Which file it was when first opened. */
  #identity: Pick<Stats, 'ino' | 'dev'> | null = null;
  /** Ends when the last write asked for has ended. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor({
    file,
    readOnly = false,
    busyTimeoutMs = 60_000,
    graceMs = 30_000,
    lock = process.platform === 'win32' ? 'open' : 'symlink',
  }: NodeJournalFileOptions) {
    this.#file = file;
    this.#readOnly = readOnly;
    this.#busyTimeoutMs = busyTimeoutMs;
    this.#lock = new LockFile(file, lock, graceMs);
  }

  read(offset: number, maxBytes: number): Uint8Array {
    return this.#withOpen(constants.O_RDONLY, (fd, sizeBytes) => {
      if (sizeBytes < offset)
        throw new StorageError(
          'STORAGE_FAILED',
          `A journal must only grow, but "${this.#file}" became shorter. Open it again.`,
        );
      const bytes = Buffer.allocUnsafe(Math.min(maxBytes, sizeBytes - offset));
      let length = 0;
      while (length < bytes.length) {
        const nRead = readSync(fd, bytes, length, bytes.length - length, offset + length);
        if (nRead === 0) break;
        length += nRead;
      }
      return bytes.subarray(0, length);
    });
  }

  runLocked<T>(work: (append: AppendLines) => T): Promise<T> {
    const result = this.#queue.then(() => this.#runNext(work));
    this.#queue = result.catch(() => {});
    return result;
  }

  async close(): Promise<void> {
    await this.#queue;
  }

  async #runNext<T>(work: (append: AppendLines) => T): Promise<T> {
    if (this.#readOnly)
      throw new StorageError('STORAGE_READ_ONLY', `"${this.#file}" was opened read-only.`);
    await this.#acquire();
    // Nothing is awaited in here, so that the lock is held for a moment only.
    try {
      return work((lines, end) => this.#append(lines, end));
    } finally {
      this.#lock.release();
    }
  }

  async #acquire(): Promise<void> {
    const since = performance.now();
    try {
      for (let waitMs = 1; !this.#lock.tryAcquire(); waitMs = Math.min(2 * waitMs, 50)) {
        if (performance.now() - since > this.#busyTimeoutMs)
          throw new StorageError(
            'STORAGE_LOCKED',
            `Another program has held "${this.#lock.path}" for ${Math.round(this.#busyTimeoutMs / 1000)} s. Wait for it to end; if there is none, delete that file.`,
          );
        await sleep(waitMs);
      }
    } catch (error) {
      throw this.#toStorageError(error);
    }
  }

  #append(lines: string, end: number): void {
    this.#withOpen(constants.O_WRONLY | constants.O_APPEND, (fd, sizeBytes) => {
      if (sizeBytes > end) ftruncateSync(fd, end);
      const bytes = Buffer.from(lines, 'latin1');
      try {
        for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
      } catch (error) {
        ftruncateSync(fd, end);
        throw error;
      }
    });
  }

  #withOpen<T>(flags: number, work: (fd: number, sizeBytes: number) => T): T {
    try {
      const fd = openSync(this.#file, flags);
      try {
        const { ino, dev, size } = fstatSync(fd);
        this.#identity ??= { ino, dev };
        if (ino !== this.#identity.ino || dev !== this.#identity.dev) throw fileMoved(this.#file);
        return work(fd, size);
      } finally {
        closeSync(fd);
      }
    } catch (error) {
      throw this.#toStorageError(error);
    }
  }

  #toStorageError(error: unknown): unknown {
    if (!(error instanceof Error) || error instanceof StorageError) return error;
    const { code } = error as NodeJS.ErrnoException;
    const [storageCode, why] =
      code === 'ENOENT'
        ? (['STORAGE_NOT_FOUND', 'it was moved or deleted'] as const)
        : code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
          ? (['STORAGE_READ_ONLY', 'it, or its folder, can only be read'] as const)
          : code === 'ENOSPC' || code === 'EDQUOT'
            ? (['STORAGE_FULL', 'there is no space left'] as const)
            : (['STORAGE_FAILED', error.message] as const);
    return new StorageError(storageCode, `"${this.#file}" could not be used: ${why}.`, {
      cause: error,
    });
  }
}

/** A file beside the journal that only one process can create. Who has created it may write. */
class LockFile {
  readonly path: string;
  readonly #target: string;
  readonly #kind: 'symlink' | 'open';
  readonly #graceMs: number;
  /** Our own lock, to be told from one that somebody put in its place. */
  #identity: string | null = null;
  /** The time of change of the lock of another, and since when it has been that. */
  #seen: { mtimeMs: number; since: number } | null = null;

  constructor(target: string, kind: 'symlink' | 'open', graceMs: number) {
    this.path = `${target}.lock`;
    this.#target = target;
    this.#kind = kind;
    this.#graceMs = graceMs;
  }

  /** Removes a lock that was left behind, and then also says false. */
  tryAcquire(): boolean {
    try {
      if (this.#kind === 'symlink') symlinkSync(this.#target, this.path);
      else closeSync(openSync(this.path, 'wx'));
      this.#identity = this.#look();
      this.#seen = null;
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      this.#removeIfLeftBehind();
      return false;
    }
  }

  release(): void {
    if (this.#identity !== null && this.#look() === this.#identity) this.#remove();
    else logger.warn(`The lock "${this.path}" was taken away while a line was being written.`);
  }

  /** Which lock there is, or null. The number alone may have been given to another file since. */
  #look(): string | null {
    const stats = lstatSync(this.path, { bigint: true, throwIfNoEntry: false });
    return stats === undefined ? null : `${stats.ino} ${stats.ctimeNs}`;
  }

  #removeIfLeftBehind(): void {
    // Through a symbolic link the journal's own time is seen, so that a lock counts as alive as long as lines are written.
    const mtimeMs =
      statSync(this.path, { throwIfNoEntry: false })?.mtimeMs ??
      lstatSync(this.path, { throwIfNoEntry: false })?.mtimeMs;
    const now = performance.now();
    if (mtimeMs === undefined) this.#seen = null;
    else if (this.#seen?.mtimeMs !== mtimeMs) this.#seen = { mtimeMs, since: now };
    else if (now - this.#seen.since > this.#graceMs) {
      logger.warn(`The lock "${this.path}" was left behind by another program; it is removed.`);
      this.#seen = null;
      this.#remove();
    }
  }

  /** Renames first: of several that remove the same lock, one succeeds, and none removes the next one's. */
  #remove(): void {
    const doomed = `${this.path}${randomUUID()}.rename`;
    try {
      renameSync(this.path, doomed);
      unlinkSync(doomed);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}
