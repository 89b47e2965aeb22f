import { fileURLToPath } from 'node:url';

import type { Page } from 'playwright-core';
import { build } from 'vite';

import type { Channel } from '../../src-main/contract/channel.ts';
import { decode, encode } from '../../src-main/contract/codec.ts';
import type { OutputOf } from '../../src-main/contract/contract.ts';
import { ContractError, type WireError } from '../../src-main/contract/errors.ts';
import type {} from './test-window.ts';

const here = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** What the policy has to refuse of `TestWindow.tryForbidden`. */
export const forbidden = [
  'base-uri',
  'connect-src',
  'eval',
  'frame-src',
  'img-src',
  'object-src',
  'script-src',
  'script-src-attr',
  'script-src-elem',
];

/** Builds the test page into `dir`/renderer and the app's own preload script into `dir`/preload.cjs. */
export async function buildTestWindow(dir: string): Promise<{ page: string; preload: string }> {
  const common = { configFile: false, logLevel: 'warn' } as const;
  const page = `${dir}/renderer`;
  await build({
    ...common,
    root: here('../renderer/transport-window'),
    build: { outDir: page, emptyOutDir: true },
  });
  await build({
    ...common,
    build: {
      outDir: dir,
      emptyOutDir: false,
      lib: {
        entry: here('../../src-main/electron/preload.ts'),
        formats: ['cjs'],
        fileName: () => 'preload.cjs',
      },
      rolldownOptions: { external: ['electron'] },
    },
  });
  return { page, preload: `${dir}/preload.cjs` };
}

/** The channel of a test page that is open in a browser or in Electron, for the test process to use. */
export async function openPageChannel(page: Page): Promise<Channel> {
  const listeners = new Map<number, (payload: never) => void>();
  let lastId = 0;
  await page.exposeFunction('onTestEvent', (id: number, payload: Uint8Array) => {
    listeners.get(id)?.(decode(payload) as never);
  });

  return {
    async call(name, input, signal) {
      lastId += 1;
      const id = lastId;
      const onAbort = (): void => void page.evaluate((id) => globalThis.testWindow.abort(id), id);
      signal?.addEventListener('abort', onAbort);
      const call = page.evaluate(
        ([id, name, bytes, isAborted]) => globalThis.testWindow.call(id, name, bytes, isAborted),
        [id, name, encode(input), signal?.aborted ?? false] as const,
      );
      const outcome = decode(await call) as { result: unknown } | { error: WireError };
      signal?.removeEventListener('abort', onAbort);
      if ('error' in outcome) {
        throw Object.assign(new ContractError(outcome.error), outcome.error);
      }
      return outcome.result as OutputOf<typeof name>;
    },
    subscribe(name, listener) {
      lastId += 1;
      const id = lastId;
      listeners.set(id, listener);
      void page.evaluate(([id, name]) => globalThis.testWindow.subscribe(id, name), [
        id,
        name,
      ] as const);
      return () => void page.evaluate((id) => globalThis.testWindow.unsubscribe(id), id);
    },
    onReconnect: () => () => {},
  };
}
