/**
 * Halton's sequence: coordinate d of point i has the digits of i in base p_d, the d-th prime, mirrored at the point.
 *
 * Randomized by permuting the digits of each place at random, independently of each other (A. B. Owen, "A randomized Halton algorithm in
 * R", 2017).
 */
import { createRng, shuffle } from './rng.ts';

/** Dimensions beyond this are not worth having: their first points lie on a line. */
export const MAX_HALTON_DIMENSIONS = 128;

const primes = firstPrimes(MAX_HALTON_DIMENSIONS);

/**
 * One coordinate of a point, in [0, 1).
 *
 * @param index From 0 on.
 * @param dimension From 0 to MAX_HALTON_DIMENSIONS - 1.
 * @param seed Of the permutations; null: none, the plain sequence.
 */
export function haltonCoordinate(index: number, dimension: number, seed: number | null): number {
  const base = primes[dimension] as number;
  let rest = index;
  let width = 1;
  let coordinate = 0;
  // With permutations the leading zeros of the index count as well, as far as a double can tell them.
  for (let place = 0; seed === null ? rest > 0 : width > 2 ** -53; place++) {
    width /= base;
    const digit = rest % base;
    rest = Math.floor(rest / base);
    coordinate += width * (seed === null ? digit : permuted(digit, base, seed, dimension, place));
  }
  return Math.min(coordinate, 1 - 2 ** -53);
}

function permuted(
  digit: number,
  base: number,
  seed: number,
  dimension: number,
  place: number,
): number {
  const permutation = Uint16Array.from({ length: base }, (_, i) => i);
  return shuffle(permutation, createRng(seed, 'halton', dimension, place))[digit] as number;
}

function firstPrimes(n: number): number[] {
  const found: number[] = [];
  for (let candidate = 2; found.length < n; candidate++)
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate);
  return found;
}
