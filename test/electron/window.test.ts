import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { ElectronApplication, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { eventually } from '../helpers/eventually.ts';
import { requirements } from '../helpers/requirements.ts';
import { buildDesktop, type Desktop, isLoaded, renew } from '../transports/desktop/open.ts';
import { forbidden, openPageChannel } from '../transports/page-channel.ts';

const needs = requirements('electron', 'display');

describe.skipIf(needs.missing)(needs.title('the desktop window'), () => {
  let desktop: Desktop;
  let app: ElectronApplication;
  let page: Page;

  beforeAll(async () => {
    desktop = await buildDesktop();
    ({ app, page } = await desktop.open());
  });
  afterAll(async () => {
    await app?.close();
    desktop?.remove();
  });
  beforeEach(() => renew(app, page));

  const refusals = (): Promise<string[]> =>
    app.evaluate(() => (globalThis as unknown as { refusals: string[] }).refusals);
  /** Runs in the page, with no types of the DOM. */
  const inPage = <Result>(code: string): Promise<Result> => page.evaluate(code);

  it('keeps Node out of the page', async () => {
    const found = await inPage<Record<string, string>>(`({
      require: typeof require,
      process: typeof process,
      module: typeof module,
      Buffer: typeof Buffer,
      ipcRenderer: typeof parzen.ipcRenderer,
    })`);
    expect(new Set(Object.values(found))).toEqual(new Set(['undefined']));
    const preferences = await app.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents;
      return (
        contents as unknown as { getLastWebPreferences(): Record<string, unknown> }
      ).getLastWebPreferences();
    });
    expect(preferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
    });
    expect(
      await app.evaluate(({ session }) => session.defaultSession.isSpellCheckerEnabled()),
    ).toBe(false);
  });

  it('is a page of its own origin, with storage', async () => {
    expect(page.url()).toBe('app://parzen/');
    expect(await inPage('origin')).toBe('app://parzen');
    await inPage(`localStorage.setItem('kept', '1')`);
    await page.reload();
    await isLoaded(page);
    expect(await inPage(`localStorage.getItem('kept')`)).toBe('1');
  });

  it('serves no file but those of the page', async () => {
    const statuses = await inPage<unknown>(`Promise.all(
      ['/', '/index.html', '/nothing.js', '/../preload.cjs', '/%2e%2e/preload.cjs', '/..%2fpreload.cjs', '/etc/passwd']
        .map((path) => fetch(path).then(({ status }) => status, String)),
    )`);
    expect(statuses).toEqual([200, 200, 404, 404, 404, 404, 404]);
  });

  it('runs no inline script, loads nothing from elsewhere and has no frames', async () => {
    const { violated, wasRun } = await page.evaluate(
      (nWanted) => globalThis.testWindow.tryForbidden(nWanted),
      forbidden.length,
    );
    expect(wasRun).toBe(false);
    expect(violated).toEqual(forbidden);
  });

  it('cannot reach the network even where the policy would let it', async () => {
    const requests: string[] = [];
    const server = createServer((request, response) => {
      requests.push(request.url ?? '');
      response.end('reached');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const urls = [`http://127.0.0.1:${port}/`, 'file:///etc/hostname', 'https://127.0.0.1:9/'];
      const outcomes = await app.evaluate(async ({ BrowserWindow }, urls) => {
        const window = new BrowserWindow({ show: false });
        const outcomes: string[] = [];
        for (const url of urls) {
          outcomes.push(await window.loadURL(url).then(() => 'loaded', String));
        }
        window.destroy();
        return outcomes;
      }, urls);
      for (const outcome of outcomes) {
        expect(outcome).toContain('ERR_BLOCKED_BY_CLIENT');
      }
      expect(requests).toEqual([]);
    } finally {
      server.close();
    }
  });

  it('goes nowhere else and opens no second window', async () => {
    await inPage(`location.href = 'https://example.com/'`);
    await inPage(`location.href = 'app://other/'`);
    expect(await inPage(`window.open('app://parzen/') === null`)).toBe(true);
    await eventually(async () =>
      expect(await refusals()).toEqual(
        expect.arrayContaining([
          'Refused to go to https://example.com/',
          'Refused to go to app://other/',
          'Refused to open app://parzen/ in a window',
        ]),
      ),
    );
    expect(page.url()).toBe('app://parzen/');
    expect(app.windows()).toHaveLength(1);
  });

  it('shows where a link leads before it leaves the program', async () => {
    await app.evaluate(({ dialog, shell }) => {
      const state = globalThis as unknown as { asked: string[]; opened: string[]; answer: number };
      Object.assign(state, { asked: [], opened: [], answer: 1 });
      dialog.showMessageBox = (async ({ detail }: { detail: string }) => {
        state.asked.push(detail);
        return { response: state.answer, checkboxChecked: false };
      }) as never;
      shell.openExternal = async (url) => void state.opened.push(url);
    });
    const state = (): Promise<{ asked: string[]; opened: string[] }> =>
      app.evaluate(() => {
        const { asked, opened } = globalThis as unknown as { asked: string[]; opened: string[] };
        return { asked, opened };
      });
    const open = (url: string): Promise<unknown> => inPage(`window.open('${url}')`);
    await open('https://example.com/a');
    await open('file:///etc/passwd');
    await open('javascript:alert(1)');
    await open('smb://example.com/share');
    await open('http://example.com/b');
    await open('mailto:someone@example.com');
    const links = ['https://example.com/a', 'http://example.com/b', 'mailto:someone@example.com'];
    await eventually(async () => expect((await state()).asked).toEqual(links));
    expect((await state()).opened).toEqual([]);

    await app.evaluate(() => Object.assign(globalThis, { answer: 0 }));
    await open('https://example.com/c');
    await eventually(async () => expect((await state()).opened).toEqual(['https://example.com/c']));
  });

  it('has no permission but to put text on the clipboard', async () => {
    const outcomes = await inPage<Record<string, string>>(`(async () => {
      const name = ({ name }) => name;
      return {
        notifications: await Notification.requestPermission(),
        camera: (await navigator.permissions.query({ name: 'camera' })).state,
        position: await new Promise((resolve) =>
          navigator.geolocation.getCurrentPosition(() => resolve('got'), () => resolve('denied'))),
        midi: await navigator.requestMIDIAccess().then(() => 'got', name),
        clipboardRead: await navigator.clipboard.readText().then(() => 'got', name),
        clipboardWrite: await navigator.clipboard.writeText('x').then(() => 'got', name),
      };
    })()`);
    expect(outcomes).toEqual({
      notifications: 'denied',
      camera: 'denied',
      position: 'denied',
      midi: expect.stringMatching(/NotAllowedError|SecurityError/),
      clipboardRead: 'NotAllowedError',
      clipboardWrite: 'got',
    });
  });

  it('opens where it was closed', async () => {
    const bounds = { x: 40, y: 50, width: 900, height: 650 };
    await app.evaluate(({ BrowserWindow }, bounds) => {
      BrowserWindow.getAllWindows()[0]?.setBounds(bounds);
    }, bounds);
    await app.close();
    ({ app, page } = await desktop.open());
    const restored = await app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.getBounds(),
    );
    expect(restored).toMatchObject({ width: bounds.width, height: bounds.height });
  });

  it('loads a page that crashed again, which the services do not notice, but not for ever', async () => {
    const channel = await openPageChannel(page);
    void channel.call('studies.exportCsv', { key: { storageId: 'x', studyId: 1 } }).catch(() => {});
    await eventually(async () =>
      expect(await channel.call('library.recentFiles', {})).toEqual(['started']),
    );
    await crash(app);
    await eventually(async () => expect(await history(app)).toEqual(['started', 'aborted']));
  });
});

async function crash(app: ElectronApplication): Promise<void> {
  await app.evaluate(async ({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    const gone = new Promise((resolve) => contents?.once('render-process-gone', resolve));
    contents?.forcefullyCrashRenderer();
    await gone;
  });
}

/** What the fake services did, asked through the page that is there now; Playwright lost the crashed one. */
function history(app: ElectronApplication): Promise<unknown> {
  return app.evaluate(async ({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    if (!contents || contents.isCrashed() || contents.isLoading()) return null;
    // `{}` in MessagePack; the reply has the strings of the history in it.
    const call = `parzen.call('library.recentFiles', Uint8Array.of(0x80)).reply
      .then((bytes) => new TextDecoder().decode(bytes).match(/started|aborted/g) ?? [])`;
    // A page that goes down while it is asked never answers.
    const later = new Promise((resolve) => setTimeout(() => resolve(null), 2000));
    return Promise.race([contents.executeJavaScript(call), later]);
  });
}
