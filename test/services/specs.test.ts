import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import type { SpecCheck, SpecData, SpecSetting } from '../../src-main/contract/specs.ts';
import { parseSpec, parseSpecText } from '../../src-main/training/spec.ts';
import type { NetworkStudySpecInput } from '../../src-main/training/spec.ts';
import { optimizers } from '../../src-main/training/vocabulary.ts';
import { firstValue } from '../../src-main/tuner/distributions.ts';
import { temporaryFolder } from '../helpers/cli.ts';
import { call, startServices } from '../helpers/services.ts';
import { specForm } from '../../src-main/services/spec-form.ts';
import { text } from '../../src-renderer/text.ts';

const irisData = { table: 'iris', task: 'classification', target: 'species' };

async function start(folder = temporaryFolder()) {
  const { handlers, library } = await startServices(folder);
  return {
    library,
    handlers,
    check: (spec: SpecData): Promise<SpecCheck> => handlers['specs.check']({ spec }, call),
    defaultFor: (data: Record<string, unknown>): Promise<SpecData> =>
      handlers['specs.default']({ data }, call),
  };
}

/** The spec with one setting changed. */
function withSetting(spec: SpecData, path: readonly string[], value: unknown): SpecData {
  const [key, ...rest] = path as [string, ...string[]];
  const inner = (spec[key] ?? {}) as SpecData;
  return { ...spec, [key]: rest.length === 0 ? value : withSetting(inner, rest, value) };
}

describe('specs.form', () => {
  it('asks for what the schema has, with values, spaces and conditions', async () => {
    const { handlers } = await start();
    const form = await handlers['specs.form']({}, call);
    const settings = new Map(
      form.groups.flatMap((group) => group.settings).map((one) => [one.path.join('.'), one]),
    );
    const setting = (path: string): SpecSetting => {
      const found = settings.get(path);
      if (!found) throw new Error(`The form does not ask for ${path}.`);
      return found;
    };
    expect(setting('training.optimizer.type').options.map(({ value }) => value)).toEqual(
      optimizers,
    );
    expect(setting('training.optimizer.learningRate')).toMatchObject({
      type: 'number',
      isTunable: true,
      isRequired: true,
      min: 0,
      space: { float: [1e-5, 1e-1], log: true },
    });
    expect(setting('training.optimizer.momentum').onlyIf).toEqual({
      path: ['training', 'optimizer', 'type'],
      values: ['sgd', 'rmsprop'],
    });
    expect(setting('network.width')).toMatchObject({ isPerLayer: true, isInteger: true });
    expect(setting('training.loss.classWeights')).toMatchObject({ isPerClass: true });
    expect(setting('network.depth')).toMatchObject({ isPerLayer: false, paramName: 'n_layers' });
    const lossTypes = setting('training.loss.type').options;
    expect(lossTypes.find(({ value }) => value === 'huber')?.tasks).toEqual(['regression']);
    expect(form.groups.find(({ title }) => title === 'Early stopping')?.isOptional).toBe(true);
    expect(form.groups.find(({ path }) => path.join('.') === 'network.conv')?.onlyIf?.path).toEqual(
      ['network', 'type'],
    );
    expect(form.objective.map(({ path }) => path[0])).toEqual(['metric', 'direction', 'value']);
    expect(form.splits.map(({ key }) => key)).toContain('fractions');
  });

  it('has presets that make valid specs', async () => {
    const { handlers, defaultFor, check } = await start();
    const base = await defaultFor(irisData);
    const { presets } = await handlers['specs.form']({}, call);
    expect(presets.map(({ title }) => title)).toContain('Notebook');
    for (const { title, sections } of presets)
      expect((await check({ ...base, ...sections })).issues, title).toEqual([]);
  });

  it('begins with values and spaces that specs may have', async () => {
    const { handlers, defaultFor, check } = await start();
    const form = await handlers['specs.form']({}, call);
    const base = await defaultFor(irisData);
    const convolution = {
      type: 'conv1d',
      image: { width: 4 },
      conv: { depth: 1, filters: 4 },
      depth: 1,
      width: 8,
    };
    for (const group of form.groups)
      for (const setting of group.settings.filter(({ path }) => path[0] !== 'data'))
        for (const value of [setting.start, setting.space]) {
          if (value === null) continue;
          const isConvolution = group.path.join('.') === 'network.conv';
          // What an image is like depends on the table.
          if (group.path.join('.') === 'network.image') continue;
          let spec = withSetting(
            isConvolution ? { ...base, network: convolution } : base,
            setting.path,
            value,
          );
          if (setting.onlyIf) {
            // Of its own kind, and of the task that knows it.
            const [kind] = setting.onlyIf.values;
            if (kind === 'huber') continue;
            spec = withSetting(spec, setting.onlyIf.path, kind);
          }
          if (group.path.join('.') === 'training.earlyStopping')
            spec = withSetting(spec, ['training', 'earlyStopping', 'patience'], 15);
          if (group.path.join('.') === 'training.loss' && !setting.onlyIf)
            spec = withSetting(spec, ['training', 'loss', 'type'], 'crossEntropy');
          const allowed = setting.options.filter(
            ({ tasks }) => !tasks || tasks.includes('classification'),
          );
          if (typeof value === 'object' && allowed.length < setting.options.length)
            spec = withSetting(spec, setting.path, { choices: allowed.map((one) => one.value) });
          const { issues } = await check(spec);
          const about = issues.filter(({ path }) => path[0] !== 'engine');
          expect(about, `${setting.path.join('.')} = ${JSON.stringify(value)}`).toEqual([]);
        }
  });
});

