import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findOnPath } from '../../../scripts/processes.ts';
import type { DenseConfig, DenseOptimizer } from '../../../src-main/training/fused/dense-config.ts';
import { createDenseEngine } from '../../../src-main/training/fused/dense-engine.ts';
import { buildNative, hashSources } from '../../../src-main/training/fused/native/build.ts';
import {
  kernelsOf,
  loadAddon,
  nativeBuild,
  type NativeKernels,
} from '../../../src-main/training/fused/native-kernels.ts';
import {
  agreesWithWasm,
  chooseNative,
  provenNative,
} from '../../../src-main/training/fused/proven-native.ts';
import { natives } from './builds.ts';

const build = nativeBuild();
const canCompile = build !== undefined && findOnPath(process.env.CC ?? 'cc') !== undefined;

const OPTIMIZERS: DenseOptimizer[] = [
  { kind: 'sgd', weightDecay: 0.01 },
  { kind: 'sgd', momentum: 0.9 },
  { kind: 'sgd', momentum: 0.8, nesterov: true },
  { kind: 'adam', weightDecay: 1e-4 },
  { kind: 'adamw' },
  { kind: 'rmsprop', weightDecay: 0.01 },
  { kind: 'rmsprop', momentum: 0.5 },
  { kind: 'adagrad', learningRateDecay: 0.1, weightDecay: 0.01 },
  { kind: 'nadam', weightDecay: 0.01 },
];

interface Case {
  config: DenseConfig;
  nRows: number;
  batchSize: number;
  /** The inputs fade from one to the next until they are nothing, and have no weights at first. */
  fades?: boolean;
}

function spread(length: number, size: number, phase: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length }, (_, i) => size * Math.sin(phase + 1.3 * i + 0.01 * i * i));
}

/** Weights, outputs and losses after two epochs. */
function train(
  { config, nRows, batchSize, fades = false }: Case,
  native: NativeKernels | null,
  grow = false,
): Buffer {
  const engine = createDenseEngine(config, { native });
  const widths = [config.nInputs, ...config.hidden.map(({ units }) => units), config.nOutputs];
  engine.setWeights(
    widths.slice(1).map((nOutputs, i) => ({
      kernel: spread(widths[i]! * nOutputs, fades && i === 0 ? 0 : 1 / Math.sqrt(widths[i]!), i),
      bias: spread(nOutputs, 0.2, i),
    })),
  );
  const features = spread(nRows * config.nInputs, 1.5, 0.4).map((value, i) =>
    fades ? value * 10 ** (-0.3 * (i % config.nInputs)) : value,
  );
  const targets = Int32Array.from({ length: nRows }, (_, i) => (i * 5) % config.nOutputs);
  engine.setTrain({ features, targets });
  const order = Int32Array.from({ length: nRows }, (_, i) => (i * 7) % nRows);
  const losses = [0, 1].map((epoch) => {
    // Each time more rows than before: they need new memory.
    if (grow) engine.predict(spread(2048 * (epoch + 1) * config.nInputs, 1, epoch));
    return engine.trainEpoch({ order, batchSize, learningRate: 0.01, seed: 3, epoch }).loss;
  });
  const { outputs } = engine.evaluate('train', { withOutputs: true });
  const weights = engine.getWeights().flatMap(({ kernel, bias }) => [kernel, bias]);
  engine.dispose();
  return Buffer.concat(
    [Float64Array.from(losses), outputs!, ...weights].map(
      ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
    ),
  );
}

