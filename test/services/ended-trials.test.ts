import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { StudyKey } from '../../src-main/contract/library.ts';
import { openStorage } from '../../src-main/open-storage.ts';
import type { Services } from '../../src-main/services/services.ts';
import { ownerOf } from '../../src-main/tuner/storages/process-info.ts';
import type { FrozenTrial } from '../../src-main/tuner/trial/frozen-trial.ts';
import { runCli, temporaryFolder } from '../helpers/cli.ts';
import { eventually } from '../helpers/eventually.ts';
import { call, nextEvent, startServices } from '../helpers/services.ts';

const endless = fileURLToPath(
  new URL('../training/children/objectives/endless.mjs', import.meta.url),
);

const trialsOf = (services: Services, key: StudyKey): Promise<readonly FrozenTrial[]> =>
  services.library.storage(key.storageId).getTrials(key.studyId);

describe('trials that another program left behind', () => {
  /** A study with a running, a waiting and a complete trial, as a killed worker leaves it. */
  async function openLeft(kind: 'sqlite' | 'journal') {
    const folder = temporaryFolder();
    const name = join(folder, kind === 'journal' ? 'study.log' : 'study.db');
    if (kind === 'journal') writeFileSync(name, '');
    const path = kind === 'journal' ? `journal:${name}` : name;
    const other = await openStorage(path, { create: true });
    const studyId = await other.createStudy(['minimize'], 'left');
    await other.createTrial(studyId);
    const trial = { params: {}, distributions: {}, intermediateValues: new Map() };
    const rest = { ...trial, userAttrs: {}, systemAttrs: {}, startedAtMs: null };
    await other.createTrial(studyId, {
      ...rest,
      state: 'waiting',
      values: null,
      completedAtMs: null,
    });
    await other.createTrial(studyId, {
      ...rest,
      state: 'complete',
      values: [1],
      startedAtMs: 1,
      completedAtMs: 2,
    });
    await other.close();
    const services = await startServices(folder);
    const { storageId } = await services.handlers['library.openFile']({ path }, call);
    return { services, key: { storageId, studyId } };
  }

  it.each(['sqlite', 'journal'] as const)('are set to failed, in %s', async (kind) => {
    const { services, key } = await openLeft(kind);
    await services.handlers['trials.changes']({ key, sinceRevision: 0 }, call);
    const told = nextEvent(services, 'trials.changed');
    await services.handlers['trials.fail']({ key, trialNumbers: [0, 1, 0] }, call);
    await told;
    const trials = await trialsOf(services, key);
    expect(trials.map(({ state }) => state)).toEqual(['fail', 'fail', 'complete']);
    const { failure } = await services.handlers['trials.get']({ key, trialNumber: 0 }, call);
    expect(failure).toMatchObject({ kind: null, message: 'It was set to failed by hand.' });
  });

  it('are all left as they are where one has ended', async () => {
    const { services, key } = await openLeft('sqlite');
    await expect(
      services.handlers['trials.fail']({ key, trialNumbers: [0, 2] }, call),
    ).rejects.toThrow('trial 2 is complete');
    const trials = await trialsOf(services, key);
    expect(trials.map(({ state }) => state)).toEqual(['running', 'waiting', 'complete']);
  });
});

