import { describe, expect, it } from 'vitest';

import type { RunStatus } from '../../src-main/contract/runs.ts';
import { endOfRunNotice, runLine, RunProgress } from '../../src-main/electron/run-progress.ts';

function status(overrides: Partial<RunStatus>): RunStatus {
  return {
    key: { storageId: 'a.db', studyId: 1 },
    state: 'running',
    targetTrials: 50,
    finishedTrials: 0,
    timeoutMs: null,
    startedAtMs: 0,
    endedAtMs: null,
    jobs: 1,
    trialsPerSecond: null,
    etaMs: null,
    endedBy: null,
    epochs: 0,
    nReused: 0,
    backend: null,
    runningTrials: [],
    error: null,
    ...overrides,
  };
}

describe('RunProgress', () => {
  it('shows nothing without a run', () => {
    expect(new RunProgress().progress).toBeNull();
  });

  it('adds up the runs of all studies', () => {
    const runs = new RunProgress();
    runs.update(status({ finishedTrials: 25 }));
    expect(runs.progress).toBe(0.5);
    const other = { storageId: 'b.db', studyId: 1 };
    runs.update(status({ key: other, targetTrials: 150, finishedTrials: 25 }));
    expect(runs.progress).toBe(0.25);
    runs.update(status({ key: other, state: 'paused' }));
    expect(runs.progress).toBe(0.5);
  });

  it('does not know how far a run without an end is', () => {
    const runs = new RunProgress();
    runs.update(status({ targetTrials: null, finishedTrials: 5 }));
    expect(runs.progress).toBe('unknown');
  });

  it('is never more than all, when a study has more trials than planned', () => {
    const runs = new RunProgress();
    runs.update(status({ finishedTrials: 60 }));
    expect(runs.progress).toBe(1);
  });

  it('says in words how the runs stand', () => {
    const runs = new RunProgress();
    expect([runs.nActive, runs.summary]).toEqual([0, 'No study is running']);
    runs.update(status({ finishedTrials: 49 }));
    expect([runs.nActive, runs.summary]).toEqual([1, '1 study is running, 98% done']);
    runs.update(status({ key: { storageId: 'b.db', studyId: 1 }, targetTrials: null }));
    expect([runs.nActive, runs.summary]).toEqual([2, '2 studies are running']);
  });

  it('tells the end of a run once, and not when the user asked for it', () => {
    const runs = new RunProgress();
    runs.update(status({}));
    expect(runs.update(status({ state: 'finished' }))?.state).toBe('finished');
    expect(runs.update(status({ state: 'finished' }))).toBeNull();
    runs.update(status({}));
    expect(runs.update(status({ state: 'paused' }))).toBeNull();
    runs.update(status({}));
    expect(runs.update(status({ state: 'failed' }))?.state).toBe('failed');
  });
});

describe('runLine', () => {
  it('says how far a study is', () => {
    expect(runLine('iris', status({ finishedTrials: 25 }))).toBe('iris: 25 of 50 trials');
    expect(runLine('iris', status({ targetTrials: null, finishedTrials: 1 }))).toBe(
      'iris: 1 trial',
    );
  });
});

describe('endOfRunNotice', () => {
  it('says how many trials were done, or what went wrong', () => {
    expect(endOfRunNotice('iris', status({ state: 'finished', finishedTrials: 1 }))).toEqual({
      title: 'iris has finished',
      body: '1 trial done.',
    });
    const error = { code: 'STORAGE_FULL', message: 'The disk is full.' };
    expect(endOfRunNotice('iris', status({ state: 'failed', error }))).toEqual({
      title: 'iris stopped',
      body: 'The disk is full.',
    });
  });
});
