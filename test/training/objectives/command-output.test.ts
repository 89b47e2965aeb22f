import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseOutputLine } from '../../../src-main/training/objectives/command-output.ts';

describe('parseOutputLine', () => {
  it.each([
    ['3 0.5', { type: 'report', step: 3, value: 0.5 }],
    ['  12\t-1.5e-3 \r', { type: 'report', step: 12, value: -0.0015 }],
    ['0 nan', { type: 'report', step: 0, value: NaN }],
    ['0.25', { type: 'number', value: 0.25 }],
    ['.5', { type: 'number', value: 0.5 }],
    ['-inf', { type: 'number', value: -Infinity }],
    ['Inf', { type: 'number', value: Infinity }],
    ['{"step": 3, "value": NaN}', { type: 'report', step: 3, value: NaN }],
    ['{"value": 1}', { type: 'result', values: 1, userAttrs: {}, constraints: {} }],
    ['{"values": [1, Infinity]}', { type: 'result', values: [1, Infinity] }],
    [
      '{"userAttrs": {"a": [1, "b"]}}',
      { type: 'result', values: null, userAttrs: { a: [1, 'b'] } },
    ],
    ['{"constraint": -1}', { type: 'result', constraints: { constraint: -1 } }],
    ['{"constraints": {"load": 2}}', { type: 'result', constraints: { load: 2 } }],
  ])('reads %j', (line, said) => {
    expect(parseOutputLine(line)).toMatchObject(said);
  });

  it.each([
    '',
    'epoch 3',
    '1.5 2',
    '1 2 3',
    '-1 2',
    '{"loss": 1}',
    '{not json',
    '0x10',
    '[1]',
    '"1"',
  ])('leaves %j to the log', (line) => {
    expect(parseOutputLine(line)).toBeNull();
  });

  it.each([
    ['{"step": -1, "value": 1}', /`step` must be a whole number/],
    ['{"step": 1}', /`value` must be a number beside a `step`/],
    ['{"value": "good"}', /`value` must be a number/],
    ['{"values": [1, "2"]}', /`values` must be a list of numbers/],
    ['{"userAttrs": 3}', /`userAttrs` must be an object/],
    ['{"constraint": true}', /`constraint` must be a number/],
    ['{"constraints": [1]}', /`constraints` must be an object of numbers/],
  ])('refuses %j', (line, message) => {
    expect(() => parseOutputLine(line)).toThrow(message);
  });

  it('reads every number that JavaScript writes', () => {
    fc.assert(
      fc.property(fc.nat(), fc.double(), (step, value) => {
        expect(parseOutputLine(`${step} ${value}`)).toEqual({ type: 'report', step, value });
      }),
      { examples: [[0, 5e-324]] },
    );
  });
});
