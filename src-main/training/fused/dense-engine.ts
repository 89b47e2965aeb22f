/**
 * Trains dense networks with whole epochs inside WebAssembly SIMD. Small networks on small tables are bound by the
 * cost of starting each operation, not by arithmetic; here an epoch is one call.
 *
 * This file checks arguments, plans the memory of the module and moves numbers in and out. The training itself is
 * in `assembly/`, the layout that both sides share in `assembly/layout.ts`.
 */
import * as layout from './assembly/layout.ts';
import {
  check,
  checkCount,
  checkDenseConfig,
  isClassLoss,
  resolveOptimizer,
  type DenseActivation,
  type DenseConfig,
  type DenseLoss,
  type DenseOptimizer,
} from './dense-config.ts';
import { dropoutScale, dropoutThreshold } from './dropout-mask.ts';
import type { NativeKernels } from './native-kernels.ts';
import { defaultDenseModule, instantiateDense, type DenseExports } from './wasm-module.ts';

/** `kernel`: nInputs x nUnits of the layer, row-major. */
export interface DenseLayerWeights {
  kernel: Float32Array;
  bias: Float32Array;
}

/** Rows of features with what they should give. */
export interface DenseData {
  /** nRows x nInputs, row-major. */
  features: Float32Array;
  /** Class losses: an Int32Array of nRows class numbers. Others: a Float32Array of nRows x nOutputs. */
  targets: Int32Array | Float32Array;
  /** One per row, not negative. @default all 1 */
  rowWeights?: Float32Array;
}

export interface TrainEpochOptions {
  /** Rows of the training set in the order to visit; it may be a part of them. */
  order: Int32Array;
  batchSize: number;
  /** One for the epoch, or one per batch. */
  learningRate: number | ArrayLike<number>;
  /** With `epoch` it decides the dropout masks, see dropout-mask.ts. Integers; the lowest 32 bits count. */
  seed: number;
  epoch: number;
}

export interface DenseScores {
  nRows: number;
  /** Mean loss. While training: of the batches' mean losses, weighted by their rows. NaN when training diverged. */
  loss: number;
  /** Rows whose largest output is that of their class; 0 for regression. */
  nCorrect: number;
  /** Over all rows and targets, without row weights; 0 for classes. */
  squaredError: number;
  absoluteError: number;
}

export interface EvaluateOptions {
  /** Rows to look at. @default all */
  rows?: Int32Array;
  /** Also return the outputs (before the softmax), nRows x nOutputs. @default false */
  withOutputs?: boolean;
}

export interface DenseEvaluation extends DenseScores {
  outputs?: Float32Array;
}

export interface DenseEngine {
  /** One entry per hidden layer and one for the output layer. */
  setWeights(weights: readonly DenseLayerWeights[]): void;
  getWeights(): DenseLayerWeights[];
  /** Keeps a copy of the weights inside; a later call replaces it. */
  keepWeights(): void;
  /** Back to the weights of the last `keepWeights`. The optimizer's state stays as it is. */
  restoreKeptWeights(): void;
  /** Forgets moments and step count. */
  resetOptimizer(): void;
  setTrain(data: DenseData): void;
  setValidation(data: DenseData): void;
  trainEpoch(options: TrainEpochOptions): DenseScores;
  evaluate(set: 'train' | 'validation', options?: EvaluateOptions): DenseEvaluation;
  /** Outputs (before the softmax) for nRows x nInputs features: nRows x nOutputs. */
  predict(features: Float32Array): Float32Array;
  /** Frees the memory. Nothing else may be called afterwards. */
  dispose(): void;
}

export interface DenseEngineOptions {
  /** The compiled `denseWasmName()`, where the file is not beside this module. */
  module?: WebAssembly.Module;
  /** Makes wide networks faster and nothing else. @default null */
  native?: NativeKernels | null;
}

