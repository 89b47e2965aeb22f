import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { ElectronApplication, Page } from 'playwright-core';

import { launchElectron } from '../../helpers/electron.ts';
import { buildTestWindow } from '../page-channel.ts';

export interface Desktop {
  /** Starts the test app and waits for its page. */
  open(): Promise<{ app: ElectronApplication; page: Page }>;
  remove(): void;
}

/** The test app with the app's own window over fake services; its state is kept from one start to the next. */
export async function buildDesktop(): Promise<Desktop> {
  const dir = mkdtempSync(join(tmpdir(), 'parzen-desktop-'));
  const built = await buildTestWindow(dir);
  return {
    async open() {
      const app = await launchElectron(import.meta.dirname, {
        env: {
          PARZEN_TEST_DIR: dir,
          PARZEN_TEST_PAGE: built.page,
          PARZEN_TEST_PRELOAD: built.preload,
        },
      });
      const page = await app.firstWindow();
      await isLoaded(page);
      return { app, page };
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** Makes a page that was used already as good as new. */
export async function renew(app: ElectronApplication, page: Page): Promise<void> {
  await app.evaluate(() => (globalThis as unknown as { reset: () => void }).reset());
  await page.reload();
  await isLoaded(page);
}

/** Resolves when the test page can be called. */
export async function isLoaded(page: Page): Promise<void> {
  await page.waitForFunction(() => 'testWindow' in globalThis);
}
