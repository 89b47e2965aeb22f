import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/cli.ts';

interface Documented {
  name: string;
  kind: number;
  comment?: { summary: { text: string }[] };
  children?: Documented[];
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const CLASS = 128;

it('npm run docs documents every class with its source, and has no broken links', () => {
  const json = join(temporaryFolder(), 'docs.json');
  execFileSync(
    process.execPath,
    [join(root, 'node_modules', 'typedoc', 'bin', 'typedoc'), '--json', json],
    { cwd: root, stdio: 'ignore' },
  );
  const { children = [] } = JSON.parse(readFileSync(json, 'utf8')) as Documented;
  const classes = children
    .flatMap((module) => module.children ?? [])
    .filter(({ kind }) => kind === CLASS);
  const textOf = ({ comment }: Documented): string =>
    comment?.summary.map(({ text }) => text).join('') ?? '';
  const names = (some: readonly Documented[]): string[] => some.map(({ name }) => name);
  expect(classes.length).toBeGreaterThan(20);
  expect(names(classes.filter((one) => textOf(one) === ''))).toEqual([]);
  const algorithms = classes.filter(({ name }) => /(Sampler|Pruner)$/.test(name));
  const sourced = algorithms.filter((one) =>
    /optuna|et al\.|As PercentilePruner/i.test(textOf(one)),
  );
  // Nothing can be said of the source of doing nothing.
  expect(names(algorithms).filter((name) => !names(sourced).includes(name))).toEqual(['NopPruner']);
});
