import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The arguments of a command line that are study files, as paths. Desktops on Linux name files by `file:` URLs. */
export function studyFilesIn(argv: readonly string[], workingDirectory: string): string[] {
  return argv
    .slice(1)
    .filter((argument) => /\.(db|sqlite3?)$/i.test(argument) && !argument.startsWith('-'))
    .map((argument) => toPath(argument, workingDirectory))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
}

function toPath(argument: string, workingDirectory: string): string {
  if (!/^file:/i.test(argument)) {
    return resolve(workingDirectory, argument);
  }
  try {
    return fileURLToPath(argument);
  } catch {
    // On another machine, or not a URL after all: no file of ours.
    return '';
  }
}
