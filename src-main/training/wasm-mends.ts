/**
 * What tfjs-backend-wasm 4.22 needs before it trains well. Each mend replaces or adds a kernel of the backend "wasm" and has a
 * test that fails without it:
 *
 * - Matrix products with a transposed factor, which every gradient of a product has, take a slow path inside the backend that also
 *   adds the bias to the wrong places. Transposing first and multiplying then is right and about three times faster.
 * - `MaxPoolGrad` compares with 0 instead of with the smallest number, so the gradient of windows whose maximum is not above 0 goes
 *   to the first pixel.
 * - `Conv2DBackpropFilter` is missing, so convolutions cannot be trained. Here it is one matrix product, of the
 *   windows of the input (transposed) and the gradient of the output.
 * - Other kernels that gradients need are missing: they are borrowed from the cpu backend, tensors copied there and back.
 *
 * Known and left alone, because nothing here does it: `_FusedMatMul` of several products at once adds the bias to the wrong places too.
 */
import type { KernelConfig, TensorInfo, NamedTensorInfoMap } from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu/dist/backend_cpu.js';
import type { Tfjs } from './backends.ts';

/** Missing kernels of gradients (depthwise convolutions, gather, einsum), taken from the cpu backend. */
const borrowedKernels = [
  'DepthwiseConv2dNativeBackpropFilter',
  'DepthwiseConv2dNativeBackpropInput',
  'Einsum',
  'UnsortedSegmentSum',
];

type Attrs = NonNullable<Parameters<KernelConfig['kernelFunc']>[0]['attrs']>;

interface WasmCall {
  inputs: NamedTensorInfoMap;
  backend: BackendWasm;
  attrs: Attrs;
}

type WasmKernel = (call: WasmCall) => TensorInfo | TensorInfo[];

/**
 * Call it once, when the backend is ready.
 *
 * @param loadCpuKernels Loads the cpu backend; called when the first borrowed kernel runs.
 */
export function mendWasm(tf: Tfjs, loadCpuKernels: () => readonly KernelConfig[]): void {
  const transposeFirst = createTransposeFirst(tf);
  for (const name of ['BatchMatMul', '_FusedMatMul'])
    replaceKernel(tf, name, transposeFirst(kernelOf(tf, name)));
  replaceKernel(tf, 'MaxPoolGrad', createMaxPoolGrad(tf));
  replaceKernel(tf, 'Conv2DBackpropFilter', createConv2DBackpropFilter(tf));
  const known = new Set(tf.getKernelsForBackend('wasm').map(({ kernelName }) => kernelName));
  for (const name of borrowedKernels)
    if (!known.has(name)) replaceKernel(tf, name, createBorrowedKernel(tf, name, loadCpuKernels));
}

function kernelOf(tf: Tfjs, name: string): WasmKernel {
  return tf.getKernel(name, 'wasm').kernelFunc as unknown as WasmKernel;
}

function replaceKernel(tf: Tfjs, name: string, kernel: WasmKernel): void {
  const old: KernelConfig | undefined = tf.getKernel(name, 'wasm');
  if (old) tf.unregisterKernel(name, 'wasm');
  tf.registerKernel({
    ...old,
    kernelName: name,
    backendName: 'wasm',
    kernelFunc: kernel as unknown as KernelConfig['kernelFunc'],
  });
}

function createTransposeFirst(tf: Tfjs): (multiply: WasmKernel) => WasmKernel {
  const transpose = kernelOf(tf, 'Transpose');
  const swapLastTwo = (backend: BackendWasm, x: TensorInfo): TensorInfo => {
    const axes = x.shape.map((_, axis) => axis);
    const [row, column] = axes.splice(-2);
    return transpose({
      inputs: { x },
      backend,
      attrs: { perm: [...axes, column as number, row as number] },
    }) as TensorInfo;
  };
  return (multiply) =>
    ({ inputs, backend, attrs }) => {
      const flags = { a: attrs.transposeA, b: attrs.transposeB };
      const swapped: NamedTensorInfoMap = {};
      for (const side of ['a', 'b'] as const)
        if (flags[side]) swapped[side] = swapLastTwo(backend, inputs[side] as TensorInfo);
      const product = multiply({
        inputs: { ...inputs, ...swapped },
        backend,
        attrs: { ...attrs, transposeA: false, transposeB: false },
      });
      for (const { dataId } of Object.values(swapped) as TensorInfo[]) backend.disposeData(dataId);
      return product;
    };
}

