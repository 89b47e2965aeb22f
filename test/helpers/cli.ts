import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const entry = fileURLToPath(new URL('../../src-main/cli/main.ts', import.meta.url));

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts `parzen …` as a process of its own. Its files, if it makes any of its own, are kept in `dataDir`; `stdout` is where it writes to. */
export function startCli(
  args: readonly string[],
  dataDir = temporaryFolder(),
  stdout: number | 'pipe' = 'pipe',
): { child: ChildProcess; result: Promise<CliResult> } {
  const child = spawn(process.execPath, [entry, ...args], {
    stdio: ['ignore', stdout, 'pipe'],
    env: { ...process.env, PARZEN_DATA_DIR: dataDir, NO_COLOR: '1' },
  });
  const result = new Promise<CliResult>((resolve, reject) => {
    let [printed, stderr] = ['', ''];
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (printed += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject).on('close', (code) => resolve({ code, stdout: printed, stderr }));
  });
  return { child, result };
}

export async function runCli(args: readonly string[], dataDir?: string): Promise<CliResult> {
  return startCli(args, dataDir).result;
}

/** A folder that is removed when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'parzen-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}
