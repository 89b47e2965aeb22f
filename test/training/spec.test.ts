import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { samplers } from '../../src-main/tuner/samplers/registry.ts';
import { terminators } from '../../src-main/tuner/terminators/registry.ts';
import { SpecError } from '../../src-main/training/errors.ts';
import { objectivesOf } from '../../src-main/training/objectives-of.ts';
import {
  loadSpec,
  parseSpec,
  parseSpecText,
  studySpecJsonSchema,
} from '../../src-main/training/spec.ts';
import type { NetworkStudySpecInput } from '../../src-main/training/spec.ts';

const minimal: NetworkStudySpecInput = {
  name: 'minimal',
  data: {
    table: 'iris',
    task: 'classification',
    target: 'species',
    split: { fractions: { train: 0.6, validation: 0.2, test: 0.2 } },
  },
  network: { width: [8] },
  training: { optimizer: { type: 'adam', learningRate: 0.01 }, epochs: 5 },
};

/** The spec with the value at a dotted path replaced; undefined removes it. */
function withValue(path: string, value: unknown): unknown {
  const spec = structuredClone(minimal) as unknown as Record<string, unknown>;
  const keys = path.split('.');
  const last = keys.pop() as string;
  const section = keys.reduce((node, key) => (node[key] ??= {}) as Record<string, unknown>, spec);
  if (value === undefined) delete section[last];
  else section[last] = value;
  return spec;
}

