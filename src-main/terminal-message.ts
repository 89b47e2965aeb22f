import { StorageError } from './tuner/errors.ts';

/** What the terminal says of an error. Where a window would ask, it names who does: no option of the commands upgrades a file. */
export function terminalMessage(error: Error): string {
  const isOld = error instanceof StorageError && error.code === 'STORAGE_NEEDS_MIGRATION';
  return isOld
    ? `${error.message} To do so, start \`parzen serve\` without this file and open it on the page, or open it in the desktop app.`
    : error.message;
}
