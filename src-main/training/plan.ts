/** One trial's network and training with every choice made. Plain data. */
import type {
  Activation,
  Initializer,
  LossType,
  Norm,
  OptimizerType,
  Metric,
  ScheduleType,
} from './vocabulary.ts';

/**
 * A hidden layer: its outputs are dropout(activation(norm(inputs · kernel + bias))) + what skips the layer.
 *
 * Norms are PyTorch's BatchNorm1d and LayerNorm: (x - mean) / sqrt(variance + `NORM_EPSILON`) * scale + shift, with the variance that divides by
 * the count. `layer` takes mean and variance over the units of each row. `batch` takes them for each unit over the rows of the batch, and keeps
 * running ones that the trained network uses: new = (1 - `BATCH_NORM_MOMENTUM`) * old + `BATCH_NORM_MOMENTUM` * that of the batch, where the variance
 * divides by the count less 1. A batch of a single row (PyTorch refuses it) is normalized with the running ones and leaves them as they are.
 */
export interface LayerPlan {
  readonly nUnits: number;
  readonly norm: Norm;
  readonly activation: Activation;
  /** Share of outputs dropped in training, 0 to below 1. */
  readonly dropout: number;
  /** What skips the layer: nothing, its inputs as they are, or inputs · projection, a trained matrix for where the widths differ. */
  readonly skip: 'none' | 'identity' | 'projection';
  readonly init: Initializer;
}

/** Added to variances before their root is taken. */
export const NORM_EPSILON = 1e-5;
/** Share of the batch in the new running mean and variance. */
export const BATCH_NORM_MOMENTUM = 0.1;

/**
 * The embedding of a category column: in place of its 0/1 features the network gets features · matrix, which is the row of the matrix that belongs
 * to the category, or zeros for a category unknown.
 */
export interface EmbeddingPlan {
  readonly column: string;
  /** The first of the column's features. */
  readonly start: number;
  readonly nCategories: number;
  readonly nDims: number;
}

export interface ImageShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/**
 * A block of convolutions: its outputs are dropout(pool(activation(norm(convolution + bias)))).
 *
 * Sums go over a window around each pixel, with zeros beyond the edges (k - 1 in all along a side of k, of which the smaller half comes first) and
 * stride 1, so height and width stay. Norms see each pixel as a row and each channel as a unit. Pooling takes the largest of each window; windows do
 * not overlap, and pixels at the end that fill none are left out.
 */
export interface ConvLayerPlan {
  readonly nFilters: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly norm: Norm;
  readonly activation: Activation;
  /** 1 x 1 keeps all pixels. */
  readonly poolHeight: number;
  readonly poolWidth: number;
  /** Of single numbers, not of whole channels. */
  readonly dropout: number;
  readonly init: Initializer;
}

/** How a row's features become an image (row by row, channels innermost), and the blocks it goes through. What comes out is laid out the same way. */
export interface ConvolutionPlan {
  readonly image: ImageShape;
  readonly layers: readonly ConvLayerPlan[];
}

