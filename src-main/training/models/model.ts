import type { TrainingData } from '../datasets/dataset.ts';
import type { TrialPlan } from '../plan.ts';
import type { BackendName, EngineName } from '../vocabulary.ts';
import type { Sums } from './losses.ts';

/** A network with its optimizer, over the rows it was made for. Whatever trains, the loop sees this. */
export interface Model {
  /**
   * One pass over the training rows, batch by batch in this order, then one over the validation rows.
   *
   * @param epoch Counted from 0; with the seed and the batch it decides which units are dropped.
   * @param order The numbers of all training rows. The last batch may be smaller than the others.
   */
  runEpoch(epoch: number, order: Int32Array, learningRate: number): EpochSums;
  /** The network's outputs for rows of features: logits for classification, standardized values for regression. */
  predict(features: Float32Array): Float32Array;
  /** A copy of all it has learned, running means and variances included, in the order of `weightInfos`: enough to predict with. */
  getWeights(): Float32Array[];
  setWeights(weights: readonly Float32Array[]): void;
  /** Frees what it holds; nothing else may be called afterwards. */
  dispose(): void;
}

export interface EpochSums {
  /** Measured batch by batch while training, dropout included. */
  readonly train: Sums;
  /** Measured after the epoch, without dropout. */
  readonly validation: Sums;
  /** As `predict` gives them for the validation rows. */
  readonly validationOutputs: Float32Array;
}

export interface ModelOptions {
  readonly plan: TrialPlan;
  readonly data: TrainingData;
  /** To start from, in the order of `weightInfos`. */
  readonly weights: readonly Float32Array[];
  /** Unsigned 32-bit. */
  readonly dropoutSeed: number;
}

/** Makes models on one backend with one engine. */
export interface ModelFactory {
  readonly backend: BackendName;
  readonly engine: EngineName;
  /** What does the matrix products of the fused engine on this machine. */
  readonly kernels?: string;
  create(options: ModelOptions): Model;
  /** The one that makes the model of a plan, where there are several. */
  partFor?(plan: TrialPlan): ModelFactory;
}
