import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePythonJson, stringifyPythonJson } from '../../src-main/tuner/python-json.ts';
import type { AttrValue } from '../../src-main/tuner/trial/frozen-trial.ts';
import { requirements } from '../helpers/requirements.ts';
import { runOptuna } from './storages/optuna/optuna-file.ts';

const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(NaN, Infinity, -Infinity, 2 ** 53 - 1, 2 ** 53, 1e16, 1e-5, 1e21, 0.1 + 0.2),
);
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('NaN', '"NaN', '-Infinity', 'NaN?', '\\', '\\"', '__proto__', '\ud800', '\u2028'),
);
const attrValue: fc.Arbitrary<AttrValue> = fc.letrec<{ value: AttrValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    number,
    text,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(text, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
})).value;

describe('stringifyPythonJson', () => {
  it.each<[AttrValue, string]>([
    [null, 'null'],
    [true, 'true'],
    [1, '1'],
    [-0, '-0.0'],
    [1.5, '1.5'],
    [1e-5, '1e-05'],
    [1e16, '1e+16'],
    [2 ** 53 - 1, '9007199254740991'],
    [2 ** 53, '9007199254740992.0'],
    [NaN, 'NaN'],
    [[Infinity, -Infinity], '[Infinity, -Infinity]'],
    [{ a: [1, 'b'], c: {} }, '{"a": [1, "b"], "c": {}}'],
    ['é 漢 🎯', '"\\u00e9 \\u6f22 \\ud83c\\udfaf"'],
    ['"\\/\b\f\n\r\t\u0001\u007f', '"\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u007f"'],
  ])('writes %j as Python does', (value, expected) => {
    expect(stringifyPythonJson(value)).toBe(expected);
  });
});

describe('parsePythonJson', () => {
  it('reads what was written', () => {
    fc.assert(
      fc.property(attrValue, (value) => {
        expect(parsePythonJson(stringifyPythonJson(value))).toEqual(value);
      }),
      { numRuns: 500 },
    );
  });

  it.each<[string, AttrValue]>([
    ['NaN', NaN],
    [' [ -Infinity,NaN ] ', [-Infinity, NaN]],
    ['{"NaN": NaN, "a": "NaN?", "b": "\\"Infinity"}', { NaN, a: 'NaN?', b: '"Infinity' }],
    ['12345678901234567890', 12345678901234567890],
    ['1.0', 1],
  ])('reads %s', (json, expected) => {
    expect(parsePythonJson(json)).toEqual(expected);
  });

  it('reads a long text with tokens beside it', () => {
    const long = 'x\\"'.repeat(300_000);
    expect(parsePythonJson(stringifyPythonJson([long, NaN]))).toEqual([long, NaN]);
  });

  it.each(['', '[1,]', 'nan', '[NaN', 'undefined', '{"a": Infinity'])('refuses %j', (json) => {
    expect(() => parsePythonJson(json)).toThrow(SyntaxError);
  });
});

const needs = requirements('python-optuna');
describe.skipIf(needs.missing)(needs.title('beside Python'), () => {
  it('writes the same bytes as json.dumps', () => {
    const lines = fc.sample(attrValue, { numRuns: 1000, seed: 1 }).map(stringifyPythonJson);
    expect(runOptuna(['json'], lines.join('\n')).trimEnd().split('\n')).toEqual(lines);
  });
});
