/**
 * How fast storages are, beside SQLite itself doing the same rows by hand.
 *
 *     node test/bench/storage.ts [--json]
 *
 * - `write`: 1,000 trials, each created, given 5 parameters and 10 reports, and finished: 17 transactions.
 * - `read after write`: the same, where after each report the trial is read, as a pruner does.
 * - `load`: a file of 100,000 trials with 8 parameters is opened and all trials are read; again as what another connection added.
 *
 * Numbers of different machines or runs cannot be compared; the ratios can.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openStorage } from '../../src-main/open-storage.ts';
import {
  createCategoricalDistribution,
  createFloatDistribution,
  type Distribution,
} from '../../src-main/tuner/distributions.ts';
import { stringifyDistribution } from '../../src-main/tuner/storages/distribution-json.ts';
import type { Storage } from '../../src-main/tuner/storages/storage.ts';

const N_TRIALS = 1_000;
const N_PARAMS = 5;
const N_REPORTS = 10;
const N_LOADED_TRIALS = 100_000;
const N_LOADED_PARAMS = 8;
const N_REPEATS = 3;

interface Result {
  name: string;
  ms: number;
  /** The same by hand. */
  baselineMs: number | null;
}

const unit = createFloatDistribution(0, 1);
const folder = mkdtempSync(join(tmpdir(), 'parzen-bench-'));
let nFiles = 0;

function newFile(): string {
  return join(folder, `${nFiles++}.db`);
}

/** The shortest of some runs, which is the one least disturbed. */
async function shortest(run: () => Promise<number>): Promise<number> {
  let best = Infinity;
  for (let i = 0; i < N_REPEATS; i++) best = Math.min(best, await run());
  return best;
}

async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function writeTrials(storage: Storage, isReading: boolean): Promise<void> {
  const studyId = await storage.createStudy(['minimize']);
  for (let i = 0; i < N_TRIALS; i++) {
    const { trialId } = await storage.createTrial(studyId);
    for (let k = 0; k < N_PARAMS; k++)
      await storage.setTrialParam(trialId, `p${k}`, i / N_TRIALS, unit);
    for (let step = 0; step < N_REPORTS; step++) {
      await storage.setTrialIntermediateValue(trialId, step, step);
      if (!isReading) continue;
      await storage.getTrial(trialId);
      await storage.getTrials(studyId, ['complete']);
    }
    await storage.finishTrial(trialId, 'complete', [i]);
  }
}

async function writeTo(open: () => Promise<Storage>, isReading = false): Promise<number> {
  const storage = await open();
  const ms = await timed(() => writeTrials(storage, isReading));
  await storage.close();
  return ms;
}

async function createFile(): Promise<string> {
  const file = newFile();
  await (await openStorage(file, { create: true })).close();
  return file;
}

interface Inserts {
  database: Database.Database;
  trial: Database.Statement;
  param: Database.Statement;
  report: Database.Statement;
  value: Database.Statement;
}

function connect(file: string): Inserts {
  const database = new Database(file);
  database.pragma('synchronous = NORMAL');
  return {
    database,
    trial: database.prepare(
      `INSERT INTO trials VALUES (?, ?, 1, ?, '2026-01-01 00:00:00.000000', '2026-01-01 00:00:01.000000')`,
    ),
    param: database.prepare(
      'INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json) VALUES (?, ?, ?, ?)',
    ),
    report: database.prepare(
      `INSERT INTO trial_intermediate_values (trial_id, step, intermediate_value, intermediate_value_type) VALUES (?, ?, ?, 'FINITE')`,
    ),
    value: database.prepare(
      `INSERT INTO trial_values (trial_id, objective, value, value_type) VALUES (?, 0, ?, 'FINITE')`,
    ),
  };
}

