import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { nextTick } from 'vue';

import type { StudyDetail } from '../../../src-main/contract/studies.ts';
import { useSelectionStore, type SelectionStore } from '../../../src-renderer/stores/selection.ts';
import { useStudyStore } from '../../../src-renderer/stores/study.ts';
import { FakeChannel } from '../helpers/fake-channel.ts';
import { toTrialColumns } from '../helpers/trial-columns.ts';
import { installChannel } from '../helpers/with-app.ts';

const key = { storageId: 's1', studyId: 7 };
const other = { storageId: 's1', studyId: 8 };

/** As a window that is opened or loaded anew. */
async function open(
  studyName: string,
  { key: asked = key, nObjectives = 2 } = {},
): Promise<SelectionStore> {
  const directions = Array<string>(nObjectives).fill('minimize');
  const detail = { summary: { key: asked, studyName, directions }, userAttrs: {}, systemAttrs: {} };
  installChannel(
    new FakeChannel({
      'studies.get': () => detail as unknown as StudyDetail,
      'runs.get': () => null,
      'runs.log': () => [],
      'trials.changes': () => toTrialColumns([], {}),
    }),
  );
  await useStudyStore(asked).open();
  return useSelectionStore(asked);
}

beforeEach(() => {
  const stored = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (name: string) => stored.get(name) ?? null,
    setItem: (name: string, value: string) => stored.set(name, value),
  });
});
afterEach(() => vi.unstubAllGlobals());

describe('the reference point', () => {
  it('is remembered for the study, also under another name, until it is taken back', async () => {
    const before = await open('a study');
    expect(before.referencePoint).toBeNull();
    before.referencePoint = [3, 4];
    await nextTick();

    const after = await open('renamed');
    expect(after.referencePoint).toEqual([3, 4]);
    // It goes to the worker.
    expect(structuredClone(after.referencePoint)).toEqual([3, 4]);
    expect((await open('a study', { key: other })).referencePoint).toBeNull();

    (await open('renamed')).referencePoint = null;
    await nextTick();
    expect((await open('renamed')).referencePoint).toBeNull();
  });

  it('is not taken from a study that was at the same place with other objectives', async () => {
    (await open('a study', { nObjectives: 3 })).referencePoint = [1, 2, 3];
    await nextTick();
    expect((await open('another', { nObjectives: 2 })).referencePoint).toBeNull();
  });
});
