import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { StudyKey } from '../../src-main/contract/library.ts';
import type { Services } from '../../src-main/services/services.ts';
import { createStudy } from '../../src-main/tuner/study/study.ts';
import { temporaryFolder } from '../helpers/cli.ts';
import { call, nextEvent, startServices } from '../helpers/services.ts';

const fixture = fileURLToPath(new URL('../fixtures/optuna/optuna-4.9-iris.db', import.meta.url));

/** Optuna's iris study, opened from a copy. */
async function openIris(): Promise<{ services: Services; key: StudyKey; file: string }> {
  const folder = temporaryFolder();
  const file = join(folder, 'optuna.db');
  copyFileSync(fixture, file);
  const services = await startServices(folder);
  const { storageId } = await services.handlers['library.openFile']({ path: file }, call);
  return { services, key: { storageId, studyId: 1 }, file };
}

const annotations = async ({ handlers }: Services, key: StudyKey) =>
  (await handlers['studies.get']({ key }, call)).annotations;

describe('hidden trials', () => {
  it('are kept with the study, and told', async () => {
    const { services, key } = await openIris();
    const { handlers } = services;
    const told = nextEvent(services, 'study.changed');
    await handlers['trials.setHidden']({ key, trialNumbers: [7, 3], isHidden: true }, call);
    expect(await told).toEqual({ key });
    await handlers['trials.setHidden']({ key, trialNumbers: [3, 9], isHidden: false }, call);
    expect((await annotations(services, key)).hidden).toEqual([7]);
    const attrs = (await handlers['studies.get']({ key }, call)).systemAttrs;
    expect(attrs['parzen:hidden_trials']).toEqual([7]);
  });

  it('do not count for the best value of the library', async () => {
    const { services, key } = await openIris();
    const before = (await services.library.summary(key)).best!;
    const trialNumbers = [before.trialNumber];
    await services.handlers['trials.setHidden']({ key, trialNumbers, isHidden: true }, call);
    const after = (await services.library.summary(key)).best!;
    expect(after.nTied).toBe(before.nTied - 1);
    expect(after.trialNumber).toBeGreaterThan(before.trialNumber);
  });

  it('loses no change of several at once', async () => {
    const { services, key } = await openIris();
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        services.handlers['trials.setHidden']({ key, trialNumbers: [i], isHidden: true }, call),
      ),
    );
    expect((await annotations(services, key)).hidden).toHaveLength(20);
  });
});

describe('tags', () => {
  it('are added and removed, each once', async () => {
    const { services, key } = await openIris();
    const set = services.handlers['trials.setTags'];
    await set({ key, trialNumbers: [1, 2], add: ['good', 'good', 'look again'], remove: [] }, call);
    await set({ key, trialNumbers: [2], add: ['ünïque'], remove: ['good'] }, call);
    expect((await annotations(services, key)).tags).toEqual({
      1: ['good', 'look again'],
      2: ['look again', 'ünïque'],
    });
    await set({ key, trialNumbers: [1], add: [], remove: ['good', 'look again'] }, call);
    expect(Object.keys((await annotations(services, key)).tags)).toEqual(['2']);
  });

  it('of hostile shape are read over', async () => {
    const { services, key } = await openIris();
    const storage = services.library.storage(key.storageId);
    await storage.setStudySystemAttr(1, 'parzen:trial_tags', { 1: 'no list', 2: [3, '', 'yes'] });
    await storage.setStudySystemAttr(1, 'parzen:hidden_trials', { not: 'a list' });
    expect(await annotations(services, key)).toEqual({
      hidden: [],
      tags: { 2: ['yes'] },
      notes: {},
    });
  });
});

