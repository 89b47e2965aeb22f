import { tfjsName } from '../backends.ts';
import type { Tfjs } from '../backends.ts';
import type { DataPart } from '../datasets/dataset.ts';
import { createOptimizer } from '../optimizers/optimizer.ts';
import { sizeOf, weightInfos } from '../plan.ts';
import type { BackendName } from '../vocabulary.ts';
import { createLayers } from './layers/from-plan.ts';
import type { BatchPlace, Pass, WeightStore } from './layers/layer.ts';
import { addSums, computeLoss, noSums } from './losses.ts';
import type { Sums } from './losses.ts';
import type { Model, ModelFactory, ModelOptions } from './model.ts';

/** Rows that are predicted at once. */
const PREDICTION_ROWS = 4096;

/**
 * All networks, operation by operation on a tfjs backend: the reference for the fused engine.
 *
 * Gradients are written out, so no tape is kept and tfjs's own gradients need not be loaded. Norms, losses and optimizers are loops over arrays: on
 * small tensors one loop costs less than the dozen operations it replaces, and they are then the same on every backend. All of
 * them compute in this process's memory, so an array is a copy away, not a wait.
 */
export function createTfjsFactory(tf: Tfjs, backend: BackendName): ModelFactory {
  return {
    backend,
    engine: 'tfjs',
    create(options) {
      // It has one current backend per process, and would quietly train on that.
      if (tf.getBackend() !== tfjsName(backend))
        throw new Error(`Load the backend "${backend}" again: tfjs is on ${tf.getBackend()} now.`);
      return createTfjsNetwork(tf, options);
    },
  };
}

function createTfjsNetwork(
  tf: Tfjs,
  { plan: { network, training }, data, weights: start, dropoutSeed }: ModelOptions,
): Model {
  const infos = weightInfos(network);
  const weights = start.map((array) => array.slice());
  const trainable = weights.filter((_, i) => infos[i]?.isTrainable);
  const optimizer = createOptimizer(
    training.optimizer,
    trainable.map(({ length }) => length),
  );
  const { nInputs, nOutputs } = network;
  const { batchSize, loss } = training;
  const targetWidth = data.train.targets.length / data.train.nRows;
  const store: WeightStore = {
    weights,
    gradients: infos.map((info) => new Float32Array(sizeOf(info))),
  };
  const layers = createLayers(tf, network, store, dropoutSeed);

  const forward = (features: Float32Array, place: BatchPlace | null): Pass =>
    layers.forward(tf.tensor2d(features, [features.length / nInputs, nInputs]), place);

  const trainBatch = (
    place: BatchPlace,
    features: Float32Array,
    targets: Float32Array,
    learningRate: number,
  ): Sums => {
    let sums = noSums;
    tf.tidy(() => {
      const pass = forward(features, place);
      const outputs = pass.output.dataSync() as Float32Array;
      const ofOutputs = new Float32Array(outputs.length);
      sums = computeLoss(loss, outputs, targets, nOutputs, ofOutputs);
      pass.backward(tf.tensor2d(ofOutputs, [outputs.length / nOutputs, nOutputs]));
      const gradients = store.gradients.filter((_, i) => infos[i]?.isTrainable);
      optimizer.step(trainable, gradients, learningRate);
    });
    return sums;
  };

  const predict = (features: Float32Array): Float32Array => {
    const nRows = features.length / nInputs;
    const outputs = new Float32Array(nRows * nOutputs);
    for (let first = 0; first < nRows; first += PREDICTION_ROWS)
      tf.tidy(() => {
        const block = features.subarray(first * nInputs, (first + PREDICTION_ROWS) * nInputs);
        outputs.set(forward(block, null).output.dataSync(), first * nOutputs);
      });
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
        sums = addSums(sums, trainBatch({ epoch, batch }, features, targets, learningRate));
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
