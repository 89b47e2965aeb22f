import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { chromium, type Page } from 'playwright-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { decode, encode } from '../../src-main/contract/codec.ts';
import type { WindowBridge } from '../../src-main/contract/wire.ts';
import { provenNative } from '../../src-main/training/fused/proven-native.ts';
import { isFinished, readTrials } from '../e2e/stored-trials.ts';
import { eventually } from '../helpers/eventually.ts';
import { launchElectron, rootArgs } from '../helpers/electron.ts';
import { requirements } from '../helpers/requirements.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const UNPACKED = join(ROOT, 'dist', 'linux-unpacked');
const RESOURCES = join(UNPACKED, 'resources');
const STUDY_FILE = 'optuna-5.0.db';
const needs = requirements('electron', 'display');
const isLinux = process.platform === 'linux';

describe.skipIf(needs.missing || !isLinux)(needs.title('the packaged app (on Linux)'), () => {
  let dir: string;
  let program: ChildProcess | undefined;
  let output = '';

  beforeAll(() => {
    const script = join(ROOT, 'scripts', 'package.ts');
    execFileSync(process.execPath, [script, '--dir'], { cwd: ROOT, stdio: 'pipe' });
  });
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'parzen-packaged-'));
    output = '';
  });
  afterEach(async () => {
    if (program && program.exitCode === null && program.signalCode === null) {
      const exited = once(program, 'exit');
      program.kill('SIGKILL');
      await exited;
    }
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  });

  /** Starts it as users do: its fuses leave Playwright’s own way of driving Electron no hold. */
  async function start(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Page> {
    const own = spawn(
      join(UNPACKED, 'parzen'),
      [...rootArgs, '--disable-gpu', '--remote-debugging-port=0', ...args],
      { env: { ...process.env, PARZEN_DATA_DIR: dir, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    program = own;
    for (const stream of [own.stdout, own.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    // Playwright hangs at times when it connects while the first page is being made, so that has to be there.
    const address = await eventually(async () => {
      const [, host] = /DevTools listening on ws:\/\/([^/]+)/.exec(output) ?? [];
      const targets = await fetch(`http://${host}/json/list`);
      const pages = (await targets.json()) as { url: string }[];
      expect(
        pages.some(({ url }) => url.startsWith('app://parzen/#')),
        output,
      ).toBe(true);
      return `http://${host}`;
    });
    const browser = await chromium.connectOverCDP(address);
    const context = browser.contexts()[0];
    const page = context?.pages()[0] ?? (await context?.waitForEvent('page'));
    if (!page) {
      throw new Error('The packaged app has no page.');
    }
    // Of the library, or of the study that the command line named.
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    return page;
  }

  it('runs a study in children on the Node inside it, and ends when its window is closed', async () => {
    const page = await start();
    await page.getByRole('button', { name: 'Create the study' }).click();
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    const children = await eventually(() => {
      const found = childrenOf(program?.pid).filter((args) => args.includes('worker.js'));
      expect(found).not.toEqual([]);
      return found;
    });
    const unpacked = join(RESOURCES, 'app.asar.unpacked');
    for (const args of children) {
      expect(args.startsWith(join(unpacked, 'node_modules', 'node', 'bin', 'node'))).toBe(true);
      expect(args).toContain(join(unpacked, 'out', 'main', 'worker.js'));
    }
    await page.getByRole('status').filter({ hasText: 'Finished' }).waitFor();
    const exited = once(program as ChildProcess, 'exit');
    await page.close();
    expect(await exited).toEqual([0, null]);
    const trials = await readTrials(join(dir, 'studies.db'));
    expect(trials.filter(isFinished)).toHaveLength(50);
    expect(trials.filter(({ state }) => state === 'fail')).toEqual([]);
    // Native kernels are found beside the archive as they are beside the sources.
    const { description } = provenNative();
    const ended = trials.filter(({ state }) => state === 'complete');
    expect(new Set(ended.map(({ userAttrs }) => userAttrs.kernels))).toEqual(
      new Set([description]),
    );
  });

  it('reads large tables in a thread of their own', async () => {
    const page = await start();
    const table = join(dir, 'large.csv');
    writeFileSync(table, `a,b\n${'1.25,some text\n'.repeat(200_000)}`);
    const reply = await page.evaluate(
      async (input) => {
        const { parzen } = globalThis as unknown as { parzen: WindowBridge };
        return [...(await parzen.call('data.profile', Uint8Array.from(input)).reply)];
      },
      [...encode({ table })],
    );
    expect(decode(Uint8Array.from(reply))).toMatchObject({
      ok: true,
      result: { nRows: 200_000, nProblems: 0 },
    });
  });

  it('finishes a study without its window, where the user has chosen so', async () => {
    const settings = { user: { onClose: 'keepRunning' } };
    writeFileSync(join(dir, 'settings.json'), JSON.stringify(settings));
    // Only through Playwright’s Electron can a window be closed as its title bar does it: the same archive, without fuses.
    const app = await launchElectron(join(RESOURCES, 'app.asar'), {
      env: { PARZEN_DATA_DIR: dir },
    });
    try {
      const page = await app.firstWindow();
      await page.getByRole('button', { name: 'Create the study' }).click();
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await page.getByRole('button', { name: 'Pause', exact: true }).waitFor();
      await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
      await eventually(async () => {
        const trials = await readTrials(join(dir, 'studies.db'));
        expect(trials.filter(isFinished)).toHaveLength(50);
      });
      const nWindows = (): Promise<number> =>
        app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length);
      // A study can be over before its window is gone.
      await eventually(async () => expect(await nWindows()).toBe(0));
    } finally {
      await app.close();
    }
  });

  it('opens a study file that the desktop names by its URL', async () => {
    const path = join(dir, STUDY_FILE);
    copyFileSync(join(ROOT, 'test', 'fixtures', 'optuna', STUDY_FILE), path);
    const page = await start([pathToFileURL(path).href]);
    await page.getByTitle(path).first().waitFor();
  });

  it('cannot be made to run other code: its fuses are set', async () => {
    const marker = join(dir, 'marker');
    const code = join(dir, 'code.cjs');
    writeFileSync(code, `require('node:fs').writeFileSync(${JSON.stringify(marker)}, '')`);
    // With the fuses as Electron ships them, this would run the code, twice, and open no window.
    await start(['--inspect=0', code], {
      ELECTRON_RUN_AS_NODE: '1',
      NODE_OPTIONS: `--require ${code}`,
    });
    expect(existsSync(marker)).toBe(false);
    expect(output).not.toContain('Debugger listening');
    expect(existsSync(join(RESOURCES, 'default_app.asar'))).toBe(false);
  });

  it('is not made into installers with the Electron of a third party', () => {
    const script = join(ROOT, 'scripts', 'package.ts');
    writeFileSync(join(dir, 'electron'), '');
    const env = { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: dir };
    expect(() =>
      execFileSync(process.execPath, [script], { cwd: ROOT, env, stdio: 'pipe' }),
    ).toThrow(/installers are made with the official Electron/);
  });
});

/** The command lines of the processes that `pid` started. */
function childrenOf(pid: number | undefined): string[] {
  const list = execFileSync('ps', ['-e', '-o', 'ppid=,args='], { encoding: 'utf8' });
  return list
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(.*)$/.exec(line) ?? [])
    .filter(([, parent]) => Number(parent) === pid)
    .map(([, , args = '']) => args);
}
