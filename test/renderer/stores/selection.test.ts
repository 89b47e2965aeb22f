import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { nextTick } from 'vue';

import type { StudyDetail } from '../../../src-main/contract/studies.ts';
import { useSelectionStore, type SelectionStore } from '../../../src-renderer/stores/selection.ts';
import { useStudyStore } from '../../../src-renderer/stores/study.ts';
import { FakeChannel } from '../helpers/fake-channel.ts';
import { toTrialColumns } from '../helpers/trial-columns.ts';
import { installChannel } from '../helpers/with-app.ts';

const key = { storageId: 's1', studyId: 7 };

/** As a window that is opened or loaded anew. */
async function open(studyName: string, nObjectives = 2): Promise<SelectionStore> {
  const directions = Array<string>(nObjectives).fill('minimize');
  const detail = { summary: { key, studyName, directions }, userAttrs: {}, systemAttrs: {} };
  installChannel(
    new FakeChannel({
      'studies.get': () => detail as unknown as StudyDetail,
      'runs.get': () => null,
      'runs.log': () => [],
      'trials.changes': () => toTrialColumns([], {}),
    }),
  );
  await useStudyStore(key).open();
  return useSelectionStore(key);
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
  it('is remembered for the study, until it is taken back', async () => {
    const before = await open('constructor');
    expect(before.referencePoint).toBeNull();
    before.referencePoint = [3, 4];
    await nextTick();

    const after = await open('constructor');
    expect(after.referencePoint).toEqual([3, 4]);
    // It goes to the worker.
    expect(structuredClone(after.referencePoint)).toEqual([3, 4]);
    expect((await open('another')).referencePoint).toBeNull();

    (await open('constructor')).referencePoint = null;
    await nextTick();
    expect((await open('constructor')).referencePoint).toBeNull();
  });

  it('is not taken from a study of the same name with other objectives', async () => {
    (await open('a study', 3)).referencePoint = [1, 2, 3];
    await nextTick();
    expect((await open('a study', 2)).referencePoint).toBeNull();
  });
});
