import { closeSync, copyFileSync, existsSync, openSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { runCli, startCli, temporaryFolder } from '../helpers/cli.ts';

const space = JSON.stringify({
  x: { name: 'FloatDistribution', attributes: { low: 0, high: 1, log: false, step: null } },
  c: { name: 'CategoricalDistribution', attributes: { choices: ['a', 'b'] } },
});

describe('parzen create-study, ask, tell, trials, best-trial, export, delete-study', () => {
  it('serve a program that computes its trials itself', async () => {
    const storage = ['--storage', join(temporaryFolder(), 'own.db')];
    expect(
      (await runCli(['create-study', '--name', 'mine', '--direction', 'maximize', ...storage]))
        .stdout,
    ).toBe('mine\n');
    const values = [0.3, 0.9, 0.6];
    for (const [i, value] of values.entries()) {
      const asked = JSON.parse(
        (await runCli(['ask', 'mine', '--search-space', space, '--json', ...storage])).stdout,
      ) as {
        number: number;
        params: { x: number; c: string };
      };
      expect(asked.number).toBe(i);
      expect(asked.params.x).toBeGreaterThanOrEqual(0);
      expect(['a', 'b']).toContain(asked.params.c);
      const told = await runCli([
        'tell',
        'mine',
        '--trial',
        String(i),
        '--values',
        String(value),
        '--json',
        ...storage,
      ]);
      expect(JSON.parse(told.stdout)).toMatchObject({
        number: i,
        state: 'complete',
        values: [value],
      });
    }
    const again = await runCli(['tell', 'mine', '--trial', '0', '--values', '1', ...storage]);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('is complete');
    expect(
      (
        await runCli([
          'tell',
          'mine',
          '--trial',
          '0',
          '--values',
          '1',
          '--skip-if-finished',
          ...storage,
        ])
      ).code,
    ).toBe(0);
    expect(
      JSON.parse((await runCli(['best-trial', 'mine', '--json', ...storage])).stdout),
    ).toMatchObject({ number: 1 });
    expect(
      JSON.parse((await runCli(['trials', 'mine', '--json', ...storage])).stdout),
    ).toHaveLength(3);
    const { stdout } = await runCli(['export', 'mine', '--csv', '-', ...storage]);
    expect(stdout.split('\n')[0]).toMatch(
      /^,number,value,datetime_start,datetime_complete,duration,params_c,params_x,.*state$/,
    );
    expect((await runCli(['delete-study', 'mine', ...storage])).code).toBe(0);
    expect((await runCli(['best-trial', 'mine', ...storage])).stderr).toContain(
      'No study is named "mine"',
    );
  });

  it('leave a trial that was asked for alone, however long the program takes and whatever runs meanwhile', async () => {
    const file = join(temporaryFolder(), 'own.db');
    const storage = ['--storage', file];
    await runCli(['run', 'iris', '--name', 'shared', '--trials', '2', '--quiet', ...storage]);
    expect(
      JSON.parse((await runCli(['ask', 'shared', '--json', ...storage])).stdout),
    ).toMatchObject({ number: 2 });
    await runCli(['resume', 'shared', '--trials', '4', '--quiet', ...storage]);
    const trials = JSON.parse(
      (await runCli(['trials', 'shared', '--json', ...storage])).stdout,
    ) as { state: string }[];
    expect(trials.map(({ state }) => state).filter((state) => state === 'running')).toHaveLength(1);
    expect(trials[2]?.state).toBe('running');
    expect(
      (await runCli(['tell', 'shared', '--trial', '2', '--values', '0.5', ...storage])).code,
    ).toBe(0);
  });

  it('tells infinite and negative values, and several', async () => {
    const storage = ['--storage', join(temporaryFolder(), 'own.db')];
    await runCli([
      'create-study',
      '--name',
      'two',
      '--directions',
      'minimize',
      'maximize',
      ...storage,
    ]);
    await runCli(['ask', 'two', ...storage]);
    const { stdout, stderr } = await runCli([
      'tell',
      'two',
      '--trial',
      '0',
      '--values',
      '-1.5',
      'inf',
      '--json',
      ...storage,
    ]);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ values: [-1.5, 'Infinity'] });
    expect(
      JSON.parse((await runCli(['best-trial', 'two', '--json', ...storage])).stdout),
    ).toHaveLength(1);
  });

  it('says why a trial failed that was told something else than one number per objective', async () => {
    const storage = ['--storage', join(temporaryFolder(), 'own.db')];
    await runCli(['create-study', '--name', 'one', ...storage]);
    await runCli(['ask', 'one', ...storage]);
    const told = await runCli(['tell', 'one', '--trial', '0', '--values', '1', '2', ...storage]);
    expect(told.stdout).toBe('Trial 0 is fail.\n');
    expect(told.stderr).toContain('one value per direction (1), but got 2');
  });

  it('shows names on one line, without what a terminal would take for commands', async () => {
    const storage = ['--storage', join(temporaryFolder(), 'own.db')];
    const name = 'first\nsecond\u001b[2J\u202etxt';
    await runCli(['create-study', '--name', name, ...storage]);
    const { stdout } = await runCli(['studies', ...storage]);
    expect(stdout.trimEnd().split('\n')).toHaveLength(2);
    expect(stdout).toContain('first\\u000asecond\\u001b[2J\\u202etxt');
    expect(JSON.parse((await runCli(['studies', '--json', ...storage])).stdout)).toMatchObject([
      { studyName: name },
    ]);
  });

  it('take a path, an SQLite URL or a journal', async () => {
    const folder = temporaryFolder();
    for (const url of [
      join(folder, 'a.db'),
      `sqlite:///${join(folder, 'b.db')}`,
      `journal:${join(folder, 'c')}`,
    ]) {
      await runCli(['create-study', '--name', 'a', '--storage', url]);
      const { stdout } = await runCli(['studies', '--json', '--storage', url]);
      expect(
        (JSON.parse(stdout) as { studyName: string }[]).map(({ studyName }) => studyName),
      ).toEqual(['a']);
    }
    expect(readFileSync(join(folder, 'b.db')).subarray(0, 15).toString()).toBe('SQLite format 3');
    expect(readFileSync(join(folder, 'c'), 'utf8')[0]).toBe('{');
  });

  it('says how a file of an older Optuna is upgraded, which none of them does', async () => {
    const path = join(temporaryFolder(), 'old.db');
    copyFileSync(join(import.meta.dirname, '../fixtures/optuna/optuna-3.1.db'), path);
    const { code, stderr } = await runCli(['studies', '--storage', path]);
    expect(code).toBe(1);
    expect(stderr).toContain('start `parzen serve` without this file');
    expect(stderr).not.toContain('read-only');
  });

  it('writes CSV files whole, also over old ones, and reports where it cannot', async () => {
    const folder = temporaryFolder();
    const storage = ['--storage', join(folder, 'own.db')];
    await runCli(['create-study', '--name', 'a', ...storage]);
    const csv = join(folder, 'a.csv');
    expect((await runCli(['export', 'a', '--csv', csv, ...storage])).code).toBe(0);
    expect(readFileSync(csv, 'utf8')).toBe('""\n');
    const { code, stderr } = await runCli([
      'export',
      'a',
      '--csv',
      join(folder, 'none', 'a.csv'),
      ...storage,
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain('could not be written');
  });
});

describe('parzen', () => {
  it('does not create a file for a path that is wrong', async () => {
    const file = join(temporaryFolder(), 'typo.db');
    const { code, stderr } = await runCli(['studies', '--storage', file]);
    expect(code).toBe(1);
    expect(stderr).toContain(file);
    expect(existsSync(file)).toBe(false);
  });

  it.each([
    [['run']],
    [['no-such-command']],
    [['run', 'iris', '--trials', '0']],
    [['run', 'iris', '--trials', '2.5']],
    [['run', 'iris', '--seed', '-1']],
    [['run', 'iris', '--backend', 'gpu']],
    [['run', 'iris', '--colour']],
  ])('exits with 2 and says why for %j', async (args) => {
    const { code, stderr } = await runCli(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: /);
  });

  it('serves the app to a browser until it is told to end', async () => {
    const { child, result } = startCli(['serve', '--port', '0']);
    const [line] = (await once(child.stdout as Readable, 'data')) as [string];
    const url = new URL(/http:\S+/.exec(line)?.[0] ?? '');
    expect(url.hostname).toBe('127.0.0.1');
    expect(url.searchParams.get('token')).toHaveLength(32);
    child.kill('SIGINT');
    expect((await result).code).toBe(0);
  });

  it('explains itself', async () => {
    const { code, stdout } = await runCli(['--help']);
    expect(code).toBe(0);
    for (const text of ['run', 'resume', 'best-trial', 'Examples:', 'Exit codes:'])
      expect(stdout).toContain(text);
    expect((await runCli(['run', '--help'])).stdout).toContain('--timeout');
    expect((await runCli(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('parzen, when nobody reads its output', () => {
  it('ends without a word', async () => {
    const storage = ['--storage', join(temporaryFolder(), 'own.db')];
    await runCli(['create-study', '--name', 'mine', ...storage]);
    for (const args of [['studies'], ['studies', '--json'], ['export', 'mine', '--csv', '-']]) {
      const { child, result } = startCli([...args, ...storage]);
      child.stdout?.destroy();
      expect(await result).toMatchObject({ code: 141, stderr: '' });
    }
  });

  it('puts the trials of a run back into the queue first', async () => {
    const storage = ['--storage', join(temporaryFolder(), 'own.db')];
    const { child, result } = startCli(['run', 'iris', '--trials', '5000', ...storage]);
    child.stderr?.destroy();
    expect((await result).code).toBe(141);
    const [study] = JSON.parse((await runCli(['studies', '--json', ...storage])).stdout) as {
      counts: Record<string, number>;
    }[];
    expect(study?.counts.running).toBe(0);
    expect(study?.counts.complete).toBeLessThan(5000);
  });

  it.skipIf(!existsSync('/dev/full'))('says that it could not be written', async () => {
    const full = openSync('/dev/full', 'w');
    try {
      const { result } = startCli(['studies'], undefined, full);
      expect(await result).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('could not be written: ENOSPC') as unknown,
      });
    } finally {
      closeSync(full);
    }
  });
});
