import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { Tfjs } from '../backends.ts';
import type { DataPart } from '../datasets/dataset.ts';
import { dropoutMask } from '../fused/dropout-mask.ts';
import { createOptimizer } from '../optimizers/optimizer.ts';
import { weightShapes } from '../plan.ts';
import type { BackendName } from '../vocabulary.ts';
import { createActivations } from './activations.ts';
import { addSums, computeLoss, noSums } from './losses.ts';
import type { Sums } from './losses.ts';
import type { Model, ModelFactory, ModelOptions } from './model.ts';

/** Rows that are predicted at once. */
const PREDICTION_ROWS = 4096;

/**
 * Dense networks, operation by operation on a tfjs backend: the reference for the fused engine.
 *
 * Gradients are written out, so no tape is kept and tfjs's own gradients need not be loaded. Losses and optimizers are loops over arrays: on
 * small tensors one loop costs less than the dozen operations it replaces, and they are then the same on every backend. All of
 * them compute in this process's memory, so an array is a copy away, not a wait.
 */
export function createTfjsDenseFactory(tf: Tfjs, backend: BackendName): ModelFactory {
  return { backend, engine: 'tfjs', create: (options) => createTfjsDense(tf, options) };
}

/** What the backward pass needs of one layer. */
interface Pass {
  readonly input: Tensor2D;
  /** Before the activation; only where its slope cannot be told from the output. */
  readonly sum: Tensor2D;
  /** After the activation, before dropout. */
  readonly output: Tensor2D;
  readonly mask: Tensor2D | null;
}

