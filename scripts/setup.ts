/**
 * `npm run setup [-- --force]`: gets what npm cannot install where some downloads are blocked: the
 * Electron runtime and native TensorFlow. Everything is cached, and nothing here can fail the rest.
 */
import { parseArgs } from 'node:util';

import { setUpElectron } from './electron-runtime.ts';
import { setUpTensorflow } from './native-tensorflow.ts';

export interface SetUpOptions {
  /** `'cached'` takes native TensorFlow only if it is there already; `'build'` gets it. */
  readonly tensorflow: 'cached' | 'build';
  /** Tries again what failed less than a day ago. */
  readonly force?: boolean;
  /** How long getting native TensorFlow may take. */
  readonly limitMs?: number;
}

/** Gets the runtimes and prints one line for each: what was taken, and why. */
export async function setUp({ tensorflow, force, limitMs }: SetUpOptions): Promise<void> {
  const parts: [name: string, setUpPart: () => Promise<string>][] = [
    ['Electron', () => setUpElectron({ force })],
    ['TensorFlow', () => setUpTensorflow({ build: tensorflow === 'build', force, limitMs })],
  ];
  for (const [name, setUpPart] of parts) {
    const line = await setUpPart().catch((error: Error) => `none: ${error.message}`);
    console.log(`${name.padEnd(10)} ${line}`);
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { force: { type: 'boolean', default: false } } });
  await setUp({ tensorflow: 'build', force: values.force });
}
