import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openStorage } from '../../src-main/open-storage.ts';
import { runCli, temporaryFolder } from '../helpers/cli.ts';
import { requirement, requirements } from '../helpers/requirements.ts';

const needs = requirements('python-optuna');

interface Seen {
  directions: string[];
  metric_names: string[];
  best: { number: number; value: number; params: Record<string, unknown> };
  trials: {
    number: number;
    state: string;
    values: number[] | null;
    params: Record<string, unknown>;
    steps: number;
    start: string;
  }[];
}

describe.skipIf(needs.missing)(needs.title('a study of Parzen’s in real Optuna'), () => {
  it('loads, goes on there, comes back, goes on here, and gives the same CSV', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'iris.db');
    await runCli(['run', 'iris', '--seed', '1', '--trials', '15', '--quiet', '--storage', file]);
    const storage = await openStorage(file);
    const ours = await storage.getTrials(1);
    await storage.close();

    const optunaCsv = join(folder, 'optuna.csv');
    const seen = JSON.parse(
      execFileSync(
        requirement('python-optuna').path,
        [
          fileURLToPath(new URL('continue_study.py', import.meta.url)),
          `sqlite:///${file}`,
          'iris_classification',
          '5',
          optunaCsv,
        ],
        { encoding: 'utf8' },
      ),
    ) as Seen;
    expect(seen.directions).toEqual(['MAXIMIZE']);
    expect(seen.metric_names).toEqual(['accuracy']);
    expect(seen.trials).toEqual(
      ours.map((trial) => ({
        number: trial.number,
        state: trial.state.toUpperCase(),
        values: trial.values,
        params: trial.params,
        steps: trial.intermediateValues.size,
        start: expect.stringContaining(
          new Date(trial.startedAtMs as number).toISOString().slice(0, -1),
        ) as string,
      })),
    );
    const best = ours.find(({ number }) => number === seen.best.number);
    expect(best?.params).toEqual(seen.best.params);

    const ourCsv = join(folder, 'parzen.csv');
    await runCli(['export', 'iris_classification', '--csv', ourCsv, '--storage', file]);
    expect(readFileSync(ourCsv, 'utf8')).toBe(readFileSync(optunaCsv, 'utf8'));

    const { stdout } = await runCli([
      'resume',
      'iris_classification',
      '--trials',
      '24',
      '--json',
      '--quiet',
      '--storage',
      file,
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ nTrials: 24, nFail: 0 });
    const again = await openStorage(file);
    const all = await again.getTrials(1);
    await again.close();
    expect(all.slice(15, 20).map(({ userAttrs, values }) => [userAttrs.by, values])).toEqual(
      new Array(5).fill(['Optuna', [0.25]]),
    );
    expect(all.map(({ number }) => number)).toEqual(Array.from({ length: 24 }, (_, i) => i));
  });
});
