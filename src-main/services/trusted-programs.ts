import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Program } from '../training/programs.ts';
import { ServiceError } from './errors.ts';

/**
 * The modules and commands that the user agreed to run on this machine, in a small JSON file: a study file only names its program, and
 * must not make it run. A module is trusted as it is now; one that was changed is another. A missing or broken file trusts nothing.
 */
export class TrustedPrograms {
  readonly #path: string | null;
  #session: readonly Program[] = [];

  /** @param path null: for this session only. */
  constructor(path: string | null) {
    this.#path = path;
  }

  has(program: Program): boolean {
    return this.#all().some((known) => isSame(known, program));
  }

  add(program: Program): void {
    if (this.has(program)) return;
    // Only the newest state of a module is kept.
    this.#keep([...this.#all().filter((known) => !isSameModule(known, program)), program]);
  }

  /** @throws ServiceError `OBJECTIVE_NOT_TRUSTED` with the program as its details. */
  assertTrusted(program: Program): void {
    if (this.has(program)) return;
    const was = this.#all().some((known) => isSameModule(known, program));
    const what =
      program.kind === 'module'
        ? `the module ${program.path}${was ? ', which was changed since you agreed to run it' : ''}`
        : `the command ${JSON.stringify(program.command)} in ${program.folder}`;
    throw new ServiceError(
      'OBJECTIVE_NOT_TRUSTED',
      `The study runs ${what}. It is run only after you agreed to that on this machine.`,
      { details: { program, isChanged: was } },
    );
  }

  #keep(programs: readonly Program[]): void {
    if (!this.#path) {
      this.#session = programs;
      return;
    }
    mkdirSync(dirname(this.#path), { recursive: true });
    const temporary = `${this.#path}.${process.pid}.tmp`;
    writeFileSync(temporary, JSON.stringify(programs, null, 2), { mode: 0o600 });
    renameSync(temporary, this.#path);
  }

  /** Read anew each time: another window or a terminal may have added to it. */
  #all(): readonly Program[] {
    if (!this.#path) return this.#session;
    try {
      const stored: unknown = JSON.parse(readFileSync(this.#path, 'utf8'));
      return Array.isArray(stored) ? stored.filter(isProgram) : [];
    } catch {
      return [];
    }
  }
}

function isProgram(stored: unknown): stored is Program {
  const { kind, path, command } = (stored ?? {}) as Partial<Record<string, unknown>>;
  return kind === 'module'
    ? typeof path === 'string'
    : kind === 'command' && Array.isArray(command);
}

function isSame(a: Program, b: Program): boolean {
  if (a.kind === 'module') return isSameModule(a, b) && 'sha256' in b && a.sha256 === b.sha256;
  return (
    b.kind === 'command' &&
    a.folder === b.folder &&
    JSON.stringify(a.command) === JSON.stringify(b.command)
  );
}

function isSameModule(a: Program, b: Program): boolean {
  return a.kind === 'module' && b.kind === 'module' && a.path === b.path;
}
