/**
 * One ask with five mixed parameters and its tell with TPE, at 100 to 100,000 finished trials, in memory and on SQLite, beside Optuna where a python3 has it.
 * Arguments: the numbers of trials.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStorage } from '../../src-main/open-storage.ts';
import {
  createCategoricalDistribution,
  createFloatDistribution,
  createIntDistribution,
  createSampler,
  createStudy,
  InMemoryStorage,
  type Distribution,
  type ParamValue,
  type Storage,
} from '../../src-main/tuner/index.ts';
import { createRng } from '../../src-main/tuner/math/rng.ts';
import { findPython, median, noPython, printRow, runPython } from './helpers/peer.ts';

const distributions: Record<string, Distribution> = {
  x: createFloatDistribution(-5, 10),
  lr: createFloatDistribution(1e-5, 1e-1, { log: true }),
  n: createIntDistribution(1, 100),
  q: createFloatDistribution(0, 1, { step: 0.05 }),
  c: createCategoricalDistribution(['a', 'b', 'c', 'd']),
};

const nRepeats = 20;
/** Optuna needs minutes to fill a database with more. */
const optunaLimits = { memory: 10_000, sqlite: 1000 };
const sizes = process.argv.slice(2).map(Number).filter(Boolean);
if (sizes.length === 0) sizes.push(100, 1000, 10_000, 100_000);

async function measure(storage: Storage, nTrials: number): Promise<{ ask: number; first: number }> {
  const study = await createStudy({ storage, seed: 0, sampler: createSampler('tpe') });
  const rng = createRng('ask-tell');
  const now = Date.now();
  for (let i = 0; i < nTrials; i++) {
    const params: Record<string, ParamValue> = {
      x: -5 + 15 * rng.uniform(),
      lr: 10 ** (-5 + 4 * rng.uniform()),
      n: 1 + rng.integer(100),
      q: Math.round(rng.integer(21) * 5) / 100,
      c: 'abcd'[rng.integer(4)] as string,
    };
    await storage.createTrial(study.studyId, {
      state: 'complete',
      values: [rng.uniform()],
      startedAtMs: now,
      completedAtMs: now,
      params,
      distributions,
      intermediateValues: new Map(),
      userAttrs: {},
      systemAttrs: {},
    });
  }
  const times: number[] = [];
  for (let i = 0; i <= nRepeats; i++) {
    const start = performance.now();
    const trial = await study.ask(distributions);
    await study.tell(trial, rng.uniform());
    times.push(performance.now() - start);
  }
  return { first: times[0] as number, ask: median(times.slice(1)) };
}

const folder = mkdtempSync(join(tmpdir(), 'parzen-bench-'));
try {
  const python = findPython('optuna');
  if (!python) console.log(noPython);
  printRow(
    `ask + 5 suggests + tell, TPE, median of ${nRepeats}`,
    'Parzen',
    'first',
    'Optuna',
    'ratio',
  );
  // The first asks of a process are those of code that is not compiled yet; which row they fall on should not matter.
  for (let i = 0; i < 3; i++) await measure(new InMemoryStorage(), 1000);
  for (const nTrials of sizes)
    for (const kind of ['memory', 'sqlite'] as const) {
      const storage =
        kind === 'memory'
          ? new InMemoryStorage()
          : await openStorage(join(folder, `${nTrials}.db`), { create: true });
      const { ask, first } = await measure(storage, nTrials);
      await storage.close();
      const peer =
        python && nTrials <= optunaLimits[kind]
          ? runPython<{ ms: number }>(python, 'ask_tell.py', [
              kind === 'memory' ? 'none' : `sqlite:///${join(folder, `optuna-${nTrials}.db`)}`,
              String(nTrials),
              String(nRepeats),
            ]).ms
          : null;
      printRow(
        `${nTrials.toLocaleString('en')} trials, ${kind}`,
        `${ask.toFixed(2)} ms`,
        `${first.toFixed(1)} ms`,
        peer === null ? '' : `${peer.toFixed(1)} ms`,
        peer === null ? '' : `${(peer / ask).toFixed(1)}x`,
      );
    }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
