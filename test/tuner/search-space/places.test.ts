import { describe, expect, it } from 'vitest';
import {
  containsInternal,
  createCategoricalDistribution,
  createFloatDistribution,
  createIntDistribution,
  type SearchSpace,
} from '../../../src-main/tuner/distributions.ts';
import { createRng } from '../../../src-main/tuner/math/rng.ts';
import {
  internalFromPlace,
  placeFromInternal,
  randomPlaces,
} from '../../../src-main/tuner/search-space/places.ts';

const space: SearchSpace = {
  x: createFloatDistribution(-3, 5),
  log: createFloatDistribution(1e-4, 10, { log: true }),
  n: createIntDistribution(2, 20, { step: 3 }),
  kind: createCategoricalDistribution(['a', 'b', 'c']),
};

describe('places', () => {
  it('are the same as the internal values they came from', () => {
    expect(internalFromPlace(space.kind as never, 2)).toBe(2);
    expect(placeFromInternal(space.kind as never, 2)).toBe(2);
    for (const n of [2, 5, 11, 20])
      expect(internalFromPlace(space.n as never, placeFromInternal(space.n as never, n))).toBe(n);
    expect(placeFromInternal(space.x as never, 1)).toBe(0.5);
  });
});

describe('randomPlaces', () => {
  it('covers every dimension evenly, on its grid', () => {
    const n = 60;
    const places = randomPlaces(space, n, createRng(1));
    Object.values(space).forEach((distribution, k) => {
      const column = Array.from({ length: n }, (_, i) => places[i * 4 + k] as number);
      for (const place of column) {
        const internal = internalFromPlace(distribution, place);
        expect(containsInternal(distribution, internal)).toBe(true);
      }
      const counts = new Map<number, number>();
      for (const place of column) {
        const part = k < 2 ? Math.floor(place * n * (1 - 1e-12)) : place;
        counts.set(part, (counts.get(part) ?? 0) + 1);
      }
      const nParts = [n, n, 7, 3][k] as number;
      expect(counts.size).toBe(nParts);
      for (const count of counts.values()) expect(Math.abs(count - n / nParts)).toBeLessThan(2);
    });
  });
});
