import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { requirements } from '../helpers/requirements.ts';
import { findProblems, tabStops } from './accessibility.ts';
import { createDataDir, type RunningApp, settle, shells, takeScreenshot } from './shells.ts';
import { eventually } from '../helpers/eventually.ts';
import { focused, press, standing } from './study-page.ts';

const [, browser] = shells;
const needs = requirements('chromium');

describe.skipIf(needs.missing)(needs.title('every page'), () => {
  let data: ReturnType<typeof createDataDir>;
  let app: RunningApp;
  let page: Page;

  beforeAll(async () => {
    data = createDataDir();
    app = await (browser as (typeof shells)[number]).start(data.path);
    ({ page } = app);
    await app.setSize(1280, 800);
  });
  afterAll(async () => {
    await app?.quit();
    data?.remove();
  });

  /** In light and dark, nothing is nameless, out of order or hard to read; pictures of it are kept. */
  async function expectAccessible(name: string): Promise<void> {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      // Else the check might still see the other theme.
      await page.locator(`html[data-theme=${colorScheme}]`).waitFor();
      await settle(page);
      await eventually(async () => {
        const problems = await findProblems(page);
        expect(problems, [colorScheme, ...problems].join('\n')).toEqual([]);
      });
      await takeScreenshot(app, `page-${name.toLowerCase().replaceAll(' ', '-')}-${colorScheme}`);
    }
  }
  async function openTab(name: string): Promise<void> {
    await page.getByRole('link', { name, exact: true }).last().click();
    await page.getByRole('heading', { level: 2, name }).waitFor({ state: 'attached' });
  }
  /** The page before has a heading, too. */
  async function goTo(hash: string, title: string | RegExp): Promise<void> {
    await page.evaluate(`void (location.hash = ${JSON.stringify(hash)})`);
    await page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor();
  }

  it('is accessible: the empty library', async () => {
    await page.getByRole('heading', { name: 'No studies yet' }).waitFor();
    await expectAccessible('library empty');
  });

  it('is accessible: the tabs of a study', async () => {
    await press(page, 'Create the study');
    await press(page, 'Run');
    await standing(page, 'Finished');
    const tabs = await page.getByRole('navigation').last().getByRole('link').allInnerTexts();
    expect(tabs).toEqual(['Overview', 'Trials', 'Analysis', 'Model', 'Setup']);
    for (const tab of tabs) {
      await openTab(tab);
      await expectAccessible(`study ${tab}`);
    }
  });

  it('is accessible: one of many small charts, enlarged, with its table', async () => {
    await openTab('Analysis');
    const slice = page
      .locator('figure.chart')
      .filter({ has: page.getByRole('heading', { name: 'learning_rate', exact: true }) });
    await slice.getByRole('button', { name: 'Enlarge' }).click();
    await slice.getByRole('button', { name: 'Show as table' }).click();
    await slice.getByRole('table', { name: 'learning_rate, as a table' }).waitFor();
    await expectAccessible('slice enlarged table');
    await slice.getByRole('button', { name: 'Show as table' }).click();
    await expectAccessible('slice enlarged');
    await slice.getByRole('button', { name: 'Back to normal size' }).click();
    await slice.getByRole('button', { name: 'Show as table' }).waitFor({ state: 'detached' });

    // Escape lets go of a point that is told about, then of the room.
    await slice.getByRole('button', { name: 'Enlarge' }).click();
    const plot = slice.locator('[tabindex="0"]:focus');
    await plot.waitFor();
    // Tab goes around in it, either way, and not to the page behind.
    for (const key of ['Tab', 'Shift+Tab']) {
      const passed = new Set<string | null>();
      for (let i = 0; i < 25; i++) {
        await page.keyboard.press(key);
        passed.add(await slice.locator(':focus').first().getAttribute('aria-label'));
      }
      expect(passed).toContain('Back to normal size');
      expect(passed.size).toBeGreaterThan(3);
    }
    await page.keyboard.press('Escape');
    await slice.getByRole('button', { name: 'Enlarge' }).click();
    await plot.waitFor();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('tooltip').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('tooltip').waitFor({ state: 'detached' });
    await slice.getByRole('button', { name: 'Export chart' }).click();
    await page.getByText('PNG image').waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('PNG image').waitFor({ state: 'detached' });
    await slice.getByRole('button', { name: 'Back to normal size' }).waitFor();
    await page.keyboard.press('Escape');
    await slice.getByRole('button', { name: 'Enlarge' }).waitFor();
  });

  it('is accessible: a network that was trained again and tested', async () => {
    await openTab('Model');
    await press(page, 'Train again');
    await page.getByRole('table', { name: 'Trained again' }).waitFor();
    await press(page, 'Test once');
    await page.getByRole('heading', { name: /^Test on 30 rows/ }).waitFor();
    await expectAccessible('model tested');
  });

  it('is accessible: a trial beside the table, columns, and trials compared', async () => {
    await openTab('Trials');
    const grid = page.getByRole('grid', { name: 'Trials' });
    await grid.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: 'Trial 49' }).waitFor();
    const filter = page.getByRole('textbox', { name: 'Filter by expression' });
    await filter.fill('learning_rate > 1e-5');
    await filter.press('Enter');
    await page.getByRole('button', { name: 'Clear filters' }).waitFor();
    await expectAccessible('trial panel');
    await press(page, 'Columns');
    await page.getByRole('button', { name: 'As at first' }).waitFor();
    await expectAccessible('columns');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'As at first' }).waitFor({ state: 'hidden' });
    await grid.focus();
    await page.keyboard.press('Escape');
    await page.getByRole('complementary', { name: 'Trial 49' }).waitFor({ state: 'detached' });
    await page.getByRole('checkbox', { name: 'Select trial 49' }).check();
    await page.getByRole('checkbox', { name: 'Select trial 48' }).check();
    await press(page, 'Compare');
    await page.getByRole('dialog').getByText('2 trials compared').waitFor();
    await expectAccessible('trials compared');
    await page.keyboard.press('Escape');
    await press(page, 'Clear selection');
  });

  it('gives the focus back to the button of a popover that Escape closes from within', async () => {
    await openTab('Trials');
    await page.getByRole('checkbox', { name: 'Select trial 49' }).check();
    for (const name of ['More trials', 'Columns', 'Views', 'Tag', 'Filter by Duration']) {
      await page.getByRole('button', { name, exact: true }).press('Enter');
      const popover = page.locator('.n-popover').filter({ visible: true });
      const field = popover.getByRole('textbox').or(popover.getByRole('checkbox')).first();
      await field.focus();
      await page.keyboard.press('Escape');
      await popover.waitFor({ state: 'detached' });
      await focused(page, name);
    }
    await press(page, 'Clear selection');
  });

  it('is accessible: the library, with studies chosen', async () => {
    await goTo('#/', 'Library');
    await page.getByRole('checkbox', { name: 'Choose all' }).check();
    await expectAccessible('library chosen');
  });

  it('is accessible: a comparison of studies', async () => {
    const id = await page
      .getByRole('link', { name: 'iris_classification' })
      .last()
      .getAttribute('href');
    const [, storage = '', study = ''] = /study\/([^/]+)\/(\d+)/.exec(id ?? '') ?? [];
    await goTo(`#/compare?study=${storage}/${study}`, /compared/);
    await page.getByRole('heading', { name: 'Best value so far' }).waitFor();
    await expectAccessible('studies compared');
  });

  it('is accessible: the steps of a new study', async () => {
    await goTo('#/new', 'New study');
    await page.getByRole('button', { name: /^iris/ }).first().click();
    await page.getByRole('table', { name: 'Columns of the table' }).waitFor();
    const steps = page.getByRole('navigation', { name: 'Steps' }).getByRole('button');
    for (let i = 0; i < (await steps.count()); i++) {
      await steps.nth(i).click();
      await expectAccessible(`new study ${i + 1}`);
    }
  });

  it('is accessible: the settings', async () => {
    await goTo('#/settings', 'Settings');
    await page.getByText('Licences of what is in it').click();
    await page.getByText('naive-ui').waitFor();
    await expectAccessible('settings');
  });

  it('is accessible: the commands and their keys', async () => {
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog', { name: 'Commands' }).waitFor();
    await expectAccessible('commands');
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await expectAccessible('shortcuts');
    await page.keyboard.press('Escape');
  });

  it.each([
    ['#/', 'Library'],
    ['#/settings', 'Settings'],
  ])('shows where the focus is, wherever Tab goes: %s', async (hash, title) => {
    await goTo(hash, title);
    const stops = await tabStops(page);
    expect(stops.length).toBeGreaterThan(8);
    const unseen = stops.filter(({ isVisible }) => !isVisible).map(({ name }) => name);
    expect(unseen, unseen.join('\n')).toEqual([]);
  });

  it('moves nothing for those who do not want it', async () => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const moving = await page.evaluate<string[]>(`[...document.querySelectorAll('*')]
      .filter((element) => {
        const { transitionDuration, animationDuration } = getComputedStyle(element);
        return [transitionDuration, animationDuration]
          .flatMap((list) => list.split(','))
          .some((duration) => parseFloat(duration) > 0.011);
      })
      .map(({ className }) => String(className))`);
    expect(moving).toEqual([]);
  });
});