describe('notes', () => {
  it('are cut into pieces as Optuna Dashboard cuts them', async () => {
    const { services, key } = await openIris();
    const { handlers } = services;
    const text = 'é🎲'.repeat(1500);
    expect(await handlers['notes.get']({ key, trialNumber: null }, call)).toEqual({
      version: 0,
      text: '',
    });
    const note = await handlers['notes.set']({ key, trialNumber: null, version: 0, text }, call);
    expect(note).toEqual({ version: 1, text });
    const { systemAttrs } = await handlers['studies.get']({ key }, call);
    expect(systemAttrs['dashboard:note_ver']).toBe(1);
    // Python counts a character beyond the basic plane as one.
    expect([...(systemAttrs['dashboard:note_str:0'] as string)]).toHaveLength(2045);
    expect([...(systemAttrs['dashboard:note_str:1'] as string)]).toHaveLength(955);
    expect(await handlers['notes.get']({ key, trialNumber: null }, call)).toEqual(note);
  });

  it('leave nothing of a longer text behind', async () => {
    const { services, key } = await openIris();
    const set = services.handlers['notes.set'];
    await set({ key, trialNumber: null, version: 0, text: 'x'.repeat(5000) }, call);
    await set({ key, trialNumber: null, version: 1, text: 'short' }, call);
    expect(await services.handlers['notes.get']({ key, trialNumber: null }, call)).toEqual({
      version: 2,
      text: 'short',
    });
  });

  it('of trials are found by the id that Optuna gives them', async () => {
    const { services, key } = await openIris();
    const { handlers } = services;
    await handlers['notes.set']({ key, trialNumber: 4, version: 0, text: '# hm' }, call);
    const { trialId } = await handlers['trials.get']({ key, trialNumber: 4 }, call);
    const { systemAttrs } = await handlers['studies.get']({ key }, call);
    expect(systemAttrs[`dashboard:${trialId}:note_ver`]).toBe(1);
    expect(systemAttrs[`dashboard:${trialId}:note_str:0`]).toBe('# hm');
    expect((await annotations(services, key)).notes).toEqual({ 4: '# hm' });
  });

  it('in a journal go by ids that count from 0', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'journal.log');
    writeFileSync(file, '');
    const services = await startServices(folder);
    const { storageId } = await services.handlers['library.openFile'](
      { path: `journal:${file}` },
      call,
    );
    const storage = services.library.storage(storageId);
    const study = await createStudy({ storage, studyName: 's' });
    await study.enqueueTrial({ x: 1 });
    const key = { storageId, studyId: study.studyId };
    await services.handlers['notes.set']({ key, trialNumber: 0, version: 0, text: 'n' }, call);
    expect(await study.getSystemAttrs()).toMatchObject({ 'dashboard:0:note_str:0': 'n' });
  });

  it('refuse one of two windows that write at the same moment', async () => {
    const { services, key } = await openIris();
    const write = (text: string) =>
      services.handlers['notes.set']({ key, trialNumber: null, version: 0, text }, call);
    const [one, other] = await Promise.allSettled([write('one'), write('other')]);
    expect(one.status).toBe('fulfilled');
    expect(other).toMatchObject({ status: 'rejected', reason: { code: 'NOTE_CHANGED' } });
    const note = await services.handlers['notes.get']({ key, trialNumber: null }, call);
    expect(note).toEqual({ version: 1, text: 'one' });
  });

  it('refuse to write over what somebody else wrote', async () => {
    const { services, key } = await openIris();
    const set = services.handlers['notes.set'];
    await set({ key, trialNumber: 0, version: 0, text: 'theirs' }, call);
    await expect(
      set({ key, trialNumber: 0, version: 0, text: 'mine' }, call),
    ).rejects.toMatchObject({ code: 'NOTE_CHANGED' });
    expect((await services.handlers['notes.get']({ key, trialNumber: 0 }, call)).text).toBe(
      'theirs',
    );
  });
});

it('go with a copied study, to the trials that are copies of theirs', async () => {
  const { services, key } = await openIris();
  const { handlers } = services;
  await handlers['trials.delete']({ key, trialNumbers: [0] }, call);
  await handlers['trials.setHidden']({ key, trialNumbers: [0, 5], isHidden: true }, call);
  await handlers['trials.setTags']({ key, trialNumbers: [6], add: ['six'], remove: [] }, call);
  await handlers['notes.set']({ key, trialNumber: 7, version: 0, text: 'seven' }, call);
  const copy = await handlers['studies.copy']({ key, studyName: 'copy' }, call);
  // Trial 0 is gone, so that its copy's numbers are one lower.
  expect(await annotations(services, copy)).toEqual({
    hidden: [4],
    tags: { 5: ['six'] },
    notes: { 6: 'seven' },
  });
});

