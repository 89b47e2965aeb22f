import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
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

  /** @param path null: nothing is remembered (command line, tests). */
  constructor(path: string | null) {
    this.#path = path;
    const stored = path ? read(path) : {};
    this.#recentFiles = Array.isArray(stored.recentFiles)
      ? stored.recentFiles.filter((file): file is string => typeof file === 'string')
      : [];
    this.#user = toUserSettings(stored.user);
  }

  get user(): UserSettings {
    return this.#user;
  }

  /** Changes the settings that are given. */
  change(changes: Partial<UserSettings>): UserSettings {
    const given = Object.entries(changes).filter(([, value]) => value !== undefined);
    this.#user = settingsSchema.parse({ ...this.#user, ...Object.fromEntries(given) });
    this.#save();
    this.onChange(this.#user);
    return this.#user;
  }

  /** Newest first, those that still exist. */
  recentFiles(): string[] {
    return this.#recentFiles.filter((path) => existsSync(path));
  }

  addRecentFile(path: string): void {
    this.#recentFiles = [path, ...this.#recentFiles.filter((known) => known !== path)].slice(
      0,
      nRecentFiles,
    );
    this.#save();
  }

  #save(): void {
    if (!this.#path) return;
    mkdirSync(dirname(this.#path), { recursive: true });
    const temporary = `${this.#path}.${process.pid}.tmp`;
    const stored = { user: this.#user, recentFiles: this.#recentFiles };
    writeFileSync(temporary, JSON.stringify(stored, null, 2));
    renameSync(temporary, this.#path);
  }
}

/** Each setting by itself, so that one of a newer or older program does not cost the others. */
function toUserSettings(stored: unknown): UserSettings {
  const known = typeof stored === 'object' && stored !== null ? stored : {};
  const valid = Object.entries(known).filter(
    ([name, value]) => settingsSchema.partial().safeParse({ [name]: value }).success,
  );
  return { ...defaultSettings, ...(Object.fromEntries(valid) as Partial<UserSettings>) };
}

function read(path: string): Record<string, unknown> {
  try {
    const stored: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof stored === 'object' && stored !== null ? { ...stored } : {};
  } catch {
    return {};
  }
}

export function settingsHandlers(
  settings: Settings,
): Pick<Handlers, 'settings.get' | 'settings.set'> {
  return {
    'settings.get': async () => settings.user,
    'settings.set': async (changes) => settings.change(changes),
  };
}
