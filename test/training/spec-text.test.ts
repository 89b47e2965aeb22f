import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { loadSpec, parseSpec, parseSpecText } from '../../src-main/training/spec.ts';
import { toYaml, withoutDefaults } from '../../src-main/training/spec-text.ts';

const number = fc.double({ min: 1e-9, max: 0.9, noNaN: true });
const range = fc.tuple(number, number).map(([a, b]) => [Math.min(a, b), Math.max(a, b)]);
const rate = fc.oneof(
  number,
  fc.record({ float: range, log: fc.boolean() }),
  fc.record({ choices: fc.uniqueArray(number, { minLength: 1, maxLength: 4 }) }),
  fc.record({ name: fc.string({ minLength: 1, maxLength: 20 }), float: range }),
);
const text = fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' });
/** Valid specs, with and without what is default, with names that YAML must quote. */
const specs = fc.record(
  {
    name: text,
    description: fc.string({ maxLength: 200 }),
    data: fc.record({
      table: text,
      task: fc.constant('classification'),
      target: text,
      ignore: fc.uniqueArray(text, { maxLength: 3 }),
      missing: fc.constantFrom('error', 'drop', 'median'),
      split: fc.constantFrom(
        { fractions: { train: 0.6, validation: 0.2, test: 0.2 } },
        { fractions: { train: 0.5, validation: 0.5, test: 0 }, stratify: false, seed: 7 },
        { column: 'part' },
        { column: 'yes', validation: ['no', '1'], test: [2] },
      ),
      scaling: fc.constantFrom({}, { method: 'standard' }, { method: 'none', fit: 'all' }),
    }),
    network: fc.record({
      depth: fc.constantFrom(1, { int: [1, 3] }),
      width: fc.constantFrom(8, { choices: [8, 16] }),
      activation: fc.constantFrom('relu', 'tanh', { choices: ['relu', 'gelu'] }),
      dropout: fc.constantFrom(0, 0.5, { float: [0, 0.5] }),
    }),
    training: fc.record({
      optimizer: fc.record({ type: fc.constant('adam'), learningRate: rate, weightDecay: rate }),
      batchSize: fc.constantFrom(32, 64),
      epochs: fc.integer({ min: 1, max: 500 }),
    }),
    sampler: fc.constantFrom({ type: 'tpe' }, { type: 'random', options: {} }),
    jobs: fc.constantFrom(1, 4),
  },
  { requiredKeys: ['name', 'data', 'network', 'training'] },
);

describe('withoutDefaults', () => {
  it('means the same, and has nothing that could be left out', () => {
    fc.assert(
      fc.property(specs, (spec) => {
        const thin = withoutDefaults(spec);
        expect(parseSpec(thin)).toEqual(parseSpec(spec));
        expect(withoutDefaults(thin)).toEqual(thin);
      }),
      { numRuns: 60 },
    );
  });

  it('leaves out what the schema would fill in, and leaves its input alone', () => {
    const { spec } = loadSpec('iris');
    const before = structuredClone(spec);
    const thin = withoutDefaults(spec) as { data: object; network: object };
    expect(spec).toEqual(before);
    expect(Object.keys(thin.data)).toEqual(['table', 'task', 'target', 'split']);
    expect(thin.network).not.toHaveProperty('activation');
  });
});

describe('toYaml', () => {
  it('gives a text that is read as the same spec', () => {
    fc.assert(
      fc.property(specs, (spec) => {
        expect(parseSpecText(toYaml(spec))).toEqual(parseSpec(spec));
        expect(parseSpecText(toYaml(withoutDefaults(spec)))).toEqual(parseSpec(spec));
      }),
      { numRuns: 100 },
    );
  });

  it('writes long lists of numbers side by side, wherever they are', () => {
    const rows = (n: number) => Array.from({ length: n }, (_, i) => 7 * i);
    const split = { train: rows(1000), validation: rows(40), test: [1, 2] };
    const text = toYaml({ data: { split }, folds: [rows(50), rows(60)] });
    expect(parse(text)).toEqual({ data: { split }, folds: [rows(50), rows(60)] });
    const lines = text.split('\n');
    expect(lines.slice(0, 4)).toEqual([
      'data:',
      '  split:',
      '    train:',
      '      [ 0, 7, 14, 21, 28, 35, 42, 49, 56, 63, 70, 77, 84, 91, 98, 105, 112, 119, 126, 133, 140, 147,',
    ]);
    expect(lines).toContain('    test: [ 1, 2 ]');
    expect(lines.length).toBeLessThan(100);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100);
  });

  it('writes spaces on one line and sections below each other', () => {
    const lines = toYaml(withoutDefaults(loadSpec('digits').spec)).split('\n');
    expect(lines).toContain('  depth: { int: [ 1, 3 ] }');
    expect(lines).toContain('training:');
    expect(lines).toContain('    clipNorm: { choices: [ 0, 1, 5 ] }');
  });
});
