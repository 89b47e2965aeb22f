import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { StudyKey } from '../../src-main/contract/library.ts';
import { DUPLICATE_OF, EqualTrials } from '../../src-main/services/equal-trials.ts';
import { failureOf, retryOf } from '../../src-main/services/failed-trials.ts';
import type { Services } from '../../src-main/services/services.ts';
import { createIntDistribution } from '../../src-main/tuner/distributions.ts';
import { constraintValues } from '../../src-main/tuner/system-attrs.ts';
import { temporaryFolder } from '../helpers/cli.ts';
import { frozenTrial } from '../helpers/frozen-trial.ts';
import { call, startServices } from '../helpers/services.ts';

const module = fileURLToPath(
  new URL('../training/children/objectives/failing.mjs', import.meta.url),
);
const x = createIntDistribution(0, 2);

async function create(
  services: Services,
  more: Readonly<Record<string, unknown>>,
): Promise<StudyKey> {
  const spec = { name: 'own', run: { module }, sampler: { type: 'random' }, ...more };
  return services.handlers['studies.create']({ spec, seed: 3 }, call);
}

async function run(services: Services, key: StudyKey) {
  await services.handlers['runs.start']({ key, trust: true }, call);
  const status = await services.runs.ended(key);
  const trials = await services.library.storage(key.storageId).getTrials(key.studyId);
  return { status, trials };
}

describe('failureOf', () => {
  it('says nothing of trials that did not fail', () => {
    expect(failureOf(frozenTrial({ number: 0, userAttrs: { error: 'x' } }))).toBeNull();
  });

  it('knows our failures, and those of old Optuna', () => {
    const ours = frozenTrial({
      number: 0,
      state: 'fail',
      userAttrs: { error: 'no good' },
      systemAttrs: { 'parzen:failure': { kind: 'crash', stack: null, output: 'words' } },
    });
    expect(failureOf(ours)).toEqual({
      kind: 'crash',
      message: 'no good',
      stack: null,
      output: 'words',
    });
    const theirs = frozenTrial({ number: 0, state: 'fail', systemAttrs: { fail_reason: 'why' } });
    expect(failureOf(theirs)).toMatchObject({ kind: null, message: 'why' });
  });
});

describe('retryOf', () => {
  it('keeps what Optuna’s RetryFailedTrialCallback keeps, up to the number of retries', () => {
    const trial = frozenTrial({
      number: 4,
      state: 'fail',
      params: { x: 1 },
      distributions: { x },
      userAttrs: { error: 'no', note: 'a' },
      systemAttrs: { grid_id: 2, 'parzen:owner': { id: 'gone' } },
    });
    const first = retryOf(trial, 2);
    expect(first).toMatchObject({ state: 'waiting', params: { x: 1 }, userAttrs: { note: 'a' } });
    expect(first?.systemAttrs).toEqual({ grid_id: 2, failed_trial: 4, retry_history: [4] });
    const second = retryOf({ ...trial, number: 7, systemAttrs: first?.systemAttrs ?? {} }, 2);
    expect(second?.systemAttrs).toMatchObject({ failed_trial: 4, retry_history: [4, 7] });
    expect(retryOf({ ...trial, number: 9, systemAttrs: second?.systemAttrs ?? {} }, 2)).toBeNull();
    expect(retryOf(trial, 0)).toBeNull();
  });
});

describe('EqualTrials', () => {
  it('finds the first complete trial with the same parameters, in whatever order', () => {
    const space = { x, y: x };
    const trials = new EqualTrials([
      frozenTrial({ number: 0, state: 'fail', params: { x: 1, y: 2 }, distributions: space }),
      frozenTrial({ number: 1, params: { x: 1, y: 2 }, distributions: space }),
      frozenTrial({ number: 2, params: { y: 2, x: 1 }, distributions: space }),
    ]);
    expect(trials.find({ y: 2, x: 1 })?.number).toBe(1);
    expect(trials.find({ x: 1 })).toBeNull();
  });
});

describe('a run', () => {
  it('keeps stack and output of a failed trial', async () => {
    const services = await startServices();
    const key = await create(services, { stop: { trials: 6 } });
    const { trials } = await run(services, key);
    const failed = trials.find(({ state }) => state === 'fail');
    const { failure } = await services.handlers['trials.get'](
      { key, trialNumber: failed?.number ?? -1 },
      call,
    );
    const { x: value } = failed?.params ?? {};
    expect(failure).toEqual({
      kind: 'exception',
      message: `no ${value}`,
      stack: expect.stringContaining('failing.mjs') as unknown,
      output: `x is ${value}`,
    });
  });

  it('ends when trials keep failing, and says why', async () => {
    const services = await startServices();
    const key = await create(services, {
      space: { x: { int: [1, 2] } },
      stop: { trials: 40 },
    });
    const { status, trials } = await run(services, key);
    expect(status).toMatchObject({
      state: 'failed',
      finishedTrials: 10,
      error: {
        code: 'TRIALS_KEEP_FAILING',
        message: expect.stringMatching(
          /^10 trials in a row failed.* because of: no [12]$/,
        ) as unknown,
      },
    });
    expect(trials).toHaveLength(10);
  });

  it('runs failed trials again with their parameters', async () => {
    const services = await startServices();
    const key = await create(services, { retryFailed: 1, stop: { trials: 8 } });
    const { trials } = await run(services, key);
    expect(trials).toHaveLength(8);
    const retries = trials.filter(({ systemAttrs }) => 'retry_history' in systemAttrs);
    expect(retries.length).toBeGreaterThan(0);
    for (const { params, systemAttrs, number } of retries) {
      const [first] = systemAttrs.retry_history as number[];
      expect(trials[first as number]).toMatchObject({ state: 'fail', params });
      expect(first).toBeLessThan(number);
    }
  });

  it('takes the values of equal trials where it may', async () => {
    const services = await startServices();
    const key = await create(services, {
      space: { x: { int: [0, 0] } },
      duplicates: 'reuse',
      stop: { trials: 5 },
    });
    const { status, trials } = await run(services, key);
    expect(status).toMatchObject({ finishedTrials: 5, nReused: 4 });
    expect(trials.map(({ values }) => values)).toEqual(Array(5).fill([1]));
    expect(trials.map(({ systemAttrs }) => systemAttrs[DUPLICATE_OF])).toEqual([
      undefined,
      ...Array<number>(4).fill(0),
    ]);
  });

  it('takes the constraints of equal trials too, so that none becomes feasible', async () => {
    const services = await startServices();
    const path = join(temporaryFolder(), 'infeasible.mjs');
    writeFileSync(
      path,
      `export async function objective(trial) {
        await trial.setConstraint('size', 3);
        return 1;
      }`,
    );
    const key = await create(services, {
      run: { module: path },
      space: { x: { int: [0, 0] } },
      duplicates: 'reuse',
      stop: { trials: 3 },
    });
    const { status, trials } = await run(services, key);
    expect(status?.nReused).toBe(2);
    expect(trials.map(({ systemAttrs }) => constraintValues(systemAttrs))).toEqual([[3], [3], [3]]);
  });
});