const arbitraryCase: fc.Arbitrary<Case> = fc
  .record({
    nInputs: fc.integer({ min: 1, max: 300 }),
    hidden: fc.array(
      fc.record({
        units: fc.integer({ min: 1, max: 300 }),
        activation: fc.constantFrom('relu' as const, 'gelu' as const),
        dropout: fc.constantFrom(0, 0.3),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    nOutputs: fc.integer({ min: 2, max: 70 }),
    optimizer: fc.constantFrom(...OPTIMIZERS),
    l1: fc.constantFrom(0, 0.001),
    clipNorm: fc.constantFrom(0, 0.5),
    nRows: fc.integer({ min: 1, max: 200 }),
    batchSize: fc.integer({ min: 1, max: 200 }),
  })
  .map(({ nRows, batchSize, ...config }) => ({
    config: { ...config, loss: { kind: 'crossEntropy' } },
    nRows,
    batchSize,
  }));

const wide: Case = {
  config: {
    nInputs: 20,
    hidden: [
      { units: 520, activation: 'relu' },
      { units: 48, activation: 'tanh' },
    ],
    nOutputs: 33,
    loss: { kind: 'crossEntropy' },
    optimizer: { kind: 'adam' },
  },
  nRows: 140,
  batchSize: 60,
};

describe.each(natives)('native kernels: $name', (native) => {
  it('end with the same bits as WebAssembly on any network', () => {
    fc.assert(
      fc.property(arbitraryCase, (one) => {
        expect(train(one, native).equals(train(one, null))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it.each(OPTIMIZERS)('take the same steps as WebAssembly: %j', (optimizer) => {
    const one = { ...wide, config: { ...wide.config, optimizer } };
    expect(train(one, native).equals(train(one, null))).toBe(true);
  });

  it.each<DenseOptimizer>([
    { kind: 'sgd', momentum: 0.9 },
    { kind: 'adam', epsilon: 1e-30, beta1: 1e-20 },
    { kind: 'adamw', epsilon: 1e-30 },
    { kind: 'rmsprop', epsilon: 1e-30 },
    { kind: 'rmsprop', epsilon: 1e20, momentum: 0.9 },
    { kind: 'nadam', epsilon: 1e-30, beta1: 1e-20 },
  ])('take for zero what WebAssembly does: %j', (optimizer) => {
    const { config } = wide;
    const one = { ...wide, config: { ...config, nInputs: 160, optimizer }, fades: true };
    expect(train(one, native).equals(train(one, null))).toBe(true);
  });

  it('find the memory again after it has grown', () => {
    expect(train(wide, native, true).equals(train(wide, null))).toBe(true);
  });

  it('are called for products that are worth it, and no others', () => {
    let nCalls = 0;
    const counted = {
      ...native,
      functions: {
        ...native.functions,
        forward: (...args: number[]) => {
          nCalls++;
          native.functions.forward(...args);
        },
      },
    };
    const small = {
      ...wide,
      config: { ...wide.config, nInputs: 4, hidden: [{ units: 16, activation: 'relu' as const }] },
    };
    train(small, { ...counted, leastWork: 4 * 16 * 60 + 1 });
    // The hidden layer is too small, the output layer is not.
    const before = nCalls;
    expect(before).toBeGreaterThan(0);
    train(small, { ...counted, leastWork: 4 * 16 * 60 });
    expect(nCalls - before).toBeGreaterThan(before);
  });
});

describe.skipIf(build === undefined)('the build that is checked in', () => {
  it('was made from the sources that are checked in', () => {
    expect(loadAddon(build!).sources).toBe(hashSources());
  });

  it('is chosen where it agrees with WebAssembly', () => {
    const [fastest] = natives;
    const { kernels, description } = provenNative();
    expect(kernels?.name).toBe(fastest?.name);
    expect(description).toMatch(fastest ? /^AVX/ : /no AVX2/);
  });
});

describe('where native kernels cannot be had', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'parzen-native-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

  it('WebAssembly does all, and the reason is told', () => {
    expect(chooseNative(undefined)).toEqual({
      kernels: null,
      description: `WebAssembly SIMD (no native kernels for ${process.platform}-${process.arch})`,
    });
    const broken = join(folder, 'broken.node');
    writeFileSync(broken, 'not a library');
    const { kernels, description } = chooseNative(pathToFileURL(broken));
    expect(kernels).toBeNull();
    expect(description).toMatch(/^WebAssembly SIMD \(the native kernels do not load: /);
  });

  it.skipIf(natives.length === 0)('kernels that compute something else are found out', () => {
    const native = natives[0]!;
    expect(agreesWithWasm(native)).toBe(true);
    for (const name of ['forward', 'inputGradient', 'layerGradient', 'update'] as const) {
      const functions = { ...native.functions, [name]: () => {} };
      expect(agreesWithWasm({ ...native, functions }), name).toBe(false);
    }
  });

  it.skipIf(!canCompile)('a fresh build does what the one checked in does', () => {
    const fresh = join(folder, 'fresh.node');
    buildNative(fresh);
    const kernels = kernelsOf(loadAddon(pathToFileURL(fresh)));
    expect(kernels.map(({ name }) => name)).toEqual(natives.map(({ name }) => name));
    for (const native of kernels) {
      const always = { ...native, leastWork: 0, leastBytes: 0 };
      expect(train(wide, always).equals(train(wide, null))).toBe(true);
    }
  });
});