export interface NetworkPlan {
  /** Features of a row. */
  readonly nInputs: number;
  /** In the order of the features. */
  readonly embeddings: readonly EmbeddingPlan[];
  /** What the features go through before the hidden layers; null: nothing. There are no embeddings then. */
  readonly convolution: ConvolutionPlan | null;
  /** The hidden layers; a linear layer of `nOutputs` follows. */
  readonly layers: readonly LayerPlan[];
  readonly nOutputs: number;
  /** Of the output layer. */
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

/** What an array of weights is for. Kernels and projections are inputs x units, those of convolutions height x width x channels x filters; embeddings are categories x dims. */
export type WeightRole =
  | 'embedding'
  | 'kernel'
  | 'bias'
  | 'normScale'
  | 'normShift'
  | 'runningMean'
  | 'runningVariance'
  | 'projection';

/** One array of a network's weights. */
export interface WeightInfo {
  readonly part: 'embedding' | 'convolution' | 'dense';
  /** Counted from 0 within the part; the output layer has the number after the last hidden one. */
  readonly layer: number;
  readonly role: WeightRole;
  readonly shape: readonly number[];
  /** False for running means and variances: gradients, decay and L1 leave them alone. */
  readonly isTrainable: boolean;
}

/**
 * All that a network has learned and needs in order to predict, in the order in which models keep it: the embeddings; per block of convolutions, then per
 * hidden layer kernel, bias, of its norm scale, shift and (batch) running mean and variance, and its projection; then kernel and bias of the output layer.
 */
export function weightInfos({
  nInputs,
  embeddings,
  convolution,
  layers,
  nOutputs,
}: NetworkPlan): WeightInfo[] {
  const infos: WeightInfo[] = [];
  const add = (
    part: WeightInfo['part'],
    layer: number,
    role: WeightRole,
    ...shape: number[]
  ): void => {
    const isTrainable = role !== 'runningMean' && role !== 'runningVariance';
    infos.push({ part, layer, role, shape, isTrainable });
  };
  const addNorm = (part: WeightInfo['part'], layer: number, norm: Norm, nUnits: number): void => {
    if (norm === 'none') return;
    add(part, layer, 'normScale', nUnits);
    add(part, layer, 'normShift', nUnits);
    if (norm === 'layer') return;
    add(part, layer, 'runningMean', nUnits);
    add(part, layer, 'runningVariance', nUnits);
  };

  let width = nInputs;
  embeddings.forEach(({ nCategories, nDims }, layer) => {
    add('embedding', layer, 'embedding', nCategories, nDims);
    width += nDims - nCategories;
  });
  if (convolution) {
    const images = imagesOf(convolution);
    convolution.layers.forEach(({ kernelHeight, kernelWidth, nFilters, norm }, layer) => {
      const { channels } = images[layer] as ImageShape;
      add('convolution', layer, 'kernel', kernelHeight, kernelWidth, channels, nFilters);
      add('convolution', layer, 'bias', nFilters);
      addNorm('convolution', layer, norm, nFilters);
    });
    width = pixelsOf(images.at(-1) as ImageShape);
  }
  const output = { nUnits: nOutputs, norm: 'none', skip: 'none' } as const;
  [...layers, output].forEach(({ nUnits, norm, skip }, layer) => {
    add('dense', layer, 'kernel', width, nUnits);
    add('dense', layer, 'bias', nUnits);
    addNorm('dense', layer, norm, nUnits);
    if (skip === 'projection') add('dense', layer, 'projection', width, nUnits);
    width = nUnits;
  });
  return infos;
}

/** Finds an array of weights. */
export type FindWeights = (layer: number, role: WeightRole) => Float32Array;

/** @returns What finds the arrays of a part of the network, whose weights are in the order of `weightInfos`. */
export function weightsOf(
  part: WeightInfo['part'],
  network: NetworkPlan,
  weights: readonly Float32Array[],
): FindWeights {
  const infos = weightInfos(network);
  return (layer, role) =>
    weights[
      infos.findIndex((info) => info.part === part && info.layer === layer && info.role === role)
    ] as Float32Array;
}

/** The images that go into each block, and the one that comes out of the last. */
export function imagesOf({ image, layers }: ConvolutionPlan): ImageShape[] {
  const images = [image];
  for (const { nFilters, poolHeight, poolWidth } of layers) {
    const { height, width } = images.at(-1) as ImageShape;
    images.push({
      height: Math.floor(height / poolHeight),
      width: Math.floor(width / poolWidth),
      channels: nFilters,
    });
  }
  return images;
}

/** Numbers of an image. */
export function pixelsOf({ height, width, channels }: ImageShape): number {
  return height * width * channels;
}

export function sizeOf({ shape }: Pick<WeightInfo, 'shape'>): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Number of trainable numbers. */
export function countParameters(network: NetworkPlan): number {
  return weightInfos(network).reduce((sum, info) => sum + (info.isTrainable ? sizeOf(info) : 0), 0);
}
