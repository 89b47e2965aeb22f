import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import Database from 'better-sqlite3';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { openStorage } from '../../src-main/open-storage.ts';
import { requirements } from '../helpers/requirements.ts';
import { createDataDir, type RunningApp, shells, takeScreenshots } from './shells.ts';
import { eventually } from '../helpers/eventually.ts';
import { call, startServices } from '../helpers/services.ts';
import { isFinished, readTrials } from './stored-trials.ts';

const FIXTURE = join(import.meta.dirname, '..', 'fixtures', 'optuna', 'optuna-5.0.db');

describe.each(shells)('the library', (shell) => {
  const needs = requirements(...shell.needs);

  describe.skipIf(needs.missing)(needs.title(`in the ${shell.name}`), () => {
    let data: ReturnType<typeof createDataDir>;
    let app: RunningApp;

    beforeEach(() => {
      data = createDataDir();
    });
    afterEach(async () => {
      await app?.quit();
      data.remove();
    });

    async function start(...args: string[]): Promise<Page> {
      app = await shell.start(data.path, args);
      await app.page.getByRole('heading', { level: 1 }).waitFor();
      return app.page;
    }
    /** Studies by their names, as another program makes them. */
    async function makeStudies(...names: string[]): Promise<void> {
      const storage = await openStorage(join(data.path, 'studies.db'), { create: true });
      for (const name of names) await storage.createStudy(['minimize'], name);
      await storage.close();
    }
    const shownStudies = (page: Page): Promise<string[]> =>
      page.getByRole('main').getByRole('row').getByRole('link').allInnerTexts();

    it('renames, tags and filters studies, deletes several and takes that back, and keeps all of it', async () => {
      await makeStudies('alpha', 'beta', 'gamma');
      let page = await start();
      await choose(page, 'Actions for alpha', 'Rename…');
      await answer(page, 'New name', 'omega');
      await eventually(async () =>
        expect((await shownStudies(page)).sort()).toEqual(['beta', 'gamma', 'omega']),
      );

      await page.getByRole('checkbox', { name: 'Choose omega' }).check();
      await page.getByRole('checkbox', { name: 'Choose beta' }).check();
      await page.getByRole('toolbar').getByRole('button', { name: 'Tags…' }).click();
      await answer(page, 'Tags', 'course, night');
      await page
        .getByRole('group', { name: 'Filter by tag' })
        .getByRole('button', { name: 'night' })
        .click();
      await eventually(async () =>
        expect((await shownStudies(page)).sort()).toEqual(['beta', 'omega']),
      );
      await takeScreenshots(app, `${shell.name}-library-tags`);

      await page.getByRole('toolbar').getByRole('button', { name: 'Delete' }).click();
      await page.getByText('2 studies with 0 trials deleted').waitFor();
      await eventually(async () => expect(await shownStudies(page)).toEqual(['gamma']));
      await page.getByRole('button', { name: 'Undo' }).click();
      // What is filtered by is there again, too.
      await eventually(async () => expect(await shownStudies(page)).toHaveLength(2));
      await page
        .getByRole('group', { name: 'Filter by tag' })
        .getByRole('button', { name: 'night' })
        .click();
      await eventually(async () => expect(await shownStudies(page)).toHaveLength(3));
      await choose(page, 'Actions for gamma', 'Delete');
      await eventually(async () => expect(await shownStudies(page)).toHaveLength(2));
      expect(app.errors).toEqual([]);

      await app.quit();
      page = await start();
      await eventually(async () =>
        expect((await shownStudies(page)).sort()).toEqual(['beta', 'omega']),
      );
      await page
        .getByRole('group', { name: 'Filter by tag' })
        .getByRole('button', { name: 'course' })
        .waitFor();
    });

    it('opens a file, sees what another program does to it, and that it is gone', async () => {
      const path = join(data.path, 'optuna.db');
      copyFileSync(FIXTURE, path);
      const page = await start();
      await openFile(page, path);
      await page.waitForURL(({ hash }) => decodeURIComponent(hash).includes(path) || hash === '#/');
      await page.getByRole('link', { name: 'Library' }).click();
      await page.getByRole('list', { name: 'Open files' }).getByTitle(path).waitFor();

      const other = await openStorage(path);
      await other.createStudy(['minimize'], 'from elsewhere');
      await other.close();
      await page.getByRole('link', { name: 'from elsewhere' }).click();
      await page.getByRole('heading', { level: 1, name: 'from elsewhere' }).waitFor();
      await page.getByRole('link', { name: 'Library' }).click();

      rmSync(path);
      await page
        .getByRole('list', { name: 'Open files' })
        .getByText('was moved or deleted')
        .waitFor();
      // The study that was looked at keeps its name and its place.
      await page.getByRole('navigation').getByRole('link', { name: 'from elsewhere' }).waitFor();
      await takeScreenshots(app, `${shell.name}-library-file-gone`);
      await page
        .getByRole('list', { name: 'Open files' })
        .getByRole('button', { name: 'Close this file' })
        .click();
      await page.getByRole('link', { name: 'from elsewhere' }).waitFor({ state: 'detached' });
      expect(app.errors).toEqual([]);
    });

    it('offers the files of before beside the button that opens one', async () => {
      await makeStudies('alpha');
      const path = join(data.path, 'other.db');
      const storage = await openStorage(path, { create: true });
      await storage.createStudy(['minimize'], 'beta');
      await storage.close();
      // The command line opens it, and the page goes to its study.
      const page = await start(path);
      const study = page.getByRole('heading', { level: 1, name: 'beta' });
      await study.waitFor();
      await page.getByRole('link', { name: 'Library' }).click();
      const files = page.getByRole('list', { name: 'Open files' });
      const recent = page.getByRole('main').getByRole('button', { name: 'Recent files' });
      await files.getByTitle(path).waitFor();
      // It is open.
      expect(await recent.count()).toBe(0);
      await files.getByRole('button', { name: 'Close this file' }).click();

      await recent.click();
      const option = page.locator('.n-dropdown-option').filter({ hasText: 'other.db' });
      await option.waitFor();
      await takeScreenshots(app, `${shell.name}-library-recent`);
      await option.click();
      await study.waitFor();
      await page.getByRole('link', { name: 'Library' }).click();
      await files.getByTitle(path).waitFor();
      await recent.waitFor({ state: 'detached' });
      expect(app.errors).toEqual([]);
    });

    it('draws of many studies those in sight, and reaches all of them', async () => {
      const names = Array.from({ length: 120 }, (_, i) => `study ${String(i).padStart(3, '0')}`);
      await makeStudies(...names);
      const page = await start();
      const list = page.getByRole('table', { name: 'Studies' });
      await list.getByRole('button', { name: 'Study', exact: true }).click();
      await list.getByRole('link', { name: 'study 000' }).waitFor();
      expect(await list.getAttribute('aria-rowcount')).toBe('121');
      expect(await list.getByRole('link', { name: 'study 100' }).count()).toBe(0);
      // Each row is where it would be if all were there.
      const row = list.getByRole('row').filter({ hasText: 'study 010' });
      const top = (await row.boundingBox())?.y ?? NaN;
      const head = await list.getByRole('row').first().boundingBox();
      expect(top - ((head?.y ?? NaN) + (head?.height ?? NaN))).toBeCloseTo(10 * 46, -1);

      await page
        .getByRole('main')
        .locator('.scroller')
        .evaluate((at: { scrollTo(x: number, y: number): void }) => at.scrollTo(0, 1e6));
      await list.getByRole('link', { name: 'study 119' }).click();
      await page.getByRole('heading', { level: 1, name: 'study 119' }).waitFor();
      await page.getByRole('link', { name: 'Library' }).click();
      await list.getByRole('checkbox', { name: 'Choose all', exact: true }).check();
      await page.getByRole('toolbar').getByText('120 chosen').waitFor();
      await page.getByPlaceholder('Search studies').fill('study 077');
      await list.getByRole('link', { name: 'study 077' }).waitFor();
      expect(app.errors).toEqual([]);
    });

    it('copies a study into a file of its own', async () => {
      await makeStudies('alpha');
      const page = await start();
      await choose(page, 'Actions for alpha', 'Duplicate…');
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Into').click();
      await page.locator('.n-base-select-option:visible').getByText('another file').click();
      await dialog.getByLabel('Path of the SQLite file').fill(join(data.path, 'apart.db'));
      await takeScreenshots(app, `${shell.name}-copy-study`);
      await dialog.getByRole('button', { name: 'Copy' }).click();
      await dialog.waitFor({ state: 'detached' });
      await eventually(async () => expect(await shownStudies(page)).toEqual(['alpha', 'alpha']));
      const copied = await openStorage(join(data.path, 'apart.db'), { readOnly: true });
      expect((await copied.getStudies()).map(({ studyName }) => studyName)).toEqual(['alpha']);
      await copied.close();
      expect(app.errors).toEqual([]);
    });

    it('shows a study whose name cannot be seen, and compares from the page of a study', async () => {
      await makeStudies('alpha', '\u200b ');
      const page = await start();
      const unseen = '(a name that cannot be seen)';
      await page.getByRole('link', { name: unseen }).click();
      await page.getByRole('heading', { level: 1, name: unseen }).waitFor();
      await page.getByRole('navigation').first().getByRole('link', { name: unseen }).waitFor();
      await page.keyboard.press('Control+k');
      await page.keyboard.type('compare with alpha');
      await page.getByRole('option', { name: /Compare with alpha/ }).waitFor();
      await page.keyboard.press('Enter');
      await eventually(() => expect(page.url()).toContain('/compare?'));
      await page.getByRole('main').getByText('alpha').first().waitFor();
      await page.getByRole('main').getByText(unseen).first().waitFor();
      expect(app.errors).toEqual([]);
    });

    it('takes text for text, whatever a file says', async () => {
      const hostile = '<img src=x onerror="window.wasRun = true"><b>bold</b> {{ 7 * 7 }}';
      await makeStudies(hostile);
      const page = await start();
      await page.getByRole('link', { name: hostile }).click();
      await page.getByRole('heading', { level: 1, name: hostile }).waitFor();
      expect(await page.locator('img, main b').count()).toBe(0);
      expect(await page.evaluate('window.wasRun')).toBeUndefined();
      await eventually(async () => expect(await page.title()).toMatch(/^<img src=x/));
      expect(app.errors).toEqual([]);
    });

    it('moves where the settings say, with its studies, and stays there', async () => {
      await makeStudies('kept');
      const folder = join(data.path, 'elsewhere');
      mkdirSync(folder);
      let page = await start();
      await page.getByRole('button', { name: /^Settings/ }).click();
      await page.getByText('Dark', { exact: true }).click();
      await page.locator('html[data-theme=dark]').waitFor();
      await answerOpenDialog(folder);
      await page.getByRole('button', { name: 'Change…' }).click();
      if (shell.name === 'browser') await page.getByLabel('Folder').fill(folder);
      await page.getByRole('button', { name: 'Move it' }).click();
      await page.getByText(`The library is now ${join(folder, 'studies.db')}`).waitFor();
      expect(existsSync(join(data.path, 'studies.db'))).toBe(false);
      await takeScreenshots(app, `${shell.name}-settings`);

      await app.quit();
      page = await start();
      await page.getByRole('link', { name: 'kept' }).waitFor();
      await page.locator('html[data-theme=dark]').waitFor();
      expect(app.errors).toEqual([]);
    });

    it('leads from the first start to a finished study without a mouse', async () => {
      const page = await start();
      await page.getByRole('heading', { name: 'No studies yet' }).waitFor();
      await tabTo(page, 'Create the study');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'iris_classification' }).waitFor();
      await page.keyboard.press('Control+Enter');
      await page.getByRole('status').filter({ hasText: 'Finished' }).waitFor();

      // The palette leads to the trials, the arrow keys through them.
      await page.keyboard.press('Control+k');
      await page.keyboard.type('show trials');
      await page.keyboard.press('Enter');
      await page.getByRole('grid', { name: 'Trials' }).waitFor();
      await page.getByRole('grid', { name: 'Trials' }).focus();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: /^Trial \d+$/ }).waitFor();
      await page.keyboard.press('Escape');

      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
      await page.keyboard.press('Escape');
      const trials = await readTrials(join(data.path, 'studies.db'));
      expect(trials.filter(isFinished)).toHaveLength(50);
      expect(app.errors).toEqual([]);
    });

    // The desktop app has one window.
    if (shell.name === 'browser')
      it('is in several tabs at once, and catches up with what it missed while it was not connected', async () => {
        await makeStudies('first');
        const page = await start();
        const other = await app.page.context().newPage();
        await other.goto(page.url());
        // A tab of its own needs the address with the token; this one is given what the first one has.
        const token = await page.evaluate<string>(`sessionStorage.getItem('parzen:token')`);
        let isCut = false;
        const sockets: { close(): Promise<void> }[] = [];
        await other.routeWebSocket(/\/channel/, (socket) => {
          if (isCut) {
            void socket.close();
            return;
          }
          socket.connectToServer();
          sockets.push(socket);
        });
        await other.goto(new URL(`/?token=${token}`, page.url()).href);
        await other.getByRole('link', { name: 'first' }).waitFor();

        isCut = true;
        await Promise.all(sockets.map((socket) => socket.close()));
        await other.getByText('Not connected').waitFor();
        await choose(page, 'Actions for first', 'Rename…');
        await answer(page, 'New name', 'second');
        await page.getByRole('link', { name: 'second' }).waitFor();
        expect(await shownStudies(other)).toEqual(['first']);

        isCut = false;
        await other.getByRole('link', { name: 'second' }).waitFor();
        await other.getByText('Not connected').waitFor({ state: 'detached' });
        await choose(other, 'Actions for second', 'Rename…');
        await answer(other, 'New name', 'third');
        await page.getByRole('link', { name: 'third' }).waitFor();
      });

    if (shell.name === 'browser') {
      const pagesLoaded = (page: Page): Promise<void> =>
        eventually(async () =>
          expect(
            await page.evaluate(
              `performance.getEntriesByType('resource').map(({ name }) => name).join(' ')`,
            ),
          ).toMatch(/SettingsPage.*js/),
        );

      it('goes without a connection to pages that it has not shown yet', async () => {
        await makeStudies('first');
        const page = await start();
        await pagesLoaded(page);
        await page.context().setOffline(true);
        await page.evaluate(`void (location.hash = '#/settings')`);
        await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
      });

      it.skipIf(process.platform === 'win32')(
        'offers no run of a study whose file cannot be written',
        async () => {
          const kept = join(data.path, 'kept');
          mkdirSync(kept);
          const services = await startServices(kept);
          await services.handlers['studies.create']({ spec: 'iris', seed: 1 }, call);
          await services.close();
          const file = join(kept, 'studies.db');
          chmodSync(file, 0o444);
          chmodSync(kept, 0o555);
          chmodSync(data.path, 0o777);
          // Nothing stops root.
          const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined;
          app = await shell.start(data.path, [file], nobody);
          const { page } = app;
          await page.getByRole('heading', { level: 1, name: 'iris_classification' }).waitFor();
          // It goes with the test.
          chmodSync(kept, 0o777);
          await page.getByText('Its file cannot be written, so it cannot go on here').waitFor();
          expect(await page.getByRole('button', { name: 'Run', exact: true }).count()).toBe(0);
          await page.getByText('No complete trial yet.').waitFor();
          await page.keyboard.press('Control+k');
          const option = page.getByRole('option');
          await page.keyboard.type('show trials');
          await option.filter({ hasText: 'Show Trials' }).waitFor();
          await page.keyboard.press('Control+a');
          await page.keyboard.type('run or resume');
          await eventually(async () => expect(await option.allInnerTexts()).toEqual([]));
          expect(app.errors).toEqual([]);
        },
      );

      it('shows that a file is being opened which another program has locked', async () => {
        const path = join(data.path, 'locked.db');
        copyFileSync(FIXTURE, path);
        const page = await start();
        const other = new Database(path);
        other.exec('BEGIN EXCLUSIVE');
        await openFile(page, path);
        const dialog = page.getByRole('dialog');
        await dialog
          .locator('button.n-button--loading, .n-button .n-base-loading')
          .first()
          .waitFor();
        other.exec('COMMIT');
        other.close();
        await dialog.waitFor({ state: 'detached' });
        expect(app.errors).toEqual([]);
      });

      it('loads all pages where a browser has no idle time, as Safari', async () => {
        const page = await start();
        await page.addInitScript('delete window.requestIdleCallback');
        await page.reload();
        expect(await page.evaluate(`'requestIdleCallback' in window`)).toBe(false);
        await pagesLoaded(page);
        expect(app.errors).toEqual([]);
      });
    }

    async function openFile(page: Page, path: string): Promise<void> {
      await answerOpenDialog(path);
      await page.keyboard.press('Control+o');
      if (shell.name === 'desktop') return;
      await page.getByLabel('Path of the SQLite file').fill(path);
      await page.getByRole('button', { name: 'Open', exact: true }).click();
    }
    /** What the native dialog says; a browser has none. */
    async function answerOpenDialog(path: string): Promise<void> {
      await app.electron?.evaluate(({ dialog }, path) => {
        dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [path] });
      }, path);
    }
  });
});

async function choose(page: Page, button: string, item: string): Promise<void> {
  await page.getByRole('button', { name: button }).click();
  const options = page.locator('.n-dropdown-option');
  await options.getByText(item, { exact: true }).click();
  // The next menu has the same options.
  await eventually(async () => expect(await options.count()).toBe(0));
}

/** Answers the one question that the page asks. */
async function answer(page: Page, label: string, text: string): Promise<void> {
  const field = page.getByRole('dialog').getByLabel(label, { exact: true });
  await field.fill(text);
  await field.press('Enter');
  await field.waitFor({ state: 'detached' });
}

async function tabTo(page: Page, name: string): Promise<void> {
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate<string>(`document.activeElement.textContent.trim()`);
    if (focused === name) return;
  }
  throw new Error(`Tab does not lead to "${name}".`);
}
