/**
 * The engine's training again, in plain float64 loops that follow the formulas one by one: what the fused code is
 * compared with.
 */
import {
  resolveOptimizer,
  type DenseActivation,
  type DenseConfig,
} from '../../../src-main/training/fused/dense-config.ts';
import type {
  DenseData,
  DenseLayerWeights,
  DenseScores,
  TrainEpochOptions,
} from '../../../src-main/training/fused/dense-engine.ts';
import { dropoutMask } from '../../../src-main/training/fused/dropout-mask.ts';

const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;

/** Standard normal distribution function: a series near 0, a continued fraction (Lentz) in the tail. */
function normalCdf(x: number): number {
  const a = Math.abs(x);
  const density = Math.exp((-a * a) / 2) / Math.sqrt(2 * Math.PI);
  let upper: number;
  if (a < 3) {
    let term = a;
    let sum = a;
    for (let k = 1; term > 1e-18 * sum; k++) {
      term *= (a * a) / (2 * k + 1);
      sum += term;
    }
    upper = 0.5 - density * sum;
  } else {
    let fraction = 0;
    for (let k = 200; k > 0; k--) fraction = k / (a + fraction);
    upper = density / (a + fraction);
  }
  return x > 0 ? 1 - upper : upper;
}

/** [value, derivative] */
export function activation(kind: DenseActivation, x: number): [number, number] {
  const sigmoid = 1 / (1 + Math.exp(-x));
  switch (kind) {
    case 'linear':
      return [x, 1];
    case 'relu':
      return x > 0 ? [x, 1] : [0, 0];
    case 'leakyRelu':
      return x > 0 ? [x, 1] : [0.01 * x, 0.01];
    case 'elu':
      return x > 0 ? [x, 1] : [Math.expm1(x), Math.exp(x)];
    case 'selu':
      return x > 0
        ? [SELU_SCALE * x, SELU_SCALE]
        : [SELU_SCALE * SELU_ALPHA * Math.expm1(x), SELU_SCALE * SELU_ALPHA * Math.exp(x)];
    case 'gelu': {
      const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
      return [x * normalCdf(x), normalCdf(x) + x * density];
    }
    case 'swish':
      return [x * sigmoid, sigmoid * (1 + x * (1 - sigmoid))];
    case 'tanh':
      return [Math.tanh(x), 1 - Math.tanh(x) ** 2];
  }
}

interface RowLoss {
  loss: number;
  gradient: number[];
}

function classLoss(config: DenseConfig, z: readonly number[], target: number): RowLoss {
  const { loss, nOutputs } = config;
  if (loss.kind !== 'crossEntropy' && loss.kind !== 'focal') throw new Error('not a class loss');
  const smoothing = loss.labelSmoothing ?? 0;
  const gamma = loss.kind === 'focal' ? loss.gamma : 0;
  const top = Math.max(...z);
  const logSum = top + Math.log(z.reduce((sum, value) => sum + Math.exp(value - top), 0));
  const logP = z.map((value) => value - logSum);
  const p = logP.map(Math.exp);
  const shares = z.map(
    (_, c) =>
      (smoothing / nOutputs + (c === target ? 1 - smoothing : 0)) * (loss.classWeights?.[c] ?? 1),
  );
  const rest = p.map((_, c) =>
    p.reduce((sum, value, other) => (other === c ? sum : sum + value), 0),
  );
  const value = shares.reduce((sum, a, c) => sum - a * rest[c]! ** gamma * logP[c]!, 0);
  const u = shares.map((a, c) => {
    const bend = gamma === 0 ? 0 : gamma * p[c]! * rest[c]! ** (gamma - 1) * logP[c]!;
    return a * (bend - rest[c]! ** gamma);
  });
  const total = u.reduce((sum, term) => sum + term, 0);
  return { loss: value, gradient: u.map((term, j) => term - p[j]! * total) };
}

function regressionLoss(config: DenseConfig, z: readonly number[], y: readonly number[]): RowLoss {
  const { loss, nOutputs } = config;
  let value = 0;
  const gradient = z.map((output, c) => {
    const error = output - y[c]!;
    const size = Math.abs(error);
    if (loss.kind === 'mae') {
      value += size / nOutputs;
      return Math.sign(error) / nOutputs;
    }
    if (loss.kind === 'huber') {
      const inside = size <= loss.delta;
      value += (inside ? error ** 2 / 2 : loss.delta * (size - loss.delta / 2)) / nOutputs;
      return (inside ? error : loss.delta * Math.sign(error)) / nOutputs;
    }
    value += error ** 2 / nOutputs;
    return (2 * error) / nOutputs;
  });
  return { loss: value, gradient };
}

interface Parameter {
  value: number;
  gradient: number;
  first: number;
  second: number;
}

interface Layer {
  nInputs: number;
  nOutputs: number;
  /** nInputs x nOutputs, then the biases. */
  parameters: Parameter[];
}

