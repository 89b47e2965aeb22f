import { readdirSync, readFileSync } from 'node:fs';

/** What Linux counts processor time in for programs, on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Seconds of processor time that this process's living children have taken so far, all threads; NaN where the system does not tell. */
export function childrenCpuSeconds(): number {
  let processes: string[];
  try {
    processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return NaN;
  }
  let ticks = 0;
  for (const pid of processes)
    try {
      // The name, in brackets, may hold anything; what follows are numbers from the third field on.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
      if (Number(fields[1]) === process.pid) ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      // One that has ended meanwhile.
    }
  return ticks / TICKS_PER_SECOND;
}
