import { createDenseEngine } from '../fused/dense-engine.ts';
import type { DenseData, DenseLayerWeights, DenseScores } from '../fused/dense-engine.ts';
import type { DenseConfig, DenseLoss, DenseOptimizer } from '../fused/dense-config.ts';
import { provenNative } from '../fused/proven-native.ts';
import type { DataPart, TrainingData } from '../datasets/dataset.ts';
import type { LossPlan, OptimizerPlan } from '../plan.ts';
import type { Sums } from './losses.ts';
import type { Model, ModelFactory, ModelOptions } from './model.ts';

/** Dense networks, a whole epoch in one call of WebAssembly, which calls native kernels where there are some. Needs no tfjs. */
export const fusedDenseFactory: ModelFactory = {
  backend: 'wasm',
  engine: 'fused',
  get kernels() {
    return provenNative().description;
  },
  create: createFusedDense,
};

function createFusedDense({
  plan: { network, training },
  data,
  weights: start,
  dropoutSeed,
}: ModelOptions): Model {
  const config: DenseConfig = {
    nInputs: network.nInputs,
    hidden: network.layers.map(({ nUnits, activation, dropout }) => ({
      units: nUnits,
      activation,
      dropout,
    })),
    nOutputs: network.nOutputs,
    loss: toDenseLoss(training.loss),
    optimizer: toDenseOptimizer(training.optimizer),
    l1: training.optimizer.l1,
    clipNorm: training.optimizer.clipNorm,
  };
  const engine = createDenseEngine(config, { native: provenNative().kernels });
  engine.setTrain(toDenseData(data, data.train));
  engine.setValidation(toDenseData(data, data.validation));
  const setWeights = (weights: readonly Float32Array[]): void => {
    const layers: DenseLayerWeights[] = [];
    for (let i = 0; i < weights.length; i += 2)
      layers.push({ kernel: weights[i] as Float32Array, bias: weights[i + 1] as Float32Array });
    engine.setWeights(layers);
  };
  setWeights(start);
  return {
    runEpoch(epoch, order, learningRate) {
      const { batchSize } = training;
      const trained = engine.trainEpoch({
        order,
        batchSize,
        learningRate,
        seed: dropoutSeed,
        epoch,
      });
      const validated = engine.evaluate('validation', { withOutputs: true });
      return {
        train: toSums(trained),
        validation: toSums(validated),
        validationOutputs: validated.outputs as Float32Array,
      };
    },
    predict: (features) => engine.predict(features),
    getWeights: () => engine.getWeights().flatMap(({ kernel, bias }) => [kernel, bias]),
    setWeights,
    dispose: () => engine.dispose(),
  };
}

function toSums({ nRows, loss, nCorrect, squaredError, absoluteError }: DenseScores): Sums {
  return { loss: loss * nRows, correct: nCorrect, squaredError, absoluteError };
}

function toDenseData({ task }: TrainingData, { features, targets }: DataPart): DenseData {
  return { features, targets: task === 'classification' ? new Int32Array(targets) : targets };
}

function toDenseLoss({ type, delta, gamma, labelSmoothing, classWeights }: LossPlan): DenseLoss {
  const ofClasses = { labelSmoothing, ...(classWeights && { classWeights }) };
  switch (type) {
    case 'crossEntropy':
      return { kind: type, ...ofClasses };
    case 'focal':
      return { kind: type, gamma, ...ofClasses };
    case 'huber':
      return { kind: type, delta };
    default:
      return { kind: type };
  }
}

function toDenseOptimizer(plan: OptimizerPlan): DenseOptimizer {
  const { weightDecay, momentum, alpha, beta1, beta2, epsilon } = plan;
  switch (plan.type) {
    case 'sgd':
      return { kind: 'sgd', momentum, nesterov: plan.nesterov && momentum > 0, weightDecay };
    case 'rmsprop':
      return { kind: 'rmsprop', alpha, momentum, epsilon, weightDecay };
    case 'adagrad':
      return { kind: 'adagrad', epsilon, weightDecay };
    case 'adam':
    case 'nadam':
      return { kind: plan.type, beta1, beta2, epsilon, weightDecay };
    case 'adamW':
      return { kind: 'adamw', beta1, beta2, epsilon, weightDecay };
  }
}
