import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A Python that has these modules: `PARZEN_PYTHON`, else python3; null where there is none. */
export function findPython(...modules: string[]): string | null {
  const python = process.env.PARZEN_PYTHON ?? 'python3';
  const { status } = spawnSync(python, ['-c', `import ${modules.join(', ')}`], { stdio: 'ignore' });
  return status === 0 ? python : null;
}

/** Runs a script of test/bench/python and reads the JSON it prints last. */
export function runPython<Result>(python: string, script: string, args: readonly string[]): Result {
  const path = fileURLToPath(new URL(`../python/${script}`, import.meta.url));
  const output = execFileSync(python, [path, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return JSON.parse(output.trim().split('\n').at(-1) as string) as Result;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** A line of a result table. */
export function printRow(label: string, ...cells: string[]): void {
  console.log([label.padEnd(44), ...cells.map((cell) => cell.padStart(14))].join(' '));
}

export const noPython =
  'No python3 with Optuna here (PARZEN_PYTHON names another one), so there is nothing to compare with.';
