import { readFileSync } from 'node:fs';
import { denseWasmName } from '../../../src-main/training/fused/wasm-module.ts';

const folder = new URL('../../../src-main/training/fused/', import.meta.url);

export function readBuild(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(name, folder)));
}

/** The plain build runs everywhere, the relaxed one where it is the default. */
export const builds = [...new Set(['dense.wasm', denseWasmName()])].map((name) => ({
  name,
  module: new WebAssembly.Module(readBuild(name)),
}));
