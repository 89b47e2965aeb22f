import Database from 'better-sqlite3';

import { openStorage } from '../../src-main/open-storage.ts';
import {
  createCategoricalDistribution,
  createFloatDistribution,
  createIntDistribution,
  type Distribution,
} from '../../src-main/tuner/distributions.ts';
import { createRng } from '../../src-main/tuner/math/rng.ts';
import { internalFromUnit } from '../../src-main/tuner/search-space/transform.ts';
import { stringifyDistribution } from '../../src-main/tuner/storages/distribution-json.ts';

/** Eight parameters of every kind. The width of the second layer exists only in trials that have one. */
const space = {
  learning_rate: createFloatDistribution(1e-5, 0.1, { log: true }),
  weight_decay: createFloatDistribution(1e-6, 1e-2, { log: true }),
  dropout: createFloatDistribution(0, 0.5, { step: 0.05 }),
  n_layers: createIntDistribution(1, 3),
  width_0: createIntDistribution(16, 256, { log: true }),
  width_1: createIntDistribution(16, 256, { log: true }),
  optimizer: createCategoricalDistribution(['adam', 'sgd', 'rmsprop']),
  batch_norm: createCategoricalDistribution([false, true]),
} satisfies Record<string, Distribution>;

export const LARGE_STUDY_NAME = 'large';

export interface LargeStudyOptions {
  readonly nTrials: number;
  /** To minimize: a loss, the size of the network, the time it takes. @default 1 */
  readonly nObjectives?: 1 | 2 | 3;
  /** Intermediate values of each trial. @default 0 */
  readonly nReports?: number;
}

/**
 * Writes a file with one study of finished trials: of twenty trials seventeen are complete, two pruned, and one has failed. The rows go
 * straight into the tables, as one transaction: a storage would take minutes for 100,000 trials. Equal options give an equal file.
 */
export async function createLargeStudy(
  path: string,
  { nTrials, nObjectives = 1, nReports = 0 }: LargeStudyOptions,
): Promise<void> {
  const storage = await openStorage(path, { create: true });
  const studyId = await storage.createStudy(
    Array.from({ length: nObjectives }, () => 'minimize'),
    LARGE_STUDY_NAME,
  );
  await storage.close();

  const database = new Database(path);
  const insert = {
    trial: database.prepare('INSERT INTO trials VALUES (?, ?, ?, ?, ?, ?)'),
    param: database.prepare(
      'INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json) VALUES (?, ?, ?, ?)',
    ),
    value: database.prepare(
      `INSERT INTO trial_values (trial_id, objective, value, value_type) VALUES (?, ?, ?, 'FINITE')`,
    ),
    report: database.prepare(
      `INSERT INTO trial_intermediate_values (trial_id, step, intermediate_value, intermediate_value_type) VALUES (?, ?, ?, 'FINITE')`,
    ),
  };
  const params = Object.entries(space).map(([name, distribution]) => ({
    name,
    distribution: distribution as Distribution,
    json: stringifyDistribution(distribution),
  }));
  const rng = createRng(1, 'large study');
  database.exec('BEGIN');
  for (let number = 0; number < nTrials; number++) {
    const trialId = number + 1;
    const state = stateOf(number);
    insert.trial.run(trialId, number, studyId, state, timeAt(number), timeAt(number + 0.9));
    const internal: Record<string, number> = {};
    for (const { name, distribution, json } of params) {
      const value = internalFromUnit(distribution, rng.uniform());
      if (name === 'width_1' && internal.n_layers === 1) continue;
      internal[name] = value;
      insert.param.run(trialId, name, value, json);
    }
    const value = lossOf(internal) + 0.2 * rng.uniform();
    for (let step = 0; step < (state === 'PRUNED' ? nReports / 2 : nReports); step++)
      insert.report.run(trialId, step, value + 1 / (1 + step) + 0.01 * rng.uniform());
    if (state === 'FAIL' || (state === 'PRUNED' && nObjectives > 1)) continue;
    const values = [value, sizeOf(internal), timeOf(internal) * (1 + 0.2 * rng.uniform())];
    for (let k = 0; k < nObjectives; k++) insert.value.run(trialId, k, values[k]);
  }
  database.exec('COMMIT');
  database.close();
}

function sizeOf({ width_0 = 1, width_1 = 0 }: Record<string, number>): number {
  return 10 * width_0 + width_0 * width_1 + 3 * (width_1 || width_0);
}

function timeOf(internal: Record<string, number>): number {
  return 0.1 + sizeOf(internal) / 5000 + (internal.dropout ?? 0);
}

function stateOf(number: number): string {
  const turn = number % 20;
  return turn === 7 ? 'FAIL' : turn % 10 === 4 ? 'PRUNED' : 'COMPLETE';
}

/** As Optuna writes times; one trial a second. */
function timeAt(seconds: number): string {
  const time = new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();
  return `${time.slice(0, 10)} ${time.slice(11, 23)}000`;
}

function lossOf({ learning_rate = 1, dropout = 0, width_0 = 1 }: Record<string, number>): number {
  return (Math.log10(learning_rate) + 3) ** 2 / 4 + (dropout - 0.2) ** 2 + 4 / width_0;
}
