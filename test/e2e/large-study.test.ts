import { join } from 'node:path';

import Database from 'better-sqlite3';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openStorage } from '../../src-main/open-storage.ts';
import { createLargeStudy, LARGE_STUDY_NAME } from '../helpers/large-study.ts';
import { requirements } from '../helpers/requirements.ts';
import {
  brush,
  type ChartState,
  chartOf,
  hideSeries,
  selectAndZoomIn,
  stateOf,
  summaryOf,
  zoomIn,
} from './chart-state.ts';
import { createDataDir, type RunningApp, shells, takeScreenshots } from './shells.ts';
import { eventually } from '../helpers/eventually.ts';
import { finishedTrials } from './study-page.ts';

const N_TRIALS = 100_000;
/** Charts without points that are trials. */
const pointless = ['Intermediate values', 'Empirical distribution'];

describe.each(shells)('a study of 100,000 trials', (shell) => {
  const needs = requirements(...shell.needs);

  describe.skipIf(needs.missing)(needs.title(`in the ${shell.name}`), () => {
    let data: ReturnType<typeof createDataDir>;
    let app: RunningApp;
    let file: string;

    beforeAll(async () => {
      data = createDataDir();
      file = join(data.path, 'large.db');
      await createLargeStudy(file, { nTrials: N_TRIALS, nReports: 2 });
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
      const history = chartOf(page, 'Optimization history');
      await history.locator('canvas').waitFor();
      await eventually(async () => {
        const [, shown] = /best value ([\d.e-]+)\.$/.exec(await summaryOf(history)) ?? [];
        expect(Number(shown)).toBeCloseTo(best.value, 4);
      });
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

    it('shows how far the estimates of the improvement are, and ends them when they are cancelled', async () => {
      const improvement = chartOf(app.page, 'Improvement left');
      await improvement.scrollIntoViewIfNeeded();
      await improvement.getByRole('button', { name: 'Compute' }).click();
      await improvement.getByText(/^\d+ of 100 models$/).waitFor();
      await takeScreenshots(app, `${shell.name}-large-improvement`);
      await improvement.getByRole('button', { name: 'Cancel' }).click();
      await improvement.getByText(/^Press Compute/).waitFor();
      await improvement.getByRole('button', { name: 'Compute' }).waitFor();
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
      await eventually(async () => {
        const shown = await shownNumbers(grid);
        expect(shown.length).toBeGreaterThan(5);
        expect(shown).toEqual(wanted.slice(0, shown.length));
      });
      await takeScreenshots(app, `${shell.name}-large-trials`);
      await grid.focus();
      await eventually(async () => {
        await page.keyboard.press('End');
        expect((await shownNumbers(grid)).at(-1)).toBe(wanted.at(-1));
      });
    });

    it('keeps the place in the table while trials arrive above it', async () => {
      const grid = app.page.getByRole('grid', { name: 'Trials' });
      await grid.evaluate((element) => (element.scrollTop = 3000));
      // The rows of the place before are far away until those of this one are there.
      const before = await eventually(async () => {
        const place = await placeIn(grid);
        expect(Math.abs(place.top)).toBeLessThan(1000);
        return place;
      });
      const nRows = Number(await grid.getAttribute('aria-rowcount'));
      const sorted = grid.locator('[aria-sort=ascending]');
      expect(await sorted.innerText()).toContain('Value');
      await addTrial(0);
      await eventually(async () =>
        expect(Number(await grid.getAttribute('aria-rowcount'))).toBe(nRows + 1),
      );
      await eventually(async () => expect(await placeIn(grid)).toEqual(before));
      expect(await sorted.innerText()).toContain('Value');
      expect(await filters(app.page)).toHaveLength(2);
    });

    it('keeps the keyboard on its trial while others arrive above it', async () => {
      const { page } = app;
      const grid = page.getByRole('grid', { name: 'Trials' });
      const held = grid.locator('.row.is-active [role=gridcell]').nth(1);
      await grid.focus();
      await page.keyboard.press('Home');
      for (let i = 0; i < 2; i++) await page.keyboard.press('ArrowDown');
      const before = await held.innerText();
      const nRows = Number(await grid.getAttribute('aria-rowcount'));
      expect(await grid.getAttribute('aria-activedescendant')).toBe('trial-row-2');
      await addTrial(0);
      await eventually(async () =>
        expect(Number(await grid.getAttribute('aria-rowcount'))).toBe(nRows + 1),
      );
      expect(await grid.getAttribute('aria-activedescendant')).toBe('trial-row-3');
      expect(await held.innerText()).toBe(before);
    });

    it('filters by what is brushed in a chart', async () => {
      const { page } = app;
      await page.getByRole('button', { name: 'Clear filters' }).click();
      await page.getByRole('link', { name: 'Overview', exact: true }).click();
      await brush(chartOf(page, 'Optimization history'));
      await eventually(async () => expect(await filters(page)).toHaveLength(2));
    });

    it.each([
      ['Overview', ['Optimization history', 'Intermediate values', 'Timeline']],
      [
        'Analysis',
        [
          ...['learning_rate', 'weight_decay', 'dropout', 'n_layers', 'width_0', 'width_1'],
          ...['optimizer', 'batch_norm', 'Parallel coordinates', 'Contour', 'Rank'],
          'Empirical distribution',
        ],
      ],
    ])(
      'keeps zoom, selection, hidden series and filters of every chart of the %s while trials arrive',
      async (tab, titles) => {
        const { page } = app;
        await page.getByRole('link', { name: tab, exact: true }).click();
        const charts = titles.map((title) => ({ title, chart: chartOf(page, title) }));
        for (const { title, chart } of charts) {
          const whole = await stateOf(chart);
          if (pointless.includes(title)) await zoomIn(chart);
          else await selectAndZoomIn(chart);
          const near = await stateOf(chart);
          // Its axes are inside.
          if (title !== 'Parallel coordinates') expect(near.axes).not.toEqual(whole.axes);
          if ((await chart.locator('.legend button').count()) > 0) await hideSeries(chart);
        }
        const before = new Map<string, ChartState>();
        for (const { title, chart } of charts) before.set(title, await stateOf(chart));
        const summary = await summaryOf(charts[0]?.chart as Locator);
        const shownFilters = await filters(page);

        for (const value of [0.1, 0.2]) await addTrial(value);
        await eventually(async () => {
          await charts[0]?.chart.scrollIntoViewIfNeeded();
          expect(await summaryOf(charts[0]?.chart as Locator)).not.toBe(summary);
        });
        for (const { title, chart } of charts) {
          const now = await stateOf(chart);
          expect({ title, ...now }).toEqual({ title, ...before.get(title) });
          expect(now.isZoomed).toBe(true);
        }
        expect(await filters(page)).toEqual(shownFilters);
        expect(app.errors).toEqual([]);
      },
    );

    it('shows the best trial that another program adds', async () => {
      const { page } = app;
      const number = await addTrial(-1);
      await page
        .locator('.figures')
        .getByRole('button', { name: `trial ${number}`, exact: true })
        .waitFor();
      await eventually(async () => expect(await finishedTrials(page)).toBe(number + 1));
      expect(app.errors).toEqual([]);
    });

    it('goes on when the worker goes down, and says so', async () => {
      const { page } = app;
      await eventually(() => expect(page.workers()).toHaveLength(1));
      const [worker] = page.workers();
      await worker?.evaluate(`setTimeout(() => { throw new Error('out of luck'); })`);
      await page
        .getByText(/out of luck.*started anew/)
        .first()
        .waitFor();
      const number = await addTrial(-2);
      await page
        .locator('.figures')
        .getByRole('button', { name: `trial ${number}`, exact: true })
        .waitFor();
      await eventually(() => expect(page.workers()).not.toContain(worker));
    });

    /** What another process adds to the file: a complete trial that passes the filters. @returns Its number. */
    async function addTrial(value: number): Promise<number> {
      const [like] = query(
        `SELECT t.trial_id FROM trials t JOIN trial_params p USING (trial_id)
         WHERE p.param_name = 'n_layers' AND p.param_value = 3 AND t.state = 'COMPLETE' LIMIT 1`,
      );
      const [{ nTrials }] = query('SELECT count(*) AS nTrials FROM trials') as [
        { nTrials: number },
      ];
      const storage = await openStorage(file);
      try {
        const studyId = await storage.getStudyId(LARGE_STUDY_NAME);
        const template = await storage.getTrial(like?.trial_id ?? 0);
        // One trial a second, as all others.
        const startedAtMs = Date.UTC(2026, 0, 1) + 1000 * nTrials;
        const { number } = await storage.createTrial(studyId, {
          ...template,
          values: [value],
          startedAtMs,
          completedAtMs: startedAtMs + 900,
        });
        return number;
      } finally {
        await storage.close();
      }
    }

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

/** What narrows the trials, as the page says it. */
function filters(page: Page): Promise<string[]> {
  return page.getByRole('list', { name: 'Filters' }).getByRole('button').allInnerTexts();
}

/** The first row that is read in the table, and where it is on the screen. */
function placeIn(grid: Locator): Promise<{ number: string; top: number }> {
  return grid.evaluate((element) => {
    const head = element.querySelector('.head')?.getBoundingClientRect().bottom ?? 0;
    const [first] = [...element.querySelectorAll('[role=row][aria-rowindex]')]
      .map((row) => ({ row, top: Math.round(row.getBoundingClientRect().top) }))
      .filter(({ top }) => top >= head)
      .sort((a, b) => a.top - b.top);
    const box = first?.row.querySelector('input');
    return { number: box?.getAttribute('aria-label') ?? '', top: first?.top ?? 0 };
  });
}

/** The trial numbers of the rows that are on screen, from top to bottom: in one look, as rows come and go while they are scrolled. */
function shownNumbers(grid: Locator): Promise<number[]> {
  return grid.evaluate((element) => {
    const titles = [...element.querySelectorAll('[role=columnheader]')];
    const at = titles.findIndex(({ textContent }) => textContent.trim().startsWith('Trial'));
    return [...element.querySelectorAll('[role=row][aria-rowindex]')]
      .map((row) => ({
        index: Number(row.getAttribute('aria-rowindex')),
        cell: row.querySelectorAll('[role=gridcell]')[at]?.textContent ?? '',
      }))
      .sort((a, b) => a.index - b.index)
      .map(({ cell }) => Number(cell.trim().replaceAll(',', '')));
  });
}
