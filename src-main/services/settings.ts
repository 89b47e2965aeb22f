import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute } from 'node:path';
import type { Handlers } from '../contract/contract.ts';
import { defaultSettings, settingsSchema, type UserSettings } from '../contract/settings.ts';

const nRecentFiles = 12;

/**
 * What the program remembers between starts, in a small JSON file. A missing or broken file counts as empty, and a setting that cannot
 * be understood as not set.
 */
export class Settings {
  readonly #path: string | null;
  #recentFiles: string[];
  #user: UserSettings;
  /** Told of all settings when one has changed. */
  onChange: (settings: UserSettings) => void = () => {};
  /** Told when another file is the newest, or the list was cleared. */
  onRecentFiles: () => void = () => {};

  /** @param path null: nothing is remembered (command line, tests). */
  constructor(path: string | null) {
    this.#path = path;
    const stored = path ? read(path) : {};
    this.#recentFiles = toPaths(stored.recentFiles);
    this.#user = toUserSettings(stored.user);
  }

  get user(): UserSettings {
    return this.#user;
  }

  /** Changes the settings that are given. */
  change(changes: Partial<UserSettings>): UserSettings {
    const given = Object.fromEntries(
      Object.entries(changes).filter(([, value]) => value !== undefined),
    );
    this.#user = settingsSchema.parse({ ...this.#user, ...given });
    this.#save((stored) => ({ user: { ...toObject(stored.user), ...given } }));
    this.onChange(this.#user);
    return this.#user;
  }

  /** Newest first, those that still exist. */
  recentFiles(): string[] {
    return this.#recentFiles.filter((path) => existsSync(path));
  }

  addRecentFile(path: string): void {
    const added = (files: readonly string[]): string[] =>
      [path, ...files.filter((known) => known !== path)].slice(0, nRecentFiles);
    this.#recentFiles = added(this.#recentFiles);
    this.#save(({ recentFiles }) => ({ recentFiles: added(toPaths(recentFiles)) }));
    this.onRecentFiles();
  }

  clearRecentFiles(): void {
    this.#recentFiles = [];
    this.#save(() => ({ recentFiles: [] }));
    this.onRecentFiles();
  }

  /** Files that were open when the program ended, in the order of their opening. */
  openFiles(): string[] {
    return this.#path ? toPaths(read(this.#path).openFiles) : [];
  }

  setOpenFiles(paths: readonly string[]): void {
    this.#save(() => ({ openFiles: paths }));
  }

  /** Remembers where the library's own file is from now on. */
  setLibraryFolder(folder: string): void {
    this.#save(() => ({ libraryFolder: folder }));
  }

  /** Changes no more than what changed here: a window and browser mode may run side by side. */
  #save(changesOf: (stored: Readonly<Record<string, unknown>>) => object): void {
    if (!this.#path) return;
    mkdirSync(dirname(this.#path), { recursive: true });
    const temporary = `${this.#path}.${process.pid}.tmp`;
    const stored = read(this.#path);
    writeFileSync(temporary, JSON.stringify({ ...stored, ...changesOf(stored) }, null, 2));
    renameSync(temporary, this.#path);
  }
}

/** The folder that was chosen for the library's own file, absolute; null where none was. */
export function storedLibraryFolder(settingsPath: string): string | null {
  const { libraryFolder } = read(settingsPath);
  return typeof libraryFolder === 'string' && isAbsolute(libraryFolder) ? libraryFolder : null;
}

/** Each setting by itself, so that one of a newer or older program does not cost the others. */
function toUserSettings(stored: unknown): UserSettings {
  const valid = Object.entries(toObject(stored)).filter(
    ([name, value]) => settingsSchema.partial().safeParse({ [name]: value }).success,
  );
  return { ...defaultSettings, ...(Object.fromEntries(valid) as Partial<UserSettings>) };
}

function read(path: string): Record<string, unknown> {
  try {
    return toObject(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return {};
  }
}

function toObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function toPaths(value: unknown): string[] {
  return Array.isArray(value)
    ? value.filter((path): path is string => typeof path === 'string')
    : [];
}

export function settingsHandlers(
  settings: Settings,
): Pick<Handlers, 'settings.get' | 'settings.set'> {
  return {
    'settings.get': async () => settings.user,
    'settings.set': async (changes) => settings.change(changes),
  };
}
