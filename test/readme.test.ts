import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseSpecText } from '../src-main/training/spec.ts';
import { temporaryFolder } from './helpers/cli.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');

function codeBlock(language: string): string {
  const found = new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(readme)?.[1];
  if (found === undefined) throw new Error(`README.md has no ${language} block.`);
  return found;
}

describe('README', () => {
  it('shows a library example that runs in plain Node and finds the minimum', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(root, join(folder, 'node_modules', 'parzen'), 'junction');
    writeFileSync(join(folder, 'example.mjs'), codeBlock('js'));
    const output = execFileSync(process.execPath, [join(folder, 'example.mjs')], {
      encoding: 'utf8',
    });
    const value = Number(output.trim().split(' ').at(-1));
    expect(output).toMatch(/^\{ x: .*, shape: '/);
    expect(value).toBeLessThan(0.5);
    expect(value).toBeGreaterThanOrEqual(0);
  });

  it('shows a spec that is valid', () => {
    expect(parseSpecText(codeBlock('yaml')).name).toBe('flowers');
  });

  it('names files that are there', () => {
    for (const [, path = ''] of readme.matchAll(/\]\(([^):]+)\)/g))
      expect(() => readFileSync(join(root, path))).not.toThrow();
  });
});
