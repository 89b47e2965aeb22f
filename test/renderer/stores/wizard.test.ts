import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { BuiltInTable, ColumnProfile, TableProfile } from '../../../src-main/contract/data.ts';
import type {
  SpecCheck,
  SpecData,
  SpecForm,
  SpecSetting,
} from '../../../src-main/contract/specs.ts';
import { ContractError } from '../../../src-main/contract/errors.ts';
import { useWizardStore } from '../../../src-renderer/stores/wizard.ts';
import { FakeChannel } from '../helpers/fake-channel.ts';
import { specSetting } from '../helpers/spec-setting.ts';
import { installChannel } from '../helpers/with-app.ts';
import { eventually } from '../../helpers/eventually.ts';

const column = (name: string, change: Partial<ColumnProfile> = {}): ColumnProfile => ({
  name,
  type: 'number',
  suggestedRole: 'feature',
  note: null,
  dateFormat: null,
  nMissing: 0,
  nDistinct: 50,
  isDistinctCapped: false,
  min: 0,
  max: 1,
  mean: 0.5,
  top: [],
  ...change,
});

const profile = (change: Partial<TableProfile> = {}): TableProfile => ({
  table: '/data/a.csv',
  title: 'a',
  path: '/data/a.csv',
  sizeBytes: 100,
  nRows: 60,
  format: {
    delimiter: ';',
    quote: '"',
    encoding: 'utf-8',
    decimal: '.',
    thousands: 'none',
    hasHeader: true,
  },
  columns: [
    column('id', { suggestedRole: 'ignore' }),
    column('x', { nMissing: 3 }),
    column('y', { type: 'category', nDistinct: 2 }),
  ],
  preview: [],
  suggested: { target: 'y', task: 'classification' },
  problems: [],
  nProblems: 0,
  tableHash: '',
  ...change,
});

const setting = (path: string, change: Partial<SpecSetting> = {}): SpecSetting =>
  specSetting(path, { isUsual: true, start: 0.9, ...change });

const form: SpecForm = {
  schema: {},
  groups: [
    {
      path: ['training', 'optimizer'],
      title: 'Optimizer',
      description: '',
      isOptional: false,
      onlyIf: null,
      settings: [
        setting('training.optimizer.type', { type: 'choice', start: 'adam' }),
        setting('training.optimizer.momentum', {
          onlyIf: { path: ['training', 'optimizer', 'type'], values: ['sgd'] },
        }),
      ],
    },
    {
      path: ['training', 'earlyStopping'],
      title: 'Early stopping',
      description: '',
      isOptional: true,
      onlyIf: null,
      settings: [
        setting('training.earlyStopping.patience', { isRequired: true, start: 15 }),
        setting('training.earlyStopping.minDelta', { isUsual: false }),
        setting('training.earlyStopping.metric', {
          type: 'choice',
          isTunable: false,
          isUsual: false,
          options: [{ value: 'f1', title: 'F1', tasks: ['classification'] }],
        }),
      ],
    },
    {
      path: ['training', 'loss'],
      title: 'Loss',
      description: '',
      isOptional: true,
      onlyIf: null,
      settings: [
        setting('training.loss.type', {
          type: 'choice',
          isRequired: true,
          options: [
            { value: 'crossEntropy', title: 'Cross-entropy', tasks: ['classification'] },
            { value: 'mse', title: 'MSE', tasks: ['regression'] },
          ],
        }),
      ],
    },
    {
      path: ['network', 'conv'],
      title: 'Convolutions',
      description: '',
      isOptional: true,
      onlyIf: { path: ['network', 'type'], values: ['conv1d'] },
      settings: [setting('network.conv.filters', { isRequired: true, start: 16 })],
    },
    {
      path: ['data'],
      title: 'Data',
      description: '',
      isOptional: false,
      onlyIf: null,
      settings: [setting('data.delimiter', { type: 'text' })],
    },
  ],
  objective: [],
  splits: [],
  presets: [],
};

const tables: BuiltInTable[] = [
  {
    name: 'iris',
    title: 'Iris',
    nRows: 150,
    nColumns: 5,
    target: 'species',
    task: 'classification',
    source: '',
  },
];

