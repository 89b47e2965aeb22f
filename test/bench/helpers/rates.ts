import { createRng, shuffle } from '../../../src-main/tuner/math/rng.ts';
import type { TrainingData } from '../../../src-main/training/datasets/dataset.ts';
import { provenNative } from '../../../src-main/training/fused/proven-native.ts';
import {
  defaultDenseModule,
  instantiateDense,
} from '../../../src-main/training/fused/wasm-module.ts';
import { initialWeights } from '../../../src-main/training/models/initializers.ts';
import type { ModelFactory } from '../../../src-main/training/models/model.ts';
import type { TrialPlan } from '../../../src-main/training/plan.ts';

/** Epochs before the weights start anew: training that never ends is not what anyone does. */
const EPOCHS_PER_RUN = 50;
const N_SLICES = 3;

/** What can train a network, the fastest for small ones first. */
export const candidates = [
  { name: 'wasm (fused)', backend: 'wasm', engine: 'fused' },
  { name: 'wasm', backend: 'wasm', engine: 'tfjs' },
  { name: 'tfjs-node', backend: 'tfjs-node', engine: 'tfjs' },
  { name: 'cpu', backend: 'cpu', engine: 'tfjs' },
] as const;

function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/**
 * What is done per second of processor time: the best of some slices, so other programs on the machine hardly count.
 *
 * @param run Does some work and says how much it was.
 */
export function bestRate(seconds: number, run: () => number): number {
  let best = 0;
  for (let slice = 0; slice < N_SLICES; slice++) {
    const startedAt = processorSeconds();
    let count = 0;
    let taken: number;
    do {
      count += run();
      taken = processorSeconds() - startedAt;
    } while (taken < seconds / N_SLICES);
    best = Math.max(best, count / taken);
    // Slow work needs no second opinion.
    if (taken > seconds) break;
  }
  return best;
}

/** Epochs per second of processor time, validation included, what it takes to make the network not. */
export function epochsPerSecond(
  factory: ModelFactory,
  plan: TrialPlan,
  data: TrainingData,
  seconds: number,
): number {
  const order = Int32Array.from({ length: data.train.nRows }, (_, i) => i);
  const rng = createRng('bench');
  const weights = initialWeights(plan.network, rng);
  const model = factory.create({ plan, data, weights, dropoutSeed: 1 });
  let nEpochs = 0;
  const run = (): number => {
    if (nEpochs > 0 && nEpochs % EPOCHS_PER_RUN === 0) model.setWeights(weights);
    model.runEpoch(nEpochs++, shuffle(order, rng), 1e-3);
    return 1;
  };
  bestRate(seconds / 3, run);
  const rate = bestRate(seconds, run);
  model.dispose();
  return rate;
}

/** Multiplications and additions of a dense network's matrix products: the first layer has no input gradient. */
export function operationsPerEpoch(nRows: number, widths: readonly number[]): number {
  const products = widths.slice(1).map((nOutputs, index) => (widths[index] as number) * nOutputs);
  const all = products.reduce((sum, product) => sum + product, 0);
  return nRows * (6 * all - 2 * (products[0] as number));
}

/** Operations a second of a loop that does nothing but multiply and add, in the widest registers that the fused engine uses here. */
export function measurePeak(seconds: number): number {
  const { kernels } = provenNative();
  if (kernels) return bestRate(seconds, () => kernels.multiplyAddLoop(100_000));
  const wasm = instantiateDense(defaultDenseModule());
  const turns = 100_000;
  const run = (): number => {
    wasm.multiplyAddLoop(turns, 1e-3, 1e-3);
    return turns * 12 * 4 * 2;
  };
  for (let i = 0; i < 200; i++) run();
  return bestRate(seconds, run);
}
