import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import util from 'node:util';
import type { KernelConfig } from '@tensorflow/tfjs-core';
import { readRuntimes } from '../runtimes.ts';
import { BackendError, messageOf } from './errors.ts';
import type { BackendName } from './vocabulary.ts';

/** tfjs itself, loaded only where a network needs it. */
export type Tfjs = typeof import('@tensorflow/tfjs-core');

export interface LoadedBackend {
  readonly name: BackendName;
  readonly tf: Tfjs;
}

const load = createRequire(import.meta.url);
const loaded = new Map<BackendName, Promise<LoadedBackend>>();

/**
 * Loads a backend once per process, makes it tfjs's current one and lets it prove itself on a small matrix product, its gradient and reading back.
 *
 * @throws BackendError when it cannot be had here; the message says why.
 */
export async function loadBackend(name: BackendName): Promise<LoadedBackend> {
  let loading = loaded.get(name);
  if (!loading) loaded.set(name, (loading = startBackend(name)));
  const backend = await loading;
  await backend.tf.setBackend(tfjsName(name));
  return backend;
}

/** That it also works only loading can tell. */
export function isNativeTensorFlowInstalled(): boolean {
  return findNativeTensorFlow() !== null;
}

/** What tfjs calls it. */
export function tfjsName(name: BackendName): string {
  return name === 'tfjs-node' ? 'tensorflow' : name;
}

async function startBackend(name: BackendName): Promise<LoadedBackend> {
  try {
    const tf = await initializers[name]();
    // Without its checks of every tensor's data and its banner.
    tf.enableProdMode();
    if (!(await tf.setBackend(tfjsName(name)))) throw new Error('tfjs did not accept it.');
    await tf.ready();
    checkBackend(tf);
    return { name, tf };
  } catch (error) {
    throw new BackendError(`The backend "${name}" is not available: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

const initializers: Record<BackendName, () => Promise<Tfjs>> = {
  'tfjs-node': async () => {
    const folder = findNativeTensorFlow();
    if (folder === null)
      throw new Error('native TensorFlow is not installed. `npm run setup` tries to.');
    restoreRemovedUtils();
    // The package brings its own copy of tfjs; kernels and engine must come from the same one.
    return load(folder) as Tfjs;
  },
  wasm: async () => {
    const tf = load('@tensorflow/tfjs-core') as Tfjs;
    const wasm = load('@tensorflow/tfjs-backend-wasm') as {
      setWasmPaths(prefix: string): void;
    };
    wasm.setWasmPaths(dirname(load.resolve('@tensorflow/tfjs-backend-wasm')) + sep);
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
    await tf.setBackend('wasm');
    await tf.ready();
    const { mendWasm } = await import('./wasm-mends.ts');
    mendWasm(tf, () => loadCpuKernels(tf));
    return tf;
  },
  cpu: async () => {
    const tf = load('@tensorflow/tfjs-core') as Tfjs;
    load('@tensorflow/tfjs-backend-cpu');
    return tf;
  },
};

function loadCpuKernels(tf: Tfjs): KernelConfig[] {
  load('@tensorflow/tfjs-backend-cpu');
  return tf.getKernelsForBackend('cpu');
}

/** The folder to load tfjs-node from: `node_modules` when its own install step got the addon, else what set-up built. */
function findNativeTensorFlow(): string | null {
  try {
    const folder = dirname(load.resolve('@tensorflow/tfjs-node/package.json'));
    if (existsSync(join(folder, 'lib'))) return folder;
  } catch {
    // Optional, and not installed.
  }
  return readRuntimes().tensorflow?.packageDir ?? null;
}

/** tfjs-node 4.22 calls type checks of `node:util` that Node 23 removed. */
function restoreRemovedUtils(): void {
  const removed: Record<string, (value: unknown) => boolean> = {
    isNullOrUndefined: (value) => value === null || value === undefined,
    isArray: Array.isArray,
    isString: (value) => typeof value === 'string',
    isNumber: (value) => typeof value === 'number',
    isBoolean: (value) => typeof value === 'boolean',
    isFunction: (value) => typeof value === 'function',
    isObject: (value) => typeof value === 'object' && value !== null,
  };
  for (const [name, check] of Object.entries(removed))
    if (!(name in util)) Object.defineProperty(util, name, { value: check, configurable: true });
}

/** A matrix product, its gradient by the first factor and reading back, against numbers known beforehand. */
function checkBackend(tf: Tfjs): void {
  tf.tidy(() => {
    const a = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const b = tf.tensor2d([5, 6, 7, 8], [2, 2]);
    const product = String(tf.matMul(a, b).dataSync());
    const gradient = String(tf.matMul(tf.onesLike(a), b, false, true).dataSync());
    if (product !== '19,22,43,50' || gradient !== '11,15,11,15')
      throw new Error(
        `its self-test gave the matrix product ${product} and the gradient ${gradient} instead of 19,22,43,50 and 11,15,11,15.`,
      );
  });
}