const fine: SpecCheck = { issues: [], warnings: [], data: null, space: [], result: null };

function start(answers: ConstructorParameters<typeof FakeChannel>[0] = {}) {
  const channel = new FakeChannel({
    'specs.form': () => form,
    'data.tables': () => tables,
    'data.profile': () => profile(),
    'specs.default': ({ data }) => ({
      name: 'a y',
      data,
      network: { depth: 1 },
      training: { optimizer: { type: 'adam' } },
      objective: { metric: data.task === 'regression' ? 'rmse' : 'accuracy' },
    }),
    'specs.check': () => fine,
    'library.get': () => ({ storages: [], studies: [] }),
    ...answers,
  });
  installChannel(channel);
  return { channel, wizard: useWizardStore() };
}

/** A window's memory, kept by the test. */
let memory: Map<string, string>;
beforeEach(() => {
  memory = new Map();
  vi.stubGlobal('sessionStorage', {
    getItem: (name: string) => memory.get(name) ?? null,
    setItem: (name: string, value: string) => memory.set(name, value),
  });
  return () => vi.unstubAllGlobals();
});

describe('useWizardStore', () => {
  it('begins with what the profile of a table suggests', async () => {
    const { wizard } = start();
    expect(await wizard.chooseTable('/data/a.csv')).toBe(true);
    expect(wizard.data).toEqual({
      table: '/data/a.csv',
      task: 'classification',
      target: 'y',
      ignore: ['id'],
      missing: 'median',
    });
    expect(wizard.get(['network', 'depth'])).toBe(1);
  });

  it('keeps the table before when another cannot be read, and says why', async () => {
    const { wizard } = start({
      'data.profile': ({ table }) => {
        if (table === 'no.csv') throw new Error('There is no such file.');
        return profile();
      },
    });
    await wizard.chooseTable('/data/a.csv');
    expect(await wizard.chooseTable('no.csv')).toBe(false);
    expect(wizard.tableError?.message).toBe('There is no such file.');
    expect(wizard.table).toBe('/data/a.csv');
  });

  it('chooses network and training anew for another target, until the user shaped them', async () => {
    const { wizard } = start();
    await wizard.chooseTable('/data/a.csv');
    await wizard.setTarget('x');
    expect(wizard.task).toBe('regression');
    expect(wizard.get(['objective'])).toEqual({ metric: 'rmse' });
    wizard.set(['network', 'depth'], { int: [1, 9] });
    await wizard.setTarget('y');
    expect(wizard.get(['network', 'depth'])).toEqual({ int: [1, 9] });
    // The metric of the other task would be wrong, so it does not stay.
    expect(wizard.get(['objective'])).toEqual({ metric: 'accuracy' });
  });

  it('keeps what was shaped when another table is chosen, with the split that the table needs', async () => {
    const split = { fractions: { train: 0.6, validation: 0.2, test: 0.2 } };
    const { wizard } = start({
      'data.profile': ({ table }) => profile({ table, path: table }),
      'specs.default': ({ data }) => ({ name: 'made', data: { ...data, split }, network: {} }),
    });
    await wizard.chooseTable('/data/a.csv');
    wizard.set(['network', 'depth'], 7);
    await wizard.chooseTable('/data/b.csv');
    expect(wizard.data).toMatchObject({ table: '/data/b.csv', split });
    expect(wizard.get(['network', 'depth'])).toBe(7);
    wizard.set(['name'], 'mine');
    await wizard.chooseTable('/data/a.csv');
    expect(wizard.get(['name'])).toBe('mine');
  });

  it('takes from a preset only what the task knows', async () => {
    const { wizard } = start();
    await wizard.chooseTable('/data/a.csv');
    await wizard.setTarget('x');
    wizard.setSections({
      training: { loss: { type: 'crossEntropy' }, earlyStopping: { patience: 5, metric: 'f1' } },
    });
    expect(wizard.get(['training'])).toEqual({ earlyStopping: { patience: 5 } });
  });

  it('takes settings out that lost their meaning, and brings them back', async () => {
    const { wizard } = start();
    await wizard.chooseTable('/data/a.csv');
    const type = ['training', 'optimizer', 'type'];
    const momentum = ['training', 'optimizer', 'momentum'];
    wizard.set(type, { choices: ['adam', 'sgd'] });
    wizard.set(momentum, { float: [0, 0.9] });
    wizard.set(type, 'adam');
    expect(wizard.get(momentum)).toBeUndefined();
    wizard.set(type, 'sgd');
    expect(wizard.get(momentum)).toEqual({ float: [0, 0.9] });
  });

  it('switches a section on with what it needs', async () => {
    const { wizard } = start();
    await wizard.chooseTable('/data/a.csv');
    wizard.addSection(['training', 'earlyStopping']);
    expect(wizard.get(['training', 'earlyStopping'])).toEqual({ patience: 15 });
    wizard.set(['training', 'earlyStopping'], undefined);
    expect(wizard.get(['training'])).toEqual({ optimizer: { type: 'adam' } });
  });

  it('has a section exactly where another setting needs it', async () => {
    const { wizard } = start();
    await wizard.chooseTable('/data/a.csv');
    wizard.set(['network', 'type'], 'conv1d');
    expect(wizard.get(['network', 'conv'])).toEqual({ filters: 16 });
    wizard.set(['network', 'conv', 'filters'], 4);
    wizard.set(['network', 'type'], 'dense');
    expect(wizard.get(['network'])).toEqual({ depth: 1, type: 'dense' });
    wizard.set(['network', 'type'], 'conv1d');
    expect(wizard.get(['network', 'conv'])).toEqual({ filters: 4 });
  });

  it('goes on where a window was left', async () => {
    const { wizard } = start();
    await wizard.chooseTable('/data/a.csv');
    await wizard.setFormat({ delimiter: '|' });
    wizard.set(['network', 'depth'], 7);
    wizard.step = 'training';
    await eventually(() => expect(memory.size).toBe(1));
    await Promise.resolve();

    const again = start();
    expect(again.wizard.step).toBe('training');
    expect(again.wizard.get(['network', 'depth'])).toBe(7);
    await again.wizard.start();
    expect(again.channel.calls.filter(({ name }) => name === 'data.profile')).toEqual([
      { name: 'data.profile', input: { table: '/data/a.csv', format: { delimiter: '|' } } },
    ]);
    expect(again.wizard.profile?.nRows).toBe(60);
  });

  it('begins with the trials of the study it was made from where they fit', async () => {
    const key = { storageId: 's', studyId: 3 };
    const made = { storageId: 's', studyId: 4 };
    const checked: SpecCheck = {
      ...fine,
      result: {
        ...{ spec: { name: 'checked' }, nCombinations: 4, maxParameters: 9 },
        ...{ maxEpochs: null, yaml: '', commandLine: '' },
      },
    };
    let refusal: string | null = null;
    const { wizard, channel } = start({
      'specs.load': () => ({ name: 'first', data: { table: 'iris' }, network: { depth: 1 } }),
      'specs.check': () => checked,
      'studies.countTaken': ({ spec, trialsFrom }) => {
        expect({ spec, trialsFrom }).toEqual({ spec: { name: 'checked' }, trialsFrom: key });
        if (refusal !== null) throw new Error(refusal);
        return { nTaken: 48, nLeft: 2 };
      },
      'studies.create': () => made,
    });
    await wizard.load(key);
    expect(wizard.origin).toEqual({ key, studyName: 'first', takesTrials: false });
    await wizard.runCheck();
    // Nobody sees it yet.
    expect(wizard.takenTrials).toBeNull();
    wizard.step = 'review';
    await eventually(() => expect(wizard.takenTrials).toEqual({ nTaken: 48, nFinished: 50 }));
    wizard.setTakesTrials(true);
    await eventually(() => expect(memory.get('parzen.new-study')).toContain('"takesTrials":true'));
    expect(start().wizard.origin).toEqual({ key, studyName: 'first', takesTrials: true });

    refusal = 'More than the space differs.';
    await wizard.runCheck();
    await eventually(() => expect(wizard.takenTrials).toEqual({ refusal }));
    expect(wizard.canTakeTrials).toBe(false);
    refusal = null;
    await wizard.runCheck();
    await eventually(() => expect(wizard.canTakeTrials).toBe(true));
    expect(await wizard.create()).toEqual(made);
    expect(channel.calls.find(({ name }) => name === 'studies.create')?.input).toMatchObject({
      trialsFrom: key,
    });
    expect(wizard.origin).toBeNull();
  });

  it('shows how far a table is read, and leaves all as it was when that is cancelled', async () => {
    const { wizard, channel } = start({
      'data.profile': ({ table }) => profile({ table, path: table }),
      'specs.default': ({ data }, signal) =>
        data.table === '/data/a.csv'
          ? { name: 'a', data, network: {} }
          : new Promise((_, reject) =>
              signal?.addEventListener('abort', () =>
                reject(new ContractError({ code: 'ABORTED', message: 'Aborted.' })),
              ),
            ),
    });
    await wizard.chooseTable('/data/a.csv');
    const choosing = wizard.chooseTable('/data/large.csv');
    const told = { table: '/data/large.csv', bytesDone: 5, bytesTotal: 10, rowsDone: 3 };
    await eventually(() => {
      channel.emit('data.progress', told);
      expect(wizard.readProgress).toEqual(told);
    });
    await eventually(() => expect(wizard.profile?.path).toBe('/data/large.csv'));
    channel.emit('data.progress', { ...told, table: '/data/other.csv', bytesDone: 9 });
    expect(wizard.readProgress).toEqual(told);
    await eventually(() =>
      expect(channel.calls.filter(({ name }) => name === 'specs.default')).toHaveLength(2),
    );
    wizard.cancelReading();
    expect(await choosing).toBe(false);
    expect(wizard.readProgress).toBeNull();
    expect(wizard.profile?.path).toBe('/data/a.csv');
    expect(wizard.table).toBe('/data/a.csv');
  });

  it('can read a table on that was not read to its end', async () => {
    let isSlow = true;
    const { wizard } = start({
      'specs.check': (_, signal) =>
        isSlow
          ? new Promise((_resolve, reject) =>
              signal?.addEventListener('abort', () =>
                reject(new ContractError({ code: 'ABORTED', message: 'Aborted.' })),
              ),
            )
          : fine,
    });
    await wizard.chooseTable('/data/a.csv');
    const checking = wizard.runCheck();
    wizard.cancelReading();
    expect(await checking).toBeNull();
    expect(wizard.error?.code).toBe('ABORTED');
    isSlow = false;
    expect(await wizard.runCheck()).toEqual(fine);
    expect(wizard.error).toBeNull();
  });

  it('throws away a draft that it cannot read', () => {
    memory.set('parzen.new-study', '{"spec": 1, "step": "nowhere"}');
    const { wizard } = start();
    expect(wizard.step).toBe('data');
    expect(wizard.spec).toEqual({});
  });

  it('counts issues by the step that asks for them', async () => {
    const issue = (...path: (string | number)[]) => ({ path, message: 'must be better.' });
    const { wizard } = start({
      'specs.check': () => ({
        ...fine,
        issues: [
          issue('data', 'target'),
          issue('training', 'optimizer', 'learningRate', 'float', 1),
          issue('objective', 0, 'metric'),
          issue('stop', 'trials'),
          issue('name'),
        ],
      }),
    });
    await wizard.chooseTable('/data/a.csv');
    await wizard.runCheck();
    expect([...wizard.nIssues]).toEqual([
      ['data', 1],
      ['network', 0],
      ['training', 2],
      ['search', 1],
      ['review', 1],
    ]);
  });

  it('forgets the answer to a spec that is another one meanwhile', async () => {
    const answers: ((check: SpecCheck) => void)[] = [];
    const { wizard } = start({
      'specs.check': () => new Promise<SpecCheck>((resolve) => answers.push(resolve)),
    });
    await wizard.chooseTable('/data/a.csv');
    const first = wizard.runCheck();
    const second = wizard.runCheck();
    const late = { ...fine, warnings: [{ path: [], message: 'late' }] };
    const now = { ...fine, warnings: [{ path: [], message: 'now' }] };
    answers[1]?.(now);
    expect(await second).toEqual(now);
    answers[0]?.(late);
    expect(await first).toBeNull();
    expect(wizard.warnings.map(({ message }) => message)).toEqual(['now']);
  });

  it('takes the target that was chosen last, whichever is answered first', async () => {
    const answers = new Map<unknown, () => void>();
    const { wizard } = start({
      'specs.default': ({ data }) => {
        const made = { name: 'a', data, network: {} };
        return data.target === 'y'
          ? made
          : new Promise((resolve) => answers.set(data.target, () => resolve(made)));
      },
    });
    await wizard.chooseTable('/data/a.csv');
    const earlier = wizard.setTarget('x');
    const later = wizard.setTarget('id');
    answers.get('id')?.();
    await later;
    answers.get('x')?.();
    await earlier;
    expect(wizard.data.target).toBe('id');
  });

  it('stays empty where a draft is thrown away before its table is answered', async () => {
    const answers: (() => void)[] = [];
    const { wizard, channel } = start({
      'data.profile': ({ table }) =>
        table === '/data/a.csv'
          ? profile()
          : new Promise((resolve) => answers.push(() => resolve(profile({ table })))),
      'specs.default': ({ data }) =>
        new Promise((resolve) => answers.push(() => resolve({ name: 'a', data, network: {} }))),
    });
    const choosing = wizard.chooseTable('/data/a.csv');
    await eventually(() =>
      expect(channel.calls.some(({ name }) => name === 'specs.default')).toBe(true),
    );
    wizard.reset();
    answers.pop()?.();
    await choosing;
    expect(wizard.spec).toEqual({});

    const reading = wizard.chooseTable('/data/b.csv');
    await eventually(() => expect(wizard.isReading && answers.length).toBe(1));
    wizard.reset();
    answers.pop()?.();
    expect(await reading).toBe(false);
    expect(wizard.profile).toBeNull();
  });

  it('says nothing of a draft that was thrown away', async () => {
    const { wizard } = start({
      'specs.check': () => {
        throw new Error('The connection is gone.');
      },
    });
    await wizard.chooseTable('/data/a.csv');
    await wizard.runCheck();
    expect(wizard.error?.message).toBe('The connection is gone.');
    wizard.reset();
    expect(wizard.error).toBeNull();
  });

  it('begins with the spec that was asked for last, whichever is answered first', async () => {
    const first = Promise.withResolvers<void>();
    const { wizard } = start({
      'specs.load': async ({ from }) => {
        if (from === 'slow') await first.promise;
        return { name: String(from), data: { table: `/data/${String(from)}.csv`, target: 'y' } };
      },
    });
    const slow = wizard.load('slow');
    expect(await wizard.load('quick')).toBeNull();
    first.resolve();
    expect(await slow).toBeUndefined();
    expect(wizard.spec.name).toBe('quick');
  });

  it('shows the step of the first issue instead of creating, and is empty after creating', async () => {
    let issues: SpecCheck['issues'] = [{ path: ['sampler', 'type'], message: 'must be known.' }];
    const created: SpecData[] = [];
    const { wizard } = start({
      'specs.check': () => ({
        ...fine,
        issues,
        result:
          issues.length > 0
            ? null
            : {
                spec: {},
                space: [],
                nCombinations: 1,
                maxParameters: 1,
                maxEpochs: 1,
                yaml: '',
                commandLine: '',
              },
      }),
      'studies.create': ({ spec }) => {
        created.push(spec as SpecData);
        return { storageId: 's', studyId: 1 };
      },
    });
    await wizard.chooseTable('/data/a.csv');
    wizard.step = 'review';
    expect(await wizard.create()).toBeNull();
    expect(wizard.step).toBe('search');
    expect(created).toEqual([]);
    issues = [];
    expect(await wizard.create()).toEqual({ storageId: 's', studyId: 1 });
    expect(created).toHaveLength(1);
    expect(wizard.table).toBeNull();
  });

  it('hands back the spec of a program of one’s own, and keeps what it was about', async () => {
    const own = { name: 'own', run: { module: '/a/own.ts' } };
    const { wizard } = start({ 'specs.load': () => own });
    const before = wizard.spec;
    expect(await wizard.load('own.yaml')).toEqual(own);
    expect(wizard.spec).toBe(before);
  });
});
