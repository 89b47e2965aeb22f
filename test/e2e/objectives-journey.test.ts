import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openStorage } from '../../src-main/open-storage.ts';
import type { FrozenTrial } from '../../src-main/tuner/trial/frozen-trial.ts';
import { createLargeStudy, LARGE_STUDY_NAME } from '../helpers/large-study.ts';
import { requirements } from '../helpers/requirements.ts';
import { createDataDir, type RunningApp, shells, takeScreenshots } from './shells.ts';
import { readTrials } from './stored-trials.ts';
import { eventually } from '../helpers/eventually.ts';
import { cellsOf, chart, focused, press, tableOf, toNumber } from './study-page.ts';

/** What Optuna says of a study. */
interface Reference {
  readonly bestTrials: readonly number[];
  readonly bestValues: readonly number[];
  readonly infeasible: readonly number[];
  readonly values: Readonly<Record<string, readonly number[]>>;
  readonly hypervolume: {
    readonly referencePoint: readonly number[];
    readonly trialNumbers: readonly number[];
    readonly values: readonly number[];
  };
  readonly csv: string;
}

const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'objectives');
const reference = JSON.parse(readFileSync(join(FIXTURES, 'objectives.json'), 'utf8')) as Readonly<
  Record<'trade-off' | 'pair', Reference>
>;
const tradeOff = reference['trade-off'];
const objectives = ['accuracy', 'parameters', 'seconds'];

