import { describe, expect, it } from 'vitest';

import type { SpecParam } from '../../../src-main/contract/specs.ts';
import {
  createFloatDistribution,
  createIntDistribution,
} from '../../../src-main/tuner/distributions.ts';
import { samplers } from '../../../src-main/tuner/samplers/registry.ts';
import { terminators } from '../../../src-main/tuner/terminators/registry.ts';
import {
  beginWith,
  offerable,
  paramOptions,
  paramStart,
} from '../../../src-renderer/components/wizard/algorithm-options.ts';

describe('samplers in a form', () => {
  const rate = {
    name: 'rate',
    distribution: createFloatDistribution(1e-4, 1e-2, { log: true }),
    condition: null,
  };

  it('offers those that ask for values by parameter where the parameters are known', () => {
    const names = (params: readonly SpecParam[]): string[] =>
      samplers.filter((one) => !offerable(one, params)).map(({ name }) => name);
    expect(names([])).toEqual(['grid', 'partial-fixed']);
    expect(names([rate])).toEqual([]);
  });

  it('begins a grid with values of each parameter', () => {
    const [option] = paramOptions(samplers.find(({ name }) => name === 'grid')!);
    const layers = {
      name: 'layers',
      distribution: createIntDistribution(1, 3),
      condition: null,
    };
    expect(paramStart(option!, [rate, layers])).toEqual({
      rate: [0.0001, 0.001, 0.01],
      layers: [1, 2, 3],
    });
  });
});

describe('stop rules in a form', () => {
  it('offers all of them', () => {
    expect(terminators.filter((one) => !offerable(one))).toEqual([]);
  });

  it('leaves room for what has to be given', () => {
    expect(beginWith('target-value', terminators)).toEqual({ type: 'target-value', options: {} });
    expect(beginWith('no-improvement', terminators)).toEqual({ type: 'no-improvement' });
  });
});