describe('specs.default', () => {
  it('makes a valid spec for every built-in table, fitting its size and task', async () => {
    const { defaultFor, check } = await start();
    for (const [table, target, task] of [
      ['iris', 'species', 'classification'],
      ['wine', 'cultivar', 'classification'],
      ['diabetes', 'progression', 'regression'],
    ]) {
      const spec = await defaultFor({ table, target, task });
      const { issues, space } = await check(spec);
      expect(issues).toEqual([]);
      expect(space.map(({ name }) => name)).toContain('learning_rate');
    }
    const ofRows = async (data: Record<string, unknown>): Promise<ReturnType<typeof parseSpec>> =>
      parseSpec((await defaultFor(data)) as unknown as NetworkStudySpecInput);
    expect(await ofRows(irisData)).toMatchObject({
      data: { split: { folds: 5, test: 0.2 } },
      objective: { metric: 'logLoss', value: 'last' },
      pruner: { type: 'nop' },
    });
    const digits = { table: 'digits', task: 'classification', target: 'digit' };
    const split = { fractions: { train: 0.6, validation: 0.2, test: 0.2 } };
    for (const data of [digits, { ...irisData, split }])
      expect(await ofRows(data)).toMatchObject({
        data: { split },
        objective: { metric: 'accuracy', value: 'best' },
        pruner: { type: 'median' },
      });
  });

  it('has folds only where each of them can train with every class', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'single.csv');
    const { defaultFor, check } = await start(folder);
    for (const [nRare, split] of [
      [2, { folds: 5 }],
      [1, { fractions: {} }],
    ] as const) {
      const rows = Array.from({ length: 60 }, (_, i) => `${i},${i < nRare ? 'rare' : i % 2}`);
      writeFileSync(path, ['a,b', ...rows].join('\n'));
      const spec = await defaultFor({ table: path, target: 'b', task: 'classification' });
      expect(spec, `${nRare} rare rows`).toMatchObject({ data: { split } });
      expect((await check(spec)).issues).toEqual([]);
    }
  });

  it('chooses a metric and class weights that see through one large class', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'rare.csv');
    const rows = Array.from(
      { length: 200 },
      (_, i) => `${i},${(i * 7) % 13},${i % 10 ? 'no' : 'yes'}`,
    );
    writeFileSync(path, ['a,b,sick', ...rows].join('\n'));
    const { defaultFor } = await start(folder);
    const spec = parseSpec(
      (await defaultFor({
        table: path,
        target: 'sick',
        task: 'classification',
      })) as unknown as NetworkStudySpecInput,
    );
    expect(spec.name).toBe('rare sick');
    expect(spec.objective).toMatchObject({ metric: 'balancedAccuracy' });
    expect(spec.training.loss?.classWeights).toEqual({ choices: ['none', 'balanced'] });
  });
});