describe.each(shells)('studies of several objectives', (shell) => {
  const needs = requirements(...shell.needs);

  describe.skipIf(needs.missing)(needs.title(`in the ${shell.name}`), () => {
    let data: ReturnType<typeof createDataDir>;
    let app: RunningApp;
    let page: Page;
    let largeFile: string;

    beforeAll(async () => {
      data = createDataDir();
      const file = join(data.path, 'objectives.db');
      copyFileSync(join(FIXTURES, 'objectives.db'), file);
      largeFile = join(data.path, 'large.db');
      await createLargeStudy(largeFile, { nTrials: 100_000, nObjectives: 2 });
      // One that is alone in its file would open by itself.
      const storage = await openStorage(largeFile);
      await storage.createStudy(['minimize'], 'beside it');
      await storage.close();
      app = await shell.start(data.path, [file, largeFile]);
      ({ page } = app);
      await page.getByRole('link', { name: 'Library' }).click();
    });
    afterAll(async () => {
      await app?.quit();
      data.remove();
    });

    it('says in the library how large the front is and how far each objective came', async () => {
      const row = page.getByRole('row').filter({ hasText: 'trade-off' });
      await row.getByText(`${tradeOff.bestTrials.length} on the front`).waitFor();
      const lines =
        (await row
          .getByTitle(/^maximize accuracy/)
          .first()
          .getAttribute('title')) ?? '';
      const shown = lines.split('\n').map((line) => Number(line.replace(/^.*: best /, '')));
      expect(shown).toHaveLength(3);
      for (const [k, best] of tradeOff.bestValues.entries())
        expect(shown[k]).toBeCloseTo(best, digitsFor(best));
      await takeScreenshots(app, `${shell.name}-objectives-library`);
    });

    it('lists Optuna’s best trials with their values, and the best of each objective', async () => {
      await page.getByRole('main').getByRole('link', { name: 'trade-off' }).click();
      const figures = page.locator('.figures');
      await figures.getByText(`${tradeOff.bestTrials.length} trials`).waitFor();
      const infeasible = figures.locator('.figure').filter({ hasText: 'Infeasible' }).locator('dd');
      expect(Number.parseInt(await infeasible.innerText(), 10)).toBe(tradeOff.infeasible.length);
      for (const [k, goal] of [
        'maximize accuracy',
        'minimize parameters',
        'minimize seconds',
      ].entries()) {
        const figure = figures.locator('.figure').filter({ hasText: goal });
        const shown = toNumber(await figure.locator('.best').innerText());
        expect(shown).toBeCloseTo(tradeOff.bestValues[k] as number, digitsFor(shown));
        const [, trial = ''] = /trial (\d+)/.exec(await figure.innerText()) ?? [];
        expect(tradeOff.values[trial]?.[k]).toBe(tradeOff.bestValues[k]);
      }

      const rows = frontCard(page)
        .getByRole('row')
        .filter({ has: page.getByRole('cell') });
      const listed = (await cellsOf(rows, '[role=cell]')).map((cells) => cells.map(toNumber));
      expectValues(listed, tradeOff.bestTrials);
      const accuracies = listed.map(([, accuracy]) => accuracy as number);
      expect(accuracies).toEqual(accuracies.toSorted((a, b) => b - a));
      await takeScreenshots(app, `${shell.name}-objectives-overview`);

      // Also where they do not fit in one line.
      await app.setSize(1024, 700);
      const unseen = await page.evaluate<string[]>(`[...document.querySelectorAll('.figure')]
        .filter((figure) => {
          const { x, y, width, height } = figure.querySelector('dd').getBoundingClientRect();
          return !figure.contains(document.elementFromPoint(x + width / 2, y + height / 2));
        })
        .map(({ textContent }) => textContent)`);
      expect(unseen).toEqual([]);
      await app.setSize(1280, 800);
    });

    it('draws that front, and the hypervolume that Optuna computes from the same point', async () => {
      const front = await tableOf(chart(page, 'Pareto front'));
      expect(front).toHaveLength(Object.keys(tradeOff.values).length);
      expectValues(
        front.filter((cells) => cells.at(-1) === 1).map((cells) => cells.slice(0, -1)),
        tradeOff.bestTrials,
      );

      const { referencePoint, trialNumbers, values } = tradeOff.hypervolume;
      const hypervolume = chart(page, 'Hypervolume');
      await hypervolume.scrollIntoViewIfNeeded();
      await press(page, 'Reference…');
      for (const [k, title] of objectives.entries()) {
        const field = page.getByRole('textbox', { name: `Reference of ${title}` });
        await field.fill(String(referencePoint[k]));
        await field.blur();
      }
      await takeScreenshots(app, `${shell.name}-objectives-reference`);
      await page.keyboard.press('Escape');
      await focused(page, 'Reference…');
      const expectHypervolumes = (): Promise<void> =>
        eventually(async () => {
          const shown = await tableOf(hypervolume);
          expect(shown.map(([number]) => number)).toEqual(trialNumbers);
          for (const [i, [, volume]] of shown.entries())
            expect(volume).toBeCloseTo(values[i] as number, digitsFor(values[i] as number, 7));
        });
      await expectHypervolumes();
      await page.reload();
      await expectHypervolumes();
    });

    it('says what matters for each objective, side by side', async () => {
      const importance = chart(page, 'Importance');
      await importance.scrollIntoViewIfNeeded();
      await importance.locator('.n-select').first().click();
      await page.getByText('All objectives', { exact: true }).last().click();
      const legend = importance.getByRole('list', { name: 'Legend' });
      for (const title of objectives) await legend.getByRole('button', { name: title }).waitFor();
      await takeScreenshots(app, `${shell.name}-objectives-importance`);
      const rows = await tableOf(importance);
      for (const column of objectives.keys())
        expect(rows.reduce((sum, cells) => sum + (cells[column + 1] ?? NaN), 0)).toBeCloseTo(1, 4);

      // One that is hidden is out of reach of the keys too.
      await legend.getByRole('button', { name: 'accuracy' }).click();
      await importance.getByRole('group').last().focus();
      await page.keyboard.press('ArrowDown');
      await page
        .getByRole('tooltip')
        .getByText(/(seconds|parameters): [\d.]+/)
        .waitFor();
      await page.keyboard.press('Escape');
      expect(app.errors).toEqual([]);
    });

    it('says why no improvement is estimated, and what shows it instead', async () => {
      await page.getByRole('link', { name: 'Analysis', exact: true }).click();
      const improvement = chart(page, 'Improvement left');
      await improvement.scrollIntoViewIfNeeded();
      await improvement
        .getByText(/for one objective, and this study has 3\..*hypervolume/)
        .waitFor();
      expect(await improvement.getByRole('button', { name: 'Compute' }).count()).toBe(0);
      await page.getByRole('link', { name: 'Overview', exact: true }).click();
    });

    it('marks a trial of the front in every chart, opens it from there, and filters by what is drawn around it', async () => {
      const pareto = chart(page, 'Pareto front');
      await pareto.scrollIntoViewIfNeeded();
      const [row] = await frontCard(page)
        .getByRole('row')
        .filter({ has: page.getByRole('cell') })
        .all();
      await row?.hover();
      const number = Number(await row?.getByRole('cell').first().innerText());
      const marks = pareto.locator('circle.is-hovered');
      await eventually(async () => expect(await marks.count()).toBe(3));
      const history = chart(page, 'History: accuracy').locator('circle.is-hovered');
      await eventually(async () => expect(await history.count()).toBe(1));

      const box = await marks.first().boundingBox();
      if (!box) throw new Error('The mark has no place.');
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      await page.mouse.move(x, y);
      await page.locator('[role=tooltip]').getByText(`Trial ${number}`).waitFor();
      await page.mouse.click(x, y);
      const panel = page.getByRole('complementary', { name: `Trial ${number}` });
      await panel.getByText('Constraints', { exact: true }).waitFor();
      const shown = (await panel.locator('.values dd').allInnerTexts()).map(toNumber);
      expect(shown).toHaveLength(3);
      expectValues([[number, ...shown]], [number]);
      await takeScreenshots(app, `${shell.name}-objectives-trial`);
      await panel.getByRole('button', { name: 'Close' }).click();

      await row?.hover();
      const now = await marks.first().boundingBox();
      if (!now) throw new Error('The mark has no place.');
      const [left, top] = [now.x + now.width / 2 - 9, now.y + now.height / 2 - 9];
      await page.keyboard.down('Shift');
      await page.mouse.move(left, top);
      await page.mouse.down();
      await page.mouse.move(left + 18, top + 18, { steps: 4 });
      await page.mouse.up();
      await page.keyboard.up('Shift');
      const chips = page.getByRole('list', { name: 'Filters' });
      await chips.getByText(/^accuracy/).waitFor();
      await chips.getByText(/^parameters/).waitFor();
      await page.getByRole('link', { name: 'Trials', exact: true }).click();
      await eventually(async () => {
        const numbers = await numbersShown(page);
        expect(numbers).toContain(number);
        expect(numbers.length).toBeLessThan(Object.keys(tradeOff.values).length);
      });
      await press(page, 'Clear filters');
    });

    it('tells infeasible trials and the front apart in the table', async () => {
      const states = page.getByRole('group', { name: 'State' });
      await states.getByRole('button', { name: /^Infeasible/ }).click();
      await eventually(async () =>
        expect((await numbersShown(page)).toSorted((a, b) => a - b)).toEqual(tradeOff.infeasible),
      );
      await takeScreenshots(app, `${shell.name}-objectives-infeasible`);
      await states.getByRole('button', { name: /^Infeasible/ }).click();
      await states.getByRole('button', { name: /^Pareto front/ }).click();
      await eventually(async () =>
        expect((await numbersShown(page)).toSorted((a, b) => a - b)).toEqual(tradeOff.bestTrials),
      );
      const grid = page.getByRole('grid', { name: 'Trials' });
      for (const title of objectives)
        await grid.getByRole('columnheader', { name: title }).waitFor();
      await states.getByRole('button', { name: /^Pareto front/ }).click();
    });

    it('exports the CSV that Optuna writes', async () => {
      const path = await app.exportCsv(() => press(page, 'Export CSV'));
      expect(readFileSync(path, 'utf8')).toBe(tradeOff.csv);
    });

    it('shows two objectives without names the same way', async () => {
      await page.getByRole('link', { name: 'Library' }).click();
      await page.getByRole('main').getByRole('link', { name: 'pair' }).click();
      await page.getByRole('heading', { level: 1, name: 'pair' }).waitFor();
      await page.getByRole('link', { name: 'Overview', exact: true }).click();
      const front = await tableOf(chart(page, 'Pareto front'));
      const { bestTrials, values } = reference.pair;
      const onFront = front.filter((cells) => cells.at(-1) === 1);
      expect(onFront.map(([number]) => number).sort()).toEqual([...bestTrials].sort());
      for (const [number, first, second] of onFront) {
        const [x = NaN, y = NaN] = values[String(number)] ?? [];
        expect(first).toBeCloseTo(x, 5);
        expect(second).toBeCloseTo(y, 5);
      }
      await takeScreenshots(app, `${shell.name}-objectives-pair`);
    });

    it('finds the front among 100,000 trials, and draws it', async () => {
      await page.getByRole('link', { name: 'Library' }).click();
      await page.getByRole('main').getByRole('link', { name: LARGE_STUDY_NAME }).click();
      await page.getByRole('heading', { level: 1, name: LARGE_STUDY_NAME }).waitFor();
      const front = frontOf(await readTrials(largeFile, LARGE_STUDY_NAME));
      const figures = page.locator('.figures');
      await figures.getByText(`${front.length} trials`, { exact: true }).waitFor();
      const pareto = chart(page, 'Pareto front');
      await pareto.locator('canvas').waitFor();
      await eventually(async () =>
        expect(await pareto.getByRole('group').getAttribute('aria-label')).toContain(
          `${front.length} of `,
        ),
      );
      await press(page, 'Only these');
      await page.getByText(`${front.length} of 100,000 trials`).first().waitFor();
      await page.getByRole('link', { name: 'Trials', exact: true }).click();
      await eventually(async () =>
        expect((await numbersShown(page)).toSorted((a, b) => a - b).at(-1)).toBe(front.at(-1)),
      );
      expect(app.errors).toEqual([]);
    });
  });
});

