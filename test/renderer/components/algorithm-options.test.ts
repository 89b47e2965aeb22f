import { describe, expect, it } from 'vitest';

import { terminators } from '../../../src-main/tuner/terminators/registry.ts';
import { beginWith, offerable } from '../../../src-renderer/components/wizard/algorithm-options.ts';

describe('stop rules in a form', () => {
  it('offers all of them', () => {
    expect(terminators.filter((one) => !offerable(one))).toEqual([]);
  });

  it('leaves room for what has to be given', () => {
    expect(beginWith('target-value', terminators)).toEqual({ type: 'target-value', options: {} });
    expect(beginWith('no-improvement', terminators)).toEqual({ type: 'no-improvement' });
  });
});
