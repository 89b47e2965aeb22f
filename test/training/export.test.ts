import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import protobuf from 'protobufjs/light.js';
import { describe, expect, it } from 'vitest';
import type { TableFormat } from '../../src-main/training/datasets/table-format.ts';
import { encodeRows, readNewRows } from '../../src-main/training/datasets/encode.ts';
import { loadDataset } from '../../src-main/training/datasets/prepare.ts';
import type { Dataset } from '../../src-main/training/datasets/dataset.ts';
import { exportModel } from '../../src-main/training/export/export-model.ts';
import type { ModelFormat } from '../../src-main/training/export/export-model.ts';
import { dataTypes, onnxSchema } from '../../src-main/training/export/onnx-schema.ts';
import type { OnnxModel } from '../../src-main/training/export/onnx-schema.ts';
import { inputScales } from '../../src-main/training/export/inputs.ts';
import { sizeOf, weightInfos } from '../../src-main/training/plan.ts';
import type { NetworkPlan } from '../../src-main/training/plan.ts';
import { createPredictor } from '../../src-main/training/predict.ts';
import { historyOf, preprocessingOf, rowCounts } from '../../src-main/training/saved-model.ts';
import type { SavedModel } from '../../src-main/training/saved-model.ts';
import { parseSpec } from '../../src-main/training/spec.ts';
import type { NetworkStudySpec } from '../../src-main/training/spec.ts';
import { activations } from '../../src-main/training/vocabulary.ts';
import { createRng } from '../../src-main/tuner/math/rng.ts';
import { temporaryFolder } from '../helpers/cli.ts';
import { requirement, requirements } from '../helpers/requirements.ts';
import { layerOf } from './models/small-networks.ts';

/** Numbers with gaps, an order, categories of which some are rare, dates, and a name that needs quotes. */
const table = `size,grade,"kind, of it",day,answer
1.5,low,a,2024-03-01,yes
,high,b,2024-05-17,no
-20,middle,a,,no
1e3,low,c,2023-12-31,yes
7,,b,2024-02-29,maybe
8.25,high,,2022-07-04,yes
9,low,a,2024-01-01,maybe
0.125,middle,b,2024-11-30,no
4,low,a,2021-06-15,maybe
3,high,b,2020-02-02,yes`;

/** Among them a category and a cell that training rows do not have. */
const newRows = `answer,day,size,"kind, of it",grade,other
,2025-03-09,2,"a",low,x
,,,d,,y
,2024-08-12,-3.5,"b",middle,z`;

async function prepared(
  folder: string,
  data: object,
): Promise<{ spec: NetworkStudySpec; dataset: Dataset }> {
  writeFileSync(join(folder, 'table.csv'), table);
  const spec = parseSpec({
    name: 'export',
    data: {
      table: join(folder, 'table.csv'),
      ordinal: { grade: ['low', 'middle', 'high'] },
      dates: { day: { parts: ['year', 'month', 'weekday'] } },
      rareCategories: 2,
      missing: 'ownCategory',
      split: { rows: { train: [0, 1, 2, 3, 4, 5, 6], validation: [7, 8], test: [9] } },
      ...data,
    },
    network: { width: [4] },
    training: { optimizer: { type: 'adam', learningRate: 0.01 }, epochs: 1 },
  }) as NetworkStudySpec;
  return { spec, dataset: await loadDataset({ spec, baseDir: folder }) };
}

function modelOf(
  { spec, dataset }: { spec: NetworkStudySpec; dataset: Dataset },
  seed: number,
  network: Partial<NetworkPlan> = {},
): SavedModel {
  const plan: NetworkPlan = {
    nInputs: dataset.nFeatures,
    nOutputs: dataset.nOutputs,
    embeddings: [],
    convolution: null,
    layers: activations.map((activation, i) =>
      layerOf({
        nUnits: 5,
        activation,
        norm: (['none', 'batch', 'layer'] as const)[i % 3] ?? 'none',
        skip: i === 0 ? 'none' : i === 3 ? 'projection' : i % 2 === 0 ? 'identity' : 'none',
      }),
    ),
    init: 'pytorch',
    ...network,
  };
  const rng = createRng('export.test', seed);
  return {
    ...preprocessingOf(dataset, spec.data),
    network: plan,
    weights: weightInfos(plan).map((info) =>
      Float32Array.from({ length: sizeOf(info) }, () =>
        info.role === 'runningVariance' ? 0.5 + rng.uniform() : 0.6 * rng.normal(),
      ),
    ),
    origin: {
      studyName: 'export',
      trialNumber: 0,
      repetition: null,
      rows: 'train',
      epoch: 0,
      nRows: rowCounts(dataset),
      history: historyOf([]),
      tableHash: dataset.tableHash,
    },
  };
}

