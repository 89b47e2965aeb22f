import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';

import { decode, encode } from '../contract/codec.ts';
import {
  aliveIntervalMs,
  type ClientMessage,
  closeCodes,
  type ServerMessage,
  webSocketPath,
} from '../contract/wire.ts';
import { ClientSession, type OnEmit } from './client-session.ts';
import { type Dispatch, encodeReply, type TransportLog } from './dispatcher.ts';

/** Calls carry little; the largest is a study's spec. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** With more than this waiting to be sent, a window is told no events until it has caught up. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;

const clientMessage: z.ZodType<ClientMessage> = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('call'),
    id: z.number(),
    name: z.string(),
    input: z.unknown().optional(),
  }),
  z.strictObject({ type: z.literal('abort'), id: z.number() }),
  z.strictObject({ type: z.enum(['subscribe', 'unsubscribe']), name: z.string() }),
]);

export interface WebSocketTransportOptions {
  readonly server: Server;
  readonly dispatch: Dispatch;
  readonly onEmit: OnEmit;
  /** What a window must know. */
  readonly token: string;
  /** Whether the request was made to us and by our own page: the Host and Origin headers. */
  readonly isTrusted: (request: IncomingMessage) => boolean;
  readonly log: TransportLog;
  /** @default 4 MiB */
  readonly maxBufferedBytes?: number;
}

/** Serves the contract to any number of windows over WebSockets of `server`. */
export function serveWebSocket(options: WebSocketTransportOptions): { close(): void } {
  const { server, dispatch, onEmit, log } = options;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  const windows = new Set<WindowConnection>();

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const url = new URL(request.url ?? '/', 'http://parzen');
    if (url.pathname !== webSocketPath || !options.isTrusted(request)) {
      log.warn(
        `Refused a WebSocket to ${request.headers.host} from ${request.headers.origin ?? 'nowhere'}`,
      );
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      if (!isSameSecret(url.searchParams.get('token') ?? '', options.token)) {
        // Browsers do not show a page why a handshake failed, but they do show close codes.
        webSocket.close(closeCodes.badToken, 'wrong token');
        return;
      }
      const connection = new WindowConnection(webSocket, new ClientSession(dispatch), options);
      windows.add(connection);
      webSocket.on('close', () => windows.delete(connection));
    });
  };
  server.on('upgrade', onUpgrade);

  const stopListening = onEmit((name, payload) => {
    let frame: Uint8Array | undefined;
    for (const window of windows) {
      if (window.session.isSubscribed(name)) {
        frame ??= toFrame({ type: 'event', name, payload });
        window.sendEvent(frame);
      }
    }
  });

  const heartbeat = setInterval(() => {
    for (const window of windows) {
      window.checkAlive();
    }
  }, aliveIntervalMs);

  return {
    close() {
      clearInterval(heartbeat);
      stopListening();
      server.off('upgrade', onUpgrade);
      for (const window of windows) {
        window.close();
      }
      sockets.close();
    },
  };
}

class WindowConnection {
  readonly session: ClientSession;
  readonly #socket: WebSocket;
  readonly #log: TransportLog;
  readonly #maxBufferedBytes: number;
  #isAlive = true;
  #hasMissed = false;

  constructor(socket: WebSocket, session: ClientSession, options: WebSocketTransportOptions) {
    this.session = session;
    this.#socket = socket;
    this.#log = options.log;
    this.#maxBufferedBytes = options.maxBufferedBytes ?? MAX_BUFFERED_BYTES;
    socket.on('message', (data: Buffer, isBinary) => this.#onMessage(data, isBinary));
    socket.on('pong', () => {
      this.#isAlive = true;
    });
    socket.on('close', () => session.close());
    socket.on('error', (error) => options.log.warn('A WebSocket failed', error));
  }

  /** A window that does not keep up is told no more events, and once it has caught up, that it missed some. */
  sendEvent(frame: Uint8Array): void {
    if (this.#socket.bufferedAmount > this.#maxBufferedBytes) {
      this.#hasMissed = true;
    } else if (!this.#hasMissed) {
      this.#send(frame);
    }
  }

  /** Ends the connection if nothing came back since the last time. */
  checkAlive(): void {
    if (!this.#isAlive) {
      this.#socket.terminate();
      return;
    }
    this.#isAlive = false;
    this.#socket.ping();
    this.#send(toFrame({ type: 'alive' }));
  }

  close(): void {
    this.#socket.close(1001, 'Parzen is quitting');
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    const message = isBinary ? parseMessage(data) : null;
    if (!message) {
      this.#log.warn('Closed a WebSocket that sent something else than a message');
      this.#socket.close(closeCodes.badMessage, 'not a message');
      return;
    }
    switch (message.type) {
      case 'call':
        void this.#answer(message.id, message.name, message.input);
        break;
      case 'abort':
        this.session.abort(message.id);
        break;
      case 'subscribe':
        this.session.subscribe(message.name);
        break;
      case 'unsubscribe':
        this.session.unsubscribe(message.name);
        break;
    }
  }

  async #answer(id: number, name: string, input: unknown): Promise<void> {
    const answer = await this.session.call(id, name, input);
    this.#send(encodeReply(answer, (reply) => toFrame({ type: 'reply', id, reply })));
  }

  #send(frame: Uint8Array): void {
    if (this.#socket.readyState === this.#socket.OPEN) {
      this.#socket.send(frame, () => this.#onFlushed());
    }
  }

  #onFlushed(): void {
    if (this.#hasMissed && this.#socket.bufferedAmount === 0) {
      this.#hasMissed = false;
      this.#send(toFrame({ type: 'missed' }));
    }
  }
}

function toFrame(message: ServerMessage): Uint8Array {
  return encode(message);
}

function parseMessage(data: Buffer): ClientMessage | null {
  try {
    return clientMessage.parse(decode(data));
  } catch {
    return null;
  }
}

function isSameSecret(given: string, secret: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(secret)];
  return a.length === b.length && timingSafeEqual(a, b);
}
