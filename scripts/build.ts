import { join } from 'node:path';

import { isStale } from './build-age.js';
import { runInForeground } from './processes.ts';

const ROOT = join(import.meta.dirname, '..');
const SOURCES = [
  ...['src-main', 'src-renderer', 'resources'],
  ...['electron.vite.config.ts', 'package.json', 'package-lock.json'],
];
const OUTPUTS = [
  ...['desktop', 'server', 'cli', 'worker'].map((name) => `out/main/${name}.js`),
  ...['out/preload/preload.cjs', 'out/renderer/index.html', 'out/lib/tuner/index.js'],
];

/** Builds the app and the library unless `out/` is newer than every source. Returns whether there is a fresh build. */
export async function buildIfStale(): Promise<boolean> {
  const inRoot = (paths: string[]): string[] => paths.map((path) => join(ROOT, path));
  if (!isStale(inRoot(OUTPUTS), inRoot(SOURCES))) {
    return true;
  }
  console.log('Build      the sources are newer than out/: building');
  return (
    (await buildLibrary()) === 0 && (await electronVite(['build', '--logLevel', 'warn'])) === 0
  );
}

/** The tuner as other programs import it: plain JavaScript and its types. */
function buildLibrary(): Promise<number> {
  const script = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  return runInForeground(process.execPath, [script, '-p', 'tsconfig.lib.json'], { cwd: ROOT });
}

/** Runs electron-vite on this terminal and returns its exit code. */
export function electronVite(args: string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
  const script = join(ROOT, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  return runInForeground(process.execPath, [script, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
  });
}