/** The rows of `writeTrials`, each committed by itself. */
async function writeByHand(): Promise<number> {
  const { database, trial, param, report, value } = connect(await createFile());
  database.exec("INSERT INTO studies VALUES (1, 'study')");
  const finish = database.prepare("UPDATE trials SET state = 'COMPLETE' WHERE trial_id = ?");
  const json = stringifyDistribution(unit);
  const ms = await timed(() => {
    for (let id = 1; id <= N_TRIALS; id++) {
      trial.run(id, id - 1, 'RUNNING');
      for (let k = 0; k < N_PARAMS; k++) param.run(id, `p${k}`, id / N_TRIALS, json);
      for (let step = 0; step < N_REPORTS; step++) report.run(id, step, step);
      value.run(id, id);
      finish.run(id);
    }
  });
  database.close();
  return ms;
}

async function createLargeFile(): Promise<string> {
  const file = await createFile();
  const { database, trial, param, value } = connect(file);
  database.exec(
    "BEGIN; INSERT INTO studies VALUES (1, 'large'); INSERT INTO study_directions VALUES (1, 'MINIMIZE', 1, 0)",
  );
  const distributions: Distribution[] = Array.from({ length: N_LOADED_PARAMS }, (_, k) =>
    k === 0
      ? createCategoricalDistribution([32, 64, 128, 256])
      : createFloatDistribution(0, k, { step: null }),
  );
  const texts = distributions.map(stringifyDistribution);
  for (let id = 1; id <= N_LOADED_TRIALS; id++) {
    trial.run(id, id - 1, 'COMPLETE');
    for (let k = 0; k < N_LOADED_PARAMS; k++)
      param.run(id, `parameter_${k}`, k === 0 ? id % 4 : Math.random() * k, texts[k]);
    value.run(id, Math.random());
  }
  database.exec('COMMIT');
  database.close();
  return file;
}

async function load(file: string): Promise<number> {
  const storage = await openStorage(file);
  const ms = await timed(() => storage.getTrials(1));
  await storage.close();
  return ms;
}

/** The same rows, read and dropped. */
async function loadByHand(file: string): Promise<number> {
  const database = new Database(file, { readonly: true });
  const tables = ['trials', 'trial_params', 'trial_values'].map((table) =>
    database.prepare(`SELECT * FROM ${table}`).raw(),
  );
  const ms = await timed(() => tables.map((table) => table.all().length));
  database.close();
  return ms;
}

/** One trial written by another connection, and seen. */
async function seeChange(file: string): Promise<number> {
  const storage = await openStorage(file);
  const other = await openStorage(file);
  const { revision } = await storage.getTrialChanges(1, 0);
  await other.getTrials(1);
  await other.createTrial(1);
  const ms = await timed(() => storage.getTrialChanges(1, revision));
  await storage.close();
  await other.close();
  return ms;
}

try {
  const results: Result[] = [];
  const byHand = await shortest(writeByHand);
  const open = async (): Promise<Storage> => openStorage(newFile(), { create: true });
  const inMemory = (): Promise<Storage> => openStorage('memory:');
  const add = async (name: string, run: () => Promise<number>, baselineMs: number | null) =>
    results.push({ name, ms: await shortest(run), baselineMs });
  await add('write, memory', () => writeTo(inMemory), byHand);
  await add('write, SQLite', () => writeTo(open), byHand);
  await add('read after write, memory', () => writeTo(inMemory, true), byHand);
  await add('read after write, SQLite', () => writeTo(open, true), byHand);
  const large = await createLargeFile();
  await add('load 100,000 trials', () => load(large), await shortest(() => loadByHand(large)));
  await add('see one new trial of 100,000', () => seeChange(large), null);
  if (process.argv.includes('--json')) console.log(JSON.stringify(results));
  else {
    for (const { name, ms, baselineMs } of results) {
      const ratio =
        baselineMs === null
          ? ''
          : `${(ms / baselineMs).toFixed(2)} x by hand (${baselineMs.toFixed(0)} ms)`;
      console.log(`${name.padEnd(30)} ${ms.toFixed(1).padStart(9)} ms   ${ratio}`);
    }
    console.log(`The large file has ${(statSync(large).size / 1e6).toFixed(0)} MB.`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
