import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { ReadPage } from '../page.ts';
import type { OnEmit } from '../transports/client-session.ts';
import type { Dispatch, TransportLog } from '../transports/dispatcher.ts';
import { serveWebSocket } from '../transports/websocket.ts';
import { isForThisHost, isFromOwnPage } from './request-guard.ts';

export interface ServeOptions {
  readonly readPage: ReadPage;
  readonly dispatch: Dispatch;
  readonly onEmit: OnEmit;
  /** The address to listen at; beyond this machine only when the user asks for it. */
  readonly host: string;
  /** 0: one that is free. */
  readonly port: number;
  readonly log: TransportLog;
}

export interface BrowserServer {
  /** Where to open it, with the token without which a page can do nothing. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves the page and, to pages that know the token, the contract.
 *
 * @throws Error of Node when it cannot listen there (`EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`).
 */
export async function serve(options: ServeOptions): Promise<BrowserServer> {
  const { host, log } = options;
  const token = randomBytes(24).toString('base64url');
  let port = options.port;
  const isForUs = (request: IncomingMessage): boolean => isForThisHost(request, host, port);

  const server = createServer((request, response) => {
    answer(request, response, isForUs(request) ? options.readPage : null).catch(
      (error: unknown) => {
        log.error(`${request.url} could not be served`, error);
        response.destroy();
      },
    );
  });
  const webSocket = serveWebSocket({
    ...options,
    server,
    token,
    isTrusted: (request) => isForUs(request) && isFromOwnPage(request),
  });
  try {
    await listen(server, host, port);
  } catch (error) {
    webSocket.close();
    throw error;
  }
  ({ port } = server.address() as AddressInfo);

  const name = ['0.0.0.0', '::'].includes(host) ? 'localhost' : host;
  const authority = name.includes(':') ? `[${name}]` : name;
  return {
    url: `http://${authority}:${port}/?token=${token}`,
    close() {
      webSocket.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  readPage: ReadPage | null,
): Promise<void> {
  const plain = { 'Content-Type': 'text/plain; charset=utf-8' };
  if (!readPage) {
    response.writeHead(403, plain).end('This server is known by another name.\n');
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response
      .writeHead(405, { ...plain, Allow: 'GET, HEAD' })
      .end('Only GET and HEAD are served.\n');
    return;
  }
  const { pathname } = new URL(request.url ?? '/', 'http://parzen');
  const file = await readPage(pathname);
  if (!file) {
    response.writeHead(404, plain).end('There is no such file.\n');
    return;
  }
  response.writeHead(200, { ...file.headers, 'Content-Length': file.body.length });
  response.end(request.method === 'HEAD' ? undefined : file.body);
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
