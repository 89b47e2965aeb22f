/**
 * Networks that predict without any library: what the exported scripts do too. Slower than the engines that train, but everywhere, for every network.
 */
import { erfc } from '../tuner/math/normal.ts';
import { imagesOf, NORM_EPSILON, pixelsOf, weightsOf } from './plan.ts';
import type {
  ConvLayerPlan,
  ConvolutionPlan,
  EmbeddingPlan,
  FindWeights,
  ImageShape,
  NetworkPlan,
} from './plan.ts';
import type { Activation, Norm } from './vocabulary.ts';

/** @returns The outputs for rows of features: logits for classification, standardized values for regression. */
export function forward(
  network: NetworkPlan,
  weights: readonly Float32Array[],
  features: Float32Array,
): Float32Array {
  const find = weightsOf('dense', network, weights);
  const nRows = features.length / network.nInputs;
  let x = embed(network.embeddings, weights, features, network.nInputs);
  if (network.convolution)
    x = convolve(network.convolution, weightsOf('convolution', network, weights), x);
  network.layers.forEach(({ norm, activation, skip }, layer) => {
    const y = dense(x, find(layer, 'kernel'), find(layer, 'bias'), nRows);
    normalize(y, norm, layer, find);
    const skipped =
      skip === 'projection'
        ? multiply(x, find(layer, 'projection'), nRows)
        : skip === 'identity'
          ? x
          : null;
    const activate = activations[activation];
    x = y.map((value, i) => activate(value) + (skipped?.[i] ?? 0));
  });
  const last = network.layers.length;
  return dense(x, find(last, 'kernel'), find(last, 'bias'), nRows);
}

/** In place: rows of so many units as the norm has. */
function normalize(y: Float32Array, norm: Norm, layer: number, find: FindWeights): void {
  if (norm === 'layer') normalizeRows(y, find(layer, 'normScale'), find(layer, 'normShift'));
  if (norm === 'batch')
    normalizeUnits(y, {
      scale: find(layer, 'normScale'),
      shift: find(layer, 'normShift'),
      mean: find(layer, 'runningMean'),
      variance: find(layer, 'runningVariance'),
    });
}

/** Images through blocks of convolutions. */
function convolve(plan: ConvolutionPlan, find: FindWeights, features: Float32Array): Float32Array {
  const images = imagesOf(plan);
  let x = features;
  plan.layers.forEach(({ norm, activation, ...block }, layer) => {
    const [before, after] = [images[layer], images[layer + 1]] as [ImageShape, ImageShape];
    const y = slide(x, before, block, find(layer, 'kernel'), find(layer, 'bias'));
    normalize(y, norm, layer, find);
    const activate = activations[activation];
    x = pool(
      y.map((value) => activate(value)),
      { ...before, channels: after.channels },
      after,
      block,
    );
  });
  return x;
}

function slide(
  x: Float32Array,
  { height, width, channels }: ImageShape,
  { kernelHeight, kernelWidth, nFilters }: Omit<ConvLayerPlan, 'norm' | 'activation'>,
  kernel: Float32Array,
  bias: Float32Array,
): Float32Array {
  const nImages = x.length / (height * width * channels);
  const y = new Float32Array(nImages * height * width * nFilters);
  const [top, left] = [Math.floor((kernelHeight - 1) / 2), Math.floor((kernelWidth - 1) / 2)];
  const sums = new Float64Array(nFilters);
  for (let image = 0; image < nImages; image++)
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++) {
        sums.set(bias);
        for (let i = 0; i < kernelHeight; i++)
          for (let j = 0; j < kernelWidth; j++) {
            const [fromRow, fromColumn] = [row + i - top, column + j - left];
            if (fromRow < 0 || fromRow >= height || fromColumn < 0 || fromColumn >= width) continue;
            for (let channel = 0; channel < channels; channel++) {
              const value = x[
                ((image * height + fromRow) * width + fromColumn) * channels + channel
              ] as number;
              const start = ((i * kernelWidth + j) * channels + channel) * nFilters;
              for (let filter = 0; filter < nFilters; filter++)
                sums[filter] =
                  (sums[filter] as number) + value * (kernel[start + filter] as number);
            }
          }
        y.set(sums, ((image * height + row) * width + column) * nFilters);
      }
  return y;
}

