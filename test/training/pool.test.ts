import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { TrialFailedError, TrainingStartError } from '../../src-main/training/errors.ts';
import { loadDataset } from '../../src-main/training/datasets/prepare.ts';
import { fusedDenseFactory } from '../../src-main/training/models/fused-dense.ts';
import { runNetworkTrial } from '../../src-main/training/objectives/network.ts';
import { createObjectivePool } from '../../src-main/training/pool.ts';
import type { ObjectivePool, ObjectivePoolOptions } from '../../src-main/training/pool.ts';
import { loadSpec, parseSpec } from '../../src-main/training/spec.ts';
import type { Epoch } from '../../src-main/training/train.ts';
import { TrialPruned } from '../../src-main/tuner/errors.ts';
import { RecordingTrial } from './helpers/recording-trial.ts';
import { eventually } from '../helpers/eventually.ts';

const iris = loadSpec('iris');
const data = await loadDataset(iris);
/** A spec that asks for nothing, for children that train nothing. */
const fixedSpec = parseSpec({
  ...iris.spec,
  network: { width: [4] },
  training: { optimizer: { type: 'sgd', learningRate: 0.1 }, epochs: 1 },
});
const misbehaving = fileURLToPath(new URL('children/misbehaving.ts', import.meta.url));

const pools: ObjectivePool[] = [];
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

function createPool(options: Partial<ObjectivePoolOptions> = {}): ObjectivePool {
  const pool = createObjectivePool({
    spec: fixedSpec,
    data,
    seed: 1,
    entry: misbehaving,
    ...options,
  });
  pools.push(pool);
  return pool;
}

function trialThat(deed: string, number = 0): RecordingTrial {
  const trial = new RecordingTrial({ number });
  trial.params.deed = deed;
  return trial;
}

