import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { parse } from 'csv-parse/sync';
import type { Locator, Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { RetrainedModel, TestResult } from '../../src-main/contract/models.ts';
import { openStorage } from '../../src-main/open-storage.ts';
import { requirements } from '../helpers/requirements.ts';
import { eventually } from '../helpers/eventually.ts';
import { createDataDir, type RunningApp, shells, takeScreenshots } from './shells.ts';
import { cellsOf, press, standing } from './study-page.ts';

const STUDY = 'iris_classification';
const TABLE = join(import.meta.dirname, '..', '..', 'resources', 'tables', 'iris.csv');

describe.each(shells)('the model tab', (shell) => {
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

    /** What the study's file says under names that begin so. */
    async function recorded<Value>(prefix: string): Promise<Value[]> {
      const storage = await openStorage(join(data.path, 'studies.db'), { readOnly: true });
      try {
        const { systemAttrs } = await storage.getStudy(await storage.getStudyId(STUDY));
        return Object.keys(systemAttrs)
          .filter((name) => name.startsWith(prefix))
          .sort()
          .map((name) => systemAttrs[name] as Value);
      } finally {
        await storage.close();
      }
    }

    it('trains the best again, tests it once, and hands on a network that answers the same elsewhere', async () => {
      app = await shell.start(data.path);
      const { page } = app;
      await press(page, 'Create the study');
      await page.getByRole('heading', { level: 1, name: STUDY }).waitFor();
      await page.getByRole('link', { name: 'Model', exact: true }).click();
      await page.getByRole('heading', { name: 'No network yet' }).waitFor();
      await takeScreenshots(app, `${shell.name}-model-no-trials`);
      await press(page, 'Run');
      await standing(page, 'Finished');
      await page.getByRole('heading', { name: 'Train again' }).waitFor();
      await takeScreenshots(app, `${shell.name}-model-before`);

      // So many networks that no page is too slow for the button to be pressed before they are trained.
      const nSeeds = (): Promise<string> => seedsField(page).inputValue();
      expect(await nSeeds()).toBe('5');
      await chooseTrials(page, /^the best 5 trials/);
      expect(await nSeeds()).toBe('2');
      await seeds(page, 100);
      await press(page, 'Train again');
      await page.getByText(/^Training again: \d+ of 500 networks$/).waitFor();
      await press(page, 'Cancel');
      await page.getByText('Training again: cancelled, nothing was kept').waitFor();

      await chooseTrials(page, /^trial \d+/i);
      // As it was chosen.
      expect(await nSeeds()).toBe('100');
      await seeds(page, 3);
      await press(page, 'Train again');
      const trained = page.getByRole('table', { name: 'Trained again' });
      await trained.waitFor();
      const [model] = await recorded<RetrainedModel>('parzen:model:');
      const [cells] = await cellsOf(trained.locator('tbody tr'), 'td');
      expect(cells?.slice(0, 3)).toEqual([`Trial ${model?.trialNumbers[0]}`, 'Training rows', '3']);
      const [mean, deviation] = (cells?.at(-1) ?? '').split(' ± ').map(Number);
      expect(mean).toBeCloseTo(model?.mean ?? NaN, 3);
      expect(deviation).toBeCloseTo(model?.deviation ?? NaN, 2);

      await press(page, 'Test once');
      await page.getByRole('heading', { name: 'Test on 30 rows never seen before' }).waitFor();
      const [result] = await recorded<TestResult>('parzen:test:');
      await takeScreenshots(app, `${shell.name}-model-after`);
      expect(await confusionShown(page)).toEqual(confusionOf(result));
      const report = page.locator('section.report');
      await report
        .getByText(`Trial ${model?.trialNumbers[0]} again, 3 networks, training rows, `)
        .waitFor();
      const alone = report
        .locator('dl > div')
        .filter({ hasText: 'Accuracy of each of the 3 alone' });
      const shown = (await alone.locator('dd').allInnerTexts()).join(' ').match(/[\d.]+/g) ?? [];
      const scores = result?.memberScores ?? [];
      const [low, high] = [Math.min(...scores), Math.max(...scores)];
      const average = scores.reduce((sum, score) => sum + score, 0) / scores.length;
      const told = [...new Set([low, high]), average];
      expect(shown.map(Number)).toEqual(told.map((score) => expect.closeTo(score, 2) as number));

      await press(page, 'Test again');
      const warning = page.getByRole('dialog');
      await warning.getByText(/looked at once already/).waitFor();
      await takeScreenshots(app, `${shell.name}-model-second-look`);
      await press(page, 'Cancel');
      await warning.waitFor({ state: 'hidden' });
      expect(await recorded('parzen:test:')).toHaveLength(1);
      await press(page, 'Test again');
      await press(page, 'Look again');
      await page.getByText(/^.*Look number 2 at these rows/).waitFor();
      expect(await recorded('parzen:test:')).toHaveLength(2);

      const table = join(data.path, 'new.csv');
      const note = (row: number): string => (row === 0 ? '"=1+1, or more"' : `-${row}`);
      const [header, ...rows] = readFileSync(TABLE, 'utf8').trim().split(/\r?\n/);
      writeFileSync(
        table,
        [`note,${header}`, ...rows.map((line, row) => `${note(row)},${line}`), ''].join('\n'),
      );
      await page.locator('input[data-purpose=predict]').setInputFiles(table);
      await page.getByText('150 predictions').waitFor();
      await takeScreenshots(app, `${shell.name}-model-predictions`);
      const saved = await app.download(() => press(page, 'Save as CSV'));
      const predicted = readRows(saved);
      expect(predicted).toHaveLength(150);
      expect(predicted.slice(0, 2).map((row) => [row.note, row.species])).toEqual([
        ["'=1+1, or more", 'setosa'],
        ['-1', 'setosa'],
      ]);
      await page.keyboard.press('Escape');

      await press(page, 'Save as…');
      const script = await app.download(() =>
        page.getByText('Script for Node, without dependencies').click(),
      );
      const answers = join(data.path, 'answers.csv');
      writeFileSync(answers, execFileSync(process.execPath, [script, table]));
      const elsewhere = readRows(answers);
      expect(elsewhere).toHaveLength(150);
      for (const [i, row] of elsewhere.entries())
        for (const [name, cell] of Object.entries(row))
          if (name === 'predicted_species') expect(cell).toBe(predicted[i]?.[name]);
          else expect(Number(cell)).toBeCloseTo(Number(predicted[i]?.[name]), 5);
      expect(app.errors).toEqual([]);
    });

    it('says why there is no network of another program’s study', async () => {
      const storage = await openStorage(join(data.path, 'studies.db'), { create: true });
      await storage.createStudy(['minimize'], 'theirs');
      await storage.close();
      app = await shell.start(data.path);
      await app.page.getByRole('main').getByRole('link', { name: 'theirs' }).click();
      await app.page.getByRole('link', { name: 'Model', exact: true }).click();
      await app.page.getByRole('heading', { name: 'No network here' }).waitFor();
      await takeScreenshots(app, `${shell.name}-model-no-spec`);
      expect(app.errors).toEqual([]);
    });
  });
});

