import { copyFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Locator, Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { openStorage } from '../../src-main/open-storage.ts';
import { loadStudy } from '../../src-main/tuner/study/study.ts';
import { improvementHistory } from '../../src-main/tuner/terminators/improvement-history.ts';
import type { FrozenStudy } from '../../src-main/tuner/storages/storage.ts';
import { requirements } from '../helpers/requirements.ts';
import { call, startServices } from '../helpers/services.ts';
import { createDataDir, type RunningApp, settle, shells, takeScreenshots } from './shells.ts';
import { eventually } from '../helpers/eventually.ts';
import { chart, focused, standing, tableOf } from './study-page.ts';
import { readTrials } from './stored-trials.ts';

const STUDY = 'iris_classification';
const FIXTURE = join(import.meta.dirname, '..', 'fixtures', 'optuna', 'optuna-4.9-iris.db');

/** Its first trials run until they are stopped. */
const ENDLESS = join(import.meta.dirname, '../training/children/objectives/endless.mjs');

/** What Markdown can do, and what a file must not. */
const hostileNote = `# Odd
<b>bold</b> <script>window.wasRun = true</script> <img src=x onerror="window.wasRun = true">

The [paper](https://example.com/paper) and **this** [trap](javascript:window.wasRun=true),
![a pixel](https://example.com/pixel.png) ![inline](data:image/svg+xml;base64,PHN2Zy8+)

| width | value |
| ----- | ----: |
| 64    |   0.9 |

- [x] look again

\`\`\`
<iframe src="https://example.com"></iframe>
\`\`\`
`;

/** Optuna's study of 50 trials (43 complete, 7 pruned) as the library's own file. */
describe.each(shells)('a study that Optuna ran', (shell) => {
  const needs = requirements(...shell.needs);

  describe.skipIf(needs.missing)(needs.title(`in the ${shell.name}`), () => {
    let data: ReturnType<typeof createDataDir>;
    let app: RunningApp;
    let page: Page;

    beforeEach(async () => {
      data = createDataDir();
      copyFileSync(FIXTURE, libraryFile());
      app = await shell.start(data.path);
      page = app.page;
      await page.getByRole('main').getByText(STUDY).first().click();
      await page.getByRole('heading', { level: 1, name: STUDY }).waitFor();
    });
    afterEach(async () => {
      await app?.quit();
      data.remove();
    });

    const libraryFile = (): string => join(data.path, 'studies.db');
    const grid = (): Locator => page.getByRole('grid', { name: 'Trials' });
    async function openTrials(): Promise<void> {
      await page.getByRole('link', { name: 'Trials', exact: true }).click();
      await grid().waitFor();
      await rowCount(50);
    }
    /** Gives the study another name, and goes back to its trials. */
    async function rename(name: string): Promise<void> {
      await page.getByRole('link', { name: 'Library' }).click();
      await page.getByRole('button', { name: `Actions for ${STUDY}` }).click();
      await page.locator('.n-dropdown-option').getByText('Rename…', { exact: true }).click();
      const field = page.getByRole('dialog').getByLabel('New name', { exact: true });
      await field.fill(name);
      await field.press('Enter');
      await field.waitFor({ state: 'detached' });
      await page.getByRole('main').getByText(name).first().click();
      await page.getByRole('link', { name: 'Trials', exact: true }).click();
      await grid().waitFor();
    }
    async function rowCount(n: number): Promise<void> {
      await eventually(async () =>
        expect(await grid().getAttribute('aria-rowcount')).toBe(String(n + 1)),
      );
    }
    /** What the grid says of its rows when a filter has taken some away. */
    async function fewerRows(): Promise<string> {
      return eventually(async () => {
        const n = (await grid().getAttribute('aria-rowcount')) ?? '';
        expect(Number(n)).toBeLessThan(51);
        return n;
      });
    }

    it('loses trials and gets them back as they were, by keyboard alone', async () => {
      const before = await readTrials(libraryFile());
      await openTrials();
      await app.setSize(1024, 700);
      const place = await grid().boundingBox();
      await grid().focus();
      // The newest are on top: 49 is active, 48 and 47 become the selection.
      for (const key of ['ArrowDown', 'Space', 'ArrowDown', 'Space'])
        await page.keyboard.press(key);
      await page.getByText('2 selected').waitFor();
      // In a narrow window, too, the table stays where it is.
      expect(await grid().boundingBox()).toEqual(place);
      await takeScreenshots(app, `${shell.name}-trials-selected`);
      await page.keyboard.press('Delete');
      await page.getByText('2 trials deleted', { exact: true }).waitFor();
      await rowCount(48);
      await eventually(async () =>
        expect((await readTrials(libraryFile())).map(({ number }) => number)).toEqual(
          before.map(({ number }) => number).filter((number) => number !== 47 && number !== 48),
        ),
      );
      await page.keyboard.press('Control+z');
      await rowCount(50);
      expect(await readTrials(libraryFile())).toEqual(before);
      expect(app.errors).toEqual([]);
    });

    it('hides trials from charts, table and the best value, and shows them again', async () => {
      const before = await readTrials(libraryFile());
      const best = Math.max(...before.map(({ values }) => values?.[0] ?? -Infinity));
      const tied = before.filter(({ values }) => values?.[0] === best);
      await openTrials();
      await page.getByText(`${tied.length} trials tied`).waitFor();
      await page.getByRole('button', { name: `trial ${tied[0]?.number}`, exact: true }).click();
      const panel = page.getByRole('complementary', { name: `Trial ${tied[0]?.number}` });
      await panel.getByRole('button', { name: 'Hide' }).click();
      await page.getByText(`${tied.length - 1} trials tied`).waitFor();
      await rowCount(49);
      // What the study did is not changed by looking away.
      expect(await readTrials(libraryFile())).toEqual(before);
      await page.getByRole('button', { name: '1 hidden' }).click();
      await rowCount(50);
      await page.getByText(`${tied.length - 1} trials tied`).waitFor();
      await page.getByRole('button', { name: 'Undo' }).click();
      await page.getByText(`${tied.length} trials tied`).waitFor();
      expect(app.errors).toEqual([]);
    });

    it('says how many trials came after the improvement was estimated, of which hidden ones are none', async () => {
      await openTrials();
      await grid().focus();
      await page.keyboard.press('Enter');
      const panel = page.getByRole('complementary', { name: 'Trial 49' });
      await panel.getByRole('button', { name: 'Hide' }).click();
      await rowCount(49);
      await page.getByRole('link', { name: 'Analysis', exact: true }).click();
      const improvement = chart(page, 'Improvement left');
      await improvement.scrollIntoViewIfNeeded();
      await improvement.getByRole('button', { name: 'Compute' }).click();
      await improvement.getByRole('list', { name: 'Legend' }).waitFor();
      const storage = await openStorage(libraryFile());
      const study = await loadStudy({ storage, studyName: STUDY });
      const [first] = await study.getTrials(['complete']);
      await study.addTrial(first!);
      await storage.close();
      await improvement.getByText(/Without 1 newer trial\./).waitFor();
      expect(app.errors).toEqual([]);
    });

    it('keeps notes and tags, where Optuna Dashboard finds the notes', async () => {
      await openTrials();
      await grid().focus();
      await page.keyboard.press('Enter');
      const panel = page.getByRole('complementary', { name: 'Trial 49' });
      const note = panel.getByRole('textbox', { name: 'Note' });
      await note.fill(hostileNote);
      await panel.getByText('Saved', { exact: true }).waitFor();
      await note.press('Escape');
      await panel.getByRole('heading', { name: 'Odd' }).waitFor();
      await panel.getByRole('cell', { name: '0.9', exact: true }).waitFor();
      const links = await panel.getByRole('link').all();
      expect(await Promise.all(links.map((link) => link.getAttribute('href')))).toEqual([
        'https://example.com/paper',
        'https://example.com/pixel.png',
      ]);
      await panel.getByRole('group', { name: 'Tags' }).locator('.n-base-selection').click();
      await page.keyboard.type('look again');
      await page.keyboard.press('Enter');
      await page.keyboard.press('Escape');
      // Text is text: no markup comes of it.
      await grid().getByText('# Odd').first().waitFor();
      expect(await page.locator('main :is(b, script, iframe), .markdown img').count()).toBe(0);
      expect(await page.evaluate('window.wasRun')).toBeUndefined();
      await eventually(async () => {
        const { systemAttrs } = await readStudy(libraryFile());
        const { trialId } = (await readTrials(libraryFile()))[49]!;
        expect(systemAttrs[`dashboard:${trialId}:note_str:0`]).toBe(hostileNote);
        expect(systemAttrs['parzen:trial_tags']).toEqual({ 49: ['look again'] });
      });
      await panel.getByRole('heading', { name: 'Odd' }).scrollIntoViewIfNeeded();
      await takeScreenshots(app, `${shell.name}-note`);
      const filter = page.getByRole('textbox', { name: 'Filter by expression' });
      await filter.fill('tags contains "again"');
      await filter.press('Enter');
      await rowCount(1);
      await takeScreenshots(app, `${shell.name}-trial-panel`);
      expect(app.errors).toEqual([]);
    });

    it('fails a trial that a program left behind, when told to', async () => {
      const worker = await openStorage(libraryFile());
      await worker.createTrial(1);
      await worker.close();
      await page.getByRole('link', { name: 'Trials', exact: true }).click();
      await rowCount(51);
      await grid().focus();
      await page.keyboard.press('Enter');
      const panel = page.getByRole('complementary', { name: 'Trial 50' });
      await panel.getByText('Running').waitFor();
      await panel.getByRole('button', { name: 'Set to failed…' }).click();
      const dialog = page.getByRole('dialog');
      await takeScreenshots(app, `${shell.name}-set-to-failed`);
      // What waits for an answer is asked once: the palette, which would ask again, stays away.
      await page.keyboard.press('Control+k');
      await dialog.getByRole('button', { name: 'Cancel' }).click();
      await dialog.waitFor({ state: 'detached' });
      expect((await readTrials(libraryFile()))[50]?.state).toBe('running');

      await page.keyboard.press('Control+k');
      await page.keyboard.type('set trial 50 to failed');
      await page.keyboard.press('Enter');
      await dialog.getByRole('button', { name: 'Set to failed' }).click();
      await panel.getByText('It was set to failed by hand.').first().waitFor();
      expect((await readTrials(libraryFile()))[50]?.state).toBe('fail');
      expect(app.errors).toEqual([]);
    });

    it('stops one trial of a run, which goes on', async () => {
      const services = await startServices(data.path);
      const spec = {
        name: 'endless',
        run: { module: ENDLESS },
        sampler: { type: 'random' },
        stop: { trials: 3 },
      };
      await services.handlers['studies.create']({ spec, seed: 1 }, call);
      await services.close();
      await page.getByRole('link', { name: 'Library' }).click();
      await page.getByRole('link', { name: 'endless' }).click();
      await page.getByRole('link', { name: 'Model', exact: true }).click();
      await page.getByText(/owe to luck can be found out here when some are complete\.$/).waitFor();
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Run it' }).click();
      await page.getByRole('link', { name: 'Trials', exact: true }).click();
      await grid().getByText('Running').first().click();
      const panel = page.getByRole('complementary', { name: 'Trial 0' });
      const stop = panel.getByRole('button', { name: 'Stop…' });
      await stop.waitFor();
      await eventually(async () =>
        expect((await readTrials(libraryFile(), 'endless'))[0]?.intermediateValues.size).toBe(1),
      );
      // Put back into the queue, it has nothing that a pruner could have judged.
      const reason = panel.getByText("The study's pruner ends no trial.");
      await reason.waitFor();
      await page.getByRole('button', { name: 'Stop', exact: true }).click();
      await panel.getByText('Waiting').waitFor();
      await reason.waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await reason.waitFor();

      await stop.click();
      const dialog = page.getByRole('dialog');
      await takeScreenshots(app, `${shell.name}-stop-trial`);
      await dialog.getByRole('button', { name: 'Cancel' }).click();
      await dialog.waitFor({ state: 'detached' });
      await stop.click();
      await dialog.getByRole('button', { name: 'Stop', exact: true }).click();
      await panel.getByText('Stopped by hand after step 3').waitFor();
      await dialog.waitFor({ state: 'detached' });
      await takeScreenshots(app, `${shell.name}-trial-stopped`);
      await panel.getByRole('button', { name: 'Next trial' }).click();
      await page
        .getByRole('complementary', { name: 'Trial 1' })
        .getByRole('button', { name: 'Stop…' })
        .click();
      await dialog.getByRole('button', { name: 'Stop', exact: true }).click();
      await standing(page, 'Finished');

      await page.getByRole('link', { name: 'Overview', exact: true }).click();
      const log = page.getByRole('list', { name: 'Log' });
      await log.getByText('The study ends: 3 trials have finished.').waitFor();
      const lines = await log.getByRole('listitem').allInnerTexts();
      await log.scrollIntoViewIfNeeded();
      await takeScreenshots(app, `${shell.name}-run-log`);
      await page.reload();
      await eventually(async () =>
        expect(await log.getByRole('listitem').allInnerTexts()).toEqual(lines),
      );
      await page.getByRole('button', { name: 'Warnings only' }).click();
      await log.getByText(/^\S+ Trial 1 failed/).waitFor();
      await eventually(async () => expect(await log.getByRole('listitem').count()).toBe(1));
      expect(app.errors).toEqual([]);
    });

    it('takes a trial made from another one', async () => {
      await openTrials();
      await grid().focus();
      await page.keyboard.press('Enter');
      const panel = page.getByRole('complementary', { name: 'Trial 49' });
      await panel.getByRole('button', { name: 'Clone and edit…' }).click();
      const dialog = page.getByRole('dialog');
      const rate = dialog.getByRole('textbox', { name: 'learning_rate' });
      await rate.fill('7');
      await dialog.getByText(/^Outside 1e−5 to 0.1, logarithmic/).waitFor();
      expect(await dialog.getByRole('button', { name: 'Put into the queue' }).isDisabled()).toBe(
        true,
      );
      await rate.fill('1e-3');
      await takeScreenshots(app, `${shell.name}-clone-trial`);
      await dialog.getByRole('button', { name: 'Put into the queue' }).click();
      await rowCount(51);
      const [original, queued] = (await readTrials(libraryFile())).slice(-2);
      expect(queued).toMatchObject({ number: 50, state: 'waiting' });
      expect(queued?.systemAttrs['fixed_params']).toEqual({
        ...original?.params,
        learning_rate: 0.001,
      });
      expect(app.errors).toEqual([]);
    });

    it('has columns that are sorted and moved by keyboard, and stay so', async () => {
      await openTrials();
      const heads = grid().getByRole('columnheader');
      const titles = async (): Promise<string[]> =>
        (await heads.allInnerTexts()).map((title) => title.replace(/[↑↓\s]/g, ''));
      const duration = grid().getByRole('button', { name: /^Duration/ });
      await duration.focus();
      await page.keyboard.press('Enter');
      await eventually(async () =>
        expect(
          await grid()
            .getByRole('columnheader', { name: /^Duration/ })
            .getAttribute('aria-sort'),
        ).toBe('ascending'),
      );
      const before = await titles();
      await page.keyboard.press('Alt+ArrowLeft');
      const at = before.indexOf('Duration');
      await eventually(async () => expect((await titles()).indexOf('Duration')).toBe(at - 1));
      // What was arranged is there again after a reload.
      await page.reload();
      await eventually(async () => expect((await titles()).indexOf('Duration')).toBe(at - 1));
      await rename('renamed');
      await eventually(async () => expect((await titles()).indexOf('Duration')).toBe(at - 1));
      expect(app.errors).toEqual([]);
    });

    it('says where an expression is wrong, and keeps a right one', async () => {
      await openTrials();
      const filter = page.getByRole('textbox', { name: 'Filter by expression' });
      await filter.fill('value > 0.9 and nonsense < 3');
      await filter.press('Enter');
      await page
        .getByRole('alert')
        .getByText('There is no parameter, value or attribute “nonsense”. (Character 17)')
        .waitFor();
      await takeScreenshots(app, `${shell.name}-wrong-expression`);
      await rowCount(50);
      expect(await page.getByRole('list', { name: 'Filters' }).count()).toBe(0);
      // The cursor has gone to where the mistake is.
      await page.keyboard.type('n_layers == 3');
      await filter.press('Enter');
      await page.getByRole('alert').waitFor({ state: 'detached' });
      const nRows = await fewerRows();

      await rename('renamed');
      await app.quit();
      app = await shell.start(data.path);
      page = app.page;
      await page.getByRole('main').getByText('renamed').first().click();
      await page.getByRole('link', { name: 'Trials', exact: true }).click();
      if (shell.name === 'desktop')
        await eventually(async () =>
          expect(await grid().getAttribute('aria-rowcount')).toBe(nRows),
        );
      expect(app.errors).toEqual([]);
    });

    it('has filters and the open trial in its address: reload, back and forward restore them', async () => {
      await openTrials();
      const states = page.getByRole('group', { name: 'State' });
      await states.getByRole('button', { name: /^Pruned/ }).click();
      await rowCount(7);
      await grid().focus();
      await page.keyboard.press('Enter');
      const panel = page.getByRole('complementary');
      await panel.waitFor();
      await panel.getByText(/^Pruned at step \d+.*file does not say.*cannot be shown/).waitFor();
      const title = await panel.getAttribute('aria-label');
      await page.waitForURL(/trial=/);
      await page.reload();
      await rowCount(7);
      await eventually(async () => expect(await panel.getAttribute('aria-label')).toBe(title));

      await page.goBack();
      await panel.waitFor({ state: 'detached' });
      await rowCount(7);
      await page.goForward();
      await panel.waitFor();
      await page.getByRole('link', { name: 'Analysis', exact: true }).click();
      await page.getByRole('list', { name: 'Filters' }).waitFor();
      await page.goBack();
      await rowCount(7);
      expect(app.errors).toEqual([]);
    });

    it('says after each trial how much better the study might still have become, when it is asked', async () => {
      const storage = await openStorage(libraryFile(), { readOnly: true });
      const history = await improvementHistory(await loadStudy({ storage, studyName: STUDY }));
      await storage.close();
      await page.getByRole('link', { name: 'Analysis', exact: true }).click();
      const improvement = chart(page, 'Improvement left');
      await improvement.scrollIntoViewIfNeeded();
      await improvement.getByText(/^Press Compute: .* seconds to minutes/).waitFor();
      await takeScreenshots(app, `${shell.name}-improvement-empty`);
      await improvement.getByRole('button', { name: 'Compute' }).click();
      await improvement.getByRole('list', { name: 'Legend' }).waitFor();
      const rows = await tableOf(improvement);
      expect(rows.map(([number]) => number)).toEqual([...history.trialNumbers]);
      for (const [i, [, shown]] of rows.entries())
        expect(shown).toBeCloseTo(history.improvements[i] as number, 5);

      const plot = improvement.getByRole('group').last();
      await plot.focus();
      await page.keyboard.press('ArrowLeft');
      const tip = page.getByRole('tooltip');
      await tip.getByText(`Trial ${history.trialNumbers.at(-1)}`).waitFor();
      await tip.getByText(/^Improvement: [\d.]+/).waitFor();
      await takeScreenshots(app, `${shell.name}-improvement`);
      await page.keyboard.press('Escape');

      await improvement.locator('.n-select').last().click();
      await page.getByText('Error of the folds', { exact: true }).last().click();
      await improvement.getByText(/^Press Compute/).waitFor();
      await improvement.getByRole('button', { name: 'Compute' }).click();
      await improvement.getByText(/must have the scores of its folds/).waitFor();
      expect(app.errors).toEqual([]);
    });

    it('says of an address with a trial that is not there that it is not, and offers no other one’s buttons', async () => {
      await openTrials();
      await grid().focus();
      await page.keyboard.press('Enter');
      const panel = page.getByRole('complementary');
      const deletion = panel.getByRole('button', { name: 'Delete', exact: true });
      await deletion.waitFor();
      await page.waitForURL(/trial=/);
      await page.evaluate(`location.hash = location.hash.replace(/trial=\\d+/, 'trial=12345')`);
      await panel.getByText('The study has no trial with the number 12345').first().waitFor();
      await deletion.waitFor({ state: 'detached' });
      await page.evaluate(
        `location.hash = location.hash.replace(/trial=\\d+/, 'trial=1' + '0'.repeat(20))`,
      );
      await panel.getByText(`The study has no trial with the number ${10n ** 20n}.`).waitFor();
      await panel.getByRole('button', { name: 'Close', exact: true }).click();
    });

    it('is shown again as it was saved under a name', async () => {
      await openTrials();
      const filter = page.getByRole('textbox', { name: 'Filter by expression' });
      await filter.fill('n_layers == 3');
      await filter.press('Enter');
      await grid()
        .getByRole('button', { name: /^Duration/ })
        .click();
      const nRows = await fewerRows();
      await page.getByRole('button', { name: 'Views' }).click();
      await page.getByRole('textbox', { name: 'Name of the view' }).fill('deep and quick');
      await page.getByRole('button', { name: 'Save this view' }).click();
      const view = page.getByRole('button', { name: 'Show the view deep and quick' });
      await view.waitFor();
      await takeScreenshots(app, `${shell.name}-saved-views`);
      await page.keyboard.press('Escape');
      await view.waitFor({ state: 'detached' });
      await focused(page, 'Views');

      await page.getByRole('button', { name: 'Clear filters' }).first().click();
      await grid()
        .getByRole('button', { name: /^Trial/ })
        .click();
      await rowCount(50);
      await page.getByRole('link', { name: 'Overview', exact: true }).click();
      await page.keyboard.press('Control+k');
      await page.keyboard.type('view deep');
      await page.keyboard.press('Enter');
      await eventually(async () => expect(await grid().getAttribute('aria-rowcount')).toBe(nRows));
      const duration = grid().getByRole('columnheader', { name: /^Duration/ });
      await eventually(async () =>
        expect(await duration.getAttribute('aria-sort')).toBe('ascending'),
      );

      await page.getByRole('button', { name: 'Views' }).click();
      await page.getByRole('button', { name: 'Delete the view deep and quick' }).click();
      await page.getByText('No view was saved yet.').waitFor();
      expect(app.errors).toEqual([]);
    });

    it('draws another number of the trials over their history', async () => {
      const history = chart(page, 'Optimization history');
      const choose = (label: string): Promise<void> =>
        page.locator('.n-base-select-option').getByText(label, { exact: true }).click();
      await history.getByText('Best so far').waitFor();
      await history.getByLabel('Vertical axis').click();
      await choose('Duration');
      await history.getByText('Best so far').waitFor({ state: 'detached' });
      await takeScreenshots(app, `${shell.name}-history-duration`);

      await history.getByLabel('Vertical axis').click();
      await choose('Value at a step');
      await history.getByLabel('Step', { exact: true }).click();
      await choose('12');
      const trials = await readTrials(libraryFile());
      const reports = trials.map((trial) => trial.intermediateValues.get(12) ?? NaN);
      expect(new Set(reports.map(Number.isNaN))).toEqual(new Set([true, false]));
      await eventually(async () => {
        const shown = await tableOf(history);
        expect(shown).toHaveLength(trials.length);
        for (const [number = -1, , value] of shown)
          if (Number.isNaN(reports[number])) expect(value).toBeNaN();
          else expect(value).toBeCloseTo(reports[number]!, 5);
      });
      await takeScreenshots(app, `${shell.name}-history-at-step`);
      expect(app.errors).toEqual([]);
    });

    it('colours the timeline by how good trials are', async () => {
      const timeline = chart(page, 'Timeline');
      await timeline.scrollIntoViewIfNeeded();
      await timeline.getByText('Complete', { exact: true }).waitFor();
      await timeline.getByLabel('Colour of complete trials').click();
      await page.locator('.n-base-select-option').getByText('By Value', { exact: true }).click();
      await timeline.getByText('worse').waitFor();
      const ranks = new Map(
        (await tableOf(timeline)).map((cells) => [cells[0], cells.at(-1) ?? NaN]),
      );
      const trials = await readTrials(libraryFile());
      expect(ranks.size).toBe(trials.length);
      const complete = trials.filter(({ state }) => state === 'complete');
      for (const a of complete)
        for (const b of complete)
          expect(Math.sign(ranks.get(a.number)! - ranks.get(b.number)!)).toBe(
            Math.sign(a.values![0]! - b.values![0]!),
          );
      await takeScreenshots(app, `${shell.name}-timeline-by-value`);
      expect(app.errors).toEqual([]);
    });

    it('is filtered by a range that is brushed in a chart', async () => {
      const plot = page.getByRole('group', { name: /^Optimization history\. / });
      await plot.scrollIntoViewIfNeeded();
      // What is not drawn yet hears of no pointer.
      await page.locator('figure.chart').filter({ has: plot }).locator('canvas').first().waitFor();
      await settle(page);
      const box = (await plot.boundingBox())!;
      await page.keyboard.down('Shift');
      await page.mouse.move(box.x + box.width * 0.3, box.y + box.height * 0.15);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.8, { steps: 8 });
      await page.mouse.up();
      await page.keyboard.up('Shift');
      const chips = page.getByRole('list', { name: 'Filters' });
      await chips.getByRole('button', { name: /Remove the filter Trial \d+ to \d+/ }).waitFor();
      const [, low, high] = (await chips.getByText(/Trial \d+ to \d+/).innerText()).match(
        /(\d+) to (\d+)/,
      )!;
      await page.getByRole('link', { name: 'Trials', exact: true }).click();
      await eventually(async () => {
        const rows = Number(await grid().getAttribute('aria-rowcount')) - 1;
        expect(rows).toBeGreaterThan(0);
        expect(rows).toBeLessThanOrEqual(Number(high) - Number(low) + 1);
      });
      await page.getByRole('button', { name: 'Clear filters' }).first().click();
      await rowCount(50);
      expect(app.errors).toEqual([]);
    });
  });
});

async function readStudy(path: string): Promise<FrozenStudy> {
  const storage = await openStorage(path, { readOnly: true });
  try {
    return await storage.getStudy(1);
  } finally {
    await storage.close();
  }
}
