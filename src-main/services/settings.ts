import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const nRecentFiles = 12;

/** What the program remembers between starts, in a small JSON file. A missing or broken file counts as empty. */
export class Settings {
  readonly #path: string | null;
  #recentFiles: string[];

  /** @param path null: nothing is remembered (command line, tests). */
  constructor(path: string | null) {
    this.#path = path;
    const stored = path ? read(path) : {};
    this.#recentFiles = Array.isArray(stored.recentFiles)
      ? stored.recentFiles.filter((file): file is string => typeof file === 'string')
      : [];
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
    writeFileSync(temporary, JSON.stringify({ recentFiles: this.#recentFiles }, null, 2));
    renameSync(temporary, this.#path);
  }
}

function read(path: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  } catch {
    return {};
  }
}
