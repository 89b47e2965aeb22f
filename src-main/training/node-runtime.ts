import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheDir } from '../runtimes.ts';

/** A program that runs JavaScript as Node does. */
export interface NodeRuntime {
  readonly execPath: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Training runs on plain Node: Electron's V8 refuses what native addons such as tfjs-node need. In order: the Node that runs this
 * process, the one that the npm package `node` installed, and Electron made to act as Node.
 */
export function findNodeRuntime(): NodeRuntime {
  const isElectron = process.versions.electron !== undefined;
  if (!isElectron && isAtLeast(process.versions.node, 22, 12))
    return { execPath: process.execPath, env: {} };
  const installed = findInstalledNode();
  if (installed) return { execPath: installed, env: {} };
  return { execPath: process.execPath, env: isElectron ? { ELECTRON_RUN_AS_NODE: '1' } : {} };
}

function findInstalledNode(): string | null {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve('node/package.json'));
    const path = unpacked(join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node'));
    return existsSync(path) ? path : null;
  } catch {
    return null;
  }
}

function isAtLeast(version: string, major: number, minor: number): boolean {
  const [a = 0, b = 0] = version.split('.').map(Number);
  return a > major || (a === major && b >= minor);
}

/**
 * The program of a training child, or another that runs beside this one: in the sources when run from source, beside the bundle when built.
 *
 * @param folder Of the source, below this one.
 */
export function workerEntry(name = 'worker', folder = ''): string {
  const here = fileURLToPath(import.meta.url);
  if (here.endsWith('.ts')) return join(dirname(here), folder, `${name}.ts`);
  const candidates = [dirname(here), dirname(dirname(here))].map((parent) =>
    unpacked(join(parent, `${name}.js`)),
  );
  const found = candidates.find((path) => existsSync(path));
  if (!found) throw new Error(`The program ${name} was not found: ${candidates.join(', ')}.`);
  return found;
}

/** Plain Node cannot look into Electron's archive; what it needs is packed beside it. */
function unpacked(path: string): string {
  const beside = path.replace(/app\.asar(?=[\\/])/, 'app.asar.unpacked');
  return existsSync(beside) ? beside : path;
}

/** Where children keep their compiled code: the next one starts in a tenth of the time, and most of all from source. */
export function compileCacheDir(): string {
  return process.env.NODE_COMPILE_CACHE ?? join(cacheDir(), 'compile-cache');
}

/** Keeps the threads of native libraries times the jobs within the machine's cores. */
export function threadLimits(jobs: number): Record<string, string> {
  const nThreads = String(Math.max(1, Math.floor(availableParallelism() / jobs)));
  return {
    OMP_NUM_THREADS: nThreads,
    OPENBLAS_NUM_THREADS: nThreads,
    MKL_NUM_THREADS: nThreads,
    NUMEXPR_NUM_THREADS: nThreads,
    TF_NUM_INTRAOP_THREADS: nThreads,
    TF_NUM_INTEROP_THREADS: '1',
    TF_CPP_MIN_LOG_LEVEL: '2',
  };
}