/** Chooses the first of those that are named so. */
async function chooseTrials(page: Page, name: RegExp): Promise<void> {
  await page.getByLabel('Trial to train again').click();
  const options = page.locator('.n-base-select-option:visible');
  await options.filter({ hasText: name }).first().click();
  await eventually(async () => expect(await options.count()).toBe(0));
}

function seedsField(page: Page): Locator {
  return page.getByRole('textbox', { name: 'Number of seeds' });
}

async function seeds(page: Page, n: number): Promise<void> {
  const field = seedsField(page);
  await field.fill(String(n));
  await field.blur();
}

function readRows(path: string): Record<string, string>[] {
  return parse(readFileSync(path), { columns: true });
}

/** The numbers behind the chart: each class, and how many of its rows got which answer. */
async function confusionShown(page: Page): Promise<string[][]> {
  const chart = page.locator('figure').filter({ hasText: /^\s*Confusion/ });
  const asTable = chart.getByRole('button', { name: 'Show as table' });
  await asTable.click();
  const rows = chart.getByRole('table').locator('tbody tr[aria-rowindex]');
  await rows.first().waitFor();
  const cells = await cellsOf(rows, 'td');
  await asTable.click();
  return cells;
}

function confusionOf(result: TestResult | undefined): string[][] {
  const { classes = [], confusion = [] } = result?.classification ?? {};
  return confusion.map((counts, actual) => [classes[actual]?.name ?? '', ...counts.map(String)]);
}
