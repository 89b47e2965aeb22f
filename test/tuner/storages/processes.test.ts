/** Several real processes on one study file. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStorage } from '../../../src-main/open-storage.ts';
import type { Storage } from '../../../src-main/tuner/storages/storage.ts';
import { FIXED_PARAMS, OWNER } from '../../../src-main/tuner/system-attrs.ts';
import { template } from '../../conformance/storage.ts';
import { requirements } from '../../helpers/requirements.ts';
import { startOptuna } from './optuna/optuna-file.ts';
import { createFolder } from './sqlite-file.ts';
import type { Report, Request } from './storage-process.ts';

const script = fileURLToPath(new URL('./storage-process.ts', import.meta.url));

/** A child on the file, with all it has reported. */
class Worker {
  readonly reports: Report[] = [];
  readonly child: ChildProcess;
  #waiting: (() => void)[] = [];

  constructor(file: string) {
    this.child = fork(script, [file], { execPath: process.execPath, execArgv: [] });
    this.child.on('message', (report: Report) => {
      this.reports.push(report);
      this.#wake();
    });
    this.child.on('exit', () => this.#wake());
  }

  send(request: Request): void {
    this.child.send(request);
  }

  /** The first report of this type from the given place on. */
  async next<T extends Report['type']>(type: T, from = 0): Promise<Extract<Report, { type: T }>> {
    for (;;) {
      const failed = this.reports.find((report) => report.type === 'failed');
      if (failed) throw new Error(failed.message);
      const found = this.reports.slice(from).find((report) => report.type === type);
      if (found) return found as Extract<Report, { type: T }>;
      if (this.child.exitCode !== null) throw new Error('The process has ended.');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Waits until this many reports of the type are there. */
  async reached(type: Report['type'], count: number): Promise<void> {
    while (this.reports.filter((report) => report.type === type).length < count) {
      if (this.child.exitCode !== null) throw new Error('The process has ended.');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exit;
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

let folder: ReturnType<typeof createFolder>;
let file: string;
let storage: Storage;
let studyId: number;
let workers: Worker[];

beforeEach(async () => {
  folder = createFolder();
  file = join(folder.path, 'study.db');
  storage = await openStorage(file, { create: true });
  studyId = await storage.createStudy(['minimize'], 'study');
  workers = [];
});

afterEach(async () => {
  for (const worker of workers) await worker.kill();
  await storage.close();
  folder.remove();
});

async function startWorkers(count: number): Promise<Worker[]> {
  const started = Array.from({ length: count }, () => new Worker(file));
  workers.push(...started);
  for (const worker of started) await worker.next('ready');
  return started;
}

function expectWhole(): void {
  const database = new Database(file, { readonly: true });
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(database.pragma('foreign_key_check')).toEqual([]);
  database.close();
}

describe('processes that share a study', () => {
  it('number trials without gaps or doubles, and run none twice', async () => {
    const nQueued = 40;
    const nTrials = 120;
    for (let i = 0; i < nQueued; i++)
      await storage.createTrial(studyId, template({ state: 'waiting' }));
    const running = await startWorkers(3);
    for (const worker of running) worker.send({ type: 'run', nTrials });
    const ran = await Promise.all(running.map((worker) => worker.next('ran')));
    const numbers = ran.flatMap((report) => report.trialNumbers);
    expect(numbers.length).toBe(3 * nTrials);
    expect(numbers.sort((a, b) => a - b)).toEqual([...numbers.keys()]);
    const trials = await storage.getTrials(studyId);
    expect(trials.map((trial) => trial.number)).toEqual([...trials.keys()]);
    for (const trial of trials) {
      expect(trial.state).toBe('complete');
      expect(Object.keys(trial.userAttrs)).toHaveLength(1);
      expect(trial.intermediateValues.size).toBe(3);
    }
    const runBy = new Set(
      trials.slice(0, nQueued).flatMap((trial) => Object.keys(trial.userAttrs)),
    );
    expect(runBy.size).toBeGreaterThan(1);
    expectWhole();
  });

  it('see what the others did', async () => {
    const [first, second] = (await startWorkers(2)) as [Worker, Worker];
    for (const worker of [first, second, first]) {
      const before = worker.reports.length;
      worker.send({ type: 'run', nTrials: 5 });
      await worker.next('ran', before);
    }
    await storage.createTrial(studyId);
    for (const worker of [first, second]) {
      worker.send({ type: 'count' });
      expect((await worker.next('counted')).nTrials).toBe(16);
    }
    expect(await storage.countTrials(studyId)).toBe(16);
  });
});

const needs = requirements('python-optuna');
describe.skipIf(needs.missing)(needs.title('Optuna and Parzen at the same time'), () => {
  // Not with waiting trials: Optuna reads the state of one and takes it in two steps, between which SQLite lets others in.
  it('number trials without gaps or doubles', async () => {
    const optuna = startOptuna(['continue', file, '25']);
    const [worker] = (await startWorkers(1)) as [Worker];
    // Optuna needs a while to start; the work should not be over by then.
    while ((await storage.countTrials(studyId)) === 0)
      await new Promise((resolve) => setTimeout(resolve, 20));
    worker.send({ type: 'run', nTrials: 100 });
    await Promise.all([worker.next('ran'), optuna]);
    const trials = await storage.getTrials(studyId);
    expect(trials.map((trial) => trial.number)).toEqual([...Array(125).keys()]);
    expect(trials.filter((trial) => trial.userAttrs['by'] === 'optuna')).toHaveLength(25);
    for (const trial of trials) {
      expect(trial.state).toBe('complete');
      expect(Object.keys(trial.userAttrs)).toHaveLength(1);
    }
    expectWhole();
  });
});

describe('a killed process', () => {
  it('loses nothing that it was told to be stored, whenever it is killed', async () => {
    const told: Extract<Report, { type: 'finished' }>[] = [];
    for (let round = 0; round < 6; round++) {
      const [worker] = (await startWorkers(1)) as [Worker];
      worker.send({ type: 'runForever' });
      await worker.reached('finished', 5 + 7 * round);
      await worker.kill();
      for (const report of worker.reports) if (report.type === 'finished') told.push(report);
      await storage.requeueOrphanedTrials(studyId);
    }
    const reopened = await openStorage(file);
    for (const { trialNumber, value } of told)
      expect(await reopened.getTrialByNumber(studyId, trialNumber)).toMatchObject({
        state: 'complete',
        values: [value],
        params: { x: value },
      });
    const trials = await reopened.getTrials(studyId);
    expect(trials.map((trial) => trial.number)).toEqual([...trials.keys()]);
    await reopened.close();
    expectWhole();
  });

  it('leaves a trial that is put back and run again under its number, by one of those who want it', async () => {
    const [killed, living] = (await startWorkers(2)) as [Worker, Worker];
    for (const worker of [killed, living]) worker.send({ type: 'start' });
    const lost = await killed.next('started');
    const kept = await living.next('started');
    expect(await storage.requeueOrphanedTrials(studyId)).toEqual([]);
    await killed.kill();
    const { params } = await storage.getTrial(lost.trialId);
    const putBack = await storage.requeueOrphanedTrials(studyId);
    expect(putBack).toHaveLength(1);
    expect(putBack[0]).toMatchObject({
      trialId: lost.trialId,
      state: 'waiting',
      params: {},
      systemAttrs: { [FIXED_PARAMS]: params },
    });
    expect((await storage.getTrial(kept.trialId)).state).toBe('running');
    expect((await storage.getTrial(kept.trialId)).systemAttrs[OWNER]).toMatchObject({
      pid: living.child.pid,
    });
    const heirs = await startWorkers(2);
    for (const worker of heirs) worker.send({ type: 'run', nTrials: 1 });
    const numbers = await Promise.all(
      heirs.map(async (worker) => (await worker.next('ran')).trialNumbers[0]),
    );
    expect(numbers.sort()).toEqual([lost.trialNumber, 2]);
  });
});
