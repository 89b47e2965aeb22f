/**
 * A search space as the unit cube that the Gaussian process sees: a dimension per parameter; a choice is its index.
 */
import {
  countValues,
  toExternal,
  type Distribution,
  type ParamValue,
  type SearchSpace,
} from '../../distributions.ts';
import { internalFromPlace, placeFromInternal } from '../../search-space/places.ts';
import { nearestInternal } from '../../search-space/transform.ts';

/** How the best place of one dimension is looked for. */
export type DimensionKind = 'continuous' | 'grid' | 'choice';

export class MixedSpace {
  readonly searchSpace: SearchSpace;
  readonly nDims: number;
  readonly kinds: readonly DimensionKind[];
  /** Values per dimension, Infinity where it is continuous. */
  readonly nValues: readonly number[];
  readonly #distributions: readonly Distribution[];

  constructor(searchSpace: SearchSpace) {
    this.searchSpace = searchSpace;
    this.#distributions = Object.values(searchSpace);
    this.nDims = this.#distributions.length;
    this.nValues = this.#distributions.map(countValues);
    this.kinds = this.#distributions.map(
      ({ type, step }: { type: string; step?: number | null }) => {
        if (type === 'categorical') return 'choice';
        return step === null ? 'continuous' : 'grid';
      },
    );
  }

  /** The place of an internal value. */
  toPlace(k: number, internal: number): number {
    return placeFromInternal(this.#distributions[k] as Distribution, internal);
  }

  /** The nearest internal value to a place. */
  toInternal(k: number, place: number): number {
    return internalFromPlace(this.#distributions[k] as Distribution, place);
  }

  /** The place some steps of the grid away, at most at its end. */
  shift(k: number, place: number, nSteps: number): number {
    const distribution = this.#distributions[k] as Distribution;
    if (distribution.type === 'categorical') return place;
    const moved = this.toInternal(k, place) + nSteps * (distribution.step ?? 0);
    return this.toPlace(k, nearestInternal(distribution, moved));
  }

  /** External values by name. */
  toParams(point: ArrayLike<number>): Record<string, ParamValue> {
    return Object.fromEntries(
      Object.keys(this.searchSpace).map((name, k) => [
        name,
        toExternal(this.#distributions[k] as Distribution, this.toInternal(k, point[k] as number)),
      ]),
    );
  }
}
