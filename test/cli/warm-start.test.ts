import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStorage } from '../../src-main/open-storage.ts';
import { createSampler, createStudy, type StudyDirection } from '../../src-main/tuner/index.ts';
import { runCli, temporaryFolder } from '../helpers/cli.ts';

/** A study in a file of its own that knows a lot about a bowl at (0.7, 0.2), and a module with that bowl. */
async function prepare(directions: readonly StudyDirection[] = ['minimize']) {
  const folder = temporaryFolder();
  const storage = await openStorage(join(folder, 'source.db'), { create: true });
  const sampler = createSampler('random');
  const study = await createStudy({ storage, studyName: 'before', directions, sampler, seed: 1 });
  await study.optimize(
    async (trial) => {
      const x = await trial.suggestFloat('x', 0, 1);
      const y = await trial.suggestFloat('y', 0, 1);
      await trial.suggestCategorical('kind', ['a', 'b']);
      const value = (x - 0.7) ** 2 + (y - 0.2) ** 2;
      return directions.map(() => value);
    },
    { nTrials: 200 },
  );
  await storage.close();
  writeFileSync(
    join(folder, 'bowl.mjs'),
    `export async function objective(trial) {
      const x = await trial.suggestFloat('x', 0, 1);
      const y = await trial.suggestFloat('y', 0, 1);
      return (x - 0.7) ** 2 + (y - 0.2) ** 2;
    }`,
  );
  const specOf = (sampler: string): string => {
    const path = join(folder, `${sampler}.yaml`);
    const run = 'run: { module: bowl.mjs }';
    writeFileSync(path, `name: bowl\n${run}\nsampler: { type: ${sampler} }\nstop: { trials: 7 }\n`);
    return path;
  };
  const run = (sampler: string, ...args: string[]) =>
    runCli([
      ...['run', specOf(sampler), '--storage', join(folder, 'own.db'), '--seed', '3', '--quiet'],
      ...args,
    ]);
  const fromSource = ['--warm-start-from', 'before', '--warm-start-storage'];
  return { folder, run, warm: [...fromSource, join(folder, 'source.db')] };
}

describe('parzen run --warm-start-from', () => {
  it('lets CMA-ES begin where another study in another file was good, and go on without that file', async () => {
    const { folder, run, warm } = await prepare();
    const { code, stderr } = await run('cma-es', '--name', 'warm', ...warm);
    expect(code, stderr).toBe(0);
    const storage = await openStorage(join(folder, 'own.db'));
    const warmTrials = await storage.getTrials(await storage.getStudyId('warm'));
    // All after the first, which the sampler of the rest draws.
    for (const { values } of warmTrials.slice(1)) expect(values?.[0]).toBeLessThan(0.2);
    expect(warmTrials).toHaveLength(7);
    const { systemAttrs } = await storage.getStudy(await storage.getStudyId('warm'));
    const { sampler } = systemAttrs['parzen:spec'] as {
      sampler: { options: { source: { params: object; value: number }[] } };
    };
    const { source } = sampler.options;
    expect(source).toHaveLength(200);
    expect(Object.keys(source[0]?.params ?? {})).toEqual(['x', 'y']);
    const values = source.map(({ value }) => value);
    expect(values).toEqual([...values].sort((a, b) => a - b));
    await storage.close();
  });

  it('makes no study where the other one has other parameters', async () => {
    const { folder, warm } = await prepare();
    const space = '{ x: { float: [2, 3] }, y: { float: [0, 1] } }';
    const path = join(folder, 'far.yaml');
    writeFileSync(
      path,
      `name: far\nrun: { module: bowl.mjs }\nspace: ${space}\nsampler: { type: cma-es }\n`,
    );
    const own = join(folder, 'far.db');
    const { code, stderr } = await runCli(['run', path, '--storage', own, '--quiet', ...warm]);
    expect(code).toBe(1);
    expect(stderr).toContain(
      '`sampler.options.source`: must have a result with x, y in the ranges of this study',
    );
    const storage = await openStorage(own);
    expect(await storage.getStudies()).toEqual([]);
    await storage.close();
  });

  it('says what cannot be begun from', async () => {
    const { folder, run, warm } = await prepare(['minimize', 'minimize']);
    expect((await run('tpe', ...warm)).stderr).toContain('must be cma-es');
    expect((await run('cma-es', ...warm)).stderr).toContain('must have the direction minimize');
    const missing = [
      '--warm-start-from',
      'none',
      '--warm-start-storage',
      join(folder, 'source.db'),
    ];
    expect((await run('cma-es', ...missing)).stderr).toContain('No study is named "none"');
    expect((await run('cma-es', ...warm.slice(2))).code).toBe(2);
  });
});
