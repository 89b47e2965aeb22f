import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { parseSpecText } from '../../src-main/training/spec.ts';
import { requirements } from '../helpers/requirements.ts';
import { createDataDir, type RunningApp, shells, takeScreenshots } from './shells.ts';
import { isFinished, readTrials } from './stored-trials.ts';
import { eventually } from '../helpers/eventually.ts';

/** 240 rows: who buys is decided by age and city, with empty cells, decimal commas and an id in between. */
function writeShop(folder: string): string {
  const path = join(folder, 'shop.csv');
  const rows = Array.from({ length: 240 }, (_, i) => {
    const age = 18 + ((i * 7) % 60);
    const city = ['Paris', 'Rome', 'Oslo'][i % 3] as string;
    const buys = age + (city === 'Rome' ? 20 : 0) > 50;
    return [
      1000 + i,
      i % 17 === 3 ? '' : age,
      city,
      ['S', 'M', 'L'][(i * 5) % 3],
      buys ? 'yes' : 'no',
    ];
  });
  writeFileSync(
    path,
    [['id', 'age', 'city', 'size', 'bought'], ...rows].map((row) => row.join(';')).join('\n'),
  );
  return path;
}

describe.each(shells)('a study made without code', (shell) => {
  const needs = requirements(...shell.needs);

  describe.skipIf(needs.missing)(needs.title(`in the ${shell.name}`), () => {
    let data: ReturnType<typeof createDataDir>;
    let app: RunningApp;

    beforeEach(async () => {
      data = createDataDir();
      app = await shell.start(data.path);
      await app.page.getByRole('heading', { name: 'No studies yet' }).waitFor();
    });
    afterEach(async () => {
      await app?.quit();
      data.remove();
    });

    it('goes from a CSV through all steps to a finished study, and can be cloned', async () => {
      const { page } = app;
      const shots = (name: string): Promise<void> =>
        takeScreenshots(app, `${shell.name}-wizard-${name}`);
      await page.getByRole('button', { name: 'Choose a table…' }).click();
      await page.getByRole('heading', { name: 'Tables that come with Parzen' }).waitFor();
      await shots('1-choose');

      await app.chooseTable(writeShop(data.path));
      const columns = page.getByRole('region', { name: 'Columns' });
      await columns.waitFor();
      // What the file suggests: the delimiter, what to leave out, what to predict.
      await expectRole(page, 'id', 'Not used');
      await expectRole(page, 'bought', 'Target');
      await choose(page, 'What size is used as', 'In an order');
      await page.getByRole('list', { name: 'Order of size, lowest first' }).waitFor();
      await choose(page, 'What is done about empty cells of age', 'A category of their own');
      await choose(page, 'How age is scaled', 'Range 0 to 1');
      await choose(page, 'How rows are divided', 'By shares');
      await page.getByLabel('Share of Validation, in percent').fill('30');
      await page.getByText('72 rows').waitFor();
      await shots('2-data');

      await next(page, 'Network');
      await choose(page, 'How Hidden layers is given', 'Fixed');
      await page.getByRole('textbox', { name: 'Hidden layers', exact: true }).fill('1');
      await page.getByRole('textbox', { name: 'Units per layer up to' }).fill('24');
      await shots('3-network');

      await next(page, 'Training');
      await choose(page, 'How Epochs is given', 'Fixed');
      await page.getByRole('textbox', { name: 'Epochs', exact: true }).fill('0');
      await page.getByRole('alert').filter({ hasText: 'at least 1' }).first().waitFor();
      await shots('4-training-issue');
      await page.getByRole('textbox', { name: 'Epochs', exact: true }).fill('12');
      await choose(page, 'How Optimizer is given', 'Choices');
      await page.getByRole('button', { name: 'Momentum', exact: true }).click();
      await choose(page, 'How Momentum is given', 'Range');
      await shots('4-training');

      await next(page, 'Search');
      await page.getByRole('textbox', { name: 'Trials', exact: true }).fill('8');
      await page.getByRole('textbox', { name: 'Seed', exact: true }).fill('7');
      await page.getByRole('complementary').getByText('96 epochs at most').waitFor();
      await addRule(page, 'Target reached');
      await page.getByRole('alert').filter({ hasText: 'Target is required.' }).waitFor();
      await shots('5-search-rule');
      await page.getByRole('textbox', { name: 'Target', exact: true }).fill('-1');
      await addRule(page, 'No improvement');
      await page.getByRole('textbox', { name: 'Trials without improvement' }).fill('40');
      await addRule(page, 'Time');
      await page.getByRole('button', { name: 'Remove rule 3' }).click();
      await shots('5-search');

      await next(page, 'Review');
      await page.getByRole('textbox', { name: 'Name of the study' }).fill('Who buys');
      const yaml = page.locator('figure', { hasText: 'Spec file' }).locator('code');
      await eventually(async () => expect(await yaml.innerText()).toContain('Who buys'));
      const spec = parseSpecText(await yaml.innerText());
      expect(spec).toMatchObject({
        name: 'Who buys',
        seed: 7,
        data: {
          target: 'bought',
          ignore: ['id'],
          ordinal: { size: expect.arrayContaining(['S', 'M', 'L']) },
          missing: 'median',
          columns: { age: { missing: 'ownCategory', scaling: 'minMax' } },
          split: { fractions: { train: 0.5, validation: 0.3, test: 0.2 } },
        },
        network: { depth: 1, width: { int: [16, 24] } },
        training: { epochs: 12, optimizer: { type: { choices: ['adam', 'adamW', 'sgd'] } } },
        stop: {
          trials: 8,
          rules: [
            { type: 'target-value', options: { value: -1 } },
            { type: 'no-improvement', options: { nTrials: 40 } },
          ],
        },
      });
      await shots('6-review');

      await page.getByRole('button', { name: 'Create and run' }).click();
      await page.getByRole('heading', { level: 1, name: 'Who buys' }).waitFor();
      await page.getByRole('status').filter({ hasText: 'Finished' }).waitFor();
      const trials = await readTrials(join(data.path, 'studies.db'));
      expect(trials).toHaveLength(8);
      expect(trials.every(isFinished)).toBe(true);
      for (const { params } of trials) {
        expect(params.hidden_dim_layer_0).toBeLessThanOrEqual(24);
        expect('momentum' in params).toBe(params.optimizer === 'sgd');
      }

      await page.getByRole('link', { name: 'Library' }).click();
      await page.getByRole('button', { name: 'Actions for Who buys' }).click();
      await page.getByText('Clone into a new study…').click();
      await page.getByRole('navigation', { name: 'Steps' }).getByText('Review').click();
      await page.getByText('There is a study “Who buys” already').waitFor();
      expect(app.errors).toEqual([]);
    });

    it('clones a study, and begins with the trials that fit the changed search space', async () => {
      const { page } = app;
      const shots = (name: string): Promise<void> =>
        takeScreenshots(app, `${shell.name}-wizard-${name}`);
      await page.getByRole('button', { name: 'Choose a table…' }).click();
      await page.getByRole('button', { name: /^Iris/ }).first().click();
      await goTo(page, 'Training');
      await choose(page, 'How Epochs is given', 'Fixed');
      await page.getByRole('textbox', { name: 'Epochs', exact: true }).fill('12');
      await goTo(page, 'Search');
      await page.getByRole('textbox', { name: 'Trials', exact: true }).fill('8');
      await goTo(page, 'Review');
      await page.getByRole('button', { name: 'Create and run' }).click();
      await page.getByRole('heading', { level: 1, name: 'iris' }).waitFor();
      await page.getByRole('status').filter({ hasText: 'Finished' }).waitFor();
      const trials = await readTrials(join(data.path, 'studies.db'));

      await page.getByRole('link', { name: 'Setup' }).click();
      await shots('7-setup');
      await page.getByRole('button', { name: 'Clone into a new study…' }).click();
      await goTo(page, 'Review');
      await page.getByText('8 of 8 fit').waitFor();

      // Another epoch would make other values of the same parameters.
      await goTo(page, 'Training');
      await page.getByRole('textbox', { name: 'Epochs', exact: true }).fill('13');
      await goTo(page, 'Review');
      await page.getByText('`training.epochs` is 13 and was 12').waitFor();
      const take = page.getByRole('checkbox', { name: 'Begin with the trials of “iris”' });
      await eventually(async () => expect(await take.isEnabled()).toBe(false));
      await shots('7-clone-refused');

      await goTo(page, 'Training');
      await page.getByRole('textbox', { name: 'Epochs', exact: true }).fill('12');
      await goTo(page, 'Network');
      await page.getByRole('button', { name: 'ELU', exact: true }).click();
      await goTo(page, 'Review');
      await take.click();
      await page.getByText('nothing would be left to run').waitFor();
      await shots('7-clone');
      await page.getByRole('button', { name: 'Ask for more trials' }).click();
      await page.getByRole('textbox', { name: 'Trials', exact: true }).fill('10');
      await goTo(page, 'Review');
      await page.reload();
      await page.getByText('8 of 8 fit').waitFor();
      await eventually(async () => expect(await take.isChecked()).toBe(true));
      await page.getByRole('textbox', { name: 'Name of the study' }).fill('Second');
      await page.getByRole('button', { name: 'Create and run' }).click();
      await page.getByRole('heading', { level: 1, name: 'Second' }).waitFor();
      await page.getByRole('status').filter({ hasText: 'Finished' }).waitFor();
      const all = await readTrials(join(data.path, 'studies.db'), 'Second');
      expect(all).toHaveLength(10);
      expect(all.slice(0, 8).map(({ values, params }) => ({ values, params }))).toEqual(
        trials.map(({ values, params }) => ({ values, params })),
      );
      expect(app.errors).toEqual([]);
    });

    it('begins with a spec file, which fills in all steps', async () => {
      const { page } = app;
      const path = join(data.path, 'wine.yaml');
      const wine = join(import.meta.dirname, '..', '..', 'resources', 'studies', 'wine.yaml');
      writeFileSync(path, readFileSync(wine, 'utf8').replace('name: wine', 'name: by the glass'));
      await page.getByRole('button', { name: 'Choose a table…' }).click();
      await page.getByRole('heading', { name: 'Finished examples to start from' }).waitFor();
      await app.chooseTable(path);
      await page.getByRole('region', { name: 'Columns' }).waitFor();
      await expectRole(page, 'cultivar', 'Target');
      await goTo(page, 'Review');
      const name = page.getByRole('textbox', { name: 'Name of the study' });
      await eventually(async () => expect(await name.inputValue()).toBe('by the glass'));
      expect(app.errors).toEqual([]);
    });

    it('keeps what was chosen when the page is left, and when the window is loaded again', async () => {
      const { page } = app;
      await page.getByRole('button', { name: 'Choose a table…' }).click();
      await page.getByRole('button', { name: /^Wine/ }).first().click();
      await next(page, 'Network');
      await page.getByRole('textbox', { name: 'Hidden layers up to' }).fill('9');
      await page.getByRole('link', { name: 'Library' }).click();
      await page.goBack();
      const upTo = page.getByRole('textbox', { name: 'Hidden layers up to' });
      await eventually(async () => expect(await upTo.inputValue()).toBe('9'));
      await page.reload();
      await eventually(async () => expect(await upTo.inputValue()).toBe('9'));
      await page.getByRole('button', { name: 'Back', exact: true }).click();
      await expectRole(page, 'cultivar', 'Target');
      expect(app.errors).toEqual([]);
    });

    it('saves the spec file, and needs no mouse', async () => {
      const { page } = app;
      await press(page, 'Choose a table…');
      await press(page, 'Iris');
      for (const step of ['Network', 'Training', 'Search', 'Review'])
        await press(page, `Next: ${step}`);
      await page.getByRole('button', { name: 'Save the spec file' }).waitFor();
      if (shell.name === 'browser') {
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          press(page, 'Save the spec file'),
        ]);
        const path = join(data.path, 'saved.yaml');
        await download.saveAs(path);
        expect(parseSpecText(readFileSync(path, 'utf8'))).toMatchObject({
          data: { table: 'iris' },
        });
      }
      await press(page, 'Create');
      await page.getByRole('heading', { level: 1, name: 'iris' }).waitFor();
      expect(app.errors).toEqual([]);
    });
  });
});

