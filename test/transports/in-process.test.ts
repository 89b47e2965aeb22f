import { expect, it, vi } from 'vitest';

import { createDispatch } from '../../src-main/transports/dispatcher.ts';
import { createInProcessChannel } from '../../src-main/transports/in-process.ts';
import { createFakeServices, studyKey, trialColumns } from '../conformance/fake-services.ts';
import { describeTransport } from '../conformance/transport.ts';
import { eventually } from '../helpers/eventually.ts';

const silent = { warn: () => {}, error: () => {} };

describeTransport('in-process transport', {
  setUp: async () => {
    const { handlers, onEmit } = createFakeServices();
    const channel = createInProcessChannel(createDispatch(handlers, silent), onEmit);
    return { channel, close: async () => channel.close() };
  },
});

it('shares no object with the services', async () => {
  const { handlers, onEmit } = createFakeServices();
  const channel = createInProcessChannel(createDispatch(handlers, silent), onEmit);
  const columns = await channel.call('trials.changes', { key: studyKey, sinceRevision: 0 });
  columns.trialIds[0] = 1234;
  expect(trialColumns.trialIds[0]).toBe(1);
  channel.close();
});

it('aborts what is under way when it is closed', async () => {
  const { handlers, onEmit } = createFakeServices();
  const channel = createInProcessChannel(createDispatch(handlers, silent), onEmit);
  const call = channel.call('studies.exportCsv', { key: studyKey });
  channel.close();
  await expect(call).rejects.toMatchObject({ code: 'ABORTED' });
});

it('lets a listener fail on its own', async () => {
  const { handlers, onEmit } = createFakeServices();
  const channel = createInProcessChannel(createDispatch(handlers, silent), onEmit);
  const uncaught = vi.fn();
  process.prependOnceListener('uncaughtException', uncaught);
  const others = process.listeners('uncaughtException').filter((it) => it !== uncaught);
  process.removeAllListeners('uncaughtException').once('uncaughtException', uncaught);
  try {
    const heard = vi.fn();
    channel.subscribe('library.changed', () => {
      throw new Error('listener failed');
    });
    channel.subscribe('library.changed', heard);
    await channel.call('studies.setUserAttr', {
      key: studyKey,
      name: 'library.changed',
      value: null,
    });
    await eventually(() => expect(uncaught).toHaveBeenCalled());
    expect(heard).toHaveBeenCalledOnce();
  } finally {
    process.removeAllListeners('uncaughtException');
    for (const listener of others) {
      process.on('uncaughtException', listener);
    }
    channel.close();
  }
});
