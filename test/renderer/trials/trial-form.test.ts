import { describe, expect, it } from 'vitest';

import {
  trialFormFields,
  trialFormParams,
  trialFormProblem,
  trialFormValues,
} from '../../../src-renderer/trials/trial-form.ts';
import { conditionalHistory, toView } from '../helpers/trial-columns.ts';

const { trials, distributions } = conditionalHistory();
const fields = trialFormFields(toView(trials, distributions));
const field = (name: string) => fields.find((one) => one.name === name)!;

describe('the trial form', () => {
  it('has every parameter of the study, with its range', () => {
    expect(fields.map(({ name }) => name).sort()).toEqual(Object.keys(distributions).sort());
    expect(field('learning_rate').space).toBe('1e−5 to 0.1, logarithmic');
  });

  it('gives back the parameters it was filled in with, for every trial', () => {
    for (const { params = {} } of trials)
      expect(trialFormParams(fields, trialFormValues(fields, params))).toEqual(params);
  });

  it('knows a parameter that is called as what every object has', () => {
    const named = { ...field('learning_rate'), name: 'constructor' };
    expect(trialFormParams([named], {})).toEqual({});
    expect(trialFormParams([named], trialFormValues([named], {}))).toEqual({});
    const proto = { ...field('learning_rate'), name: '__proto__' };
    const params = trialFormParams([proto], { ['__proto__']: '0.01' });
    expect(Object.entries(params)).toEqual([['__proto__', 0.01]]);
  });

  it('gives a choice that is null', () => {
    const distribution = { type: 'categorical', choices: ['relu', null] } as const;
    const activation = { name: 'activation', distribution, space: '', choices: null };
    expect(trialFormParams([activation], { activation: 1 })).toEqual({ activation: null });
  });

  it('leaves out what is empty, for the sampler to choose', () => {
    const values = trialFormValues(fields, { learning_rate: 0.01 });
    expect(trialFormParams(fields, { ...values, n_layers: ' ' })).toEqual({ learning_rate: 0.01 });
  });

  it.each([
    ['learning_rate', '1e-3', null],
    ['learning_rate', '0,01', null],
    ['learning_rate', '0.2', /Outside/],
    ['learning_rate', '-1', /Outside/],
    ['learning_rate', 'fast', /Not a number/],
    ['n_layers', '2.5', /whole/],
    ['n_layers', '4', /Outside/],
    ['n_layers', '', null],
    ['n_layers', null, null],
  ])('%s = %s: %s', (name, typed, problem) => {
    const found = trialFormProblem(field(name), typed);
    if (problem) expect(found).toMatch(problem);
    else expect(found).toBeNull();
  });
});
