/** What a person did to a chart, and what of it can be seen. */
import type { Locator, Page } from 'playwright-core';

import { eventually } from '../helpers/eventually.ts';

export function chartOf(page: Page, title: string): Locator {
  return page
    .locator('figure.chart')
    .filter({ has: page.getByRole('heading', { name: title, exact: true }) });
}

export interface ChartState {
  readonly isZoomed: boolean;
  /** Names of the series that are hidden. */
  readonly hidden: readonly string[];
  /** Where the selected trials are marked, in pixels. */
  readonly marks: readonly string[];
  /** The labels beside and below the chart, as a picture. */
  readonly axes: readonly string[];
}

/** Twice as near to its middle, with the keyboard. */
export async function zoomIn(chart: Locator): Promise<void> {
  const frame = frameOf(chart);
  await frame.focus();
  for (let i = 0; i < 3; i++) await frame.press('+');
  await chart.getByRole('button', { name: /Reset zoom/ }).waitFor();
}

/** Selects a trial of the chart, and goes twice as near to it, with the mouse. */
export async function selectAndZoomIn(chart: Locator): Promise<void> {
  const { mouse, keyboard } = chart.page();
  const box = await boxOf(chart);
  for (const down of [0.5, 0.6, 0.4, 0.7, 0.3, 0.8])
    for (let right = 0.2; right < 0.8; right += 0.02) {
      const [x, y] = [box.x + box.width * right, box.y + box.height * down];
      await mouse.move(x, y);
      await settled(chart.page());
      if ((await chart.locator('.overlay .is-hovered').count()) === 0) continue;
      await keyboard.down('Control');
      await mouse.click(x, y);
      for (let i = 0; i < 3; i++) await mouse.wheel(0, -100);
      await keyboard.up('Control');
      await chart.getByRole('button', { name: /Reset zoom/ }).waitFor();
      return;
    }
  throw new Error('There is no trial in the chart.');
}

/** Draws a rectangle over most of the chart, up to its right end, that filters. */
export async function brush(chart: Locator): Promise<void> {
  const { mouse, keyboard } = chart.page();
  await chart.locator('canvas').first().waitFor();
  const { x, y, width, height } = await boxOf(chart);
  await keyboard.down('Shift');
  await mouse.move(x + width * 0.3, y + height * 0.15);
  await mouse.down();
  await mouse.move(x + width - 2, y + height * 0.84, { steps: 4 });
  await mouse.up();
  await keyboard.up('Shift');
}

/** Hides the first series of the legend. */
export async function hideSeries(chart: Locator): Promise<void> {
  await chart.locator('.legend button').first().click();
}

/** The chart's numbers in a sentence: they change with every trial that it shows. */
export async function summaryOf(chart: Locator): Promise<string> {
  return (await frameOf(chart).getAttribute('aria-label')) ?? '';
}

export async function stateOf(chart: Locator): Promise<ChartState> {
  const page = chart.page();
  await frameOf(chart).scrollIntoViewIfNeeded();
  // No tooltip and no ring of the focus over the axes.
  await page.mouse.move(0, 0);
  await page.evaluate('document.activeElement?.blur()');
  await eventually(async () => {
    if ((await page.getByRole('tooltip').count()) > 0) throw new Error('A tooltip is shown.');
  });
  await settled(page);
  const { x, y, width, height } = await boxOf(chart);
  const picture = async (clip: { x: number; y: number; width: number; height: number }) =>
    (await page.screenshot({ clip })).toString('base64');
  return {
    isZoomed: await chart.getByRole('button', { name: /Reset zoom/ }).isVisible(),
    hidden: await chart.locator('.legend button[aria-pressed=false]').allInnerTexts(),
    marks: await chart
      .locator('.overlay :is(circle, polyline)')
      .evaluateAll((marks) =>
        marks.map((mark) =>
          ['cx', 'cy', 'points'].map((name) => mark.getAttribute(name) ?? '').join(' '),
        ),
      ),
    axes: [
      await picture({ x, y, width: 40, height }),
      await picture({ x, y: y + height - 22, width, height: 22 }),
    ],
  };
}

/** Two frames later, when whatever was asked for is drawn. */
function settled(page: Page): Promise<void> {
  return page.evaluate(`new Promise((done) =>
    requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(() => done()))))`);
}

function frameOf(chart: Locator): Locator {
  return chart.getByRole('group').last();
}

async function boxOf(
  chart: Locator,
): Promise<{ x: number; y: number; width: number; height: number }> {
  await frameOf(chart).scrollIntoViewIfNeeded();
  const box = await frameOf(chart).boundingBox();
  if (!box) throw new Error('The chart has no place.');
  return box;
}
