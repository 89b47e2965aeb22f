import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { argsort } from '../../../src-main/tuner/math/argsort.ts';
import { createRng } from '../../../src-main/tuner/math/rng.ts';

function reference(values: Float64Array): number[] {
  return [...values.keys()].sort((a, b) => values[a]! - values[b]! || a - b);
}

describe('argsort', () => {
  it('orders few numbers as a comparison does, equal ones by their places', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true })), (numbers) => {
        const values = Float64Array.from(numbers);
        expect([...argsort(values)]).toEqual(reference(values));
      }),
    );
  });

  it.each<[string, (i: number, uniform: number) => number]>([
    ['shares', (_, uniform) => uniform],
    ['both signs and many sizes', (i, uniform) => (uniform - 0.5) * 10 ** ((i % 600) - 300)],
    ['many equal ones', (_, uniform) => Math.floor(uniform * 20) / 20],
    ['zeros of both signs', (i, uniform) => (i % 3 === 0 ? -0 : i % 3 === 1 ? 0 : uniform - 0.5)],
    ['infinities', (i, uniform) => (i % 7 === 0 ? -Infinity : i % 11 === 0 ? Infinity : uniform)],
    ['nothing but one number', () => 0.25],
    ['order from the start', (i) => i],
    ['order from the end', (i) => -i],
  ])('orders many numbers by their digits: %s', (_, valueOf) => {
    const rng = createRng('argsort');
    const values = Float64Array.from({ length: 5000 }, (_value, i) => valueOf(i, rng.uniform()));
    expect([...argsort(values)]).toEqual(reference(values));
  });
});
