import { describe, expect, it, vi } from 'vitest';
import { watch } from 'vue';

import { ContractError } from '../../../src-main/contract/errors.ts';
import type { RunLogLine, RunStatus } from '../../../src-main/contract/runs.ts';
import type { StudyDetail } from '../../../src-main/contract/studies.ts';
import type { TrialColumns } from '../../../src-main/contract/trials.ts';
import { useLibraryStore } from '../../../src-renderer/stores/library.ts';
import { useOpenStudiesStore } from '../../../src-renderer/stores/open-studies.ts';
import { useSelectionStore } from '../../../src-renderer/stores/selection.ts';
import { useStudyStore } from '../../../src-renderer/stores/study.ts';
import { useChangedTableStore } from '../../../src-renderer/stores/changed-table.ts';
import { useTrustStore } from '../../../src-renderer/stores/trust.ts';
import { FakeChannel } from '../helpers/fake-channel.ts';
import { toTrialColumns } from '../helpers/trial-columns.ts';
import { installChannel } from '../helpers/with-app.ts';
import { eventually } from '../../helpers/eventually.ts';

const key = { storageId: 's1', studyId: 7 };
const detail = {
  summary: { key, studyName: 'a study', directions: ['minimize'], metricNames: null },
  userAttrs: {},
  systemAttrs: {},
  spec: null,
  seed: null,
} as unknown as StudyDetail;
const runningTrial = (trialNumber: number) => ({ trialNumber }) as RunStatus['runningTrials'][0];
const run = { key, state: 'running', runningTrials: [runningTrial(3)] } as unknown as RunStatus;

/** A main side with a list of changes; asked for changes since a revision it gives the next ones. */
function createMainSide(first: TrialColumns) {
  const state = {
    next: first,
    run: null as RunStatus | null,
    log: () => [] as RunLogLine[] | Promise<RunLogLine[]>,
  };
  const channel = new FakeChannel({
    'studies.get': () => detail,
    'runs.get': () => state.run,
    'runs.log': () => state.log(),
    'trials.changes': () => state.next,
  });
  installChannel(channel);
  return { state, channel };
}

