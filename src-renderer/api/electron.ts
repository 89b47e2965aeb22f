import { decode, encode } from '../../src-main/contract/codec.ts';
import type { OutputOf } from '../../src-main/contract/contract.ts';
import { contractErrorCodes } from '../../src-main/contract/errors.ts';
import { EventListeners } from '../../src-main/contract/event-listeners.ts';
import { type Reply, resultOf, type WindowBridge } from '../../src-main/contract/wire.ts';
import type { ConnectedChannel } from './connection.ts';

/** A channel over what Electron's preload script gave to the page. The main process cannot get lost. */
export function createElectronChannel(bridge: WindowBridge): ConnectedChannel {
  const ends = new Map<string, () => void>();
  const listeners = new EventListeners(
    (name) =>
      ends.set(
        name,
        bridge.subscribe(name, (payload) => listeners.publish(name, decode(payload))),
      ),
    (name) => {
      ends.get(name)?.();
      ends.delete(name);
    },
  );

  return {
    async call(name, input, signal) {
      const result = await resultOf(() => {
        const { reply, abort } = bridge.call(name, encode(input));
        return { reply: reply.then(toReply, toFailure), abort };
      }, signal);
      return result as OutputOf<typeof name>;
    },
    subscribe: (name, listener) => listeners.subscribe(name, listener),
    onReconnect: () => () => {},
    onConnectionChange(listener) {
      listener({ name: 'connected' });
      return () => {};
    },
    close() {
      for (const end of ends.values()) {
        end();
      }
      ends.clear();
    },
  };
}

function toReply(bytes: Uint8Array): Reply {
  return decode(bytes) as Reply;
}

/** The main process answers with a `Reply` even when a call fails: this is a fault of the wire itself. */
function toFailure(error: unknown): Reply {
  const message = error instanceof Error ? error.message : String(error);
  return { ok: false, error: { code: contractErrorCodes.internal, message } };
}
