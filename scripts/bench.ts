/** `npm run bench -- NAME [arguments]`: runs test/bench/NAME.ts, or lists the names. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { runInForeground } from './processes.ts';

const BENCHES = join(import.meta.dirname, '..', 'test', 'bench');

const [name, ...args] = process.argv.slice(2);
const names = existsSync(BENCHES)
  ? readdirSync(BENCHES)
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map((file) => file.replace(/\.ts$/, ''))
  : [];

if (name !== undefined && names.includes(name)) {
  process.exitCode = await runInForeground(process.execPath, [
    join(BENCHES, `${name}.ts`),
    ...args,
  ]);
} else {
  if (name !== undefined) {
    console.error(`There is no benchmark "${name}".`);
    process.exitCode = 1;
  }
  console.log(`npm run bench -- NAME, where NAME is one of: ${names.join(', ') || '(none yet)'}`);
}