describe('useStudyStore', () => {
  it('can run what has a spec, in a file that can be written, unless it runs', async () => {
    const canRun = async (
      isRunnable: boolean,
      isReadOnly: boolean,
      state: RunStatus['state'] | null,
    ) => {
      const summary = { ...detail.summary, isRunnable };
      installChannel(
        new FakeChannel({
          'studies.get': () => ({ ...detail, summary }),
          'library.get': () =>
            ({ storages: [{ storageId: key.storageId, isReadOnly }], studies: [] }) as never,
          'library.recentFiles': () => [],
          'runs.get': () => (state ? { ...run, state } : null),
          'runs.log': () => [],
          'trials.changes': () => toTrialColumns([], {}),
        }),
      );
      await useLibraryStore().refresh();
      const store = useStudyStore(key);
      await store.open();
      return store.canRun;
    };
    expect(await canRun(true, false, null)).toBe(true);
    expect(await canRun(true, false, 'finished')).toBe(true);
    expect(await canRun(true, false, 'running')).toBe(false);
    expect(await canRun(false, false, null)).toBe(false);
    expect(await canRun(true, true, null)).toBe(false);
  });

  it('says of a number larger than a trial can have that there is none', async () => {
    const { channel } = createMainSide(toTrialColumns([], {}));
    const store = useStudyStore(key);
    for (const number of [2 ** 53, 1e20, Infinity])
      await expect(store.fetchTrial(number)).rejects.toMatchObject({ code: 'TRIAL_NOT_FOUND' });
    expect(channel.calls).toEqual([]);
  });

  describe('with a program that was not agreed to', () => {
    const program = { kind: 'command', command: ['sh', 'a.sh'], folder: '/a' } as const;

    function createUntrusted() {
      const channel = new FakeChannel({
        'runs.start': ({ trust }) => {
          if (trust) return run;
          const details = { program, isChanged: false };
          throw new ContractError({ code: 'OBJECTIVE_NOT_TRUSTED', message: 'no', details });
        },
      });
      installChannel(channel);
      return { channel, store: useStudyStore(key), trust: useTrustStore() };
    }

    it('asks, and starts when the user agrees', async () => {
      const { channel, store, trust } = createUntrusted();
      const started = store.start({ jobs: 2 });
      await eventually(() => expect(trust.question?.program).toEqual(program));
      trust.answer(true);
      await started;
      expect(trust.question).toBeNull();
      expect(store.run?.state).toBe('running');
      expect(channel.calls.at(-1)?.input).toEqual({ key, jobs: 2, trust: true });
    });

    it('does nothing when the user does not', async () => {
      const { channel, store, trust } = createUntrusted();
      const started = store.start();
      await eventually(() => expect(trust.question).not.toBeNull());
      trust.answer(false);
      await started;
      expect(store.run).toBeNull();
      expect(channel.calls).toHaveLength(1);
    });
  });

  it('asks before it goes on with a table that has changed', async () => {
    const details = {
      table: 'a.csv',
      nRowsBefore: 3,
      nRowsNow: 4,
      columnsGone: [],
      columnsNew: [],
    };
    const channel = new FakeChannel({
      'runs.start': ({ acceptChangedData }) => {
        if (acceptChangedData) return run;
        throw new ContractError({ code: 'DATA_CHANGED', message: 'no', details });
      },
    });
    installChannel(channel);
    const [store, changedTable] = [useStudyStore(key), useChangedTableStore()];
    for (const isAccepted of [false, true]) {
      const started = store.start({ jobs: 2 });
      await eventually(() => expect(changedTable.question).toEqual(details));
      changedTable.answer(isAccepted);
      await started;
      expect(store.run?.state).toBe(isAccepted ? 'running' : undefined);
    }
    expect(channel.calls.at(-1)?.input).toEqual({ key, jobs: 2, acceptChangedData: true });
  });

  it('subscribes before it fetches the snapshot', async () => {
    const { channel } = createMainSide(toTrialColumns([{ number: 0 }], {}));
    const store = useStudyStore(key);
    const opened = store.open();
    expect(channel.nListeners('trials.changed')).toBe(1);
    await opened;
    expect(store.status).toBe('ready');
    expect(store.view.nTrials).toBe(1);
  });

  it('shows the last trials before it says that the run has ended', async () => {
    const { state, channel } = createMainSide(toTrialColumns([{ number: 0 }], {}, { revision: 4 }));
    state.run = run;
    const store = useStudyStore(key);
    await store.open();
    state.next = toTrialColumns([{ number: 1 }], {}, { revision: 5, isComplete: false });
    const seen: (readonly [string | undefined, number])[] = [];
    watch(
      () => store.run?.state,
      (now) => seen.push([now, store.view.nTrials]),
      { flush: 'sync' },
    );
    channel.emit('run.changed', { ...run, state: 'finished' });
    await eventually(() => expect(seen).toEqual([['finished', 2]]));
  });

  it('forgets an end that a new start overtook', async () => {
    const { state, channel } = createMainSide(toTrialColumns([{ number: 0 }], {}));
    state.run = run;
    const store = useStudyStore(key);
    await store.open();
    channel.emit('run.changed', { ...run, state: 'finished' });
    channel.emit('run.changed', run);
    await eventually(() => expect(channel.calls.at(-1)?.name).toBe('trials.changes'));
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(store.run?.state).toBe('running');
  });

  it('applies what changed when it is told, and asks since the revision it has', async () => {
    const { state, channel } = createMainSide(toTrialColumns([{ number: 0 }], {}, { revision: 4 }));
    const store = useStudyStore(key);
    await store.open();
    state.next = toTrialColumns([{ number: 1 }], {}, { revision: 5, isComplete: false });
    channel.emit('trials.changed', { key, revision: 5 });
    await eventually(() => expect(store.view.nTrials).toBe(2));
    expect(channel.calls.at(-1)).toMatchObject({
      name: 'trials.changes',
      input: { sinceRevision: 4, generation: 'g1' },
    });
  });

  it('does not ask twice at once, and asks again when told meanwhile', async () => {
    const { channel } = createMainSide(toTrialColumns([{ number: 0 }], {}));
    const store = useStudyStore(key);
    await store.open();
    const before = channel.calls.length;
    for (let i = 0; i < 10; i++) channel.emit('trials.changed', { key, revision: i });
    await eventually(() => expect(channel.calls.length).toBe(before + 2));
  });

  it('starts anew when the file was opened again', async () => {
    const { state, channel } = createMainSide(toTrialColumns([{ number: 0 }, { number: 1 }], {}));
    const store = useStudyStore(key);
    await store.open();
    state.next = toTrialColumns([{ number: 0 }], {}, { generation: 'g2' });
    channel.emit('trials.changed', { key, revision: 1 });
    await eventually(() => expect(store.view.nTrials).toBe(1));
  });

  it('fetches everything again after a lost connection', async () => {
    const { state, channel } = createMainSide(toTrialColumns([{ number: 0 }], {}));
    const store = useStudyStore(key);
    await store.open();
    state.next = toTrialColumns([{ number: 0 }, { number: 1 }], {}, { revision: 9 });
    state.run = run;
    channel.reconnect();
    await eventually(() => expect(store.view.nTrials).toBe(2));
    await eventually(() => expect(store.run?.state).toBe('running'));
  });

  it('leaves it to the banner to say that there is no connection, where there is something to show', async () => {
    const { state, channel } = createMainSide(toTrialColumns([], {}));
    const store = useStudyStore(key);
    await store.open();
    let code = 'DISCONNECTED';
    Object.defineProperty(state, 'next', {
      get: () => {
        throw new ContractError({ code, message: 'It failed.' });
      },
    });
    channel.emit('trials.changed', { key, revision: 1 });
    await eventually(() => expect(channel.calls.at(-1)?.name).toBe('trials.changes'));
    await new Promise((resolve) => setTimeout(resolve));
    expect(store.error).toBeNull();
    code = 'STORAGE_FAILED';
    channel.emit('trials.changed', { key, revision: 2 });
    await eventually(() => expect(store.error?.code).toBe('STORAGE_FAILED'));
  });

  it('has each line of the log once, those too that come while the others are fetched', async () => {
    const { state, channel } = createMainSide(toTrialColumns([], {}));
    const line = (index: number, message = `line ${index}`): RunLogLine => ({
      index,
      level: 'info',
      message,
      atMs: 0,
    });
    const store = useStudyStore(key);
    state.log = async () => {
      // One is in the answer too, one was said after it.
      channel.emit('run.log', { key, ...line(1) });
      channel.emit('run.log', { key, ...line(2) });
      return [line(0), line(1)];
    };
    await store.open();
    expect(store.log.map(({ index }) => index)).toEqual([0, 1, 2]);
    channel.emit('run.log', { key, ...line(3) });
    expect(store.log.map(({ index }) => index)).toEqual([0, 1, 2, 3]);

    // A program that was started anew begins to count anew.
    state.log = () => [line(0, 'anew')];
    channel.reconnect();
    await eventually(() => expect(store.log.map(({ message }) => message)).toEqual(['anew']));
  });

  it('ignores other studies', async () => {
    const { channel } = createMainSide(toTrialColumns([], {}));
    const store = useStudyStore(key);
    await store.open();
    channel.emit('run.changed', { ...run, key: { storageId: 's1', studyId: 8 } });
    expect(store.run).toBeNull();
    channel.emit('run.changed', run);
    expect(store.run?.state).toBe('running');
    expect(store.isActive).toBe(true);
  });

  it('collects the epochs of running trials, once each, and forgets them with the trial', async () => {
    const { channel } = createMainSide(toTrialColumns([], {}));
    const store = useStudyStore(key);
    await store.open();
    channel.emit('run.changed', run);
    const report = { trialNumber: 3, trainLoss: 1, valLoss: 2, metrics: {} };
    const tell = (...epochs: readonly [trialNumber: number, epoch: number][]): void =>
      channel.emit('run.epochs', {
        key,
        epochs: epochs.map(([trialNumber, epoch]) => ({ ...report, trialNumber, epoch })),
      });
    const shown = (trialNumber: number): number[] | undefined =>
      store.liveEpochs.get(trialNumber)?.map(({ epoch }) => epoch);
    channel.emit('run.changed', { ...run, runningTrials: [3, 4].map(runningTrial) });
    tell([3, 0]);
    tell([3, 1], [4, 0], [3, 1], [3, 2]);
    await eventually(() => expect([shown(3), shown(4)]).toEqual([[0, 1, 2], [0]]));
    // It runs again.
    tell([3, 0], [3, 1]);
    await eventually(() => expect(shown(3)).toEqual([0, 1]));
    channel.emit('run.changed', { ...run, runningTrials: [] });
    await eventually(() => expect(store.liveEpochs.size).toBe(0));
  });

  it('shows what failed, and can be tried again', async () => {
    const { state, channel } = createMainSide(toTrialColumns([], {}));
    let isBroken = true;
    const original = channel.call.bind(channel);
    vi.spyOn(channel, 'call').mockImplementation(async (name, input) => {
      if (isBroken && name === 'trials.changes') throw new Error('The file is gone.');
      return original(name, input);
    });
    const store = useStudyStore(key);
    await store.open();
    expect(store.status).toBe('error');
    expect(store.error?.message).toBe('The file is gone.');
    isBroken = false;
    state.next = toTrialColumns([{ number: 0 }], {});
    await store.retry();
    expect(store.status).toBe('ready');
    expect(store.error).toBeNull();
    expect(store.view.nTrials).toBe(1);
  });

  it('ends its subscriptions when its place in the navigation is closed', async () => {
    const { channel } = createMainSide(toTrialColumns([{ number: 0 }], {}));
    const openStudies = useOpenStudiesStore();
    openStudies.open(key);
    await eventually(() => expect(useStudyStore(key).status).toBe('ready'));
    openStudies.close(key);
    expect(channel.nListeners('trials.changed')).toBe(0);
    expect(openStudies.keys).toEqual([]);
    expect(useStudyStore(key).view.nTrials).toBe(0);
  });
});

