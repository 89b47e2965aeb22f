/** One trial's network and training with every choice made. Plain data. */
import type {
  Activation,
  Initializer,
  LossType,
  OptimizerType,
  Metric,
  ScheduleType,
} from './vocabulary.ts';

export interface LayerPlan {
  readonly nUnits: number;
  readonly activation: Activation;
  /** Share of outputs dropped in training, 0 to below 1. */
  readonly dropout: number;
}

export interface NetworkPlan {
  readonly nInputs: number;
  /** The hidden layers; a linear layer of `nOutputs` follows. */
  readonly layers: readonly LayerPlan[];
  readonly nOutputs: number;
  readonly init: Initializer;
}

export interface OptimizerPlan {
  readonly type: OptimizerType;
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Times the sign of each weight is added to its gradient. */
  readonly l1: number;
  /** Largest norm of a batch's gradients; 0 does not clip. */
  readonly clipNorm: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly alpha: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** How the learning rate changes from epoch to epoch. */
export interface SchedulePlan {
  readonly type: ScheduleType;
  readonly every: number;
  readonly factor: number;
  readonly decay: number;
  readonly minShare: number;
  readonly patience: number;
  readonly warmupEpochs: number;
}

export interface LossPlan {
  readonly type: LossType;
  /** Of the Huber loss. */
  readonly delta: number;
  /** Of the focal loss. */
  readonly gamma: number;
  /** Share of the target that is spread over all classes. */
  readonly labelSmoothing: number;
  /** One per class; null: all 1. */
  readonly classWeights: readonly number[] | null;
}

export interface TrainingPlan {
  readonly optimizer: OptimizerPlan;
  readonly schedule: SchedulePlan;
  readonly loss: LossPlan;
  readonly batchSize: number;
  readonly epochs: number;
  readonly earlyStopping: {
    readonly metric: Metric;
    readonly patience: number;
    readonly minDelta: number;
  } | null;
}

export interface TrialPlan {
  readonly network: NetworkPlan;
  readonly training: TrainingPlan;
}

/** Shapes of the weights in the order in which models keep them: per layer the matrix (inputs x units), then the biases. */
export function weightShapes({ nInputs, layers, nOutputs }: NetworkPlan): number[][] {
  const widths = [nInputs, ...layers.map(({ nUnits }) => nUnits), nOutputs];
  return widths.slice(1).flatMap((units, i) => [[widths[i] as number, units], [units]]);
}

/** Number of trainable numbers. */
export function countParameters(network: NetworkPlan): number {
  return weightShapes(network).reduce(
    (sum, shape) => sum + shape.reduce((product, size) => product * size, 1),
    0,
  );
}
