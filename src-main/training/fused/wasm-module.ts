import { readFileSync } from 'node:fs';
import { findBuild } from './find-build.ts';
import type { NativeKernels } from './native-kernels.ts';

/** What `assembly/index.ts` exports. Addresses are byte offsets into `memory`. */
export interface DenseExports {
  memory: WebAssembly.Memory;
  heapBase(): number;
  defineNetwork(
    layers: number,
    nLayers: number,
    inputPanels: number,
    gradientPanels: number,
    otherGradientPanels: number,
    transposed: number,
    results: number,
  ): void;
  defineParameters(
    parameters: number,
    parameterBytes: number,
    gradients: number,
    firstMoments: number,
    secondMoments: number,
    l1: number,
    clipNorm: number,
  ): void;
  defineLoss(
    kind: number,
    outputs: number,
    parameter: number,
    labelSmoothing: number,
    classWeights: number,
    classMask: number,
    hasClassWeights: number,
  ): void;
  defineOptimizer(
    kind: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    momentum: number,
    nesterov: number,
    weightDecay: number,
    decay: number,
  ): void;
  trainEpoch(
    set: number,
    order: number,
    nRows: number,
    batchSize: number,
    learningRates: number,
    seed: number,
    epoch: number,
  ): void;
  evaluate(set: number, order: number, nRows: number, outputs: number): void;
  predict(set: number, nRows: number, outputs: number): void;
  useNative(base: number, leastWork: number, leastBytes: number): void;
  multiplyAddLoop(turns: number, first: number, second: number): number;
}

/** A function that multiplies and adds in one relaxed SIMD instruction: valid where those are known. */
const RELAXED_SIMD_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 1, 96, 3, 123, 123, 123, 1, 123, 3, 2, 1, 0, 10, 13, 1, 11, 0,
  32, 0, 32, 1, 32, 2, 253, 133, 2, 11,
]);

/**
 * The build for this runtime. The relaxed one multiplies and adds with a single rounding where the processor can;
 * its results differ from the plain one's by rounding, and between processors for the same reason. On one machine
 * they are always the same.
 */
export function denseWasmName(): string {
  return WebAssembly.validate(RELAXED_SIMD_PROBE) ? 'dense-relaxed.wasm' : 'dense.wasm';
}

function findWasm(name: string): URL {
  const found = findBuild(name);
  if (found) return found;
  throw new Error(
    `The fused training engine needs ${name}, but it is not beside this program. Install Parzen anew.`,
  );
}

let shared: WebAssembly.Module | undefined;

/** Compiled once per process: all engines share the code, also once it is optimised. */
export function defaultDenseModule(): WebAssembly.Module {
  shared ??= new WebAssembly.Module(readFileSync(findWasm(denseWasmName())));
  return shared;
}

/** Nothing calls them as long as `useNative` was not called. */
const NO_FUNCTIONS: NativeKernels['functions'] = {
  forward() {},
  inputGradient() {},
  layerGradient() {},
  update() {},
};

export function instantiateDense(
  module: WebAssembly.Module,
  native: NativeKernels | null = null,
): DenseExports {
  const imports = { native: native?.functions ?? NO_FUNCTIONS };
  return new WebAssembly.Instance(module, imports).exports as unknown as DenseExports;
}