/** What the app itself answers, and the features it makes. */
async function expected(
  models: readonly SavedModel[],
  path: string,
  like: Partial<TableFormat> = {},
) {
  const { encodings, network } = models[0] as SavedModel;
  const rows = readNewRows(encodings, path, like);
  const features = encodeRows(encodings, rows.columns, { source: rows.source });
  const answers = await createPredictor(models).predict(features);
  return { features, answers, nOutputs: network.nOutputs };
}

/** Features as exported networks take them: before scaling, a row each. */
function rawRows(features: Float32Array, model: SavedModel): number[][] {
  const { centers, scales } = inputScales(model);
  const width = centers.length;
  return Array.from({ length: features.length / width }, (_, row) =>
    Array.from(
      features.subarray(row * width, (row + 1) * width),
      (value, i) => value * scales[i]! + centers[i]!,
    ),
  );
}

interface Input {
  readonly column: string;
  readonly kind: 'number' | 'category' | 'missing' | 'datePart';
  readonly category?: string | null;
  readonly order?: readonly string[] | null;
  readonly formula?: string;
  readonly where?: string;
  readonly fill?: number | string | null;
}

/** The features of a row by what an exported network says of its inputs, and nothing else. */
function inputsOf(row: Readonly<Record<string, string>>, inputs: readonly Input[]): number[] {
  return inputs.map(({ column, kind, category, order, formula = '', fill }) => {
    const cell = row[column]!;
    if (kind === 'missing') return Number(cell === '');
    if (kind === 'category') {
      const named = inputs.filter((other) => other.column === column).map((it) => it.category);
      const value = cell === '' ? fill : cell;
      return Number(category === null ? !named.includes(String(value)) : value === category);
    }
    if (cell === '') return Number(fill);
    if (kind === 'number') return order ? order.indexOf(cell) : Number(cell);
    const [year, month, day, hours, minutes] = cell.split(/[^0-9]/).map(Number);
    const weekday = (new Date(cell.slice(0, 10)).getUTCDay() + 6) % 7;
    const names = { year, month, day, weekday, hour: hours! + minutes! / 60 };
    const known = { ...names, sin: Math.sin, cos: Math.cos, pi: Math.PI };
    return new Function(...Object.keys(known), `return ${formula}`)(
      ...Object.values(known),
    ) as number;
  });
}

async function textOf(models: readonly SavedModel[], format: ModelFormat): Promise<string> {
  return new TextDecoder().decode((await exportModel(models, format))[0]?.content);
}

function expectAnswers(printed: string, answers: Float64Array, model: SavedModel): void {
  const { classes, network } = model;
  const lines = printed.trim().split('\n');
  expect(lines[0]).toBe(
    classes
      ? ['predicted_answer', ...classes.map((name) => `probability_${name}`)].join(',')
      : 'predicted_size',
  );
  lines.slice(1).forEach((line, row) => {
    const own = answers.slice(row * network.nOutputs, (row + 1) * network.nOutputs);
    const cells = line.split(',');
    if (classes) expect(cells.shift()).toBe(classes[own.indexOf(Math.max(...own))]);
    const scale = Math.max(1, ...own.map(Math.abs));
    cells.forEach((cell, k) =>
      expect(Math.abs(Number(cell) - (own[k] as number)) / scale).toBeLessThan(3e-6),
    );
  });
  expect(lines).toHaveLength(1 + answers.length / network.nOutputs);
}

const classification = { task: 'classification', target: 'answer' };
const regression = { task: 'regression', target: 'size', ignore: ['answer'] };
const convolution = (nInputs: number): Partial<NetworkPlan> => ({
  convolution: {
    image: { height: 2, width: Math.floor(nInputs / 2), channels: 1 },
    layers: [
      {
        nFilters: 3,
        kernelHeight: 2,
        kernelWidth: 3,
        norm: 'layer',
        activation: 'swish',
        poolHeight: 1,
        poolWidth: 2,
        dropout: 0,
        init: 'pytorch',
      },
    ],
  },
});

