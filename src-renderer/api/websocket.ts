import type { Channel } from '../../src-main/contract/channel.ts';
import { decode, encode } from '../../src-main/contract/codec.ts';
import type { OutputOf } from '../../src-main/contract/contract.ts';
import { contractErrorCodes } from '../../src-main/contract/errors.ts';
import { EventListeners } from '../../src-main/contract/event-listeners.ts';
import {
  aliveIntervalMs,
  type ClientMessage,
  closeCodes,
  type Reply,
  resultOf,
  type ServerMessage,
} from '../../src-main/contract/wire.ts';
import type { ConnectedChannel, ConnectionState } from './connection.ts';

export interface WebSocketChannelOptions {
  /** With the token in it. */
  readonly url: string;
  /** @default the browser's own WebSocket */
  readonly createSocket?: (url: string) => WebSocket;
  /** The wait before the first attempt to connect again; it doubles up to 10 seconds. @default 250 */
  readonly firstRetryMs?: number;
}

const LONGEST_RETRY_MS = 10_000;
const SILENCE_LIMIT_MS = 3 * aliveIntervalMs;

/**
 * A channel to services behind a WebSocket, which connects at once and again whenever the connection
 * is lost. Calls wait for an attempt to connect that is under way; without one, and when the
 * connection is lost, they fail with `DISCONNECTED`.
 */
export function createWebSocketChannel(options: WebSocketChannelOptions): ConnectedChannel {
  const connection = new Connection(options);
  let lastId = 0;

  const call: Channel['call'] = async (name, input, signal) => {
    lastId += 1;
    const id = lastId;
    const frame = toFrame({ type: 'call', id, name, input });
    const result = await resultOf(
      () => ({
        reply: connection.call(id, frame),
        abort: () => connection.abort(id),
      }),
      signal,
    );
    return result as OutputOf<typeof name>;
  };

  return {
    call,
    subscribe: (name, listener) => connection.listeners.subscribe(name, listener),
    onReconnect: (listener) => addTo(connection.reconnectListeners, listener),
    onConnectionChange(listener) {
      listener(connection.state);
      return addTo(connection.stateListeners, listener);
    },
    close: () => connection.close(),
  };
}

class Connection {
  readonly listeners = new EventListeners(
    (name) => this.#sendIfOpen({ type: 'subscribe', name }),
    (name) => this.#sendIfOpen({ type: 'unsubscribe', name }),
  );
  readonly reconnectListeners = new Set<() => void>();
  readonly stateListeners = new Set<(state: ConnectionState) => void>();
  state: ConnectionState = { name: 'connecting' };

  readonly #options: WebSocketChannelOptions;
  readonly #firstRetryMs: number;
  readonly #pending = new Map<number, { frame: Uint8Array; resolve: (reply: Reply) => void }>();
  #socket: WebSocket | null = null;
  #wasConnected = false;
  #retryMs: number;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #silenceTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: WebSocketChannelOptions) {
    this.#options = options;
    this.#firstRetryMs = options.firstRetryMs ?? 250;
    this.#retryMs = this.#firstRetryMs;
    this.#connect();
  }

  call(id: number, frame: Uint8Array<ArrayBuffer>): Promise<Reply> {
    const { promise, resolve } = Promise.withResolvers<Reply>();
    if (this.#socket) {
      this.#pending.set(id, { frame, resolve });
      if (this.#socket.readyState === this.#socket.OPEN) {
        this.#socket.send(frame);
      }
    } else {
      resolve(disconnected(this.state));
    }
    return promise;
  }

  abort(id: number): void {
    if (this.#pending.delete(id)) {
      this.#sendIfOpen({ type: 'abort', id });
    }
  }

  close(): void {
    clearTimeout(this.#retryTimer);
    this.#lose({ name: 'closed', reason: 'The connection was closed.' });
  }

  #connect(): void {
    const createSocket = this.#options.createSocket ?? ((url: string) => new WebSocket(url));
    const socket = createSocket(this.#options.url);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.#onOpen(socket);
    socket.onmessage = ({ data }) => {
      this.#awaitSound();
      this.#onMessage(decode(new Uint8Array(data as ArrayBuffer)) as ServerMessage);
    };
    socket.onclose = ({ code }) => this.#onClose(code);
    this.#socket = socket;
    this.#setState({ name: 'connecting' });
    this.#awaitSound();
  }

  #onOpen(socket: WebSocket): void {
    this.#retryMs = this.#firstRetryMs;
    for (const name of this.listeners.names()) {
      socket.send(toFrame({ type: 'subscribe', name }));
    }
    for (const { frame } of this.#pending.values()) {
      socket.send(frame as Uint8Array<ArrayBuffer>);
    }
    this.#setState({ name: 'connected' });
    if (this.#wasConnected) {
      callAll(this.reconnectListeners);
    }
    this.#wasConnected = true;
  }

  #onMessage(message: ServerMessage): void {
    switch (message.type) {
      case 'reply':
        this.#pending.get(message.id)?.resolve(message.reply);
        this.#pending.delete(message.id);
        break;
      case 'event':
        this.listeners.publish(message.name, message.payload);
        break;
      case 'missed':
        callAll(this.reconnectListeners);
        break;
      case 'alive':
        break;
    }
  }

  #onClose(code: number): void {
    if (code === closeCodes.badToken) {
      const reason =
        'This address is no longer valid: open the one that Parzen printed when it was last started.';
      this.#lose({ name: 'closed', reason });
      return;
    }
    // Many windows must not come back at the same moment.
    const delayMs = this.#retryMs * (0.5 + Math.random() / 2);
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
    this.#lose({ name: 'waiting' });
    this.#retryTimer = setTimeout(() => this.#connect(), delayMs);
  }

  /** Gives up the socket, whatever it does from now on. */
  #lose(state: ConnectionState): void {
    clearTimeout(this.#silenceTimer);
    const socket = this.#socket;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      // A socket that has not opened yet says so when it is closed; nobody needs to know.
      socket.onerror = () => {};
      socket.close();
    }
    this.#socket = null;
    this.#setState(state);
    const lost = [...this.#pending.values()];
    this.#pending.clear();
    for (const { resolve } of lost) {
      resolve(disconnected(state));
    }
  }

  /** A connection can be dead without being closed, after a sleep for one. */
  #awaitSound(): void {
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = setTimeout(() => this.#onClose(1006), SILENCE_LIMIT_MS);
  }

  #sendIfOpen(message: ClientMessage): void {
    if (this.#socket && this.#socket.readyState === this.#socket.OPEN) {
      this.#socket.send(toFrame(message));
    }
  }

  #setState(state: ConnectionState): void {
    this.state = state;
    for (const listener of [...this.stateListeners]) {
      listener(state);
    }
  }
}

function toFrame(message: ClientMessage): Uint8Array<ArrayBuffer> {
  return encode(message);
}

function disconnected(state: ConnectionState): Reply {
  const message =
    state.name === 'closed' ? state.reason : 'There is no connection to Parzen at the moment.';
  return { ok: false, error: { code: contractErrorCodes.disconnected, message } };
}

function addTo<T>(set: Set<T>, item: T): () => void {
  set.add(item);
  return () => set.delete(item);
}

function callAll(listeners: Iterable<() => void>): void {
  for (const listener of [...listeners]) {
    listener();
  }
}
