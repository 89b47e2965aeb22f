import { describe, expect, it } from 'vitest';

import { constraintsOf } from '../../../src-renderer/trials/constraints.ts';

describe('constraintsOf', () => {
  it('reads both of Optuna’s forms; NaN does not hold', () => {
    expect(constraintsOf({ constraints: [0, 0.5], other: 1 })).toEqual([
      { name: 'Constraint 1', value: 0, isViolated: false },
      { name: 'Constraint 2', value: 0.5, isViolated: true },
    ]);
    expect(constraintsOf({ 'constraints:latency': -1, 'constraints:size': NaN })).toEqual([
      { name: 'latency', value: -1, isViolated: false },
      { name: 'size', value: NaN, isViolated: true },
    ]);
    expect(constraintsOf({})).toEqual([]);
  });
});
