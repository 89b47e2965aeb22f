import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import type { Browser, BrowserContext, ElectronApplication, Page } from 'playwright-core';

import { launchChromium } from '../helpers/chromium.ts';
import { launchElectron } from '../helpers/electron.ts';
import { eventually, PATIENCE_MS } from '../helpers/eventually.ts';
import type { RequirementName } from '../helpers/requirements.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const SCREENSHOTS = join(ROOT, 'test-results', 'screenshots');

/** The built app, running, with its page open. */
export interface RunningApp {
  readonly page: Page;
  /** The desktop shell’s own side. */
  readonly electron?: ElectronApplication;
  /** The process that owns the studies. */
  readonly process: ChildProcess;
  /** What the page wrote to its console as an error, and what it threw; violations of the policy are there too. */
  readonly errors: readonly string[];
  /** Presses the page's export button and returns the path of the file that was written. */
  exportCsv(press: () => Promise<void>): Promise<string>;
  /** Presses what saves a file and returns the path of what was saved. */
  download(press: () => Promise<void>): Promise<string>;
  /** Chooses a table on the page of a new study, with the system's dialog or by typing its path. */
  chooseTable(path: string): Promise<void>;
  setSize(width: number, height: number): Promise<void>;
  /** Ends the program as a user does. */
  quit(): Promise<void>;
  /** Ends it as a power cut does. */
  kill(): Promise<void>;
}

/** Whom the program runs as, in place of who runs the tests. */
interface User {
  readonly uid: number;
  readonly gid: number;
}

/** One way to use the app. */
export interface Shell {
  readonly name: 'desktop' | 'browser';
  readonly needs: readonly RequirementName[];
  /**
   * @param dataDir What the app knows from one start to the next.
   * @param user In the browser shell only.
   */
  start(dataDir: string, args?: readonly string[], user?: User): Promise<RunningApp>;
}

const desktop: Shell = {
  name: 'desktop',
  needs: ['electron', 'display'],
  async start(dataDir, args = []) {
    const app = await launchElectron(ROOT, { args, env: { PARZEN_DATA_DIR: dataDir } });
    const page = await app.firstWindow();
    const errors = collectErrors(page);
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    app.process().once('exit', () => resolve());
    return {
      page,
      errors,
      electron: app,
      process: app.process(),
      async exportCsv(press) {
        const path = join(dataDir, 'exported.csv');
        await answerSaveDialog(app, path);
        await press();
        await page.getByText(`Saved to ${path}`).waitFor();
        return path;
      },
      async download(press) {
        // Listens before the button is pressed, and is asked again afterwards.
        await app.evaluate(({ BrowserWindow }, folder) => {
          const saved = new Promise<string>((resolve) => {
            const session = BrowserWindow.getAllWindows()[0]?.webContents.session;
            session?.once('will-download', (_, item) => {
              // Without a path it asks for one, and nobody answers here.
              item.setSavePath(`${folder}/${item.getFilename()}`);
              item.once('done', () => resolve(item.getSavePath()));
            });
          });
          Object.assign(globalThis, { saved });
        }, dataDir);
        await press();
        return app.evaluate(() => (globalThis as unknown as { saved: Promise<string> }).saved);
      },
      async chooseTable(path) {
        await answerOpenDialog(app, path);
        await page.getByRole('button', { name: 'Choose a file…' }).click();
      },
      async setSize(width, height) {
        await app.evaluate(
          ({ BrowserWindow }, [width, height]) =>
            BrowserWindow.getAllWindows()[0]?.setContentSize(width, height),
          [width, height] as const,
        );
        // Not with `waitForFunction`: what it asks a second time is refused by the page's policy.
        await eventually(async () => {
          const now = await page.evaluate<number>('innerWidth');
          if (now !== width) throw new Error(`The window is ${now} px wide, not ${width} yet.`);
        });
      },
      quit: () => app.close(),
      async kill() {
        app.process().kill('SIGKILL');
        await closed;
      },
    };
  },
};

