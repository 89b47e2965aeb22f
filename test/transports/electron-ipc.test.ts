import type { ElectronApplication, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Channel } from '../../src-main/contract/channel.ts';
import { describeTransport } from '../conformance/transport.ts';
import { requirements } from '../helpers/requirements.ts';
import { buildDesktop, type Desktop, isLoaded, renew } from './desktop/open.ts';
import { openPageChannel } from './page-channel.ts';

const needs = requirements('electron', 'display');
let desktop: Desktop;
let app: ElectronApplication;
let page: Page;
let channel: Channel;

beforeAll(async () => {
  if (!needs.missing) {
    desktop = await buildDesktop();
    ({ app, page } = await desktop.open());
    channel = await openPageChannel(page);
  }
});
afterAll(async () => {
  await app?.close();
  desktop?.remove();
});

describeTransport(
  needs.title('Electron IPC transport'),
  {
    setUpLosable: async () => {
      await renew(app, page);
      return {
        channel,
        async loseWindow() {
          await page.reload();
          await isLoaded(page);
        },
        close: async () => {},
      };
    },
  },
  { skip: needs.missing },
);

describe.skipIf(needs.missing)(needs.title('Electron IPC'), () => {
  it('answers our own page only, though others have the same preload script', async () => {
    const answers = await app.evaluate(async ({ BrowserWindow }) => {
      const [own] = BrowserWindow.getAllWindows();
      const stranger = new BrowserWindow({
        show: false,
        webPreferences: { preload: process.env.PARZEN_TEST_PRELOAD, sandbox: true },
      });
      // 0x80 is `{}` in MessagePack.
      const call = `parzen.call('system.info', Uint8Array.of(0x80)).reply.then(String, String)`;
      await stranger.loadURL('app://stranger/');
      const refused: unknown = await stranger.webContents.executeJavaScript(call);
      const answered: unknown = await own?.webContents.executeJavaScript(call);
      stranger.destroy();
      return { refused, answered };
    });
    expect(answers.refused).toContain('may not call the main process');
    expect(answers.answered).toMatch(/^\d+,/);
  });

  it('gives the page three functions and lets it name calls only', async () => {
    const bridge = await page.evaluate(() => {
      const { parzen } = globalThis as unknown as {
        parzen: { call(name: unknown, input: unknown): unknown; subscribe: unknown };
      };
      const failure = (name: unknown, input: unknown): string => {
        try {
          parzen.call(name, input);
          return 'nothing';
        } catch (error) {
          return String(error);
        }
      };
      return {
        keys: Object.keys(parzen).sort(),
        isFrozen: Object.isFrozen(parzen),
        channel: failure('parzen:call', new Uint8Array(1)),
        object: failure({}, new Uint8Array(1)),
        input: failure('system.info', {}),
      };
    });
    expect(bridge).toEqual({
      keys: ['call', 'pathOf', 'subscribe'],
      isFrozen: true,
      channel: expect.stringContaining('area.name'),
      object: expect.stringContaining('area.name'),
      input: expect.stringContaining('must be encoded'),
    });
  });
});
