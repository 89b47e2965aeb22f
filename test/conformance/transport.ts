import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Channel } from '../../src-main/contract/channel.ts';
import type { EventName, Events } from '../../src-main/contract/contract.ts';
import { ContractError } from '../../src-main/contract/errors.ts';
import { epochReport, manyTrialIds, studyKey, trialColumns } from './fake-services.ts';
import { eventually } from '../helpers/eventually.ts';

/** A channel to `createFakeServices()` over the transport that is tested. */
export interface TransportUnderTest {
  readonly channel: Channel;
  close(): Promise<void>;
}

/** A transport whose window can go away, its connection broken or its page loaded again. */
export interface LosableTransport extends TransportUnderTest {
  loseWindow(): Promise<void>;
}

/** A transport that serves several windows. */
export interface SharedTransport extends LosableTransport {
  openWindow(): Promise<Channel>;
}

/** How to set up a transport, by what it can do: all that it can is tested. */
export type TransportSetUp =
  | { readonly setUp: () => Promise<TransportUnderTest> }
  | { readonly setUpLosable: () => Promise<LosableTransport> }
  | { readonly setUpShared: () => Promise<SharedTransport> };

/** What every transport has to do, whatever is between the window and the main side. */
export function describeTransport(
  title: string,
  by: TransportSetUp,
  options: { skip?: boolean } = {},
): void {
  describe.skipIf(options.skip)(title, () => {
    let transport: TransportUnderTest;
    let channel: Channel;

    beforeEach(async () => {
      transport =
        'setUp' in by
          ? await by.setUp()
          : 'setUpLosable' in by
            ? await by.setUpLosable()
            : await by.setUpShared();
      ({ channel } = transport);
    });
    afterEach(async () => {
      await transport.close();
    });

    const key = studyKey;
    const emit = (name: EventName): Promise<void> =>
      channel.call('studies.setUserAttr', { key, name, value: null });
    const history = (): Promise<readonly string[]> => channel.call('library.recentFiles', {});

    it('brings results back', async () => {
      expect(await channel.call('system.info', {})).toMatchObject({ appVersion: '1.2.3' });
      expect(await channel.call('runs.get', { key })).toBeNull();
      expect(await channel.call('studies.delete', { key })).toBeUndefined();
    });

    it('keeps NaN, infinities, -0, unicode and typed arrays in results', async () => {
      const columns = await channel.call('trials.changes', { key, sinceRevision: 0 });
      expect(columns).toEqual(trialColumns);
      expect(columns.values[0]).toBeInstanceOf(Float64Array);
      expect(Object.is(columns.values[1]?.[0], -0)).toBe(true);
      expect(Object.is(columns.userAttrs[0]?.values[2], -0)).toBe(true);
    });

    it('carries large results', async () => {
      const columns = await channel.call('trials.changes', { key, sinceRevision: 1 });
      expect(columns.trialIds.length).toBe(manyTrialIds.length);
      expect(columns.trialIds.at(-1)).toBe(manyTrialIds.at(-1));
    });

    it('carries inputs as they are', async () => {
      const params = { ü: null, number: -1.5e-300, integer: 3, text: '\0"🎲', yes: true };
      const error = await failureOf(channel.call('trials.enqueue', { key, params }));
      expect(error).toMatchObject({ code: 'ECHO', message: 'echo', details: { key, params } });
    });

    it('answers many calls at once, each with its own result', async () => {
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, value) =>
          failureOf(channel.call('trials.enqueue', { key, params: { value } })),
        ),
      );
      expect(answers.map(({ details }) => details)).toEqual(
        answers.map((_, value) => ({ key, params: { value } })),
      );
    });

    it('keeps the code and the message of an error, and nothing else of it', async () => {
      const error = await failureOf(channel.call('trials.get', { key, trialNumber: 0 }));
      expect(error).toBeInstanceOf(ContractError);
      expect(error).toMatchObject({
        code: 'TRIAL_NOT_FOUND',
        message: 'No trial has the number 0.',
        details: undefined,
      });
      expect(error.stack).not.toContain('fake-services');
    });

    it.each([
      [1, 'a fault of the program'],
      [2, 'a thrown string'],
      [3, 'Only plain data can be sent, but got a function.'],
    ])('calls anything else that went wrong INTERNAL (%i)', async (trialNumber, message) => {
      const error = await failureOf(channel.call('trials.get', { key, trialNumber }));
      expect(error).toMatchObject({ code: 'INTERNAL', message });
      expect(await channel.call('system.info', {})).toMatchObject({ appVersion: '1.2.3' });
    });

    it('refuses input that does not fit, and says where', async () => {
      const badKey = { storageId: 'x', studyId: -1 };
      const error = await failureOf(channel.call('trials.get', { key: badKey, trialNumber: 1.5 }));
      expect(error.code).toBe('INVALID_INPUT');
      expect(error.message).toContain('key.studyId');
      expect(error.details).toMatchObject([{ path: 'key.studyId' }, { path: 'trialNumber' }]);
      const unknownKey = await failureOf(channel.call('system.info', { surprise: 1 } as never));
      expect(unknownKey.code).toBe('INVALID_INPUT');
    });

    it('refuses calls that do not exist, and what every object has is no call', async () => {
      for (const name of ['trials.nothing', 'object.constructor', 'object.toString']) {
        const error = await failureOf(channel.call(name as never, {} as never));
        expect(error.code).toBe('UNKNOWN_CALL');
      }
    });

    it('aborts a call on both sides', async () => {
      const controller = new AbortController();
      const call = failureOf(channel.call('studies.exportCsv', { key }, controller.signal));
      await eventually(async () => expect(await history()).toEqual(['started']));
      controller.abort();
      expect((await call).code).toBe('ABORTED');
      await eventually(async () => expect(await history()).toEqual(['started', 'aborted']));
    });

    it('does not make a call whose signal was aborted before', async () => {
      const call = channel.call('studies.exportCsv', { key }, AbortSignal.abort());
      expect((await failureOf(call)).code).toBe('ABORTED');
      expect(await history()).toEqual([]);
    });

    it('tells listeners, in order and whole', async () => {
      const heard = listen(channel, 'run.epochs');
      const numbers = listen(channel, 'trials.changed');
      await emit('run.epochs');
      await emit('run.epochs');
      await emit('trials.changed');
      await eventually(() => expect(numbers.payloads).toHaveLength(1));
      const payload = {
        key,
        epochs: [epochReport, { ...epochReport, epoch: epochReport.epoch + 1 }],
      };
      expect(heard.payloads).toEqual([payload, payload]);
    });

    it('tells nobody what they did not subscribe to, or not any more', async () => {
      const epochs = listen(channel, 'run.epochs');
      const others = listen(channel, 'run.epochs');
      const trials = listen(channel, 'trials.changed');
      epochs.end();
      epochs.end();
      await emit('run.epochs');
      await eventually(() => expect(others.payloads).toHaveLength(1));
      others.end();
      await emit('run.epochs');
      await emit('trials.changed');
      await eventually(() => expect(trials.payloads).toHaveLength(1));
      expect(epochs.payloads).toEqual([]);
      expect(others.payloads).toHaveLength(1);
    });

    it('subscribes anew after the last listener left', async () => {
      listen(channel, 'run.epochs').end();
      const again = listen(channel, 'run.epochs');
      await emit('run.epochs');
      await eventually(() => expect(again.payloads).toHaveLength(1));
    });

    if ('setUpShared' in by) {
      it('tells every window', async () => {
        const other = await (transport as SharedTransport).openWindow();
        const here = listen(channel, 'trials.changed');
        const there = listen(other, 'trials.changed');
        await other.call('system.info', {});
        await emit('trials.changed');
        await eventually(() => {
          expect(here.payloads).toHaveLength(1);
          expect(there.payloads).toHaveLength(1);
        });
      });
    }

    if (!('setUp' in by)) {
      it('aborts the calls of a window that went away, and serves the next', async () => {
        // In a page that is loaded again nobody is left to see how this ends.
        void channel.call('studies.exportCsv', { key }).catch(() => {});
        await eventually(async () => expect(await history()).toEqual(['started']));
        await (transport as LosableTransport).loseWindow();
        await eventually(async () => expect(await history()).toEqual(['started', 'aborted']));
      });
    }
  });
}

/** The error that a call failed with. */
export async function failureOf(call: Promise<unknown>): Promise<ContractError> {
  const outcome = await call.then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  );
  if (!('error' in outcome)) {
    throw new Error(`The call should have failed, but gave ${JSON.stringify(outcome.result)}.`);
  }
  return outcome.error as ContractError;
}

function listen<Name extends EventName>(
  channel: Channel,
  name: Name,
): { payloads: Events[Name][]; end: () => void } {
  const payloads: Events[Name][] = [];
  return { payloads, end: channel.subscribe(name, (payload) => payloads.push(payload)) };
}