describe('specs.check', () => {
  it('tells the space, its size, the rows, the YAML and the line that runs it', async () => {
    const { defaultFor, check } = await start();
    const base = await defaultFor(irisData);
    const { issues, data, result } = await check(
      withSetting(base, ['network'], { depth: { int: [1, 2] }, width: { choices: [8, 16] } }),
    );
    expect(issues).toEqual([]);
    // The first of five folds of 120 rows.
    expect(data?.nRows).toEqual({ train: 96, validation: 24, test: 30 });
    expect(data?.classes?.map(({ name, nRows }) => [name, nRows.validation])).toEqual([
      ['setosa', 8],
      ['versicolor', 8],
      ['virginica', 8],
    ]);
    expect(result?.nCombinations).toBe(Infinity);
    expect(result?.maxEpochs).toBe(50 * 120 * 5);
    // 4 inputs, twice 16 units, 3 outputs.
    expect(result?.maxParameters).toBe(5 * 16 + 17 * 16 + 17 * 3);
    expect(result?.commandLine).toBe('npx parzen run iris.yaml');
    expect(parseSpecText(result?.yaml ?? '')).toEqual(parseSpec(result?.spec));
  });

  it('says at which setting something is wrong, and goes on telling what the table becomes', async () => {
    const { defaultFor, check } = await start();
    const base = await defaultFor(irisData);
    const { issues, data, result } = await check(
      withSetting(base, ['training', 'optimizer', 'learningRate'], {
        float: [0.1, 0.001],
        log: true,
      }),
    );
    expect(issues.map(({ path }) => path)).toEqual([['training', 'optimizer', 'learningRate']]);
    expect(issues[0]?.message).toContain('0.001');
    expect(data?.nFeatures).toBe(4);
    expect(result).toBeNull();
  });

  it('puts what is wrong with a table at the setting that mends it', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'gaps.csv');
    writeFileSync(path, 'a,b\n1,x\n,y\n3,x\n4,y\n5,x\n6,y\n');
    const { defaultFor, check } = await start(folder);
    const spec = await defaultFor({ table: path, target: 'b', task: 'classification' });
    expect((await check(spec)).issues.map((issue) => issue.path)).toEqual([['data', 'missing']]);
    const wrongTarget = withSetting(spec, ['data', 'target'], 'c');
    expect((await check(wrongTarget)).issues.map((issue) => issue.path)).toEqual([
      ['data', 'target'],
    ]);
    writeFileSync(path, 'a,b\n1,x\n2,y\n3,x\n4,y\n5,x\n6,y\n');
    expect((await check(spec)).issues, 'after the file was mended').toEqual([]);
  });

  it('warns of few validation rows, of no test rows, and of a study without an end', async () => {
    const { defaultFor, check } = await start();
    let spec = await defaultFor({
      ...irisData,
      split: { fractions: { train: 0.8, validation: 0.2, test: 0 } },
    });
    spec = withSetting(spec, ['stop'], {});
    const { warnings } = await check(spec);
    const messages = warnings.map(({ message }) => message).join('\n');
    expect(messages).toContain('steps of 1/30');
    expect(messages).toContain('no test rows');
    expect(messages).toContain('until you stop it');
    expect(messages).not.toContain('stops early');
    const last = await check(withSetting(spec, ['objective', 'value'], 'last'));
    expect(last.warnings.find(({ path }) => path[0] === 'objective')?.message).toContain(
      'stops early',
    );

    const ruled = await check(withSetting(spec, ['stop', 'rules'], [{ type: 'no-improvement' }]));
    expect(ruled.issues).toEqual([]);
    expect(ruled.warnings.map(({ path }) => path)).not.toContainEqual(['stop', 'trials']);
  });

  it('refuses samplers that cannot do what is asked', async () => {
    const { defaultFor, check } = await start();
    const base = await defaultFor(irisData);
    const brute = await check(withSetting(base, ['sampler'], { type: 'brute-force' }));
    expect(brute.issues.map(({ path }) => path)).toEqual([['sampler', 'type']]);
    const two = withSetting(
      base,
      ['objective'],
      [{ metric: 'accuracy' }, { metric: 'parameters' }],
    );
    expect((await check(two)).issues).toEqual([]);
    const cmaEs = await check(withSetting(two, ['sampler'], { type: 'cma-es' }));
    expect(cmaEs.issues.map(({ path }) => path)).toEqual([['sampler', 'type']]);
  });

  it('asks a grid for the values of every parameter, and still tells what is searched', async () => {
    const { defaultFor, check } = await start();
    const base = await defaultFor(irisData);
    const { space } = await check(base);
    const values = Object.fromEntries(
      space.map(({ name, distribution }) => [name, [firstValue(distribution)]]),
    );
    const grid = (searchSpace: object): SpecData =>
      withSetting(base, ['sampler'], { type: 'grid', options: { searchSpace } });
    expect((await check(grid(values))).issues).toEqual([]);
    const { learning_rate: _, ...others } = values;
    const found = await check(grid(others));
    expect(found.issues).toEqual([
      {
        path: ['sampler', 'options', 'searchSpace'],
        message: 'must name the values of every parameter, but not those of "learning_rate".',
      },
    ]);
    expect(found.space).toEqual(space);
    const wrong = await check(grid({ ...values, learning_rate: [0.1, 'fast'] }));
    expect(wrong.issues).toMatchObject([
      { path: ['sampler', 'options', 'searchSpace', 'learning_rate', 1] },
    ]);
  });

  it('looks into a partly fixed search', async () => {
    const { defaultFor, check } = await start();
    const base = await defaultFor(irisData);
    const partly = (fixedParams: object, type: string): SpecData =>
      withSetting(base, ['sampler'], {
        type: 'partial-fixed',
        options: { fixedParams, base: { type } },
      });
    const issuesOf = async (...args: Parameters<typeof partly>) =>
      (await check(partly(...args))).issues.map(({ path }) => path);
    expect(await issuesOf({ learning_rate: 0.01 }, 'tpe')).toEqual([]);
    expect(await issuesOf({ learning_rate: 'fast' }, 'tpe')).toEqual([
      ['sampler', 'options', 'fixedParams', 'learning_rate'],
    ]);
    expect(await issuesOf({}, 'brute-force')).toEqual([['sampler', 'options', 'base', 'type']]);
  });
});

