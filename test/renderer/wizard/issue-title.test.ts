import { expect, it } from 'vitest';

import type { Registries } from '../../../src-main/contract/analysis.ts';
import type { SpecForm } from '../../../src-main/contract/specs.ts';
import { issueTitle } from '../../../src-renderer/wizard/issue-title.ts';

const form = {
  groups: [{ title: 'Batches', settings: [{ title: 'Epochs', path: ['training', 'epochs'] }] }],
  objective: [],
  splits: [],
} as unknown as SpecForm;
const option = (name: string, title: string) => ({ name, title, type: 'number' });
const registries = {
  samplers: [{ name: 'tpe', options: [option('nStartupTrials', 'Random trials first')] }],
  pruners: [{ name: 'median', options: [option('nWarmupSteps', 'Warm-up steps')] }],
  terminators: [{ name: 'target-value', options: [option('value', 'Target')] }],
} as unknown as Registries;
const titleAt = (...path: (string | number)[]): string | null =>
  issueTitle({ path, message: '' }, form, registries);

it('calls a problem by what the steps call its setting', () => {
  expect(titleAt('training', 'epochs')).toBe('Epochs');
  expect(titleAt('training', 'epochs', 'int', 0)).toBe('Epochs');
  expect(titleAt('name')).toBe('Name of the study');
});

it('calls options as their registry does, and says of which rule they are', () => {
  expect(titleAt('sampler', 'options', 'nStartupTrials')).toBe('Sampler: Random trials first');
  expect(titleAt('pruner', 'options', 'nWarmupSteps')).toBe('Pruner: Warm-up steps');
  expect(titleAt('pruner', 'type')).toBe('Pruner');
  expect(titleAt('stop', 'rules', 1, 'options', 'value')).toBe('Rule 2: Target');
});

it('has no name for what no step asks for', () => {
  expect(titleAt('training', 'epoch')).toBeNull();
  expect(titleAt()).toBeNull();
  expect(issueTitle({ path: ['training', 'epochs'], message: '' }, null, null)).toBeNull();
});
