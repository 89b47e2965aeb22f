import { describe, expect, it } from 'vitest';

import {
  createCategoricalDistribution,
  createFloatDistribution,
  createIntDistribution,
} from '../../../src-main/tuner/distributions.ts';
import { compileExpression, ExpressionError } from '../../../src-renderer/trials/expression.ts';
import { trialFields } from '../../../src-renderer/trials/fields.ts';
import { toView } from '../helpers/trial-columns.ts';

const view = toView(
  [
    {
      number: 0,
      values: [0.95],
      params: { learning_rate: 1e-3, n_layers: 2, act: 'relu', 'my param': 1 },
      startedAtMs: 0,
      completedAtMs: 90_000,
      userAttrs: { note: 'Good', epoch: 0 },
    },
    { number: 1, state: 'pruned', values: [0.5], params: { learning_rate: 0.1, n_layers: 1 } },
    { number: 2, state: 'fail', params: { n_layers: 3, act: 'tanh' } },
  ],
  {
    learning_rate: createFloatDistribution(1e-5, 1, { log: true }),
    n_layers: createIntDistribution(1, 3),
    act: createCategoricalDistribution(['relu', 'tanh', false]),
    'my param': createFloatDistribution(0, 1),
  },
);
const fields = trialFields(view, ['accuracy']);
const matches = (expression: string): number[] => {
  const test = compileExpression(expression, fields);
  return [0, 1, 2].filter(test);
};

describe('compileExpression', () => {
  it.each([
    ['value > 0.9', [0]],
    ['accuracy > 0.9', [0]],
    ['value > 0.4 and learning_rate < 1e-2', [0]],
    ['value>0.4 && learning_rate<.01 || n_layers==3', [0, 2]],
    ['not (n_layers in [1, 2])', [2]],
    ['n_layers not in (1, 2)', [2]],
    ['state == "pruned"', [1]],
    ["state = 'COMPLETE'", [0]],
    ['act == "relu"', [0]],
    ['act != "relu"', [2]],
    ['act == null', [1]],
    ['act != none', [0, 2]],
    ['`my param` == 1', [0]],
    ['duration > 60', [0]],
    ['number >= 1', [1, 2]],
    ['n_layers * 2 - 1 > 2 + 1 / 1', [2]],
    ['-value < -0.6', [0]],
    ['note == "good"', [0]],
    ['epoch == 0', [0]],
    ['value', [0, 1]],
  ])('%s', (expression, rows) => {
    expect(matches(expression)).toEqual(rows);
  });

  it('is false, not an error, for what a trial does not have', () => {
    expect(matches('value <= 0.5')).toEqual([1]);
    expect(matches('value == 0')).toEqual([]);
  });

  it.each([
    ['lerning_rate < 1', 'There is no parameter, value or attribute “lerning_rate”.', 0],
    ['value >', 'The expression is not complete.', 7],
    ['value > 1 )', '“)” is not expected here.', 10],
    ['(value > 1', '“)” is missing.', 10],
    ['value # 1', '“#” is not understood here.', 6],
  ])('says what is wrong with “%s”', (expression, message, position) => {
    let caught: unknown;
    try {
      matches(expression);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(ExpressionError);
    expect(caught).toMatchObject({ message, position });
  });

  it('runs nothing that is written in it', () => {
    expect(() => matches('constructor.constructor("return 1")()')).toThrow(ExpressionError);
  });
});
