/**
 * Random numbers that need no stored state.
 *
 * A generator is derived from a path, e.g. (study seed, trial number, "relative"): the path is hashed to 128 bits
 * which start a xoshiro128** stream (Blackman & Vigna, "Scrambled linear pseudorandom number generators", 2021).
 * The same path gives the same stream on every machine; different paths give independent streams. So a study
 * that was stopped and resumed draws what an uninterrupted one would have drawn.
 */
export interface Rng {
  /** Uniform in [0, 1), 53 bits. */
  uniform(): number;
  /** Uniform whole number in [0, n); n from 1 to 2^53. */
  integer(n: number): number;
  /** Standard normal (polar method of Marsaglia). */
  normal(): number;
  /** Uniform 32-bit whole number, unsigned. */
  uint32(): number;
}

/** A generator for this path; numbers are told apart from strings and to full double precision. */
export function createRng(...path: readonly (number | string)[]): Rng {
  let [a, b, c, d] = hashPath(path);
  let spareNormal: number | null = null;

  function uint32(): number {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotateLeft(d, 11);
    return result;
  }

  function uniform(): number {
    const high = uint32() >>> 5;
    const low = uint32() >>> 6;
    return (high * 0x4000000 + low) / 0x20000000000000;
  }

  return {
    uint32,
    uniform,
    integer(n) {
      return Math.floor(uniform() * n);
    },
    normal() {
      if (spareNormal !== null) {
        const spare = spareNormal;
        spareNormal = null;
        return spare;
      }
      for (;;) {
        const u = 2 * uniform() - 1;
        const v = 2 * uniform() - 1;
        const s = u * u + v * v;
        if (s > 0 && s < 1) {
          const scale = Math.sqrt((-2 * Math.log(s)) / s);
          spareNormal = v * scale;
          return u * scale;
        }
      }
    },
  };
}

/** Puts the elements into a uniformly random order, in place (Fisher and Yates), and returns them. */
export function shuffle<T extends { length: number; [index: number]: number }>(
  items: T,
  rng: Rng,
): T {
  for (let i = items.length - 1; i > 0; i--) {
    const j = rng.integer(i + 1);
    const kept = items[i] as number;
    items[i] = items[j] as number;
    items[j] = kept;
  }
  return items;
}

/** An index drawn with probability proportional to `weights` (finite, >= 0, at least one above 0). */
export function weightedIndex(weights: ArrayLike<number>, rng: Rng): number {
  let total = 0;
  for (let i = 0; i < weights.length; i++) total += weights[i] as number;
  let rest = rng.uniform() * total;
  let last = 0;
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i] as number;
    if (weight <= 0) continue;
    last = i;
    rest -= weight;
    if (rest < 0) return i;
  }
  return last;
}

/** A seed for a study that was given none, from the platform's cryptographic source: 0 to 2^32 - 1. */
export function randomSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] as number;
}

function rotateLeft(x: number, k: number): number {
  return (x << k) | (x >>> (32 - k));
}

/** For the bits of a number. One for all: a buffer of its own would cost each generator more than the rest of it. */
const scratch = new DataView(new ArrayBuffer(8));

/** MurmurHash3 finalizers over four lanes (Appleby, public domain), fed with the bytes of the path. */
function hashPath(path: readonly (number | string)[]): [number, number, number, number] {
  const lanes: [number, number, number, number] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 0x452821e6];
  let position = 0;
  const absorb = (word: number): void => {
    for (let lane = 0; lane < 4; lane++) {
      const value =
        (lanes[lane] as number) ^
        Math.imul(word + Math.imul(++position, 0x27d4eb2f), 0xcc9e2d51 + 2 * lane);
      lanes[lane] = mix(rotateLeft(value, 13 + lane) + 0xe6546b64);
    }
  };
  for (const part of path) {
    if (typeof part === 'number') {
      scratch.setFloat64(0, part);
      absorb(1);
      absorb(scratch.getInt32(0));
      absorb(scratch.getInt32(4));
    } else {
      absorb(2);
      absorb(part.length);
      for (let i = 0; i < part.length; i++) absorb(part.charCodeAt(i));
    }
  }
  absorb(path.length);
  if ((lanes[0] | lanes[1] | lanes[2] | lanes[3]) === 0) lanes[0] = 1;
  return lanes;
}

function mix(h: number): number {
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
