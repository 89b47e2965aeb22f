import type { Rng } from '../../tuner/math/rng.ts';
import { sizeOf, weightInfos } from '../plan.ts';
import type { NetworkPlan, WeightInfo } from '../plan.ts';
import type { Initializer } from '../vocabulary.ts';

/** Weights to start from, in the order of `weightInfos`. */
export function initialWeights(network: NetworkPlan, rng: Rng): Float32Array[] {
  let nInputs = 0;
  return weightInfos(network).map((info) => {
    const init = initOf(network, info);
    const size = sizeOf(info);
    switch (info.role) {
      case 'embedding':
        // PyTorch's default, and as wide as standardized numbers.
        return normal(size, 1, rng);
      case 'kernel':
      case 'projection': {
        const nUnits = info.shape.at(-1) as number;
        nInputs = size / nUnits;
        // A filter's number takes part in as many sums as its window has places.
        const places = nInputs / (info.shape.at(-2) as number);
        return initialMatrix(init, nInputs, nUnits, rng, nUnits * places);
      }
      case 'bias':
        // PyTorch's Linear starts biases as it starts weights; all others start them at 0.
        return init === 'pytorch'
          ? uniform(size, 1 / Math.sqrt(nInputs), rng)
          : new Float32Array(size);
      case 'normScale':
      case 'runningVariance':
        return new Float32Array(size).fill(1);
      case 'normShift':
      case 'runningMean':
        return new Float32Array(size);
    }
  });
}

function initOf(
  { layers, convolution, init }: NetworkPlan,
  { part, layer }: WeightInfo,
): Initializer {
  return (part === 'convolution' ? convolution?.layers : layers)?.[layer]?.init ?? init;
}

/**
 * nInputs x nUnits, row-major.
 *
 * @param nUses Sums that each input takes part in.
 */
function initialMatrix(
  init: Initializer,
  nInputs: number,
  nUnits: number,
  rng: Rng,
  nUses: number,
): Float32Array {
  const size = nInputs * nUnits;
  switch (init) {
    case 'pytorch':
      // What `kaiming_uniform_(a=sqrt(5))` comes out as.
      return uniform(size, 1 / Math.sqrt(nInputs), rng);
    case 'glorotUniform':
      return uniform(size, Math.sqrt(6 / (nInputs + nUses)), rng);
    case 'glorotNormal':
      return normal(size, Math.sqrt(2 / (nInputs + nUses)), rng);
    case 'heUniform':
      return uniform(size, Math.sqrt(6 / nInputs), rng);
    case 'heNormal':
      return normal(size, Math.sqrt(2 / nInputs), rng);
    case 'lecunNormal':
      return normal(size, Math.sqrt(1 / nInputs), rng);
    case 'orthogonal':
      return orthogonal(nInputs, nUnits, rng);
  }
}

/** In ± the bound. */
function uniform(size: number, bound: number, rng: Rng): Float32Array {
  return filled(size, () => bound * (2 * rng.uniform() - 1));
}

function normal(size: number, deviation: number, rng: Rng): Float32Array {
  return filled(size, () => deviation * rng.normal());
}

/** `Float32Array.from` takes ten times as long, more than some networks train. */
function filled(size: number, draw: () => number): Float32Array {
  const numbers = new Float32Array(size);
  for (let i = 0; i < size; i++) numbers[i] = draw();
  return numbers;
}

/**
 * Rows or columns, whichever are fewer, are of length 1 and at right angles (Saxe, McClelland & Ganguli 2014): random vectors, from
 * each of which its parts along those before it are taken (Gram and Schmidt).
 */
function orthogonal(nInputs: number, nUnits: number, rng: Rng): Float32Array {
  const length = Math.max(nInputs, nUnits);
  const vectors: Float64Array[] = [];
  while (vectors.length < Math.min(nInputs, nUnits)) {
    const vector = Float64Array.from({ length }, () => rng.normal());
    // Twice: the first pass leaves what rounding left.
    for (let pass = 0; pass < 2; pass++)
      for (const other of vectors) {
        const along = dot(vector, other);
        for (let i = 0; i < length; i++)
          vector[i] = (vector[i] as number) - along * (other[i] as number);
      }
    const size = Math.sqrt(dot(vector, vector));
    vectors.push(vector.map((value) => value / size));
  }
  return Float32Array.from({ length: nInputs * nUnits }, (_, k) => {
    const [input, unit] = [Math.floor(k / nUnits), k % nUnits];
    const [which, at] = nInputs < nUnits ? [input, unit] : [unit, input];
    return vectors[which]?.[at] as number;
  });
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