export class ReferenceEngine {
  readonly #config: DenseConfig;
  readonly #layers: Layer[];
  readonly #data: DenseData;
  #step = 0;
  #momentProduct = 1;

  constructor(config: DenseConfig, weights: readonly DenseLayerWeights[], data: DenseData) {
    this.#config = config;
    this.#data = data;
    const widths = [config.nInputs, ...config.hidden.map((layer) => layer.units), config.nOutputs];
    this.#layers = weights.map(({ kernel, bias }, index) => ({
      nInputs: widths[index]!,
      nOutputs: widths[index + 1]!,
      parameters: [...kernel, ...bias].map((value) => ({
        value,
        gradient: 0,
        first: 0,
        second: 0,
      })),
    }));
  }

  /** All parameters, layer by layer, kernel before bias. */
  parameters(): number[] {
    return this.#layers.flatMap((layer) => layer.parameters.map((parameter) => parameter.value));
  }

  /** Gradients of the last batch, before clipping and decay. */
  gradients(): number[] {
    return this.#layers.flatMap((layer) => layer.parameters.map((parameter) => parameter.gradient));
  }

  #forward(x: number[], masks?: readonly number[][]): { a: number[][]; slopes: number[][] } {
    const a = [x];
    const slopes: number[][] = [];
    this.#layers.forEach(({ nInputs, nOutputs, parameters }, index) => {
      const hidden = this.#config.hidden[index];
      const values: number[] = [];
      const layerSlopes: number[] = [];
      for (let o = 0; o < nOutputs; o++) {
        let z = parameters[nInputs * nOutputs + o]!.value;
        for (let i = 0; i < nInputs; i++) {
          z += a[index]![i]! * parameters[i * nOutputs + o]!.value;
        }
        const [value, slope] = activation(hidden?.activation ?? 'linear', z);
        const factor = masks?.[index]?.[o] ?? 1;
        values.push(value * factor);
        layerSlopes.push(slope * factor);
      }
      a.push(values);
      slopes.push(layerSlopes);
    });
    return { a, slopes };
  }

  #row(row: number): number[] {
    const { nInputs } = this.#config;
    return [...this.#data.features.subarray(row * nInputs, (row + 1) * nInputs)];
  }

  #loss(z: readonly number[], row: number): RowLoss {
    const { nOutputs } = this.#config;
    const { targets } = this.#data;
    if (targets instanceof Int32Array) return classLoss(this.#config, z, targets[row]!);
    const y = [...targets.subarray(row * nOutputs, (row + 1) * nOutputs)];
    return regressionLoss(this.#config, z, y);
  }

  /** [weight of the row in the sum, and in the denominator] */
  #weights(row: number): [number, number] {
    const rowWeight = this.#data.rowWeights?.[row] ?? 1;
    const { loss } = this.#config;
    const classWeights =
      loss.kind === 'crossEntropy' || loss.kind === 'focal' ? loss.classWeights : undefined;
    return [rowWeight, rowWeight * (classWeights?.[this.#data.targets[row]!] ?? 1)];
  }

  trainEpoch(options: TrainEpochOptions): DenseScores {
    const { order, batchSize, learningRate, seed, epoch } = options;
    const scores = { loss: 0, nCorrect: 0, squaredError: 0, absoluteError: 0, nRows: order.length };
    for (let first = 0, batch = 0; first < order.length; first += batchSize, batch++) {
      const rows = [...order.subarray(first, first + batchSize)];
      const masks = this.#config.hidden.map(({ units, dropout = 0 }, layer) =>
        dropoutMask({
          seed,
          epoch,
          batch,
          layer,
          rate: dropout,
          nRows: rows.length,
          nUnits: units,
        }),
      );
      const denominator = rows.reduce((sum, row) => sum + this.#weights(row)[1], 0);
      const scale = denominator === 0 ? 0 : 1 / denominator;
      for (const layer of this.#layers) {
        for (const parameter of layer.parameters) parameter.gradient = 0;
      }
      let sum = 0;
      rows.forEach((row, position) => {
        const rowMasks = masks.map((mask, layer) => {
          const { units } = this.#config.hidden[layer]!;
          return [...mask.subarray(position * units, (position + 1) * units)];
        });
        const { a, slopes } = this.#forward(this.#row(row), rowMasks);
        const z = a.at(-1)!;
        const { loss, gradient } = this.#loss(z, row);
        const [weight] = this.#weights(row);
        sum += loss * weight;
        this.#score(scores, z, row);
        this.#backward(
          a,
          slopes,
          gradient.map((value) => value * weight * scale),
        );
      });
      this.#update(typeof learningRate === 'number' ? learningRate : learningRate[batch]!);
      scores.loss += (sum * scale * rows.length) / order.length;
    }
    return scores;
  }

  evaluate(rows: readonly number[]): DenseScores & { outputs: number[] } {
    const scores = { loss: 0, nCorrect: 0, squaredError: 0, absoluteError: 0, nRows: rows.length };
    const outputs: number[] = [];
    let denominator = 0;
    for (const row of rows) {
      const z = this.#forward(this.#row(row)).a.at(-1)!;
      outputs.push(...z);
      const [weight, share] = this.#weights(row);
      scores.loss += this.#loss(z, row).loss * weight;
      denominator += share;
      this.#score(scores, z, row);
    }
    scores.loss = denominator === 0 ? 0 : scores.loss / denominator;
    return { ...scores, outputs };
  }

  #score(scores: DenseScores, z: readonly number[], row: number): void {
    const { nOutputs } = this.#config;
    const { targets } = this.#data;
    if (targets instanceof Int32Array) {
      scores.nCorrect += Number(z.indexOf(Math.max(...z)) === targets[row]);
      return;
    }
    z.forEach((value, c) => {
      const error = value - targets[row * nOutputs + c]!;
      scores.squaredError += error ** 2;
      scores.absoluteError += Math.abs(error);
    });
  }

  #backward(a: number[][], slopes: number[][], outputGradient: number[]): void {
    let d = outputGradient;
    for (let index = this.#layers.length - 1; index >= 0; index--) {
      const { nInputs, nOutputs, parameters } = this.#layers[index]!;
      const below = new Array<number>(nInputs).fill(0);
      for (let o = 0; o < nOutputs; o++) {
        parameters[nInputs * nOutputs + o]!.gradient += d[o]!;
        for (let i = 0; i < nInputs; i++) {
          const parameter = parameters[i * nOutputs + o]!;
          parameter.gradient += a[index]![i]! * d[o]!;
          below[i]! += d[o]! * parameter.value;
        }
      }
      if (index > 0) d = below.map((value, i) => value * slopes[index - 1]![i]!);
    }
  }

  #update(learningRate: number): void {
    const { l1 = 0, clipNorm = 0 } = this.#config;
    const all = this.#layers.flatMap((layer) => layer.parameters);
    for (const parameter of all) parameter.gradient += l1 * Math.sign(parameter.value);
    const norm = Math.sqrt(all.reduce((sum, { gradient }) => sum + gradient ** 2, 0));
    const scale = clipNorm > 0 ? Math.min(1, clipNorm / (norm + 1e-6)) : 1;
    const optimizer = resolveOptimizer(this.#config.optimizer);
    const { beta1, beta2, epsilon, momentum, weightDecay, decay } = optimizer;
    const t = ++this.#step;
    const mu = beta1 * (1 - 0.5 * 0.96 ** (t * decay));
    const nextMu = beta1 * (1 - 0.5 * 0.96 ** ((t + 1) * decay));
    this.#momentProduct *= mu;
    for (const parameter of all) {
      let g = parameter.gradient * scale;
      if (optimizer.kind === 'adamw') parameter.value *= 1 - learningRate * weightDecay;
      else g += weightDecay * parameter.value;
      let move: number;
      switch (optimizer.kind) {
        case 'sgd':
          parameter.first = momentum * parameter.first + g;
          move = optimizer.nesterov ? g + momentum * parameter.first : parameter.first;
          break;
        case 'adagrad':
          parameter.first += g ** 2;
          move = g / (Math.sqrt(parameter.first) + epsilon) / (1 + (t - 1) * decay);
          break;
        case 'rmsprop':
          parameter.first = beta2 * parameter.first + (1 - beta2) * g ** 2;
          parameter.second =
            momentum * parameter.second + g / (Math.sqrt(parameter.first) + epsilon);
          move = parameter.second;
          break;
        default: {
          parameter.first = beta1 * parameter.first + (1 - beta1) * g;
          parameter.second = beta2 * parameter.second + (1 - beta2) * g ** 2;
          const size = Math.sqrt(parameter.second / (1 - beta2 ** t)) + epsilon;
          const mean =
            optimizer.kind === 'nadam'
              ? ((1 - mu) * g) / (1 - this.#momentProduct) +
                (nextMu * parameter.first) / (1 - this.#momentProduct * nextMu)
              : parameter.first / (1 - beta1 ** t);
          move = mean / size;
        }
      }
      parameter.value -= learningRate * move;
    }
  }
}

/** Layers of engine weights from one flat list, as `parameters()` gives it. */
export function toLayers(config: DenseConfig, flat: ArrayLike<number>): DenseLayerWeights[] {
  const widths = [config.nInputs, ...config.hidden.map((layer) => layer.units), config.nOutputs];
  const all = Float32Array.from(flat);
  let next = 0;
  const take = (count: number): Float32Array => all.slice(next, (next += count));
  return widths.slice(1).map((nOutputs, index) => ({
    kernel: take(widths[index]! * nOutputs),
    bias: take(nOutputs),
  }));
}

export function toFlat(weights: readonly DenseLayerWeights[]): number[] {
  return weights.flatMap(({ kernel, bias }) => [...kernel, ...bias]);
}
