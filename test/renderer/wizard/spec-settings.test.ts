import { describe, expect, it } from 'vitest';

import type { SpecForm, SpecGroup, SpecSetting } from '../../../src-main/contract/specs.ts';
import {
  formatPathsOf,
  neededBy,
  settingsOf,
  withoutOtherTask,
  withoutStrays,
  type SettingShelf,
} from '../../../src-renderer/wizard/spec-settings.ts';
import { specSetting as setting } from '../helpers/spec-setting.ts';

const group = (path: string, settings: SpecSetting[], change: Partial<SpecGroup> = {}) => ({
  path: path.split('.'),
  title: path,
  description: '',
  isOptional: true,
  onlyIf: null,
  settings,
  ...change,
});
const form = (...groups: SpecGroup[]): SpecForm => ({
  schema: {},
  groups,
  objective: [],
  splits: [],
  presets: [],
});

describe('formatPathsOf', () => {
  it('finds the section of formats, not a short form beside it, and a header under its other name', () => {
    const settings = settingsOf(
      form(
        group('data', [setting('data.delimiter')]),
        group('data.format', [setting('data.format.delimiter'), setting('data.format.header')]),
        group('training', [setting('training.encoding')]),
      ),
    );
    expect(formatPathsOf(settings)).toEqual({
      delimiter: ['data', 'format', 'delimiter'],
      hasHeader: ['data', 'format', 'header'],
    });
    expect(formatPathsOf(settingsOf(null))).toEqual({});
  });
});

describe('withoutOtherTask', () => {
  const options = [
    { value: 'f1', title: 'F1', tasks: ['classification'] as const },
    { value: 'mae', title: 'MAE', tasks: ['regression'] as const },
    { value: 'loss', title: 'Loss' },
  ];
  const settings = settingsOf(
    form(
      group('training.stop', [setting('training.stop.metric', { options })]),
      group('training.loss', [setting('training.loss.type', { options, isRequired: true })]),
    ),
  );

  it('takes out what is for the other task, with its section where that needs it, also as one of several choices', () => {
    const spec = {
      name: 'x',
      training: { stop: { metric: 'f1', patience: 3 }, loss: { type: { choices: ['mae', 'f1'] } } },
    };
    expect(withoutOtherTask(spec, settings, 'regression')).toEqual({
      name: 'x',
      training: { stop: { patience: 3 } },
    });
    const withMore = { training: { epochs: 3, loss: { type: 'f1', gamma: 2 } } };
    expect(withoutOtherTask(withMore, settings, 'regression')).toEqual({ training: { epochs: 3 } });
    const fitting = { training: { stop: { metric: 'f1' }, loss: { type: 'f1' } } };
    expect(withoutOtherTask(fitting, settings, 'classification')).toEqual(fitting);
    const forAll = { training: { stop: { metric: 'loss' } } };
    expect(withoutOtherTask(forAll, settings, 'regression')).toEqual(forAll);
  });
});

describe('neededBy', () => {
  it('begins with what is required, and with what most people want to see and is nothing by default', () => {
    const stop = group('training.stop', [
      setting('training.stop.patience', { isRequired: true, start: 15 }),
      setting('training.stop.metric', { isUsual: true, start: 3 }),
      setting('training.stop.restores', { isUsual: true, default: 1 }),
      setting('training.stop.minDelta'),
    ]);
    const about = { task: 'classification', nInputs: 4 } as const;
    expect(neededBy(stop, {}, about)).toEqual({ patience: 15, metric: 3 });
  });

  it('begins an image with all features, as a square where the network wants one', () => {
    const image = group('network.image', [setting('network.image.channels', { isRequired: true })]);
    const about = { task: 'classification', nInputs: 64 } as const;
    expect(neededBy(image, { network: { type: 'conv2d' } }, about)).toEqual({
      channels: 1,
      height: 8,
      width: 8,
    });
    expect(neededBy(image, { network: { type: 'conv1d' } }, about)).toEqual({
      channels: 1,
      width: 64,
    });
    expect(neededBy(image, {}, { ...about, nInputs: undefined })).toEqual({ channels: 1 });
  });
});

describe('withoutStrays', () => {
  const conv = group('network.conv', [setting('network.conv.filters', { isRequired: true })], {
    onlyIf: { path: ['network', 'type'], values: ['conv'] },
  });
  const momentum = setting('training.momentum', {
    onlyIf: { path: ['training', 'optimizer'], values: ['sgd'] },
  });
  const optimizer = setting('training.optimizer', { default: 'sgd' });
  const whole = form(conv, group('training', [optimizer, momentum]));
  const begin = (): { filters: number } => ({ filters: 16 });

  it('shelves what has no meaning, and puts it back as it was', () => {
    const shelf: SettingShelf = new Map();
    const spec = {
      network: { type: 'conv', conv: { filters: 4 } },
      training: { optimizer: 'sgd', momentum: 0.5 },
    };
    const other = { network: { ...spec.network, type: 'dense' }, training: { ...spec.training } };
    other.training.optimizer = 'adam';
    const without = withoutStrays(other, whole, { shelf, begin });
    expect(without).toEqual({ network: { type: 'dense' }, training: { optimizer: 'adam' } });
    const again = { network: { type: 'conv' }, training: { optimizer: 'sgd' } };
    expect(withoutStrays(again, whole, { shelf, begin })).toEqual(spec);
  });

  it('puts back once, and into a section that is there', () => {
    const shelf: SettingShelf = new Map([['training.momentum', 0.5]]);
    const only = form(group('training', [optimizer, momentum]));
    expect(withoutStrays({ name: 'x' }, only, { shelf, begin })).toEqual({ name: 'x' });
    const spec = { training: { optimizer: 'sgd' } };
    const again: SettingShelf = new Map([['training.momentum', 0.5]]);
    const withIt = { training: { optimizer: 'sgd', momentum: 0.5 } };
    expect(withoutStrays(spec, only, { shelf: again, begin })).toEqual(withIt);
    // Taken out by hand meanwhile.
    expect(withoutStrays(spec, only, { shelf: again, begin })).toEqual(spec);
  });

  it('begins what is needed and was never there, and knows what a setting is by default', () => {
    const shelf: SettingShelf = new Map();
    const spec = { network: { type: 'conv' }, training: { momentum: 0.5 } };
    expect(withoutStrays(spec, whole, { shelf, begin })).toEqual({
      network: { type: 'conv', conv: { filters: 16 } },
      training: { momentum: 0.5 },
    });
  });
});