it('of a deleted trial go to no other trial of a copied study', async () => {
  const { services, key } = await openIris();
  const { handlers } = services;
  await handlers['trials.setTags']({ key, trialNumbers: [0], add: ['first'], remove: [] }, call);
  await handlers['trials.delete']({ key, trialNumbers: [0] }, call);
  const copy = await handlers['studies.copy']({ key, studyName: 'copy' }, call);
  expect((await annotations(services, copy)).tags).toEqual({});
});

it('go with a study that is copied into another file, to no other trial there', async () => {
  const { services, key } = await openIris();
  const { handlers } = services;
  // In the new file the copy of trial 4 gets an id that another trial has here.
  await handlers['trials.delete']({ key, trialNumbers: [0, 1] }, call);
  await handlers['notes.set']({ key, trialNumber: 4, version: 0, text: 'x'.repeat(5000) }, call);
  await handlers['notes.set']({ key, trialNumber: 6, version: 0, text: 'six' }, call);
  await handlers['notes.set']({ key, trialNumber: null, version: 0, text: 'study' }, call);
  const { storageId } = await handlers['library.openFile'](
    { path: join(temporaryFolder(), 'other.db'), create: true },
    call,
  );
  const copy = await handlers['studies.copy'](
    { key, studyName: 'copy', toStorageId: storageId },
    call,
  );
  expect(copy.storageId).toBe(storageId);
  expect((await annotations(services, copy)).notes).toEqual({
    2: expect.stringMatching(/^x+/) as unknown,
    4: 'six',
  });
  for (const [trialNumber, text] of [
    [2, 'x'.repeat(5000)],
    [4, 'six'],
    [6, ''],
    [null, 'study'],
  ] as const)
    expect(await handlers['notes.get']({ key: copy, trialNumber }, call)).toMatchObject({ text });
  const trials = await services.library.storage(storageId).getTrials(copy.studyId);
  expect(trials.map(({ values, params }) => [values, params])).toEqual(
    (await services.library.storage(key.storageId).getTrials(1)).map(({ values, params }) => [
      values,
      params,
    ]),
  );
});

describe('deleting trials', () => {
  it('is taken back whole', async () => {
    const { services, key } = await openIris();
    const { handlers } = services;
    const storage = services.library.storage(key.storageId);
    const before = await storage.getTrials(1);
    const { undoId } = await handlers['trials.delete']({ key, trialNumbers: [3, 4, 11] }, call);
    expect(await storage.countTrials(1)).toBe(47);
    await handlers['trials.restore']({ undoId }, call);
    expect(await storage.getTrials(1)).toEqual(before);
    await expect(handlers['trials.restore']({ undoId }, call)).rejects.toMatchObject({
      code: 'UNDO_EXPIRED',
    });
  });

  it('deletes none when one of them runs or is not there', async () => {
    const { services, key } = await openIris();
    const storage = services.library.storage(key.storageId);
    const { number } = await storage.createTrial(1);
    for (const other of [number, 999])
      await expect(
        services.handlers['trials.delete']({ key, trialNumbers: [0, other] }, call),
      ).rejects.toThrow();
    expect(await storage.countTrials(1)).toBe(51);
  });
});

describe('trials by hand', () => {
  it('are added with the ranges the study knows', async () => {
    const { services, key } = await openIris();
    const { handlers } = services;
    const params = { n_layers: 2, learning_rate: 0.01 };
    const number = await handlers['trials.add']({ key, params, values: [0.5] }, call);
    expect(number).toBe(50);
    expect(await handlers['trials.get']({ key, trialNumber: number }, call)).toMatchObject({
      state: 'complete',
      values: [0.5],
      params,
    });
  });

  it.each([
    [{ n_layers: 99 }, [0.5], /n_layers/],
    [{ unknown: 1 }, [0.5], /unknown/],
    [{ n_layers: 2 }, [0.5, 0.6], /value/],
  ])('refuses %o with %o', async (params, values, message) => {
    const { services, key } = await openIris();
    await expect(services.handlers['trials.add']({ key, params, values }, call)).rejects.toThrow(
      message,
    );
  });
});
