import { describe, expect, it, vi } from 'vitest';

import type { Handlers } from '../../src-main/contract/contract.ts';
import { createDispatch } from '../../src-main/transports/dispatcher.ts';

const { signal } = new AbortController();

function dispatchTo(handlers: Partial<Handlers>) {
  const log = { warn: vi.fn(), error: vi.fn() };
  return { dispatch: createDispatch(handlers as Handlers, log), log };
}

describe('dispatcher', () => {
  it('gives the handler what the schema made of the input', async () => {
    const handler = vi.fn(async () => []);
    const { dispatch } = dispatchTo({ 'library.recentFiles': handler });
    expect(await dispatch('library.recentFiles', {}, signal)).toEqual({ ok: true, result: [] });
    expect(handler).toHaveBeenCalledWith({}, { signal });
  });

  it('does not call the handler with input that does not fit', async () => {
    const handler = vi.fn();
    const { dispatch, log } = dispatchTo({ 'library.recentFiles': handler });
    for (const input of [undefined, null, 'x', [], { more: 1 }]) {
      const reply = await dispatch('library.recentFiles', input, signal);
      expect(reply).toMatchObject({ ok: false, error: { code: 'INVALID_INPUT' } });
    }
    expect(handler).not.toHaveBeenCalled();
    expect(log.error).not.toHaveBeenCalled();
  });

  it('keeps the stack in the log where there is something behind it: of faults as errors, of foreseen failures as warnings', async () => {
    const fault = new Error('fault');
    const answer = Object.assign(new Error('full'), { code: 'STORAGE_FULL', details: [1] });
    const foreseen = Object.assign(new Error('broken', { cause: fault }), { code: 'BROKEN' });
    const ofSystem = Object.assign(new Error('gone'), { code: 'ENOENT', syscall: 'open' });
    const { dispatch, log } = dispatchTo({
      'library.get': () => Promise.reject(fault),
      'settings.get': () => Promise.reject(foreseen),
      'system.info': () => Promise.reject(ofSystem),
      'library.recentFiles': () => Promise.reject(answer),
    });
    expect(await dispatch('library.get', {}, signal)).toEqual({
      ok: false,
      error: { code: 'INTERNAL', message: 'fault' },
    });
    expect(await dispatch('library.recentFiles', {}, signal)).toEqual({
      ok: false,
      error: { code: 'STORAGE_FULL', message: 'full', details: [1] },
    });
    expect(log.error.mock.calls).toEqual([['library.get failed', fault]]);
    await dispatch('settings.get', {}, signal);
    await dispatch('system.info', {}, signal);
    expect(log.warn.mock.calls).toEqual([
      ['library.recentFiles answered STORAGE_FULL: full'],
      ['settings.get failed', foreseen],
      ['system.info failed', ofSystem],
    ]);
  });

  it('takes a handler that throws before it returns a promise', async () => {
    const { dispatch } = dispatchTo({
      'library.get': () => {
        throw new Error('at once');
      },
    });
    const reply = await dispatch('library.get', {}, signal);
    expect(reply).toMatchObject({ ok: false, error: { message: 'at once' } });
  });

  it('says ABORTED and logs nothing when the caller gave up', async () => {
    const controller = new AbortController();
    const { dispatch, log } = dispatchTo({
      'library.get': async (_input, context) => {
        controller.abort();
        context.signal.throwIfAborted();
        return { storages: [], studies: [] };
      },
    });
    const reply = await dispatch('library.get', {}, controller.signal);
    expect(reply).toMatchObject({ ok: false, error: { code: 'ABORTED' } });
    expect(log.error).not.toHaveBeenCalled();
    expect(log.warn).not.toHaveBeenCalled();
  });
});
