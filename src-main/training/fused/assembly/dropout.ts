/** Dropout masks from a counter-based hash; `dropout-mask.ts` is the same in TypeScript and explains it. */
import { constant } from './simd';

/** The two 32-bit keys of one layer in one batch. */
export let key0: u32 = 0;
export let key1: u32 = 0;

export function setDropoutKeys(seed: u32, epoch: u32, batch: u32, layer: u32): void {
  key0 = mix(mix(mix(mix(seed) + epoch) + batch) + layer);
  key1 = mix(key0 ^ 0x9e3779b9);
}

@inline
function mix(x: u32): u32 {
  x ^= x >> 16;
  x *= 0x7feb352d;
  x ^= x >> 15;
  x *= 0x846ca68b;
  return x ^ (x >> 16);
}

const MULTIPLIERS = memory.data<u32>([0x7feb352d, 0x846ca68b]);

/** The top 24 bits of the hashes of four units. */
@inline
export function hashUnits(units: v128, k0: v128, k1: v128): v128 {
  let x = i32x4.add(units, k0);
  x = v128.xor(x, i32x4.shr_u(x, 16));
  x = i32x4.mul(x, constant(MULTIPLIERS, 0));
  x = v128.xor(x, k1);
  x = v128.xor(x, i32x4.shr_u(x, 15));
  x = i32x4.mul(x, constant(MULTIPLIERS, 1));
  x = v128.xor(x, i32x4.shr_u(x, 16));
  return i32x4.shr_u(x, 8);
}
