/**
 * Compiles `assembly/` to dense.wasm (plain SIMD) and dense-relaxed.wasm (fused multiply-add):
 *
 *     node src-main/training/fused/build.ts
 *
 * The files are checked in, so that neither users nor other developers need the compiler; a test fails when they
 * are not what the sources compile to.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const BUILDS = {
  'dense.wasm': ['simd'],
  'dense-relaxed.wasm': ['simd', 'relaxed-simd'],
};

async function compile(features: readonly string[]): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const options = ['--outFile', 'out.wasm', '--runtime', 'stub', '--noAssert', '-O3', '--converge'];
  const enable = features.flatMap((feature) => ['--enable', feature]);
  const baseDir = fileURLToPath(new URL('./assembly', import.meta.url));
  const { error, stderr } = await asc.main(
    ['index.ts', '--baseDir', baseDir, ...options, ...enable],
    {
      writeFile: (_name, contents) => {
        if (typeof contents !== 'string') binary = contents;
      },
    },
  );
  if (error || !binary) throw new Error(`asc failed: ${stderr.toString()}`, { cause: error });
  return binary;
}

/** File name -> bytes. */
export async function buildDense(): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const [name, features] of Object.entries(BUILDS)) files.set(name, await compile(features));
  return files;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, bytes] of await buildDense()) {
    writeFileSync(new URL(`./${name}`, import.meta.url), bytes);
    process.stdout.write(`${name}: ${bytes.length} bytes\n`);
  }
}
