import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { ElectronApplication, Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { decode, encode } from '../../src-main/contract/codec.ts';
import type { CallName, InputOf, OutputOf } from '../../src-main/contract/contract.ts';
import type { Reply, WindowBridge } from '../../src-main/contract/wire.ts';
import { openStorage } from '../../src-main/open-storage.ts';
import { isFinished, readTrials } from '../e2e/stored-trials.ts';
import { eventually, PATIENCE_MS } from '../helpers/eventually.ts';
import { launchElectron, rootArgs } from '../helpers/electron.ts';
import { requirement, requirements } from '../helpers/requirements.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const FIXTURES = join(ROOT, 'test', 'fixtures', 'optuna');
/** A file of today's schema, and one that has to be converted. */
const STUDY_FILE = 'optuna-5.0.db';
const OLD_FILE = 'optuna-3.1.db';
const needs = requirements('electron', 'display');

describe.skipIf(needs.missing)(needs.title('the desktop app'), () => {
  let dir: string;
  let app: ElectronApplication;
  let page: Page;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'parzen-app-'));
  });
  afterEach(async () => {
    await app?.close();
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  });

  const env = (): Record<string, string> => ({ PARZEN_DATA_DIR: dir });
  async function open(...args: string[]): Promise<void> {
    app = await launchElectron(ROOT, { args, env: env() });
    page = await app.firstWindow();
  }
  /** A copy of a file that Optuna wrote, which the app may change. */
  function optunaFile(name: string): string {
    const path = join(dir, name);
    copyFileSync(join(FIXTURES, name), path);
    return path;
  }
  /** Starts the program a second time, as a double click on a file does. */
  async function startAgain(...args: string[]): Promise<void> {
    const second = spawn(
      requirement('electron').path,
      [...rootArgs, '--disable-gpu', ROOT, ...args],
      {
        env: { ...process.env, ...env() },
        stdio: 'ignore',
      },
    );
    const [code] = (await once(second, 'exit')) as [number | null];
    expect(code).toBe(0);
  }

  it('keeps everything below one folder', async () => {
    await open();
    await page.getByRole('heading', { name: 'Library' }).waitFor();
    const paths = await app.evaluate(({ app }) => ({ userData: app.getPath('userData') }));
    expect(paths.userData).toBe(join(dir, 'window'));
    expect(existsSync(join(dir, 'studies.db'))).toBe(true);
  });

  it('opens a study file that the command line names', async () => {
    await open(optunaFile(STUDY_FILE));
    await expectOpen(STUDY_FILE);
  });

  it('is one program: the second start hands its file over and ends', async () => {
    await open();
    await page.getByRole('heading', { name: 'Library' }).waitFor();
    await startAgain(optunaFile(STUDY_FILE));
    await expectOpen(STUDY_FILE);
    expect(app.windows()).toHaveLength(1);
  });

  it('shows itself when it is started a second time', async () => {
    await open();
    await page.getByRole('heading', { name: 'Library' }).waitFor();
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide());
    await startAgain();
    await eventually(async () => expect(await isVisible()).toBe(true));
  });

  it('offers in its menu what the page says it can do, until the page is gone', async () => {
    await open();
    await page.getByRole('heading', { name: 'Library' }).waitFor();
    const isEnabled = (): Promise<boolean | undefined> =>
      app.evaluate(
        ({ Menu }) =>
          Menu.getApplicationMenu()
            ?.items.flatMap(({ submenu }) => submenu?.items ?? [])
            .find(({ label }) => label.includes('Export'))?.enabled,
      );
    expect(await isEnabled()).toBe(false);
    await call('app.offerCommands', { commands: ['exportCsv'] });
    await eventually(async () => expect(await isEnabled()).toBe(true));
    await page.reload();
    await eventually(async () => expect(await isEnabled()).toBe(false));
  });

  it('says why a file cannot be opened, and goes on', async () => {
    await open();
    await page.getByRole('heading', { name: 'Library' }).waitFor();
    await answerDialogs(1);
    const noStudy = join(dir, 'readme.db');
    copyFileSync(join(FIXTURES, 'README.md'), noStudy);
    await startAgain(noStudy);
    await eventually(async () =>
      expect(await asked()).toMatchObject([
        { message: 'readme.db could not be opened', type: 'error' },
      ]),
    );
    await eventually(() =>
      expect(readFileSync(join(dir, 'parzen.log'), 'utf8')).toContain(
        'readme.db could not be opened',
      ),
    );
    await page.getByRole('heading', { name: 'Library' }).waitFor();
  });

  it.each([
    ['does not convert a file when the user does not want it', 1, false],
    ['converts a file with a copy beside it when the user wants it', 0, true],
  ])('%s', async (_title, answer, isOpened) => {
    await open();
    await page.getByRole('heading', { name: 'Library' }).waitFor();
    await answerDialogs(answer);
    const path = optunaFile(OLD_FILE);
    const before = readFileSync(path);
    await startAgain(path);
    await eventually(async () => expect(await asked()).toMatchObject([{ type: 'question' }]));
    if (isOpened) {
      await expectOpen(OLD_FILE);
      const [copy = ''] = readdirSync(dir).filter((name) => name.startsWith(`${OLD_FILE}.backup-`));
      await expect(openStorage(join(dir, copy))).rejects.toMatchObject({
        code: 'STORAGE_NEEDS_MIGRATION',
      });
    } else {
      expect(readFileSync(path).equals(before)).toBe(true);
    }
  });

  it('ends on SIGTERM with running trials back in the queue', async () => {
    await open();
    await page.getByRole('button', { name: 'Create the study' }).click();
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await eventually(async () =>
      expect((await readTrials(join(dir, 'studies.db'))).filter(isFinished)).not.toEqual([]),
    );
    const child = app.process();
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
    const trials = await readTrials(join(dir, 'studies.db'));
    expect(trials.filter(isFinished).length).toBeGreaterThan(0);
    expect(trials.filter(({ state }) => state === 'running')).toEqual([]);
    await open();
  });

  it('shows progress outside the window while a study runs, and none after', async () => {
    await open();
    await page.getByRole('button', { name: 'Create the study' }).waitFor();
    await app.evaluate(({ BrowserWindow }) => {
      const shown: number[] = [];
      Object.assign(globalThis, { shown });
      const [window] = BrowserWindow.getAllWindows();
      if (window) {
        window.setProgressBar = (progress) => void shown.push(progress);
      }
    });
    await page.getByRole('button', { name: 'Create the study' }).click();
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByRole('status').filter({ hasText: 'Finished' }).waitFor();
    await eventually(async () => {
      const shown = await app.evaluate(() => (globalThis as unknown as { shown: number[] }).shown);
      expect(shown.at(-1)).toBe(-1);
      expect(shown.some((progress) => progress > 0 && progress < 1)).toBe(true);
    });
  });

  it('trains behind its window, and not before it', async () => {
    await open();
    await page.getByRole('heading', { name: 'Library' }).waitFor();
    await startLongRun();
    const list = execFileSync('ps', ['-e', '-o', 'ppid=,ni=,args='], { encoding: 'utf8' });
    const children = list
      .split('\n')
      .map((line) => /^\s*(\d+)\s+(-?\d+)\s+.*worker\.js/.exec(line) ?? [])
      .filter(([, parent]) => Number(parent) === app.process().pid);
    expect(children).not.toEqual([]);
    for (const [, , niceness] of children) expect(Number(niceness)).toBeGreaterThanOrEqual(0);
  });

  describe('when its window is closed while a study runs', () => {
    beforeEach(async () => {
      await open();
      await page.getByRole('heading', { name: 'Library' }).waitFor();
      await startLongRun();
    });

    it('asks once, goes on without a window, and shows it again', async () => {
      await app.evaluate(({ Tray }) => {
        const state = Object.assign(globalThis, { inTray: [] as string[] });
        const { setContextMenu } = Tray.prototype;
        Tray.prototype.setContextMenu = function (menu) {
          state.inTray = menu?.items.map(({ label }) => label) ?? [];
          setContextMenu.call(this, menu);
        };
      });
      await answerDialogs(0, true);
      await closeWindow();
      await eventually(async () => expect(await nWindows()).toBe(0));
      const inTray = (): Promise<string[]> =>
        app.evaluate(() => (globalThis as unknown as { inTray: string[] }).inTray);
      await eventually(async () =>
        expect(await inTray()).toContainEqual(
          expect.stringMatching(/^iris_classification: [\d]+ of [\d]+ trials$/),
        ),
      );
      const before = await nFinished();
      await eventually(async () => expect(await nFinished()).toBeGreaterThan(before));

      const shown = app.waitForEvent('window', { timeout: PATIENCE_MS });
      [page] = await Promise.all([shown, startAgain()]);
      await page.getByRole('heading', { name: 'Library' }).waitFor();
      expect(await call('settings.get', {})).toMatchObject({ onClose: 'keepRunning' });
      await closeWindow();
      await eventually(async () => expect(await nWindows()).toBe(0));
      expect(await asked()).toMatchObject([{ type: 'question' }]);
    });

    it('keeps the window when the user thinks again, and asks the next time', async () => {
      await answerDialogs(2, true);
      await closeWindow();
      await eventually(async () => expect(await asked()).toHaveLength(1));
      // While it is still at the first answer it asks nothing, so it is told until it does.
      await eventually(async () => {
        await closeWindow();
        expect((await asked()).length).toBeGreaterThan(1);
      });
      expect(await nWindows()).toBe(1);
      expect(await call('settings.get', {})).toMatchObject({ onClose: 'ask' });
    });

    it('ends, with running trials back in the queue, when the user says so', async () => {
      await answerDialogs(1);
      const exited = once(app.process(), 'exit');
      await closeWindow();
      await exited;
      const trials = await readTrials(join(dir, 'studies.db'));
      expect(trials.filter(({ state }) => state === 'running')).toEqual([]);
      await open();
      await page.getByRole('heading', { name: 'Library' }).waitFor();
      expect(await call('settings.get', {})).toMatchObject({ onClose: 'ask' });
    });

    it('keeps the machine awake if that is wanted, for as long as studies run', async () => {
      expect(await isKeptAwake()).toBe(false);
      await call('settings.set', { preventSleep: true });
      expect(await isKeptAwake()).toBe(true);
      const { studies } = await call('library.get', {});
      const key = studies[0]?.key ?? { storageId: '', studyId: 1 };
      await call('runs.stop', { key });
      await eventually(async () => expect(await isKeptAwake()).toBe(false));
    });
  });

  it('comes back where it was when its page crashes, and the study has gone on', async () => {
    await open();
    await page.getByRole('heading', { name: 'Library' }).waitFor();
    await startLongRun();
    await page.getByRole('link', { name: 'iris_classification' }).click();
    await page.getByRole('link', { name: 'Trials', exact: true }).click();
    await page.getByRole('grid', { name: 'Trials' }).waitFor();
    const place = page.url();
    const before = await nFinished();
    await app.evaluate(async ({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents;
      const isBack = new Promise<void>((resolve) => {
        contents?.once('did-finish-load', () => resolve());
      });
      contents?.forcefullyCrashRenderer();
      await isBack;
    });
    // Playwright has lost the page; Electron has not.
    const inPage = (code: string): Promise<unknown> =>
      app.evaluate(
        ({ BrowserWindow }, code) =>
          BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(code) as unknown,
        code,
      );
    await eventually(async () => {
      expect(await inPage('location.href')).toBe(place);
      expect(await inPage(`document.querySelector('[role=grid]') !== null`)).toBe(true);
      expect(await inPage(`document.querySelector('nav .is-current')?.textContent`)).toContain(
        'iris_classification',
      );
    });
    await eventually(async () => expect(await nFinished()).toBeGreaterThan(before));
    const trials = await readTrials(join(dir, 'studies.db'));
    expect(trials.filter(({ state }) => state === 'fail')).toEqual([]);
  });

  it('offers to load a page again that does not respond', async () => {
    await open();
    await page.getByRole('heading', { name: 'Library' }).waitFor();
    await answerDialogs(1);
    await app.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows();
      const crashed = new Promise((resolve) =>
        window?.webContents.once('render-process-gone', () => resolve(true)),
      );
      Object.assign(globalThis, { crashed });
      window?.emit('unresponsive');
    });
    expect(
      await app.evaluate(() => (globalThis as unknown as { crashed: Promise<boolean> }).crashed),
    ).toBe(true);
    expect(await asked()).toMatchObject([{ message: 'The window does not respond' }]);
  });

  it('tells of a study that ended while nobody looked, and goes to it on a click', async () => {
    await open();
    await page.getByRole('heading', { name: 'Library' }).waitFor();
    await app.evaluate(({ BrowserWindow, Notification }) => {
      const shown: unknown[] = [];
      Object.assign(globalThis, { shown });
      Notification.isSupported = () => true;
      Notification.prototype.show = function (this: unknown) {
        shown.push(this);
      };
      BrowserWindow.getAllWindows()[0]?.blur();
      const [window] = BrowserWindow.getAllWindows();
      if (window) window.isFocused = () => false;
    });
    const key = await call('studies.create', { spec: 'iris', seed: 1 });
    await call('runs.start', { key, targetTrials: 2 });
    const notices = (): Promise<string[]> =>
      app.evaluate(() =>
        (globalThis as unknown as { shown: { title: string }[] }).shown.map(({ title }) => title),
      );
    await eventually(async () =>
      expect(await notices()).toEqual(['iris_classification has finished']),
    );
    await app.evaluate(() =>
      (globalThis as unknown as { shown: { emit(name: string): void }[] }).shown[0]?.emit('click'),
    );
    await page.getByRole('heading', { level: 1, name: 'iris_classification' }).waitFor();
  });

  it('opens a file that is dropped on the window', async () => {
    await open();
    await page.getByRole('heading', { name: 'Library' }).waitFor();
    const path = optunaFile(STUDY_FILE);
    await dropFile(path);
    await expectOpen(STUDY_FILE);
  });

  it('begins a new study with a table that is dropped on the window', async () => {
    await open();
    await page.getByRole('heading', { name: 'Library' }).waitFor();
    const path = join(dir, 'flowers.csv');
    copyFileSync(join(ROOT, 'resources', 'tables', 'iris.csv'), path);
    await dropFile(path);
    await page.waitForURL(({ hash }) => hash.startsWith('#/new'));
    await page.getByText(path).first().waitFor();
  });

  it('lists the file in its menu, opens it from there, and forgets it when asked to', async () => {
    await open(optunaFile(STUDY_FILE));
    await expectOpen(STUDY_FILE);
    const recent = (action: 'labels' | 'open' | 'clear'): Promise<string[]> =>
      app.evaluate(({ Menu }, action) => {
        const items =
          Menu.getApplicationMenu()
            ?.items.flatMap(({ submenu }) => submenu?.items ?? [])
            .find(({ label }) => label === 'Open &Recent')?.submenu?.items ?? [];
        if (action !== 'labels') items.at(action === 'open' ? 0 : -1)?.click();
        return items.map(({ label }) => label).filter((label) => label.endsWith('.db'));
      }, action);
    await eventually(async () => expect(await recent('labels')).toEqual([join(dir, STUDY_FILE)]));
    await call('library.closeFile', { storageId: join(dir, STUDY_FILE) });
    await recent('open');
    await expectOpen(STUDY_FILE);
    await recent('clear');
    await eventually(async () => expect(await recent('labels')).toEqual([]));
  });

  it('takes the theme of the settings, at once and the next time', async () => {
    await open();
    await page.getByRole('heading', { name: 'Library' }).waitFor();
    const theme = () => app.evaluate(({ nativeTheme }) => nativeTheme.themeSource);
    expect(await theme()).toBe('system');
    await call('settings.set', { theme: 'dark' });
    expect(await theme()).toBe('dark');
    await app.close();
    await open();
    await page.getByRole('heading', { name: 'Library' }).waitFor();
    expect(await theme()).toBe('dark');
  });

  /** Drops a file of the disk, as a file manager does. */
  async function dropFile(path: string): Promise<void> {
    const session = await page.context().newCDPSession(page);
    const data = { items: [], files: [path], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await session.send('Input.dispatchDragEvent', { type, x: 400, y: 300, data });
    }
  }
  /** Answers all questions of the program, and remembers them. */
  async function answerDialogs(response: number, checkboxChecked = false): Promise<void> {
    await app.evaluate(
      ({ dialog }, answer) => {
        const asked: object[] = [];
        Object.assign(globalThis, { asked });
        dialog.showMessageBox = (async (...args: object[]) => {
          asked.push(args.at(-1) ?? {});
          return answer;
        }) as never;
      },
      { response, checkboxChecked },
    );
  }
  /** A call of the page's, made from outside. */
  async function call<Name extends CallName>(
    name: Name,
    input: InputOf<Name>,
  ): Promise<OutputOf<Name>> {
    const bytes = await page.evaluate(
      async ([name, input]) => {
        const { parzen } = globalThis as unknown as { parzen: WindowBridge };
        return [...(await parzen.call(name, Uint8Array.from(input)).reply)];
      },
      [name as string, [...encode(input)]] as const,
    );
    const reply = decode(Uint8Array.from(bytes)) as Reply;
    expect(reply).toMatchObject({ ok: true });
    return (reply as { result: OutputOf<Name> }).result;
  }
  /** Runs the iris study for longer than any test, and waits until it is under way. */
  async function startLongRun(): Promise<void> {
    const key = await call('studies.create', { spec: 'iris', seed: 1 });
    await call('runs.start', { key, targetTrials: 100_000 });
    await eventually(async () => expect(await nFinished()).toBeGreaterThan(0));
  }
  async function nFinished(): Promise<number> {
    return (await readTrials(join(dir, 'studies.db'))).filter(isFinished).length;
  }
  async function closeWindow(): Promise<void> {
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
  }
  function nWindows(): Promise<number> {
    return app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length);
  }
  /** Something keeps the machine awake. */
  function isKeptAwake(): Promise<boolean> {
    return app.evaluate(({ powerSaveBlocker }) =>
      Array.from({ length: 20 }, (_, id) => id).some((id) => powerSaveBlocker.isStarted(id)),
    );
  }
  function asked(): Promise<object[]> {
    return app.evaluate(() => (globalThis as unknown as { asked: object[] }).asked);
  }
  function isVisible(): Promise<boolean | undefined> {
    return app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible());
  }
  /** The window has gone to the file's study, and the library lists the file. */
  async function expectOpen(name: string): Promise<void> {
    await page.waitForURL(({ hash }) => decodeURIComponent(hash).includes(join(dir, name)));
    await page.getByRole('link', { name: 'Library' }).click();
    await page.getByRole('list', { name: 'Open files' }).getByTitle(join(dir, name)).waitFor();
  }
});
