import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import {
  describeLost,
  RunningTrials,
  TrialLostError,
} from '../../src-main/services/running-trials.ts';
import { InMemoryStorage } from '../../src-main/tuner/storages/in-memory.ts';
import { createStudy } from '../../src-main/tuner/study/study.ts';
import { eventually } from '../helpers/eventually.ts';

describe('RunningTrials', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  async function start() {
    const storage = new InMemoryStorage();
    const study = await createStudy({ storage });
    const running = new RunningTrials(() => storage);
    return { storage, study, running };
  }

  it('gives up a trial that somebody else has put back and deleted, and no other', async () => {
    const { storage, study, running } = await start();
    const [kept, deleted] = [await study.ask(), await study.ask()];
    const [goesOn, stops] = [running.begin(kept), running.begin(deleted)];
    await storage.requeueTrial(deleted.trialId, deleted.ownerId);
    await storage.deleteTrial(deleted.trialId);
    expect(stops.aborted).toBe(false);
    vi.advanceTimersByTime(1000);
    await eventually(() => expect(stops.reason).toBeInstanceOf(TrialLostError));
    expect(goesOn.aborted).toBe(false);
    expect(await describeLost(storage, deleted)).toMatch(/^Trial 1 was deleted elsewhere/);
    running.end(deleted);
    expect(running.list().map(({ trialNumber }) => trialNumber)).toEqual([0]);
    expect(vi.getTimerCount()).toBe(1);
    running.end(kept);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('shows the parameters that a trial has been asked for by its last epoch', async () => {
    const { study, running } = await start();
    const trial = await study.ask();
    running.begin(trial);
    const x = await trial.suggestFloat('x', 0, 1);
    expect(running.list()).toMatchObject([{ trialNumber: 0, params: {}, lastEpoch: null }]);
    const epoch = { trialNumber: 0, epoch: 3, trainLoss: 1, valLoss: 2, metrics: {} };
    running.show(epoch);
    running.show({ ...epoch, trialNumber: 1 });
    expect(running.list()).toMatchObject([{ trialNumber: 0, params: { x }, lastEpoch: epoch }]);
  });

  it('does not end a trial that came here a second time with the first one of its number', async () => {
    const { storage, study, running } = await start();
    const first = await study.ask();
    running.begin(first);
    await storage.requeueTrial(first.trialId, first.ownerId);
    const second = await study.ask();
    expect(second.number).toBe(first.number);
    running.begin(second);
    running.end(first);
    expect(running.list()).toHaveLength(1);
    running.end(second);
    expect(running.list()).toHaveLength(0);
  });
});
