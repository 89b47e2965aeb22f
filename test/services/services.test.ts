import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Events } from '../../src-main/contract/contract.ts';
import type { ObjectiveSummary, StudyKey } from '../../src-main/contract/library.ts';
import type { TrialColumns } from '../../src-main/contract/trials.ts';
import { openStorage } from '../../src-main/open-storage.ts';
import { createServices, type Services } from '../../src-main/services/services.ts';
import {
  createStudy,
  improvementHistory,
  RandomSampler,
  reportCrossValidationScores,
  StorageError,
  studyEnd,
  trialStates,
  type StudyDirection,
} from '../../src-main/tuner/index.ts';
import { temporaryFolder } from '../helpers/cli.ts';
import { call, nextEvent, startServices } from '../helpers/services.ts';
import { eventually } from '../helpers/eventually.ts';

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/optuna/${name}`, import.meta.url));

const statesOf = (columns: TrialColumns): string[] =>
  [...columns.states].map((state) => trialStates[state] as string);

async function createIris(services: Services, seed = 1): Promise<StudyKey> {
  return services.handlers['studies.create']({ spec: 'iris', seed }, call);
}

describe('library', () => {
  it('starts with its own empty file, also in a folder that is not there', async () => {
    const folder = join(temporaryFolder(), 'deep', 'er');
    const { handlers } = await startServices(folder);
    const { storages, studies } = await handlers['library.get']({}, call);
    expect(storages).toMatchObject([{ isDefault: true, isReadOnly: false, error: null }]);
    expect(studies).toEqual([]);
    await expect(
      handlers['library.closeFile']({ storageId: storages[0]!.storageId }, call),
    ).rejects.toThrow(/stays open/);
  });

  it('counts as the size of a file also what is still in its write-ahead log', async () => {
    const folder = temporaryFolder();
    const services = await startServices(folder);
    await createIris(services);
    const { storages } = await services.handlers['library.get']({}, call);
    const { storageId, sizeBytes } = storages[0]!;
    const inLog = statSync(`${storageId}-wal`).size;
    expect(inLog).toBeGreaterThan(0);
    expect(sizeBytes).toBe(statSync(storageId).size + inLog);
  });

  it('says why a file could not be made, and not that it is missing', async () => {
    const folder = temporaryFolder();
    const services = await createServices({
      openStorage: (path, options) =>
        path.endsWith('new.db') && options?.readOnly !== true
          ? Promise.reject(new StorageError('STORAGE_READ_ONLY', 'The folder must be writable.'))
          : openStorage(path, options),
      libraryPath: ':memory:',
      settingsPath: null,
      trustedPath: join(folder, 'trusted-programs.json'),
      shell: 'browser',
      appVersion: '0.0.0',
      logPath: null,
      pickPath: null,
    });
    const path = join(folder, 'new.db');
    await expect(services.library.open(path, { create: true })).rejects.toThrow(
      'The folder must be writable.',
    );
    await services.close();
  });

  it('opens Optuna’s file, summarizes its study, and remembers the file', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'optuna.db');
    copyFileSync(fixture('optuna-4.9-iris.db'), file);
    const services = await startServices(folder);
    const opened = await services.handlers['library.openFile']({ path: file }, call);
    expect((await services.handlers['library.openFile']({ path: file }, call)).storageId).toBe(
      opened.storageId,
    );
    const { studies } = await services.handlers['library.get']({}, call);
    expect(studies).toHaveLength(1);
    expect(studies[0]).toMatchObject({
      counts: { complete: 43, pruned: 7 },
      isRunnable: false,
      directions: ['maximize'],
    });
    expect(studies[0]!.best!.value).toBe(1);
    expect(studies[0]!.best!.nTied).toBeGreaterThan(1);
    const [{ bestValue, sparkline }] = studies[0]!.objectives as [ObjectiveSummary];
    expect(bestValue).toBe(1);
    expect(sparkline.at(-1)).toBe(1);
    expect([...sparkline].sort((a, b) => a - b)).toEqual(sparkline);
    expect(studies[0]!.nFront).toBeNull();
    await services.close();
    expect(await (await startServices(folder)).handlers['library.recentFiles']({}, call)).toEqual([
      file,
    ]);
  });

  it('upgrades an old file only when told to, after a backup', async () => {
    const file = join(temporaryFolder(), 'old.db');
    copyFileSync(fixture('optuna-3.1.db'), file);
    const { handlers } = await startServices();
    await expect(handlers['library.openFile']({ path: file }, call)).rejects.toMatchObject({
      code: 'STORAGE_NEEDS_MIGRATION',
    });
    await handlers['library.openFile']({ path: file, migrate: true }, call);
    expect(existsSync(`${file}.backup-v3.0.0.d`)).toBe(true);
  });

  it('says clearly what is not a study file, and creates nothing', async () => {
    const folder = temporaryFolder();
    const { handlers } = await startServices(folder);
    const text = join(folder, 'notes.db');
    writeFileSync(text, 'not a database at all, but long enough to be looked at as one'.repeat(20));
    await expect(handlers['library.openFile']({ path: text }, call)).rejects.toMatchObject({
      code: 'STORAGE_NOT_A_DATABASE',
    });
    const missing = join(folder, 'missing.db');
    await expect(handlers['library.openFile']({ path: missing }, call)).rejects.toMatchObject({
      code: 'STORAGE_NOT_FOUND',
    });
    expect(existsSync(missing)).toBe(false);
    expect((await handlers['library.get']({}, call)).storages).toHaveLength(1);
  });

  it('says of a file that was deleted outside that it is gone, and of its studies nothing', async () => {
    const services = await startServices();
    const path = join(temporaryFolder(), 'other.db');
    await services.handlers['library.openFile']({ path, create: true }, call);
    await services.handlers['studies.create']({ spec: 'iris', storageId: path }, call);
    rmSync(path);
    await eventually(async () => {
      const { studies, storages } = await services.handlers['library.get']({}, call);
      expect(studies).toEqual([]);
      expect(storages.find((storage) => storage.path === path)?.error).toMatchObject({
        code: 'STORAGE_NOT_FOUND',
      });
    });
    await services.handlers['library.closeFile']({ storageId: path }, call);
  });

  it('tells of what another program writes into an open file', async () => {
    const file = join(temporaryFolder(), 'shared.db');
    const other = await openStorage(file, { create: true });
    const study = await createStudy({ storage: other, studyName: 'shared' });
    const services = await startServices();
    const { storageId } = await services.handlers['library.openFile']({ path: file }, call);
    const key = { storageId, studyId: study.studyId };
    const first = await services.handlers['trials.changes']({ key, sinceRevision: 0 }, call);
    await services.handlers['library.get']({}, call);
    const told = nextEvent(
      services,
      'trials.changed',
      ({ key: { studyId } }) => studyId === study.studyId,
    );
    await study.optimize(async (trial) => trial.suggestFloat('x', 0, 1), { nTrials: 3 });
    await told;
    const { generation, revision } = first;
    await eventually(async () => {
      const asked = { key, sinceRevision: revision, generation };
      const { numbers } = await services.handlers['trials.changes'](asked, call);
      expect(numbers).toHaveLength(3);
    });
    const deleted = nextEvent(services, 'study.deleted');
    await other.deleteStudy(study.studyId);
    expect((await deleted).key).toEqual(key);
    await other.close();
  });
});

describe('trials.changed', () => {
  it('is told also when somebody asked for the study’s summary in between', async () => {
    const services = await startServices();
    const key = await createIris(services);
    const storage = services.library.storage(key.storageId);
    // The first look finds out what there is; later ones tell what changed.
    services.library.touch(key);
    await storage.createTrial(key.studyId);
    await nextEvent(services, 'trials.changed');
    for (let i = 0; i < 5; i++) {
      const told = nextEvent(services, 'trials.changed');
      const { trialId } = await storage.createTrial(key.studyId);
      await services.library.summary(key);
      services.library.touch(key);
      const { revision } = await told;
      const { trials } = await storage.getTrialChanges(key.studyId, revision - 1);
      expect(trials.map((trial) => trial.trialId)).toContain(trialId);
    }
  });
});

describe('studies', () => {
  it('are created from the built-in spec, renamed, copied and deleted', async () => {
    const { handlers } = await startServices();
    expect((await handlers['studies.builtIn']({}, call)).map(({ name }) => name)).toContain('iris');
    const services = { handlers } as Services;
    const key = await createIris(services);
    const detail = await handlers['studies.get']({ key }, call);
    expect(detail).toMatchObject({
      seed: 1,
      summary: { studyName: 'iris_classification', isRunnable: true, metricNames: ['accuracy'] },
    });
    expect(detail.spec).toMatchObject({ data: { table: 'iris' }, stop: { trials: 50 } });
    await handlers['studies.rename']({ key, studyName: 'mine' }, call);
    const copy = await handlers['studies.copy']({ key, studyName: 'yours' }, call);
    await expect(handlers['studies.copy']({ key, studyName: 'yours' }, call)).rejects.toMatchObject(
      { code: 'DUPLICATED_STUDY' },
    );
    await handlers['studies.setUserAttr'](
      { key: copy, name: 'parzen:tags', value: ['a', 'b'] },
      call,
    );
    const names = (await handlers['library.get']({}, call)).studies.map(({ studyName, tags }) => [
      studyName,
      tags,
    ]);
    expect(names).toEqual([
      ['mine', []],
      ['yours', ['a', 'b']],
    ]);
    await handlers['studies.delete']({ key }, call);
    await expect(handlers['studies.get']({ key }, call)).rejects.toMatchObject({
      code: 'STUDY_NOT_FOUND',
    });
  });

  it('export CSV in one step, or hand it over', async () => {
    const folder = temporaryFolder();
    const services = await startServices(folder);
    const key = await createIris(services);
    await services.handlers['runs.start']({ key, targetTrials: 2 }, call);
    await services.runs.ended(key);
    const text = await services.handlers['studies.exportCsv']({ key }, call);
    expect(text!.split('\n')).toHaveLength(4);
    const path = join(folder, 'a.csv');
    expect(await services.handlers['studies.exportCsv']({ key, path }, call)).toBeNull();
    expect(readFileSync(path, 'utf8')).toBe(text);
    await expect(
      services.handlers['studies.exportCsv']({ key, path: join(folder, 'no', 'a.csv') }, call),
    ).rejects.toMatchObject({ code: 'EXPORT_FAILED' });
    mkdirSync(join(folder, 'taken.csv'));
    await expect(
      services.handlers['studies.exportCsv']({ key, path: join(folder, 'taken.csv') }, call),
    ).rejects.toMatchObject({ code: 'EXPORT_FAILED' });
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

describe('trials', () => {
  it('travel whole, and then as changes that add up to the whole', async () => {
    const services = await startServices();
    const { handlers } = services;
    const key = await createIris(services);
    const run = async (targetTrials: number): Promise<void> => {
      await handlers['runs.start']({ key, targetTrials }, call);
      await services.runs.ended(key);
    };
    await run(4);
    const whole = await handlers['trials.changes']({ key, sinceRevision: 0 }, call);
    expect(whole.isComplete).toBe(true);
    expect([...whole.numbers]).toEqual([0, 1, 2, 3]);
    await run(6);
    await handlers['trials.delete']({ key, trialNumbers: [1] }, call);
    await handlers['trials.enqueue']({ key, params: { learning_rate: 0.01 } }, call);
    const change = await handlers['trials.changes'](
      { key, sinceRevision: whole.revision, generation: whole.generation },
      call,
    );
    expect(change.isComplete).toBe(false);
    expect([...change.numbers]).toEqual([4, 5, 6]);
    expect(statesOf(change).at(-1)).toBe('waiting');
    expect([...change.deletedTrialIds]).toEqual([whole.trialIds[1]]);
    const again = await handlers['trials.changes'](
      { key, sinceRevision: change.revision, generation: 'another' },
      call,
    );
    expect([...again.numbers]).toEqual([0, 2, 3, 4, 5, 6]);
    expect(again.isComplete).toBe(true);
    const detail = await handlers['trials.get']({ key, trialNumber: 0 }, call);
    for (const { name, values, distribution } of again.params) {
      const internal = values[0] as number;
      if (!(name in detail.params)) expect(internal).toBeNaN();
      else if (distribution.type === 'categorical')
        expect(distribution.choices[internal]).toBe(detail.params[name]);
      else expect(internal).toBe(detail.params[name]);
    }
    const curves = await handlers['trials.curves']({ key, trialNumbers: [0, 3] }, call);
    expect([...curves.numbers]).toEqual([0, 3]);
    expect(curves.values.subarray(0, curves.offsets[1])).toEqual(detail.intermediateValues);
  });
});

describe('runs', () => {
  it('report epochs and trials live, pause, go on, and end at their target', async () => {
    const services = await startServices();
    const { handlers } = services;
    const key = await createIris(services);
    const epochs: number[] = [];
    const log: string[] = [];
    services.onEmit((name, payload) => {
      if (name === 'run.epochs')
        epochs.push(...(payload as Events['run.epochs']).epochs.map(({ epoch }) => epoch));
      if (name === 'run.log') log.push((payload as unknown as { message: string }).message);
    });
    const firstLine = nextEvent(services, 'run.log');
    const started = await handlers['runs.start']({ key }, call);
    expect(started).toMatchObject({ state: 'running', targetTrials: 50, jobs: 1 });
    await expect(handlers['runs.start']({ key }, call)).rejects.toMatchObject({
      code: 'RUN_ACTIVE',
    });
    await expect(handlers['studies.delete']({ key }, call)).rejects.toMatchObject({
      code: 'RUN_ACTIVE',
    });
    await firstLine;
    expect((await handlers['runs.pause']({ key }, call)).state).toBe('pausing');
    const paused = await services.runs.ended(key);
    expect(paused).toMatchObject({ state: 'paused', runningTrials: [], error: null });
    expect(paused!.finishedTrials).toBeLessThan(50);
    expect(paused!.finishedTrials).toBeGreaterThan(0);
    expect(paused!.epochs).toBe(epochs.length);
    expect(paused!.backend!.reason).not.toBe('');

    await handlers['runs.start']({ key, jobs: 2 }, call);
    await handlers['runs.setTarget']({ key, targetTrials: 20 }, call);
    await handlers['runs.setJobs']({ key, jobs: 1 }, call);
    const finished = await services.runs.ended(key);
    expect(finished).toMatchObject({ state: 'finished', targetTrials: 20, jobs: 1 });
    expect(finished!.finishedTrials).toBeGreaterThanOrEqual(20);
    expect(finished!.finishedTrials).toBeLessThanOrEqual(21);
    expect(log.filter((line) => /^Trial \d+ (finished|pruned)/.test(line))).toHaveLength(
      finished!.finishedTrials,
    );
    const { counts } = (await handlers['studies.get']({ key }, call)).summary;
    expect(counts.running + counts.waiting).toBe(0);
    expect(counts.complete + counts.pruned).toBe(finished!.finishedTrials);
  });

  it.each(['pause', 'stop'] as const)('heed a %s while they are still starting', async (end) => {
    const services = await startServices();
    const key = await createIris(services);
    const starting = services.handlers['runs.start']({ key }, call);
    // Looked for after every step of it, as it may not be starting for long.
    for (let i = 1; services.runs.get(key) === null; i++)
      await (i % 100 === 0 ? setImmediate() : Promise.resolve());
    expect(services.runs.get(key)?.state).toBe('starting');
    await services.handlers[`runs.${end}`]({ key }, call);
    await starting;
    const status = await services.runs.ended(key);
    expect(status).toMatchObject({
      state: 'paused',
      error: null,
      endedBy: null,
      finishedTrials: 0,
    });
    const { systemAttrs } = await services.handlers['studies.get']({ key }, call);
    expect(studyEnd(systemAttrs)).toBeNull();
  });

  it('put their trial back when stopped, and when the program ends', async () => {
    const folder = temporaryFolder();
    const services = await startServices(folder);
    const key = await createIris(services);
    for (const end of ['stop', 'close']) {
      const epoch = nextEvent(services, 'run.epochs');
      await services.handlers['runs.start']({ key }, call);
      await epoch;
      if (end === 'stop')
        expect((await services.handlers['runs.stop']({ key }, call)).state).toBe('paused');
      else await services.close();
    }
    const again = await startServices(folder);
    const columns = await again.handlers['trials.changes']({ key, sinceRevision: 0 }, call);
    expect(statesOf(columns)).not.toContain('running');
    expect(statesOf(columns).filter((state) => state === 'waiting').length).toBeLessThanOrEqual(1);
  });

  it('give the same trials when they are stopped in the middle of epochs and started again', async () => {
    const services = await startServices();
    const { handlers } = services;
    const target = { targetTrials: 6 };
    const trialsOf = async (key: StudyKey) => {
      const storage = services.library.storage(key.storageId);
      return (await storage.getTrials(key.studyId)).map(
        ({ number, state, params, values, intermediateValues }) => ({
          number,
          state,
          params,
          values,
          steps: [...intermediateValues],
        }),
      );
    };
    const whole = await createIris(services, 5);
    await handlers['runs.start']({ key: whole, ...target }, call);
    await services.runs.ended(whole);
    const stopped = await createIris(services, 5);
    for (let nEpochs = 1; services.runs.get(stopped)?.state !== 'finished'; nEpochs += 7) {
      let nLeft = nEpochs;
      const unsubscribe = services.onEmit((name, payload) => {
        if (name !== 'run.epochs') return;
        nLeft -= (payload as Events['run.epochs']).epochs.length;
        if (nLeft > 0) return;
        unsubscribe();
        services.runs.run(stopped).stop();
      });
      await handlers['runs.start']({ key: stopped, ...target }, call);
      await services.runs.ended(stopped);
      unsubscribe();
    }
    expect(await trialsOf(stopped)).toEqual(await trialsOf(whole));
  });

  it('say why a study cannot be run', async () => {
    const services = await startServices();
    const storage = services.library.storage(services.library.defaultStorageId);
    const study = await createStudy({ storage, studyName: 'by hand' });
    const key = { storageId: services.library.defaultStorageId, studyId: study.studyId };
    await expect(services.handlers['runs.start']({ key }, call)).rejects.toMatchObject({
      code: 'NO_SPEC',
    });
    await expect(services.handlers['runs.pause']({ key }, call)).rejects.toMatchObject({
      code: 'NO_RUN',
    });
  });

  it('end early when the spec’s stop rules say so', async () => {
    const services = await startServices();
    const detail = await services.handlers['studies.get'](
      { key: await createIris(services) },
      call,
    );
    const key = await services.handlers['studies.create'](
      { spec: { ...detail.spec, name: 'target', stop: { trials: 50, target: 0.9 } }, seed: 1 },
      call,
    );
    await services.handlers['runs.start']({ key }, call);
    const status = await services.runs.ended(key);
    const endedBy = { rule: 'target-value', reason: 'the target of 0.9 is reached' };
    expect(status).toMatchObject({ state: 'finished', endedBy });
    expect(status!.finishedTrials).toBeLessThan(50);
    const ended = await services.handlers['studies.get']({ key }, call);
    expect(ended.summary.best!.value).toBeGreaterThanOrEqual(0.9);
    expect(ended.systemAttrs['parzen:ended_by']).toEqual(endedBy);
  });

  it('end by a rule once: who resumes the study wants more trials', async () => {
    const folder = temporaryFolder();
    const services = await startServices(folder);
    const { spec } = await services.handlers['studies.get'](
      { key: await createIris(services) },
      call,
    );
    const stop = { trials: 12, rules: [{ type: 'target-value', options: { value: 0.1 } }] };
    const key = await services.handlers['studies.create'](
      { spec: { ...spec, name: 'rules', stop }, seed: 1 },
      call,
    );
    await services.handlers['runs.start']({ key, targetTrials: 1 }, call);
    // The rule and the number of trials are fulfilled at the same time.
    expect(await services.runs.ended(key)).toMatchObject({ endedBy: { rule: 'target-value' } });
    const storage = services.library.storage(key.storageId);
    await storage.setStudySystemAttr(key.studyId, 'parzen:ended_by', null);
    // As if the program had been killed before it could write why the study ends.
    await services.handlers['runs.start']({ key }, call);
    expect(await services.runs.ended(key)).toMatchObject({
      state: 'finished',
      finishedTrials: 1,
      endedBy: { rule: 'target-value' },
    });
    const log: string[] = [];
    services.onEmit((name, payload) => {
      if (name === 'run.log') log.push((payload as unknown as { message: string }).message);
    });
    await services.handlers['runs.start']({ key }, call);
    expect(await services.runs.ended(key)).toMatchObject({
      finishedTrials: 12,
      endedBy: { rule: 'trials', reason: '12 trials have finished' },
    });
    expect(log[0]).toBe('The study goes on although the target of 0.1 is reached.');
    expect(log.at(-1)).toBe('The study ends: 12 trials have finished.');
    // Who looks only now hears of all runs of the session.
    const kept = await services.handlers['runs.log']({ key }, call);
    expect(kept.slice(-log.length).map(({ message }) => message)).toEqual(log);
    expect(kept.map(({ index }) => index)).toEqual(kept.map((_, i) => i));
    expect(kept.length).toBeGreaterThan(log.length);
  });
});

describe('analysis', () => {
  it('names what can be chosen, with the options of its form', async () => {
    const { handlers } = await startServices();
    const registries = await handlers['analysis.registries']({}, call);
    expect(registries.samplers.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['tpe', 'random', 'grid']),
    );
    expect(registries.pruners.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['nop', 'median', 'hyperband']),
    );
    expect(registries.terminators.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['target-value', 'no-improvement', 'emmr']),
    );
    expect(structuredClone(registries)).toEqual(registries);
  });

  it('says which parameters matter, and replays curves with another pruner', async () => {
    const services = await startServices();
    const { handlers } = services;
    const key = await createIris(services);
    const few = await handlers['analysis.importance']({ key }, call);
    expect(few.importances).toEqual([]);
    expect(few.reason).toMatch(/at least 10 trials/);
    await handlers['runs.start']({ key, targetTrials: 40 }, call);
    await services.runs.ended(key);
    const { importances, evaluator } = await handlers['analysis.importance']({ key }, call);
    expect(evaluator).toBe('ped-anova');
    expect(importances.reduce((sum, { importance }) => sum + importance, 0)).toBeCloseTo(1, 9);
    expect(importances.map(({ param }) => param)).toContain('learning_rate');
    await expect(
      handlers['analysis.importance']({ key, evaluator: { type: 'guess' } }, call),
    ).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });

    // While the trials are read.
    const abort = new AbortController();
    const givenUp = handlers['analysis.importance']({ key }, { signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(givenUp).rejects.toThrow('enough');

    const nothing = await handlers['analysis.replayPruner']({ key, pruner: { type: 'nop' } }, call);
    expect(nothing).toMatchObject({ nCut: 0, nReportsSaved: 0 });
    const median = await handlers['analysis.replayPruner'](
      { key, pruner: { type: 'median', options: { nStartupTrials: 2, nWarmupSteps: 1 } } },
      call,
    );
    expect(median.nCut).toBeGreaterThan(0);
    expect(median.savedShare).toBeCloseTo(median.nReportsSaved / median.nReports, 12);
    expect(median.cutAtSteps.filter((step) => step >= 0)).toHaveLength(median.nCut);
  });

  it('says how the improvement still to be expected fell, how far it is, and ends when it is given up', async () => {
    const services = await startServices();
    const { handlers, library } = services;
    const { storageId } = await createIris(services);
    const studyOf = async (studyName: string, nTrials: number, ...directions: StudyDirection[]) => {
      const storage = library.storage(storageId);
      const sampler = new RandomSampler();
      const study = await createStudy({ storage, studyName, sampler, directions, seed: 1 });
      await study.optimize(
        async (trial) => {
          const value = (await trial.suggestFloat('x', -1, 1)) ** 2;
          if (studyName === 'folds')
            await reportCrossValidationScores(trial, [value - 0.1, value + 0.1]);
          return directions.map(() => value);
        },
        { nTrials },
      );
      return { study, key: { storageId, studyId: study.studyId } };
    };
    const terminator = { type: 'regret-bound', options: { minTrials: 8 } };

    const { study, key } = await studyOf('many', 130, 'minimize');
    const progress = nextEvent(services, 'analysis.progress');
    const found = await handlers['analysis.improvement']({ key, terminator }, call);
    expect(await progress).toMatchObject({ key, nTotal: 100 });
    expect(found.trialNumbers).toHaveLength(100);
    expect(found).toEqual(
      await improvementHistory(study, { options: { minTrials: 8 }, maxEstimates: 100 }),
    );
    expect(found).toMatchObject({ nComplete: 130, canEndAfter: 7 });

    const abort = new AbortController();
    const begun = nextEvent(services, 'analysis.progress');
    const given = handlers['analysis.improvement']({ key, terminator }, { signal: abort.signal });
    await begun;
    abort.abort(new Error('enough'));
    await expect(given).rejects.toThrow('enough');

    const several = await studyOf('several', 2, 'minimize', 'minimize');
    await expect(
      handlers['analysis.improvement']({ key: several.key, terminator }, call),
    ).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('one objective') as string,
    });
    const folds = { type: 'regret-bound', options: { error: 'cross-validation' } };
    await expect(
      handlers['analysis.improvement']({ key, terminator: folds }, call),
    ).rejects.toThrow('scores of its folds');
    const withFolds = await studyOf('folds', 3, 'minimize');
    expect(
      await handlers['analysis.improvement']({ key: withFolds.key, terminator: folds }, call),
    ).toEqual(await improvementHistory(withFolds.study, { options: folds.options }));
  });
});
