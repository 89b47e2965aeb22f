import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { requirements } from '../helpers/requirements.ts';
import { findProblems, tabStops } from './accessibility.ts';
import { createDataDir, type RunningApp, shells } from './shells.ts';

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
  });
  afterAll(async () => {
    await app?.quit();
    data?.remove();
  });

  /** In light and dark, nothing is nameless, out of order or hard to read. */
  async function expectAccessible(): Promise<void> {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      // Charts and colours follow a frame or two later.
      await vi.waitFor(
        async () => {
          const problems = await findProblems(page);
          expect(problems, [colorScheme, ...problems].join('\n')).toEqual([]);
        },
        { timeout: 5000, interval: 200 },
      );
    }
  }
  async function goTo(hash: string): Promise<void> {
    await page.evaluate(`void (location.hash = ${JSON.stringify(hash)})`);
    await page.getByRole('heading', { level: 1 }).waitFor();
  }

  it('is accessible: the empty library', async () => {
    await page.getByRole('heading', { name: 'No studies yet' }).waitFor();
    await expectAccessible();
  });

  it('is accessible: the tabs of a study', { timeout: 120_000 }, async () => {
    await page.getByRole('button', { name: 'Create the study' }).click();
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByRole('status').filter({ hasText: 'Finished' }).waitFor({ timeout: 60_000 });
    const tabs = await page.getByRole('navigation').last().getByRole('link').allInnerTexts();
    expect(tabs.length).toBeGreaterThanOrEqual(4);
    for (const tab of tabs) {
      await page.getByRole('link', { name: tab, exact: true }).last().click();
      await expectAccessible();
    }
  });

  it('is accessible: the library, with studies chosen', async () => {
    await goTo('#/');
    await page.getByRole('checkbox', { name: 'Choose all' }).check();
    await expectAccessible();
  });

  it('is accessible: a comparison of studies', async () => {
    const id = await page
      .getByRole('link', { name: 'iris_classification' })
      .last()
      .getAttribute('href');
    const [, storage = '', study = ''] = /study\/([^/]+)\/(\d+)/.exec(id ?? '') ?? [];
    await goTo(`#/compare?study=${storage}/${study}`);
    await page.getByRole('heading', { name: 'Best value so far' }).waitFor();
    await expectAccessible();
  });

  it('is accessible: the steps of a new study', { timeout: 120_000 }, async () => {
    await goTo('#/new');
    await page.getByRole('button', { name: /^iris/ }).first().click();
    await page.getByRole('table', { name: 'Columns of the table' }).waitFor();
    const steps = page.getByRole('navigation', { name: 'Steps' }).getByRole('button');
    for (let i = 0; i < (await steps.count()); i++) {
      await steps.nth(i).click();
      await expectAccessible();
    }
  });

  it('is accessible: the settings', async () => {
    await goTo('#/settings');
    await page.getByText('Licences of what is in it').click();
    await page.getByText('naive-ui').waitFor();
    await expectAccessible();
  });

  it('is accessible: the commands and their keys', async () => {
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog', { name: 'Commands' }).waitFor();
    await expectAccessible();
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await expectAccessible();
    await page.keyboard.press('Escape');
  });

  it.each(['#/', '#/settings'])('shows where the focus is, wherever Tab goes: %s', async (hash) => {
    await goTo(hash);
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