const python = process.env.PARZEN_PYTHON ?? 'python3';
const hasTorch = (() => {
  try {
    execFileSync(python, ['-c', 'import torch'], { stdio: 'ignore', timeout: 300_000 });
    return true;
  } catch {
    return false;
  }
})();

describe.each([
  ['classification', classification],
  ['regression', regression],
] as const)('exported networks: %s', (_, data) => {
  async function cases() {
    const folder = temporaryFolder();
    const path = join(folder, 'new.csv');
    writeFileSync(path, newRows);
    const one = await prepared(folder, data);
    const kind = one.dataset.categories?.[0];
    const embeddings = kind
      ? [{ column: kind.column, start: kind.start, nCategories: kind.size, nDims: 2 }]
      : [];
    const nInputs = one.dataset.nFeatures;
    return {
      folder,
      path,
      plain: [modelOf(one, 1)],
      ensemble: [
        modelOf(one, 2),
        modelOf(one, 3, { embeddings, layers: [layerOf({ nUnits: 3 })] }),
      ],
      convolved: nInputs % 2 === 0 ? [modelOf(one, 4, convolution(nInputs))] : null,
    };
  }

  it('predict the same as a script for Node', async () => {
    const { folder, path, plain, ensemble, convolved } = await cases();
    for (const models of [plain, ensemble, ...(convolved ? [convolved] : [])]) {
      const script = join(folder, 'predict.mjs');
      writeFileSync(script, await textOf(models, 'node'));
      const printed = execFileSync(process.execPath, [script, path], { encoding: 'utf8' });
      expectAnswers(printed, (await expected(models, path)).answers, models[0]!);
    }
  });

  it.skipIf(!hasTorch)('predict the same as a script for PyTorch [needs torch]', async () => {
    const { folder, path, plain, ensemble, convolved } = await cases();
    for (const models of [plain, ensemble, ...(convolved ? [convolved] : [])]) {
      const script = join(folder, 'predict.py');
      writeFileSync(script, await textOf(models, 'pytorch'));
      const printed = execFileSync(python, [script, path], { encoding: 'utf8' });
      expectAnswers(printed, (await expected(models, path)).answers, models[0]!);
    }
  });

  it('predict the same as a layers model in plain TensorFlow.js', async () => {
    const { path, plain, ensemble } = await cases();
    await tf.setBackend('cpu');
    for (const models of [plain, ensemble]) {
      const [topology, weights] = await exportModel(models, 'tfjs');
      const json = JSON.parse(new TextDecoder().decode(topology!.content)) as {
        modelTopology: object;
        weightsManifest: { weights: tf.io.WeightsManifestEntry[] }[];
      };
      const model = await loadLayersModel(
        tf.io.fromMemory({
          modelTopology: json.modelTopology,
          weightSpecs: json.weightsManifest[0]!.weights,
          weightData: weights!.content.buffer as ArrayBuffer,
        }),
      );
      const { features, answers, nOutputs } = await expected(models, path);
      const raw = rawRows(features, models[0]!);
      expect(raw).toHaveLength(answers.length / nOutputs);
      const outputs = model.predict(tf.tensor2d(raw)) as tf.Tensor;
      const size = Math.max(1, ...answers.map(Math.abs));
      outputs
        .dataSync()
        .forEach((value, i) => expect(Math.abs(value - answers[i]!) / size).toBeLessThan(1e-5));
    }
  });
});

/** Blocks of all norms and activations, kernels of even sides, pooling that leaves pixels out, and several filters. */
function convolutions(nInputs: number): Partial<NetworkPlan> {
  return {
    convolution: {
      image: { height: 1, width: nInputs, channels: 1 },
      layers: activations.map((activation, i) => ({
        nFilters: 2 + (i % 3),
        kernelHeight: 1 + (i % 2),
        kernelWidth: 2 + (i % 3),
        norm: (['none', 'batch', 'layer'] as const)[i % 3] ?? 'none',
        activation,
        poolHeight: 1,
        poolWidth: i === 2 ? 2 : 1,
        dropout: 0,
        init: 'pytorch',
      })),
    },
    layers: [layerOf({ nUnits: 3 })],
  };
}

