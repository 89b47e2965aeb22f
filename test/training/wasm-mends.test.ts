import { createRequire } from 'node:module';
import type { KernelConfig, NamedAttrMap, NamedTensorMap, Tensor } from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Tfjs } from '../../src-main/training/backends.ts';
import { mendWasm } from '../../src-main/training/wasm-mends.ts';

const load = createRequire(import.meta.url);
const tf = load('@tensorflow/tfjs-core') as Tfjs;

/** What the backend comes with, to be put back before each test of a mend's absence. */
let original: KernelConfig[];

beforeAll(async () => {
  load('@tensorflow/tfjs-backend-wasm');
  load('@tensorflow/tfjs-backend-cpu');
  tf.enableProdMode();
  await tf.setBackend('wasm');
  original = tf.getKernelsForBackend('wasm');
});

afterEach(() => {
  for (const { kernelName } of tf.getKernelsForBackend('wasm'))
    tf.unregisterKernel(kernelName, 'wasm');
  for (const kernel of original) tf.registerKernel(kernel);
});

function mend(): void {
  mendWasm(tf, () => tf.getKernelsForBackend('cpu'));
}

function numbers(shape: readonly number[], seed = 1): number[] {
  const size = shape.reduce((product, length) => product * length, 1);
  return Array.from({ length: size }, (_, i) => Math.sin(seed + 1.7 * i) - 0.8);
}

interface Input {
  shape: readonly number[];
  values?: number[];
  dtype?: 'int32';
}

/** Runs a kernel on a backend; inputs are made there from the same numbers. */
async function run(
  backend: 'wasm' | 'cpu',
  kernel: string,
  inputs: Record<string, Input> | Input[],
  attrs: NamedAttrMap,
): Promise<{ shape: number[]; values: number[] }> {
  await tf.setBackend(backend);
  return tf.tidy(() => {
    const tensors = Object.entries(inputs).map(
      ([name, { shape, values, dtype }], i) =>
        [name, tf.tensor(values ?? numbers(shape, i + 1), [...shape], dtype)] as const,
    );
    // Kernels of any number of inputs take them as an array.
    const named = Array.isArray(inputs)
      ? (tensors.map(([, tensor]) => tensor) as unknown as NamedTensorMap)
      : Object.fromEntries(tensors);
    const result = tf.engine().runKernel(kernel, named, attrs) as Tensor;
    return { shape: result.shape, values: [...result.dataSync()] };
  });
}

async function expectSameAsCpu(
  ...call: Parameters<typeof run> extends [unknown, ...infer Rest] ? Rest : never
) {
  const expected = await run('cpu', ...call);
  const given = await run('wasm', ...call);
  expect(given.shape).toEqual(expected.shape);
  given.values.forEach((value, i) => expect(value).toBeCloseTo(expected.values[i] as number, 4));
  expect(expected.values.some((value) => value !== 0)).toBe(true);
}

const image = { shape: [2, 5, 6, 3] };

