import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * What `npm run setup` put into the per-user cache because the official download was not to be had.
 * An official Electron or tfjs-node lives in `node_modules` and is not listed here.
 */
export interface Runtimes {
  /** A value for `ELECTRON_OVERRIDE_DIST_PATH`: the folder that holds the executable. */
  readonly electron?: {
    readonly distPath: string;
    readonly version: string;
    readonly source: string;
  };
  /** `require(packageDir)` gives tfjs-node with a working addon (on Node, not inside Electron). */
  readonly tensorflow?: {
    readonly packageDir: string;
    readonly version: string;
    readonly source: string;
  };
}

/** The per-user cache folder, `PARZEN_CACHE_DIR` when that is set. It may not exist yet. */
export function cacheDir(): string {
  const { PARZEN_CACHE_DIR, XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (PARZEN_CACHE_DIR) {
    return resolve(PARZEN_CACHE_DIR);
  }
  switch (process.platform) {
    case 'darwin':
      return join(homedir(), 'Library', 'Caches', 'parzen');
    case 'win32':
      return join(LOCALAPPDATA || join(homedir(), 'AppData', 'Local'), 'parzen', 'Cache');
    default:
      return join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'parzen');
  }
}

/** The file in which set-up notes what it installed. */
export function runtimesFile(): string {
  return join(cacheDir(), 'runtimes.json');
}

/** What set-up installed and is still there; empty when it never ran or its notes cannot be read. */
export function readRuntimes(): Runtimes {
  let noted: Runtimes;
  try {
    noted = JSON.parse(readFileSync(runtimesFile(), 'utf8')) as Runtimes;
  } catch {
    return {};
  }
  return {
    ...(noted.electron && existsSync(noted.electron.distPath) ? { electron: noted.electron } : {}),
    ...(noted.tensorflow && existsSync(noted.tensorflow.packageDir)
      ? { tensorflow: noted.tensorflow }
      : {}),
  };
}
