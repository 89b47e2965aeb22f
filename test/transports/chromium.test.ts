import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openPage } from '../../src-main/page.ts';
import { type BrowserServer, serve } from '../../src-main/server/serve.ts';
import { createDispatch } from '../../src-main/transports/dispatcher.ts';
import { createFakeServices } from '../conformance/fake-services.ts';
import { describeTransport } from '../conformance/transport.ts';
import { launchChromium } from '../helpers/chromium.ts';
import { requirements } from '../helpers/requirements.ts';
import { buildTestWindow, forbidden, openPageChannel } from './page-channel.ts';

const needs = requirements('chromium');
const silent = { warn: () => {}, error: () => {} };
const dir = mkdtempSync(join(tmpdir(), 'parzen-chromium-'));
let browser: Browser;
let page: string;

beforeAll(async () => {
  if (!needs.missing) {
    ({ page } = await buildTestWindow(dir));
    browser = await launchChromium();
  }
});
afterAll(async () => {
  await browser?.close();
  rmSync(dir, { recursive: true, force: true });
});

function startServer(): Promise<BrowserServer> {
  const { handlers, onEmit } = createFakeServices();
  return serve({
    dispatch: createDispatch(handlers, silent),
    onEmit,
    readPage: openPage(page),
    host: '127.0.0.1',
    port: 0,
    log: silent,
  });
}

describeTransport(
  needs.title('WebSocket transport in Chromium'),
  {
    setUpShared: async () => {
      const server = await startServer();
      const context = await browser.newContext();
      const openTab = async () => {
        const tab = await context.newPage();
        await tab.goto(server.url);
        await tab.waitForFunction(() => 'testWindow' in globalThis);
        return tab;
      };
      const tab = await openTab();
      return {
        channel: await openPageChannel(tab),
        openWindow: async () => openPageChannel(await openTab()),
        async loseWindow() {
          await tab.reload();
          await tab.waitForFunction(() => 'testWindow' in globalThis);
        },
        async close() {
          await context.close();
          await server.close();
        },
      };
    },
  },
  { skip: needs.missing },
);

describe.skipIf(needs.missing)(needs.title('the page in Chromium'), () => {
  it('hides the token from the address bar and still knows it when loaded again', async () => {
    const server = await startServer();
    const tab = await browser.newPage();
    try {
      await tab.goto(`${server.url}#/study/1`);
      await tab.waitForFunction(() => 'testWindow' in globalThis);
      expect(tab.url()).toBe(`${new URL(server.url).origin}/#/study/1`);
      await tab.reload();
      await tab.waitForFunction(() => 'testWindow' in globalThis);
      const channel = await openPageChannel(tab);
      expect(await channel.call('system.info', {})).toMatchObject({ appVersion: '1.2.3' });
    } finally {
      await tab.close();
      await server.close();
    }
  });

  it('runs no inline script, loads nothing from elsewhere and cannot be framed', async () => {
    const server = await startServer();
    const tab = await browser.newPage();
    try {
      await tab.goto(server.url);
      await tab.waitForFunction(() => 'testWindow' in globalThis);
      const { violated, wasRun } = await tab.evaluate(
        (nWanted) => globalThis.testWindow.tryForbidden(nWanted),
        forbidden.length,
      );
      expect(wasRun).toBe(false);
      expect(violated).toEqual(forbidden);
    } finally {
      await tab.close();
      await server.close();
    }
  });
});
