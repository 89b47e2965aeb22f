import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { TrialFailedError } from '../../../src-main/training/errors.ts';
import { createProgramPool } from '../../../src-main/training/pool.ts';
import type { ObjectivePool, ProgramPoolOptions } from '../../../src-main/training/pool.ts';
import { TrialPruned } from '../../../src-main/tuner/errors.ts';
import { programStudy } from '../helpers/program-study.ts';
import { RecordingTrial } from '../helpers/recording-trial.ts';
import { eventually } from '../../helpers/eventually.ts';

const folder = fileURLToPath(new URL('../children/objectives', import.meta.url));

const pools: ObjectivePool[] = [];
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

function createPool(
  deed: string,
  options: Partial<ProgramPoolOptions> & { command?: string[]; graceS?: number } = {},
): ObjectivePool {
  const { command = [process.execPath, 'command.js', deed], graceS = 5, ...others } = options;
  const space = { x: { float: [0, 1] }, 'a-b': { choices: ['one', true] } };
  const objective = deed === 'values' ? [{ name: 'a' }, { name: 'b' }] : { name: 'a' };
  const pool = createProgramPool({
    ...programStudy({ run: { command, folder: '.', graceS }, space, objective }, folder),
    seed: 1,
    ...others,
  });
  pools.push(pool);
  return pool;
}

const newTrial = (pruneAt = Infinity): RecordingTrial =>
  new RecordingTrial({ number: 4, params: { x: 0.5, 'a-b': true }, pruneAt });

const isAlive = (pid: unknown): boolean => {
  try {
    return process.kill(pid as number, 0);
  } catch {
    return false;
  }
};

describe('a command of the user’s own', () => {
  it('is given its parameters, number and seed, and is heard', async () => {
    const trial = newTrial();
    const lines: string[] = [];
    const pool = createPool('echo');
    expect(await pool.run(trial, { onOutput: (line) => lines.push(line) })).toBe(0.125);
    expect(trial.userAttrs).toMatchObject({
      stdin: { x: 0.5, 'a-b': true },
      PARZEN_PARAM_X: '0.5',
      PARZEN_PARAM_A_B: 'true',
      PARZEN_PARAMS: '{"x":0.5,"a-b":true}',
      PARZEN_TRIAL_NUMBER: '4',
      PARZEN_SEED: expect.stringMatching(/^\d+$/) as unknown,
      cwd: folder,
    });
    expect(trial.systemAttrs).toEqual({ 'constraints:load': -1 });
    expect([...trial.reports]).toEqual([
      [0, 0.5],
      [1, 0.25],
    ]);
    expect(lines).toEqual(['hello']);
    const again = newTrial();
    await pool.run(again);
    expect(again.userAttrs.PARZEN_SEED).toBe(trial.userAttrs.PARZEN_SEED);
  });

  it('may give several values', async () => {
    expect(await createPool('values').run(newTrial())).toEqual([1, 2]);
  });

  it.each([
    ['nothing', /ended without a value\. It must write one to stdout/],
    ['fail', /ended with exit code 3\. It said last: no such file/],
    ['nonsense', /`value` must be a number, but the line was \{"value":"good"\}/],
  ])('fails its trial when it ends with %s', async (deed, message) => {
    const run = createPool(deed).run(newTrial());
    await expect(run).rejects.toThrow(TrialFailedError);
    await expect(run).rejects.toThrow(message);
  });

  it('says so when there is no such program', async () => {
    const command = ['no-such-program-anywhere'];
    await expect(createPool('', { command }).run(newTrial())).rejects.toThrow(
      /"no-such-program-anywhere" cannot be started in .*objectives: .*ENOENT/,
    );
  });

  it('is asked to end when it is pruned, and may say something more', async () => {
    const trial = newTrial(3);
    await expect(createPool('steps').run(trial)).rejects.toThrow(TrialPruned);
    expect([...trial.reports.keys()]).toEqual([0, 1, 2, 3]);
    // Windows knows no signal that could be handled.
    if (process.platform !== 'win32') expect(trial.userAttrs.saved).toBe(true);
    expect(isAlive(trial.userAttrs.pid)).toBe(false);
  });

  it('is killed after its grace period', async () => {
    const trial = newTrial(3);
    await expect(createPool('stubborn', { graceS: 0.2 }).run(trial)).rejects.toThrow(TrialPruned);
    expect(isAlive(trial.userAttrs.pid)).toBe(false);
  });

  it('is ended when its time is over', async () => {
    const trial = newTrial();
    const pool = createPool('stubborn', { graceS: 0.2, perTrialTimeoutMs: 3000 });
    await expect(pool.run(trial)).rejects.toMatchObject({ failure: 'timeout' });
    expect(trial.userAttrs.pid).toBeGreaterThan(0);
    await eventually(() => expect(isAlive(trial.userAttrs.pid)).toBe(false));
  });

  it('ends with the pool', async () => {
    const trial = newTrial();
    const pool = createPool('steps');
    const abort = new AbortController();
    const run = pool.run(trial, { signal: abort.signal });
    await eventually(() => expect(trial.reports.size).toBe(10));
    abort.abort(new Error('stopped'));
    await expect(run).rejects.toThrow('stopped');
    await pool.close();
    expect(isAlive(trial.userAttrs.pid)).toBe(false);
  });

  it('takes with it what it left running', async () => {
    const trial = newTrial();
    expect(await createPool('daemon').run(trial)).toBe(1);
    await eventually(() => expect(isAlive(trial.userAttrs.pid)).toBe(false));
  });

  it.skipIf(process.platform === 'win32')('is ended when it takes too much memory', async () => {
    const pool = createPool('hoard', { memoryLimitMb: 200 });
    await expect(pool.run(newTrial())).rejects.toMatchObject({ failure: 'memory' });
  });
});