async function next(page: Page, step: string): Promise<void> {
  await page.getByRole('button', { name: `Next: ${step}` }).click();
  await page.getByRole('region', { name: step, exact: true }).waitFor();
}

/** Goes to a step by the list of them. */
async function goTo(page: Page, step: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Steps' }).getByText(step).click();
  await page.getByRole('region', { name: step, exact: true }).waitFor();
}

async function addRule(page: Page, title: string): Promise<void> {
  await page.getByRole('button', { name: 'Add a rule' }).click();
  const options = page.locator('.n-dropdown-option');
  await options.filter({ hasText: title }).click();
  // The next menu has the same options.
  await eventually(async () => expect(await options.count()).toBe(0));
}

/** Chooses an option of the select with that name. */
async function choose(page: Page, label: string, option: string): Promise<void> {
  await page.getByLabel(label).click();
  const options = page.locator('.n-base-select-option:visible');
  await options.filter({ hasText: option }).click();
  // The next menu may have an option of the same name.
  await eventually(async () => expect(await options.count()).toBe(0));
}

async function expectRole(page: Page, column: string, role: string): Promise<void> {
  const select = page.getByLabel(`What ${column} is used as`);
  await eventually(async () => expect((await select.innerText()).trim()).toBe(role));
}

/** Goes to a button whose name begins so with Tab, and presses Enter. */
async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name }).first().waitFor();
  for (let i = 0; i < 150; i++) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(
      `document.activeElement?.tagName === 'BUTTON' ? document.activeElement.textContent.trim() : ''`,
    );
    if (String(focused).startsWith(name)) {
      await page.keyboard.press('Enter');
      return;
    }
  }
  throw new Error(`No button "${name}" can be reached with Tab.`);
}