const RUN_ONNX = fileURLToPath(new URL('../helpers/run-onnx.py', import.meta.url));
const onnxNeeds = requirements('python-onnxruntime');

describe.each([
  ['classification', classification],
  ['regression', regression],
] as const)('networks saved as ONNX: %s', (_, data) => {
  async function cases() {
    const folder = temporaryFolder();
    const path = join(folder, 'new.csv');
    writeFileSync(path, newRows);
    const one = await prepared(folder, data);
    const { column, start, size } = one.dataset.categories![0]!;
    const embeddings = [{ column, start, nCategories: size, nDims: 2 }];
    const nInputs = one.dataset.nFeatures;
    return {
      folder,
      path,
      networks: [
        [modelOf(one, 1)],
        [modelOf(one, 2), modelOf(one, 3, { embeddings })],
        [modelOf(one, 5, convolutions(nInputs))],
        ...(nInputs % 2 === 0 ? [[modelOf(one, 4, convolution(nInputs))]] : []),
      ],
    };
  }

  it.skipIf(onnxNeeds.missing)(
    onnxNeeds.title('predict the same in ONNX Runtime'),
    async () => {
      const { folder, path, networks } = await cases();
      for (const models of networks) {
        const [file] = await exportModel(models, 'onnx');
        const [model, rows] = [join(folder, file!.name), join(folder, 'rows.json')];
        writeFileSync(model, file!.content);
        const { features, answers } = await expected(models, path);
        writeFileSync(rows, JSON.stringify(rawRows(features, models[0]!)));
        const printed = execFileSync(requirement('python-onnxruntime').path, [
          RUN_ONNX,
          model,
          rows,
        ]);
        const { outputs, metadata } = JSON.parse(String(printed)) as {
          outputs: number[][];
          metadata: Record<string, string>;
        };
        const size = Math.max(1, ...answers.map(Math.abs));
        expect(outputs.flat()).toHaveLength(answers.length);
        outputs
          .flat()
          .forEach((value, i) => expect(Math.abs(value - answers[i]!) / size).toBeLessThan(1e-5));
        expect(metadata['task']).toBe(data.task);
        expect(JSON.parse(metadata['outputs']!)).toEqual(models[0]!.classes ?? [data.target]);
      }
    },
    60_000,
  );

  it('are graphs whose nodes only use what is there, with constants of the size they say', async () => {
    const { networks } = await cases();
    for (const models of networks) {
      const [file] = await exportModel(models, 'onnx');
      // Field 1, IR version 8; field 2, a text of 6 bytes.
      expect(Buffer.from(file!.content.subarray(0, 10)).toString('latin1')).toBe(
        '\x08\x08\x12\x06Parzen',
      );
      const type = protobuf.Root.fromJSON(onnxSchema).lookupType('ModelProto');
      const { graph, opsetImport, metadataProps } = type.toObject(type.decode(file!.content), {
        longs: Number,
        arrays: true,
        defaults: true,
      }) as OnnxModel;
      expect(opsetImport).toEqual([{ domain: '', version: 17 }]);
      const known = new Set([
        ...graph.input.map(({ name }) => name),
        ...graph.initializer.map(({ name }) => name),
      ]);
      expect(known.size).toBe(1 + graph.initializer.length);
      for (const { input, output } of graph.node) {
        for (const name of input) expect(known).toContain(name);
        for (const name of output) {
          expect(known).not.toContain(name);
          known.add(name);
        }
      }
      expect(known).toContain(graph.output[0]!.name);
      for (const { dims, dataType, rawData } of graph.initializer)
        expect(rawData.length).toBe(
          sizeOf({ shape: dims }) * (dataType === dataTypes.float ? 4 : 8),
        );
      const { nInputs, nOutputs } = models[0]!.network;
      expect(
        [...graph.input, ...graph.output].map(({ type: { tensorType } }) =>
          tensorType.shape.dim.map(({ dimValue, dimParam }) => dimParam || dimValue),
        ),
      ).toEqual([
        ['rows', nInputs],
        ['rows', nOutputs],
      ]);
      const metadata = Object.fromEntries(metadataProps.map(({ key, value }) => [key, value]));
      expect(JSON.parse(metadata['inputs']!)).toHaveLength(nInputs);
      expect(JSON.parse(metadata['outputs']!)).toHaveLength(nOutputs);
    }
  });
});