const ACTIVATION_CODES: Record<DenseActivation, number> = {
  linear: layout.ACTIVATION_LINEAR,
  relu: layout.ACTIVATION_RELU,
  leakyRelu: layout.ACTIVATION_LEAKY_RELU,
  elu: layout.ACTIVATION_ELU,
  gelu: layout.ACTIVATION_GELU,
  selu: layout.ACTIVATION_SELU,
  swish: layout.ACTIVATION_SWISH,
  tanh: layout.ACTIVATION_TANH,
};

const LOSS_CODES: Record<DenseLoss['kind'], number> = {
  crossEntropy: layout.LOSS_CROSS_ENTROPY,
  focal: layout.LOSS_FOCAL,
  mse: layout.LOSS_MSE,
  mae: layout.LOSS_MAE,
  huber: layout.LOSS_HUBER,
};

const OPTIMIZER_CODES: Record<DenseOptimizer['kind'], number> = {
  sgd: layout.OPTIMIZER_SGD,
  adam: layout.OPTIMIZER_ADAM,
  adamw: layout.OPTIMIZER_ADAMW,
  rmsprop: layout.OPTIMIZER_RMSPROP,
  adagrad: layout.OPTIMIZER_ADAGRAD,
  nadam: layout.OPTIMIZER_NADAM,
};

const PAGE_BYTES = 65_536;
const MAX_PAGES = 65_536;
const CACHE_LINE = 64;
const PREDICT_ROWS = 4096;

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

/** The module's memory: addresses are handed out once and never taken back. */
class Heap {
  readonly #memory: WebAssembly.Memory;
  #next: number;
  #floats: Float32Array;
  #ints: Int32Array;

  constructor(memory: WebAssembly.Memory, base: number) {
    this.#memory = memory;
    this.#next = roundUp(base, CACHE_LINE);
    this.#floats = new Float32Array(memory.buffer);
    this.#ints = new Int32Array(memory.buffer);
  }

  /** Where the next piece begins. */
  get end(): number {
    return this.#next;
  }