/** Numbers of the trials that no other one dominates in two values to minimize, ascending. */
function frontOf(trials: readonly FrozenTrial[]): number[] {
  let best = Infinity;
  return trials
    .filter(({ state }) => state === 'complete')
    .map(({ number, values }) => ({ number, x: values?.[0] ?? NaN, y: values?.[1] ?? NaN }))
    .sort((a, b) => a.x - b.x || a.y - b.y)
    .filter(({ y }) => {
      const isOnFront = y < best;
      best = Math.min(best, y);
      return isOnFront;
    })
    .map(({ number }) => number)
    .sort((a, b) => a - b);
}

function frontCard(page: Page): Locator {
  return page.getByRole('table', { name: 'Pareto front', exact: true });
}

/** Trial numbers of the table, as far as it is rendered; so few are all. */
async function numbersShown(page: Page): Promise<number[]> {
  const grid = page.getByRole('grid', { name: 'Trials' });
  const rows = grid.getByRole('row').filter({ has: page.getByRole('gridcell') });
  return (await cellsOf(rows, '[role=gridcell]')).map(([, number]) => Number(number));
}

/** Each row is a trial’s number and its values, and all these trials are there. */
function expectValues(rows: readonly (readonly number[])[], trialNumbers: readonly number[]): void {
  const numbers = rows.map(([number]) => number as number);
  expect(numbers.toSorted((a, b) => a - b)).toEqual(trialNumbers);
  for (const [number, ...values] of rows)
    for (const [k, value] of values.entries()) {
      const expected = tradeOff.values[String(number)]?.[k] ?? NaN;
      expect(value).toBeCloseTo(expected, digitsFor(expected));
    }
}

/** Decimals of which all but the last are right where so many digits are shown. */
function digitsFor(value: number, nDigits = 4): number {
  return nDigits - 1 - Math.ceil(Math.log10(Math.abs(value)));
}