interface Printed {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function runNodeScript(script: string, paths: readonly string[]): Printed[] {
  return paths.map((path) => spawnSync(process.execPath, [script, path], { encoding: 'utf8' }));
}

/** In one process, as PyTorch takes seconds to load. */
function runPythonScript(script: string, paths: readonly string[]): Printed[] {
  const program = `
import contextlib, io, json, runpy, sys
script, *paths = sys.argv[1:]
for path in paths:
    out, err, status = io.StringIO(), io.StringIO(), 0
    sys.argv = [script, path]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            runpy.run_path(script, run_name='__main__')
        except SystemExit as end:
            status = 1
            print(end.code, file=err)
    print(json.dumps({'status': status, 'stdout': out.getvalue(), 'stderr': err.getvalue()}))
`;
  const printed = execFileSync(python, ['-c', program, script, ...paths], { encoding: 'utf8' });
  return printed
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Printed);
}

describe('exportModel', () => {
  it.each([true, false])(
    'says of the inputs of layers models and ONNX what they are, also of dates (going round: %s)',
    async (cyclic) => {
      const folder = temporaryFolder();
      const names = ['size', 'grade', 'kind, of it', 'day', 'answer'];
      const cells = table
        .split('\n')
        .slice(1)
        .map((line, i) => line.replace(/\d{4}-\d\d-\d\d/, `$& ${10 + i}:${15 + i}`).split(','));
      const parts = ['year', 'month', 'day', 'weekday', 'hour'];
      writeFileSync(
        join(folder, 'dated.csv'),
        [names, ...cells].map((row) => row.map((cell) => `"${cell}"`).join(',')).join('\n'),
      );
      const one = await prepared(folder, {
        ...classification,
        table: join(folder, 'dated.csv'),
        dates: { day: { parts, cyclic } },
      });
      const models = [modelOf(one, 1)];
      const files = await exportModel(models, 'tfjs');
      const { inputs } = JSON.parse(
        new TextDecoder().decode(files.find(({ name }) => name === 'inputs.json')!.content),
      ) as { inputs: Input[] };
      const { features } = await expected(models, join(folder, 'dated.csv'));
      const raw = rawRows(features, models[0]!);
      cells.forEach((row, i) => {
        const own = inputsOf(Object.fromEntries(row.map((cell, k) => [names[k]!, cell])), inputs);
        own.forEach((value, k) => expect(value).toBeCloseTo(raw[i]![k]!, 3));
        expect(own).toHaveLength(raw[i]!.length);
      });
    },
  );

  it('says what cannot be saved', async () => {
    const one = await prepared(temporaryFolder(), classification);
    const model = modelOf(one, 1, convolution(one.dataset.nFeatures));
    await expect(exportModel([model], 'tfjs')).rejects.toThrow(/convolutions cannot be saved/);
  });

  it.each([
    ['windows-1252', (text: string) => Buffer.from(text, 'latin1')],
    ['utf-16le', (text: string) => Buffer.from(text, 'utf16le')],
  ])(
    'writes scripts that read tables in %s with decimal commas, and in UTF-8',
    async (encoding, encode) => {
      const folder = temporaryFolder();
      const tableFile = join(folder, 'größen.csv');
      const rows = Array.from(
        { length: 20 },
        (_, i) => `${i === 7 ? '1.000' : i},5;${i % 2 ? 'groß' : 'klein'};${i % 3 ? 'ja' : 'nein'}`,
      );
      writeFileSync(tableFile, encode(`Größe;Art;answer\n${rows.join('\n')}\n`));
      const format = { encoding, decimal: ',', thousands: '.' } as const;
      const one = await prepared(folder, {
        table: tableFile,
        target: 'answer',
        task: 'classification',
        format,
        ordinal: {},
        dates: {},
      });
      const models = [modelOf(one, 1)];
      const text = 'Art;Größe\ngroß;1,25\nriesig;1.000\n';
      const [same, utf8, wrong] = ['same.csv', 'utf8.csv', 'wrong.csv'].map((name) =>
        join(folder, name),
      ) as [string, string, string];
      writeFileSync(same, encode(text));
      writeFileSync(utf8, text);
      writeFileSync(wrong, text.replace('1,25', '1.25'));
      const scripts = [
        ['predict.mjs', 'node', process.execPath],
        ...(hasTorch ? [['predict.py', 'pytorch', python] as const] : []),
      ] as const;
      const wanted = (await expected(models, utf8, format)).answers;
      for (const [name, kind, program] of scripts) {
        const script = join(folder, name);
        const [file] = await exportModel(models, kind, format);
        writeFileSync(script, file!.content);
        const run = (path: string) => spawnSync(program, [script, path], { encoding: 'utf8' });
        for (const path of [same, utf8]) {
          const { stdout, stderr } = run(path);
          expectAnswers(stdout, wanted, models[0]!);
          expect(stderr).toContain('Column "Art": "riesig" unknown from training');
        }
        expect(run(wrong)).toMatchObject({
          status: 1,
          stderr: expect.stringMatching(
            /row 0, column "Größe" has .1\.25., but must have a number with decimals after ","/,
          ) as string,
        });
      }
    },
  );

  it('writes scripts that refuse the cells that the app refuses, and read the tables that it reads', async () => {
    const folder = temporaryFolder();
    const one = await prepared(folder, {
      ...classification,
      dates: { day: { parts: ['year', 'month', 'day', 'hour'] } },
    });
    const models = [modelOf(one, 1)];
    const rowsWith = (size: string, day: string) =>
      `size,grade,"kind, of it",day\n${size},low,a,${day}\n`;
    const refused = [
      ['1', '2024-02-31'],
      ['1', '2023-02-29T10:00'],
      ['1', '2024-13-01'],
      ['1', '2024-01-01 24:00'],
      ['1', '2024-01-01 23:60'],
      ['1', '2024-01-01  10:00'],
      ['1', '٢٠٢٤-01-01'],
      ['1e400', '2024-01-01'],
      ['1e300', '2024-01-01'],
    ] as const;
    const text = rowsWith('1', '0099-12-31 23:59');
    const cases = [
      ...refused.map(([size, day]) => rowsWith(size, day)),
      'size,grade,"kind, of it",day\n1,low,a\n',
      text,
      Buffer.from(`\ufeff${text}`, 'utf16le'),
      Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
    ];
    const paths = cases.map((content, i) => {
      const path = join(folder, `rows-${i}.csv`);
      writeFileSync(path, content);
      return path;
    });
    for (const [kind, runAll] of [
      ['node', runNodeScript],
      ...(hasTorch ? [['pytorch', runPythonScript] as const] : []),
    ] as const) {
      const script = join(folder, `predict-${kind}`);
      const [file] = await exportModel(models, kind);
      writeFileSync(script, file!.content);
      for (const [i, { status, stdout, stderr }] of runAll(script, paths).entries()) {
        const own = expected(models, paths[i]!);
        if (i <= refused.length) {
          await expect(own, String(cases[i])).rejects.toThrow(/row 0/);
          expect(stdout, String(cases[i])).toBe('');
          expect(stderr.trim(), String(cases[i])).toMatch(/^[^\n]*: row 0[ ,][^\n]*\.$/);
        } else expectAnswers(stdout, (await own).answers, models[0]!);
        expect(status).toBe(i <= refused.length ? 1 : 0);
      }
    }
  });

  it('writes scripts that say what they need, and refuse other tables', async () => {
    const folder = temporaryFolder();
    const models = [modelOf(await prepared(folder, classification), 1)];
    const script = join(folder, 'predict.mjs');
    writeFileSync(script, await textOf(models, 'node'));
    writeFileSync(join(folder, 'wrong.csv'), 'size,grade\n1,low\n');
    const run = (...args: string[]) =>
      execFileSync(process.execPath, [script, ...args], { encoding: 'utf8', stdio: 'pipe' });
    expect(() => run(join(folder, 'wrong.csv'))).toThrow(/has no column "kind, of it"/);
    expect(await textOf(models, 'node')).toContain(
      'these columns, in any order: size, grade, kind, of it',
    );
  });
});
