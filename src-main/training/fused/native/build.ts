/**
 * Compiles the kernels for the processors of PCs to dense-linux-x64.node:
 *
 *     node src-main/training/fused/native/build.ts
 *
 * It needs Linux on x64 and a C compiler, `cc` or what CC names. The file is checked in, so that users and most
 * developers need neither; it carries a hash of what it was made from, and a test fails when that has changed.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));

const SOURCES = ['addon.c', 'kernels.c', 'kernels.h', 'lanes.h'];
/** Nothing may be multiplied and added in one step that WebAssembly does in two. */
const OPTIONS =
  '-O3 -std=gnu11 -fPIC -fvisibility=hidden -ffp-contract=off -fno-math-errno -fno-stack-protector -Wall -Wextra -Werror';
const VARIANTS = {
  kernelsAvx2: '-mavx2 -mfma',
  kernelsAvx512: '-mavx512f -mavx512dq -mavx512vl -mfma',
};
/** Without a C library; of the compiler's own one, what asks the processor. */
const LINK = '-shared -nostdlib -Wl,--strip-all -Wl,--build-id=none -Wl,-z,noexecstack';

/** SHA-256 of the sources and of how they are compiled. */
export function hashSources(): string {
  const hash = createHash('sha256');
  for (const name of SOURCES) hash.update(readFileSync(join(folder, name)));
  hash.update(JSON.stringify([OPTIONS, VARIANTS, LINK]));
  return hash.digest('hex');
}

/** @throws Error when there is no compiler, or it does not succeed. */
export function buildNative(target: string): void {
  const workDir = mkdtempSync(join(tmpdir(), 'parzen-native-'));
  const compile = (...args: string[]): void => {
    execFileSync(process.env.CC ?? 'cc', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  };
  const objects: string[] = [];
  const toObject = (source: string, name: string, ...options: string[]): void => {
    const object = join(workDir, `${name}.o`);
    compile(...OPTIONS.split(' '), ...options, '-c', source, '-o', object);
    objects.push(object);
  };
  try {
    for (const [name, options] of Object.entries(VARIANTS))
      toObject('kernels.c', name, ...options.split(' '), `-DKERNELS=${name}`);
    toObject('addon.c', 'addon', `-DSOURCES="${hashSources()}"`, `-I${findNodeHeaders()}`);
    compile(...LINK.split(' '), ...objects, '-lgcc', '-o', target);
  } finally {
    rmSync(workDir, { recursive: true });
  }
}

/** The npm package `node` brings them. */
function findNodeHeaders(): string {
  const fromNode = createRequire(createRequire(import.meta.url).resolve('node/package.json'));
  const manifest = fromNode.resolve(`node-${process.platform}-${process.arch}/package.json`);
  return join(dirname(manifest), 'include', 'node');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const target = join(folder, '..', 'dense-linux-x64.node');
  buildNative(target);
  process.stdout.write(`${target}: ${readFileSync(target).length} bytes\n`);
}
