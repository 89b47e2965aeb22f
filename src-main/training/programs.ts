import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { messageOf, SpecError } from './errors.ts';
import type { ProgramStudySpec } from './spec/program.ts';

/** What a study of an own objective would run on this machine: exactly that is shown to the user and trusted, or not. */
export type Program =
  | {
      readonly kind: 'module';
      /** Absolute. */
      readonly path: string;
      /** Of the module's bytes; what it imports is not part of it. */
      readonly sha256: string;
    }
  | {
      readonly kind: 'command';
      readonly command: readonly string[];
      /** Where it is started; absolute. */
      readonly folder: string;
    };

/**
 * The program of a spec.
 *
 * @param baseDir Paths in the spec are relative to it.
 * @throws SpecError when the module cannot be read.
 */
export function programOf({ name, run }: ProgramStudySpec, baseDir: string): Program {
  if ('command' in run)
    return { kind: 'command', command: run.command, folder: resolve(baseDir, run.folder) };
  const path = resolve(baseDir, run.module);
  try {
    return { kind: 'module', path, sha256: hashOf(path) };
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new SpecError(`The spec of "${name}"`, [
      {
        path: 'run.module',
        message: isMissing
          ? `must be a file that exists, but there is no "${path}"`
          : `cannot be read: ${messageOf(error)}`,
      },
    ]);
  }
}

/** SHA-256 of a file's bytes, in hexadecimal. */
export function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
