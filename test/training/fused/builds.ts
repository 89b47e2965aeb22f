import { readFileSync } from 'node:fs';
import type { DenseEngineOptions } from '../../../src-main/training/fused/dense-engine.ts';
import {
  kernelsOf,
  loadAddon,
  nativeBuild,
  type NativeKernels,
} from '../../../src-main/training/fused/native-kernels.ts';
import { denseWasmName } from '../../../src-main/training/fused/wasm-module.ts';

const folder = new URL('../../../src-main/training/fused/', import.meta.url);

export function readBuild(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(name, folder)));
}

const addon = nativeBuild();

/** What this processor has, called for the smallest products too. */
export const natives: NativeKernels[] = addon
  ? kernelsOf(loadAddon(addon)).map((kernels) => ({ ...kernels, leastWork: 0, leastBytes: 0 }))
  : [];

interface Build {
  name: string;
  runtime: Required<DenseEngineOptions>;
}

function withWasm(name: string, native: NativeKernels | null = null): Build {
  return {
    name: native ? `${name} and ${native.name}` : name,
    runtime: { module: new WebAssembly.Module(readBuild(name)), native },
  };
}

/** The plain build runs everywhere, the relaxed one where it is the default, native kernels with the relaxed one only. */
export const builds: Build[] = [
  ...natives.map((native) => withWasm('dense-relaxed.wasm', native)),
  ...[...new Set(['dense.wasm', denseWasmName()])].map((name) => withWasm(name)),
];
