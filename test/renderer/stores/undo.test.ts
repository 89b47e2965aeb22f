import { beforeEach, describe, expect, it, vi } from 'vitest';

import { useUndoStore } from '../../../src-renderer/stores/undo.ts';
import { FakeChannel } from '../helpers/fake-channel.ts';
import { installChannel } from '../helpers/with-app.ts';

describe('useUndoStore', () => {
  beforeEach(() => installChannel(new FakeChannel()));

  it('takes back the last thing first', async () => {
    const store = useUndoStore();
    const undone: string[] = [];
    for (const label of ['first', 'second'])
      store.offer({ label, undo: async () => undone.push(label) });
    expect(store.shown?.label).toBe('second');
    expect((await store.undo())?.label).toBe('second');
    expect((await store.undo())?.label).toBe('first');
    expect(await store.undo()).toBeNull();
    expect(undone).toEqual(['second', 'first']);
  });

  it('keeps an offer that could not be taken back', async () => {
    const store = useUndoStore();
    const undo = vi.fn(async () => {});
    undo.mockRejectedValueOnce(new Error('The file is busy.'));
    store.offer({ label: 'a deletion', undo });
    await expect(store.undo()).rejects.toThrow('The file is busy.');
    expect((await store.undo())?.label).toBe('a deletion');
    expect(undo).toHaveBeenCalledTimes(2);
  });

  it('does one thing at a time, and that only once', async () => {
    const store = useUndoStore();
    const { promise, resolve } = Promise.withResolvers<void>();
    const undo = vi.fn(() => promise);
    store.offer({ label: 'a deletion', undo });
    const first = store.undo();
    expect(await store.undo()).toBeNull();
    resolve();
    await first;
    expect(undo).toHaveBeenCalledTimes(1);
  });

  it('can be taken back after it is no longer shown', async () => {
    const store = useUndoStore();
    store.offer({ label: 'a deletion', undo: async () => {} });
    store.hide();
    expect(store.shown).toBeNull();
    expect((await store.undo())?.label).toBe('a deletion');
  });

  it('forgets what was withdrawn, and the oldest of many', async () => {
    const store = useUndoStore();
    const offers = Array.from({ length: 25 }, (_, i) => ({ label: `${i}`, undo: async () => {} }));
    for (const offer of offers) store.offer(offer);
    expect(await store.undo(offers[0])).toBeNull();
    store.withdraw(offers[24] as (typeof offers)[0]);
    expect(store.last?.label).toBe('23');
  });
});
