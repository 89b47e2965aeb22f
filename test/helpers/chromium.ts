import { type Browser, chromium } from 'playwright-core';

import { rootArgs } from './electron.ts';
import { requirement } from './requirements.ts';

/** Starts a real Chromium without a window. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: requirement('chromium').path,
    args: [...rootArgs, '--disable-gpu'],
  });
}
