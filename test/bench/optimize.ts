/**
 * `study.optimize` with random search and a cheap objective of five mixed parameters, into a new SQLite file: seconds, and the most memory the process had;
 * beside Optuna at a number of trials it can do, where a python3 has it. Arguments: numbers of trials, `memory` for a storage in memory.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStorage } from '../../src-main/open-storage.ts';
import {
  createStudy,
  InMemoryStorage,
  RandomSampler,
  setLogger,
  type Trial,
} from '../../src-main/tuner/index.ts';
import { findPython, noPython, printRow, runPython } from './helpers/peer.ts';

/** Optuna needs some 30 ms for each. */
const MOST_OF_OPTUNA = 1000;

async function objective(trial: Trial): Promise<number> {
  const x = await trial.suggestFloat('x', -5, 10);
  const rate = await trial.suggestFloat('rate', 1e-5, 1e-1, { log: true });
  const n = await trial.suggestInt('n', 1, 100);
  const share = await trial.suggestFloat('share', 0, 1, { step: 0.05 });
  const kind = await trial.suggestCategorical('kind', ['a', 'b', 'c', 'd']);
  return x ** 2 + Math.log10(rate) + n / 100 + share + (kind === 'b' ? 0 : 1);
}

const args = process.argv.slice(2);
const sizes = args.map(Number).filter(Boolean);
if (sizes.length === 0) sizes.push(1000, 10_000, 100_000);

setLogger(null);
const folder = mkdtempSync(join(tmpdir(), 'parzen-bench-'));
try {
  const python = findPython('optuna');
  if (!python) console.log(noPython);
  printRow('optimize, random search, 5 parameters', 'Parzen', 'memory', 'file', 'Optuna', 'ratio');
  for (const nTrials of sizes) {
    const file = join(folder, `${nTrials}.db`);
    const storage = args.includes('memory')
      ? new InMemoryStorage()
      : await openStorage(file, { create: true });
    const study = await createStudy({ storage, seed: 1, sampler: new RandomSampler() });
    const startedAt = performance.now();
    await study.optimize(objective, { nTrials });
    const seconds = (performance.now() - startedAt) / 1000;
    await storage.close();
    const peer =
      python && nTrials <= MOST_OF_OPTUNA && !args.includes('memory')
        ? runPython<{ seconds: number }>(python, 'optimize.py', [
            `sqlite:///${join(folder, `optuna-${nTrials}.db`)}`,
            String(nTrials),
          ]).seconds
        : null;
    printRow(
      `${nTrials.toLocaleString('en')} trials`,
      `${seconds.toFixed(2)} s`,
      `${Math.round(process.resourceUsage().maxRSS / 1024)} MB`,
      args.includes('memory') ? '' : `${Math.round(statSync(file).size / 1e6)} MB`,
      peer === null ? '' : `${peer.toFixed(1)} s`,
      peer === null ? '' : `${(peer / seconds).toFixed(0)}x`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