  /** Zeroed, aligned to a cache line. */
  allocate(bytes: number): number {
    const address = this.#next;
    const end = roundUp(address + bytes, CACHE_LINE);
    const missing = Math.ceil((end - this.#memory.buffer.byteLength) / PAGE_BYTES);
    if (missing > 0) this.#grow(missing, end);
    this.#next = end;
    return address;
  }

  #grow(pages: number, bytes: number): void {
    const size = `${(bytes / 2 ** 30).toFixed(1)} GB`;
    if (bytes > MAX_PAGES * PAGE_BYTES) {
      throw new Error(`Network and rows must fit in 4 GB of WebAssembly memory, but need ${size}.`);
    }
    try {
      this.#memory.grow(pages);
    } catch (error) {
      throw new Error(`The system refused the ${size} of memory that network and rows need.`, {
        cause: error,
      });
    }
    this.#floats = new Float32Array(this.#memory.buffer);
    this.#ints = new Int32Array(this.#memory.buffer);
  }

  /** Views are good until the next allocation. */
  floats(address: number, length: number): Float32Array {
    const first = address / 4;
    return this.#floats.subarray(first, first + length);
  }

  ints(address: number, length: number): Int32Array {
    const first = address / 4;
    return this.#ints.subarray(first, first + length);
  }

  doubles(address: number, length: number): Float64Array {
    return new Float64Array(this.#memory.buffer, address, length);
  }
}

/** The instance of the engine that was disposed last, zeroed. */
interface IdleInstance {
  readonly native: NativeKernels | null;
  readonly wasm: DenseExports;
}

/** More memory than this is given back to the system. */
const MAX_IDLE_BYTES = 2 ** 24;

/**
 * The next engine takes it: a trial of a small network takes some milliseconds, a new instance and the pages of its memory, which the system hands out one by
 * one, a good part of one.
 */
const idleInstances = new WeakMap<WebAssembly.Module, IdleInstance>();

function takeInstance(module: WebAssembly.Module, native: NativeKernels | null): DenseExports {
  const idle = idleInstances.get(module);
  if (idle?.native !== native) return instantiateDense(module, native);
  idleInstances.delete(module);
  return idle.wasm;
}

/** @param end Of what was used of its memory. */
function keepInstance(
  module: WebAssembly.Module,
  native: NativeKernels | null,
  wasm: DenseExports,
  end: number,
): void {
  const { buffer } = wasm.memory;
  if (buffer.byteLength > MAX_IDLE_BYTES) return;
  const base = wasm.heapBase();
  new Uint8Array(buffer, base, end - base).fill(0);
  idleInstances.set(module, { native, wasm });
}

/** A piece of memory that is replaced by a longer one when it has become too short. */
class Region {
  readonly #heap: Heap;
  #address = 0;
  #bytes = 0;

  constructor(heap: Heap) {
    this.#heap = heap;
  }

  reserve(bytes: number): number {
    if (bytes > this.#bytes) {
      this.#address = this.#heap.allocate(bytes);
      this.#bytes = bytes;
    }
    return this.#address;
  }
}

/** A data set inside the module. */
class DataSet {
  readonly record: number;
  nRows = 0;
  readonly #heap: Heap;
  readonly #config: DenseConfig;
  readonly #features: Region;
  readonly #targets: Region;
  readonly #rowWeights: Region;

  constructor(heap: Heap, config: DenseConfig) {
    this.#heap = heap;
    this.#config = config;
    this.#features = new Region(heap);
    this.#targets = new Region(heap);
    this.#rowWeights = new Region(heap);
    this.record = heap.allocate(layout.SET_RECORD_BYTES);
  }

  setFeatures(features: Float32Array, first: number, nRows: number): void {
    const { nInputs } = this.#config;
    const stride = roundUp(nInputs, 4);
    const address = this.#features.reserve(nRows * stride * 4);
    copyRows(features, first, nRows, nInputs, this.#heap.floats(address, nRows * stride), stride);
    this.#write(layout.SET_FEATURES, address);
    this.#write(layout.SET_FEATURE_STRIDE, stride * 4);
    this.nRows = nRows;
  }

  set(data: DenseData): void {
    const { nInputs } = this.#config;
    const nRows = countRows(data.features, nInputs);
    this.#checkTargets(data.targets, nRows);
    if (data.rowWeights) checkRowWeights(data.rowWeights, nRows);
    this.setFeatures(data.features, 0, nRows);
    this.#write(layout.SET_TARGETS, this.#copyTargets(data.targets, nRows));
    let rowWeights = 0;
    if (data.rowWeights) {
      rowWeights = this.#rowWeights.reserve(nRows * 4);
      this.#heap.floats(rowWeights, nRows).set(data.rowWeights);
    }
    this.#write(layout.SET_ROW_WEIGHTS, rowWeights);
  }

  #checkTargets(targets: Int32Array | Float32Array, nRows: number): void {
    const { loss, nOutputs } = this.#config;
    if (!isClassLoss(loss)) {
      const expected = nRows * nOutputs;
      check(
        targets instanceof Float32Array && targets.length === expected,
        'targets',
        `a Float32Array of ${nRows} x ${nOutputs} numbers`,
        `${targets.constructor.name} of ${targets.length}`,
      );
      return;
    }
    check(
      targets instanceof Int32Array && targets.length === nRows,
      'targets',
      `an Int32Array of ${nRows} classes`,
      `${targets.constructor.name} of ${targets.length}`,
    );
    for (const target of targets) {
      check(target >= 0 && target < nOutputs, 'targets', `between 0 and ${nOutputs - 1}`, target);
    }
  }

  #copyTargets(targets: Int32Array | Float32Array, nRows: number): number {
    if (targets instanceof Int32Array) {
      const address = this.#targets.reserve(nRows * 4);
      this.#heap.ints(address, nRows).set(targets);
      return address;
    }
    const { nOutputs } = this.#config;
    const stride = roundUp(nOutputs, 4);
    const address = this.#targets.reserve(nRows * stride * 4);
    copyRows(targets, 0, nRows, nOutputs, this.#heap.floats(address, nRows * stride), stride);
    return address;
  }

  #write(offset: number, value: number): void {
    this.#heap.ints(this.record + offset, 1)[0] = value;
  }
}

function copyRows(
  from: Float32Array,
  first: number,
  nRows: number,
  width: number,
  to: Float32Array,
  stride: number,
): void {
  if (width === stride) {
    to.set(from.subarray(first * width, (first + nRows) * width));
    return;
  }
  for (let row = 0; row < nRows; row++) {
    const source = (first + row) * width;
    to.set(from.subarray(source, source + width), row * stride);
  }
}

function countRows(features: Float32Array, nInputs: number): number {
  const nRows = features.length / nInputs;
  check(
    Number.isInteger(nRows) && nRows > 0,
    'features',
    `one or more rows of ${nInputs} numbers`,
    `${features.length} numbers`,
  );
  return nRows;
}

function checkRowWeights(rowWeights: Float32Array, nRows: number): void {
  check(
    rowWeights.length === nRows,
    'rowWeights',
    `a list of ${nRows} numbers, one per row`,
    `${rowWeights.length}`,
  );
  for (const weight of rowWeights) {
    check(Number.isFinite(weight) && weight >= 0, 'rowWeights', 'finite and not negative', weight);
  }
}

function checkOrder(name: string, order: Int32Array, nRows: number): void {
  check(order.length > 0, name, 'one or more rows', 'none');
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!;
    if (row < 0 || row >= nRows) check(false, name, `between 0 and ${nRows - 1}`, row);
  }
}