describe('a trial that runs here', () => {
  /** A run of four trials, of which the first two are at work and never end by themselves. */
  async function startTwo(services: Services, change: object = {}): Promise<StudyKey> {
    const spec = {
      name: 'own',
      run: { module: endless },
      sampler: { type: 'random' },
      stop: { trials: 4 },
      jobs: 2,
      ...change,
    };
    const key = await services.handlers['studies.create']({ spec, seed: 3 }, call);
    const areRunning = nextEvent(services, 'run.changed', ({ runningTrials }) =>
      runningTrials.some(({ trialNumber }) => trialNumber === 1),
    );
    await services.handlers['runs.start']({ key, trust: true }, call);
    await areRunning;
    return key;
  }

  it('is given up when another process ends it, and the run goes on', async () => {
    const folder = temporaryFolder();
    const services = await startServices(folder);
    const { handlers } = services;
    const key = await startTwo(services);

    // Neither reports any more, and both would go on for ten minutes.
    const storage = join(folder, 'studies.db');
    const told = await runCli([
      'tell',
      'own',
      '--storage',
      storage,
      '--trial',
      '1',
      '--state',
      'fail',
    ]);
    expect(told).toMatchObject({ code: 0 });
    const other = await openStorage(storage);
    const trial = await other.getTrialByNumber(key.studyId, 0);
    await other.finishTrial(trial.trialId, 'complete', [2]);
    await other.close();

    expect(await services.runs.ended(key)).toMatchObject({ state: 'finished', finishedTrials: 4 });
    const trials = await trialsOf(services, key);
    expect(trials.map(({ state, values }) => [state, values])).toEqual([
      ['complete', [2]],
      ['fail', null],
      ['complete', [1]],
      ['complete', [1]],
    ]);
    // What another program has ended is left as it left it.
    expect(trials[1]?.userAttrs).toEqual({});
    const log = await handlers['runs.log']({ key }, call);
    const warnings = log.filter(({ level }) => level === 'warn').map(({ message }) => message);
    expect(warnings.sort()).toEqual([
      expect.stringMatching(/^Trial 0 was ended as complete elsewhere while it ran here/),
      expect.stringMatching(/^Trial 1 was set to failed elsewhere while it ran here/),
    ]);
  });

  it('is left as it is when another process has put it back and taken it', async () => {
    const folder = temporaryFolder();
    const services = await startServices(folder);
    const { handlers } = services;
    const spec = {
      name: 'own',
      run: { module: endless },
      sampler: { type: 'random' },
      stop: { trials: 2 },
      jobs: 2,
    };
    const key = await handlers['studies.create']({ spec, seed: 3 }, call);
    const areRunning = nextEvent(services, 'run.changed', ({ runningTrials }) =>
      runningTrials.some(({ trialNumber }) => trialNumber === 1),
    );
    await handlers['runs.start']({ key, trust: true }, call);
    await areRunning;

    // So that the run does not take it first.
    await handlers['runs.setJobs']({ key, jobs: 1 }, call);
    const other = await openStorage(join(folder, 'studies.db'));
    const trial = await other.getTrialByNumber(key.studyId, 1);
    expect(await other.requeueTrial(trial.trialId, ownerOf(trial)?.id ?? null)).toBe(true);
    expect(await other.claimWaitingTrial(key.studyId)).toMatchObject({ number: 1 });
    await eventually(async () => {
      const log = await handlers['runs.log']({ key }, call);
      expect(log.map(({ message }) => message)).toContainEqual(
        expect.stringMatching(/^Trial 1 was put back into the queue/),
      );
    });
    expect((await other.getTrial(trial.trialId)).userAttrs).toEqual({});
    await other.close();
    await handlers['runs.stop']({ key }, call);
  });

  it('is stopped, and not set to failed; the run goes on, and does not run it again', async () => {
    const services = await startServices();
    const { handlers } = services;
    const key = await startTwo(services, { retryFailed: 3 });
    await expect(handlers['trials.fail']({ key, trialNumbers: [1] }, call)).rejects.toMatchObject({
      code: 'TRIAL_RUNNING_HERE',
    });
    await eventually(async () =>
      expect((await trialsOf(services, key))[0]?.intermediateValues.size).toBe(1),
    );

    // The run would take it at any moment.
    const { storageId, studyId } = key;
    const waiting = { params: {}, distributions: {}, intermediateValues: new Map() };
    await services.library.storage(storageId).createTrial(studyId, {
      ...waiting,
      state: 'waiting',
      values: null,
      startedAtMs: null,
      completedAtMs: null,
      userAttrs: {},
      systemAttrs: {},
    });
    await expect(handlers['trials.fail']({ key, trialNumbers: [2] }, call)).rejects.toMatchObject({
      code: 'RUN_ACTIVE',
    });

    await handlers['runs.stopTrial']({ key, trialNumber: 0 }, call);
    await eventually(async () => expect((await trialsOf(services, key))[0]?.state).toBe('pruned'));
    await eventually(() =>
      expect(handlers['runs.stopTrial']({ key, trialNumber: 0 }, call)).rejects.toMatchObject({
        code: 'NO_RUN',
        message: 'Trial 0 is not running here any more.',
      }),
    );
    await handlers['runs.stopTrial']({ key, trialNumber: 1 }, call);
    expect(await services.runs.ended(key)).toMatchObject({ state: 'finished', finishedTrials: 4 });
    const trials = await trialsOf(services, key);
    expect(trials.map(({ state, values }) => [state, values])).toEqual([
      ['pruned', [0.5]],
      ['fail', null],
      ['complete', [1]],
      ['complete', [1]],
    ]);
    expect(trials.filter(({ systemAttrs }) => 'failed_trial' in systemAttrs)).toEqual([]);
    expect(await handlers['trials.get']({ key, trialNumber: 0 }, call)).toMatchObject({
      wasStopped: true,
      failure: null,
    });
    expect(await handlers['trials.get']({ key, trialNumber: 1 }, call)).toMatchObject({
      failure: { kind: 'stopped', message: 'It was stopped by hand.' },
    });
    await expect(handlers['runs.stopTrial']({ key, trialNumber: 0 }, call)).rejects.toMatchObject({
      code: 'NO_RUN',
    });
  });
});
