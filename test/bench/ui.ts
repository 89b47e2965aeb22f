/**
 * How the window bears large studies (`npm run bench -- ui [nReports]`): the built app in a real Electron, a generated file of 1,000,
 * 10,000 and 100,000 trials x 8 parameters, each with `nReports` intermediate values (default 0). Needs a display (`xvfb-run -a`).
 *
 * - `open file`: from the choice of the file to the study in the library, which by then knows all its trials.
 * - `first chart`: from the click on the study to two frames after the optimization history was drawn; `table`: from the click on the
 *   tab to two frames after its first row; `analysis`: the same for all charts of that tab that are on screen.
 * - `sort`, `filter`: from the click or the last key to two frames after the table shows it.
 * - `live`: another process adds 20 trials a second for five seconds; how late the header's count is, the longest frame, and the time that the page's
 *   thread was busy, as the processor counts it.
 * - `memory`: working set of the window's process; `heap`: its JavaScript part.
 *
 * Beside it Optuna Dashboard with the same files in Chromium, where `PARZEN_PYTHON` has it: from opening the study's address to the first plot.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { ElectronApplication, Page } from 'playwright-core';

import { buildIfStale } from '../../scripts/build.ts';
import { openStorage } from '../../src-main/open-storage.ts';
import { launchChromium } from '../helpers/chromium.ts';
import { launchElectron } from '../helpers/electron.ts';
import { createLargeStudy, LARGE_STUDY_NAME } from '../helpers/large-study.ts';
import { requirements } from '../helpers/requirements.ts';
import { findPython, median, printRow } from './helpers/peer.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const SIZES = [1_000, 10_000, 100_000];
const N_STARTS = 5;
const N_OPENINGS = 3;
const N_LIVE_TRIALS = 100;
const LIVE_INTERVAL_MS = 50;
const LIMIT_MS = 60_000;
const DASHBOARD_LIMIT_MS = 120_000;
/** True in the page once the optimization history is drawn. */
const FIRST_CHART = `[...document.querySelectorAll('figure.chart')]
  .find((it) => it.querySelector('h3').textContent === 'Optimization history')?.querySelector('canvas')`;

/** What the first row of the table says. */
const FIRST_ROW = `document.querySelector('[role=row][aria-rowindex="2"]').textContent`;

const nReports = Number(process.argv[2] ?? 0);
const dir = mkdtempSync(join(tmpdir(), 'parzen-bench-'));

interface Opening {
  readonly fileMs: number;
  readonly firstChartMs: number;
  readonly longestTaskMs: number;
}

interface Row extends Opening {
  readonly tableMs: number;
  readonly sortMs: number;
  readonly filterMs: number;
  readonly analysisMs: number;
  readonly liveLatencyMs: number;
  readonly liveLongestFrameMs: number;
  readonly liveBusyMs: number;
  readonly memoryMb: number;
  readonly heapMb: number;
}

try {
  const needs = requirements('electron', 'display');
  if (needs.missing) throw new Error(needs.title('npm run bench -- ui'));
  if (!(await buildIfStale())) throw new Error('The build failed.');
  const starts: number[] = [];
  for (let i = 0; i < N_STARTS; i++) starts.push(await measureStart(join(dir, `start-${i}`)));
  console.log(
    `Start to usable window, empty library: median ${median(starts).toFixed(0)} ms of ${starts.map((ms) => ms.toFixed(0)).join(', ')} (started by Playwright)\n`,
  );
  const rows: Row[] = [];
  const peers: (number | null)[] = [];
  const python = findPython('optuna_dashboard');
  for (const nTrials of SIZES) {
    const file = join(dir, `${nTrials}.db`);
    await createLargeStudy(file, { nTrials, nReports });
    rows.push(await measureStudy(file, nTrials));
    if (python) peers.push(await measureDashboard(python, file));
  }
  print(rows, python ? peers : null);
} finally {
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
}

async function measureStart(dataDir: string): Promise<number> {
  const begin = performance.now();
  const app = await launchElectron(ROOT, { env: { PARZEN_DATA_DIR: dataDir } });
  const page = await app.firstWindow();
  await page.getByRole('heading', { name: 'No studies yet' }).waitFor();
  const ms = performance.now() - begin;
  await app.close();
  return ms;
}

