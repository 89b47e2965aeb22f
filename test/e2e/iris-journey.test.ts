import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parse } from 'csv-parse/sync';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { FrozenTrial, TrialState } from '../../src-main/tuner/trial/frozen-trial.ts';
import { formatNumber } from '../../src-renderer/format.ts';
import { requirements } from '../helpers/requirements.ts';
import { createDataDir, type RunningApp, shells, takeScreenshots } from './shells.ts';
import { isFinished, readTrials } from './stored-trials.ts';
import { eventually } from '../helpers/eventually.ts';
import { addTrials, arrivals, cellsOf, finishedTrials, press, standing } from './study-page.ts';

const STUDY = 'iris_classification';

/** Trials take milliseconds: so many that no run is over before a page that is slow has shown what it should. */
const MANY = 20_000;

describe.each(shells)('the iris study', (shell) => {
  const needs = requirements(...shell.needs);

  describe.skipIf(needs.missing)(needs.title(`in the ${shell.name}`), () => {
    let data: ReturnType<typeof createDataDir>;
    let app: RunningApp;

    beforeEach(async () => {
      data = createDataDir();
      app = await shell.start(data.path);
    });
    afterEach(async () => {
      await app?.quit();
      data.remove();
    });

    const libraryFile = (): string => join(data.path, 'studies.db');
    /** The trials in the file of a study at rest, once the page, which is told of state and trials apart, shows as many. */
    async function settledTrials(page: Page): Promise<readonly FrozenTrial[]> {
      const trials = await readTrials(libraryFile());
      await eventually(async () =>
        expect(await finishedTrials(page)).toBe(trials.filter(isFinished).length),
      );
      return trials;
    }
    /** Starts the app again with what it knew; the page before must have been free of errors. */
    async function restart(): Promise<void> {
      expect(app.errors).toEqual([]);
      app = await shell.start(data.path);
    }

    it('is created, run to its end, exported, and there again after a restart', async () => {
      await app.page.getByRole('heading', { name: 'No studies yet' }).waitFor();
      await takeScreenshots(app, `${shell.name}-empty-library`);
      await app.page.getByRole('button', { name: 'Create the study' }).click();
      await app.page.getByRole('heading', { level: 1, name: STUDY }).waitFor();
      await press(app.page, 'Run');
      await standing(app.page, 'Finished');
      const trials = await settledTrials(app.page);
      expect(trials.map(({ number }) => number)).toEqual(Array.from({ length: 50 }, (_, i) => i));
      expect(trials.every(isFinished)).toBe(true);
      await expectShownAsStored(app.page, trials);
      await takeScreenshots(app, `${shell.name}-study-trials`);
      await expectPrunedExplained(app.page, trials);
      await app.page.getByRole('link', { name: 'Overview' }).click();
      await takeScreenshots(app, `${shell.name}-study-overview`);

      const csvPath = await app.exportCsv(() => press(app.page, 'Export CSV'));
      const rows = parse<Record<string, string>>(readFileSync(csvPath), { columns: true });
      // Optuna names the column after the metric.
      expect(
        rows.map(({ number, state, value_accuracy }) => [number, state, Number(value_accuracy)]),
      ).toEqual(
        trials.map(({ number, state, values }) => [
          String(number),
          state.toUpperCase(),
          values?.[0] ?? NaN,
        ]),
      );
      expect(app.errors).toEqual([]);

      await app.quit();
      await restart();
      await app.page.getByText(STUDY).first().waitFor();
      await takeScreenshots(app, `${shell.name}-library`);
      await openStudy(app.page);
      await eventually(async () => expect(await finishedTrials(app.page)).toBe(50));
      expect(app.errors).toEqual([]);
    });

    it('shows trials as they arrive, is paused, and resumed after a restart', async () => {
      await startLongRun(app.page);
      const seen = new Set<number>();
      await eventually(async () => {
        seen.add(await finishedTrials(app.page));
        expect(seen.size).toBeGreaterThanOrEqual(4);
      });
      await press(app.page, 'Pause');
      await standing(app.page, 'Paused');
      const atPause = await settledTrials(app.page);
      const paused = atPause.filter(isFinished).length;
      expect(paused).toBeGreaterThanOrEqual(5);
      expect(paused).toBeLessThan(50 + MANY);
      await expectShownAsStored(app.page, atPause);

      await app.quit();
      const stored = await readTrials(libraryFile());
      expect(stored.filter(isFinished)).toHaveLength(paused);
      expect(stored.some(({ state }) => state === 'running')).toBe(false);

      await restart();
      await openStudy(app.page);
      await eventually(async () => expect(await finishedTrials(app.page)).toBe(paused));
      await addTrials(app.page, MANY);
      await arrivals(app.page, paused + 5);
      await press(app.page, 'Stop');
      await standing(app.page, 'Paused');
      const after = await readTrials(libraryFile());
      expect(after.slice(0, paused)).toEqual(stored.slice(0, paused));
      expect(app.errors).toEqual([]);
    });

    it('puts running trials back into the queue when the app is quit', async () => {
      await startLongRun(app.page);
      await arrivals(app.page, 5);
      await app.quit();
      const stored = await readTrials(libraryFile());
      expect(stored.filter(isFinished).length).toBeGreaterThanOrEqual(5);
      expect(stored.some(({ state }) => state === 'running')).toBe(false);
      await restart();
    });

    it('loses nothing that was finished when the app is killed, and goes on', async () => {
      await startLongRun(app.page);
      await arrivals(app.page, 5);
      const shown = await finishedTrials(app.page);
      const children = trainingChildrenOf(app.process.pid);
      expect(children.length).toBeGreaterThanOrEqual(1);
      await app.kill();
      const killed = await readTrials(libraryFile());
      const finished = killed.filter(isFinished);
      // The training processes notice that their parent is gone.
      await eventually(() => expect(stillRunning(children)).toEqual([]));
      expect(finished.length).toBeGreaterThanOrEqual(shown);

      app = await shell.start(data.path);
      await openStudy(app.page);
      await addTrials(app.page, MANY);
      await arrivals(app.page, finished.length + 5);
      await press(app.page, 'Stop');
      await standing(app.page, 'Paused');

      const after = await readTrials(libraryFile());
      expect(after.map(({ number }) => number)).toEqual(after.map((_, i) => i));
      for (const trial of finished) {
        expect(after[trial.number]).toEqual(trial);
      }
      // What the killed program had begun was begun again, under its own number.
      for (const { number } of killed.filter(({ state }) => state === 'running')) {
        expect(after[number]).toSatisfy(isFinished);
      }
      expect(app.errors).toEqual([]);
    });
  });
});

