/**
 * What a study is worth in the end: run with its defaults, the best trained again with the defaults of `parzen retrain`, the test rows looked at once.
 * Beside it logistic or ridge regression (scikit-learn), its strength chosen on the same folds or validation rows by the same metric, and fitted on
 * the same rows in the end. Each time the table is split anew and the study has another seed; the two see the same rows, so differences are paired.
 *
 * "default" is what a new study of the table's file begins with, knowing no more than its target; "built-in" the study that comes with the table.
 *
 *     npm run bench -- tables-quality [number of splits] [table…] [--trials n --seeds n]
 *
 * With `--trials` and `--seeds` other networks are trained again than by default, to see what the default gains.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import type { SpecData } from '../../src-main/contract/specs.ts';
import { openStorage } from '../../src-main/open-storage.ts';
import { createServices } from '../../src-main/services/services.ts';
import type { DataPart, Dataset } from '../../src-main/training/datasets/dataset.ts';
import { countFolds, dataOfFold } from '../../src-main/training/datasets/folds.ts';
import { loadDataset } from '../../src-main/training/datasets/prepare.ts';
import { leadingObjective } from '../../src-main/training/objectives-of.ts';
import { resourcesDir } from '../../src-main/training/resources.ts';
import { loadSpec, parseSpec } from '../../src-main/training/spec.ts';
import type { NetworkStudySpec, NetworkStudySpecInput } from '../../src-main/training/spec.ts';
import { builtinTables } from '../../src-main/training/vocabulary.ts';
import { findPython, noPython, printRow, runPython } from './helpers/peer.ts';

type Table = (typeof builtinTables)[number];

interface Scores {
  readonly accuracy?: number;
  readonly logLoss?: number;
  readonly rmse?: number;
}

const { values: flags, positionals } = parseArgs({
  options: { trials: { type: 'string' }, seeds: { type: 'string' } },
  allowPositionals: true,
});
const [nSplits = '5', ...asked] = positionals;
const retraining = {
  ...(flags.trials !== undefined && { nTrials: Number(flags.trials) }),
  ...(flags.seeds !== undefined && { nSeeds: Number(flags.seeds) }),
};
const tables = asked.length > 0 ? builtinTables.filter((it) => asked.includes(it)) : builtinTables;
const folder = mkdtempSync(join(tmpdir(), 'parzen-bench-'));
const signal = new AbortController().signal;
const python = findPython('sklearn');
if (!python) console.log(noPython.replace('Optuna', 'scikit-learn'));

const services = await createServices({
  openStorage,
  libraryPath: join(folder, 'studies.db'),
  settingsPath: null,
  trustedPath: null,
  shell: 'desktop',
  appVersion: 'bench',
  logPath: null,
  pickPath: null,
});

const kinds = {
  async default(table: Table): Promise<NetworkStudySpec> {
    const { task, target } = loadSpec(table).spec.data;
    const data = { table: join(resourcesDir(), 'tables', `${table}.csv`), task, target };
    const spec = await services.handlers['specs.default']({ data }, { signal });
    return parseSpec(spec as unknown as NetworkStudySpecInput);
  },
  async 'built-in'(table: Table): Promise<NetworkStudySpec> {
    const spec = await services.handlers['specs.load']({ from: table }, { signal });
    return parseSpec(spec as unknown as NetworkStudySpecInput);
  },
};

/** The study with other rows in its parts; those of the notebook are given one by one, so they are the first split of several. */
function withSplit(spec: NetworkStudySpec, seed: number): NetworkStudySpec {
  const { split } = spec.data;
  if ('rows' in split && seed === 0) return spec;
  const drawn =
    'rows' in split ? { fractions: { train: 0.6, validation: 0.2, test: 0.2 } } : { ...split };
  return { ...spec, data: { ...spec.data, split: { ...drawn, seed } } } as NetworkStudySpec;
}

async function network(
  spec: NetworkStudySpec,
  dataset: Dataset,
  seed: number,
): Promise<Scores & { isOnAll: boolean }> {
  const key = await services.handlers['studies.create'](
    { spec: { ...spec, name: `${spec.name} ${Math.random()}` } as unknown as SpecData, seed },
    { signal },
  );
  await services.runs.start(key, {});
  await services.runs.ended(key);
  await services.models.retrain(key, retraining);
  await services.models.ended(key);
  const choice = await services.models.defaultChoice(key);
  const { classification, regression, nRows } = await services.models.test(key, choice, { signal });
  if (nRows !== dataset.test.nRows) throw new Error('The two were tested on different rows.');
  const [model] = (await services.models.overview(key)).retrained;
  return {
    isOnAll: model?.rows === 'trainAndValidation',
    ...(classification && {
      accuracy: classification.accuracy,
      logLoss: classification.logLoss,
    }),
    ...(regression && { rmse: regression[0]?.rmse }),
  };
}

