import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

let found: string | undefined;

/** The folder `resources` of the project or of the installed app: the nearest one above this file. */
export function resourcesDir(): string {
  if (found) return found;
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const candidate = join(folder, 'resources');
    if (existsSync(join(candidate, 'tables'))) return (found = candidate);
    const parent = dirname(folder);
    if (parent === folder)
      throw new Error(`The folder "resources" was not found above ${import.meta.url}.`);
    folder = parent;
  }
}
