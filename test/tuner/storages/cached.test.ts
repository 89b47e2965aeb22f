import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createFloatDistribution,
  createIntDistribution,
} from '../../../src-main/tuner/distributions.ts';
import type { CachedStorage } from '../../../src-main/tuner/storages/cached.ts';
import type { FrozenTrial } from '../../../src-main/tuner/trial/frozen-trial.ts';
import { hostOfTests, template } from '../../conformance/storage.ts';
import { eventually } from '../../helpers/eventually.ts';
import { createFolder, openFile } from './sqlite-file.ts';

const unit = createFloatDistribution(0, 1);

let folder: ReturnType<typeof createFolder>;
let file: string;
let storage: CachedStorage;
let other: CachedStorage;
/** Raw, for what neither Parzen nor Optuna does. */
let database: Database.Database;
let studyId: number;
/** What `storage` has asked SQLite. */
let statements: string[];

beforeEach(async () => {
  folder = createFolder();
  file = join(folder.path, 'study.db');
  statements = [];
  const onStatement = (sql: string): void => void statements.push(sql);
  ({ storage } = await openFile(file, { processInfo: hostOfTests, onStatement }));
  ({ storage: other } = await openFile(file, { processInfo: hostOfTests }));
  database = new Database(file);
  studyId = await storage.createStudy(['minimize'], 'study');
});

afterEach(async () => {
  await storage.close();
  await other.close();
  database.close();
  folder.remove();
});

async function addTrials(to: CachedStorage, count: number): Promise<FrozenTrial[]> {
  const trials: FrozenTrial[] = [];
  for (let i = 0; i < count; i++)
    trials.push(
      await to.createTrial(
        studyId,
        template({
          values: [i],
          startedAtMs: Date.now(),
          completedAtMs: Date.now(),
          params: { x: 0.5 },
          distributions: { x: unit },
        }),
      ),
    );
  return trials;
}