/** Where a layer's parameters are: panels of 8 columns, the last one of 4 if that is enough. */
interface LayerPlan {
  nInputs: number;
  nOutputs: number;
  rows: number;
  address: number;
}

/** Calls `visit` with the address of the first of the `width` columns of every panel, bias row last. */
function forEachPanel(
  plan: LayerPlan,
  visit: (address: number, width: number, firstColumn: number) => void,
): void {
  let address = plan.address;
  for (let column = 0; column < plan.nOutputs; column += layout.PANEL) {
    const width = plan.nOutputs - column > 4 ? layout.PANEL : 4;
    visit(address, width, column);
    address += plan.rows * width * 4;
  }
}

function parameterBytes(nInputs: number, nOutputs: number): number {
  const columns = roundUp(nOutputs, 4);
  return (roundUp(nInputs, 4) + 1) * columns * 4;
}

class WasmDenseEngine implements DenseEngine {
  readonly #config: DenseConfig;
  readonly #heap: Heap;
  readonly #plans: readonly LayerPlan[];
  readonly #parameters: number;
  readonly #parameterBytes: number;
  readonly #firstMoments: number;
  readonly #secondMoments: number;
  readonly #results: number;
  readonly #train: DataSet;
  readonly #validation: DataSet;
  readonly #asked: DataSet;
  readonly #order: Region;
  readonly #learningRates: Region;
  readonly #outputs: Region;
  readonly #kept: Region;
  readonly #module: WebAssembly.Module;
  readonly #native: NativeKernels | null;
  #keptAddress = 0;
  #wasm: DenseExports | undefined;

  constructor(config: DenseConfig, module: WebAssembly.Module, native: NativeKernels | null) {
    this.#config = config;
    this.#module = module;
    this.#native = native;
    const wasm = takeInstance(module, native);
    this.#wasm = wasm;
    const heap = new Heap(wasm.memory, wasm.heapBase());
    this.#heap = heap;

    const widths = [config.nInputs, ...config.hidden.map((layer) => layer.units), config.nOutputs];
    const nLayers = widths.length - 1;
    const sizes = widths
      .slice(1)
      .map((nOutputs, index) => parameterBytes(widths[index]!, nOutputs));
    this.#parameterBytes = sizes.reduce((sum, size) => sum + size, 0);
    // All of one size, so that a parameter's gradient and moments are at the same offset as itself.
    this.#parameters = heap.allocate(this.#parameterBytes);
    const gradients = heap.allocate(this.#parameterBytes);
    this.#firstMoments = heap.allocate(this.#parameterBytes);
    this.#secondMoments = heap.allocate(this.#parameterBytes);
    let address = this.#parameters;
    this.#plans = sizes.map((size, index) => {
      const nInputs = widths[index]!;
      const plan = {
        nInputs,
        nOutputs: widths[index + 1]!,
        rows: roundUp(nInputs, 4) + 1,
        address,
      };
      address += size;
      return plan;
    });

