import { randomUUID } from 'node:crypto';
import { mkdirSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import type { Handlers, InputOf } from '../contract/contract.ts';
import type { StorageSummary, StudyKey, StudySummary } from '../contract/library.ts';
import type { RunStatus } from '../contract/runs.ts';
import { StorageError, StudyNotFoundError } from '../tuner/errors.ts';
import type { FrozenStudy, Storage, TrialChanges } from '../tuner/storages/storage.ts';
import { DeletedStudies, deletionOf } from './deleted-studies.ts';
import { ServiceError, toErrorInfo } from './errors.ts';
import { throttle, type EventHub } from './events.ts';
import { modelFolder } from './model-store.ts';
import { copyStudyFile, isFolder, moveFailed, removeAll } from './library-file.ts';
import type { Settings } from './settings.ts';
import { summarizeStudy } from './study-summary.ts';

/** Opens study files; the one place that knows database drivers hands it in. */
export type OpenStorage = (
  path: string,
  options: { create?: boolean; migrate?: 'backup' | 'refuse'; readOnly?: boolean },
) => Promise<Storage>;

/** How a window asks for a path; null where there is no native dialog. */
export type PickPath = (
  purpose: InputOf<'library.pickPath'>['purpose'],
  defaultName?: string,
) => Promise<string | null>;

interface OpenFile {
  readonly storageId: string;
  readonly path: string;
  readonly storage: Storage;
  readonly isReadOnly: boolean;
  /** Revisions count within it. */
  readonly generation: string;
  readonly studies: Map<number, TrackedStudy>;
  error: { code: string; message: string } | null;
}

interface TrackedStudy {
  /** The last revision that listeners were told of; null before anybody looked. */
  announced: number | null;
  summary: {
    ofRevision: number;
    ofStudy: object;
    value: ReturnType<typeof summarizeStudy>;
  } | null;
}

/** How often files are looked at for changes by other programs. */
const pollIntervalMs = 1000;
const libraryEventIntervalMs = 500;
const trialsEventIntervalMs = 50;

/** The open study files, and who is told when something in them changes. */
export class Library {
  readonly #openStorage: OpenStorage;
  readonly #hub: EventHub;
  readonly #settings: Settings;
  #defaultPath: string;
  readonly #files = new Map<string, OpenFile>();
  readonly #poll: NodeJS.Timeout;
  readonly #libraryChanged;
  readonly #touched = new Map<string, StudyKey>();
  readonly #flushTouched;
  #isPolling = false;
  #isMoving = false;
  /** Once those of the last time are open again. */
  #remembersOpen = false;
  readonly deleted = new DeletedStudies((storageId) => this.storage(storageId));
  /** Set by the runs, which know it. */
  runOf: (key: StudyKey) => RunStatus | null = () => null;

  constructor(options: {
    openStorage: OpenStorage;
    hub: EventHub;
    settings: Settings;
    defaultPath: string;
  }) {
    this.#openStorage = options.openStorage;
    this.#hub = options.hub;
    this.#settings = options.settings;
    this.#defaultPath = options.defaultPath;
    this.#libraryChanged = throttle(libraryEventIntervalMs, () =>
      this.#hub.emit('library.changed', {}),
    );
    this.#flushTouched = throttle(trialsEventIntervalMs, () => void this.#emitTouched());
    this.#poll = setInterval(() => void this.#look(), pollIntervalMs);
    this.#poll.unref();
  }

  /** Opens the library's own file, creating it when it is missing. */
  async openDefault(): Promise<StorageSummary> {
    if (this.#defaultPath !== ':memory:')
      mkdirSync(dirname(this.#defaultPath), { recursive: true });
    return this.open(this.#defaultPath, { create: true });
  }

  /** The file's summary; opening it twice gives the same. */
  async open(
    path: string,
    options: { create?: boolean; migrate?: boolean } = {},
  ): Promise<StorageSummary> {
    const storageId = toStorageId(path);
    const known = this.#files.get(storageId);
    if (known) return this.#summarizeFile(known);
    const opened = await this.#openFile(storageId, options);
    const raced = this.#files.get(storageId);
    if (raced) {
      await opened.storage.close();
      return this.#summarizeFile(raced);
    }
    if (storageId !== this.#defaultId) this.#settings.addRecentFile(storageId);
    const summary = this.#add(storageId, opened);
    this.#rememberOpen();
    if (!opened.isReadOnly) await this.deleted.adopt(storageId);
    return summary;
  }

  #add(storageId: string, opened: { storage: Storage; isReadOnly: boolean }): StorageSummary {
    const file: OpenFile = {
      ...opened,
      storageId,
      path: storageId,
      generation: randomUUID(),
      studies: new Map(),
      error: null,
    };
    this.#files.set(storageId, file);
    this.#libraryChanged.request();
    return this.#summarizeFile(file);
  }

  /**
   * Moves the library's own file to another folder, or takes the one that is there already.
   *
   * @throws ServiceError `LIBRARY_EXISTS`, `MOVE_FAILED`; then all is as it was.
   */
  async moveTo(folder: string, useExisting = false): Promise<StorageSummary> {
    const source = this.#file(this.#defaultId);
    const target = join(resolve(folder), basename(source.path));
    if (target === source.path) return this.#summarizeFile(source);
    if (this.#isMoving) throw moveFailed(source.path, 'it is being moved already');
    if (!isAbsolute(folder))
      throw moveFailed(source.path, `the folder must be a whole path, but got "${folder}"`);
    if (!isFolder(folder))
      throw moveFailed(source.path, `"${folder}" must be a folder that exists`);
    this.#isMoving = true;
    try {
      if (statSync(target, { throwIfNoEntry: false })) {
        if (!useExisting)
          throw new ServiceError(
            'LIBRARY_EXISTS',
            `The folder "${folder}" has a library already. Use that one, or choose another folder.`,
          );
        await this.open(target);
      } else await this.#moveFile(source, target);
      this.#defaultPath = target;
      this.#settings.setLibraryFolder(dirname(target));
      this.#rememberOpen();
      if (this.#files.has(source.storageId)) this.#settings.addRecentFile(source.storageId);
      return this.#summarizeFile(this.#file(target));
    } finally {
      this.#isMoving = false;
    }
  }

  /** The old file goes only when the new one has been opened and found to hold the same studies. */
  async #moveFile(source: OpenFile, target: string): Promise<void> {
    const namesIn = async (storage: Storage): Promise<string> =>
      (await storage.getStudies()).map(({ studyName }) => studyName).join('\n');
    await this.deleted.purge((id) => id === source.storageId);
    const names = await namesIn(source.storage);
    this.#files.delete(source.storageId);
    await source.storage.close();
    try {
      const { originals, copies } = await copyStudyFile(source.path, dirname(target));
      try {
        const opened = await this.#openFile(target, {});
        if (opened.isReadOnly || (await namesIn(opened.storage)) !== names) {
          await opened.storage.close();
          throw moveFailed(source.path, 'the copy is not complete, or cannot be written');
        }
        this.#add(target, opened);
      } catch (error) {
        await removeAll(copies);
        throw error;
      }
      // The library has moved; what of the old files cannot be removed is only in the way.
      await removeAll(originals).catch(() => {});
    } catch (error) {
      this.#add(source.storageId, await this.#openFile(source.path, {}));
      throw error;
    }
  }

  /** Opens the files again that were open when the program ended last, as far as they are there and need no answer. */
  async reopen(): Promise<void> {
    for (const path of this.#settings.openFiles())
      if (sizeOf(path) > 0) await this.open(path).catch(() => {});
    this.#remembersOpen = true;
    this.#rememberOpen();
  }

  #rememberOpen(): void {
    if (!this.#remembersOpen) return;
    const others = [...this.#files.keys()].filter((id) => id !== this.#defaultId);
    this.#settings.setOpenFiles(others.filter((id) => id !== ':memory:'));
  }

  /** A file that cannot be written is opened to be looked at. */
  async #openFile(
    path: string,
    { create = false, migrate = false }: { create?: boolean; migrate?: boolean },
  ): Promise<{ storage: Storage; isReadOnly: boolean }> {
    try {
      const storage = await this.#openStorage(path, {
        create,
        migrate: migrate ? 'backup' : 'refuse',
      });
      return { storage, isReadOnly: false };
    } catch (error) {
      if (!(error instanceof StorageError && error.code === 'STORAGE_READ_ONLY')) throw error;
      try {
        return { storage: await this.#openStorage(path, { readOnly: true }), isReadOnly: true };
      } catch (cause) {
        // There is no file to look at: one was to be made, where none can be.
        throw cause instanceof StorageError && cause.code === 'STORAGE_NOT_FOUND' ? error : cause;
      }
    }
  }

  async closeFile(storageId: string): Promise<void> {
    const file = this.#file(storageId);
    await this.deleted.purge((id) => id === storageId);
    this.#files.delete(storageId);
    this.#rememberOpen();
    await file.storage.close();
    this.#libraryChanged.request();
  }

  async close(): Promise<void> {
    clearInterval(this.#poll);
    this.#libraryChanged.cancel();
    this.#flushTouched.cancel();
    await this.deleted.purge();
    const files = [...this.#files.values()];
    this.#files.clear();
    await Promise.all(files.map((file) => file.storage.close()));
  }

  get defaultStorageId(): string {
    return this.#defaultId;
  }

  get #defaultId(): string {
    return toStorageId(this.#defaultPath);
  }

  /** @throws ServiceError `FILE_NOT_OPEN` */
  storage(storageId: string): Storage {
    return this.#file(storageId).storage;
  }

  /** The studies of an open file, without those that were deleted and are about to go. */
  studiesIn(storageId: string): Promise<readonly FrozenStudy[]> {
    return studiesOf(this.#file(storageId));
  }

  /** Where the file's networks are kept; null: nowhere. */
  modelFolder(storageId: string): string | null {
    const { path, isReadOnly } = this.#file(storageId);
    return modelFolder(path, isReadOnly);
  }

  files(): StorageSummary[] {
    return [...this.#files.values()].map((file) => this.#summarizeFile(file));
  }

  async studies(): Promise<StudySummary[]> {
    const summaries: StudySummary[] = [];
    for (const file of this.#files.values()) {
      try {
        for (const study of await studiesOf(file))
          summaries.push(await this.summary({ storageId: file.storageId, studyId: study.studyId }));
        file.error = null;
      } catch (error) {
        file.error = toErrorInfo(error);
      }
    }
    return summaries;
  }

  async summary(key: StudyKey): Promise<StudySummary> {
    const file = this.#file(key.storageId);
    const study = await file.storage.getStudy(key.studyId);
    if (deletionOf(study)) throw new StudyNotFoundError(study.studyName);
    const tracked = this.#track(file, key.studyId);
    const known = tracked.summary?.ofRevision ?? tracked.announced ?? 0;
    const { revision } = await file.storage.getTrialChanges(key.studyId, known);
    if (tracked.summary?.ofRevision !== revision || tracked.summary.ofStudy !== study)
      tracked.summary = {
        ofRevision: revision,
        ofStudy: study,
        value: summarizeStudy(study, await file.storage.getTrials(key.studyId)),
      };
    return { key, ...tracked.summary.value, run: this.runOf(key) };
  }

  /** Trials that changed since a revision of `generation`; all of them for revision 0 or another generation. */
  async changes(
    key: StudyKey,
    sinceRevision: number,
    generation?: string,
  ): Promise<{
    changes: TrialChanges;
    generation: string;
    isComplete: boolean;
    nObjectives: number;
  }> {
    const file = this.#file(key.storageId);
    const study = await file.storage.getStudy(key.studyId);
    const since = generation === file.generation ? sinceRevision : 0;
    const changes = await file.storage.getTrialChanges(key.studyId, since);
    // From here on somebody knows the study, and is to be told what changes.
    this.#track(file, key.studyId).announced ??= changes.revision;
    return {
      changes,
      generation: file.generation,
      isComplete: since === 0,
      nObjectives: study.directions.length,
    };
  }

  /** Says that this process changed trials of the study; listeners hear of it within a few frames. */
  touch(key: StudyKey): void {
    this.#touched.set(`${key.storageId}\n${key.studyId}`, key);
    this.#flushTouched.request();
  }

  /** Says that studies or their attributes changed. */
  touchStudies(): void {
    this.#libraryChanged.request();
  }

  async #emitTouched(): Promise<void> {
    const keys = [...this.#touched.values()];
    this.#touched.clear();
    for (const key of keys) {
      const file = this.#files.get(key.storageId);
      // That a study or its file is gone is told by the next look at the files.
      if (file) await this.#check(file, key.studyId).catch(() => {});
    }
  }

  /** Looks for changes that other programs made. */
  async #look(): Promise<void> {
    if (this.#isPolling) return;
    this.#isPolling = true;
    try {
      for (const file of this.#files.values()) {
        try {
          const studies = await studiesOf(file);
          const isSame =
            studies.length === file.studies.size &&
            studies.every((study) => file.studies.has(study.studyId));
          if (!isSame) {
            const ids = new Set(studies.map((study) => study.studyId));
            for (const studyId of file.studies.keys())
              if (!ids.has(studyId)) {
                file.studies.delete(studyId);
                this.#hub.emit('study.deleted', { key: { storageId: file.storageId, studyId } });
              }
            this.#libraryChanged.request();
          }
          for (const study of studies) {
            const { summary } = this.#track(file, study.studyId);
            if (summary && summary.ofStudy !== study) {
              this.#hub.emit('study.changed', {
                key: { storageId: file.storageId, studyId: study.studyId },
              });
              this.#libraryChanged.request();
            }
            await this.#check(file, study.studyId);
          }
          if (file.error) this.#libraryChanged.request();
          file.error = null;
        } catch (error) {
          if (!file.error) this.#libraryChanged.request();
          file.error = toErrorInfo(error);
        }
      }
    } finally {
      this.#isPolling = false;
    }
  }

  async #check(file: OpenFile, studyId: number): Promise<void> {
    const tracked = this.#track(file, studyId);
    const { announced } = tracked;
    const { revision } = await file.storage.getTrialChanges(studyId, announced ?? 0);
    if (revision === announced) return;
    tracked.announced = revision;
    if (announced !== null)
      this.#hub.emit('trials.changed', {
        key: { storageId: file.storageId, studyId },
        revision,
      });
    this.#libraryChanged.request();
  }

  #track(file: OpenFile, studyId: number): TrackedStudy {
    let tracked = file.studies.get(studyId);
    if (!tracked) file.studies.set(studyId, (tracked = { announced: null, summary: null }));
    return tracked;
  }

  #file(storageId: string): OpenFile {
    const file = this.#files.get(storageId);
    if (!file)
      throw new ServiceError(
        'FILE_NOT_OPEN',
        `The file "${storageId}" is not open. Open it first.`,
      );
    return file;
  }

  #summarizeFile(file: OpenFile): StorageSummary {
    return {
      storageId: file.storageId,
      path: file.path,
      name: file.path === ':memory:' ? 'In memory' : basename(file.path),
      isReadOnly: file.isReadOnly,
      sizeBytes: sizeOf(file.path),
      isDefault: file.storageId === this.#defaultId,
      error: file.error,
    };
  }
}

async function studiesOf({ storage }: OpenFile): Promise<readonly FrozenStudy[]> {
  return (await storage.getStudies()).filter((study) => !deletionOf(study));
}

/** A storage by its absolute path; `sqlite:///` says nothing new, `journal:` and `:memory:` stay. */
function toStorageId(path: string): string {
  if (path === ':memory:') return path;
  const [, prefix = '', file = ''] = /^(journal:|sqlite:\/\/\/)?(.*)$/s.exec(path) ?? [];
  return prefix === 'journal:' ? `journal:${resolve(file)}` : resolve(file);
}

/** With the write-ahead log, which holds what is not yet in the file itself. */
function sizeOf(path: string): number {
  const file = path.replace(/^journal:/, '');
  try {
    return [file, `${file}-wal`].reduce(
      (sum, one) => sum + (statSync(one, { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
  } catch {
    return 0;
  }
}

type LibraryHandlers = Pick<
  Handlers,
  | 'library.get'
  | 'library.openFile'
  | 'library.closeFile'
  | 'library.moveTo'
  | 'library.recentFiles'
  | 'library.pickPath'
>;

export function libraryHandlers(
  library: Library,
  options: {
    settings: Settings;
    pickPath: PickPath | null;
    canMove: boolean;
    assertNoRun: (storageId: string) => void;
  },
): LibraryHandlers {
  return {
    'library.get': async () => {
      const studies = await library.studies();
      return { storages: library.files(), studies };
    },
    'library.openFile': async ({ path, migrate, create }) =>
      library.open(path, { migrate, create }),
    'library.closeFile': async ({ storageId }) => {
      if (storageId === library.defaultStorageId)
        throw new ServiceError('NOT_AVAILABLE', "The library's own file stays open.");
      options.assertNoRun(storageId);
      await library.closeFile(storageId);
    },
    'library.moveTo': async ({ folder, useExisting }) => {
      if (!options.canMove)
        throw new ServiceError(
          'NOT_AVAILABLE',
          'The library was named when Parzen was started, so it cannot be moved from here.',
        );
      options.assertNoRun(library.defaultStorageId);
      return library.moveTo(folder, useExisting);
    },
    'library.recentFiles': async () => options.settings.recentFiles(),
    'library.pickPath': async ({ purpose, defaultName }) => {
      if (!options.pickPath)
        throw new ServiceError(
          'NOT_AVAILABLE',
          'There are no native dialogs here. Type the path instead.',
        );
      return options.pickPath(purpose, defaultName);
    },
  };
}
