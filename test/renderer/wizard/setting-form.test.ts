import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { SpecSetting } from '../../../src-main/contract/specs.ts';
import {
  beginIn,
  isNamedByLayer,
  isShown,
  modeOf,
  modesOf,
  nameByLayer,
  optionsFor,
  parseNumber,
  writeNumber,
} from '../../../src-renderer/wizard/setting-form.ts';

const number: SpecSetting = {
  path: ['training', 'optimizer', 'learningRate'],
  title: 'Learning rate',
  description: '',
  type: 'number',
  isInteger: false,
  min: 0,
  max: null,
  options: [],
  isTunable: true,
  isPerLayer: false,
  isPerClass: false,
  paramName: 'learning_rate',
  isUsual: true,
  isRequired: true,
  default: null,
  start: 1e-3,
  space: { float: [1e-5, 0.1], log: true },
  onlyIf: null,
};
const loss: SpecSetting = {
  ...number,
  path: ['training', 'loss', 'type'],
  type: 'choice',
  start: 'crossEntropy',
  space: { choices: ['crossEntropy', 'mse'] },
  options: [
    { value: 'crossEntropy', title: 'Cross-entropy', tasks: ['classification'] },
    { value: 'mse', title: 'MSE', tasks: ['regression'] },
    { value: 'mae', title: 'MAE', tasks: ['regression'] },
  ],
};
const width: SpecSetting = {
  ...number,
  path: ['network', 'width'],
  isInteger: true,
  isPerLayer: true,
  paramName: 'hidden_dim_layer_{layer}',
  start: 64,
  space: { int: [16, 256], log: true },
};

const weights: SpecSetting = {
  ...loss,
  path: ['training', 'loss', 'classWeights'],
  isPerClass: true,
  start: 'none',
  space: { choices: ['none', 'balanced'] },
  options: ['none', 'balanced'].map((value) => ({ value, title: value })),
};

describe('modes of a setting', () => {
  it('are those that it can be given in', () => {
    expect(modesOf(number)).toEqual(['fixed', 'range', 'choices']);
    expect(modesOf(loss)).toEqual(['fixed', 'choices']);
    expect(modesOf(width)).toEqual(['fixed', 'range', 'choices', 'layers']);
    expect(modesOf(weights)).toEqual(['fixed', 'choices', 'classes']);
    expect(modesOf({ ...number, isTunable: false })).toEqual(['fixed']);
  });

  it('begin with a value of their kind, near what was there', () => {
    for (const setting of [number, loss, width, weights])
      for (const from of modesOf(setting))
        for (const to of modesOf(setting)) {
          const before = beginIn(setting, from, undefined, 'classification');
          expect(modeOf(before)).toBe(from);
          expect(modeOf(beginIn(setting, to, before, 'classification'))).toBe(to);
        }
    expect(modeOf({ setosa: 2 })).toBe('classes');
    expect(beginIn(weights, 'fixed', { setosa: 2 }, 'classification')).toBe('none');
    expect(beginIn(number, 'range', 0.5, 'classification')).toEqual(number.space);
    expect(beginIn(number, 'choices', 0.25, 'classification')).toEqual({ choices: [0.25, 0.5] });
    expect(beginIn(width, 'layers', { name: 'w', int: [1, 9] }, 'classification')).toEqual([
      { int: [1, 9] },
      { int: [1, 9] },
    ]);
    expect(beginIn({ ...number, space: null }, 'range', 0, 'classification')).toEqual({
      float: [0, 1e-3],
    });
  });

  it('offer only what the task knows', () => {
    expect(optionsFor(loss, 'regression').map(({ value }) => value)).toEqual(['mse', 'mae']);
    expect(beginIn(loss, 'fixed', 'crossEntropy', 'regression')).toBe('mse');
    expect(beginIn(loss, 'choices', undefined, 'regression')).toEqual({ choices: ['mse'] });
    expect(beginIn(loss, 'choices', undefined, 'classification')).toEqual({
      choices: ['crossEntropy'],
    });
  });
});

describe('isShown', () => {
  const momentum: SpecSetting = {
    ...number,
    onlyIf: { path: ['training', 'optimizer', 'type'], values: ['sgd', 'rmsprop'] },
  };
  const shown = (type: unknown, byDefault?: unknown): boolean =>
    isShown(momentum, { training: { optimizer: { type } } }, () => byDefault);

  it('asks whether what it belongs to is possible', () => {
    expect(shown('sgd')).toBe(true);
    expect(shown('adam')).toBe(false);
    expect(shown({ choices: ['adam', 'rmsprop'] })).toBe(true);
    expect(shown({ choices: ['adam', 'nadam'] })).toBe(false);
    expect(shown(undefined, 'sgd')).toBe(true);
    expect(shown(undefined)).toBe(false);
  });
});

describe('nameByLayer', () => {
  it('goes from one parameter for all layers to one per layer and back', () => {
    const activation = { ...width, paramName: 'activation' };
    for (const setting of [width, activation])
      for (const isByLayer of [true, false]) {
        const named = nameByLayer(setting, { name: 'own', int: [1, 9] }, isByLayer);
        expect(isNamedByLayer(setting, named)).toBe(isByLayer);
        expect(named.int).toEqual([1, 9]);
      }
    expect(nameByLayer(width, { int: [1, 9] }, true)).toEqual({ int: [1, 9] });
    expect(nameByLayer(width, { int: [1, 9] }, false).name).toBe('hidden_dim');
    expect(nameByLayer(activation, { int: [1, 9] }, true).name).toBe('activation_layer_{layer}');
  });
});

describe('numbers that are typed', () => {
  it('are read in the ways people write them', () => {
    expect(['1e-5', ' 0.001 ', '.5', '5.', '−3', '1E3'].map(parseNumber)).toEqual([
      1e-5, 0.001, 0.5, 5, -3, 1000,
    ]);
    expect(['', 'abc', '1e', '1,5', '0x10', 'Infinity', '--1'].map(parseNumber)).toEqual(
      Array.from({ length: 7 }, () => null),
    );
  });

  it('are written so that the same number is read', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(parseNumber(writeNumber(value))).toBe(value === 0 ? 0 : value);
      }),
    );
  });
});
