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

export function chart(page: Page, title: string): Locator {
  return page
    .locator('figure.chart')
    .filter({ has: page.getByRole('heading', { name: title, exact: true }) });
}

/** The numbers behind a chart. */
export async function tableOf(figure: Locator): Promise<number[][]> {
  const asTable = figure.getByRole('button', { name: 'Show as table' });
  await asTable.click();
  const rows = figure.getByRole('table').locator('tbody tr[aria-rowindex]');
  await rows.first().waitFor();
  const cells = await figure.evaluate(async (element) => {
    const page = globalThis as unknown as { requestAnimationFrame(done: () => void): void };
    const frame = (): Promise<void> => new Promise((done) => page.requestAnimationFrame(done));
    const scroller = element.querySelector('.scroller');
    const found = new Map<string, string[]>();
    // Only rows in sight exist.
    for (let top = 0; scroller; top += 100) {
      scroller.scrollTop = top;
      await frame();
      await frame();
      for (const row of scroller.querySelectorAll('tbody tr[aria-rowindex]'))
        found.set(
          row.getAttribute('aria-rowindex') ?? '',
          [...row.querySelectorAll('td')].map((cell) => cell.textContent.trim()),
        );
      if (top >= scroller.scrollHeight - scroller.clientHeight) break;
    }
    return [...found.values()];
  });
  await asTable.click();
  return cells.map((row) => row.map(toNumber));
}

/** As the window writes numbers. */
export function toNumber(text: string): number {
  return Number(text.replaceAll(',', '').replaceAll('−', '-'));
}
