import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createCategoricalDistribution,
  createFloatDistribution,
  createIntDistribution,
  type Distribution,
} from '../../../src-main/tuner/distributions.ts';
import {
  DistributionCodec,
  parseDistribution,
  stringifyDistribution,
} from '../../../src-main/tuner/storages/distribution-json.ts';
import { requirements } from '../../helpers/requirements.ts';
import { runOptuna } from './optuna/optuna-file.ts';

const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 });
const distribution: fc.Arbitrary<Distribution> = fc.oneof(
  fc.tuple(finite, finite).map(([a, b]) => createFloatDistribution(Math.min(a, b), Math.max(a, b))),
  fc
    .tuple(
      fc.double({ min: 1e-300, max: 1e300, noNaN: true }),
      fc.double({ min: 1, max: 1e5, noNaN: true }),
    )
    .map(([low, factor]) => createFloatDistribution(low, low * factor, { log: true })),
  fc
    .tuple(fc.integer(), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 50 }))
    .map(([low, step, n]) => createIntDistribution(low, low + n * step, { step })),
  fc
    .tuple(fc.integer({ min: 1 }), fc.integer({ min: 0, max: 1000 }))
    .map(([low, n]) => createIntDistribution(low, low + n, { log: true })),
  fc.integer({ min: 1, max: 20 }).map((n) => createFloatDistribution(0, n / 10, { step: 0.1 })),
  fc
    .array(
      fc.oneof(
        fc.constant(null),
        fc.boolean(),
        fc.double(),
        fc.integer(),
        fc.string({ unit: 'binary' }),
      ),
      { minLength: 1 },
    )
    .map((choices) => createCategoricalDistribution(choices)),
);

describe('stringifyDistribution', () => {
  it.each<[Distribution, string]>([
    [
      createFloatDistribution(0, 1),
      '{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}',
    ],
    [
      createFloatDistribution(1e-5, 0.1, { log: true }),
      '{"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-05, "high": 0.1, "log": true}}',
    ],
    [
      createIntDistribution(1, 9, { step: 2 }),
      '{"name": "IntDistribution", "attributes": {"log": false, "step": 2, "low": 1, "high": 9}}',
    ],
    [
      createCategoricalDistribution([32, 'a', null, true, 0.5]),
      '{"name": "CategoricalDistribution", "attributes": {"choices": [32, "a", null, true, 0.5]}}',
    ],
  ])('writes %j as Optuna does', (given, expected) => {
    expect(stringifyDistribution(given)).toBe(expected);
  });
});

describe('parseDistribution', () => {
  it('reads what was written', () => {
    fc.assert(
      fc.property(distribution, (given) => {
        expect(parseDistribution(stringifyDistribution(given))).toEqual(given);
      }),
    );
  });

  it.each<[string, object, Distribution]>([
    ['UniformDistribution', { low: 0, high: 1 }, createFloatDistribution(0, 1)],
    ['LogUniformDistribution', { low: 1, high: 9 }, createFloatDistribution(1, 9, { log: true })],
    [
      'DiscreteUniformDistribution',
      { low: 0, high: 1, q: 0.25 },
      createFloatDistribution(0, 1, { step: 0.25 }),
    ],
    [
      'IntUniformDistribution',
      { low: 0, high: 8, step: 2 },
      createIntDistribution(0, 8, { step: 2 }),
    ],
    ['IntUniformDistribution', { low: 0, high: 8 }, createIntDistribution(0, 8)],
    [
      'IntLogUniformDistribution',
      { low: 1, high: 8, step: 1 },
      createIntDistribution(1, 8, { log: true }),
    ],
  ])('reads the old %s', (name, attributes, expected) => {
    expect(parseDistribution(JSON.stringify({ name, attributes }))).toEqual(expected);
  });

  it('reads the abbreviated form', () => {
    expect(parseDistribution('{"type": "int", "low": 1, "high": 3}')).toEqual(
      createIntDistribution(1, 3),
    );
    expect(parseDistribution('{"type": "float", "low": 1, "high": 3, "log": true}')).toEqual(
      createFloatDistribution(1, 3, { log: true }),
    );
    expect(parseDistribution('{"type": "categorical", "choices": ["a"]}')).toEqual(
      createCategoricalDistribution(['a']),
    );
  });

  it('reads ranges that could not be made here', () => {
    const huge =
      '{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 0, "high": 18446744073709551615}}';
    expect(parseDistribution(huge)).toMatchObject({ type: 'int', high: 2 ** 64 });
  });

  it.each([
    'no json',
    '[]',
    'null',
    '{"name": "OtherDistribution", "attributes": {}}',
    '{"name": "FloatDistribution", "attributes": {"low": "0"}}',
    '{"name": "CategoricalDistribution", "attributes": {"choices": 3}}',
  ])('refuses %s', (text) => {
    expect(() => parseDistribution(text)).toThrow(
      expect.objectContaining({ code: 'STORAGE_FAILED' }),
    );
  });
});

describe('DistributionCodec', () => {
  it('gives one object for one text, and the text back', () => {
    const codec = new DistributionCodec();
    const text = '{"name": "CategoricalDistribution", "attributes": {"choices": [1.0, [64, 32]]}}';
    const parsed = codec.parse(text);
    expect(parsed).toEqual({ type: 'categorical', choices: [1, '[64, 32]'] });
    expect(codec.parse(text)).toBe(parsed);
    expect(codec.stringify(parsed)).toBe(text);
    expect(codec.stringify({ ...parsed })).toBe(stringifyDistribution(parsed));
  });

  it('survives more distributions than it remembers', () => {
    const codec = new DistributionCodec();
    for (let i = 1; i < 25_000; i++) {
      const given = createIntDistribution(0, i);
      expect(codec.parse(stringifyDistribution(given))).toEqual(given);
    }
  });
});

const needs = requirements('python-optuna');
describe.skipIf(needs.missing)(needs.title('beside Optuna'), () => {
  it('writes the same bytes as distribution_to_json', () => {
    const lines = fc.sample(distribution, { numRuns: 1000, seed: 1 }).map(stringifyDistribution);
    expect(runOptuna(['distributions'], lines.join('\n')).trimEnd().split('\n')).toEqual(lines);
  });
});
