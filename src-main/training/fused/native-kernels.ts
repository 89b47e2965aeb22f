import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { findBuild } from './find-build.ts';

/** The functions that `assembly/native.ts` imports. */
type NativeFunctions = Record<
  'forward' | 'inputGradient' | 'layerGradient' | 'update',
  (...args: number[]) => void
>;

/** The matrix products with registers wider than those of WebAssembly, see `native/`. */
export interface NativeKernels {
  readonly name: 'avx512' | 'avx2';
  readonly functions: NativeFunctions;
  /** From so many multiply-adds on, and so many bytes of weights, a call from WebAssembly is worth its cost. */
  readonly leastWork: number;
  readonly leastBytes: number;
  /** Where a buffer is, for the functions' first argument. */
  addressOf(buffer: ArrayBuffer): number;
  /** Operations of a loop of multiply-adds in registers, to measure the limit of the processor. */
  multiplyAddLoop(turns: number): number;
}

interface Addon {
  /** SHA-256 of what it was compiled from, as `native/build.ts` makes it. */
  readonly sources: string;
  readonly addressOf: NativeKernels['addressOf'];
  /** What this processor has. */
  readonly avx512?: AddonKernels;
  readonly avx2?: AddonKernels;
}

interface AddonKernels extends NativeFunctions {
  multiplyAddLoop(base: number, turns: number): number;
  /** Multiply-adds a turn. */
  readonly loopSize: number;
}

/** A call takes some 50 ns; below this it did not pay in networks from [16] to [128, 64]. */
const LEAST_WORK = 8192;
const LEAST_BYTES = 2048;

/** The checked-in build for this platform; undefined where there is none. */
export function nativeBuild(): URL | undefined {
  return findBuild(`dense-${process.platform}-${process.arch}.node`);
}

/** @throws Error when the system refuses the file. */
export function loadAddon(build: URL): Addon {
  return createRequire(import.meta.url)(fileURLToPath(build)) as Addon;
}

/** What the addon offers on this processor, the fastest first. */
export function kernelsOf(addon: Addon): NativeKernels[] {
  return (['avx512', 'avx2'] as const).flatMap((name) => {
    const functions = addon[name];
    if (!functions) return [];
    return {
      name,
      functions,
      leastWork: LEAST_WORK,
      leastBytes: LEAST_BYTES,
      addressOf: addon.addressOf,
      multiplyAddLoop: (turns) => {
        functions.multiplyAddLoop(0, turns);
        return turns * functions.loopSize * 2;
      },
    };
  });
}
