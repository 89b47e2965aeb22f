/**
 * Training of dense networks, whole epochs at a time. `dense-engine.ts` plans the memory, writes the records that
 * layout.ts describes, and calls these functions; nothing here allocates.
 */
import { activate, activateForTraining } from './activations';
import { setDropoutKeys } from './dropout';
import {
  BLOCK_ROWS,
  CHUNK_ROWS,
  LAYER_ACTIVATION,
  LAYER_ACTIVATIONS,
  LAYER_DROPOUT_SCALE,
  LAYER_DROPOUT_THRESHOLD,
  LAYER_INPUTS_PADDED,
  LAYER_OUTPUTS,
  LAYER_RECORD_BYTES,
  LAYER_SLOPES,
  LAYER_WEIGHTS,
  RESULT_ABSOLUTE_ERROR,
  RESULT_CORRECT,
  RESULT_LOSS,
  RESULT_SQUARED_ERROR,
  SET_FEATURES,
  SET_FEATURE_STRIDE,
} from './layout';
import {
  absoluteError,
  loss,
  nCorrect,
  resetMetrics,
  rowAt,
  squaredError,
  weightSum,
} from './losses';
import {
  biasGradient,
  forward,
  inputGradient,
  weightBytes,
  weightGradient,
} from './matmul';
import { nativeLayerGradient } from './native';
import { addL1, beginStep, norm, scaleGradients, STEP, update } from './optimizers';
import { madd, sumLanes } from './simd';

export { defineLoss } from './losses';
export { useNative } from './native';
export { defineOptimizer } from './optimizers';

let layers: usize = 0;
let nLayers: i32 = 0;
/** The batch as panels, two buffers for gradients of activations and one for their transposed form. */
let inputPanels: usize = 0;
let gradientPanels: usize = 0;
let otherGradientPanels: usize = 0;
let transposed: usize = 0;
let results: usize = 0;

/** All parameters, and of the same size their gradients and moments. */
let parameters: usize = 0;
let parameterBytes: usize = 0;
let gradients: usize = 0;
let firstMoments: usize = 0;
let secondMoments: usize = 0;
let l1: f32 = 0;
let clipNorm: f64 = 0;

export function heapBase(): usize {
  return __heap_base;
}

export function defineNetwork(
  newLayers: usize,
  newNLayers: i32,
  newInputPanels: usize,
  newGradientPanels: usize,
  newOtherGradientPanels: usize,
  newTransposed: usize,
  newResults: usize,
): void {
  layers = newLayers;
  nLayers = newNLayers;
  inputPanels = newInputPanels;
  gradientPanels = newGradientPanels;
  otherGradientPanels = newOtherGradientPanels;
  transposed = newTransposed;
  results = newResults;
}

/** A `newClipNorm` of 0 does not clip. */
export function defineParameters(
  newParameters: usize,
  newParameterBytes: usize,
  newGradients: usize,
  newFirstMoments: usize,
  newSecondMoments: usize,
  newL1: f64,
  newClipNorm: f64,
): void {
  parameters = newParameters;
  parameterBytes = newParameterBytes;
  gradients = newGradients;
  firstMoments = newFirstMoments;
  secondMoments = newSecondMoments;
  l1 = <f32>newL1;
  clipNorm = newClipNorm;
}

@inline
function layerAt(index: i32): usize {
  return layers + <usize>index * LAYER_RECORD_BYTES;
}

@inline
function field(layer: usize, offset: usize): i32 {
  return load<i32>(layer + offset);
}

@inline
function strideOf(rows: i32): usize {
  return <usize>((rows + 7) & ~7) << 5;
}

/**
 * Copies `count` rows of the set into `inputPanels`. Rows that only fill up a tile keep what was there: nothing that
 * is computed from them is ever used.
 */
function gather(set: usize, order: usize, first: i32, count: i32): void {
  const features = <usize>load<u32>(set, SET_FEATURES);
  const rowBytes = <usize>load<u32>(set, SET_FEATURE_STRIDE);
  const stride = strideOf(count);
  for (let i = 0; i < count; i++) {
    let from = features + rowAt(order, first + i) * rowBytes;
    let to = inputPanels + (<usize>i << 5);
    const end = from + rowBytes;
    for (; from + 16 < end; from += 32, to += stride) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
    }
    if (from < end) v128.store(to, v128.load(from));
  }
}

/**
 * Runs the rows in `inputPanels` through the network and returns where its outputs are. When training, with dropout,
 * and keeping what the backward pass needs; `firstRow` is the position of the first row in its batch.
 */
