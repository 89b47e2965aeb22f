import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SortedIndices, compareNumbers } from '../../../src-main/tuner/math/sorted-indices.ts';

describe('SortedIndices', () => {
  it('is in order after any insertions and removals', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(-Infinity, -1, 0, 0, 2, 3, NaN), {
          minLength: 200,
          maxLength: 200,
        }),
        fc.array(fc.array(fc.nat(199), { maxLength: 80 }), { maxLength: 12 }),
        (keys, batches) => {
          const sorted = new SortedIndices((a, b) =>
            compareNumbers(keys[a] as number, keys[b] as number),
          );
          const contained = new Set<number>();
          for (const batch of batches) {
            const added = new Set<number>();
            for (const index of batch)
              if (contained.delete(index)) {
                const position = sorted.positionOf(index);
                expect(sorted.at(position)).toBe(index);
                expect(sorted.remove(index)).toBe(position);
              } else added.add(index);
            sorted.insertAll([...added].filter((index) => !sorted.has(index)));
            for (const index of added) contained.add(index);
            const expected = [...contained].sort(
              (a, b) => compareNumbers(keys[a] as number, keys[b] as number) || a - b,
            );
            expect([...sorted.view()]).toEqual(expected);
            expect(sorted.length).toBe(contained.size);
          }
        },
      ),
    );
  });

  it('says where an index belongs', () => {
    const sorted = new SortedIndices((a, b) => b - a);
    expect(sorted.insert(5)).toBe(0);
    expect(sorted.insert(7)).toBe(0);
    expect(sorted.insert(6)).toBe(1);
    expect(sorted.has(6)).toBe(true);
    expect(sorted.has(8)).toBe(false);
    sorted.clear();
    expect(sorted.length).toBe(0);
    expect(sorted.has(6)).toBe(false);
  });
});
