/**
 * Internal values as a Gaussian process sees them: places in the unit interval, and choices, which have no order, as their indices.
 */
import type { Distribution, SearchSpace } from '../distributions.ts';
import { shuffle, type Rng } from '../math/rng.ts';
import { internalFromUnit, unitFromInternal } from './transform.ts';

export function placeFromInternal(distribution: Distribution, internal: number): number {
  return distribution.type === 'categorical' ? internal : unitFromInternal(distribution, internal);
}

/** The nearest internal value to a place. */
export function internalFromPlace(distribution: Distribution, place: number): number {
  return distribution.type === 'categorical' ? place : internalFromUnit(distribution, place);
}

/**
 * Random places of the space, on the grids of its parameters: n x nDims, row-major. Each dimension is covered evenly (a Latin
 * hypercube; McKay, Beckman and Conover, Technometrics 21, 1979).
 */
export function randomPlaces(space: SearchSpace, n: number, rng: Rng): Float64Array {
  const distributions = Object.values(space);
  const places = new Float64Array(n * distributions.length);
  distributions.forEach((distribution, k) => {
    const parts = shuffle(
      Int32Array.from({ length: n }, (_, part) => part),
      rng,
    );
    parts.forEach((part, i) => {
      const internal = internalFromUnit(distribution, (part + rng.uniform()) / n);
      places[i * distributions.length + k] = placeFromInternal(distribution, internal);
    });
  });
  return places;
}