describe('useSelectionStore', () => {
  it('filters what table and charts show, one filter per field', async () => {
    createMainSide(
      toTrialColumns(
        [1, 2, 3].map((value, number) => ({ number, values: [value] })),
        {},
      ),
    );
    const store = useStudyStore(key);
    await store.open();
    const selection = useSelectionStore(key);
    selection.setFilter({ kind: 'range', fieldId: 'value:0', min: 2, max: 3 });
    expect([...selection.filtered.numbers]).toEqual([1, 2]);
    selection.setFilter({ kind: 'range', fieldId: 'value:0', min: 3, max: 3 });
    expect(selection.filters).toHaveLength(1);
    expect([...selection.filtered.numbers]).toEqual([2]);
    selection.clearFilters();
    expect([...selection.filtered.numbers]).toEqual([0, 1, 2]);
  });

  it('keeps other filters and tells the problem when an expression is wrong', async () => {
    createMainSide(toTrialColumns([{ number: 0 }, { number: 1 }], {}));
    await useStudyStore(key).open();
    const selection = useSelectionStore(key);
    selection.setFilter({ kind: 'range', fieldId: 'number', min: 1, max: 1 });
    selection.setFilter({ kind: 'expression', expression: 'nonsense > 1' });
    expect(selection.filtered.problem?.message).toContain('nonsense');
    expect([...selection.filtered.numbers]).toEqual([1]);
  });
});