    const panelBytes = (width: number): number =>
      roundUp(width, layout.PANEL) * layout.BLOCK_ROWS * 4;
    const widest = panelBytes(Math.max(...widths));
    const layers = heap.allocate(nLayers * layout.LAYER_RECORD_BYTES);
    this.#plans.forEach((plan, index) => {
      const activations = heap.allocate(panelBytes(plan.nOutputs));
      const isOutput = index === nLayers - 1;
      const slopes = isOutput ? 0 : heap.allocate(panelBytes(plan.nOutputs));
      const hidden = config.hidden[index];
      const dropout = hidden?.dropout ?? 0;
      const record = layers + index * layout.LAYER_RECORD_BYTES;
      const write = (offset: number, value: number): void => {
        heap.ints(record + offset, 1)[0] = value;
      };
      write(layout.LAYER_INPUTS_PADDED, roundUp(plan.nInputs, 4));
      write(layout.LAYER_OUTPUTS, plan.nOutputs);
      write(layout.LAYER_ACTIVATION, ACTIVATION_CODES[hidden?.activation ?? 'linear']);
      write(layout.LAYER_DROPOUT_THRESHOLD, dropoutThreshold(dropout));
      heap.floats(record + layout.LAYER_DROPOUT_SCALE, 1)[0] = dropoutScale(dropout);
      write(layout.LAYER_WEIGHTS, plan.address);
      write(layout.LAYER_ACTIVATIONS, activations);
      write(layout.LAYER_SLOPES, slopes);
    });
    this.#results = heap.allocate(layout.RESULT_COUNT * 8);
    wasm.defineNetwork(
      layers,
      nLayers,
      heap.allocate(panelBytes(config.nInputs)),
      heap.allocate(widest),
      heap.allocate(widest),
      heap.allocate(widest),
      this.#results,
    );
    wasm.defineParameters(
      this.#parameters,
      this.#parameterBytes,
      gradients,
      this.#firstMoments,
      this.#secondMoments,
      config.l1 ?? 0,
      config.clipNorm ?? 0,
    );
    this.#defineLoss(wasm);
    this.#defineOptimizer(wasm);

    this.#train = new DataSet(heap, config);
    this.#validation = new DataSet(heap, config);
    this.#asked = new DataSet(heap, config);
    this.#order = new Region(heap);
    this.#learningRates = new Region(heap);
    this.#outputs = new Region(heap);
    this.#kept = new Region(heap);
  }

  #defineLoss(wasm: DenseExports): void {
    const { loss, nOutputs } = this.#config;
    const lanes = roundUp(nOutputs, layout.PANEL);
    const weights = this.#heap.allocate(lanes * 4);
    const mask = this.#heap.allocate(lanes * 4);
    this.#heap.ints(mask, nOutputs).fill(-1);
    this.#heap.floats(weights, nOutputs).fill(1);
    let parameter = 0;
    let smoothing = 0;
    let hasClassWeights = false;
    if (loss.kind === 'huber') parameter = loss.delta;
    if (loss.kind === 'focal') parameter = loss.gamma;
    if (loss.kind === 'focal' || loss.kind === 'crossEntropy') {
      smoothing = loss.labelSmoothing ?? 0;
      hasClassWeights = loss.classWeights !== undefined;
      if (loss.classWeights) this.#heap.floats(weights, nOutputs).set(loss.classWeights);
    }
    wasm.defineLoss(
      LOSS_CODES[loss.kind],
      nOutputs,
      parameter,
      smoothing,
      weights,
      mask,
      Number(hasClassWeights),
    );
  }

  #defineOptimizer(wasm: DenseExports): void {
    const optimizer = resolveOptimizer(this.#config.optimizer);
    wasm.defineOptimizer(
      OPTIMIZER_CODES[optimizer.kind],
      optimizer.beta1,
      optimizer.beta2,
      optimizer.epsilon,
      optimizer.momentum,
      Number(optimizer.nesterov),
      optimizer.weightDecay,
      optimizer.kind === 'nadam' ? 0.96 ** optimizer.decay : optimizer.decay,
    );
  }

  #exports(): DenseExports {
    if (!this.#wasm) throw new Error('The engine was disposed and cannot be used any more.');
    return this.#wasm;
  }

  /** Before each call that computes: the memory may have moved when it grew. */
  #shareMemory(wasm: DenseExports): void {
    const native = this.#native;
    if (native)
      wasm.useNative(native.addressOf(wasm.memory.buffer), native.leastWork, native.leastBytes);
  }

  setWeights(weights: readonly DenseLayerWeights[]): void {
    this.#exports();
    const nLayers = this.#plans.length;
    check(weights.length === nLayers, 'weights', `a list of ${nLayers} layers`, weights.length);
    this.#plans.forEach((plan, index) => {
      const { kernel, bias } = weights[index]!;
      const { nInputs, nOutputs } = plan;
      check(
        kernel.length === nInputs * nOutputs,
        'kernel',
        `${nInputs} x ${nOutputs} numbers in layer ${index}`,
        kernel.length,
      );
      check(bias.length === nOutputs, 'bias', `${nOutputs} numbers in layer ${index}`, bias.length);
      forEachPanel(plan, (address, width, column) => {
        const panel = this.#heap.floats(address, plan.rows * width);
        const used = Math.min(width, nOutputs - column);
        for (let row = 0; row < nInputs; row++) {
          const source = row * nOutputs + column;
          for (let c = 0; c < used; c++) panel[row * width + c] = kernel[source + c]!;
        }
        for (let c = 0; c < used; c++) panel[(plan.rows - 1) * width + c] = bias[column + c]!;
      });
    });
  }

  getWeights(): DenseLayerWeights[] {
    this.#exports();
    return this.#plans.map((plan) => {
      const { nInputs, nOutputs } = plan;
      const kernel = new Float32Array(nInputs * nOutputs);
      const bias = new Float32Array(nOutputs);
      forEachPanel(plan, (address, width, column) => {
        const panel = this.#heap.floats(address, plan.rows * width);
        const used = Math.min(width, nOutputs - column);
        for (let row = 0; row < nInputs; row++) {
          const target = row * nOutputs + column;
          for (let c = 0; c < used; c++) kernel[target + c] = panel[row * width + c]!;
        }
        for (let c = 0; c < used; c++) bias[column + c] = panel[(plan.rows - 1) * width + c]!;
      });
      return { kernel, bias };
    });
  }

  keepWeights(): void {
    this.#exports();
    const length = this.#parameterBytes / 4;
    this.#keptAddress = this.#kept.reserve(this.#parameterBytes);
    this.#heap.floats(this.#keptAddress, length).set(this.#heap.floats(this.#parameters, length));
  }

  restoreKeptWeights(): void {
    this.#exports();
    if (this.#keptAddress === 0) throw new Error('There are no kept weights to restore.');
    const length = this.#parameterBytes / 4;
    this.#heap.floats(this.#parameters, length).set(this.#heap.floats(this.#keptAddress, length));
  }

  resetOptimizer(): void {
    const wasm = this.#exports();
    const length = this.#parameterBytes / 4;
    this.#heap.floats(this.#firstMoments, length).fill(0);
    this.#heap.floats(this.#secondMoments, length).fill(0);
    this.#defineOptimizer(wasm);
  }

  setTrain(data: DenseData): void {
    this.#exports();
    this.#train.set(data);
  }

  setValidation(data: DenseData): void {
    this.#exports();
    this.#validation.set(data);
  }

  trainEpoch(options: TrainEpochOptions): DenseScores {
    const wasm = this.#exports();
    const { order, learningRate, seed, epoch } = options;
    const set = this.#train;
    if (set.nRows === 0) throw new Error('There are no training rows: call setTrain first.');
    checkCount('batchSize', options.batchSize);
    check(Number.isSafeInteger(seed), 'seed', 'an integer', seed);
    check(Number.isSafeInteger(epoch), 'epoch', 'an integer', epoch);
    checkOrder('order', order, set.nRows);
    const batchSize = Math.min(options.batchSize, order.length);
    const nBatches = Math.ceil(order.length / batchSize);
    const orderAddress = this.#copyOrder(order);
    const ratesAddress = this.#learningRates.reserve(nBatches * 8);
    const rates = this.#heap.doubles(ratesAddress, nBatches);
    if (typeof learningRate === 'number') {
      rates.fill(learningRate);
    } else {
      check(
        learningRate.length === nBatches,
        'learningRate',
        `one number or ${nBatches}, one per batch`,
        `${learningRate.length}`,
      );
      rates.set(learningRate);
    }
    for (const rate of rates) {
      check(Number.isFinite(rate) && rate >= 0, 'learningRate', 'finite and at least 0', rate);
    }
    this.#shareMemory(wasm);
    wasm.trainEpoch(set.record, orderAddress, order.length, batchSize, ratesAddress, seed, epoch);
    return this.#scores(order.length);
  }

  evaluate(name: 'train' | 'validation', options: EvaluateOptions = {}): DenseEvaluation {
    const wasm = this.#exports();
    const set = name === 'train' ? this.#train : this.#validation;
    if (set.nRows === 0) throw new Error(`There are no ${name} rows yet.`);
    const { rows, withOutputs = false } = options;
    if (rows) checkOrder('rows', rows, set.nRows);
    const nRows = rows?.length ?? set.nRows;
    const order = rows ? this.#copyOrder(rows) : 0;
    const nNumbers = nRows * this.#config.nOutputs;
    const address = withOutputs ? this.#outputs.reserve(nNumbers * 4) : 0;
    this.#shareMemory(wasm);
    wasm.evaluate(set.record, order, nRows, address);
    const scores = this.#scores(nRows);
    if (!withOutputs) return scores;
    return { ...scores, outputs: this.#heap.floats(address, nNumbers).slice() };
  }

  predict(features: Float32Array): Float32Array {
    const wasm = this.#exports();
    const { nInputs, nOutputs } = this.#config;
    const nRows = countRows(features, nInputs);
    const outputs = new Float32Array(nRows * nOutputs);
    const address = this.#outputs.reserve(Math.min(nRows, PREDICT_ROWS) * nOutputs * 4);
    for (let first = 0; first < nRows; first += PREDICT_ROWS) {
      const count = Math.min(PREDICT_ROWS, nRows - first);
      this.#asked.setFeatures(features, first, count);
      this.#shareMemory(wasm);
      wasm.predict(this.#asked.record, count, address);
      outputs.set(this.#heap.floats(address, count * nOutputs), first * nOutputs);
    }
    return outputs;
  }

  dispose(): void {
    if (this.#wasm) keepInstance(this.#module, this.#native, this.#wasm, this.#heap.end);
    this.#wasm = undefined;
  }

  #copyOrder(order: Int32Array): number {
    const address = this.#order.reserve(order.length * 4);
    this.#heap.ints(address, order.length).set(order);
    return address;
  }

  #scores(nRows: number): DenseScores {
    const results = this.#heap.doubles(this.#results, layout.RESULT_COUNT);
    return {
      nRows,
      loss: results[layout.RESULT_LOSS]!,
      nCorrect: results[layout.RESULT_CORRECT]!,
      squaredError: results[layout.RESULT_SQUARED_ERROR]!,
      absoluteError: results[layout.RESULT_ABSOLUTE_ERROR]!,
    };
  }
}

/** Weights start at zero: set them before training. Throws an Error that names the rule and the value. */
export function createDenseEngine(
  config: DenseConfig,
  options: DenseEngineOptions = {},
): DenseEngine {
  checkDenseConfig(config);
  const { module = defaultDenseModule(), native = null } = options;
  return new WasmDenseEngine(config, module, native);
}
