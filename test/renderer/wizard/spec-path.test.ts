import { describe, expect, it } from 'vitest';

import { messagesFor, valueAt, withValueAt } from '../../../src-renderer/wizard/spec-path.ts';

const spec = { name: 'x', network: { depth: 2, width: [8, { int: [1, 9] }] }, stop: { trials: 5 } };

describe('valueAt', () => {
  it('finds values, and nothing where there is nothing', () => {
    expect(valueAt(spec, ['network', 'width', 1, 'int', 0])).toBe(1);
    expect(valueAt(spec, ['network', 'missing', 'deep'])).toBeUndefined();
    expect(valueAt(spec, ['name', 'deep'])).toBeUndefined();
    expect(valueAt(spec, ['network', 'constructor', 'name'])).toBeUndefined();
  });
});

describe('withValueAt', () => {
  it('changes one place and leaves the spec before as it was', () => {
    const before = structuredClone(spec);
    const changed = withValueAt(spec, ['network', 'width', 0], 16);
    expect(valueAt(changed, ['network', 'width'])).toEqual([16, { int: [1, 9] }]);
    expect(changed.stop).toBe(spec.stop);
    expect(spec).toEqual(before);
  });

  it('makes the sections it needs, and takes out those that become empty', () => {
    expect(withValueAt({}, ['training', 'loss', 'type'], 'mse')).toEqual({
      training: { loss: { type: 'mse' } },
    });
    expect(withValueAt(spec, ['stop', 'trials'], undefined)).not.toHaveProperty('stop');
    expect(withValueAt({ a: 1 }, ['a'], undefined)).toEqual({});
    const order = ['data', 'ordinal', 'constructor', 'length'];
    expect(withValueAt({}, order, 2)).toEqual({
      data: { ordinal: { constructor: { length: 2 } } },
    });
    const proto = withValueAt({}, ['data', 'ordinal', '__proto__'], ['a']);
    expect(valueAt(proto, ['data', 'ordinal', '__proto__', 0])).toBe('a');
    expect(withValueAt(proto, ['data', 'ordinal', '__proto__'], undefined)).toEqual({});
  });
});

describe('messagesFor', () => {
  it('has what is said about a setting and about places in it', () => {
    const problems = [
      { path: ['network', 'width', 1, 'int'], message: 'inside' },
      { path: ['network', 'width'], message: 'itself' },
      { path: ['network'], message: 'around' },
      { path: ['network', 'widths'], message: 'beside' },
    ];
    expect(messagesFor(problems, ['network', 'width'])).toEqual(['inside', 'itself']);
  });
});
