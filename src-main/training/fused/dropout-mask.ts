/**
 * Dropout masks as a pure function of where a unit is, so that the fused engine and a tensor library build the same
 * ones, in any order and without keeping the state of a generator.
 *
 * The hash is a 32-bit multiply-xorshift (constants of C. Wellons' "lowbias32") with a second key mixed in between
 * its two rounds: with one key only, the masks of two batches could be shifted copies of each other.
 * `assembly/dropout.ts` does the same four units at a time.
 */
export interface DropoutMaskOptions {
  /** Any integer; the lowest 32 bits count. */
  seed: number;
  epoch: number;
  /** Position of the batch within the epoch. */
  batch: number;
  /** Position of the layer within the network, the first hidden layer is 0. */
  layer: number;
  /** Probability of a unit to be dropped, 0 to 1. */
  rate: number;
  nRows: number;
  nUnits: number;
}

function mix(x: number): number {
  x ^= x >>> 16;
  x = Math.imul(x, 0x7feb352d);
  x ^= x >>> 15;
  x = Math.imul(x, 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** Units stay when the top 24 bits of their hash are at least this. */
export function dropoutThreshold(rate: number): number {
  return Math.round(rate * 2 ** 24);
}

/** Factor of the units that stay: keeps the expected sum, and is 0 where none stays. */
export function dropoutScale(rate: number): number {
  return rate < 1 ? Math.fround(1 / (1 - rate)) : 0;
}

/** nRows x nUnits, row-major: 0 for a dropped unit, 1 / (1 - rate) for one that stays. */
export function dropoutMask(options: DropoutMaskOptions): Float32Array {
  const { seed, epoch, batch, layer, rate, nRows, nUnits } = options;
  const key0 = mix(mix(mix(mix(seed) + epoch) + batch) + layer);
  const key1 = mix(key0 ^ 0x9e3779b9);
  const threshold = dropoutThreshold(rate);
  const scale = dropoutScale(rate);
  const mask = new Float32Array(nRows * nUnits);
  for (let unit = 0; unit < mask.length; unit++) {
    let x = (unit + key0) | 0;
    x ^= x >>> 16;
    x = Math.imul(x, 0x7feb352d) ^ key1;
    x ^= x >>> 15;
    x = Math.imul(x, 0x846ca68b);
    x ^= x >>> 16;
    if (x >>> 8 >= threshold) mask[unit] = scale;
  }
  return mask;
}