function forwardBlock(
  count: i32,
  training: bool,
  firstRow: i32,
  seed: u32,
  epoch: u32,
  batch: u32,
): usize {
  const stride = strideOf(count);
  const rows = (count + 3) & ~3;
  let a = inputPanels;
  for (let index = 0; index < nLayers; index++) {
    const layer = layerAt(index);
    const inputs = field(layer, LAYER_INPUTS_PADDED);
    const outputs = field(layer, LAYER_OUTPUTS);
    const activation = field(layer, LAYER_ACTIVATION);
    const z = <usize>field(layer, LAYER_ACTIVATIONS);
    forward(a, stride, <usize>field(layer, LAYER_WEIGHTS), inputs, outputs, rows, z);
    if (!training) {
      activate(activation, z, stride, outputs, rows);
    } else if (index < nLayers - 1) {
      // The output layer has neither activation nor dropout: its gradient comes from the loss.
      const slopes = <usize>field(layer, LAYER_SLOPES);
      const threshold = field(layer, LAYER_DROPOUT_THRESHOLD);
      const scale = load<f32>(layer, LAYER_DROPOUT_SCALE);
      if (threshold > 0) setDropoutKeys(seed, epoch, batch, index);
      activateForTraining(
        activation,
        z,
        slopes,
        stride,
        outputs,
        rows,
        firstRow,
        threshold,
        scale,
      );
    }
    a = z;
  }
  return a;
}

/**
 * Gradients of all layers from that of the outputs in `gradientPanels`. With `updating`, every stretch of weights
 * is changed as soon as its gradient is known; without, gradients are left in (or added to) `gradients`.
 */
function backwardBlock(count: i32, updating: bool, accumulate: bool): void {
  const stride = strideOf(count);
  let d = gradientPanels;
  let below = otherGradientPanels;
  for (let index = nLayers - 1; index >= 0; index--) {
    const layer = layerAt(index);
    const inputs = field(layer, LAYER_INPUTS_PADDED);
    const outputs = field(layer, LAYER_OUTPUTS);
    const w = <usize>field(layer, LAYER_WEIGHTS);
    let a = inputPanels;
    if (index > 0) {
      // Before the update: the gradient of the layer below is that of the old weights.
      const previous = layerAt(index - 1);
      a = <usize>field(previous, LAYER_ACTIVATIONS);
      const slopes = <usize>field(previous, LAYER_SLOPES);
      inputGradient(d, stride, w, inputs, outputs, count, slopes, transposed, below);
    }
    layerGradient(a, stride, w, inputs, outputs, d, count, updating, accumulate);
    const swap = d;
    d = below;
    below = swap;
  }
}

function layerGradient(
  a: usize,
  stride: usize,
  w: usize,
  inputs: i32,
  outputs: i32,
  d: usize,
  count: i32,
  updating: bool,
  accumulate: bool,
): void {
  const done = wideLayerGradient(a, stride, w, inputs, outputs, d, count, updating, accumulate);
  w += weightBytes(inputs, done);
  d += <usize>(done >> 3) * stride;
  for (let left = outputs - done; left > 0; left -= 8, d += stride) {
    const width = left > 4 ? 8 : 4;
    const rowBytes = <usize>width << 2;
    for (let first = 0; first < inputs; first += CHUNK_ROWS) {
      const rows = min(CHUNK_ROWS, inputs - first);
      const offset = w - parameters;
      const g = gradientAt(offset, updating);
      weightGradient(a, stride, first, rows, d, width, count, g, accumulate);
      let bytes = <usize>rows * rowBytes;
      if (first + rows === inputs) {
        biasGradient(d, width, count, g + bytes, accumulate);
        bytes += rowBytes;
      }
      if (updating) useGradient(w, g, bytes);
      w += bytes;
    }
  }
}

/** Used up at once, a gradient needs no place of its own: all share the start of the array. */
@inline
function gradientAt(offset: usize, updating: bool): usize {
  return updating ? gradients : gradients + offset;
}

@inline
function useGradient(w: usize, g: usize, bytes: usize): void {
  const offset = w - parameters;
  if (l1 > 0) addL1(w, g, bytes, l1);
  update(w, g, firstMoments + offset, secondMoments + offset, bytes);
}

/** What of `layerGradient` native kernels take; returns how many columns that was. */
@inline
function wideLayerGradient(
  a: usize,
  stride: usize,
  w: usize,
  inputs: i32,
  outputs: i32,
  d: usize,
  count: i32,
  updating: bool,
  accumulate: bool,
): i32 {
  const offset = w - parameters;
  const g = gradientAt(offset, updating);
  const first = firstMoments + offset;
  const second = secondMoments + offset;
  // They know no L1.
  const step = updating && l1 === 0 ? STEP : 0;
  const columns = nativeLayerGradient(a, stride, w, inputs, d, outputs, count, g, first, second, step, accumulate);
  if (updating && step === 0 && columns > 0) useGradient(w, g, weightBytes(inputs, columns));
  return columns;
}

/** The step of all parameters from `gradients`, clipped to `clipNorm` as PyTorch's clip_grad_norm_ does. */
function updateAll(): void {
  if (l1 > 0) addL1(parameters, gradients, parameterBytes, l1);
  if (clipNorm > 0) {
    const scale = clipNorm / (norm(gradients, parameterBytes) + 1e-6);
    // Not "if smaller": a norm of NaN must spread.
    if (!(scale >= 1)) scaleGradients(gradients, parameterBytes, <f32>scale);
  }
  update(parameters, gradients, firstMoments, secondMoments, parameterBytes);
}

/**
 * One epoch over `nRows` positions of `order`. `learningRates` holds a float64 per batch. The loss is the mean of
 * the batches' losses, weighted by their rows; metrics are those of the outputs during training.
 */
