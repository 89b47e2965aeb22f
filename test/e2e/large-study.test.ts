import { join } from 'node:path';

import Database from 'better-sqlite3';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openStorage } from '../../src-main/open-storage.ts';
import { createLargeStudy, LARGE_STUDY_NAME } from '../helpers/large-study.ts';
import { requirements } from '../helpers/requirements.ts';
import { createDataDir, type RunningApp, shells, takeScreenshots } from './shells.ts';
import { eventually, finishedTrials } from './study-page.ts';

const N_TRIALS = 100_000;

describe.each(shells)('a study of 100,000 trials', (shell) => {
  const needs = requirements(...shell.needs);

  describe.skipIf(needs.missing)(needs.title(`in the ${shell.name}`), () => {
    let data: ReturnType<typeof createDataDir>;
    let app: RunningApp;
    let file: string;

    beforeAll(async () => {
      data = createDataDir();
      file = join(data.path, 'large.db');
      await createLargeStudy(file, { nTrials: N_TRIALS });
      app = await shell.start(data.path, [file]);
      await app.page.getByRole('heading', { level: 1, name: LARGE_STUDY_NAME }).waitFor();
    });
    afterAll(async () => {
      await app?.quit();
      data.remove();
    });

    it('is shown with the numbers of the file', async () => {
      const { page } = app;
      await eventually(async () => expect(await finishedTrials(page)).toBe(N_TRIALS));
      const [best] = query(
        `SELECT t.number, v.value FROM trials t JOIN trial_values v USING (trial_id)
         WHERE t.state = 'COMPLETE' ORDER BY v.value, t.number LIMIT 1`,
      ) as [{ number: number; value: number }];
      const figures = page.locator('.figures');
      await figures.getByRole('button', { name: `trial ${best.number}`, exact: true }).waitFor();
      const history = chart(page, 'Optimization history');
      await history.locator('canvas').waitFor();
      const summary = (await history.getByRole('group').getAttribute('aria-label')) ?? '';
      const [, shown] = /best value ([\d.e-]+)\.$/.exec(summary) ?? [];
      expect(Number(shown)).toBeCloseTo(best.value, 4);
      await takeScreenshots(app, `${shell.name}-large-overview`);
    });

    it('draws every chart of the analysis', async () => {
      const { page } = app;
      await page.getByRole('link', { name: 'Analysis' }).click();
      for (const title of ['Slices', 'Parallel coordinates', 'Contour', 'Rank'])
        await page.getByText(title, { exact: true }).first().waitFor();
      await page.locator('figure.chart canvas').first().waitFor();
      await takeScreenshots(app, `${shell.name}-large-analysis`);
      const charts = page.locator('figure.chart:visible');
      for (const each of await charts.all()) {
        await each.scrollIntoViewIfNeeded();
        await each.locator('canvas, .empty').first().waitFor();
      }
    });

    it('sorts, filters and scrolls its table as SQL does', async () => {
      const { page } = app;
      await page.getByRole('link', { name: 'Trials', exact: true }).click();
      const grid = page.getByRole('grid', { name: 'Trials' });
      await grid.waitFor();
      await grid.getByRole('button', { name: 'Value', exact: true }).click();
      await page.getByLabel('Filter by expression').fill('value < 0.5 and n_layers = 3');
      await page.getByLabel('Filter by expression').press('Enter');
      const wanted = query(
        `SELECT t.number FROM trials t JOIN trial_values v USING (trial_id)
         JOIN trial_params p ON p.trial_id = t.trial_id AND p.param_name = 'n_layers'
         WHERE v.value < 0.5 AND p.param_value = 3 AND t.state = 'COMPLETE' ORDER BY v.value, t.number`,
      ).map(({ number }) => number);
      const nPruned = query(
        `SELECT t.number FROM trials t JOIN trial_values v USING (trial_id)
         JOIN trial_params p ON p.trial_id = t.trial_id AND p.param_name = 'n_layers'
         WHERE v.value < 0.5 AND p.param_value = 3 AND t.state = 'PRUNED'`,
      ).length;
      await eventually(async () =>
        expect(Number(await grid.getAttribute('aria-rowcount'))).toBe(wanted.length + nPruned + 1),
      );
      await page.getByRole('button', { name: 'Complete' }).click();
      await eventually(async () =>
        expect(Number(await grid.getAttribute('aria-rowcount'))).toBe(wanted.length + 1),
      );
      const shown = await shownNumbers(grid);
      expect(shown).toEqual(wanted.slice(0, shown.length));
      await takeScreenshots(app, `${shell.name}-large-trials`);
      await grid.focus();
      await eventually(async () => {
        await page.keyboard.press('End');
        expect((await shownNumbers(grid)).at(-1)).toBe(wanted.at(-1));
      });
    });

    it('takes a trial that another program adds, and keeps the zoom', async () => {
      const { page } = app;
      await page.getByRole('link', { name: 'Overview' }).click();
      const history = chart(page, 'Optimization history');
      const frame = history.getByRole('group');
      await history.locator('canvas').waitFor();
      const box = await frame.boundingBox();
      if (!box) throw new Error('The chart has no place.');
      await page.mouse.move(box.x + box.width * 0.3, box.y + box.height * 0.3);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.6, { steps: 4 });
      await page.mouse.up();
      const resetZoom = history.getByRole('button', { name: /Reset zoom/ });
      await resetZoom.waitFor();

      const storage = await openStorage(file);
      const studyId = await storage.getStudyId(LARGE_STUDY_NAME);
      const { trialId, number } = await storage.createTrial(studyId);
      await storage.finishTrial(trialId, 'complete', [-1]);
      await storage.close();
      await page
        .locator('.figures')
        .getByRole('button', { name: `trial ${number}`, exact: true })
        .waitFor();
      expect(await finishedTrials(page)).toBe(N_TRIALS + 1);
      expect(await resetZoom.isVisible()).toBe(true);
      expect(app.errors).toEqual([]);
    });

    function query(sql: string): Record<string, number>[] {
      const database = new Database(file, { readonly: true });
      try {
        return database.prepare<[], Record<string, number>>(sql).all();
      } finally {
        database.close();
      }
    }
  });
});

function chart(page: Page, title: string): Locator {
  return page.locator('figure.chart').filter({ has: page.getByRole('heading', { name: title }) });
}

/** The trial numbers of the rows that are on screen, from top to bottom. */
async function shownNumbers(grid: Locator): Promise<number[]> {
  const titles = await grid.getByRole('columnheader').allInnerTexts();
  const at = titles.findIndex((title) => title.trim().startsWith('Trial'));
  const rows = await grid.page().locator('[role=row][aria-rowindex]').all();
  const ordered = await Promise.all(
    rows.map(async (row) => ({
      index: Number(await row.getAttribute('aria-rowindex')),
      cells: await row.locator('[role=gridcell]').allInnerTexts(),
    })),
  );
  return ordered
    .sort((a, b) => a.index - b.index)
    .map(({ cells }) => Number(cells[at]?.replaceAll(',', '')));
}