/** The ids of the processes that train for the program. */
function trainingChildrenOf(pid: number | undefined): number[] {
  const list = execFileSync('ps', ['-e', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  const processes = list
    .trim()
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [])
    .map(([, id, parent, args = '']) => ({ id: Number(id), parent: Number(parent), args }));
  return processes
    .filter(({ parent, args }) => parent === pid && /worker\.(js|ts)/.test(args))
    .map(({ id }) => id);
}

/** Those of the processes that are still there. */
function stillRunning(ids: readonly number[]): number[] {
  return ids.filter((id) => {
    try {
      process.kill(id, 0);
      return true;
    } catch {
      return false;
    }
  });
}

async function startLongRun(page: Page): Promise<void> {
  await press(page, 'Create the study');
  await page.getByRole('heading', { level: 1, name: STUDY }).waitFor();
  await addTrials(page, MANY);
}

async function openStudy(page: Page): Promise<void> {
  await page.getByRole('main').getByText(STUDY).first().click();
  await page.getByRole('heading', { level: 1, name: STUDY }).waitFor();
  await eventually(async () => expect(await finishedTrials(page)).not.toBeNaN());
}

/** The numbers behind the chart and the rows of the trial table are those in the file. */
async function expectShownAsStored(page: Page, trials: readonly FrozenTrial[]): Promise<void> {
  await page.getByRole('link', { name: 'Overview' }).click();
  const asTable = page.getByRole('button', { name: 'Show as table' }).first();
  await asTable.click();
  const chart = page.getByRole('table', { name: /Optimization history.*, as a table/ });
  const drawn = trials.filter(({ state }) => state === 'complete' || state === 'pruned');
  await eventually(async () =>
    expect(await chart.getAttribute('aria-rowcount')).toBe(String(drawn.length)),
  );
  // The table is virtual: as many rows as fit are there, the first ones.
  const rows = await eventually(async () => {
    const found = await cellsOf(chart.locator('tbody tr[aria-rowindex]'), 'td');
    expect(found.length).toBeGreaterThanOrEqual(Math.min(5, drawn.length));
    return found;
  });
  for (const [number, state, value] of rows) {
    const trial = trials[Number(number)];
    expect(state).toBe(stateWords[trial?.state ?? 'fail']);
    // Shown with seven digits.
    expect(Number(value)).toBeCloseTo(shownValue(trial) ?? NaN, 6);
  }
  await asTable.click();

  await page.getByRole('link', { name: 'Trials', exact: true }).click();
  const grid = page.getByRole('grid', { name: 'Trials' });
  await eventually(async () =>
    expect(await grid.getAttribute('aria-rowcount')).toBe(String(trials.length + 1)),
  );
  const titles = await grid.getByRole('columnheader').allInnerTexts();
  const columnOf = (title: RegExp): number => titles.findIndex((text) => title.test(text.trim()));
  const [numberAt, stateAt] = [columnOf(/^Trial/), columnOf(/^State/)];
  const shown = await eventually(async () => {
    const found = await cellsOf(
      grid.getByRole('row').filter({ has: page.getByRole('gridcell') }),
      '[role=gridcell]',
    );
    expect(found.length).toBeGreaterThanOrEqual(Math.min(5, trials.length));
    return found;
  });
  for (const cells of shown) {
    const trial = trials[Number(cells[numberAt])];
    expect(cells[stateAt]).toBe(stateWords[trial?.state ?? 'waiting']);
  }
}

/** The panel of a pruned trial says what the median pruner compared, by the numbers in the file, and closes again. */
async function expectPrunedExplained(page: Page, trials: readonly FrozenTrial[]): Promise<void> {
  const pruned = page
    .getByRole('group', { name: 'State' })
    .getByRole('button', { name: /^Pruned/ });
  await pruned.click();
  const grid = page.getByRole('grid', { name: 'Trials' });
  const n = trials.filter(({ state }) => state === 'pruned').length;
  await eventually(async () => expect(await grid.getAttribute('aria-rowcount')).toBe(`${n + 1}`));
  await grid.focus();
  await page.keyboard.press('Enter');
  const panel = page.getByRole('complementary');
  await panel.waitFor();
  const number = Number(/\d+$/.exec((await panel.getAttribute('aria-label')) ?? '')?.[0]);
  const reports = [...(trials[number]?.intermediateValues ?? [])];
  const [step] = reports.at(-1) ?? [NaN];
  // One trial after the other: those complete before it are those of lower numbers.
  const others = trials
    .slice(0, number)
    .filter(({ state }) => state === 'complete')
    .flatMap(({ intermediateValues }) => intermediateValues.get(step) ?? [])
    .sort((a, b) => a - b);
  const middle = (others.length - 1) / 2;
  const median = ((others[Math.floor(middle)] ?? NaN) + (others[Math.ceil(middle)] ?? NaN)) / 2;
  const best = Math.max(...reports.map(([, value]) => value));
  expect(best).toBeLessThan(median);
  await panel
    .getByText(
      `Pruned at step ${step}: its best report, ${formatNumber(best)}, was below the median of ${others.length} complete trial${others.length === 1 ? '' : 's'} there, ${formatNumber(median)}.`,
    )
    .waitFor();
  const chart = panel.locator('figure.chart');
  await chart.getByRole('button', { name: 'Show as table' }).click();
  await chart.getByRole('columnheader', { name: 'Pruned if worse' }).waitFor();
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });
  await pruned.click();
}

const stateWords: Readonly<Record<TrialState, string>> = {
  complete: 'Complete',
  pruned: 'Pruned',
  fail: 'Failed',
  running: 'Running',
  waiting: 'Waiting',
};

/** What a chart draws of a trial: its value or, where it was pruned, what it reported last. */
function shownValue(trial: FrozenTrial | undefined): number | undefined {
  return trial?.state === 'pruned'
    ? [...trial.intermediateValues.values()].at(-1)
    : trial?.values?.[0];
}
