import {
  countValues,
  isSameDistribution,
  type Distribution,
  type SearchSpace,
} from '../../distributions.ts';
import { internalFromUnit, unitFromInternal } from '../../search-space/transform.ts';
import type { Thresholds } from './margin.ts';

type NumericDistribution = Exclude<Distribution, { type: 'categorical' }>;

/** A numeric search space as the unit cube, parameters by name. */
export interface Coordinates {
  readonly names: readonly string[];
  readonly distributions: readonly NumericDistribution[];
  /** Per coordinate the places between neighbouring values; null where it is continuous, or as good as that. */
  readonly thresholds: readonly (Thresholds | null)[];
}

/** Beyond this many values a distribution would have to be narrower than rounding allows before it freezes on one. */
const MAX_VALUES = 2 ** 31;

/** @param space Without categorical parameters. */
export function createCoordinates(space: SearchSpace): Coordinates {
  const names = Object.keys(space);
  const distributions = Object.values(space) as NumericDistribution[];
  return { names, distributions, thresholds: distributions.map(createThresholds) };
}

export function isSameSpace(a: Coordinates, b: SearchSpace): boolean {
  const names = Object.keys(b);
  return (
    names.length === a.names.length &&
    names.every(
      (name, i) =>
        name === a.names[i] &&
        isSameDistribution(a.distributions[i] as Distribution, b[name] as Distribution),
    )
  );
}

/** The internal value at a place, which may lie outside the cube. */
export function internalAt(distribution: NumericDistribution, place: number): number {
  return internalFromUnit(distribution, Math.min(Math.max(place, 0), 1));
}

function createThresholds(distribution: NumericDistribution): Thresholds | null {
  const n = countValues(distribution);
  if (!(n <= MAX_VALUES)) return null;
  /** Below the value with this index, from 1 to n - 1. */
  const threshold = distribution.log
    ? (k: number) => unitFromInternal(distribution, distribution.low + k - 0.5)
    : (k: number) => k / n;
  return (place) => {
    const internal = internalAt(distribution, place);
    const k = Math.round((internal - distribution.low) / (distribution.step ?? 1));
    const below = threshold(Math.max(k, 1));
    return [below, k === 0 ? below : k === n - 1 ? below : threshold(k + 1)];
  };
}