async function failureOf(run: Promise<unknown>): Promise<TrialFailedError> {
  const error = await run.then(
    () => new Error('The trial did not fail.'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof TrialFailedError) return error;
  throw error;
}

describe('ObjectivePool', () => {
  it('carries suggestions, reports, attributes and every kind of number both ways', async () => {
    const objective = (['accuracy', 'loss'] as const).map((metric) => ({
      metric,
      value: 'best' as const,
    }));
    const pool = createPool({ spec: { ...fixedSpec, objective } });
    const trial = trialThat('report');
    const epochs: Epoch[] = [];
    const values = await pool.run(trial, { onEpoch: (epoch) => epochs.push(epoch) });
    expect(values).toEqual([1, -Infinity]);
    expect([...trial.reports]).toEqual([
      [0, 0],
      [1, 0.1],
      [2, 0.2],
    ]);
    expect(epochs).toHaveLength(3);
    expect(epochs[0]).toMatchObject({ trainLoss: NaN, valLoss: Infinity, trainAccuracy: null });
    expect(trial.distributions.deed).toEqual({ type: 'categorical', choices: ['report'] });
  });

  it('prunes by the parent, by the child', async () => {
    const pool = createPool();
    const trial = new RecordingTrial({ pruneAt: 1 });
    trial.params.deed = 'report';
    await expect(pool.run(trial)).rejects.toThrow(TrialPruned);
    expect([...trial.reports.keys()]).toEqual([0, 1]);
    await expect(pool.run(trialThat('prune'))).rejects.toThrow(new TrialPruned('enough'));
  });

  it('keeps its child between trials', async () => {
    const pool = createPool();
    const [first, second] = [trialThat('nothing'), trialThat('nothing', 1)];
    expect(await pool.run(first)).toBe(0);
    expect(await pool.run(second)).toBe(1);
    expect(second.userAttrs.pid).toBe(first.userAttrs.pid);
  });

  it('fails the trial whose objective throws, and goes on in the same child', async () => {
    const pool = createPool();
    const before = trialThat('nothing');
    await pool.run(before);
    const trial = trialThat('throw', 1);
    const error = await failureOf(pool.run(trial));
    expect(error).toMatchObject({ failure: 'exception', message: 'no good' });
    expect(error.cause).toMatchObject({ name: 'RangeError' });
    expect(trial.userAttrs.error).toBe('no good');
    expect(trial.systemAttrs['parzen:failure']).toMatchObject({ kind: 'exception' });
    const after = trialThat('nothing', 2);
    await pool.run(after);
    expect(after.userAttrs.pid).toBe(before.userAttrs.pid);
  });

  it.each([
    ['exit', /trial 0 ended unexpectedly with exit code 7.*It said last: about to leave/],
    ['kill', /trial 0 ended unexpectedly with signal SIGKILL/],
  ])(
    'fails the trial of a child that crashes (%s) and replaces the child',
    async (deed, message) => {
      const pool = createPool();
      const trial = trialThat(deed);
      const error = await failureOf(pool.run(trial));
      expect(error.failure).toBe('crash');
      expect(error.message).toMatch(message);
      expect(trial.userAttrs.error).toBe(error.message);
      expect(await pool.run(trialThat('nothing', 1))).toBe(1);
    },
  );

  it('keeps what a child reported before it was killed', async () => {
    const pool = createPool();
    const trial = trialThat('report and kill');
    expect((await failureOf(pool.run(trial))).failure).toBe('crash');
    expect([...trial.reports.keys()]).toEqual([0, 1, 2]);
    expect(await pool.run(trialThat('nothing', 1))).toBe(1);
  });

  it('takes what a child trained ahead epoch by epoch, with every kind of number', async () => {
    const trial = trialThat('train ahead');
    const told: (number | string)[] = [];
    const epochs: Epoch[] = [];
    const value = await createPool().run(trial, {
      onEpoch: (epoch) => {
        epochs.push(epoch);
        told.push(epoch.epoch);
      },
      onReport: () => told.push(`report ${trial.reports.size - 1}`),
    });
    expect(value).toBe(3);
    const ten = Array.from({ length: 10 }, (_, epoch) => epoch);
    expect(told).toEqual([
      ...ten.flatMap((epoch) => [epoch, `report ${epoch}`]),
      // What was kept back when the trial ended.
      'report 10',
      'report 11',
    ]);
    expect([...trial.reports]).toEqual(
      [...ten, 10, 11].map((epoch) => [epoch, epoch === 1 ? NaN : epoch / 10]),
    );
    expect(epochs).toEqual(
      ten.map((epoch) => ({
        epoch,
        trainLoss: epoch / 7,
        trainAccuracy: epoch % 2 === 0 ? null : 0.25,
        valLoss: -Infinity,
        valAccuracy: NaN,
        seconds: 0,
      })),
    );
  });

  it.each([0, 1, 4, 9])('prunes at step %i of what came in one message', async (pruneAt) => {
    const trial = new RecordingTrial({ pruneAt });
    trial.params.deed = 'train ahead';
    const epochs: number[] = [];
    const run = createPool().run(trial, { onEpoch: ({ epoch }) => epochs.push(epoch) });
    const answers = Array.from({ length: 10 }, (_, step) => step >= pruneAt);
    await expect(run).rejects.toThrow(new TrialPruned(`Pruned: ${answers.join()}`));
    const happened = Array.from({ length: pruneAt + 1 }, (_, step) => step);
    expect([...trial.reports.keys()]).toEqual(happened);
    expect(epochs).toEqual(happened);
  });

  it('fails a trial at the report that the study refuses', async () => {
    const trial = new (class extends RecordingTrial {
      override async report(value: number, step: number): Promise<void> {
        if (step === 4) throw new RangeError('no such step');
        await super.report(value, step);
      }
    })();
    trial.params.deed = 'train ahead';
    const error = await failureOf(createPool().run(trial));
    expect(error).toMatchObject({ failure: 'exception', message: 'no such step' });
    expect([...trial.reports.keys()]).toEqual([0, 1, 2, 3, 5, 6, 7, 8, 9]);
  });

  it('takes nothing more of a message once the trial is given up', async () => {
    const pool = createPool();
    const abort = new AbortController();
    const trial = new (class extends RecordingTrial {
      override async report(value: number, step: number): Promise<void> {
        await super.report(value, step);
        if (step === 4) abort.abort(new Error('stop it'));
      }
    })();
    trial.params.deed = 'train ahead';
    await expect(pool.run(trial, { signal: abort.signal })).rejects.toThrow('stop it');
    expect(await pool.run(trialThat('nothing', 1))).toBe(1);
    expect([...trial.reports.keys()]).toEqual([0, 1, 2, 3, 4]);
  });

  it('takes all of a message whose child dies meanwhile', async () => {
    const trial = new (class extends RecordingTrial {
      override async report(value: number, step: number): Promise<void> {
        await super.report(value, step);
        if (step === 4) process.kill(trial.userAttrs.pid as number, 'SIGKILL');
      }
    })();
    trial.params.deed = 'train ahead';
    expect((await failureOf(createPool().run(trial))).failure).toBe('crash');
    expect([...trial.reports.keys()]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('loses of a child that dies no more than what it kept back', async () => {
    const trial = trialThat('train ahead and kill');
    expect((await failureOf(createPool().run(trial))).failure).toBe('crash');
    expect([...trial.reports.keys()]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('prunes a trial whose child dies after the answer that prunes', async () => {
    const pool = createPool();
    const trial = new RecordingTrial({ pruneAt: 0 });
    trial.params.deed = 'go on and kill';
    await expect(pool.run(trial)).rejects.toThrow(TrialPruned);
    expect(trial.userAttrs.error).toBeUndefined();
    expect([...trial.reports.keys()]).toEqual([0]);
    expect(await pool.run(trialThat('nothing', 1))).toBe(1);
  });

  it('fails the trial of a child that hangs past its time and replaces the child', async () => {
    const pool = createPool({ perTrialTimeoutMs: 2000 });
    const trial = trialThat('hang');
    const error = await failureOf(pool.run(trial));
    expect(error).toMatchObject({
      failure: 'timeout',
      message: 'Trial 0 ran longer than its limit of 2 s and was stopped.',
    });
    expect(trial.userAttrs.error).toBe(error.message);
    expect(await pool.run(trialThat('nothing', 1))).toBe(1);
  });

  it('keeps a child that gives an overdue trial up when asked', async () => {
    const pool = createPool({ perTrialTimeoutMs: 2000 });
    const before = trialThat('nothing');
    await pool.run(before);
    expect((await failureOf(pool.run(trialThat('wait', 1)))).failure).toBe('timeout');
    const after = trialThat('nothing', 2);
    await pool.run(after);
    expect(after.userAttrs.pid).toBe(before.userAttrs.pid);
  });

  it('fails the trial of a child that runs out of memory and replaces the child', async () => {
    const pool = createPool({ memoryLimitMb: 64 });
    const trial = trialThat('eat');
    const error = await failureOf(pool.run(trial));
    expect(error.failure).toBe('memory');
    expect(error.message).toMatch(/trial 0 ran out of memory .*its limit is 64 MB/);
    expect(trial.systemAttrs['parzen:failure']).toMatchObject({ kind: 'memory' });
    expect(await pool.run(trialThat('nothing', 1))).toBe(1);
  });

  it.each(['wait', 'hang'])('gives a trial up at once when aborted (%s)', async (deed) => {
    const pool = createPool();
    const abort = new AbortController();
    const trial = trialThat(deed);
    const suggest = vi.spyOn(trial, 'suggest');
    const run = pool.run(trial, { signal: abort.signal });
    // The trial has begun when it asks for what it shall do.
    await eventually(() => expect(suggest).toHaveBeenCalled());
    abort.abort(new Error('stop it'));
    await expect(run).rejects.toThrow('stop it');
    expect(trial.userAttrs).toEqual({});
    expect(await pool.run(trialThat('nothing', 1))).toBe(1);
  });

  it('runs no more trials at a time than it has jobs, and more when told so', async () => {
    const pool = createPool({ jobs: 1 });
    const abort = new AbortController();
    const waiting = [0, 1].map((number) =>
      pool.run(trialThat('wait', number), { signal: abort.signal }).catch(() => {}),
    );
    const third = pool.run(trialThat('nothing', 2));
    const first = await Promise.race([
      third,
      new Promise((resolve) => setTimeout(resolve, 300, 'busy')),
    ]);
    expect(first).toBe('busy');
    pool.setJobs(3);
    expect(await third).toBe(2);
    abort.abort();
    await Promise.all(waiting);
    pool.setJobs(1);
    expect(await pool.run(trialThat('nothing', 3))).toBe(3);
  });

  it('says so when no child comes up, with what it printed', async () => {
    process.env.PARZEN_TEST_START = 'exit';
    try {
      const pool = createPool();
      await expect(pool.run(trialThat('nothing'))).rejects.toThrow(TrainingStartError);
      await expect(pool.decision).rejects.toThrow('A training process ended before it was ready.');
    } finally {
      delete process.env.PARZEN_TEST_START;
    }
  });

  it('waits for a table that is still read', async () => {
    const reading = Promise.withResolvers<typeof data>();
    const pool = createPool({ data: reading.promise });
    const run = pool.run(trialThat('nothing', 4));
    reading.resolve(data);
    expect(await run).toBe(4);
  });

  it('says so when the table cannot be read', async () => {
    const reading = Promise.withResolvers<typeof data>();
    const pool = createPool({ data: reading.promise, jobs: 2 });
    const run = pool.run(trialThat('nothing'));
    reading.reject(new Error('There is no such table.'));
    await expect(run).rejects.toThrow('There is no such table.');
    await expect(pool.decision).rejects.toThrow('There is no such table.');
  });

  it('refuses trials after it was closed', async () => {
    const pool = createPool();
    await pool.close();
    await expect(pool.run(trialThat('nothing'))).rejects.toThrow('closed');
  });

  it('leaves no process behind', async () => {
    const pool = createPool({ jobs: 2 });
    const trials = [trialThat('nothing'), trialThat('nothing', 1)];
    await Promise.all(trials.map((trial) => pool.run(trial)));
    await pool.close();
    for (const { userAttrs } of trials)
      expect(() => process.kill(userAttrs.pid as number, 0)).toThrow('ESRCH');
  });

  it('leaves no process behind when the parent is killed', async () => {
    const path = fileURLToPath(new URL('children/parent.ts', import.meta.url));
    const parent = spawn(process.execPath, [path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = Number(await once(parent.stdout, 'data'));
    expect(process.kill(pid, 0)).toBe(true);
    parent.kill('SIGKILL');
    await eventually(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'));
  });

  it('does not count what a child trained while the answer that prunes was on its way', async () => {
    const pool = createPool({ spec: iris.spec, entry: undefined });
    // Epochs of microseconds, so that many are over before the first answer.
    const params = { n_layers: 1, hidden_dim_layer_0: 32, learning_rate: 1e-3 };
    for (const pruneAt of [0, 3, 7]) {
      const trial = new RecordingTrial({ params, pruneAt });
      const epochs: number[] = [];
      const run = pool.run(trial, { onEpoch: ({ epoch }) => epochs.push(epoch) });
      await expect(run).rejects.toThrow(new TrialPruned(`Trial was pruned at epoch ${pruneAt}.`));
      const happened = Array.from({ length: pruneAt + 1 }, (_, epoch) => epoch);
      expect([...trial.reports.keys()]).toEqual(happened);
      expect(epochs).toEqual(happened);
      expect(trial.userAttrs.epochs).toBe(pruneAt + 1);
    }
  });

  it('reports from a child what the same training reports in this process', async () => {
    const params = { n_layers: 1, hidden_dim_layer_0: 32, learning_rate: 1e-3 };
    const own = new RecordingTrial({ number: 3, params });
    const epochsHere: Epoch[] = [];
    const value = await runNetworkTrial(
      { spec: iris.spec, data, seed: 1, factory: fusedDenseFactory },
      own,
      { signal: new AbortController().signal, onEpoch: (epoch) => epochsHere.push(epoch) },
    );
    const trial = new RecordingTrial({ number: 3, params });
    const epochs: Epoch[] = [];
    const pool = createPool({ spec: iris.spec, entry: undefined });
    expect(await pool.run(trial, { onEpoch: (epoch) => epochs.push(epoch) })).toBe(value);
    expect([...trial.reports]).toEqual([...own.reports]);
    const withoutTimes = (all: readonly Epoch[]) => all.map((epoch) => ({ ...epoch, seconds: 0 }));
    expect(withoutTimes(epochs)).toEqual(withoutTimes(epochsHere));
  });

  it("trains the notebook's network in a real child, the same every time", async () => {
    const pool = createPool({ spec: iris.spec, entry: undefined, jobs: 2 });
    const trials = [0, 1].map(() => new RecordingTrial({ number: 7 }));
    const values = await Promise.all(trials.map((trial) => pool.run(trial)));
    expect(values[0]).toBe(values[1]);
    expect([...(trials[0]?.reports ?? [])]).toEqual([...(trials[1]?.reports ?? [])]);
    expect(trials[0]?.userAttrs).toMatchObject({ backend: 'wasm', engine: 'fused' });
    const other = new RecordingTrial({ number: 8, params: trials[0]?.params });
    await pool.run(other);
    expect([...other.reports]).not.toEqual([...(trials[0]?.reports ?? [])]);
  });
});