describe('mendWasm', () => {
  describe('matrix products with transposed factors', () => {
    const cases = [
      { transposeA: true, transposeB: false, a: [4, 3], b: [4, 5] },
      { transposeA: false, transposeB: true, a: [3, 4], b: [5, 4] },
      { transposeA: true, transposeB: true, a: [4, 3], b: [5, 4] },
    ];

    const withBias = ({ a, b, ...flags }: (typeof cases)[number]) =>
      [
        '_FusedMatMul',
        { a: { shape: [1, ...a] }, b: { shape: [1, ...b] }, bias: { shape: [5] } },
        { ...flags, activation: 'relu' },
      ] as const;

    it('have the bias in the wrong places, without the mend', async () => {
      const call = withBias(cases[0] as (typeof cases)[number]);
      expect(await run('wasm', ...call)).not.toEqual(await run('cpu', ...call));
    });

    it.each(cases)("are the cpu's ($transposeA, $transposeB)", async (one) => {
      mend();
      const { a, b, ...flags } = one;
      const inputs = { a: { shape: [2, ...a] }, b: { shape: [2, ...b] } };
      await expectSameAsCpu('BatchMatMul', inputs, flags);
      await expectSameAsCpu(...withBias(one));
    });

    it.each(['BatchMatMul', '_FusedMatMul'])(
      'no longer reach the slow path of %s',
      async (kernelName) => {
        const seen: unknown[] = [];
        const kernel = tf.getKernel(kernelName, 'wasm');
        tf.unregisterKernel(kernelName, 'wasm');
        tf.registerKernel({
          ...kernel,
          kernelFunc: (call) => {
            seen.push([call.attrs?.transposeA, call.attrs?.transposeB]);
            return kernel.kernelFunc(call);
          },
        });
        mend();
        await run(
          'wasm',
          kernelName,
          { a: { shape: [1, 4, 3] }, b: { shape: [1, 5, 4] } },
          { transposeA: true, transposeB: true, activation: 'linear' },
        );
        expect(seen).toEqual([[false, false]]);
      },
    );

    it('leave nothing behind', async () => {
      mend();
      await tf.setBackend('wasm');
      const a = tf.tensor2d(numbers([3, 4]), [3, 4]);
      const before = tf.engine().backend.numDataIds();
      for (let i = 0; i < 10; i++) tf.matMul(a, a, false, true).dispose();
      expect(tf.engine().backend.numDataIds()).toBe(before);
      a.dispose();
    });
  });

  describe('the gradient of max pooling', () => {
    // All of the input is below 0, and so is every maximum.
    const negative = numbers(image.shape).map((x) => x - 1);
    const inputs = (outShape: number[]) => ({
      dy: { shape: outShape },
      input: { ...image, values: negative },
      output: { shape: outShape },
    });
    const attrs = { filterSize: [2, 2], strides: [2, 2], pad: 'valid' };

    it('goes astray where the maximum is not above 0, without the mend', async () => {
      const call = ['MaxPoolGrad', inputs([2, 2, 3, 3]), attrs] as const;
      expect(await run('wasm', ...call)).not.toEqual(await run('cpu', ...call));
    });

    it.each([
      { ...attrs, outShape: [2, 2, 3, 3] },
      { filterSize: [3, 2], strides: [2, 1], pad: 'same', outShape: [2, 3, 6, 3] },
    ])('reaches the maximum of every window ($pad)', async ({ outShape, ...given }) => {
      mend();
      await expectSameAsCpu('MaxPoolGrad', inputs(outShape), given);
    });
  });

  describe('the gradient of a convolution by its filter', () => {
    const filterShape = [3, 2, 3, 4];
    const cases = [
      { strides: [1, 1], pad: 'valid', outShape: [2, 3, 5, 4] },
      { strides: [2, 1], pad: 'same', outShape: [2, 3, 6, 4] },
      { strides: [2, 2], pad: 'valid', outShape: [2, 2, 3, 4] },
    ];
    const call = ({ strides, pad, outShape }: (typeof cases)[number]) =>
      [
        'Conv2DBackpropFilter',
        { x: image, dy: { shape: outShape } },
        { strides, pad, dataFormat: 'NHWC', filterShape },
      ] as const;

    it('is missing without the mend', async () => {
      await expect(run('wasm', ...call(cases[0] as (typeof cases)[number]))).rejects.toThrow(
        /not registered/,
      );
    });

    it.each(cases)("is that of the cpu's ($strides, $pad)", async (one) => {
      mend();
      await expectSameAsCpu(...call(one));
    });
  });

  describe('kernels borrowed from the cpu backend', () => {
    const calls = {
      DepthwiseConv2dNativeBackpropFilter: [
        { x: image, dy: { shape: [2, 3, 5, 6] } },
        { strides: [1, 1], dilations: [1, 1], pad: 'valid', filterShape: [3, 2, 3, 2] },
      ],
      DepthwiseConv2dNativeBackpropInput: [
        { dy: { shape: [2, 3, 5, 6] }, filter: { shape: [3, 2, 3, 2] } },
        { strides: [1, 1], dilations: [1, 1], pad: 'valid', inputShape: image.shape },
      ],
      UnsortedSegmentSum: [
        { x: { shape: [4, 3] }, segmentIds: { shape: [4], values: [1, 0, 1, 2], dtype: 'int32' } },
        { numSegments: 3 },
      ],
      Einsum: [[{ shape: [3, 4] }, { shape: [4, 5] }], { equation: 'ij,jk->ik' }],
    } satisfies Record<string, [Parameters<typeof run>[2], NamedAttrMap]>;

    describe.each(Object.entries(calls))('%s', (name, [inputs, attrs]) => {
      it('is missing without the mend', async () => {
        await expect(run('wasm', name, inputs, attrs)).rejects.toThrow(/not registered/);
      });

      it("is the cpu's, and leaves nothing behind", async () => {
        mend();
        await expectSameAsCpu(name, inputs, attrs);
        const before = [tf.engine().backend.numDataIds(), tf.findBackend('cpu').numDataIds()];
        await run('wasm', name, inputs, attrs);
        expect([tf.engine().backend.numDataIds(), tf.findBackend('cpu').numDataIds()]).toEqual(
          before,
        );
      });
    });
  });
});
