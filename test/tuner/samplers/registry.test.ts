import { describe, expect, expectTypeOf, it } from 'vitest';
import { InvalidArgumentError } from '../../../src-main/tuner/errors.ts';
import { createPruner, pruners } from '../../../src-main/tuner/pruners/registry.ts';
import {
  createSampler,
  samplers,
  type SamplerName,
} from '../../../src-main/tuner/samplers/registry.ts';

/** What cannot be left out. */
const required: Record<string, object> = {
  grid: { searchSpace: { x: [1, 2] } },
  'partial-fixed': { fixedParams: { x: 1 }, base: { type: 'random' } },
  patient: { patience: 3 },
  threshold: { upper: 1 },
};

describe.each([
  ['sampler', samplers, createSampler],
  ['pruner', pruners, createPruner],
] as const)('registry of %ss', (kind, entries, create) => {
  it.each(entries.map((entry) => [entry.name, entry] as const))('has %s', (name, entry) => {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(entry.title).not.toBe('');
    expect(entry.description).toMatch(/^[A-Z].*\.$/);
    const given = required[name] ?? {};
    expect(create(name, { ...given }).name).toBe(name);
    // Entries are data: they survive what a form or a file does to them.
    expect(JSON.parse(JSON.stringify(entry.options))).toEqual(entry.options);
    for (const option of entry.options) {
      expect(option.title).not.toBe('');
      expect(option.description).toMatch(/^[A-Z'].*\.$/);
      const wrong = { ...given, [option.name]: Symbol('wrong') };
      expect(() => create(name, wrong)).toThrow(InvalidArgumentError);
      expect(() => create(name, wrong)).toThrow(`\`${option.name}\``);
      // A default may also be given.
      if ('default' in option)
        expect(() => create(name, { [option.name]: option.default, ...given })).not.toThrow();
    }
    expect(() => create(name, { ...given, bogus: 1 })).toThrow(/has no option `bogus`/);
  });

  it('has names only once, and the default first', () => {
    expect(new Set(entries.map(({ name }) => name)).size).toBe(entries.length);
    expect(entries[0]?.name).toBe(kind === 'sampler' ? 'auto' : 'median');
  });

  it('refuses unknown names', () => {
    expect(() => create('bogus')).toThrow(InvalidArgumentError);
    expect(() => create('bogus')).toThrow(new RegExp(`${kind} must be one of .*"bogus"`));
  });
});

describe('createPruner', () => {
  it('takes a wrapped pruner as data', () => {
    const wrapped = { type: 'median', options: { nWarmupSteps: 5 } };
    expect(createPruner('patient', { patience: 1, wrapped }).name).toBe('patient');
    const flat = { type: 'median', nWarmupSteps: 5 };
    expect(() => createPruner('patient', { patience: 1, wrapped: flat })).toThrow(
      'must have a `type` and, if any, `options`, but got {"type":"median","nWarmupSteps":5}.',
    );
    expect(() => createPruner('patient', { patience: 1, wrapped: { type: 'bogus' } })).toThrow(
      /must be one of/,
    );
    expect(() =>
      createPruner('patient', {
        patience: 1,
        wrapped: { type: 'median', options: { nWarmupSteps: -1 } },
      }),
    ).toThrow('MedianPruner: `nWarmupSteps` must be a whole number of at least 0, but got -1.');
  });
});

describe('SamplerName', () => {
  it('knows the names, and no others', () => {
    expectTypeOf<'cma-es'>().toExtend<SamplerName>();
    expectTypeOf<'cmaes'>().not.toExtend<SamplerName>();
    expect(() => createSampler('cmaes')).toThrow('must be one of auto, tpe');
  });
});
