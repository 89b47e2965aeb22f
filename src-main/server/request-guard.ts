import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';

/**
 * Whether a request names this server as its host. A page of another site whose name was made to point
 * to this machine (DNS rebinding) still sends its own name.
 */
export function isForThisHost(request: IncomingMessage, boundTo: string, port: number): boolean {
  const { host } = request.headers;
  if (host === undefined) {
    return false;
  }
  // Browsers leave out the port that is usual for HTTP.
  const [, name = '', givenPort = '80'] = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(host) ?? [];
  return Number(givenPort) === port && isOwnName(name.toLowerCase(), boundTo);
}

/** Whether a WebSocket was opened by a page of this server and not by that of another site. */
export function isFromOwnPage(request: IncomingMessage): boolean {
  return request.headers.origin === `http://${request.headers.host}`;
}

function isOwnName(name: string, boundTo: string): boolean {
  if (['localhost', '127.0.0.1', '[::1]', boundTo.toLowerCase(), `[${boundTo}]`].includes(name)) {
    return true;
  }
  // Bound to all addresses, it may be called by any of them or by the machine's name; no site can be.
  const isBoundToAll = ['0.0.0.0', '::'].includes(boundTo);
  const isAddress = isIP(name) !== 0 || (name.startsWith('[') && isIP(name.slice(1, -1)) !== 0);
  return isBoundToAll && (isAddress || name === hostname().toLowerCase());
}
