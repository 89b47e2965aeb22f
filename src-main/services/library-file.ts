import { existsSync, statSync } from 'node:fs';
import { cp, lstat, open, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ServiceError } from './errors.ts';
import { storedLibraryFolder } from './settings.ts';

/** SQLite's own files beside a database; they belong to whoever has it open. */
const companions = ['-wal', '-shm', '-journal'];

/**
 * Where the library's own file is: in the folder that the settings name, else at `usualPath`.
 *
 * @returns `problem`: why it is not where the settings say, if so. A file that is not there, such as on a drive that is not plugged in, is not
 *   made anew, also where its folder is, as an empty mount point: an empty library in its place would look like lost studies.
 */
export function locateLibrary(
  usualPath: string,
  settingsPath: string | null,
): { path: string; problem: string | null } {
  const folder = settingsPath === null ? null : storedLibraryFolder(settingsPath);
  if (folder === null) return { path: usualPath, problem: null };
  const path = join(folder, basename(usualPath));
  if (existsSync(path)) return { path, problem: null };
  return {
    path: usualPath,
    problem: `The library, "${path}", is not there now. Shown is the library in "${dirname(usualPath)}". Start Parzen again when it is back, or choose another folder in the settings.`,
  };
}

/**
 * Copies a study file that nobody here has open, and all that lies beside it under its name, into another folder.
 *
 * @returns The paths of what was copied, the file first, and of the copies. Nothing is left in the folder when it fails.
 * @throws ServiceError `MOVE_FAILED`
 */
export async function copyStudyFile(
  path: string,
  folder: string,
): Promise<{ originals: readonly string[]; copies: readonly string[] }> {
  const name = basename(path);
  // SQLite removes them when the last one closes the file.
  if (existsSync(`${path}-wal`) || existsSync(`${path}-shm`))
    throw moveFailed(
      path,
      'another program has it open. Close that program first, so that no change of it is lost',
    );
  const beside = (await readdir(dirname(path))).filter(
    (other) =>
      other.startsWith(`${name}.`) ||
      (other.startsWith(`${name}-`) && !companions.includes(other.slice(name.length))),
  );
  const originals = [name, ...beside].map((each) => join(dirname(path), each));
  const copies = [name, ...beside].map((each) => join(folder, each));
  const taken = copies.find((copy) => existsSync(copy));
  if (taken !== undefined)
    throw moveFailed(
      path,
      `"${taken}" is there already. Move that elsewhere, or choose another folder`,
    );
  const made: string[] = [];
  try {
    for (const [i, original] of originals.entries()) {
      const copy = copies[i] as string;
      // Also what is copied by half goes when it fails.
      made.push(copy);
      await cp(original, copy, {
        recursive: true,
        force: false,
        errorOnExist: true,
        preserveTimestamps: true,
      });
      await flush(copy);
    }
  } catch (error) {
    await removeAll(made);
    throw moveFailed(path, error instanceof Error ? error.message : String(error), error);
  }
  return { originals, copies };
}

/** Has the disk take what was copied: the originals are about to go. */
async function flush(path: string): Promise<void> {
  const found = await lstat(path);
  if (found.isDirectory()) for (const name of await readdir(path)) await flush(join(path, name));
  if (!found.isFile()) return;
  const file = await open(path, found.mode & 0o200 ? 'r+' : 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

export async function removeAll(paths: readonly string[]): Promise<void> {
  for (const path of paths) await rm(path, { recursive: true, force: true });
}

export function moveFailed(path: string, reason: string, cause?: unknown): ServiceError {
  return new ServiceError(
    'MOVE_FAILED',
    `"${path}" could not be moved: ${reason}. It is where it was, and as it was.`,
    { cause },
  );
}

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
