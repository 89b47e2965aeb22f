import { expect, it } from 'vitest';

import type { SpecForm, SpecSetting } from '../../../src-main/contract/specs.ts';
import { settingTitle } from '../../../src-renderer/wizard/setting-title.ts';

const setting = (title: string, ...path: string[]) => ({ path, title }) as unknown as SpecSetting;
const form = {
  groups: [
    {
      title: 'Training',
      settings: [
        setting('Epochs', 'training', 'epochs'),
        setting('Batch size', 'training', 'batchSize'),
      ],
    },
  ],
  objective: [setting('Metric', 'metric')],
  splits: [{ key: 'folds', settings: [setting('Folds', 'data', 'split', 'folds')] }],
} as unknown as SpecForm;

it('calls settings as the forms do', () => {
  expect(settingTitle('training.batchSize', form)).toBe('Training: Batch size');
  expect(settingTitle('training.batchSize.choices', form)).toBe('Training: Batch size (choices)');
  expect(settingTitle('objective.metric', form)).toBe('Objective: Metric');
  expect(settingTitle('data.split.folds', form)).toBe('Split: Folds');
});

it('leaves the path of what no form asks for, and of all without forms', () => {
  expect(settingTitle('training.batchSizes', form)).toBe('training.batchSizes');
  expect(settingTitle('training.batchSize', null)).toBe('training.batchSize');
});
