import { setImmediate as nextTurn } from 'node:timers/promises';
import { createDenseEngine } from './fused/dense-engine.ts';
import { forward } from './forward.ts';
import type { NetworkPlan } from './plan.ts';
import type { SavedModel } from './saved-model.ts';

/** Rows that are predicted between two looks at what else is to be done. */
const BLOCK_ROWS = 512;

/** Trained networks that answer together: with the mean of their probabilities, or of their numbers. */
export interface Predictor {
  /**
   * @param features nRows x nInputs, row-major, as `encodings` make them.
   * @param onProgress Told how many rows are done, after some hundreds each.
   * @returns nRows x nOutputs: probabilities of the classes, or numbers in the target's own unit.
   */
  predict(
    features: Float32Array,
    signal?: AbortSignal,
    onProgress?: (nDone: number) => void,
  ): Promise<Float64Array>;
  dispose(): void;
}

/** @param models At least one, all of the same study. */
export function createPredictor(models: readonly SavedModel[]): Predictor {
  const [first] = models;
  if (!first) throw new RangeError('A predictor needs at least one model.');
  const { nInputs, nOutputs } = first.network;
  const networks = models.map(createNetwork);
  return {
    async predict(features, signal, onProgress) {
      const nRows = features.length / nInputs;
      const means = new Float64Array(nRows * nOutputs);
      for (let start = 0; start < nRows; start += BLOCK_ROWS) {
        await nextTurn();
        signal?.throwIfAborted();
        const block = features.subarray(start * nInputs, (start + BLOCK_ROWS) * nInputs);
        for (const network of networks) {
          const answers = toAnswers(network.outputs(block), first);
          for (let i = 0; i < answers.length; i++)
            means[start * nOutputs + i] =
              (means[start * nOutputs + i] as number) + (answers[i] as number) / networks.length;
        }
        onProgress?.(Math.min(nRows, start + BLOCK_ROWS));
      }
      return means;
    },
    dispose() {
      for (const network of networks) network.dispose();
    },
  };
}

interface Network {
  outputs(features: Float32Array): Float32Array;
  dispose(): void;
}

function createNetwork({ network, weights }: SavedModel): Network {
  if (!isPlain(network))
    return { outputs: (features) => forward(network, weights, features), dispose() {} };
  const engine = createDenseEngine({
    nInputs: network.nInputs,
    hidden: network.layers.map(({ nUnits, activation }) => ({
      units: nUnits,
      activation,
      dropout: 0,
    })),
    nOutputs: network.nOutputs,
    // It will not be trained.
    loss: { kind: 'mse' },
    optimizer: { kind: 'sgd' },
  });
  engine.setWeights(
    weights.flatMap((kernel, i) =>
      i % 2 === 0 ? [{ kernel, bias: weights[i + 1] as Float32Array }] : [],
    ),
  );
  return { outputs: (features) => engine.predict(features), dispose: () => engine.dispose() };
}

/** Dense layers with kernels and biases only, which the fused engine predicts fastest. */
function isPlain({ embeddings, convolution, layers }: NetworkPlan): boolean {
  return (
    embeddings.length === 0 &&
    convolution === null &&
    layers.every(({ norm, skip }) => norm === 'none' && skip === 'none')
  );
}

/** From what a network puts out: probabilities by softmax, or numbers in the target's unit. */
function toAnswers(
  outputs: Float32Array,
  { classes, targetScales, network }: SavedModel,
): Float64Array {
  if (classes === null) return toTargetUnits(outputs, targetScales);
  const { nOutputs } = network;
  const answers = new Float64Array(outputs.length);
  for (let start = 0; start < outputs.length; start += nOutputs) {
    const logits = outputs.subarray(start, start + nOutputs);
    const max = logits.reduce((a, b) => Math.max(a, b), -Infinity);
    const sum = logits.reduce((total, value) => total + Math.exp(value - max), 0);
    logits.forEach((value, k) => (answers[start + k] = Math.exp(value - max) / sum));
  }
  return answers;
}

/** From standardized values, nRows x nOutputs, to the targets' own units. */
export function toTargetUnits(
  standardized: Float32Array,
  scales: SavedModel['targetScales'],
): Float64Array {
  return Float64Array.from(standardized, (value, i) => {
    const { mean, scale } = scales?.[i % scales.length] ?? { mean: 0, scale: 1 };
    return mean + scale * value;
  });
}
