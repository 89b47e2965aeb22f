import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { isStale } from '../../scripts/build-age.js';
import { findElectron, setUpElectron } from '../../scripts/electron-runtime.ts';
import {
  noteFailure,
  noteRuntime,
  recentFailure,
  verifyIntegrity,
} from '../../scripts/setup-cache.ts';
import { readRuntimes, runtimesFile } from '../../src-main/runtimes.ts';

const ROOT = join(import.meta.dirname, '..', '..');

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parzen-setup-'));
  vi.stubEnv('PARZEN_CACHE_DIR', join(folder, 'cache'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

describe('the notes of set-up', () => {
  it('are empty before set-up ran', () => {
    expect(readRuntimes()).toEqual({});
  });

  it('are empty when they cannot be read', () => {
    mkdirSync(join(folder, 'cache'));
    writeFileSync(runtimesFile(), '{ "electron": ');
    expect(readRuntimes()).toEqual({});
  });

  it('keep each runtime, and forget one whose folder has gone', () => {
    const electron = { distPath: join(folder, 'electron'), version: '42.0.0', source: 'a repack' };
    const tensorflow = { packageDir: join(folder, 'tf'), version: '4.22.0', source: 'built' };
    mkdirSync(electron.distPath);
    mkdirSync(tensorflow.packageDir);
    noteRuntime({ electron });
    noteRuntime({ tensorflow });
    expect(readRuntimes()).toEqual({ electron, tensorflow });

    rmSync(electron.distPath, { recursive: true });
    expect(readRuntimes()).toEqual({ tensorflow });
  });

  it('remember a failure for a day and for that version only', () => {
    noteFailure('electron', '45.4.1', 'blocked');
    expect(recentFailure('electron', '45.4.1')).toBe('blocked');
    expect(recentFailure('electron', '45.4.2')).toBeUndefined();
    expect(recentFailure('tensorflow', '45.4.1')).toBeUndefined();

    vi.useFakeTimers({ now: Date.now() + 25 * 60 * 60 * 1000 });
    expect(recentFailure('electron', '45.4.1')).toBeUndefined();
    vi.useRealTimers();
  });
});

describe('setUpElectron', () => {
  it("takes the user's own Electron and downloads nothing", async () => {
    writeFileSync(join(folder, process.platform === 'win32' ? 'electron.exe' : 'electron'), '');
    writeFileSync(join(folder, 'version'), '45.1.2');
    vi.stubEnv('ELECTRON_OVERRIDE_DIST_PATH', folder);
    expect(await setUpElectron()).toBe(
      `${folder}, as ELECTRON_OVERRIDE_DIST_PATH says, version 45.1.2`,
    );
    expect(readRuntimes()).toEqual({});
  });

  it("says when the user's own Electron is not there", async () => {
    vi.stubEnv('ELECTRON_OVERRIDE_DIST_PATH', join(folder, 'nothing'));
    expect(await setUpElectron()).toContain('but no Electron is there');
    expect(findElectron()).toBeUndefined();
  });
});

describe('verifyIntegrity', () => {
  it('accepts the right checksum and no other', () => {
    const file = join(folder, 'file');
    writeFileSync(file, 'abc');
    // The SHA-512 of "abc", from FIPS 180-2.
    const right =
      'sha512-3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw==';
    expect(() => verifyIntegrity(file, right)).not.toThrow();
    writeFileSync(file, 'abd');
    expect(() => verifyIntegrity(file, right)).toThrow('sha512 checksum');
  });
});

describe('isStale', () => {
  it('compares the oldest output with the newest source, at any depth', () => {
    const source = join(folder, 'src', 'deep', 'a.ts');
    const outputs = [join(folder, 'one.js'), join(folder, 'two.js')];
    mkdirSync(join(folder, 'src', 'deep'), { recursive: true });
    for (const file of [source, ...outputs]) {
      writeFileSync(file, '');
    }
    const setTime = (path: string, seconds: number): void => utimesSync(path, seconds, seconds);
    for (const path of [join(folder, 'src'), join(folder, 'src', 'deep'), source]) {
      setTime(path, 1000);
    }
    outputs.forEach((output, index) => setTime(output, 2000 + index));
    expect(isStale(outputs, [join(folder, 'src')])).toBe(false);

    setTime(source, 2000.5);
    expect(isStale(outputs, [join(folder, 'src')])).toBe(true);

    setTime(source, 1000);
    rmSync(outputs[1] as string);
    expect(isStale(outputs, [join(folder, 'src')])).toBe(true);
  });
});

describe('the locked packages of the native TensorFlow build', () => {
  it('are of the version that the app asks for', () => {
    const read = (path: string): { [key: string]: Record<string, string> } =>
      JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
    const name = '@tensorflow/tfjs-node';
    const wanted = read('package.json').optionalDependencies?.[name];
    expect(read('scripts/native-tensorflow/package.json').dependencies?.[name]).toBe(wanted);
    expect(readFileSync(join(ROOT, 'scripts', 'native-tensorflow.ts'), 'utf8')).toContain(
      `const TFJS_NODE = '${wanted}'`,
    );
  });
});
