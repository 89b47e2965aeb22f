/** What journeys do on a study's page, and read there. */
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { eventually } from '../helpers/eventually.ts';

/** Presses a button. */
export async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click();
}

/** Waits until a button has the focus. */
export async function focused(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).and(page.locator(':focus')).waitFor();
}

/** Waits until the header says that the study stands there. */
export async function standing(page: Page, word: string): Promise<void> {
  await page.getByRole('status').filter({ hasText: word }).waitFor();
}

/** The number of finished trials that the header shows. */
export async function finishedTrials(page: Page): Promise<number> {
  const figure = page.locator('.figure.trials dd');
  return Number.parseInt((await figure.innerText()).replaceAll(',', ''), 10);
}

/** Waits until so many trials are finished. */
export async function arrivals(page: Page, n: number): Promise<void> {
  await eventually(async () => expect(await finishedTrials(page)).toBeGreaterThanOrEqual(n));
}

/** Plans so many more trials that the run cannot end before the test has seen what it looks for. */
export async function addTrials(page: Page, n: number): Promise<void> {
  await press(page, 'More trials');
  const form = page.locator('form').filter({ hasText: 'Trials to add' });
  await form.getByRole('textbox').fill(String(n));
  await form.getByRole('textbox').blur();
  await form.getByRole('button', { name: 'Run' }).click();
}

/** The text of the cells, row by row. */
export async function cellsOf(rows: Locator, cell: string): Promise<string[][]> {
  const texts = await Promise.all(
    (await rows.all()).map((row) => row.locator(cell).allInnerTexts()),
  );
  return texts.map((cells) => cells.map((text) => text.trim()));
}