describe('specs.check of a program of one’s own', () => {
  const own = {
    name: 'own',
    run: { command: ['sh', 'own.sh'] },
    space: { x: { int: [0, 4] }, y: { choices: ['a', 'b'] } },
  };

  it('tells its space, and what does not end', async () => {
    const { check } = await start();
    const { issues, warnings, data, space, result } = await check(own);
    expect(issues).toEqual([]);
    expect(data).toBeNull();
    expect(result).toMatchObject({ nCombinations: 10, maxParameters: 0, maxEpochs: null });
    expect(space.map(({ name }) => name)).toEqual(['x', 'y']);
    expect(result?.yaml).toContain('command:');
    expect(warnings.map(({ path }) => path)).toEqual([['stop', 'trials']]);
  });

  it('tells what is wrong', async () => {
    const { check } = await start();
    const objective = [{ name: 'a' }, { name: 'b' }];
    const { issues, result } = await check({ ...own, objective, sampler: { type: 'cma-es' } });
    expect(issues.map(({ path }) => path)).toEqual([['sampler', 'type']]);
    expect(result).toBeNull();
  });
});

describe('studies.create', () => {
  it.each([
    [
      { type: 'grid', options: { searchSpace: { x: [1, 'two'] } } },
      ['`sampler.options.searchSpace.x[1]`', 'not those of "y"'],
    ],
    [
      {
        type: 'partial-fixed',
        options: { fixedParams: { y: 'c' }, base: { type: 'brute-force' } },
      },
      ['`sampler.options.fixedParams.y`', '`sampler.options.base.type`'],
    ],
    [{ type: 'brute-force' }, ['`sampler.type`: must be another one for continuous ranges']],
  ])('refuses a sampler that would fail in the first trial: %j', async (sampler, messages) => {
    const services = await startServices();
    const spec = {
      name: 'own',
      run: { command: ['sh', 'own.sh'] },
      space: { x: { float: [0, 4] }, y: { choices: ['a', 'b'] } },
      sampler,
    };
    const created = services.handlers['studies.create']({ spec }, call);
    for (const message of messages) await expect(created).rejects.toThrow(message);
  });

  it('refuses a network’s grid too', async () => {
    const { handlers, defaultFor } = await start();
    const spec = withSetting(await defaultFor(irisData), ['sampler'], {
      type: 'grid',
      options: { searchSpace: { learning_rate: [0.1] } },
    });
    await expect(handlers['studies.create']({ spec }, call)).rejects.toMatchObject({
      code: 'INVALID_SPEC',
    });
  });
});

describe('specs.load', () => {
  it('gives the spec of a program of one’s own', async () => {
    const { handlers } = await startServices();
    const spec = { name: 'own', run: { command: ['sh', 'own.sh'] }, space: { x: { int: [0, 4] } } };
    const key = await handlers['studies.create']({ spec }, call);
    expect(await handlers['specs.load']({ from: key }, call)).toMatchObject({
      name: 'own',
      run: { command: ['sh', 'own.sh'] },
    });
  });

  it('gives the spec of a built-in study, which needs no file beside it', async () => {
    const { handlers, check } = await start();
    const spec = await handlers['specs.load']({ from: 'iris' }, call);
    expect(spec).toMatchObject({ name: 'iris_classification', stop: { trials: 50 } });
    const { issues, data } = await check(spec);
    expect(issues).toEqual([]);
    expect(data?.nRows).toEqual({ train: 90, validation: 30, test: 30 });
  });

  it('gives the spec of a study under its name', async () => {
    const { handlers } = await start();
    const key = await handlers['studies.create']({ spec: 'iris', studyName: 'mine' }, call);
    const spec = await handlers['specs.load']({ from: key }, call);
    expect(spec).toMatchObject({ name: 'mine', network: { depth: { int: [1, 3] } } });
    const again = await handlers['studies.create']({ spec }, call);
    const detail = await handlers['studies.get']({ key: again }, call);
    expect(detail.summary.studyName).toBe('mine 2');
  });
});

it('has a title for every way to divide rows, and for the columns they ask for', () => {
  const { splits } = specForm();
  expect(splits.map(({ key }) => key)).toContain('group');
  for (const { key, settings } of splits) {
    expect(text.wizard.splits).toHaveProperty(key);
    for (const { path, type } of settings)
      if (type === 'text' && key !== 'rows')
        expect(text.wizard.splitColumns).toHaveProperty(path.at(-1) as string);
  }
});
