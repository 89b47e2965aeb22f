import { Worker } from 'node:worker_threads';

const WATCH_INTERVAL_MS = 250;

/** Plain JavaScript, as it is run in a thread of its own, from text. */
const source = `
const { workerData: { ppid, limitBytes, intervalMs } } = require('node:worker_threads');
const { writeSync } = require('node:fs');
const isOrphan = () => {
  if (process.platform !== 'win32') return process.ppid !== ppid;
  try { process.kill(ppid, 0); return false; } catch { return true; }
};
setInterval(() => {
  if (isOrphan()) process.kill(process.pid, 'SIGKILL');
  const usedBytes = process.memoryUsage.rss();
  if (limitBytes !== null && usedBytes > limitBytes) {
    writeSync(2, 'Out of memory: the process took ' + Math.round(usedBytes / 2 ** 20) + ' MB.\\n');
    process.kill(process.pid, 'SIGKILL');
  }
}, intervalMs);
`;

/**
 * Ends this process when its parent is gone or it takes too much memory, even while it is in an endless loop, in which it hears of
 * nothing: a thread of its own watches.
 *
 * @param limitBytes null: no limit.
 */
export function watchParent(limitBytes: number | null): void {
  new Worker(source, {
    eval: true,
    workerData: { ppid: process.ppid, limitBytes, intervalMs: WATCH_INTERVAL_MS },
    // Only this thread's heap, which holds next to nothing.
    resourceLimits: { maxOldGenerationSizeMb: 16 },
    execArgv: [],
  }).unref();
}