function linear(dataset: Dataset, metric: string, isOnAll: boolean): Scores | null {
  if (!python) return null;
  const part = ({ nRows, features, targets }: DataPart) => ({
    x: Array.from({ length: nRows }, (_, row) =>
      Array.from(features.subarray(row * dataset.nFeatures, (row + 1) * dataset.nFeatures)),
    ),
    y: Array.from(targets),
  });
  const path = join(folder, 'rows.json');
  writeFileSync(
    path,
    JSON.stringify({
      task: dataset.task,
      metric,
      scale: dataset.targetScales?.[0]?.scale ?? 1,
      folds: Array.from({ length: countFolds(dataset) }, (_, i) => {
        const { train, validation } = dataOfFold(dataset, i);
        return { train: part(train), validation: part(validation) };
      }),
      fit: [part(dataset.train), ...(isOnAll ? [part(dataset.validation)] : [])],
      test: part(dataset.test),
    }),
  );
  return runPython(python, 'linear_models.py', [path]);
}

const results = new Map<Table, { spec: NetworkStudySpec; gain: number | null }>();

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Of the mean. */
function standardError(values: readonly number[]): number {
  const mean = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}

/** Whether two studies of a table are the same but for names and what columns are called. */
function isAlike(a: NetworkStudySpec, b: NetworkStudySpec): boolean {
  const whatCounts = ({ objective, data, network, training, sampler, pruner, stop }: typeof a) => ({
    ...{ objective, network, training, pruner, stop },
    ...{ split: data.split, scaling: data.scaling },
    // How many trials there will be is told to one when it is loaded, to the other when its study is created.
    sampler: { ...sampler, options: { nTrials: stop.trials, ...sampler.options } },
  });
  return isDeepStrictEqual(whatCounts(a), whatCounts(b));
}

/** Runs all splits of a table. @returns By how much the network is better in the mean, in standard errors; null where there is nothing to compare with. */
async function compare(kind: keyof typeof kinds, table: Table): Promise<number | null> {
  const spec = await kinds[kind](table);
  const known = results.get(table);
  if (known && isAlike(spec, known.spec)) {
    printRow(`${table} (${kind})`, 'as default');
    return known.gain;
  }
  const metric = leadingObjective(spec).metric as keyof Scores;
  const [ours, theirs]: [Scores[], Scores[]] = [[], []];
  for (let split = 0; split < Number(nSplits); split++) {
    const given = withSplit(spec, split);
    const dataset = await loadDataset({ spec: given, baseDir: folder });
    const { isOnAll, ...scores } = await network(given, dataset, split + 1);
    ours.push(scores);
    const other = linear(dataset, metric, isOnAll);
    if (other) theirs.push(other);
  }
  const valuesOf = (scores: readonly Scores[], name: keyof Scores): number[] =>
    scores.flatMap((one) => one[name] ?? []);
  const sign = metric === 'accuracy' ? 1 : -1;
  const [own, other] = [valuesOf(ours, metric), valuesOf(theirs, metric)];
  const gains = other.map((value, i) => sign * ((own[i] as number) - value));
  const cell = (values: readonly number[]): string =>
    values.length > 0 ? meanOf(values).toFixed(4) : '';
  printRow(
    `${table} (${kind})`,
    metric,
    cell(own),
    cell(other),
    gains.length > 0 ? `${meanOf(gains).toFixed(4)} ±${standardError(gains).toFixed(4)}` : '',
    gains.length > 0 ? `${gains.filter((gain) => gain > 0).length} of ${gains.length}` : '',
    cell(valuesOf(ours, 'accuracy')),
    cell(valuesOf(theirs, 'accuracy')),
  );
  const gain = gains.length > 0 ? meanOf(gains) / standardError(gains) : null;
  results.set(table, { spec, gain });
  return gain;
}

try {
  printRow(
    `test rows of ${nSplits} splits`,
    'metric',
    'network',
    'linear',
    'better by ±SE',
    'better on',
    'accuracy',
    'its accuracy',
  );
  for (const kind of ['default', 'built-in'] as const) {
    const gains: number[] = [];
    for (const table of tables) gains.push((await compare(kind, table)) ?? NaN);
    if (!python) continue;
    const count = (limit: number): number => gains.filter((gain) => gain > limit).length;
    console.log(
      `${kind}: the network is better in the mean on ${count(0)} of ${tables.length} tables, by more than two standard errors on ${count(2)}.`,
    );
  }
} finally {
  await services.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