const browser: Shell = {
  name: 'browser',
  needs: ['chromium'],
  async start(dataDir, args = [], user) {
    const server = spawn(
      process.execPath,
      [join(ROOT, 'out', 'main', 'server.js'), '--port', '0', ...args],
      {
        env: { ...process.env, PARZEN_DATA_DIR: dataDir },
        stdio: ['ignore', 'pipe', 'inherit'],
        ...user,
      },
    );
    const exited = once(server, 'exit');
    const url = await addressOf(server);
    const chromium: Browser = await launchChromium();
    const context: BrowserContext = await chromium.newContext({ acceptDownloads: true });
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    const errors = collectErrors(page);
    await page.goto(url);
    const download = async (press: () => Promise<void>): Promise<string> => {
      const [started] = await Promise.all([page.waitForEvent('download'), press()]);
      const path = join(dataDir, started.suggestedFilename());
      await started.saveAs(path);
      return path;
    };
    return {
      page,
      errors,
      process: server,
      exportCsv: download,
      download,
      async chooseTable(path) {
        await page.getByLabel('Path of the CSV or TSV file').fill(path);
        await page.getByRole('button', { name: 'Read', exact: true }).click();
      },
      setSize: (width, height) => page.setViewportSize({ width, height }),
      async quit() {
        await chromium.close();
        server.kill('SIGINT');
        await exited;
      },
      async kill() {
        server.kill('SIGKILL');
        await exited;
        await chromium.close();
      },
    };
  },
};

export const shells: readonly Shell[] = [desktop, browser];

/** A new, empty place for the app's files; `remove` it at the end. */
export function createDataDir(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'parzen-e2e-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** Charts are drawn a frame or two after a change of size or theme; colours change in transitions. */
const isSettled = `(async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  await frame();
  await frame();
  // Where colours are inherited a level's transition begins when that above it ends; a running study begins new ones for ever.
  for (let round = 0; round < 20; round++) {
    const ending = document.getAnimations()
      .filter(({ effect }) => Number.isFinite(effect?.getComputedTiming().endTime));
    if (ending.length === 0) break;
    await Promise.allSettled(ending.map(({ finished }) => finished));
    await frame();
  }
})()`;

/** Resolves when the page looks as it is going to. */
export async function settle(page: Page): Promise<void> {
  await page.evaluate(isSettled);
}

/** A picture of what the page shows now, for people to look at. */
export async function takeScreenshot({ page }: RunningApp, name: string): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await settle(page);
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}

/** Pictures of what the page shows now, light and dark, in two sizes. */
export async function takeScreenshots(app: RunningApp, name: string): Promise<void> {
  for (const [width, height] of [
    [1280, 800],
    [1920, 1080],
  ] as const) {
    await app.setSize(width, height);
    for (const colorScheme of ['light', 'dark'] as const) {
      await app.page.emulateMedia({ colorScheme });
      await takeScreenshot(app, `${name}-${colorScheme}-${width}x${height}`);
    }
  }
  await app.page.emulateMedia({ colorScheme: null });
  await app.setSize(1280, 800);
}

function collectErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') {
      errors.push(message.text());
    }
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  return errors;
}

async function answerSaveDialog(app: ElectronApplication, path: string): Promise<void> {
  await app.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = async () => ({ canceled: false, filePath });
  }, path);
}

async function answerOpenDialog(app: ElectronApplication, path: string): Promise<void> {
  await app.evaluate(({ dialog }, filePath) => {
    dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [filePath] });
  }, path);
}

async function addressOf(server: ChildProcess): Promise<string> {
  if (!server.stdout) {
    throw new Error('The server has no output to read.');
  }
  for await (const line of createInterface({ input: server.stdout })) {
    const [url] = /http:\/\/\S+/.exec(line) ?? [];
    if (url) {
      return url;
    }
  }
  throw new Error('The server ended without saying where it is.');
}
