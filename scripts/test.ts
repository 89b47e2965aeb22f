/**
 * `npm test [-- arguments of vitest]`: set-up, a build for the end-to-end tests, then all tests. On a
 * Linux without a display the windows open on a virtual one.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { buildIfStale } from './build.ts';
import { runInForeground } from './processes.ts';
import { setUp } from './setup.ts';
import { closingLines, type TestReport } from './test-report.ts';
import { startVirtualDisplay } from './virtual-display.ts';

const ROOT = join(import.meta.dirname, '..');
const RESULTS = join(ROOT, 'test-results');
const REPORT = join(RESULTS, 'report.json');

/** In CI a slow network must not use up the time that the tests need. */
const CI_TENSORFLOW_LIMIT_MS = 8 * 60_000;

await setUp({
  tensorflow: 'build',
  limitMs: process.env.CI ? CI_TENSORFLOW_LIMIT_MS : undefined,
});
mkdirSync(RESULTS, { recursive: true });
rmSync(REPORT, { force: true });
const { lines, ok } = (await buildIfStale())
  ? closingLines(await runVitest(), readReport())
  : { lines: ['failed: the build, see above', '0 passed, 1 failed'], ok: false };
const seconds = Math.round(performance.now() / 1000);
console.log([`Tests      took ${seconds} s with set-up`, ...lines].join('\n'));
process.exitCode = ok ? 0 : 1;

async function runVitest(): Promise<number> {
  const vitest = [
    join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'),
    ...['run', '--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`],
    ...process.argv.slice(2),
  ];
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  const needsDisplay = process.platform === 'linux' && !DISPLAY && !WAYLAND_DISPLAY;
  const display = needsDisplay ? await startVirtualDisplay() : undefined;
  try {
    return await runInForeground(process.execPath, vitest, {
      cwd: ROOT,
      env: { ...process.env, ...(display && { DISPLAY: display.name }) },
    });
  } finally {
    display?.stop();
  }
}

function readReport(): TestReport | undefined {
  try {
    return JSON.parse(readFileSync(REPORT, 'utf8')) as TestReport;
  } catch {
    return undefined;
  }
}
