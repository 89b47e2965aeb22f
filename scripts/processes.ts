import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Dirent, readdirSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';

interface RunOptions {
  /** Names the step in progress lines. */
  label: string;
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Ends the program when aborted. */
  signal?: AbortSignal;
  /** A folder that grows while the program works: its size is shown as progress. */
  growing?: string;
  /** Gives up when `growing` has not grown for so long. */
  stallMs?: number;
}

const PROGRESS_INTERVAL_MS = 5_000;

/**
 * Runs a program to its end and returns what it printed on stdout. A long one shows a line of
 * progress every few seconds. Throws an error with the last telling line of stderr when it fails.
 */
export async function run(command: string, args: string[], options: RunOptions): Promise<string> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    signal: options.signal,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));

  const startedAtMs = Date.now();
  let grownAtMs = startedAtMs;
  let sizeBytes = 0;
  let stalled = false;
  const timer = setInterval(() => {
    const nowBytes = options.growing ? folderSize(options.growing) : 0;
    if (nowBytes > sizeBytes) {
      grownAtMs = Date.now();
      sizeBytes = nowBytes;
    }
    if (options.growing && options.stallMs && Date.now() - grownAtMs >= options.stallMs) {
      stalled = true;
      child.kill();
      return;
    }
    const seconds = Math.round((Date.now() - startedAtMs) / 1000);
    const megabytes = sizeBytes > 1e6 ? `, ${Math.round(sizeBytes / 1e6)} MB` : '';
    console.log(`  ${options.label} … ${seconds} s${megabytes}`);
  }, PROGRESS_INTERVAL_MS);

  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    if (stalled) {
      throw new Error(`nothing arrived for ${Math.round((options.stallMs ?? 0) / 1000)} s`);
    }
    if (code !== 0) {
      throw new Error(lastTellingLine(stderr) || `${command} ended with ${signal ?? code}`);
    }
    return stdout;
  } catch (error) {
    if (options.signal?.aborted) {
      throw new Error('it took longer than allowed', { cause: error });
    }
    throw error;
  } finally {
    clearInterval(timer);
  }
}

/** npm, run by the Node it was started with where this script was started by npm. */
export function npm(args: string[], options: RunOptions): Promise<string> {
  const { npm_execpath: script, npm_node_execpath: node } = process.env;
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  return script && node
    ? run(node, [script, ...args, ...quiet], options)
    : run('npm', [...args, ...quiet], options);
}

/** Runs a program on this terminal, signals included, and returns its exit code. */
export async function runInForeground(
  command: string,
  args: string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; onStderr?: (text: string) => void } = {},
): Promise<number> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['inherit', 'inherit', options.onStderr ? 'pipe' : 'inherit'],
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    process.stderr.write(text);
    options.onStderr?.(text);
  });
  // Ctrl-C reaches the whole process group: the child decides what to do, and is waited for.
  const onInterrupt = (): void => {};
  const onTerminate = (): void => void child.kill('SIGTERM');
  process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate);
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    return code ?? 128 + constants.signals[signal ?? 'SIGTERM'];
  } finally {
    process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate);
  }
}

/** Where `name` is on PATH, or undefined. */
export function findOnPath(name: string): string | undefined {
  const extensions = process.platform === 'win32' ? ['.exe', '.cmd', ''] : [''];
  const separator = process.platform === 'win32' ? ';' : ':';
  for (const folder of (process.env.PATH ?? '').split(separator)) {
    for (const extension of extensions) {
      const path = join(folder, name + extension);
      if (folder && statSync(path, { throwIfNoEntry: false })?.isFile()) {
        return path;
      }
    }
  }
  return undefined;
}

/** The error text without stack frames and decoration: the line a person would read out. */
function lastTellingLine(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(at |npm notice|Node\.js v|[{}\]^~]|code:)/.test(line));
  const line =
    lines.find((text) => /error|failed|refused|denied/i.test(text)) ?? lines.at(-1) ?? '';
  return line.replace(/^(\w*Error|npm error|error|E): /i, '').slice(0, 300);
}

function folderSize(folder: string): number {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  } catch {
    return 0;
  }
  let total = 0;
  for (const entry of entries) {
    if (entry.isFile()) {
      total += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
    }
  }
  return total;
}
