import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { type Runtimes, runtimesFile } from '../src-main/runtimes.ts';

interface Failure {
  /** What was tried, with its version: another version is worth another try. */
  readonly what: string;
  readonly reason: string;
  readonly atMs: number;
}

type Notes = Runtimes & { readonly failures?: Readonly<Record<string, Failure>> };

const RETRY_AFTER_MS = 24 * 60 * 60 * 1000;

/** Keeps `runtimes` for `readRuntimes()`, whole or not at all. */
export function noteRuntime(runtimes: Runtimes): void {
  write({ ...read(), ...runtimes });
}

/** Remembers that a download failed, so that the next start does not wait for it again. */
export function noteFailure(part: string, what: string, reason: string): void {
  const notes = read();
  const failure: Failure = { what, reason, atMs: Date.now() };
  write({ ...notes, failures: { ...notes.failures, [part]: failure } });
}

/** Why the same thing failed less than a day ago, if it did. */
export function recentFailure(part: string, what: string): string | undefined {
  const failure = read().failures?.[part];
  const isRecent = failure?.what === what && Date.now() - failure.atMs < RETRY_AFTER_MS;
  return isRecent ? failure.reason : undefined;
}

/** Throws unless the file has the given Subresource Integrity value. */
export function verifyIntegrity(file: string, integrity: string): void {
  const [algorithm = '', expected] = integrity.split(/-(.*)/s);
  const actual = createHash(algorithm).update(readFileSync(file)).digest('base64');
  if (actual !== expected) {
    throw new Error(`the downloaded file does not have the expected ${algorithm} checksum`);
  }
}

/** Another set-up may have finished the same thing meanwhile: its result is as good as ours. */
export function moveIntoPlace(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(to)) {
      throw error;
    }
  }
}

function read(): Notes {
  try {
    return JSON.parse(readFileSync(runtimesFile(), 'utf8')) as Notes;
  } catch {
    return {};
  }
}

function write(notes: Notes): void {
  const file = runtimesFile();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(notes, null, 2));
  renameSync(`${file}.${process.pid}`, file);
}
