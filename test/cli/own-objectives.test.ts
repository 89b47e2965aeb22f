/** The examples of own objectives, as their pages say to run them. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { RepeatedTrials } from '../../src-main/contract/models.ts';
import { openStorage } from '../../src-main/open-storage.ts';
import type { FrozenTrial } from '../../src-main/tuner/trial/frozen-trial.ts';
import { constraintValues } from '../../src-main/tuner/system-attrs.ts';
import { runCli, temporaryFolder } from '../helpers/cli.ts';

const example = (name: string): string =>
  fileURLToPath(new URL(`../../resources/examples/${name}`, import.meta.url));

function has(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function runTrials(args: string[], study: string): Promise<readonly FrozenTrial[]> {
  const folder = temporaryFolder();
  const file = join(folder, 'own.db');
  const { code, stderr } = await runCli(['run', ...args, '--storage', file, '--seed', '1']);
  expect(code, stderr).toBe(0);
  const storage = await openStorage(file);
  try {
    return await storage.getTrials(await storage.getStudyId(study));
  } finally {
    await storage.close();
  }
}

const count = (trials: readonly FrozenTrial[], state: string): number =>
  trials.filter((trial) => trial.state === state).length;

describe('parzen run with an own objective', () => {
  it('runs a module without a spec', async () => {
    const trials = await runTrials(
      ['--objective', example('descent.ts'), '--trials', '20'],
      'descent',
    );
    expect(count(trials, 'complete')).toBe(20);
    expect(Math.min(...trials.map(({ values }) => values?.[0] ?? Infinity))).toBeLessThan(1);
    expect(trials[0]?.intermediateValues.size).toBe(20);
  });

  it('runs a module that a spec names, with pruning', async () => {
    const trials = await runTrials([example('descent.yaml'), '--trials', '30'], 'descent');
    expect(count(trials, 'pruned')).toBeGreaterThan(0);
    expect(count(trials, 'fail')).toBe(0);
  });

  it.skipIf(!has('python3', '--version'))(
    'runs a Python command, with pruning [needs python3]',
    async () => {
      const trials = await runTrials([example('polynomial.yaml'), '--trials', '12'], 'polynomial');
      expect(count(trials, 'fail')).toBe(0);
      const pruned = trials.filter(({ state }) => state === 'pruned');
      expect(pruned.length).toBeGreaterThan(0);
      const complete = trials.filter(({ state }) => state === 'complete');
      for (const { values, userAttrs, params, intermediateValues } of complete) {
        expect(userAttrs.weights).toHaveLength((params.degree as number) + 1);
        expect(values?.[0]).toBe(intermediateValues.get(49));
      }
    },
  );

  it.skipIf(!has('sh', '-c', 'awk "BEGIN {}"'))(
    'runs a shell script with two objectives and a constraint [needs sh and awk]',
    async () => {
      const trials = await runTrials([example('beam.yaml'), '--trials', '10'], 'beam');
      expect(count(trials, 'complete')).toBe(10);
      for (const { values, systemAttrs } of trials) {
        expect(values).toHaveLength(2);
        expect(constraintValues(systemAttrs)).toHaveLength(1);
      }
    },
  );

  it('wants either a spec or a module', async () => {
    const { code, stderr } = await runCli(['run']);
    expect(code).toBe(2);
    expect(stderr).toContain('give either a spec or --objective');
    expect((await runCli(['run', 'iris', '--objective', 'x.ts'])).code).toBe(2);
  });
});

describe('parzen trials', () => {
  it('tells why trials failed', async () => {
    const folder = temporaryFolder();
    const module = fileURLToPath(
      new URL('../training/children/objectives/failing.mjs', import.meta.url),
    );
    const place = ['--storage', join(folder, 'own.db')];
    const run = ['run', '--objective', module, '--trials', '6', '--seed', '3', ...place];
    expect((await runCli(run, folder)).code).toBe(0);
    const { stdout } = await runCli(['trials', 'failing', '--failed', ...place], folder);
    expect(stdout).toMatch(
      /^Trial \d: no [12]\n {2}\{"x":[12]\}\n {6}at objective \(.*failing\.mjs:\d+:\d+\)\n[^]*It printed last:\n {2}x is [12]\n/,
    );
  });
});

describe('parzen run with an objective that cannot succeed', () => {
  it('says why of the trial that a module which cannot be run was to compute', async () => {
    const folder = temporaryFolder();
    const module = join(folder, 'empty.mjs');
    writeFileSync(module, 'export const other = 1;');
    const place = ['--storage', join(folder, 'own.db')];
    const { code, stderr } = await runCli(['run', '--objective', module, ...place], folder);
    expect(code).toBe(1);
    expect(stderr).toMatch(/Trial 0 failed .* because of: The module .* must export a function/);
  });

  it('ends with a code of its own when all trials failed', async () => {
    const folder = temporaryFolder();
    const module = join(folder, 'bad.mjs');
    writeFileSync(module, 'export function objective() { throw new Error("no way"); }');
    const place = ['--storage', join(folder, 'own.db')];
    const run = ['run', '--objective', module, '--trials', '1', ...place];
    const { code, stderr } = await runCli(run, folder);
    expect(code).toBe(1);
    expect(stderr).toContain('The study ends: 1 trial has finished.');
    expect(stderr).toContain('0 complete, 0 pruned, 1 failed.');
    expect(stderr).toMatch(/all failed: parzen trials bad --failed --storage \S+ says why\.\n$/);
  });
});

describe('parzen resume with an own objective', () => {
  it('needs --trust when the module was changed since', async () => {
    const folder = temporaryFolder();
    const [module, file] = [join(folder, 'own.ts'), join(folder, 'own.db')];
    copyFileSync(example('descent.ts'), module);
    const place = ['--storage', file];
    expect(
      (await runCli(['run', '--objective', module, '--trials', '2', ...place], folder)).code,
    ).toBe(0);
    const resume = ['resume', 'own', ...place];
    expect((await runCli([...resume, '--trials', '3'], folder)).code).toBe(0);
    appendFileSync(module, '// another\n');
    const refused = await runCli([...resume, '--trials', '4'], folder);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/own\.ts, which was changed since .* --trust says so\./);
    const trusted = await runCli([...resume, '--trials', '4', '--trust', '--json'], folder);
    expect(JSON.parse(trusted.stdout)).toMatchObject({ nTrials: 4 });
  });
});

describe('parzen repeat with an own objective', () => {
  it('gives the best trials other seeds, once the program is trusted', async () => {
    const folder = temporaryFolder();
    const [module, file] = [join(folder, 'lucky.mjs'), join(folder, 'own.db')];
    writeFileSync(
      module,
      `export async function objective(trial, { seed }) {
        const x = await trial.suggestFloat('x', 0, 1);
        return x + (seed % 1000) / 1000;
      }`,
    );
    const place = ['--storage', file];
    const run = ['run', '--objective', module, '--trials', '4', '--seed', '1', ...place];
    expect((await runCli(run, folder)).code).toBe(0);
    const repeat = ['repeat', 'lucky', '--top', '2', '--seeds', '3', '--json', ...place];
    const { stdout, stderr } = await runCli(repeat, folder);
    const { metric, trials } = JSON.parse(stdout) as RepeatedTrials;
    expect(metric, stderr).toBe('value');
    const storage = await openStorage(file);
    const known = await storage.getTrials(await storage.getStudyId('lucky'));
    await storage.close();
    // The best two of the search, each with its own parameters and seeds that no trial had.
    const best = known.toSorted((a, b) => a.values![0]! - b.values![0]!).slice(0, 2);
    expect(trials.map(({ trialNumber }) => trialNumber).sort()).toEqual(
      best.map(({ number }) => number).sort(),
    );
    const luck = trials.flatMap(({ trialNumber, firstValue, values }) => {
      const x = known[trialNumber]!.params['x'] as number;
      return [firstValue, ...values].map((value) => value - x);
    });
    for (const one of luck) {
      expect(one).toBeGreaterThanOrEqual(-1e-9);
      expect(one).toBeLessThan(1);
    }
    expect(new Set(luck.map((one) => one.toFixed(3))).size).toBe(8);
    expect(trials[0]!.mean).toBeLessThanOrEqual(trials[1]!.mean);

    appendFileSync(module, '// another\n');
    const refused = await runCli(repeat, folder);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/lucky\.mjs, which was changed since .* --trust says so\./);
    expect((await runCli([...repeat, '--trust'], folder)).code).toBe(0);
  });
});
