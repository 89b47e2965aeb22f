import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStorage } from '../../src-main/open-storage.ts';
import { createSampler, createStudy } from '../../src-main/tuner/index.ts';
import { runCli, temporaryFolder } from '../helpers/cli.ts';

/** A study of 24 trials: y matters little, and every curve falls to its value. @returns What a command says of it. */
async function createCurves(): Promise<(...args: string[]) => Promise<string>> {
  const file = join(temporaryFolder(), 'study.db');
  const opened = await openStorage(file, { create: true });
  const sampler = createSampler('random');
  const study = await createStudy({ storage: opened, studyName: 'curves', sampler, seed: 4 });
  await study.optimize(
    async (trial) => {
      const x = await trial.suggestFloat('x', -1, 1);
      const value = x ** 2 + 0.01 * (await trial.suggestFloat('y', -1, 1));
      for (let step = 0; step < 6; step++) await trial.report(value + 1 / (1 + step), step);
      return value;
    },
    { nTrials: 24 },
  );
  await opened.close();
  return async (...args) => {
    const { code, stdout, stderr } = await runCli([...args, '--storage', file]);
    expect(code, stderr).toBe(0);
    return stdout;
  };
}

describe('parzen importance, replay, improvement', () => {
  it('say which parameters matter', async () => {
    const answerOf = await createCurves();
    const { importances } = JSON.parse(await answerOf('importance', 'curves', '--json')) as {
      importances: { param: string }[];
    };
    expect(importances.map(({ param }) => param)).toEqual(['x', 'y']);
    expect(await answerOf('importance', 'curves')).toMatch(/^parameter +importance\nx /);
  });

  it('say which parameters matter for each of several objectives, and for which one cannot be told', async () => {
    const file = join(temporaryFolder(), 'study.db');
    const opened = await openStorage(file, { create: true });
    const study = await createStudy({
      storage: opened,
      studyName: 'several',
      sampler: createSampler('random'),
      directions: ['minimize', 'maximize', 'minimize'],
      seed: 4,
    });
    await study.setMetricNames(['error', 'speed', 'constant']);
    await study.optimize(
      async (trial) => {
        const x = await trial.suggestFloat('x', -1, 1);
        const y = await trial.suggestFloat('y', -1, 1);
        return [x ** 2, -(y ** 2), 7];
      },
      { nTrials: 40 },
    );
    await opened.close();
    const all = ['importance', 'several', '--storage', file, '--objective', 'all'];
    const { stdout } = await runCli(all);
    expect(stdout).toMatch(/^parameter +error +speed +constant\n[xy] +0\.\d{4} +0\.\d{4} +–\n/);
    expect(stdout).toMatch(/^constant: .+\.$/m);
    const { objectives } = JSON.parse((await runCli([...all, '--json'])).stdout) as {
      objectives: { name: string; importances: { param: string }[]; reason: string | null }[];
    };
    expect(objectives.map(({ name, importances }) => [name, importances[0]?.param])).toEqual([
      ['error', 'x'],
      ['speed', 'y'],
      ['constant', undefined],
    ]);
    expect(objectives[2]?.reason).not.toBeNull();
    const { code, stderr } = await runCli([...all.slice(0, -1), 'every']);
    expect(code).not.toBe(0);
    expect(stderr).toContain('--objective');
  });

  it('say what another pruner would have done', async () => {
    const answerOf = await createCurves();
    const answer = await answerOf('replay', 'curves', '--pruner', 'median', '--json');
    const { nReports, nReportsSaved, cut } = JSON.parse(answer) as Record<string, unknown>;
    expect(nReports).toBe(24 * 6);
    expect(nReportsSaved).toBeGreaterThan(0);
    expect((cut as unknown[]).length).toBeGreaterThan(0);
    expect(await answerOf('replay', 'curves', '--pruner', 'nop')).toContain(
      'It would have cut 0 of 24 trials and saved 0 of 144 reports',
    );
  });

  it('say how much better the study may still become', async () => {
    const answerOf = await createCurves();
    const constant = ['--options', '{"error": "constant", "constant": 1000, "minTrials": 5}'];
    const answer = await answerOf('improvement', 'curves', ...constant, '--json');
    const { endsAfter, trials } = JSON.parse(answer) as {
      endsAfter: number;
      trials: { number: number; improvement: number | null; error: number | null }[];
    };
    expect(endsAfter).toBe(4);
    expect(trials).toHaveLength(24);
    expect(trials[23]).toMatchObject({ number: 23, error: 1000 });
    expect(trials[23]?.improvement).toBeGreaterThan(0);

    const shown = await answerOf('improvement', 'curves', '--terminator', 'emmr');
    // The median error wants 30 trials.
    expect(shown).toMatch(/^trial +improvement +not worth the wait\n +0 +– +–\n/);
    expect(shown).toContain('"emmr" would go on.');
  });
});
