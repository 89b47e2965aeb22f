import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const training = new URL('../../src-main/training/', import.meta.url);

/** Loads a child's modules in a fresh Node and says which files that took. */
function filesLoaded(...modules: string[]): string[] {
  const script = `
    import { registerHooks } from 'node:module';
    const urls = [];
    registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) });
    for (const module of ${JSON.stringify(modules.map((name) => new URL(name, training).href))}) await import(module);
    console.log(JSON.stringify(urls));`;
  return JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      cwd: fileURLToPath(training),
    }),
  ) as string[];
}

describe('a training child', () => {
  it('loads neither schemas of specs nor samplers, nor what reads tables, which would take ten times as long', () => {
    const files = filesLoaded(
      'run-trial.ts',
      'objectives/network.ts',
      'models/fused-dense.ts',
      'objectives/module.ts',
      'objectives/command.ts',
    );
    expect(files.some((file) => file.endsWith('/training/suggest-plan.ts'))).toBe(true);
    const unneeded = /node_modules|\/samplers\/|\/pruners\/|\/datasets\//;
    expect(files.filter((file) => unneeded.test(file))).toEqual([]);
  });
});
