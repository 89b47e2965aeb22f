import { EventEmitter } from 'node:events';
import { appPaths } from '../app-paths.ts';
import { appVersion } from '../app-version.ts';
import { openStorage } from '../open-storage.ts';
import { quoteArgument } from '../services/quote-argument.ts';
import { locateLibrary } from '../services/library-file.ts';
import { createServices, type Services } from '../services/services.ts';
import type { StudyKey } from '../contract/library.ts';
import { StorageError } from '../tuner/errors.ts';
import type { Storage } from '../tuner/storages/storage.ts';

/** What went wrong in a way the user can mend, or that the program foresaw; all else is a fault. */
export const exitCodes = {
  ok: 0,
  /** The command could not be carried out; the reason is on stderr. */
  failed: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** Ctrl-C: running trials went back to the queue. */
  interrupted: 130,
  /** The same by SIGTERM. */
  terminated: 143,
  /** Whoever read the output has gone, as after `| head`; a run is stopped as by Ctrl-C. */
  brokenPipe: 141,
} as const;

/** Tells when nobody reads what is printed any more: `| head`. */
export const output = new EventEmitter<{ closed: [] }>();

export interface StorageOption {
  /** Path or sqlite:/// URL; undefined: the library's own file. */
  storage?: string | undefined;
}

/** Starts the services on the study file of `--storage`. Close them when done. */
export async function openServices(
  { storage }: StorageOption,
  { create = false }: { create?: boolean } = {},
): Promise<{ services: Services; storageId: string; storage: Storage }> {
  const services = await createServices({
    openStorage,
    libraryPath: storage === undefined ? ownLibrary() : ':memory:',
    settingsPath: null,
    trustedPath: appPaths().trusted,
    shell: 'desktop',
    appVersion,
    logPath: null,
    pickPath: null,
  });
  try {
    const storageId =
      storage === undefined
        ? services.library.defaultStorageId
        : (await services.library.open(storage, { create })).storageId;
    return { services, storageId, storage: services.library.storage(storageId) };
  } catch (error) {
    await services.close();
    throw error;
  }
}

/** Where the app keeps the library's own file. */
function ownLibrary(): string {
  const paths = appPaths();
  const { path, problem } = locateLibrary(paths.library, paths.settings);
  if (problem !== null) throw new StorageError('STORAGE_NOT_FOUND', problem);
  return path;
}

/** Opens, does, closes. */
export async function withStorage<Result>(
  option: StorageOption,
  action: (storage: Storage, context: { services: Services; storageId: string }) => Promise<Result>,
  openOptions?: { create?: boolean },
): Promise<Result> {
  const { services, storageId, storage } = await openServices(option, openOptions);
  try {
    return await action(storage, { services, storageId });
  } finally {
    await services.close();
  }
}

export async function findStudy(
  storage: Storage,
  storageId: string,
  studyName: string,
): Promise<StudyKey> {
  return { storageId, studyId: await storage.getStudyId(studyName) };
}

/** How `--storage` is to be repeated in a command line that the user may copy. */
export function storageArgument(option: StorageOption): string {
  return option.storage === undefined ? '' : ` --storage ${quoteArgument(option.storage)}`;
}

/** One JSON value on stdout; NaN and infinities as strings, as JSON has none. */
export function printJson(value: unknown): void {
  process.stdout.write(
    `${JSON.stringify(value, (_, one: unknown) => (typeof one === 'number' && !Number.isFinite(one) ? String(one) : one))}\n`,
  );
}
