import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { StudyKey } from '../../src-main/contract/library.ts';
import { openStorage } from '../../src-main/open-storage.ts';
import type { Services } from '../../src-main/services/services.ts';
import { eventually } from '../helpers/eventually.ts';
import { temporaryFolder } from '../helpers/cli.ts';
import { call, nextEvent, startServices } from '../helpers/services.ts';

const names = async ({ handlers }: Services): Promise<string[]> =>
  (await handlers['library.get']({}, call)).studies.map(({ studyName }) => studyName);
const remove = ({ handlers }: Services, key: StudyKey) => handlers['studies.delete']({ key }, call);
const restore = ({ handlers }: Services, key: StudyKey) =>
  handlers['studies.restore']({ key }, call);
async function createWithTrials(services: Services, studyName: string): Promise<StudyKey> {
  const key = await services.handlers['studies.create']({ spec: 'iris', studyName, seed: 1 }, call);
  await services.handlers['runs.start']({ key, targetTrials: 3 }, call);
  await services.runs.ended(key);
  return key;
}
async function studiesIn(folder: string): Promise<string[]> {
  const storage = await openStorage(join(folder, 'studies.db'));
  const found = (await storage.getStudies()).map(({ studyName }) => studyName);
  await storage.close();
  return found;
}

describe('studies.delete', () => {
  it('takes the study away, and studies.restore brings it back with all its trials', async () => {
    const services = await startServices();
    const key = await createWithTrials(services, 'one');
    const storage = services.library.storage(key.storageId);
    const before = await storage.getTrials(key.studyId);
    const told = nextEvent(services, 'study.deleted');
    await remove(services, key);
    expect(await told).toEqual({ key });
    expect(await names(services)).toEqual([]);
    await expect(services.handlers['studies.get']({ key }, call)).rejects.toMatchObject({
      code: 'STUDY_NOT_FOUND',
    });
    await expect(remove(services, key)).rejects.toMatchObject({ code: 'STUDY_NOT_FOUND' });

    await restore(services, key);
    expect(await names(services)).toEqual(['one']);
    expect(await storage.getTrials(key.studyId)).toEqual(before);
    expect(before).toHaveLength(3);
    await expect(restore(services, key)).rejects.toMatchObject({ code: 'UNDO_EXPIRED' });
  });

  it('frees the name, and gives it back as far as it is free', async () => {
    const services = await startServices();
    const create = (studyName: string) =>
      services.handlers['studies.create']({ spec: 'iris', studyName }, call);
    const key = await create('one');
    await remove(services, key);
    const second = await create('one');
    await remove(services, second);
    await create('one');
    await restore(services, key);
    await restore(services, second);
    expect((await names(services)).sort()).toEqual(['one', 'one 2', 'one 3']);
  });

  it('is final when the program ends', async () => {
    const folder = temporaryFolder();
    const services = await startServices(folder);
    const key = await services.handlers['studies.create']({ spec: 'iris', studyName: 'a' }, call);
    await services.handlers['studies.create']({ spec: 'iris', studyName: 'b' }, call);
    await remove(services, key);
    expect(await studiesIn(folder)).toHaveLength(2);
    await services.close();
    expect(await studiesIn(folder)).toEqual(['b']);
  });

  it('is not finished by another program that opens and closes the file', async () => {
    const folder = temporaryFolder();
    const services = await startServices(folder);
    const key = await services.handlers['studies.create']({ spec: 'iris', studyName: 'a' }, call);
    await remove(services, key);

    const other = await startServices(folder);
    expect(await names(other)).toEqual([]);
    await other.close();
    expect(await studiesIn(folder)).toHaveLength(1);
    await restore(services, key);
    expect(await names(services)).toEqual(['a']);
  });

  it('outlasts a program that was killed, and is finished by a later one', async () => {
    const folder = temporaryFolder();
    const services = await startServices(folder);
    const key = await services.handlers['studies.create']({ spec: 'iris', studyName: 'a' }, call);
    await remove(services, key);
    const later = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 11 * 60_000);
    try {
      // Another program on the same file, as after a kill.
      await startServices(folder);
      await eventually(async () => expect(await studiesIn(folder)).toEqual([]));
    } finally {
      later.mockRestore();
    }
  });

  it('is final after ten minutes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    try {
      const folder = temporaryFolder();
      const services = await startServices(folder);
      const key = await services.handlers['studies.create']({ spec: 'iris' }, call);
      await remove(services, key);
      await vi.advanceTimersByTimeAsync(9 * 60_000);
      expect(await studiesIn(folder)).toHaveLength(1);
      await vi.advanceTimersByTimeAsync(2 * 60_000);
      vi.useRealTimers();
      await eventually(async () => expect(await studiesIn(folder)).toEqual([]));
      await expect(restore(services, key)).rejects.toMatchObject({ code: 'UNDO_EXPIRED' });
    } finally {
      vi.useRealTimers();
    }
  });

  it('tells windows that show the study when it is back', async () => {
    const services = await startServices();
    const key = await services.handlers['studies.create']({ spec: 'iris' }, call);
    await remove(services, key);
    const told = nextEvent(services, 'study.changed');
    await restore(services, key);
    expect(await told).toEqual({ key });
  });
});
