import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Whether an output is missing, or older than a file or folder among the sources (a folder's own time
 * tells of removed files). Plain JavaScript, because `parzen.js` needs it on any Node.
 */
export function isStale(outputs, sources) {
  const builtAtMs = outputs.map(
    (output) => statSync(output, { throwIfNoEntry: false })?.mtimeMs ?? 0,
  );
  return newestMs(sources) > Math.min(...builtAtMs);
}

function newestMs(paths) {
  let newest = 0;
  for (const path of paths) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat) {
      const inside = stat.isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [];
      newest = Math.max(newest, stat.mtimeMs, newestMs(inside));
    }
  }
  return newest;
}
