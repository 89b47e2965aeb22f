import { type WindowBridge, webSocketPath } from '../../src-main/contract/wire.ts';
import type { ConnectedChannel } from './connection.ts';
import { createElectronChannel } from './electron.ts';
import { createWebSocketChannel } from './websocket.ts';

declare global {
  interface Window {
    /** Set by the preload script, in Electron only. */
    readonly parzen?: WindowBridge;
  }
}

const TOKEN_KEY = 'parzen:token';

/** The page's one connection to the main side: Electron IPC in the desktop window, a WebSocket in a browser. */
export function createChannel(): ConnectedChannel {
  if (window.parzen) {
    return createElectronChannel(window.parzen);
  }
  const url = new URL(webSocketPath, window.location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.searchParams.set('token', takeToken());
  return createWebSocketChannel({ url: url.href });
}

/** Moves the token from the address bar, where it could be copied along, to this tab's memory. */
function takeToken(): string {
  const address = new URL(window.location.href);
  const token = address.searchParams.get('token');
  if (token === null) {
    return window.sessionStorage.getItem(TOKEN_KEY) ?? '';
  }
  window.sessionStorage.setItem(TOKEN_KEY, token);
  address.searchParams.delete('token');
  window.history.replaceState(window.history.state, '', address);
  return token;
}
