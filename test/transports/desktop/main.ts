/** Electron's side of the transport tests: the app's own window, protocol and IPC over fake services. */
import { app, session } from 'electron';

import { appOrigin, registerAppScheme, serveApp } from '../../../src-main/electron/app-protocol.ts';
import { isOfOrigin, secureApp } from '../../../src-main/electron/security.ts';
import { createMainWindow } from '../../../src-main/electron/window.ts';
import { openPage } from '../../../src-main/page.ts';
import { createDispatch } from '../../../src-main/transports/dispatcher.ts';
import { serveIpc } from '../../../src-main/transports/electron-ipc.ts';
import { createFakeServices } from '../../conformance/fake-services.ts';

const { PARZEN_TEST_DIR = '', PARZEN_TEST_PAGE = '', PARZEN_TEST_PRELOAD = '' } = process.env;
/** What was refused, for the tests to look at. */
const refusals: string[] = [];
const log = {
  warn: (message: string) => void refusals.push(message),
  error: (message: string, error?: unknown) => console.error(message, error),
};
const { handlers, onEmit, reset } = createFakeServices();
Object.assign(globalThis, { refusals, reset });

app.setPath('userData', `${PARZEN_TEST_DIR}/user-data`);
registerAppScheme();
void app.whenReady().then(() => {
  secureApp({ pageOrigin: appOrigin, log });
  serveApp(session.defaultSession, openPage(PARZEN_TEST_PAGE));
  const ipc = serveIpc({
    dispatch: createDispatch(handlers, { warn: () => {}, error: () => {} }),
    onEmit,
    isOurPage: ({ url }) => isOfOrigin(url, appOrigin),
    log,
  });
  app.on('browser-window-created', (_event, window) => ipc.attach(window.webContents));
  createMainWindow({
    pageUrl: `${appOrigin}/`,
    preloadPath: PARZEN_TEST_PRELOAD,
    statePath: `${PARZEN_TEST_DIR}/window-state.json`,
    log,
    onCrashLoop: () => void refusals.push('crash loop'),
    onHang: () => void refusals.push('hang'),
  });
});
app.on('window-all-closed', () => app.quit());
