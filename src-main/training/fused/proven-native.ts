import { messageOf } from '../errors.ts';
import type { DenseConfig } from './dense-config.ts';
import { createDenseEngine } from './dense-engine.ts';
import { kernelsOf, loadAddon, nativeBuild, type NativeKernels } from './native-kernels.ts';
import { denseWasmName } from './wasm-module.ts';

export interface NativeChoice {
  /** null: WebAssembly does all. */
  readonly kernels: NativeKernels | null;
  /** What does the matrix products, and why not native kernels; the middle of a sentence for the user. */
  readonly description: string;
}

let choice: NativeChoice | undefined;

/** The fastest kernels that compute bit by bit what WebAssembly does here. They prove it once per process. */
export function provenNative(): NativeChoice {
  return (choice ??= chooseNative(nativeBuild()));
}

/** @param build The addon; undefined where there is none for this platform. */
export function chooseNative(build: URL | undefined): NativeChoice {
  const only = (why: string): NativeChoice => ({
    kernels: null,
    description: `WebAssembly SIMD (${why})`,
  });
  if (!build) return only(`no native kernels for ${process.platform}-${process.arch}`);
  if (denseWasmName() !== 'dense-relaxed.wasm') return only('this Node has no relaxed SIMD');
  let offered: NativeKernels[];
  try {
    offered = kernelsOf(loadAddon(build));
  } catch (error) {
    return only(`the native kernels do not load: ${messageOf(error)}`);
  }
  if (offered.length === 0) return only('the processor has no AVX2');
  const kernels = offered.find(agreesWithWasm);
  if (!kernels) return only('the native kernels failed their self-test');
  return { kernels, description: TITLES[kernels.name] };
}

const TITLES: Record<NativeKernels['name'], string> = { avx512: 'AVX-512', avx2: 'AVX2' };

/** Widths that leave columns, rows and inputs over, in every product. */
const TRIAL: DenseConfig = {
  nInputs: 11,
  hidden: [
    { units: 52, activation: 'elu', dropout: 0.2 },
    { units: 35, activation: 'tanh' },
  ],
  nOutputs: 18,
  loss: { kind: 'crossEntropy' },
  optimizer: { kind: 'adam', weightDecay: 1e-4 },
};
const TRIAL_ROWS = 45;
const TRIAL_BATCH = 26;

/** Whether a few steps of training end with the same bits. */
export function agreesWithWasm(kernels: NativeKernels): boolean {
  const always = { ...kernels, leastWork: 0, leastBytes: 0 };
  const expected = trainTrial(null);
  return trainTrial(always).every((bytes, i) => bytes.equals(expected[i] as Buffer));
}

function trainTrial(native: NativeKernels | null): Buffer[] {
  const engine = createDenseEngine(TRIAL, { native });
  const widths = [TRIAL.nInputs, ...TRIAL.hidden.map(({ units }) => units), TRIAL.nOutputs];
  engine.setWeights(
    widths.slice(1).map((nOutputs, i) => ({
      kernel: wave((widths[i] as number) * nOutputs, 0.3),
      bias: wave(nOutputs, 0.1),
    })),
  );
  engine.setTrain({
    features: wave(TRIAL_ROWS * TRIAL.nInputs, 1),
    targets: Int32Array.from({ length: TRIAL_ROWS }, (_, i) => (i * 7) % TRIAL.nOutputs),
  });
  const order = Int32Array.from({ length: TRIAL_ROWS }, (_, i) => i);
  for (let epoch = 0; epoch < 2; epoch++)
    engine.trainEpoch({ order, batchSize: TRIAL_BATCH, learningRate: 0.01, seed: 1, epoch });
  const weights = engine.getWeights().flatMap(({ kernel, bias }) => [kernel, bias]);
  engine.dispose();
  return weights.map(({ buffer }) => Buffer.from(buffer));
}

function wave(length: number, size: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length }, (_, i) => size * Math.sin(1.7 * i + 0.3));
}
