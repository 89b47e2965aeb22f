import { dirname } from 'node:path';

import { _electron, type ElectronApplication } from 'playwright-core';

import { PATIENCE_MS } from './eventually.ts';
import { requirement } from './requirements.ts';

/** Chromium cannot have its sandbox as root. */
export const rootArgs: readonly string[] =
  process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [];

/** Starts a real Electron on the app in `appDir`, up to its first window. */
export async function launchElectron(
  appDir: string,
  { args = [], env = {} }: { args?: readonly string[]; env?: Record<string, string> } = {},
): Promise<ElectronApplication> {
  // Playwright makes the app wait until it is connected only when it looks for Electron by itself;
  // a path given to it may be connected to in the middle of the first page, which hangs at times.
  const { path } = requirement('electron');
  if (process.platform === 'linux') {
    process.env.ELECTRON_OVERRIDE_DIST_PATH ??= dirname(path);
  }
  const { ELECTRON_RUN_AS_NODE: _, ...inherited } = process.env as Record<string, string>;
  const app = await _electron.launch({
    args: [...rootArgs, '--disable-gpu', appDir, ...args],
    env: { ...inherited, ...env },
    timeout: PATIENCE_MS,
  });
  app.context().setDefaultTimeout(PATIENCE_MS);
  await app.firstWindow({ timeout: PATIENCE_MS });
  return app;
}
