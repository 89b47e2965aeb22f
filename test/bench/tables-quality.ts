/**
 * From table to test score: the built-in study of each table with its default settings, its best parameters trained again with five seeds, and the
 * test rows looked at once. Beside it logistic or linear regression (scikit-learn) on the same features and training rows, its regularization
 * chosen from a grid on the same validation rows by the same metric.
 *
 *     npm run bench -- tables-quality [seed] [table…]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStorage } from '../../src-main/open-storage.ts';
import { createServices } from '../../src-main/services/services.ts';
import type { DataPart } from '../../src-main/training/datasets/dataset.ts';
import { loadDataset } from '../../src-main/training/datasets/prepare.ts';
import { loadSpec } from '../../src-main/training/spec.ts';
import { builtinTables } from '../../src-main/training/vocabulary.ts';
import { findPython, noPython, printRow, runPython } from './helpers/peer.ts';

interface Scores {
  readonly accuracy?: number;
  readonly logLoss?: number;
  readonly rmse?: number;
}

const [seed = '1', ...asked] = process.argv.slice(2);
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

async function network(table: string): Promise<Scores & { validation: number }> {
  const key = await services.handlers['studies.create'](
    { spec: table, seed: Number(seed) },
    { signal },
  );
  await services.runs.start(key, {});
  await services.runs.ended(key);
  await services.models.retrain(key, {});
  await services.models.ended(key);
  const choice = await services.models.defaultChoice(key);
  const { classification, regression } = await services.models.test(key, choice, { signal });
  const { best } = await services.library.summary(key);
  return {
    validation: best?.value ?? NaN,
    ...(classification && {
      accuracy: classification.accuracy,
      logLoss: classification.logLoss,
    }),
    ...(regression && { rmse: regression[0]?.rmse }),
  };
}

async function linear(
  table: (typeof builtinTables)[number],
  metric: string,
): Promise<(Scores & { strength: number }) | null> {
  if (!python) return null;
  const data = await loadDataset(loadSpec(table));
  const part = ({ nRows, features, targets }: DataPart) => ({
    x: Array.from({ length: nRows }, (_, row) =>
      Array.from(features.subarray(row * data.nFeatures, (row + 1) * data.nFeatures)),
    ),
    y: Array.from(targets),
  });
  const path = join(folder, `${table}.json`);
  writeFileSync(
    path,
    JSON.stringify({
      task: data.task,
      metric,
      scale: data.targetScales?.[0]?.scale ?? 1,
      train: part(data.train),
      validation: part(data.validation),
      test: part(data.test),
    }),
  );
  return runPython(python, 'linear_models.py', [path]);
}

try {
  let nBetter = 0;
  printRow(`test rows, seed ${seed}`, 'metric', 'network', 'linear', 'accuracy', 'its accuracy');
  for (const table of tables) {
    const { objective } = loadSpec(table).spec;
    const { metric } = [objective].flat()[0] ?? { metric: 'accuracy' };
    const name = metric as keyof Scores;
    const ours = await network(table);
    const theirs = await linear(table, metric);
    const [own, other] = [ours[name] ?? NaN, theirs?.[name] ?? NaN];
    if (metric === 'accuracy' ? own > other : own < other) nBetter++;
    const cell = (value: number | undefined): string => value?.toFixed(4) ?? '';
    printRow(
      `${table} (validation ${ours.validation.toFixed(4)})`,
      metric,
      cell(own),
      cell(theirs?.[name]),
      cell(ours.accuracy),
      cell(theirs?.accuracy),
    );
  }
  if (python) console.log(`The network is better on ${nBetter} of ${tables.length} tables.`);
} finally {
  await services.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
