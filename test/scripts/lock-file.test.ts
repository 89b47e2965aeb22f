import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface LockFile {
  packages: Record<
    string,
    { version?: string; resolved?: string; gypfile?: boolean; license?: string; dev?: boolean }
  >;
}

const { packages } = JSON.parse(
  readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'),
) as LockFile;

describe('package-lock.json', () => {
  it('keeps npm from compiling better-sqlite3, which has its prebuilds inside: `npm ci` must need no compiler', () => {
    // npm does not read this from the package when it installs from a lock file. Write it again when the entry is renewed.
    expect(packages['node_modules/better-sqlite3']).toMatchObject({
      version: '13.2.0',
      gypfile: false,
    });
  });

  it('names no registry', () => {
    expect(Object.values(packages).filter(({ resolved }) => resolved?.startsWith('http'))).toEqual(
      [],
    );
  });
});
