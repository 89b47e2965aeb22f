import { execFile, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';

const isWindows = process.platform === 'win32';

/** Options of `spawn` that put a program and all it starts into a group of their own. */
export const ownGroup = { detached: !isWindows, windowsHide: true } as const;

/** Asks the whole group to end, or kills it. Windows knows only the latter. Does nothing when it is gone. */
export function signalGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (isWindows) {
    spawnSync('taskkill', ['/pid', String(pid), '/t', '/f'], { stdio: 'ignore' });
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The memory that the processes of a group take together; null where that cannot be told (Windows). */
export async function memoryOfGroup(pid: number): Promise<number | null> {
  if (process.platform === 'linux') return linuxMemoryOfGroup(pid);
  if (isWindows) return null;
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pgid=,rss=']);
  return (
    1024 *
    stdout
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number))
      .filter(([group]) => group === pid)
      .reduce((sum, [, kilobytes = 0]) => sum + kilobytes, 0)
  );
}

/** Pages are of 4096 bytes on all but a few machines, where this is too low by that factor. */
const PAGE_BYTES = 4096;

function linuxMemoryOfGroup(group: number): number {
  let nPages = 0;
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      // The name, in brackets, may hold anything; what follows it are numbers.
      const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(/\) (?=\w \d)/);
      const [, , pgrp] = fields.split(' ');
      if (Number(pgrp) === group)
        nPages += Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    } catch {
      // It ended in between.
    }
  }
  return nPages * PAGE_BYTES;
}
