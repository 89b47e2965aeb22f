/** What travels between a window and the main side, the same over every wire. */
import { ContractError, contractErrorCodes, type WireError } from './errors.ts';

/** The answer to a call. */
export type Reply =
  | { readonly ok: true; readonly result?: unknown }
  | { readonly ok: false; readonly error: WireError };

/** What a window sends over a WebSocket. `id` is the window's own number for a call. */
export type ClientMessage =
  | { readonly type: 'call'; readonly id: number; readonly name: string; readonly input?: unknown }
  | { readonly type: 'abort'; readonly id: number }
  | { readonly type: 'subscribe' | 'unsubscribe'; readonly name: string };

/**
 * What the main side sends over a WebSocket. `missed`: events were left out because the window did not
 * keep up, fetch snapshots anew. `alive`: nothing but that the connection stands.
 */
export type ServerMessage =
  | { readonly type: 'reply'; readonly id: number; readonly reply: Reply }
  | { readonly type: 'event'; readonly name: string; readonly payload: unknown }
  | { readonly type: 'missed' }
  | { readonly type: 'alive' };

/** Where the WebSocket is, beside the page. */
export const webSocketPath = '/channel';

/** Why the main side closes a WebSocket that it will not accept again. */
export const closeCodes = { badToken: 4401, badMessage: 4400 } as const;

/** How often the main side sends `alive`; a window that hears nothing for three times that gives up. */
export const aliveIntervalMs = 20_000;

/** Electron's channels. Every message starts with the id of the document that sends it. */
export const ipcChannels = {
  call: 'parzen:call',
  abort: 'parzen:abort',
  subscribe: 'parzen:subscribe',
  unsubscribe: 'parzen:unsubscribe',
  event: 'parzen:event',
} as const;

/** A call under way. */
export interface PendingCall {
  readonly reply: Promise<Reply>;
  abort(): void;
}

/**
 * What the preload script gives to Electron's page, as `window.parzen`: no more than the contract.
 * Input, reply and payload are what the codec makes of them, so that a result that cannot be sent is
 * an error here as on the other wires, and crossing into the page costs one copy however large it is.
 */
export interface WindowBridge {
  call(name: string, input: Uint8Array): { reply: Promise<Uint8Array>; abort(): void };
  /** @returns A function that ends the subscription. */
  subscribe(name: string, listener: (payload: Uint8Array) => void): () => void;
  /** Where a file is that the user dropped on the window or chose in it; empty for one that is on no disk. */
  pathOf(file: File): string;
}

/**
 * The result of a call, for whoever made it.
 *
 * @param signal When aborted, the other side is told and the result does not come.
 * @throws ContractError with the code of what went wrong, `ABORTED` when the signal was.
 */
export async function resultOf(start: () => PendingCall, signal?: AbortSignal): Promise<unknown> {
  const aborted = new ContractError({
    code: contractErrorCodes.aborted,
    message: 'The call was aborted.',
  });
  if (signal?.aborted) {
    throw aborted;
  }
  const pending = start();
  const { promise: abortion, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => {
    pending.abort();
    reject(aborted);
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const reply = await Promise.race([pending.reply, abortion]);
    if (!reply.ok) {
      throw new ContractError(reply.error);
    }
    return reply.result;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}
