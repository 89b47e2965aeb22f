/** The library and the command as npm packs them, used by programs of their own. */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Rolldown } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

let folder: string;

/** Unpacks the package into a folder where nothing else is installed. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'parzen-test-'));
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], {
    cwd: root,
    stdio: 'ignore',
    shell: process.platform === 'win32',
  });
  const [packed = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  execFileSync('tar', ['-xzf', packed], { cwd: folder });
  renameSync(join(folder, 'package'), join(modules, 'parzen'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

function run(code: string): string {
  writeFileSync(join(folder, 'program.mjs'), code);
  return execFileSync(process.execPath, ['program.mjs'], { cwd: folder, encoding: 'utf8' });
}

async function bundle(code: string): Promise<readonly Rolldown.OutputChunk[]> {
  const entry = join(folder, 'bundled.mjs');
  writeFileSync(entry, code);
  const result = await build({
    root: folder,
    configFile: false,
    logLevel: 'silent',
    build: { write: false, minify: false, rolldownOptions: { input: entry } },
  });
  const { output } = result as Rolldown.RolldownOutput;
  return output.filter((part) => part.type === 'chunk');
}

describe('the package', () => {
  it('has the library and the built command, and no sources', () => {
    const files = readdirSync(join(folder, 'node_modules', 'parzen'), { recursive: true });
    expect(files).toContain(join('out', 'lib', 'tuner', 'index.js'));
    expect(files).toContain(join('out', 'lib', 'tuner', 'index.d.ts'));
    expect(files.filter((name) => /^(src|test)|\.map$/.test(String(name)))).toEqual([]);
  });

  it('has all that the command needs to run a study', () => {
    const installed = join(folder, 'command');
    cpSync(join(folder, 'node_modules', 'parzen'), installed, { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(installed, 'node_modules'), 'junction');
    const parzen = (...args: string[]): string =>
      execFileSync(process.execPath, [join('command', 'scripts', 'parzen.js'), ...args], {
        cwd: folder,
        encoding: 'utf8',
        stdio: 'pipe',
      });
    expect(parzen('--version').trim()).toBe(
      (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version,
    );
    const options = ['--storage', join(folder, 'iris.db'), '--json'];
    parzen('run', 'iris', '--trials', '2', '--seed', '1', ...options);
    expect(JSON.parse(parzen('trials', 'iris_classification', ...options))).toHaveLength(2);
  });

  it('runs in plain Node without any other package, and loads nothing native', () => {
    const output = run(`
      process.dlopen = () => { throw new Error('native') };
      const { createStudy, InMemoryStorage } = await import('parzen');
      const study = await createStudy({ storage: new InMemoryStorage(), seed: 1 });
      await study.optimize(async (trial) => (await trial.suggestFloat('x', -1, 1)) ** 2, { nTrials: 30 });
      console.log(await study.bestValue());
    `);
    expect(Number(output)).toBeLessThan(0.01);
  });

  it('loads the database driver when a database is opened, not before', () => {
    for (const name of ['better-sqlite3', '@msgpack'])
      symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'junction');
    const output = run(`
      const loaded = [];
      const { dlopen } = process;
      process.dlopen = (module, file, ...rest) => { loaded.push(file); return dlopen(module, file, ...rest); };
      const { createStudy } = await import('parzen');
      const { openStorage } = await import('parzen/storage');
      const nLoaded = [loaded.length];
      for (const url of ['memory:', 'study.log', 'study.db']) {
        const storage = await openStorage(url, { create: true });
        const study = await createStudy({ storage, studyName: 'a' });
        await study.optimize((trial) => trial.suggestFloat('x', -1, 1), { nTrials: 3 });
        await storage.close();
        nLoaded.push(loaded.length);
      }
      console.log(JSON.stringify(nLoaded));
    `);
    expect(JSON.parse(output)).toEqual([0, 0, 0, 1]);
  });

  it('lets bundlers leave out the samplers that are not named', async () => {
    const chunks = await bundle(`
      import { createStudy, InMemoryStorage, TpeSampler } from 'parzen';
      export default createStudy({ storage: new InMemoryStorage(), sampler: new TpeSampler() });
    `);
    const samplersIn = (some: readonly Rolldown.OutputChunk[]): string[] =>
      some
        .flatMap(({ code }) => [...code.matchAll(/\b(\w+Sampler) = class|class (\w+Sampler)\b/g)])
        .map(([, bound, declared]) => bound ?? (declared as string));
    const main = samplersIn(chunks.filter(({ isEntry }) => isEntry));
    expect(main.sort()).toEqual(['RandomSampler', 'TpeSampler']);
    // The default has files of its own, which are loaded where no sampler is given.
    expect(samplersIn(chunks.filter(({ isEntry }) => !isEntry))).toContain('GpSampler');
  });
});
