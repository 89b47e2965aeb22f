import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { TrialFailedError } from '../../../src-main/training/errors.ts';
import { threadLimits } from '../../../src-main/training/node-runtime.ts';
import { createProgramPool } from '../../../src-main/training/pool.ts';
import type { ObjectivePool, ProgramPoolOptions } from '../../../src-main/training/pool.ts';
import { TrialPruned } from '../../../src-main/tuner/errors.ts';
import { temporaryFolder } from '../../helpers/cli.ts';
import { programStudy } from '../helpers/program-study.ts';
import { RecordingTrial } from '../helpers/recording-trial.ts';
import { eventually } from '../../helpers/eventually.ts';

const child = (name: string): string =>
  fileURLToPath(new URL(`../children/${name}`, import.meta.url));

const pools: ObjectivePool[] = [];
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

function createPool(
  options: Partial<ProgramPoolOptions> & { module?: string; nObjectives?: number } = {},
): ObjectivePool {
  const { module = child('objectives/various.ts'), nObjectives = 1, ...others } = options;
  const objective = Array.from({ length: nObjectives }, (_, i) => ({ name: `value ${i}` }));
  const pool = createProgramPool({
    ...programStudy({ run: { module }, objective }),
    seed: 1,
    ...others,
  });
  pools.push(pool);
  return pool;
}

const trialThat = (deed: string, pruneAt = Infinity): RecordingTrial =>
  new RecordingTrial({ number: 4, params: { deed }, pruneAt });

describe('a module of the user’s own', () => {
  it('suggests, reports, keeps attributes and returns its value', async () => {
    const pool = createPool();
    const trial = trialThat('value');
    let nReports = 0;
    expect(await pool.run(trial, { onReport: () => nReports++ })).toBe(0.25);
    expect([...trial.reports]).toEqual([[3, 0.5]]);
    expect(nReports).toBe(1);
    expect(trial.distributions.deed).toMatchObject({ type: 'categorical' });
    expect(trial.userAttrs.pid).not.toBe(process.pid);
    expect(await pool.decision).toBeNull();
  });

  it('has a seed that depends on study and trial only, and a child that stays', async () => {
    const [a, b] = [trialThat('value'), trialThat('value')];
    const pool = createPool();
    await pool.run(a);
    await pool.run(b);
    expect(a.userAttrs).toEqual(b.userAttrs);
    const other = trialThat('value');
    await createPool({ seed: 2 }).run(other);
    expect(other.userAttrs.seed).not.toBe(a.userAttrs.seed);
  });

  it('has its share of the cores as threads, also when the jobs change', async () => {
    const pool = createPool({ jobs: 1 });
    for (const jobs of [1, 2]) {
      pool.setJobs(jobs);
      const trial = trialThat('value');
      await pool.run(trial);
      expect(trial.userAttrs.threads).toBe(threadLimits(jobs).OMP_NUM_THREADS);
    }
  });

  it('may return several values', async () => {
    expect(await createPool({ nObjectives: 2 }).run(trialThat('values'))).toEqual([1, 2]);
  });

  it.each(['prune', 'own-prune'])('is pruned by what it throws: %s', async (deed) => {
    const trial = trialThat(deed, 5);
    await expect(createPool().run(trial)).rejects.toThrow(TrialPruned);
    if (deed === 'prune') expect(trial.reports.size).toBe(6);
  });

  it.each([
    ['nothing', '`objective` must return a number or a list of numbers, but returned nothing.'],
    ['nan', 'The trial ended with the value NaN; NaN cannot be compared with others.'],
    ['values', 'The study has one objective, but the trial ended with 2 values: 1, 2.'],
    ['throw', 'no good'],
  ])('fails its trial when it ends with %s, and goes on', async (deed, message) => {
    const pool = createPool();
    const trial = trialThat(deed);
    await expect(pool.run(trial)).rejects.toThrow(new TrialFailedError('exception', message));
    expect(trial.userAttrs.error).toBe(message);
    expect(await pool.run(trialThat('value'))).toBe(0.25);
  });

  it('keeps the stack and the last output of a failed trial', async () => {
    const trial = trialThat('throw');
    await expect(createPool().run(trial)).rejects.toThrow('no good');
    expect(trial.systemAttrs['parzen:failure']).toMatchObject({
      kind: 'exception',
      stack: expect.stringMatching(/RangeError: no good\n.*various\.ts:\d+/) as unknown,
      output: 'about to fail',
    });
  });

  it('hands on what it prints, line by line', async () => {
    const lines: string[] = [];
    await createPool().run(trialThat('print'), { onOutput: (line) => lines.push(line) });
    expect(lines).toEqual(['one', 'two, three']);
  });

  it('is ended in an endless loop when its time is over, and the next trial runs', async () => {
    const pool = createPool({ perTrialTimeoutMs: 2000 });
    await expect(pool.run(trialThat('loop'))).rejects.toMatchObject({ failure: 'timeout' });
    expect(await pool.run(trialThat('value'))).toBe(0.25);
  });

  it('is ended when it takes too much memory outside of the heap', async () => {
    const pool = createPool({ memoryLimitMb: 300 });
    await expect(pool.run(trialThat('hoard'))).rejects.toMatchObject({ failure: 'memory' });
    expect(await pool.run(trialThat('value'))).toBe(0.25);
  });

  it('is given up when the run is stopped', async () => {
    const pool = createPool();
    const abort = new AbortController();
    const run = pool.run(trialThat('wait'), { signal: abort.signal });
    abort.abort(new Error('stopped'));
    await expect(run).rejects.toThrow('stopped');
  });

  it.each([
    ['broken.ts', /broken\.ts cannot be loaded: not today/],
    [
      'no-objective.js',
      /must export a function `objective\(trial\)`, but its exports are: objectives\./,
    ],
  ])('says why it cannot run: %s', async (name, message) => {
    const run = createPool({ module: child(`objectives/${name}`) }).run(trialThat('value'));
    await expect(run).rejects.toThrow(message);
    await expect(run).rejects.toMatchObject({ code: 'TRAINING_START_FAILED' });
  });

  it('does not run when it was changed after it was looked at', async () => {
    const module = join(temporaryFolder(), 'own.js');
    copyFileSync(child('objectives/no-objective.js'), module);
    const options = { ...programStudy({ run: { module } }), seed: 1 };
    appendFileSync(module, 'export const objective = () => 1;\n');
    const pool = createProgramPool(options);
    pools.push(pool);
    await expect(pool.run(trialThat('value'))).rejects.toThrow(/was changed since the run began/);
  });

  it('leaves no process behind in an endless loop when the parent is killed', async () => {
    const parent = spawn(process.execPath, [child('loop-parent.ts')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = Number(await once(parent.stdout, 'data'));
    expect(process.kill(pid, 0)).toBe(true);
    parent.kill('SIGKILL');
    await eventually(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'));
  });
});