/** The largest of each window, channel by channel. */
function pool(
  x: Float32Array,
  before: ImageShape,
  after: ImageShape,
  { poolHeight, poolWidth }: Pick<ConvLayerPlan, 'poolHeight' | 'poolWidth'>,
): Float32Array {
  const { channels } = after;
  const nImages = x.length / pixelsOf(before);
  const y = new Float32Array(nImages * pixelsOf(after)).fill(-Infinity);
  for (let image = 0; image < nImages; image++)
    for (let row = 0; row < after.height * poolHeight; row++)
      for (let column = 0; column < after.width * poolWidth; column++) {
        const from = ((image * before.height + row) * before.width + column) * channels;
        const to =
          ((image * after.height + Math.floor(row / poolHeight)) * after.width +
            Math.floor(column / poolWidth)) *
          channels;
        for (let channel = 0; channel < channels; channel++)
          y[to + channel] = Math.max(y[to + channel] as number, x[from + channel] as number);
      }
  return y;
}

/** Category columns' features replaced by their embeddings, whose matrices are the first weights. */
function embed(
  embeddings: readonly EmbeddingPlan[],
  matrices: readonly Float32Array[],
  features: Float32Array,
  nInputs: number,
): Float32Array {
  if (embeddings.length === 0) return features;
  const nRows = features.length / nInputs;
  const width = embeddings.reduce(
    (sum, { nCategories, nDims }) => sum + nDims - nCategories,
    nInputs,
  );
  const output = new Float32Array(nRows * width);
  for (let row = 0; row < nRows; row++) {
    const from = features.subarray(row * nInputs, (row + 1) * nInputs);
    const to = output.subarray(row * width, (row + 1) * width);
    let [read, written] = [0, 0];
    embeddings.forEach(({ start, nCategories, nDims }, which) => {
      to.set(from.subarray(read, start), written);
      written += start - read;
      for (let k = 0; k < nCategories; k++)
        for (let dim = 0; dim < nDims; dim++)
          to[written + dim] =
            (to[written + dim] as number) +
            (from[start + k] as number) * (matrices[which]?.[k * nDims + dim] as number);
      written += nDims;
      read = start + nCategories;
    });
    to.set(from.subarray(read), written);
  }
  return output;
}

function dense(
  x: Float32Array,
  kernel: Float32Array,
  bias: Float32Array,
  nRows: number,
): Float32Array {
  const y = multiply(x, kernel, nRows);
  for (let i = 0, unit = 0; i < y.length; i++, unit++) {
    if (unit === bias.length) unit = 0;
    y[i] = (y[i] as number) + (bias[unit] as number);
  }
  return y;
}

function multiply(x: Float32Array, kernel: Float32Array, nRows: number): Float32Array {
  const nInputs = x.length / nRows;
  const nUnits = kernel.length / nInputs;
  const y = new Float32Array(nRows * nUnits);
  const sums = new Float64Array(nUnits);
  for (let row = 0; row < nRows; row++) {
    sums.fill(0);
    for (let i = 0; i < nInputs; i++) {
      const value = x[row * nInputs + i] as number;
      if (value === 0) continue;
      const start = i * nUnits;
      for (let unit = 0; unit < nUnits; unit++)
        sums[unit] = (sums[unit] as number) + value * (kernel[start + unit] as number);
    }
    y.set(sums, row * nUnits);
  }
  return y;
}

/** In place. */
function normalizeRows(y: Float32Array, scale: Float32Array, shift: Float32Array): void {
  const nUnits = scale.length;
  for (let start = 0; start < y.length; start += nUnits) {
    const row = y.subarray(start, start + nUnits);
    const mean = row.reduce((sum, value) => sum + value, 0) / nUnits;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / nUnits;
    const factor = 1 / Math.sqrt(variance + NORM_EPSILON);
    row.forEach((value, unit) => {
      row[unit] = (value - mean) * factor * (scale[unit] as number) + (shift[unit] as number);
    });
  }
}

/** In place. */
function normalizeUnits(
  y: Float32Array,
  {
    scale,
    shift,
    mean,
    variance,
  }: Readonly<Record<'scale' | 'shift' | 'mean' | 'variance', Float32Array>>,
): void {
  const nUnits = scale.length;
  for (let i = 0, unit = 0; i < y.length; i++, unit++) {
    if (unit === nUnits) unit = 0;
    const factor = 1 / Math.sqrt((variance[unit] as number) + NORM_EPSILON);
    y[i] =
      ((y[i] as number) - (mean[unit] as number)) * factor * (scale[unit] as number) +
      (shift[unit] as number);
  }
}

const activations: Readonly<Record<Activation, (x: number) => number>> = {
  linear: (x) => x,
  relu: (x) => Math.max(0, x),
  leakyRelu: (x) => (x > 0 ? x : 0.01 * x),
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  selu: (x) => (x > 0 ? 1.0507009873554805 * x : 1.7580993408473766 * Math.expm1(x)),
  tanh: Math.tanh,
  swish: (x) => x / (1 + Math.exp(-x)),
  gelu: (x) => 0.5 * x * erfc(-x * Math.SQRT1_2),
};
