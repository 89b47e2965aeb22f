import { app, dialog, type Session, session, shell, type WebContents } from 'electron';

/** Where pages may come from: the app itself and, in development, Vite's server. */
export interface SecurityOptions {
  readonly pageOrigin: string;
  readonly log: { warn(message: string): void };
}

/**
 * Electron's security checklist as far as it is not a setting of the window: no page but ours, no
 * second window, no webview, no permission, no network. Applies to all windows; call it once the app
 * is ready and before the first.
 */
export function secureApp({ pageOrigin, log }: SecurityOptions): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-attach-webview', (event) => {
      event.preventDefault();
      log.warn('Refused a webview');
    });
    contents.on('will-frame-navigate', (event) => {
      if (!isOfOrigin(event.url, pageOrigin) || !event.isMainFrame) {
        event.preventDefault();
        log.warn(`Refused to go to ${event.url}`);
      }
    });
    contents.setWindowOpenHandler(({ url }) => {
      log.warn(`Refused to open ${url} in a window`);
      void offerLink(contents, url);
      return { action: 'deny' };
    });
  });
  secureSession(session.defaultSession, pageOrigin, log);
}

/** `URL.origin` is 'null' for schemes that URLs do not know. */
export function isOfOrigin(url: string, origin: string): boolean {
  if (!URL.canParse(url)) {
    return false;
  }
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}` === origin;
}

function secureSession(target: Session, pageOrigin: string, log: SecurityOptions['log']): void {
  // Copying text is all that the page may do beyond its window, and it may only put text there.
  const isAllowed = (permission: string, origin: string): boolean =>
    permission === 'clipboard-sanitized-write' && isOfOrigin(origin, pageOrigin);
  target.setPermissionCheckHandler((_contents, permission, origin) =>
    isAllowed(permission, origin),
  );
  target.setPermissionRequestHandler((_contents, permission, callback, { requestingUrl }) => {
    const allowed = isAllowed(permission, requestingUrl);
    if (!allowed) {
      log.warn(`Refused the permission ${permission}`);
    }
    callback(allowed);
  });
  target.setDevicePermissionHandler(() => false);
  // Its dictionaries would be downloaded.
  target.setSpellCheckerEnabled(false);
  target.webRequest.onBeforeRequest(
    { urls: ['http://*/*', 'https://*/*', 'ws://*/*', 'wss://*/*', 'ftp://*/*', 'file://*/*'] },
    ({ url }, callback) => {
      const isOwnServer = isOfOrigin(url.replace(/^ws/, 'http'), pageOrigin);
      if (!isOwnServer) {
        log.warn(`Refused to load ${url}`);
      }
      callback({ cancel: !isOwnServer });
    },
  );
}

const linkProtocols: readonly string[] = ['http:', 'https:', 'mailto:'];

/** A link leads out of the program only when the user has seen where to. */
async function offerLink(contents: WebContents, url: string): Promise<void> {
  if (contents.isDestroyed() || !URL.canParse(url)) {
    return;
  }
  const { protocol } = new URL(url);
  if (!linkProtocols.includes(protocol)) {
    return;
  }
  const { response } = await dialog.showMessageBox({
    type: 'question',
    message:
      protocol === 'mailto:'
        ? 'Write to this address in your mail program?'
        : 'Open this address in your browser?',
    detail: url,
    buttons: ['Open', 'Cancel'],
    defaultId: 1,
    cancelId: 1,
  });
  if (response === 0) {
    await shell.openExternal(url);
  }
}
