import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

import { findOnPath } from './processes.ts';

/** A display that nobody sees, for windows under test. */
export interface VirtualDisplay {
  /** A value for `DISPLAY`. */
  readonly name: string;
  stop(): void;
}

/**
 * Starts Xvfb on a free display number; undefined where it is not installed or does not start. (Its
 * wrapper `xvfb-run` now and then fails to remove its own folder when the program under test still has
 * a process running, and then ends with an error although all went well.)
 */
export async function startVirtualDisplay(): Promise<VirtualDisplay | undefined> {
  if (!findOnPath('Xvfb')) {
    return undefined;
  }
  const server = spawn(
    'Xvfb',
    ['-displayfd', '3', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] },
  );
  const numbers = server.stdio[3] as Readable;
  const ended = once(server, 'exit').then(
    () => [],
    () => [],
  );
  const [number] = (await Promise.race([once(numbers, 'data'), ended])) as Buffer[];
  return number && { name: `:${number.toString().trim()}`, stop: () => void server.kill() };
}
