import { request } from 'node:http';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket as NodeWebSocket } from 'ws';

import { decode, encode } from '../../src-main/contract/codec.ts';
import { closeCodes } from '../../src-main/contract/wire.ts';
import { type BrowserServer, serve } from '../../src-main/server/serve.ts';
import { createDispatch } from '../../src-main/transports/dispatcher.ts';
import type { ConnectedChannel } from '../../src-renderer/api/connection.ts';
import { createWebSocketChannel } from '../../src-renderer/api/websocket.ts';
import { createFakeServices, studyKey } from '../conformance/fake-services.ts';
import { describeTransport, failureOf } from '../conformance/transport.ts';
import { eventually } from '../helpers/eventually.ts';

const silent = { warn: () => {}, error: () => {} };

function startServer(port = 0): Promise<BrowserServer> {
  const { handlers, onEmit } = createFakeServices();
  return serve({
    dispatch: createDispatch(handlers, silent),
    onEmit,
    readPage: async () => null,
    host: '127.0.0.1',
    port,
    log: silent,
  });
}

/** The address of the WebSocket that belongs to a page's address. */
function socketUrl(pageUrl: string): URL {
  const url = new URL(pageUrl);
  url.protocol = 'ws:';
  url.pathname = '/channel';
  return url;
}

/** A window, as far as its connection goes; `sockets` are those that it has opened. */
function openChannel(pageUrl: string): { channel: ConnectedChannel; sockets: NodeWebSocket[] } {
  const sockets: NodeWebSocket[] = [];
  const channel = createWebSocketChannel({
    url: socketUrl(pageUrl).href,
    firstRetryMs: 20,
    createSocket(url) {
      const socket = new NodeWebSocket(url, { origin: new URL(pageUrl).origin });
      // A browser only tells that a connection failed; Node would stop the process.
      socket.on('error', () => {});
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
  });
  return { channel, sockets };
}

describeTransport('WebSocket transport', {
  setUpShared: async () => {
    const server = await startServer();
    const { channel, sockets } = openChannel(server.url);
    const others: ConnectedChannel[] = [];
    return {
      channel,
      loseWindow: async () => sockets.at(-1)?.terminate(),
      async openWindow() {
        const { channel: other } = openChannel(server.url);
        others.push(other);
        return other;
      },
      async close() {
        for (const one of [channel, ...others]) {
          one.close();
        }
        await server.close();
      },
    };
  },
});

describe('WebSocket channel', () => {
  let server: BrowserServer;
  let channel: ConnectedChannel;
  let sockets: NodeWebSocket[];
  let states: string[];

  beforeEach(async () => {
    server = await startServer();
    ({ channel, sockets } = openChannel(server.url));
    states = [];
    channel.onConnectionChange(({ name }) => states.push(name));
  });
  afterEach(async () => {
    channel.close();
    await server.close();
  });

  it('lets calls wait for the connection', async () => {
    expect(sockets[0]?.readyState).toBe(NodeWebSocket.CONNECTING);
    expect(await channel.call('system.info', {})).toMatchObject({ appVersion: '1.2.3' });
    expect(states).toEqual(['connecting', 'connected']);
  });

  it('fails pending calls when the connection is lost, and connects again', async () => {
    await channel.call('system.info', {});
    const call = failureOf(channel.call('studies.exportCsv', { key: studyKey }));
    sockets[0]?.terminate();
    expect((await call).code).toBe('DISCONNECTED');
    expect((await failureOf(channel.call('system.info', {}))).code).toBe('DISCONNECTED');
    await eventually(() => expect(states.at(-1)).toBe('connected'));
    expect(states).toEqual(['connecting', 'connected', 'waiting', 'connecting', 'connected']);
    expect(await channel.call('system.info', {})).toMatchObject({ appVersion: '1.2.3' });
  });

  it('says that events were missed after it connected again, and subscribes again before that', async () => {
    const heard = vi.fn();
    const ended = vi.fn();
    channel.subscribe('library.changed', heard);
    channel.subscribe('trials.changed', ended)();
    const { promise: reconnected, resolve } = Promise.withResolvers<void>();
    const onReconnect = vi.fn(resolve);
    channel.onReconnect(onReconnect);
    await channel.call('system.info', {});
    expect(onReconnect).not.toHaveBeenCalled();

    sockets[0]?.terminate();
    await reconnected;
    const emit = (name: string): Promise<void> =>
      channel.call('studies.setUserAttr', { key: studyKey, name, value: null });
    await emit('trials.changed');
    await emit('library.changed');
    await eventually(() => expect(heard).toHaveBeenCalledOnce());
    expect(ended).not.toHaveBeenCalled();
  });

  it('tries until there is a server again', async () => {
    await channel.call('system.info', {});
    const { port } = new URL(server.url);
    await server.close();
    await eventually(() => expect(states.filter((it) => it === 'connecting').length).toBe(4));
    server = await startServer(Number(port));
    // A new server has a new token: the page has to be opened anew, and trying on would be no use.
    await eventually(() => expect(states.at(-1)).toBe('closed'));
    const error = await failureOf(channel.call('system.info', {}));
    expect(error.code).toBe('DISCONNECTED');
    expect(error.message).toContain('open the one that Parzen printed');
  });

  it('notices a connection that is dead without being closed', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      channel.close();
      ({ channel, sockets } = openChannel(server.url));
      await channel.call('system.info', {});
      const call = failureOf(channel.call('studies.exportCsv', { key: studyKey }));
      vi.advanceTimersByTime(60_001);
      expect((await call).code).toBe('DISCONNECTED');
      vi.advanceTimersByTime(100);
      expect(sockets).toHaveLength(2);
    } finally {
      vi.useRealTimers();
    }
    expect(await channel.call('system.info', {})).toMatchObject({ appVersion: '1.2.3' });
  });

  it('fails calls after it was closed', async () => {
    await channel.call('system.info', {});
    channel.close();
    expect((await failureOf(channel.call('system.info', {}))).code).toBe('DISCONNECTED');
    expect(states.at(-1)).toBe('closed');
  });

  it('does not send a call that was aborted before there was a connection', async () => {
    const controller = new AbortController();
    const call = failureOf(channel.call('studies.exportCsv', { key: studyKey }, controller.signal));
    controller.abort();
    expect((await call).code).toBe('ABORTED');
    expect(await channel.call('library.recentFiles', {})).toEqual([]);
  });
});