function issuesOf(input: unknown): string[] {
  try {
    parseSpec(input);
  } catch (error) {
    if (error instanceof SpecError)
      return error.issues.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
}

describe('parseSpec', () => {
  it('fills in defaults', () => {
    const spec = parseSpec(minimal);
    expect(spec).toMatchObject({
      data: { missing: 'error', scaling: { method: 'standard', fit: 'train' } },
      network: { type: 'dense', activation: 'relu', dropout: 0, init: 'pytorch' },
      training: { batchSize: 32, optimizer: { weightDecay: 0 } },
      sampler: { type: 'auto', options: {} },
      pruner: { type: 'nop', options: {} },
      jobs: 1,
      backend: 'auto',
    });
    expect(objectivesOf(spec)).toEqual([
      { metric: 'accuracy', direction: 'maximize', value: 'best' },
    ]);
  });

  it('gives regression mean squared error to minimize', () => {
    const spec = parseSpec(withValue('data.task', 'regression') as NetworkStudySpecInput);
    expect(objectivesOf(spec)).toEqual([{ metric: 'mse', direction: 'minimize', value: 'best' }]);
  });

  it.each([
    ['nmae', 'x', 'nmae: is not a known key. Did you mean `name`?'],
    [
      'training.batch_size',
      8,
      'training.batch_size: is not a known key. Did you mean `batchSize`?',
    ],
    [
      'training.optimizer.lr',
      0.1,
      'training.optimizer.lr: is not a known key. Known are type, learningRate, weightDecay, l1, clipNorm, momentum, nesterov, alpha, beta1, beta2, epsilon.',
    ],
    [
      'network.dropout',
      { flaot: [0, 0.5] },
      'network.dropout.flaot: is not a known key. Did you mean `float`?',
    ],
    [
      'network.dropout',
      { log: false },
      'network.dropout: must have exactly one of `float`, `int` and `choices`, but got none.',
    ],
    [
      'network.dropout',
      { float: [0, 1.5] },
      'network.dropout.float[1]: must be below 1, but got 1.5.',
    ],
    [
      'network.dropout',
      { float: [0.4, 0.1] },
      'network.dropout: `low` must not be above `high`, but got 0.4 and 0.1.',
    ],
    [
      'network.dropout',
      { choices: [0.1], log: true },
      'network.dropout.log: does not apply to `choices`.',
    ],
    [
      'network.activation',
      'rellu',
      'network.activation: must be one of relu, leakyRelu, elu, gelu, selu, swish, tanh, linear, but got "rellu". Did you mean `relu`?',
    ],
    [
      'network.width',
      { choices: [32.5] },
      'network.width.choices[0]: must be a whole number, but got 32.5.',
    ],
    [
      'network.width',
      { int: [8, 16] },
      'network.depth: is required unless `width` is a list with an entry per layer.',
    ],
    [
      'network.depth',
      { int: [1, 2] },
      'network.width: must have an entry for each of up to 2 layers, but got 1.',
    ],
    [
      'training.batchSize',
      1.5,
      'training.batchSize: must be a whole number or a section with keys, but got 1.5.',
    ],
    [
      'training.batchSize',
      { float: [1, 9] },
      'training.batchSize.float: must be `int`: the setting takes whole numbers only.',
    ],
    ['training.epochs', undefined, 'training.epochs: is required.'],
    [
      'training.optimizer.learningRate',
      { float: [1e-3] },
      'training.optimizer.learningRate.float: must have at least 2 entries, but got [0.001].',
    ],
    [
      'training.optimizer.learningRate',
      { float: [0, 1], log: true },
      'training.optimizer.learningRate: `low` must be above 0 with `log`, but got 0.',
    ],
    [
      'training.optimizer.momentum',
      0.9,
      'training.optimizer.momentum: applies to sgd, rmsprop only, but the optimizer is adam.',
    ],
    [
      'training.loss',
      { type: 'mse' },
      'training.loss.type: must be one of crossEntropy, focal for classification, but got mse.',
    ],
    [
      'training.loss',
      { type: 'crossEntropy', gamma: 2 },
      'training.loss.gamma: applies to focal only, but the loss is crossEntropy.',
    ],
    [
      'training.loss',
      { type: 'crossEntropy', classWeights: { setosa: 0 } },
      'training.loss.classWeights.setosa: must be above 0, but got 0.',
    ],
    [
      'training.optimizer.clipNorm',
      -1,
      'training.optimizer.clipNorm: must be at least 0, but got -1.',
    ],
    [
      'training.schedule',
      { type: 'cosine', factor: 0.5 },
      'training.schedule.factor: applies to step, plateau only, but the schedule is cosine.',
    ],
    [
      'data.ordinal',
      { size: ['s', 'm', 's'] },
      'data.ordinal.size: must have each value once, but has s twice.',
    ],
    [
      'data.ordinal',
      { species: ['a', 'b'] },
      'data.ordinal.species: must be a feature, but "species" is to be predicted.',
    ],
    ['data.rareCategories', 0, 'data.rareCategories: must be at least 1, but got 0.'],
    [
      'data.missing',
      'meen',
      'data.missing: must be one of error, drop, mean, median, mode, ownCategory, but got "meen". Did you mean `mean`?',
    ],
    [
      'network.shape',
      'pyramid',
      'network.width: must be one setting, not a list with an entry per layer, for the shape pyramid.',
    ],
    [
      'training.earlyStopping',
      { patience: 0 },
      'training.earlyStopping.patience: must be at least 1, but got 0.',
    ],
    [
      'objective',
      { metric: 'parameters' },
      'objective.metric: must be one of accuracy, balancedAccuracy, f1, rocAuc, logLoss, loss in the first objective, which tells the best epoch, but got parameters.',
    ],
    [
      'objective',
      { metric: 'mse' },
      'objective.metric: must be one of accuracy, balancedAccuracy, f1, rocAuc, logLoss, loss, parameters, trainingSeconds for classification, but got mse.',
    ],
    [
      'objective',
      [{ metric: 'accuracy' }, { metric: 'r2' }],
      'objective[1].metric: must be one of accuracy, balancedAccuracy, f1, rocAuc, logLoss, loss, parameters, trainingSeconds for classification, but got r2.',
    ],
    [
      'data.split',
      { fractions: { train: 0.6, validation: 0.2, test: 0.1 } },
      'data.split.fractions: must add up to 1, but got 0.9.',
    ],
    [
      'data',
      { ...minimal.data, columns: ['x'] },
      'data.columns: must be a section with keys, but got ["x"].',
    ],
    [
      'data',
      { ...minimal.data, format: { decimal: ',', thousands: ',' } },
      'data.format.thousands: must be another mark than `data.format.decimal`, but both are ",". Leave out the one that you do not know.',
    ],
    [
      'sampler',
      { type: 'tpee' },
      `sampler.type: must be one of ${samplers.map(({ name }) => name).join(', ')}, but got "tpee". Did you mean \`tpe\`?`,
    ],
    [
      'sampler',
      { type: 'tpe', options: { nStartupTrails: 3 } },
      'sampler.options.nStartupTrails: is not a known key. Did you mean `nStartupTrials`?',
    ],
    [
      'pruner',
      { type: 'median', options: { nWarmupSteps: -1 } },
      'pruner.options.nWarmupSteps: must be at least 0, but got -1.',
    ],
    [
      'pruner',
      { type: 'patient', options: { patience: 2, wrapped: { type: 'median', patience: 1 } } },
      'pruner.options.wrapped.patience: is not a known key. Known are type, options.',
    ],
    [
      'pruner',
      {
        type: 'patient',
        options: { patience: 2, wrapped: { type: 'median', options: { nWarmupSteps: -1 } } },
      },
      'pruner.options: MedianPruner: `nWarmupSteps` must be a whole number of at least 0, but got -1.',
    ],
    [
      'sampler',
      { type: 'partial-fixed', options: { fixedParams: {}, base: { type: 'tpee' } } },
      `sampler.options: The sampler must be one of ${samplers.map(({ name }) => name).join(', ')}, but got "tpee".`,
    ],
    [
      'engine',
      'fussed',
      'engine: must be one of auto, fused, tfjs, mixed, but got "fussed". Did you mean `fused`?',
    ],
  ])('says what is wrong with %s %j', (path, value, issue) => {
    expect(issuesOf(withValue(path, value))).toEqual([issue]);
  });

  it.each([
    [
      { validation: 0.3, test: 0.1 },
      'data.split: must have one of fractions, column, rows, group, time, folds, but has only validation, test.',
    ],
    [{}, 'data.split: must have one of fractions, column, rows, group, time, folds, but has none.'],
    [
      { fraction: { train: 0.8 } },
      'data.split.fraction: is not a known key. Did you mean `fractions`?',
    ],
    [{ time: 'day', folds: 3 }, 'data.split.folds: does not go with time.'],
  ])('says what is wrong with the split %j', (split, issue) => {
    expect(issuesOf({ ...minimal, data: { ...minimal.data, split } })).toContain(issue);
  });

  it('lets no batch of one row be normalized over its rows', () => {
    const withBatch = (norm: unknown, batchSize: unknown) => ({
      ...minimal,
      network: { ...minimal.network, norm },
      training: { ...minimal.training, batchSize },
    });
    const message = [expect.stringMatching(/^training.batchSize: must be at least 2 where/)];
    expect(issuesOf(withBatch('batch', 1))).toEqual(message);
    expect(issuesOf(withBatch({ choices: ['none', 'batch'] }, { int: [1, 64] }))).toEqual(message);
    expect(issuesOf(withBatch(['layer', 'batch'], { choices: [16, 1] }))).toEqual(message);
    expect(issuesOf(withBatch('layer', 1))).toEqual([]);
    expect(issuesOf(withBatch('batch', { int: [2, 64] }))).toEqual([]);
  });

  it('has ways of their own for features only', () => {
    const data = {
      ...minimal.data,
      ignore: ['id'],
      columns: { id: { missing: 'mean' }, species: { scaling: 'none' }, a: { scaling: 'minMaxx' } },
    };
    expect(issuesOf({ ...minimal, data })).toEqual([
      'data.columns.a.scaling: must be one of standard, minMax, robust, none, but got "minMaxx". Did you mean `minMax`?',
    ]);
    const { a: _, ...columns } = data.columns;
    expect(issuesOf({ ...minimal, data: { ...data, columns } })).toEqual([
      'data.columns.id: must be a feature, but "id" is ignored.',
      'data.columns.species: must be a feature, but "species" is to be predicted.',
    ]);
  });

  it.each([{ group: 'label' }, { time: 'label' }, { column: 'label' }])(
    'lets the column to predict not tell the split: %j',
    (split) => {
      const data = { ...minimal.data, target: 'label', split };
      expect(issuesOf({ ...minimal, data })).toEqual([
        `data.split.${Object.keys(split)[0]}: must be another column than the one to predict, but got "label".`,
      ]);
    },
  );

  it('takes samplers and pruners inside others as they are outside', () => {
    const part = { type: 'median', options: { nWarmupSteps: 3 } };
    const pruner = { type: 'patient', options: { patience: 2, wrapped: part } };
    const base = { type: 'random' };
    const sampler = { type: 'partial-fixed', options: { fixedParams: { x: 1 }, base } };
    expect(parseSpec({ ...minimal, pruner, sampler })).toMatchObject({ pruner, sampler });
  });

  it('names the options of the sampler that is asked for, and of no other', () => {
    const options = { nope: 1 };
    const [issue = ''] = issuesOf({ ...minimal, sampler: { type: 'random', options } });
    expect(issue).toBe('sampler.options.nope: is not a known key. Known are seed.');
    const [gp = ''] = issuesOf({ ...minimal, sampler: { type: 'gp', options } });
    expect(gp).toContain('nStartupTrials');
    expect(gp).not.toMatch(/popsize|crossover/);
  });

  it('says what the fused engine has not', () => {
    const network = { width: [8, 8], norm: ['none' as const, 'layer' as const] };
    expect(issuesOf({ ...minimal, network, engine: 'fused' })).toEqual([
      'engine: must be mixed, tfjs or auto, but got fused, which has no layer norm.',
    ]);
  });

  it('says which embedding has dims', () => {
    const network = { width: [8], embedding: 'rule' as const, embeddingDims: 4 };
    expect(issuesOf({ ...minimal, network })).toEqual([
      'network.embeddingDims: applies to the embedding dims only, but it is rule.',
    ]);
  });

  it.each([
    [{ type: 'conv2d' }, ['image: is required for conv2d.', 'conv: is required for conv2d.']],
    [{ image: { width: 4 } }, ['image: applies to conv1d and conv2d only.']],
    [
      { type: 'conv1d', image: { height: 2, width: 2 }, conv: { filters: 4 } },
      [
        'image.height: must be 1 for conv1d, but got 2.',
        'conv.depth: is required unless `filters` is a list with an entry per block.',
      ],
    ],
    [
      {
        type: 'conv2d',
        image: { height: 2, width: 2 },
        conv: { depth: { int: [1, 3] }, filters: 4, pool: [2, 1] },
        embedding: 'rule',
      },
      [
        'embedding: must be none for conv2d, whose features are an image, but got rule.',
        'conv.pool: must have an entry for each of up to 3 blocks, but got 2.',
      ],
    ],
  ])('says what convolutional networks need: %j', (network, issues) => {
    const spec = { ...minimal, network: { width: [8], ...network } };
    expect(issuesOf(spec)).toEqual(issues.map((issue) => `network.${issue}`));
  });

  it('says that the fused engine needs wasm', () => {
    expect(issuesOf({ ...minimal, engine: 'fused', backend: 'cpu' })).toEqual([
      'engine: must be mixed, tfjs or auto with the backend cpu, but got fused, which runs on wasm only.',
    ]);
  });

  it('refuses stop rules of one objective where there are two', () => {
    const objective = [{ metric: 'accuracy' }, { metric: 'loss' }];
    expect(issuesOf({ ...minimal, objective, stop: { target: 0.9 } })).toEqual([
      'stop.target: is possible with one objective only. The rule `target-value` has an option `objective`.',
    ]);
    const rules = [
      { type: 'no-improvement' },
      { type: 'target-value', options: { value: 1 } },
      { type: 'target-value', options: { value: 1, objective: 1 } },
      { type: 'emmr' },
    ];
    expect(issuesOf({ ...minimal, objective, stop: { rules } })).toEqual([
      'stop.rules[1].options.objective: must be the index of one of 2 objectives, but got nothing.',
      'stop.rules[3].type: is possible with one objective only, but got emmr.',
    ]);
  });

  it('takes every terminator as a stop rule, with its options', () => {
    const required: Record<string, object> = { 'target-value': { value: 1 }, time: { seconds: 5 } };
    const rules = terminators.map(({ name }) => ({ type: name, options: required[name] ?? {} }));
    expect(parseSpec({ ...minimal, stop: { rules } }).stop.rules).toEqual(rules);
    const folded = withValue('data.split', { folds: 3 }) as object;
    const byFolds = { type: 'emmr', options: { error: 'cross-validation' } };
    expect(issuesOf({ ...folded, stop: { rules: [byFolds] } })).toEqual([]);
    const refused = [
      { type: 'regret-bound', options: { minTrial: 30 } },
      { type: 'regret-bond' },
      { type: 'target-value' },
      { type: 'emmr', options: { error: 'constant' } },
      { type: 'emmr', options: { error: 'cross-validation' } },
    ];
    expect(refused.flatMap((rule) => issuesOf({ ...minimal, stop: { rules: [rule] } }))).toEqual([
      'stop.rules[0].options.minTrial: is not a known key. Did you mean `minTrials`?',
      expect.stringMatching(
        /^stop.rules\[0\].type: must be one of .* Did you mean `regret-bound`\?$/,
      ),
      'stop.rules[0].options: is required.',
      "stop.rules[0].options: emmr: `constant` must be given with `error: 'constant'`.",
      'stop.rules[0].options.error: must be median or constant where the rows are not split into folds.',
    ]);
  });

  it('lists all that is wrong', () => {
    const spec = withValue('training.epochs', 0) as Record<string, unknown>;
    expect(issuesOf({ ...spec, job: 2, seed: -1 })).toHaveLength(3);
  });
});

describe('the spec of an own objective', () => {
  const command = {
    name: 'own',
    run: { command: ['sh', 'own.sh'] },
    space: { x: { int: [0, 3] } },
  };

  it('fills in defaults', () => {
    expect(parseSpec(command as unknown)).toMatchObject({
      run: { command: ['sh', 'own.sh'], folder: '.', graceS: 5 },
      objective: { name: 'value', direction: 'minimize' },
      sampler: { type: 'auto' },
      jobs: 1,
    });
    expect(parseSpec({ name: 'own', run: { module: 'own.ts' } } as unknown)).toMatchObject({
      run: { module: 'own.ts' },
    });
  });

  it.each([
    [
      { name: 'own' },
      ': must have `data`, `network` and `training`, and trains networks, or `run`, and runs a program of yours.',
    ],
    [
      { ...minimal, run: { module: 'own.ts' } },
      'run: must not stand beside `data`, `network`, `training`: a study trains networks, or runs a program of yours.',
    ],
    [
      { ...command, run: { ...command.run, foldr: '.' } },
      'run.foldr: is not a known key. Did you mean `folder`?',
    ],
    [
      { ...command, run: { command: 'sh own.sh' } },
      'run.command: must be a list, but got "sh own.sh".',
    ],
    [
      { ...command, space: undefined },
      'space: is required for a command, which cannot ask for its parameters by itself.',
    ],
    [
      { ...command, space: { x: { int: [0, 3], choices: [1] } } },
      'space.x: must have exactly one of `float`, `int` and `choices`, but got `int` and `choices`.',
    ],
    [
      { ...command, space: { x: { float: [3, 1] } } },
      'space.x: `low` must not be above `high`, but got 3 and 1.',
    ],
    [{ ...command, epochs: 3 }, expect.stringContaining('epochs: is not a known key. Known are')],
    [
      { ...command, objective: [{ name: 'a' }, { name: 'b' }], stop: { target: 1 } },
      'stop.target: is possible with one objective only. The rule `target-value` has an option `objective`.',
    ],
    [
      { ...command, objective: { name: 'a', direction: 'down' } },
      'objective.direction: must be one of minimize, maximize, but got "down".',
    ],
  ])('says what is wrong with %j', (input, issue) => {
    expect(issuesOf(input)).toEqual([issue]);
  });
});

describe('parseSpecText', () => {
  it('says where a section that a program gives is part of itself', () => {
    const pruner: Record<string, unknown> = { type: 'patient', options: {} };
    pruner.options = { wrapped: pruner };
    const spec = { data: { table: 'iris' }, network: {}, training: {}, pruner };
    expect(() => parseSpec(spec as never)).toThrow(
      '`pruner.options.wrapped`: must not be an alias of a section that it is in.',
    );
  });

  it.each(['data.columns', 'data.dates', 'training.loss.classWeights', 'pruner.options'])(
    'refuses the key __proto__ in %s, which would get lost',
    (path) => {
      const json = JSON.stringify(withValue(path, { PROTO: {} })).replace('PROTO', '__proto__');
      for (const file of ['study.json', 'study.yaml'])
        expect(() => parseSpecText(json, file)).toThrow(
          `${file} is not a valid study spec:\n  - \`${path}.__proto__\`: must have another name`,
        );
    },
  );

  it('says where a section of YAML is part of itself', () => {
    const text = (pruner: string): string =>
      `data: {table: iris}\nnetwork: {}\ntraining: {}\npruner: ${pruner}\n`;
    const cyclic = '&it {type: patient, options: {patience: 1, wrapped: [*it]}}';
    expect(() => parseSpecText(text(cyclic), 'study.yaml')).toThrow(
      'study.yaml is not a valid study spec:\n  - `pruner.options.wrapped[0]`: must not be an alias of a section that it is in.',
    );
    // Each line has ten of the one before.
    const names = [...'abcdefgh'];
    const many = names.map(
      (name, i) =>
        `${name}: &${name} [${Array(10)
          .fill(i === 0 ? 1 : `*${names[i - 1]}`)
          .join()}]`,
    );
    expect(() => parseSpecText(many.join('\n'), 'study.yaml')).toThrow(
      /^study.yaml is not a valid study spec:\n {2}- is not YAML: Excessive alias count/,
    );
  });

  it('reads JSON and YAML alike', () => {
    const text = JSON.stringify(minimal);
    expect(parseSpecText(text, 'a.json')).toEqual(parseSpecText(text, 'a.yaml'));
  });

  it.each(['a.yaml', 'a.json'])('says where %s is malformed', (source) => {
    expect(() => parseSpecText('{ "name": ', source)).toThrow(SpecError);
  });
});

describe('loadSpec', () => {
  it("has the notebook's study under the name iris", () => {
    const { spec } = loadSpec('iris');
    expect(spec).toMatchObject({
      name: 'iris_classification',
      training: { batchSize: 16, epochs: 100, earlyStopping: { patience: 15, metric: 'accuracy' } },
      pruner: { type: 'median', options: { nStartupTrials: 5, nWarmupSteps: 10 } },
      sampler: { type: 'tpe' },
      stop: { trials: 50 },
    });
  });

  it('reads a file and remembers where it lies', () => {
    const folder = mkdtempSync(join(tmpdir(), 'parzen-spec-'));
    const path = join(folder, 'study.json');
    writeFileSync(path, JSON.stringify(minimal));
    expect(loadSpec(path)).toMatchObject({ baseDir: folder, spec: { name: 'minimal' } });
  });

  it('says so when there is no such file', () => {
    expect(() => loadSpec('nothing-of-that-name')).toThrow(/none that comes with Parzen: .*iris/);
  });
});

describe('studySpecJsonSchema', () => {
  // After a change of the schema: vitest run test/training/spec.test.ts -u
  it('is the schema that is shipped', async () => {
    const path = 'resources/schema/study-spec.schema.json';
    const options = { ...(await resolveConfig(path)), filepath: path };
    const text = await format(JSON.stringify(studySpecJsonSchema()), options);
    await expect(text).toMatchFileSnapshot(`../../${path}`);
  });

  it('is where the shipped specs look for it', () => {
    const text = readFileSync('resources/studies/iris.yaml', 'utf8');
    expect(text).toContain('$schema=../schema/study-spec.schema.json');
  });
});