export function trainEpoch(
  set: usize,
  order: usize,
  nRows: i32,
  batchSize: i32,
  learningRates: usize,
  seed: u32,
  epoch: u32,
): void {
  resetMetrics();
  let total: f64 = 0;
  for (let first = 0, batch = 0; first < nRows; first += batchSize, batch++) {
    const size = min(batchSize, nRows - first);
    const weight = weightSum(set, order, first, size);
    const scale = weight === 0 ? 0 : 1 / weight;
    const updating = size <= BLOCK_ROWS && clipNorm === 0;
    let sum: f64 = 0;
    beginStep(load<f64>(learningRates + (<usize>batch << 3)));
    for (let done = 0; done < size; done += BLOCK_ROWS) {
      const count = min(BLOCK_ROWS, size - done);
      const start = first + done;
      gather(set, order, start, count);
      const z = forwardBlock(count, true, done, seed, epoch, batch);
      sum += loss(z, gradientPanels, strideOf(count), set, order, start, count, <f32>scale, true);
      backwardBlock(count, updating, done > 0);
    }
    if (!updating) updateAll();
    total += sum * scale * <f64>size;
  }
  storeResults(total / <f64>nRows);
}

/** Loss and metrics of `nRows` rows without dropout; the outputs go to `outputs` unless that is 0. */
export function evaluate(set: usize, order: usize, nRows: i32, outputs: usize): void {
  resetMetrics();
  const weight = weightSum(set, order, 0, nRows);
  const scale = weight === 0 ? 0 : 1 / weight;
  let sum: f64 = 0;
  for (let first = 0; first < nRows; first += BLOCK_ROWS) {
    const count = min(BLOCK_ROWS, nRows - first);
    gather(set, order, first, count);
    const z = forwardBlock(count, false, 0, 0, 0, 0);
    sum += loss(z, gradientPanels, strideOf(count), set, order, first, count, 0, false);
    if (outputs !== 0) copyOutputs(z, count, outputs, first);
  }
  storeResults(sum * scale);
}

/** The network's outputs for `nRows` rows of a set without targets. */
export function predict(set: usize, nRows: i32, outputs: usize): void {
  for (let first = 0; first < nRows; first += BLOCK_ROWS) {
    const count = min(BLOCK_ROWS, nRows - first);
    gather(set, 0, first, count);
    copyOutputs(forwardBlock(count, false, 0, 0, 0, 0), count, outputs, first);
  }
}

/** From panels to rows of exactly the layer's width. */
function copyOutputs(z: usize, count: i32, outputs: usize, firstRow: i32): void {
  const width = field(layerAt(nLayers - 1), LAYER_OUTPUTS);
  const stride = strideOf(count);
  let to = outputs + ((<usize>firstRow * <usize>width) << 2);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < width; c++, to += 4) {
      const from = z + <usize>(c >> 3) * stride + (<usize>i << 5) + (<usize>(c & 7) << 2);
      store<f32>(to, load<f32>(from));
    }
  }
}

function storeResults(value: f64): void {
  store<f64>(results + (RESULT_LOSS << 3), value);
  store<f64>(results + (RESULT_CORRECT << 3), <f64>nCorrect);
  store<f64>(results + (RESULT_SQUARED_ERROR << 3), squaredError);
  store<f64>(results + (RESULT_ABSOLUTE_ERROR << 3), absoluteError);
}

/** Arithmetic of the inner loops without their memory: 48 multiply-adds a turn, to measure the machine's limit. */
export function multiplyAddLoop(turns: i32, first: f32, second: f32): f32 {
  const x = f32x4.splat(first);
  const y = f32x4.splat(second);
  let c0 = f32x4.splat(0);
  let c1 = f32x4.splat(1);
  let c2 = f32x4.splat(2);
  let c3 = f32x4.splat(3);
  let c4 = f32x4.splat(4);
  let c5 = f32x4.splat(5);
  let c6 = f32x4.splat(6);
  let c7 = f32x4.splat(7);
  let c8 = f32x4.splat(8);
  let c9 = f32x4.splat(9);
  let c10 = f32x4.splat(10);
  let c11 = f32x4.splat(11);
  for (let i = 0; i < turns; i++) {
    c0 = madd(x, y, c0);
    c1 = madd(x, y, c1);
    c2 = madd(x, y, c2);
    c3 = madd(x, y, c3);
    c4 = madd(x, y, c4);
    c5 = madd(x, y, c5);
    c6 = madd(x, y, c6);
    c7 = madd(x, y, c7);
    c8 = madd(x, y, c8);
    c9 = madd(x, y, c9);
    c10 = madd(x, y, c10);
    c11 = madd(x, y, c11);
  }
  const even = f32x4.add(f32x4.add(c0, c2), f32x4.add(f32x4.add(c4, c6), f32x4.add(c8, c10)));
  const odd = f32x4.add(f32x4.add(c1, c3), f32x4.add(f32x4.add(c5, c7), f32x4.add(c9, c11)));
  return sumLanes(f32x4.add(even, odd));
}
