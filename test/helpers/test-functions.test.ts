import { describe, expect, it } from 'vitest';
import { readReferenceNumbers } from './reference.ts';
import { mixedValue, realFunctions, testFunctions } from './test-functions.ts';

interface Reference {
  functions: Record<
    string,
    {
      direction: string;
      optimum: number;
      bounds: number[][] | null;
      points: { x: number[]; value: number }[];
    }
  >;
}

interface MixedPoints {
  functions: {
    mixed: {
      points: {
        dims: number[];
        weight_decay: number;
        learning_rate: number;
        dropout_rate: number;
        value: number;
      }[];
    };
  };
}

const { functions } = readReferenceNumbers<Reference>('optuna-5.0/test_functions.json');

describe('test functions', () => {
  it('are those of the reference', () => {
    expect(testFunctions.map(({ name }) => name).sort()).toEqual(Object.keys(functions).sort());
    for (const { name, direction, optimum } of testFunctions)
      expect(functions[name]).toMatchObject({ direction, optimum });
  });

  it.each(realFunctions)('$name has the values of the reference', ({ name, bounds, value }) => {
    expect(bounds).toEqual(functions[name]?.bounds);
    for (const { x, value: expected } of functions[name]?.points ?? [])
      expect(Math.abs(value(x) - expected)).toBeLessThan(1e-12 * Math.max(1, Math.abs(expected)));
  });

  it('mixed has the values of the reference', () => {
    const { mixed } = readReferenceNumbers<MixedPoints>('optuna-5.0/test_functions.json').functions;
    for (const point of mixed.points)
      expect(
        mixedValue({
          dims: point.dims,
          weightDecay: point.weight_decay,
          learningRate: point.learning_rate,
          dropoutRate: point.dropout_rate,
        }),
      ).toBeCloseTo(point.value, 14);
  });
});