interface PoolAttrs {
  filterSize: [number, number] | number;
  strides: [number, number] | number;
  pad: 'valid' | 'same' | number;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

function createMaxPoolGrad(tf: Tfjs): WasmKernel {
  return ({ inputs, backend, attrs }) => {
    const input = inputs.input as TensorInfo;
    const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as PoolAttrs;
    const info = tf.backend_util.computePool2DInfo(
      input.shape as [number, number, number, number],
      filterSize,
      strides,
      1,
      pad,
      dimRoundingMode,
    );
    const output = backend.makeOutput(input.shape, 'float32');
    // Views last: making the output may have moved the heap.
    const dx = backend.typedArrayFromHeap(output);
    const x = backend.typedArrayFromHeap(input);
    const dy = backend.typedArrayFromHeap(inputs.dy as TensorInfo);
    dx.fill(0);
    const { inHeight, inWidth, inChannels, outHeight, outWidth, strideHeight, strideWidth } = info;
    let at = 0;
    for (let b = 0; b < info.batchSize; b++)
      for (let outRow = 0; outRow < outHeight; outRow++) {
        const top = outRow * strideHeight - info.padInfo.top;
        const bottom = Math.min(inHeight, top + info.effectiveFilterHeight);
        for (let outColumn = 0; outColumn < outWidth; outColumn++) {
          const left = outColumn * strideWidth - info.padInfo.left;
          const right = Math.min(inWidth, left + info.effectiveFilterWidth);
          for (let channel = 0; channel < inChannels; channel++, at++) {
            let best = -1;
            let max = -Infinity;
            for (let row = Math.max(0, top); row < bottom; row++)
              for (let column = Math.max(0, left); column < right; column++) {
                const i = ((b * inHeight + row) * inWidth + column) * inChannels + channel;
                if ((x[i] as number) > max) {
                  max = x[i] as number;
                  best = i;
                }
              }
            if (best >= 0) dx[best] = (dx[best] as number) + (dy[at] as number);
          }
        }
      }
    return output;
  };
}

interface ConvAttrs {
  strides: [number, number] | number;
  pad: 'valid' | 'same' | number;
  dataFormat: 'NHWC' | 'NCHW';
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
  filterShape: [number, number, number, number];
}

function createConv2DBackpropFilter(tf: Tfjs): WasmKernel {
  const multiply = kernelOf(tf, 'BatchMatMul');
  return ({ inputs, backend, attrs }) => {
    const x = inputs.x as TensorInfo;
    const dy = inputs.dy as TensorInfo;
    const { strides, pad, dataFormat, dimRoundingMode, filterShape } =
      attrs as unknown as ConvAttrs;
    if (dataFormat === 'NCHW')
      throw new Error('Conv2DBackpropFilter on wasm takes images as NHWC only.');
    const info = tf.backend_util.computeConv2DInfo(
      x.shape as [number, number, number, number],
      filterShape,
      strides,
      1,
      pad,
      dimRoundingMode,
    );
    const { inHeight, inWidth, inChannels, outHeight, outWidth } = info;
    const nPositions = info.batchSize * outHeight * outWidth;
    const nTaps = info.filterHeight * info.filterWidth * inChannels;
    // windows: one row per tap of the filter, one column per position of the output.
    const windows = backend.makeOutput([nTaps, nPositions], 'float32');
    const into = backend.typedArrayFromHeap(windows);
    const from = backend.typedArrayFromHeap(x);
    into.fill(0);
    let tapStart = 0;
    for (let filterRow = 0; filterRow < info.filterHeight; filterRow++)
      for (let filterColumn = 0; filterColumn < info.filterWidth; filterColumn++)
        for (let channel = 0; channel < inChannels; channel++, tapStart += nPositions)
          for (let b = 0; b < info.batchSize; b++)
            for (let outRow = 0; outRow < outHeight; outRow++) {
              const row = outRow * info.strideHeight + filterRow - info.padInfo.top;
              if (row < 0 || row >= inHeight) continue;
              const rowStart = (b * inHeight + row) * inWidth;
              const position = tapStart + (b * outHeight + outRow) * outWidth;
              for (let outColumn = 0; outColumn < outWidth; outColumn++) {
                const column = outColumn * info.strideWidth + filterColumn - info.padInfo.left;
                if (column >= 0 && column < inWidth)
                  into[position + outColumn] = from[
                    (rowStart + column) * inChannels + channel
                  ] as number;
              }
            }
    const product = multiply({
      inputs: { a: windows, b: { ...dy, shape: [nPositions, info.outChannels] } },
      backend,
      attrs: { transposeA: false, transposeB: false },
    }) as TensorInfo;
    backend.disposeData(windows.dataId);
    return { ...product, shape: filterShape };
  };
}

function createBorrowedKernel(
  tf: Tfjs,
  name: string,
  loadCpuKernels: () => readonly KernelConfig[],
): WasmKernel {
  return ({ inputs, backend, attrs }) => {
    const kernel = loadCpuKernels().find(({ kernelName }) => kernelName === name) as KernelConfig;
    const cpu = tf.findBackend('cpu') as MathBackendCPU;
    const toCpu = ({ shape, dtype, dataId }: TensorInfo): TensorInfo =>
      cpu.makeTensorInfo(shape, dtype, backend.readSync(dataId) as Float32Array);
    const toWasm = (info: TensorInfo): TensorInfo => {
      const { shape, dtype, dataId } = info;
      const values = cpu.readSync(dataId);
      cpu.disposeIntermediateTensorInfo(info);
      return backend.makeOutput(shape, dtype, undefined, values);
    };
    // Kernels with a list of inputs get them as an array in place of the map.
    const copies = Object.entries(inputs).map(
      ([key, info]) => [key, toCpu(info as TensorInfo)] as const,
    );
    const cpuInputs = Array.isArray(inputs)
      ? copies.map(([, info]) => info)
      : Object.fromEntries(copies);
    const result = kernel.kernelFunc({
      inputs: cpuInputs as NamedTensorInfoMap,
      backend: cpu,
      attrs,
    });
    for (const [, info] of copies) cpu.disposeIntermediateTensorInfo(info);
    return Array.isArray(result) ? result.map(toWasm) : toWasm(result);
  };
}
