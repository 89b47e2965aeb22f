import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import {
  checkCompatible,
  containsInternal,
  countValues,
  createCategoricalDistribution,
  createFloatDistribution,
  createIntDistribution,
  isSingle,
  toExternal,
  toInternal,
} from '../../src-main/tuner/distributions.ts';
import { InvalidArgumentError } from '../../src-main/tuner/errors.ts';
import { setLogger } from '../../src-main/tuner/logger.ts';

const warnings: string[] = [];
setLogger({ info: () => {}, warn: (message) => warnings.push(message) });
afterEach(() => void warnings.splice(0));

describe('createFloatDistribution', () => {
  it.each([
    [NaN, 1, {}],
    [0, Infinity, {}],
    [2, 1, {}],
    [0, 1, { log: true }],
    [1, 2, { step: 0 }],
    [1, 2, { step: -0.1 }],
    [1, 2, { log: true, step: 0.1 }],
  ])('refuses [%d, %d] %o', (low, high, options) => {
    expect(() => createFloatDistribution(low, high, options)).toThrow(InvalidArgumentError);
  });

  it('divides in decimal arithmetic, as Optuna does: 0.1 divides 0.3', () => {
    expect(createFloatDistribution(0, 0.3, { step: 0.1 }).high).toBe(0.3);
    expect(warnings).toEqual([]);
  });

  it('lowers `high` to the grid with a warning where the step does not divide the range', () => {
    expect(createFloatDistribution(0, 1, { step: 0.3 }).high).toBe(0.9);
    expect(createFloatDistribution(-1e-5, 1, { step: 0.25 }).high).toBe(0.99999);
    expect(warnings[0]).toContain('not divisible by the step 0.3');
    expect(warnings).toHaveLength(2);
  });
});

describe('createIntDistribution', () => {
  it.each([
    [0.5, 1, {}],
    [0, 1, { log: true }],
    [1, 10, { log: true, step: 2 }],
    [0, 10, { step: 0 }],
    [0, 10, { step: 1.5 }],
    [3, 2, {}],
  ])('refuses [%d, %d] %o', (low, high, options) => {
    expect(() => createIntDistribution(low, high, options)).toThrow(InvalidArgumentError);
  });

  it('lowers `high` to the grid', () => {
    expect(createIntDistribution(1, 10, { step: 4 }).high).toBe(9);
  });
});

describe('distributions', () => {
  it('keep every value through the internal form', () => {
    const choice = fc.oneof(fc.constant(null), fc.boolean(), fc.double(), fc.string());
    fc.assert(
      fc.property(fc.uniqueArray(choice, { minLength: 1, comparator: 'SameValue' }), (choices) => {
        const distribution = createCategoricalDistribution(choices);
        choices.forEach((one, i) => {
          const internal = toInternal(distribution, one);
          // 0 and -0 are one choice to JavaScript's ===, and the first of them is found.
          if (one !== 0) expect(internal).toBe(i);
          expect(containsInternal(distribution, internal)).toBe(true);
          expect(
            toExternal(distribution, internal) === one ||
              Object.is(toExternal(distribution, internal), one),
          ).toBe(true);
        });
      }),
    );
  });

  it('contain exactly the values of their grid', () => {
    const tenths = createFloatDistribution(0, 1, { step: 0.1 });
    expect(containsInternal(tenths, 0.1 + 0.2)).toBe(true);
    expect(containsInternal(tenths, 0.25)).toBe(false);
    expect(containsInternal(tenths, NaN)).toBe(false);
    expect(countValues(tenths)).toBe(11);
    const odd = createIntDistribution(1, 9, { step: 2 });
    expect([0, 1, 2, 9, 11].map((value) => containsInternal(odd, value))).toEqual([
      false,
      true,
      false,
      true,
      false,
    ]);
    expect(countValues(odd)).toBe(5);
  });

  it('know when there is nothing to choose', () => {
    expect(isSingle(createFloatDistribution(1, 1))).toBe(true);
    expect(isSingle(createIntDistribution(1, 2, { step: 5 }))).toBe(true);
    expect(isSingle(createCategoricalDistribution(['a']))).toBe(true);
    expect(isSingle(createIntDistribution(1, 2))).toBe(false);
    expect(isSingle({ type: 'float', low: 1, high: 1.9, log: false, step: 1 })).toBe(true);
  });

  it('have two values where the range is one step, whatever its rounding', () => {
    // Optuna's answers, which are those of decimal arithmetic: the differences are 0.2999… and 0.0999….
    for (const [low, high, step] of [
      [5.675648666608712, 5.975648666608712, 0.3],
      [0.7073302195135165, 0.8073302195135165, 0.1],
      [-7.234120744292292, -7.224120744292292, 0.01],
    ] as const) {
      const distribution = createFloatDistribution(low, high, { step });
      expect(isSingle(distribution)).toBe(false);
      expect(containsInternal(distribution, high)).toBe(true);
    }
  });

  it('may change bounds but not kind, log or choices', () => {
    const float = createFloatDistribution(0.1, 1);
    expect(() =>
      checkCompatible('x', float, createFloatDistribution(0.5, 9, { step: 0.5 })),
    ).not.toThrow();
    expect(() =>
      checkCompatible('x', float, createFloatDistribution(0.1, 1, { log: true })),
    ).toThrow(/"x" must keep its kind/);
    expect(() => checkCompatible('x', float, createIntDistribution(0, 1))).toThrow(
      InvalidArgumentError,
    );
    const choices = createCategoricalDistribution(['a', 'b']);
    expect(() =>
      checkCompatible('x', choices, createCategoricalDistribution(['a', 'b', 'c'])),
    ).toThrow(InvalidArgumentError);
  });
});