async function measureStudy(file: string, nTrials: number): Promise<Row> {
  const openings: Opening[] = [];
  // Each in a fresh program, since the second opening finds the trials in memory.
  for (let i = 1; i < N_OPENINGS; i++) {
    const { app, opening } = await open(file);
    openings.push(opening);
    await app.close();
  }
  const { app, page, opening } = await open(file);
  openings.push(opening);
  try {
    const tableMs = await timeTo(page, tab('Trials'), 'document.querySelector("[role=gridcell]")');
    const sortMs = await timeTo(
      page,
      `const rowBefore = ${FIRST_ROW};
       [...document.querySelectorAll('[role=columnheader] .sort')].find((it) => it.textContent.trim().startsWith('Value')).click()`,
      `${FIRST_ROW} !== rowBefore`,
    );
    const filterMs = await measureFilter(page);
    const analysisMs = await timeTo(
      page,
      tab('Analysis'),
      `document.querySelector('figure.chart canvas') && [...document.querySelectorAll('figure.chart')]
        .filter((chart) => chart.getBoundingClientRect().top < innerHeight)
        .every((chart) => chart.querySelector('canvas, .empty'))`,
    );
    await timeTo(page, tab('Overview'), FIRST_CHART);
    const live = await measureLive(page, file, nTrials);
    const memory = await memoryOf(app, page);
    const medianOf = (key: keyof Opening): number => median(openings.map((it) => it[key]));
    return {
      fileMs: medianOf('fileMs'),
      firstChartMs: medianOf('firstChartMs'),
      longestTaskMs: medianOf('longestTaskMs'),
      ...{ tableMs, sortMs, filterMs, analysisMs, ...live, ...memory },
    };
  } finally {
    await app.close();
  }
}

/** Starts the app, opens the file as a user does, and then the study. */
async function open(
  file: string,
): Promise<{ app: ElectronApplication; page: Page; opening: Opening }> {
  const dataDir = mkdtempSync(join(dir, 'data-'));
  const app = await launchElectron(ROOT, { env: { PARZEN_DATA_DIR: dataDir } });
  const page = await app.firstWindow();
  const choose = page.getByRole('button', { name: 'Choose a file…' });
  await choose.waitFor();
  await app.evaluate(({ dialog }, path) => {
    dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [path] });
  }, file);
  const link = `[...document.querySelectorAll('a')].find((it) => it.textContent.trim() === '${LARGE_STUDY_NAME}')`;
  const fileMs = await timeTo(
    page,
    `[...document.querySelectorAll('button')].find((it) => it.textContent.includes('Choose a file')).click()`,
    link,
  );
  await page.evaluate(
    `globalThis.longTasks = [0];
     new PerformanceObserver((list) => longTasks.push(...list.getEntries().map((it) => it.duration))).observe({ type: 'longtask' })`,
  );
  const firstChartMs = await timeTo(page, `${link}.click()`, FIRST_CHART);
  const longestTaskMs = await page.evaluate<number>('Math.max(...longTasks)');
  return { app, page, opening: { fileMs, firstChartMs, longestTaskMs } };
}

function tab(title: string): string {
  return `[...document.querySelectorAll('a.tab')].find((it) => it.textContent.trim() === '${title}').click()`;
}

/** Milliseconds from an action in the page to two frames after something is there, both told as JavaScript. */
function timeTo(page: Page, action: string, isThere: string): Promise<number> {
  return page.evaluate<number>(`(async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const begin = performance.now();
    ${action};
    while (!(${isThere})) {
      if (performance.now() - begin > ${LIMIT_MS}) throw new Error(${JSON.stringify(isThere)} + ' never came');
      await frame();
    }
    await frame();
    await frame();
    return performance.now() - begin;
  })()`);
}

async function measureFilter(page: Page): Promise<number> {
  const input = page.getByLabel('Filter by expression');
  await input.fill('value < 0.5 and n_layers = 3');
  return timeTo(
    page,
    `document.activeElement.closest('form').requestSubmit()`,
    `[...document.querySelectorAll('.quiet')].some((it) => / of .* trials/.test(it.textContent))`,
  );
}

