import type { Channel } from '../contract/channel.ts';
import { decode, encode } from '../contract/codec.ts';
import type { OutputOf } from '../contract/contract.ts';
import { EventListeners } from '../contract/event-listeners.ts';
import { type Reply, resultOf } from '../contract/wire.ts';
import { ClientSession, type OnEmit } from './client-session.ts';
import { type Dispatch, encodeReply } from './dispatcher.ts';

/**
 * A channel to services in the same process. Everything is encoded and decoded as on a wire, so that
 * nothing works here that would not work there, and nobody shares an object with the services.
 */
export function createInProcessChannel(
  dispatch: Dispatch,
  onEmit: OnEmit,
): Channel & { close(): void } {
  const session = new ClientSession(dispatch);
  const listeners = new EventListeners(
    (name) => session.subscribe(name),
    (name) => session.unsubscribe(name),
  );
  const stopListening = onEmit((name, payload) => {
    if (session.isSubscribed(name)) {
      const bytes = encode(payload);
      queueMicrotask(() => listeners.publish(name, decode(bytes)));
    }
  });
  let lastId = 0;

  return {
    async call(name, input, signal) {
      lastId += 1;
      const id = lastId;
      const request = encode(input);
      const result = await resultOf(
        () => ({
          reply: session.call(id, name, decode(request)).then(overTheWire),
          abort: () => session.abort(id),
        }),
        signal,
      );
      return result as OutputOf<typeof name>;
    },
    subscribe: (name, listener) => listeners.subscribe(name, listener),
    // Nothing can be missed here.
    onReconnect: () => () => {},
    close() {
      stopListening();
      session.close();
    },
  };
}

function overTheWire(reply: Reply): Reply {
  return decode(encodeReply(reply, encode)) as Reply;
}
