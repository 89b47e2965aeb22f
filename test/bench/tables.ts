/**
 * How fast a large table is profiled and imported, in how much memory, and how long the thread of the window's calls is kept waiting; beside reading and
 * hashing the bytes only, and beside csv-parse on the first rows (of all it would not fit into memory).
 * Arguments: rows, 1,000,000 unless told; columns, 50 unless told.
 */
import { spawnSync } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { once } from 'node:events';
import { parse } from 'csv-parse/sync';
import { loadDataset } from '../../src-main/training/datasets/prepare.ts';
import { fileSource, hashOf } from '../../src-main/training/datasets/table-file.ts';
import { runTableTask } from '../../src-main/training/datasets/table-thread.ts';
import { parseSpec } from '../../src-main/training/spec.ts';
import type { NetworkStudySpecInput } from '../../src-main/training/spec.ts';
import { createRng } from '../../src-main/tuner/math/rng.ts';

const PEER_ROWS = 50_000;

interface Measured {
  readonly megabytes: number;
  /** Of processor time, which others on the machine do not lengthen. */
  readonly seconds: number;
  readonly peakMb: number;
  readonly longestWaitMs: number;
}

const tasks: Record<string, (path: string) => Promise<number>> = {
  async bytes(path) {
    hashOf(fileSource(path));
    return statSync(path).size;
  },
  async 'csv-parse'(path) {
    const end = readFileSync(path).subarray(0, 2 ** 25);
    const text = end.toString().split('\n').slice(0, PEER_ROWS).join('\n');
    skipped = cpuSeconds();
    parse(text, { cast: true });
    return text.length;
  },
  async profile(path) {
    await runTableTask('profile', { path, table: path });
    return statSync(path).size;
  },
  async import(path) {
    await loadDataset({ spec: parseSpec(specOf(path)), baseDir: '.' });
    return statSync(path).size;
  },
};

/** When the measured part began, where that was not at once. */
let skipped: number | null = null;

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

const [first, second] = process.argv.slice(2);
const task = first === undefined ? undefined : tasks[first];
if (task) await measure(task, second as string);
else await compare(Number(first ?? 1_000_000), Number(second ?? 50));

/** In a process of its own, which is what its memory is counted for. */
async function measure(run: (path: string) => Promise<number>, path: string): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const before = cpuSeconds();
  const bytes = await run(path);
  const measured: Measured = {
    megabytes: bytes / 1e6,
    seconds: cpuSeconds() - (skipped ?? before),
    peakMb: process.resourceUsage().maxRSS / 1024,
    longestWaitMs: delay.max / 1e6,
  };
  console.log(JSON.stringify(measured));
}

async function compare(nRows: number, nColumns: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'parzen-bench-'));
  try {
    const path = join(folder, 'large.csv');
    await generate(path, nRows, nColumns);
    console.log(`${nRows} rows x ${nColumns} columns, ${Math.round(statSync(path).size / 1e6)} MB`);
    let bytesPerSecond = NaN;
    for (const name of Object.keys(tasks)) {
      const { stdout, stderr } = spawnSync(process.execPath, [import.meta.filename, name, path], {
        encoding: 'utf8',
      });
      if (stdout === '') throw new Error(stderr);
      const { megabytes, seconds, peakMb, longestWaitMs } = JSON.parse(stdout) as Measured;
      const rate = megabytes / seconds;
      if (name === 'bytes') bytesPerSecond = rate;
      console.log(
        `${name.padEnd(10)} ${seconds.toFixed(2).padStart(7)} s ${rate.toFixed(0).padStart(6)} MB/s ${(rate / bytesPerSecond).toFixed(3)} of reading ${peakMb.toFixed(0).padStart(6)} MB at most, other work waits ${longestWaitMs.toFixed(0)} ms at most`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Numbers with decimals, whole numbers, some empty; three categories, a date, and a class to predict. */
async function generate(path: string, nRows: number, nColumns: number): Promise<void> {
  const rng = createRng('tables');
  const file = createWriteStream(path);
  const names = Array.from({ length: nColumns - 5 }, (_, i) => `x${i}`);
  file.write(`${[...names, 'colour', 'shop', 'size', 'day', 'y'].join(',')}\n`);
  // Drawing fifty million numbers would take longer than reading them.
  const pool = Array.from({ length: 4096 }, () => rng.normal());
  for (let row = 0; row < nRows; row++) {
    const cells = names.map((_, i) => {
      const value = pool[(row * 31 + i * 977) % pool.length] as number;
      if ((row + i) % 211 === 0) return '';
      return i % 4 === 0
        ? String(Math.round(value * 1000))
        : (value * (1 + row / nRows)).toFixed(4);
    });
    const day = new Date(Date.UTC(2020, 0, 1 + (row % 1000))).toISOString().slice(0, 10);
    cells.push(
      `c${row % 9}`,
      `shop ${row % 200}`,
      'SML'[row % 3] as string,
      day,
      'uvw'[row % 3] as string,
    );
    if (!file.write(`${cells.join(',')}\n`)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
}

function specOf(table: string): NetworkStudySpecInput {
  return {
    name: 'large',
    data: {
      table,
      task: 'classification',
      target: 'y',
      ignore: ['shop'],
      dates: { day: {} },
      missing: 'mean',
      split: { fractions: { train: 0.8, validation: 0.1, test: 0.1 } },
    },
    network: { width: [4] },
    training: { optimizer: { type: 'sgd', learningRate: 0.1 }, epochs: 1 },
  };
}
