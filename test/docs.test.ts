/** What the pages in docs/ say is so: their examples are sound and run, and the names they list exist. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { importanceEvaluators } from '../src-main/tuner/importance/registry.ts';
import { parseSpecText } from '../src-main/training/spec.ts';
import * as library from '../src-main/tuner/index.ts';
import { pruners } from '../src-main/tuner/pruners/registry.ts';
import { samplers } from '../src-main/tuner/samplers/registry.ts';
import { terminators } from '../src-main/tuner/terminators/registry.ts';
import { runCli, temporaryFolder } from './helpers/cli.ts';
import { requirement, requirements } from './helpers/requirements.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const entry = join(root, 'src-main/tuner/index.ts');
const file = join(root, 'docs/coming-from-optuna.md');
const page = readFileSync(file, 'utf8');

/** The text under a heading, up to the next one. */
function section(heading: string): string {
  const found = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  if (found === undefined) throw new Error(`The page has no section "${heading}".`);
  return found;
}

function example(heading: string): string {
  const found = /```ts\n([\s\S]*?)```/.exec(section(heading))?.[1];
  if (found === undefined) throw new Error(`"${heading}" has no example.`);
  return found;
}

function run(code: string): string {
  const script = join(temporaryFolder(), 'example.ts');
  writeFileSync(script, code.replaceAll("'parzen'", `'${pathToFileURL(entry).href}'`));
  return execFileSync(process.execPath, [script], { encoding: 'utf8' });
}

const examples = [
  'Trial',
  "An objective of one's own",
  "A sampler of one's own",
  "A pruner of one's own",
];

/** The public names of these parts of Optuna, where Python is here to ask. */
const listPublicNames = `
import importlib, json
parts = ['study', 'trial', 'samplers', 'samplers.nsgaii', 'pruners', 'importance', 'storages', 'storages.journal',
         'terminator', 'exceptions', 'artifacts', 'search_space', 'visualization']
def public(module):
    own = [name for name, it in vars(module).items() if getattr(it, '__module__', '') == module.__name__]
    return getattr(module, '__all__', own)
names = {name for part in parts for name in public(importlib.import_module('optuna.' + part))}
print(json.dumps(sorted(name for name in names if not name.startswith('_'))))
`;
/** Modules and helpers of theirs, and names of Optuna 4 that Optuna 5 still has as aliases. */
const leftOut = [
  'nsgaii',
  'is_available',
  'BaseJournalLogStorage',
  'JournalFileStorage',
  'JournalRedisStorage',
];
const needs = requirements('python-optuna');

describe.skipIf(needs.missing)(needs.title('the names of Optuna'), () => {
  it('are all on the page', () => {
    const names = JSON.parse(
      execFileSync(requirement('python-optuna').path, ['-W', 'ignore', '-c', listPublicNames], {
        encoding: 'utf8',
      }),
    ) as string[];
    expect(names.length).toBeGreaterThan(90);
    expect(
      names.filter((name) => !leftOut.includes(name) && !new RegExp(`\\b${name}\\b`).test(page)),
    ).toEqual([]);
  });
});

