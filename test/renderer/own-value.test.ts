import { describe, expect, it } from 'vitest';

import { ownValue } from '../../src-renderer/own-value.ts';

describe('ownValue', () => {
  it('gives what is there, and nothing of others, whatever they are called', () => {
    const record = { iris: 'value > 0.9' };
    expect(ownValue(record, 'iris')).toBe('value > 0.9');
    for (const name of ['wine', 'constructor', '__proto__', 'toString'])
      expect(ownValue(record, name), name).toBeUndefined();
    const named = { ...record, ['__proto__']: 'value < 1' };
    expect(ownValue(named, '__proto__')).toBe('value < 1');
  });
});