describe('CachedStorage', () => {
  it('asks SQLite nothing but whether somebody wrote, when nobody did', async () => {
    await addTrials(other, 5);
    const { trialId } = await storage.createTrial(studyId);
    await storage.getStudies();
    await storage.getTrials(studyId);
    await storage.setTrialParam(trialId, 'x', 0.5, unit);
    await storage.setTrialIntermediateValue(trialId, 0, 1);
    await storage.finishTrial(trialId, 'complete', [1]);
    await storage.setStudyUserAttr(studyId, 'a', 1);
    statements.length = 0;
    expect(await storage.getTrials(studyId)).toHaveLength(6);
    expect(await storage.getTrials(studyId, ['complete'])).toHaveLength(6);
    expect((await storage.getTrial(trialId)).values).toEqual([1]);
    expect((await storage.getTrialByNumber(studyId, 5)).trialId).toBe(trialId);
    expect(await storage.countTrials(studyId)).toBe(6);
    expect((await storage.getTrialChanges(studyId, 0)).trials).toHaveLength(6);
    expect(await storage.claimWaitingTrial(studyId)).toBeNull();
    expect(await storage.requeueOrphanedTrials(studyId)).toEqual([]);
    expect((await storage.getStudy(studyId)).userAttrs).toEqual({ a: 1 });
    expect(await storage.getStudyId('study')).toBe(studyId);
    expect(await storage.getStudies()).toHaveLength(1);
    expect(new Set(statements)).toEqual(new Set(['PRAGMA data_version']));
  });

  it('reads only what is new or had not finished, when somebody wrote', async () => {
    const old = await addTrials(other, 300);
    const running = await other.createTrial(studyId);
    const before = await storage.getTrials(studyId);
    await other.setTrialIntermediateValue(running.trialId, 0, 1);
    const [added] = (await addTrials(other, 1)) as [FrozenTrial];
    statements.length = 0;
    const after = await storage.getTrials(studyId);
    expect(after.slice(0, 300).every((trial, i) => trial === before[i])).toBe(true);
    expect(after.slice(300).map((trial) => trial.number)).toEqual([300, 301]);
    expect(after[300]?.intermediateValues).toEqual(new Map([[0, 1]]));
    const children = statements.filter((sql) => sql.includes('FROM trial_params'));
    expect(children.length).toBeGreaterThan(0);
    // The first and the last of the old ones are looked at to be sure that it is still the same study, but not read again.
    for (const sql of children)
      for (const { trialId } of old)
        expect(sql).not.toMatch(new RegExp(`[(,]${trialId}(\\.0)?[,)]`));
    for (const { trialId } of [running, added])
      expect(children.join()).toMatch(new RegExp(`[(,]${trialId}(\\.0)?[,)]`));
  });

  it('notices what others wrote to a trial before it finished the trial itself', async () => {
    const { trialId } = await storage.createTrial(studyId);
    await storage.getTrials(studyId);
    await other.setTrialUserAttr(trialId, 'note', 'by somebody else');
    await storage.finishTrial(trialId, 'complete', [1]);
    expect((await storage.getTrial(trialId)).userAttrs).toEqual({ note: 'by somebody else' });
    expect(await storage.getTrials(studyId)).toEqual(await other.getTrials(studyId));
  });

  it('refuses to write to a trial that another process has finished or deleted', async () => {
    const { trialId } = await storage.createTrial(studyId);
    await storage.getTrials(studyId);
    await other.finishTrial(trialId, 'fail', null);
    await expect(storage.setTrialParam(trialId, 'x', 0.5, unit)).rejects.toMatchObject({
      code: 'UPDATE_FINISHED_TRIAL',
    });
    await other.deleteTrial(trialId);
    await expect(storage.setTrialIntermediateValue(trialId, 0, 1)).rejects.toMatchObject({
      code: 'TRIAL_NOT_FOUND',
    });
    expect(await storage.getTrials(studyId)).toEqual([]);
  });

  it('tells of trials that another process deleted, finished ones too', async () => {
    const [first, second] = (await addTrials(storage, 3)) as [FrozenTrial, FrozenTrial];
    const { revision } = await storage.getTrialChanges(studyId, 0);
    const kept = await storage.getTrial(second.trialId);
    await other.deleteTrial(first.trialId);
    expect(await storage.getTrialChanges(studyId, revision)).toMatchObject({
      trials: [],
      deletedTrialIds: [first.trialId],
    });
    expect((await storage.getTrials(studyId))[0]).toBe(kept);
  });

  it('tells of a trial that another process deleted and put back', async () => {
    const [first, second] = (await addTrials(storage, 2)) as [FrozenTrial, FrozenTrial];
    await other.getTrials(studyId);
    await other.deleteTrial(first.trialId);
    const { revision } = await storage.getTrialChanges(studyId, 0);
    await other.restoreTrial(studyId, first);
    expect(await storage.getTrialChanges(studyId, revision)).toMatchObject({
      trials: [first],
      deletedTrialIds: [],
    });
    expect(await storage.getTrials(studyId)).toEqual([first, second]);
    await storage.deleteTrial(first.trialId);
    expect(await other.getTrials(studyId)).toEqual([second]);
  });

  it('notices that a study was deleted, and that another one got its id', async () => {
    await addTrials(storage, 3);
    const before = await storage.getTrials(studyId);
    const { revision } = await storage.getTrialChanges(studyId, 0);
    await other.deleteStudy(studyId);
    await expect(storage.getTrials(studyId)).rejects.toMatchObject({
      code: 'STUDY_NOT_FOUND',
      message: expect.stringMatching(/^The study ".+" is no longer in this storage\.$/) as unknown,
    });
    await expect(storage.getTrial(before[0]?.trialId as number)).rejects.toMatchObject({
      code: 'TRIAL_NOT_FOUND',
    });
    // Optuna gives ids again: this is a notebook that starts over.
    const { storage: notebook } = await openFile(file, { processInfo: hostOfTests });
    expect(await notebook.createStudy(['minimize'], 'study')).toBe(studyId);
    await addTrials(notebook, 3);
    const after = await storage.getTrials(studyId);
    expect(after.map((trial) => trial.trialId)).toEqual(before.map((trial) => trial.trialId));
    expect(after).toEqual(await notebook.getTrials(studyId));
    expect((await storage.getTrialChanges(studyId, revision)).trials).toEqual(after);
    await notebook.close();
  });

  it('notices that a study was made anew between two looks', async () => {
    await addTrials(storage, 3);
    const before = await storage.getTrials(studyId);
    await other.deleteStudy(studyId);
    const { storage: notebook } = await openFile(file, { processInfo: hostOfTests });
    await notebook.createStudy(['minimize'], 'study');
    await new Promise((resolve) => setTimeout(resolve, 2));
    for (let i = 0; i < 3; i++) {
      const { trialId } = await notebook.createTrial(studyId);
      await notebook.finishTrial(trialId, 'complete', [10 * i]);
    }
    const after = await storage.getTrials(studyId);
    expect(after.map((trial) => trial.trialId)).toEqual(before.map((trial) => trial.trialId));
    expect(after.map((trial) => trial.values)).toEqual([[0], [10], [20]]);
    await notebook.close();
  });

  it('notices rows that vanish', async () => {
    const trials = await addTrials(storage, 4);
    await storage.getTrials(studyId);
    const id = trials[1]?.trialId;
    for (const table of ['trial_params', 'trial_values', 'trials'])
      database.prepare(`DELETE FROM ${table} WHERE trial_id = ?`).run(id);
    expect((await storage.getTrials(studyId)).map((trial) => trial.number)).toEqual([0, 2, 3]);
  });

  it('reads files whose numbers occur twice or whose values have holes', async () => {
    await addTrials(storage, 3);
    database.exec(`
      UPDATE trials SET number = 1 WHERE number = 2;
      INSERT INTO trial_values (trial_id, objective, value, value_type) SELECT trial_id, 2, 7, 'FINITE' FROM trials;
      INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json)
      SELECT trial_id, 'c', 9, '{"name": "CategoricalDistribution", "attributes": {"choices": ["a"]}}' FROM trials;
    `);
    const trials = await other.getTrials(studyId);
    expect(trials.map((trial) => trial.number)).toEqual([0, 1, 1]);
    expect(trials[0]).toMatchObject({ values: [0, NaN, 7], params: { x: 0.5, c: null } });
    expect((await storage.createTrial(studyId)).number).toBe(2);
  });

  it('answers calls in the order in which they come', async () => {
    const results = await Promise.all([
      storage.createTrial(studyId),
      storage.countTrials(studyId),
      storage.createTrial(studyId),
      storage.countTrials(studyId),
      storage.deleteStudy(studyId).then(() => 'deleted'),
      storage.countTrials(studyId).catch((error: { code: string }) => error.code),
    ]);
    expect(results.map((result) => (typeof result === 'object' ? result.number : result))).toEqual([
      0,
      1,
      1,
      2,
      'deleted',
      'STUDY_NOT_FOUND',
    ]);
  });

  it('finishes what it was asked before it closes', async () => {
    const writes = [storage.createTrial(studyId), storage.createTrial(studyId)];
    await storage.close();
    expect((await Promise.all(writes)).map((trial) => trial.number)).toEqual([0, 1]);
    expect(await other.countTrials(studyId)).toBe(2);
  });

  describe('with what may wait', () => {
    const wait = { mayWait: true };
    const stored = (): Promise<readonly FrozenTrial[]> => other.getTrials(studyId, ['running']);

    /** A running trial of a study that has the parameters x and y. */
    async function startTrial(): Promise<number> {
      await storage.createTrial(
        studyId,
        template({ params: { x: 0.5, y: 1 }, distributions: { x: unit, y: unit } }),
      );
      const { trialId } = await storage.createTrial(studyId);
      return (await storage.getTrial(trialId)).trialId;
    }

    it('shows them at once and writes them with the next write, in one transaction', async () => {
      const trialId = await startTrial();
      statements.length = 0;
      await storage.setTrialParam(trialId, 'x', 0.25, unit, wait);
      await storage.setTrialParam(trialId, 'y', 0.75, unit, wait);
      expect(statements).toEqual([]);
      const seen = await storage.getTrial(trialId, { asKnown: true });
      expect(seen.params).toEqual({ x: 0.25, y: 0.75 });
      expect(await storage.getTrial(trialId)).toBe(seen);
      await storage.finishTrial(trialId, 'complete', [1]);
      expect(statements.filter((sql) => sql.startsWith('BEGIN'))).toHaveLength(1);
      const [, finished] = await other.getTrials(studyId);
      expect(finished).toMatchObject({ state: 'complete', params: { x: 0.25, y: 0.75 } });
    });

    it('writes them when the event loop gets a turn, and when it is closed', async () => {
      const trialId = await startTrial();
      await storage.setTrialParam(trialId, 'x', 0.25, unit, wait);
      await eventually(async () => expect((await stored())[0]?.params).toEqual({ x: 0.25 }));
      await storage.setTrialParam(trialId, 'y', 0.75, unit, wait);
      await storage.close();
      expect((await stored())[0]?.params).toEqual({ x: 0.25, y: 0.75 });
    });

    it('does the same with intermediate values and user attributes', async () => {
      const trialId = await startTrial();
      statements.length = 0;
      for (const step of [0, 1]) {
        await storage.setTrialIntermediateValue(trialId, step, step / 2, wait);
        await storage.setTrialUserAttr(trialId, `note ${step}`, 'seen', wait);
      }
      expect(statements).toEqual([]);
      const seen = await storage.getTrial(trialId, { asKnown: true });
      expect([...seen.intermediateValues]).toEqual([
        [0, 0],
        [1, 0.5],
      ]);
      expect(seen.userAttrs).toEqual({ 'note 0': 'seen', 'note 1': 'seen' });
      await storage.finishTrial(trialId, 'complete', [1]);
      expect(statements.filter((sql) => sql.startsWith('BEGIN'))).toHaveLength(1);
      const finished = (await other.getTrials(studyId)).at(-1);
      expect(finished).toMatchObject({ state: 'complete', userAttrs: seen.userAttrs });
      expect(finished?.intermediateValues).toEqual(seen.intermediateValues);
      // Of a trial that has finished nothing waits.
      await expect(storage.setTrialIntermediateValue(trialId, 2, 1, wait)).rejects.toThrow();
      await expect(storage.setTrialUserAttr(trialId, 'late', 1, wait)).rejects.toThrow();
    });

    it('writes at once what the study does not have yet, or has otherwise', async () => {
      const trialId = await startTrial();
      const wider = createFloatDistribution(-1, 1);
      await storage.setTrialParam(trialId, 'z', 0.25, unit, wait);
      expect((await stored())[0]?.params).toEqual({ z: 0.25 });
      await storage.setTrialParam(trialId, 'x', -0.25, wider, wait);
      expect((await stored())[0]?.params).toEqual({ z: 0.25, x: -0.25 });
      const whole = createIntDistribution(0, 1);
      await expect(storage.setTrialParam(trialId, 'y', 1, whole, wait)).rejects.toThrow('"y"');
    });

    it('keeps them while it reads what others wrote', async () => {
      const trialId = await startTrial();
      await storage.setTrialParam(trialId, 'x', 0.25, unit, wait);
      await other.setTrialUserAttr(trialId, 'note', 'by another');
      expect(await storage.getTrial(trialId)).toMatchObject({
        params: { x: 0.25 },
        userAttrs: { note: 'by another' },
      });
    });

    it('drops them where another has finished the trial meanwhile', async () => {
      const trialId = await startTrial();
      await other.getTrials(studyId);
      await storage.setTrialParam(trialId, 'x', 0.25, unit, wait);
      await other.finishTrial(trialId, 'fail', null);
      await expect(storage.finishTrial(trialId, 'complete', [1])).rejects.toMatchObject({
        code: 'UPDATE_FINISHED_TRIAL',
      });
      const { params, state } = await storage.getTrial(trialId);
      expect({ params, state }).toEqual({ params: {}, state: 'fail' });
    });
  });
});