describe('coming from Optuna', () => {
  it('shows an objective that runs and comes close', () => {
    const [, rate, , value] = run(example("An objective of one's own")).split(
      /rate: |, momentum|} /,
    );
    expect(Number(rate)).toBeGreaterThan(1e-4);
    expect(Number(value)).toBeLessThan(0.5);
  });

  it('shows a search space that is declared beforehand', () => {
    const output = run(example('Trial'));
    expect(output).toMatch(/layers: 2, activation: 'relu'/);
    expect(Number(output.split('} ')[1])).toBeLessThan(0.1);
  });

  it('shows a sampler that finds the minimum', () => {
    const [, value] = run(example("A sampler of one's own")).split('} ');
    expect(Number(value)).toBeLessThan(0.01);
  });

  it('shows a pruner that prunes', () => {
    const [nPruned, value] = run(example("A pruner of one's own")).split(' pruned ');
    expect(Number(nPruned)).toBeGreaterThan(5);
    expect(Number(nPruned)).toBeLessThan(50);
    expect(Number(value)).toBeLessThan(1);
  });

  it('shows examples that the compiler accepts', () => {
    const names = examples.map((heading) => join(dirname(entry), `${heading}.ts`));
    const options: ts.CompilerOptions = {
      ...ts.parseJsonConfigFileContent(
        ts.readConfigFile(join(root, 'tsconfig.node.json'), ts.sys.readFile).config,
        ts.sys,
        root,
      ).options,
      noEmit: true,
      paths: { parzen: [entry] },
    };
    const host = ts.createCompilerHost(options);
    const { getSourceFile, fileExists } = host;
    const textOf = (name: string): string | undefined => {
      const at = names.indexOf(name);
      return at < 0 ? undefined : `${example(examples[at] as string)}export {};\n`;
    };
    host.fileExists = (name) => textOf(name) !== undefined || fileExists(name);
    host.getSourceFile = (name, version, ...rest) => {
      const text = textOf(name);
      return text === undefined
        ? getSourceFile(name, version, ...rest)
        : ts.createSourceFile(name, text, version);
    };
    const program = ts.createProgram(names, options, host);
    const problems = names.flatMap((name) => {
      const source = program.getSourceFile(name);
      return [
        ...program.getSyntacticDiagnostics(source),
        ...program.getSemanticDiagnostics(source),
      ];
    });
    expect(
      problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
    ).toEqual([]);
  });

  it.each([
    ['Samplers', samplers],
    ['Pruners', pruners],
    ['Importance', importanceEvaluators],
    ['Terminators', terminators],
  ])('lists all %s, and no other', (heading, registry) => {
    // Those after a colon are options' values.
    const names = [...section(heading).matchAll(/(?<!: )'([a-z-]+)'/g)].map(([, name]) => name);
    expect([...new Set(names)].sort()).toEqual(registry.map(({ name }) => name).sort());
  });

  it('names functions that the library has', () => {
    const named = [...page.matchAll(/`(?:await |new |throw new )?([a-z][A-Za-z]+)\(/g)].map(
      ([, name]) => name as string,
    );
    const methods = ['ask', 'bestTrial', 'bestValue', 'findBestTrial', 'optimize', 'tell'];
    const elsewhere = new Set(['openStorage', 'report', 'setConstraint', ...methods]);
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name) => !(name in library) && !elsewhere.has(name))).toEqual([]);
  });

  it('lists the commands there are', async () => {
    const { stdout } = await runCli(['--help']);
    const commands = [...stdout.matchAll(/^ {2}([a-z-]+) (?:\[options\]|<)/gm)].map(
      ([, name]) => name as string,
    );
    const cells = section('Command line')
      .split('\n')
      .filter((line) => line.startsWith('| '));
    const listed = cells.flatMap((line) =>
      [...line.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name as string),
    );
    expect(commands.length).toBeGreaterThan(8);
    expect(commands.filter((name) => name !== 'help' && !listed.includes(name))).toEqual([]);
  });

  it('names files that are there', () => {
    for (const [, path = ''] of page.matchAll(/\]\(([^):#]+)\)/g))
      expect(existsSync(join(dirname(file), path))).toBe(true);
  });
});

describe('own objectives', () => {
  const text = readFileSync(join(root, 'docs/own-objectives.md'), 'utf8');
  const specs = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml]) => yaml as string);

  it('shows valid specs', () => {
    expect(specs.map((yaml) => parseSpecText(yaml).name)).toEqual(['descent', 'polynomial']);
  });

  it('names examples that exist', () => {
    const names = [...text.matchAll(/resources\/examples\/([\w.]+)/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(0);
    for (const name of names)
      expect(existsSync(join(root, 'resources/examples', name as string)), name).toBe(true);
  });
});
