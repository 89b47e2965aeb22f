import { describe, expect, it } from 'vitest';

import type { OptionSpec } from '../../../src-main/tuner/options.ts';
import { defaultValues, formOptions } from '../../../src-renderer/components/common/option-form.ts';

const base = { title: 'Title', description: 'Sentence.' };

describe('formOptions', () => {
  it('asks numbers, switches and choices, and leaves the seed to the study', () => {
    const options: OptionSpec[] = [
      { ...base, name: 'n', type: 'number', isInteger: true, default: 5 },
      { ...base, name: 'on', type: 'boolean', default: false },
      { ...base, name: 'kind', type: 'choice', choices: ['a', 'b'], default: 'a' },
      { ...base, name: 'seed', type: 'number', default: null },
      { ...base, name: 'gamma', type: 'function' },
    ];
    const asked = formOptions(options);
    expect(asked?.map(({ name }) => name)).toEqual(['n', 'on', 'kind']);
    expect(defaultValues(asked ?? [])).toEqual({ n: 5, on: false, kind: 'a' });
  });

  it('does not offer what needs another pruner inside', () => {
    expect(formOptions([{ ...base, name: 'wrapped', type: 'pruner' }])).toBeNull();
    expect(formOptions([{ ...base, name: 'wrapped', type: 'pruner', default: null }])).toEqual([]);
  });
});