describe('WebSocket server', () => {
  let server: BrowserServer;
  const open: NodeWebSocket[] = [];

  beforeEach(async () => {
    server = await startServer();
  });
  afterEach(async () => {
    for (const socket of open.splice(0)) {
      socket.terminate();
    }
    await server.close();
  });

  /** How an attempt to connect ends: the close code, `HTTP …`, or 'open'. */
  async function attempt(
    change: (url: URL) => void,
    headers: Record<string, string> = {},
  ): Promise<string> {
    const url = socketUrl(server.url);
    change(url);
    const socket = new NodeWebSocket(url, {
      headers: { Origin: new URL(server.url).origin, ...headers },
    });
    open.push(socket);
    return new Promise((resolve) => {
      socket.on('unexpected-response', (_request, { statusCode }) => resolve(`HTTP ${statusCode}`));
      socket.on('close', (code) => resolve(String(code)));
      socket.on('open', () => {
        socket.on('message', () => resolve('answered'));
        socket.send(encode({ type: 'call', id: 1, name: 'system.info', input: {} }));
      });
      socket.on('error', () => {});
    });
  }

  it('answers a page of its own with the token', async () => {
    expect(await attempt(() => {})).toBe('answered');
    const { port } = new URL(server.url);
    const headers = { Host: `localhost:${port}`, Origin: `http://localhost:${port}` };
    expect(await attempt(() => {}, headers)).toBe('answered');
  });

  it.each([
    ['without a token', (url: URL) => url.searchParams.delete('token')],
    ['with a wrong token', (url: URL) => url.searchParams.set('token', 'x'.repeat(32))],
    ['with the start of the token', (url: URL) => url.searchParams.set('token', 'x')],
  ])('closes a page %s for good', async (_title, change) => {
    expect(await attempt(change)).toBe(String(closeCodes.badToken));
  });

  it('refuses pages of other sites, and names that are not its own', async () => {
    const { port } = new URL(server.url);
    const refused: Record<string, string>[] = [
      { Origin: 'http://evil.example' },
      { Origin: `http://localhost:${port}` },
      { Origin: `http://127.0.0.1:${Number(port) + 1}` },
      { Origin: `https://127.0.0.1:${port}` },
      { Origin: 'null' },
      { Origin: '' },
      { Host: `evil.example:${port}`, Origin: `http://evil.example:${port}` },
      { Host: `127.0.0.1.evil.example:${port}`, Origin: `http://127.0.0.1.evil.example:${port}` },
      { Host: '127.0.0.1', Origin: 'http://127.0.0.1' },
      { Host: `192.168.0.1:${port}`, Origin: `http://192.168.0.1:${port}` },
    ];
    for (const headers of refused) {
      expect([headers, await attempt(() => {}, headers)]).toEqual([headers, 'HTTP 403']);
    }
    expect(await attempt((url) => (url.pathname = '/other'))).toBe('HTTP 403');
  });

  it('serves no file under a name that is not its own', async () => {
    const { port } = new URL(server.url);
    const status = (Host: string, method = 'GET'): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        request({ host: '127.0.0.1', port, method, path: '/', headers: { Host } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on('error', reject)
          .end();
      });
    expect(await status(`evil.example:${port}`)).toBe(403);
    expect(await status(`127.0.0.1:${port}`)).toBe(404);
    expect(await status(`127.0.0.1:${port}`, 'POST')).toBe(405);
  });

  it.each([
    ['text', 'hello'],
    ['something else than MessagePack', Buffer.from([0xc1])],
    ['another message', Buffer.from(encode({ type: 'eval', code: '1' }))],
    ['a message with more in it', Buffer.from(encode({ type: 'abort', id: 1, more: 1 }))],
  ])('closes a connection that sends %s', async (_title, data) => {
    const socket = new NodeWebSocket(socketUrl(server.url), { origin: new URL(server.url).origin });
    open.push(socket);
    const code = await new Promise((resolve) => {
      socket.on('close', resolve);
      socket.on('open', () => socket.send(data));
    });
    expect(code).toBe(closeCodes.badMessage);
  });

  it('sends a window only what it subscribed to, and only as long as it is', async () => {
    const socket = new NodeWebSocket(socketUrl(server.url), { origin: new URL(server.url).origin });
    open.push(socket);
    const received: string[] = [];
    socket.on('message', (data: Buffer) => {
      const message = decode(data) as { type: string; name?: string; id?: number };
      received.push(message.name ?? `${message.type} ${message.id}`);
    });
    await new Promise((resolve) => socket.on('open', resolve));
    const send = (message: object): void => socket.send(encode(message));
    const emit = (id: number, name: string): void =>
      send({
        type: 'call',
        id,
        name: 'studies.setUserAttr',
        input: { key: studyKey, name, value: null },
      });
    send({ type: 'subscribe', name: 'library.changed' });
    emit(1, 'library.changed');
    emit(2, 'run.epochs');
    send({ type: 'unsubscribe', name: 'library.changed' });
    emit(3, 'library.changed');
    await eventually(() => expect(received).toContain('reply 3'));
    expect(received).toEqual(['library.changed', 'reply 1', 'reply 2', 'reply 3']);
  });

  it('leaves out events for a window that does not read, and tells it so when it does', async () => {
    const { channel } = openChannel(server.url);
    const socket = new NodeWebSocket(socketUrl(server.url), { origin: new URL(server.url).origin });
    open.push(socket);
    const types: string[] = [];
    socket.on('message', (data: Buffer) => {
      const { type } = decode(data) as { type: string };
      types.push(type);
    });
    await new Promise((resolve) => socket.on('open', resolve));
    const send = (message: object): void => socket.send(encode(message));
    send({ type: 'subscribe', name: 'library.changed' });
    send({ type: 'call', id: 0, name: 'system.info', input: {} });
    await eventually(() => expect(types).toEqual(['reply']));

    // Replies of 4 MB each are more than the kernel takes from a server whose client does not read.
    const nReplies = 8;
    for (let id = 1; id <= nReplies; id += 1) {
      send({
        type: 'call',
        id,
        name: 'trials.changes',
        input: { key: studyKey, sinceRevision: 1 },
      });
    }
    socket.pause();
    for (let i = 0; i < 10; i += 1) {
      await channel.call('studies.setUserAttr', {
        key: studyKey,
        name: 'library.changed',
        value: null,
      });
    }
    socket.resume();
    await eventually(() => expect(types).toContain('missed'));
    expect(types.filter((type) => type === 'reply')).toHaveLength(1 + nReplies);
    expect(types.filter((type) => type === 'missed')).toHaveLength(1);
    expect(types.filter((type) => type === 'event').length).toBeLessThan(10);

    await channel.call('studies.setUserAttr', {
      key: studyKey,
      name: 'library.changed',
      value: null,
    });
    await eventually(() => expect(types.at(-1)).toBe('event'));
    channel.close();
  });
});
