import { expect, it } from 'vitest';

import type { Registries } from '../../../src-main/contract/analysis.ts';
import type { SpecForm } from '../../../src-main/contract/specs.ts';
import { text } from '../../../src-renderer/text.ts';
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

it('makes a sentence of a rule, and leaves the name of a file as it is', () => {
  expect(text.wizard.issue('must be at least 1, but got 0.')).toBe(
    'Must be at least 1, but got 0.',
  );
  expect(text.wizard.issue('header.csv must have a header.')).toBe(
    'header.csv must have a header.',
  );
  expect(text.wizard.issue('dup.csv: the header has "a" twice.')).toMatch(/^dup\.csv/);
});
