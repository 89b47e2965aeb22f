import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const SCRIPTS = join(import.meta.dirname, '..', '..', 'scripts');

/** A Node that does not run TypeScript, like every one before 22.18. */
const OLDER = ['--no-strip-types'];

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'parzen-bin-'));
  for (const folder of ['scripts', 'src-main/cli', 'out/main', 'node_modules/node/bin']) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
  for (const name of ['parzen.js', 'build-age.js']) {
    cpSync(join(SCRIPTS, name), join(root, 'scripts', name));
  }
  const report =
    'console.log(import.meta.filename, ...process.argv.slice(2)); process.exitCode = 7;';
  writeFileSync(
    join(root, 'src-main', 'cli', 'main.ts'),
    `const x: number = 1;\n${report}\nvoid x;`,
  );
  writeFileSync(join(root, 'out', 'main', 'cli.js'), report);
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function parzen(...nodeArgs: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(
    process.execPath,
    [...nodeArgs, join(root, 'scripts', 'parzen.js'), 'run', 'iris'],
    {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    },
  );
}

function setBuildAge(secondsFromNow: number): void {
  const time = Date.now() / 1000 + secondsFromNow;
  utimesSync(join(root, 'out', 'main', 'cli.js'), time, time);
}

describe('the parzen command', () => {
  it('runs the build when it is up to date, with the arguments and exit code', () => {
    setBuildAge(60);
    const { stdout, status } = parzen();
    expect(stdout).toBe(`${join(root, 'out', 'main', 'cli.js')} run iris\n`);
    expect(status).toBe(7);
  });

  it('runs the sources when they changed since the build', () => {
    setBuildAge(-60);
    expect(parzen().stdout).toBe(`${join(root, 'src-main', 'cli', 'main.ts')} run iris\n`);
  });

  it('runs the build where there are no sources', () => {
    rmSync(join(root, 'src-main'), { recursive: true });
    expect(parzen().stdout).toContain('cli.js');
  });

  it("hands over to the project's Node when its own is too old", () => {
    symlinkSync(process.execPath, join(root, 'node_modules', 'node', 'bin', 'node'));
    setBuildAge(-60);
    const { stdout, status } = parzen(...OLDER);
    expect(stdout).toBe(`${join(root, 'src-main', 'cli', 'main.ts')} run iris\n`);
    expect(status).toBe(7);
  });

  it('says which Node it needs where there is no other', () => {
    setBuildAge(-60);
    const { stderr, status } = parzen(...OLDER);
    expect(stderr).toContain('Parzen needs Node 22.18 or newer');
    expect(status).toBe(1);
  });
});