function createTfjsDense(
  tf: Tfjs,
  { plan: { network, training }, data, weights: start, dropoutSeed }: ModelOptions,
): Model {
  const shapes = weightShapes(network);
  const weights = start.map((array) => array.slice());
  const optimizer = createOptimizer(
    training.optimizer,
    weights.map(({ length }) => length),
  );
  const { nInputs, nOutputs } = network;
  const { batchSize, loss } = training;
  const targetWidth = data.train.targets.length / data.train.nRows;
  const activations = createActivations(tf);
  const layers = [
    ...network.layers.map((layer) => ({ ...layer, activation: activations[layer.activation] })),
    { nUnits: nOutputs, activation: activations.linear, dropout: 0 },
  ];

  const toMatrices = (): Tensor2D[] =>
    layers.map((_, layer) =>
      tf.tensor2d(weights[2 * layer] as Float32Array, shapes[2 * layer] as [number, number]),
    );
  const toBiases = (): Tensor1D[] =>
    layers.map((_, layer) => tf.tensor1d(weights[2 * layer + 1] as Float32Array));

  /** The passes of all layers; the last one's output are the network's. */
  const forward = (
    matrices: readonly Tensor2D[],
    input: Tensor2D,
    maskOf: (layer: number) => Tensor2D | null,
  ): Pass[] => {
    const biases = toBiases();
    let x = input;
    return layers.map(({ activation }, layer) => {
      const sum = tf.fused.matMul({
        a: x,
        b: matrices[layer] as Tensor2D,
        bias: biases[layer],
        activation: activation.fused,
      }) as Tensor2D;
      const output = activation.fused ? sum : activation.apply(sum);
      const mask = maskOf(layer);
      const pass = { input: x, sum, output, mask };
      x = mask ? tf.mul(output, mask) : output;
      return pass;
    });
  };

  /** Gradients in the order of the weights, from that of the outputs. */
  const backward = (
    matrices: readonly Tensor2D[],
    passes: readonly Pass[],
    outputGradient: Tensor2D,
  ): Float32Array[] => {
    const gradients: Float32Array[] = [];
    let gradient = outputGradient;
    for (let layer = layers.length - 1; layer >= 0; layer--) {
      const { input } = passes[layer] as Pass;
      gradients.unshift(
        tf.matMul(input, gradient, true, false).dataSync() as Float32Array,
        tf.sum(gradient, 0).dataSync() as Float32Array,
      );
      if (layer === 0) break;
      const { sum, output, mask } = passes[layer - 1] as Pass;
      gradient = tf.matMul(gradient, matrices[layer] as Tensor2D, false, true);
      if (mask) gradient = tf.mul(gradient, mask);
      const slope = layers[layer - 1]?.activation.slope(sum, output);
      if (slope) gradient = tf.mul(gradient, slope);
    }
    return gradients;
  };

  const trainBatch = (
    epoch: number,
    batch: number,
    features: Float32Array,
    targets: Float32Array,
    learningRate: number,
  ): Sums => {
    const nRows = features.length / nInputs;
    let sums = noSums;
    tf.tidy(() => {
      const matrices = toMatrices();
      const passes = forward(matrices, tf.tensor2d(features, [nRows, nInputs]), (layer) => {
        const { dropout: rate, nUnits } = layers[layer] as (typeof layers)[number];
        if (rate === 0) return null;
        const mask = dropoutMask({ seed: dropoutSeed, epoch, batch, layer, rate, nRows, nUnits });
        return tf.tensor2d(mask, [nRows, nUnits]);
      });
      const outputs = passes.at(-1)?.output as Tensor2D;
      const gradient = new Float32Array(nRows * nOutputs);
      sums = computeLoss(loss, outputs.dataSync() as Float32Array, targets, nOutputs, gradient);
      const gradients = backward(matrices, passes, tf.tensor2d(gradient, [nRows, nOutputs]));
      optimizer.step(weights, gradients, learningRate);
    });
    return sums;
  };

  const predict = (features: Float32Array): Float32Array => {
    const nRows = features.length / nInputs;
    const outputs = new Float32Array(nRows * nOutputs);
    for (let first = 0; first < nRows; first += PREDICTION_ROWS) {
      const block = features.subarray(first * nInputs, (first + PREDICTION_ROWS) * nInputs);
      tf.tidy(() => {
        const input = tf.tensor2d(block, [block.length / nInputs, nInputs]);
        const passes = forward(toMatrices(), input, () => null);
        outputs.set(passes.at(-1)?.output.dataSync() as Float32Array, first * nOutputs);
      });
    }
    return outputs;
  };

  return {
    runEpoch(epoch, order, learningRate) {
      const shuffled = gather(data.train, order, nInputs, targetWidth);
      let sums = noSums;
      for (let first = 0, batch = 0; first < order.length; first += batchSize, batch++) {
        const last = Math.min(first + batchSize, order.length);
        const features = shuffled.features.subarray(first * nInputs, last * nInputs);
        const targets = shuffled.targets.subarray(first * targetWidth, last * targetWidth);
        sums = addSums(sums, trainBatch(epoch, batch, features, targets, learningRate));
      }
      const { features, targets } = data.validation;
      const validationOutputs = predict(features);
      const validation = computeLoss(loss, validationOutputs, targets, nOutputs);
      return { train: sums, validation, validationOutputs };
    },
    predict,
    getWeights: () => weights.map((array) => array.slice()),
    setWeights(given) {
      weights.forEach((array, i) => array.set(given[i] as Float32Array));
    },
    // Tensors live no longer than a batch; what is left is garbage collected.
    dispose() {},
  };
}

/** The rows in this order, copied. */
function gather(
  { features, targets }: DataPart,
  order: Int32Array,
  nInputs: number,
  targetWidth: number,
): { features: Float32Array; targets: Float32Array } {
  const gathered = {
    features: new Float32Array(order.length * nInputs),
    targets: new Float32Array(order.length * targetWidth),
  };
  order.forEach((row, i) => {
    gathered.features.set(features.subarray(row * nInputs, (row + 1) * nInputs), i * nInputs);
    gathered.targets.set(
      targets.subarray(row * targetWidth, (row + 1) * targetWidth),
      i * targetWidth,
    );
  });
  return gathered;
}