/** Another process writes; the page tells when its header has caught up, and how long its frames took. */
async function measureLive(
  page: Page,
  file: string,
  nTrials: number,
): Promise<Pick<Row, 'liveLatencyMs' | 'liveLongestFrameMs' | 'liveBusyMs'>> {
  const busyMs = await watchBusyTime(page);
  const storage = await openStorage(file);
  const studyId = await storage.getStudyId(LARGE_STUDY_NAME);
  await page.evaluate(`(() => {
    globalThis.frames_ = [];
    let before = performance.now();
    const next = (now) => { frames_.push(now - before); before = now; requestAnimationFrame(next); };
    requestAnimationFrame(next);
  })()`);
  for (let i = 0; i < N_LIVE_TRIALS; i++) {
    const { trialId } = await storage.createTrial(studyId);
    await storage.finishTrial(trialId, 'complete', [1 + i / N_LIVE_TRIALS]);
    await sleep(LIVE_INTERVAL_MS);
  }
  const begin = performance.now();
  const count = (nTrials + N_LIVE_TRIALS).toLocaleString('en').replaceAll(',', '[^0-9]?');
  await page
    .locator('.figure.trials')
    .getByText(new RegExp(`(^|[^0-9])${count}([^0-9]|$)`))
    .waitFor();
  const liveLatencyMs = performance.now() - begin;
  const liveLongestFrameMs = await page.evaluate<number>('Math.max(...frames_)');
  const liveBusyMs = await busyMs();
  await storage.close();
  return { liveLatencyMs, liveLongestFrameMs, liveBusyMs };
}

/** @returns Gives the processor time of the page's thread since now, which other programs do not lengthen. */
async function watchBusyTime(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const read = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics');
    return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN);
  };
  const before = await read();
  return async () => (await read()) - before;
}

async function memoryOf(
  app: ElectronApplication,
  page: Page,
): Promise<Pick<Row, 'memoryMb' | 'heapMb'>> {
  const kilobytes = await app.evaluate(
    ({ app: { getAppMetrics } }) =>
      getAppMetrics().find(({ type }) => type === 'Tab')?.memory.workingSetSize ?? NaN,
  );
  const heap = await page.evaluate<number>('performance.memory.usedJSHeapSize');
  return { memoryMb: kilobytes / 1024, heapMb: heap / 2 ** 20 };
}

/** Null where the first plot did not come in time. */
async function measureDashboard(python: string, file: string): Promise<number | null> {
  const port = await freePort();
  const server = spawn(
    join(dirname(python), 'optuna-dashboard'),
    [`sqlite:///${file}`, '--port', String(port), '--host', '127.0.0.1'],
    { stdio: 'ignore' },
  );
  const browser = await launchChromium();
  try {
    const origin = `http://127.0.0.1:${port}/dashboard`;
    const page = await browser.newPage();
    while (!(await page.goto(origin).catch(() => null))) await sleep(200);
    await page.getByText(LARGE_STUDY_NAME).first().waitFor();
    const begin = performance.now();
    await page.goto(`${origin}/studies/1`);
    // The empty axes are there before the trials are.
    await page
      .locator('#plot-history path.point')
      .first()
      .waitFor({ state: 'attached', timeout: DASHBOARD_LIMIT_MS });
    return performance.now() - begin;
  } catch {
    return null;
  } finally {
    await browser.close();
    server.kill();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

function print(rows: readonly Row[], peers: readonly (number | null)[] | null): void {
  const titles: Record<keyof Row, string> = {
    fileMs: 'open file',
    firstChartMs: 'first chart',
    longestTaskMs: '  longest task of it',
    tableMs: 'table',
    sortMs: 'sort',
    filterMs: 'filter',
    analysisMs: 'analysis',
    liveLatencyMs: 'live: header behind',
    liveLongestFrameMs: 'live: longest frame',
    liveBusyMs: "live: page's thread busy",
    memoryMb: 'memory (MB)',
    heapMb: 'heap (MB)',
  };
  const first = rows[0] as Row;
  const last = rows.at(-1) as Row;
  printRow('ms', ...SIZES.map((n) => `${n} trials`), 'growth');
  for (const key of Object.keys(titles) as (keyof Row)[])
    printRow(
      titles[key],
      ...rows.map((row) => row[key].toFixed(0)),
      `${(last[key] / first[key]).toFixed(1)} x`,
    );
  if (!peers) {
    console.log('No Python with optuna_dashboard here (PARZEN_PYTHON names another one).');
    return;
  }
  printRow('Optuna Dashboard, first plot', ...peers.map((ms) => ms?.toFixed(0) ?? 'none in 2 min'));
  printRow(
    'file and first chart here: times as fast',
    ...peers.map((ms, i) => {
      const row = rows[i] as Row;
      return ms === null ? '-' : `${(ms / (row.fileMs + row.firstChartMs)).toFixed(1)} x`;
    }),
  );
}
