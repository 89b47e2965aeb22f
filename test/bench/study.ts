/**
 * The notebook's study (50 trials of a network on Iris) from the start of the process to its end, with 1 and 2 jobs, and beside it Optuna with
 * PyTorch, in memory and on SQLite, where a python3 has them. Ratios are Optuna's seconds over ours.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openStorage } from '../../src-main/open-storage.ts';
import { findPython, median, noPython, printRow, runPython } from './helpers/peer.ts';

interface Measured {
  /** The whole process. */
  wall: number;
  /** From the creation of the study to its end, as Optuna's side is measured. */
  seconds: number;
  epochs: number;
}

const nRuns = Number(process.argv[2] ?? 5);
const folder = mkdtempSync(join(tmpdir(), 'parzen-bench-'));
const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

async function runParzen(seed: number, jobs: number): Promise<Measured> {
  const file = join(folder, `study-${jobs}-${seed}.db`);
  const start = performance.now();
  const args = [
    'run',
    'iris',
    '--seed',
    String(seed),
    '--jobs',
    String(jobs),
    '--storage',
    file,
    '--json',
    '--quiet',
  ];
  const { stdout } = spawnSync(process.execPath, [path('../../src-main/cli/main.ts'), ...args], {
    encoding: 'utf8',
  });
  const wall = (performance.now() - start) / 1000;
  const result = JSON.parse(stdout) as { seconds: number; nTrials: number; nFail: number };
  if (result.nTrials !== 50 || result.nFail !== 0)
    throw new Error(`The study did not end well: ${stdout}`);
  const storage = await openStorage(file);
  const trials = await storage.getTrials(1);
  await storage.close();
  // An epoch that ends training is run but, as in the notebook, not reported.
  const epochs = trials.reduce(
    (sum, { userAttrs, intermediateValues }) =>
      sum + (typeof userAttrs.epochs === 'number' ? userAttrs.epochs : intermediateValues.size),
    0,
  );
  return { wall, seconds: result.seconds, epochs };
}

function summarize(label: string, runs: readonly Measured[], baseline: number | null): void {
  const seconds = median(runs.map((run) => run.seconds));
  const perEpoch = median(runs.map((run) => (run.seconds / run.epochs) * 1000));
  printRow(
    label,
    `${seconds.toFixed(2)} s`,
    `${median(runs.map((run) => run.wall)).toFixed(2)} s`,
    String(Math.round(median(runs.map((run) => run.epochs)))),
    `${perEpoch.toFixed(2)} ms`,
    baseline === null ? '' : `${(baseline / seconds).toFixed(1)}x`,
  );
}

try {
  const python = findPython('optuna', 'torch');
  printRow(
    `median of ${nRuns} seeds, 50 trials`,
    'study',
    'process',
    'epochs',
    'per epoch',
    'ratio',
  );
  let inMemory: number | null = null;
  let onSqlite: number | null = null;
  if (python) {
    const peer = (storage: (seed: number) => string): Measured[] =>
      Array.from({ length: nRuns }, (_, seed) => {
        const start = performance.now();
        const { seconds, epochs } = runPython<{ seconds: number; epochs: number }>(
          python,
          'notebook_study.py',
          [
            storage(seed),
            String(seed),
            path('../../resources/tables/iris.csv'),
            path('../fixtures/optuna/iris_split.json'),
          ],
        );
        return { wall: (performance.now() - start) / 1000, seconds, epochs };
      });
    const memory = peer(() => 'none');
    inMemory = median(memory.map((run) => run.seconds));
    summarize('Optuna + PyTorch (1 thread), in memory', memory, null);
    const sqlite = peer((seed) => `sqlite:///${join(folder, `optuna-${seed}.db`)}`);
    onSqlite = median(sqlite.map((run) => run.seconds));
    summarize('Optuna + PyTorch (1 thread), SQLite', sqlite, null);
  } else console.log(noPython);
  for (const jobs of [1, 2]) {
    const runs: Measured[] = [];
    for (let seed = 0; seed < nRuns; seed++) runs.push(await runParzen(seed, jobs));
    summarize(
      `Parzen, SQLite, ${jobs} job${jobs > 1 ? 's' : ''} (ratio to SQLite)`,
      runs,
      onSqlite,
    );
    if (inMemory !== null) summarize(`  the same (ratio to in memory)`, runs, inMemory);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
