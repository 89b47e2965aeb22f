import { describe, expect, it } from 'vitest';

import { rememberedOf } from '../../../src-renderer/stores/settings.ts';

describe('rememberedOf', () => {
  it('knows what was remembered of a study, and nothing of others, whatever they are called', () => {
    const remembered = { iris: 'value > 0.9' };
    expect(rememberedOf(remembered, 'iris')).toBe('value > 0.9');
    for (const name of ['wine', 'constructor', '__proto__', 'toString'])
      expect(rememberedOf(remembered, name), name).toBeUndefined();
    const named = { ...remembered, ['__proto__']: 'value < 1' };
    expect(rememberedOf(named, '__proto__')).toBe('value < 1');
  });
});
