import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { nextTick, shallowRef, watch } from 'vue';

import type { TrialColumns } from '../../../src-main/contract/trials.ts';
import { followTrialWork } from '../../../src-renderer/composables/useTrialWork.ts';
import type { Filter } from '../../../src-renderer/trials/filter.ts';
import { markView } from '../../../src-renderer/trials/marks.ts';
import { TrialTable } from '../../../src-renderer/trials/trial-table.ts';
import { createDispatcher } from '../../../src-renderer/work/dispatcher.ts';
import type { WorkerRequest } from '../../../src-renderer/work/messages.ts';
import { createShownTrials, type Look } from '../../../src-renderer/work/shown-trials.ts';
import { TrialWorker, type WorkerLike } from '../../../src-renderer/work/trial-worker.ts';
import { runWork, type WorkArgs } from '../../../src-renderer/work/works.ts';
import { toTrialColumns, type PlainTrial } from '../helpers/trial-columns.ts';
import { eventually } from '../../helpers/eventually.ts';

const N_MANY = 6000;
const options: WorkArgs<'history'> = { direction: 'minimize', valueTitle: 'Value' };
const plain: Look = {
  annotations: { hidden: [], tags: {}, notes: {} },
  showsHidden: false,
  metricNames: null,
  directions: ['minimize'],
  filters: [],
};

function trial(number: number): PlainTrial {
  return {
    number,
    state: number % 10 === 3 ? 'pruned' : 'complete',
    values: [(number * 7) % 1009],
  };
}

function trials(n: number): PlainTrial[] {
  return Array.from({ length: n }, (_, number) => trial(number));
}

/** The worker's side behind a real message channel: everything is cloned or changes hands as between threads. */
class ChannelWorker implements WorkerLike {
  onmessage: WorkerLike['onmessage'] = null;
  onerror: WorkerLike['onerror'] = null;
  readonly requests: WorkerRequest[] = [];
  readonly #ports = new MessageChannel();

  constructor() {
    const { port1, port2 } = this.#ports;
    const dispatch = createDispatcher((answer, transfer) => port2.postMessage(answer, transfer));
    port2.onmessage = ({ data }) => dispatch(data);
    port1.onmessage = (event) => this.onmessage?.(event);
  }

  get nWorks(): number {
    return this.requests.filter(({ kind }) => kind === 'work').length;
  }

  postMessage(request: WorkerRequest): void {
    this.requests.push(request);
    this.#ports.port1.postMessage(request);
  }

  terminate(): void {
    this.#ports.port1.close();
  }

  crash(): void {
    this.onerror?.({ message: 'out of memory', preventDefault() {} } as ErrorEvent);
  }
}

/** A study as its stores keep it, with a place that looks at its history. */
function createStudy(n: number) {
  const workers: ChannelWorker[] = [];
  const worker = new TrialWorker(() => {
    workers.push(new ChannelWorker());
    return workers.at(-1) as ChannelWorker;
  });
  const table = new TrialTable();
  const look = shallowRef(plain);
  const all = shallowRef(table.view());
  const change = (columns: TrialColumns): void => {
    table.apply(columns);
    worker.note(columns);
  };
  const show = (): void => {
    const view = table.view();
    worker.publish(view, table.generation ?? '');
    all.value = view;
  };
  change(toTrialColumns(trials(n), {}));
  show();
  const shown = () => {
    const { annotations, showsHidden } = look.value;
    return createShownTrials(all.value, markView(all.value, annotations, showsHidden), look.value);
  };
  const history = followTrialWork({ worker, trials: shown }, 'history', () => options);
  return { worker, workers, look, change, show, shown, history };
}

/** Looks at the history as a chart does, until it shows what it should. */
async function expectAnswer({ history, shown }: ReturnType<typeof createStudy>): Promise<void> {
  const stop = watch(history, () => {}, { immediate: true });
  const wanted = runWork('history', shown(), options);
  await eventually(() => expect(history.value?.value).toEqual(wanted));
  stop();
}

function addition(revision: number, ...added: PlainTrial[]): TrialColumns {
  return toTrialColumns(added, {}, { isComplete: false, revision });
}

describe('TrialWorker', () => {
  const reported = vi.fn();
  beforeEach(() => vi.stubGlobal('reportError', reported));
  afterEach(() => {
    vi.unstubAllGlobals();
    reported.mockReset();
  });

  it('computes in place what concerns few trials', () => {
    const study = createStudy(100);
    expect(study.history.value?.value).toEqual(runWork('history', study.shown(), options));
    expect(study.workers).toEqual([]);
  });

  it('answers for many trials what would be computed in place', async () => {
    const study = createStudy(N_MANY);
    expect(study.history.value).toBeNull();
    await expectAnswer(study);
    study.worker.close();
  });

  it('follows trials that are added, deleted, hidden and filtered', async () => {
    const study = createStudy(N_MANY);
    await expectAnswer(study);
    study.change(addition(2, trial(N_MANY)));
    study.show();
    await expectAnswer(study);
    study.change({ ...addition(3), deletedTrialIds: Int32Array.of(1, 501) });
    study.show();
    await expectAnswer(study);
    study.look.value = { ...plain, annotations: { ...plain.annotations, hidden: [2, 5000] } };
    await expectAnswer(study);
    const filters: Filter[] = [{ kind: 'range', fieldId: 'value:0', min: 0, max: 500 }];
    study.look.value = { ...study.look.value, filters };
    await expectAnswer(study);
    expect(study.workers).toHaveLength(1);
    study.worker.close();
  });

  it('does not show before it is published what the table took', async () => {
    const study = createStudy(N_MANY);
    study.change(addition(2, trial(N_MANY)));
    await expectAnswer(study);
    expect(study.history.value?.trials.view.nTrials).toBe(N_MANY);
    study.show();
    await expectAnswer(study);
    expect(study.history.value?.trials.view.nTrials).toBe(N_MANY + 1);
    study.worker.close();
  });

  it('gives an answer with the trials it was computed from, and keeps it until the next one', async () => {
    const study = createStudy(N_MANY);
    await expectAnswer(study);
    const before = study.history.value;
    study.change({ ...addition(2), deletedTrialIds: Int32Array.of(1) });
    study.show();
    const kept = study.history.value;
    expect(kept).toBe(before);
    const [group] = kept?.value.points ?? [];
    const numbers = Array.from(group?.rows ?? [], (row) => kept?.trials.view.numbers[row]);
    expect(numbers).toEqual([...(group?.numbers ?? [])]);
    await expectAnswer(study);
    study.worker.close();
  });

  it('computes only the newest of what is asked for meanwhile', async () => {
    const study = createStudy(N_MANY);
    const stop = watch(study.history, () => {}, { immediate: true });
    for (let i = 0; i < 5; i++) {
      study.change(addition(2 + i, trial(N_MANY + i)));
      study.show();
      await nextTick();
    }
    await expectAnswer(study);
    expect(study.history.value?.trials.view.nTrials).toBe(N_MANY + 5);
    expect(study.workers[0]?.nWorks).toBe(2);
    stop();
    study.worker.close();
  });

  it('does not compute what nobody looks at', async () => {
    const study = createStudy(N_MANY);
    await expectAnswer(study);
    study.change(addition(2, trial(N_MANY)));
    study.show();
    await nextTick();
    expect(study.workers[0]?.nWorks).toBe(1);
    study.worker.close();
  });

  it('says that the worker went down, and starts it anew', async () => {
    const study = createStudy(N_MANY);
    expect(study.history.value).toBeNull();
    study.workers[0]?.crash();
    await expectAnswer(study);
    expect(study.workers).toHaveLength(2);
    expect(reported).toHaveBeenCalledOnce();
    expect(String(reported.mock.lastCall)).toContain('out of memory');
    study.worker.close();
  });

  it('computes in place what the worker went down over twice', async () => {
    const study = createStudy(N_MANY);
    const stop = watch(study.history, () => {}, { immediate: true });
    study.workers[0]?.crash();
    study.workers[1]?.crash();
    expect(study.history.value?.value).toEqual(runWork('history', study.shown(), options));
    stop();
    study.worker.close();
  });

  it('goes on with the others where one cannot be computed in place either', () => {
    const study = createStudy(N_MANY);
    const source = { worker: study.worker, trials: study.shown };
    const broken = followTrialWork(source, 'order', () => ({ sorts: null as never }));
    expect([broken.value, study.history.value]).toEqual([null, null]);
    study.workers[0]?.crash();
    study.workers[1]?.crash();
    expect(study.history.value?.value).toEqual(runWork('history', study.shown(), options));
    expect(reported.mock.calls.map(String)).toEqual([
      expect.stringContaining('out of memory'),
      expect.stringContaining('TypeError'),
    ]);
    study.worker.close();
  });

  it('says once that workers do not even begin, and computes everything in place from then on', async () => {
    const study = createStudy(N_MANY);
    const source = { worker: study.worker, trials: study.shown };
    const order = followTrialWork(source, 'order', () => ({ sorts: [] }));
    const stop = watch([study.history, order], () => {}, { immediate: true });
    // Asked for while the first are on their way.
    study.change(addition(2, trial(N_MANY)));
    study.show();
    await nextTick();
    study.workers[0]?.crash();
    study.workers[1]?.crash();
    await nextTick();
    expect(study.history.value?.value).toEqual(runWork('history', study.shown(), options));
    expect(order.value?.value).toEqual(runWork('order', study.shown(), { sorts: [] }));
    for (const revision of [3, 4]) {
      study.change(addition(revision, trial(N_MANY + revision)));
      study.show();
      expect(study.history.value?.value).toEqual(runWork('history', study.shown(), options));
    }
    expect(study.workers).toHaveLength(2);
    expect(reported).toHaveBeenCalledOnce();
    stop();
    study.worker.close();
  });

  it('starts a worker for the next work after one that it went down over twice', async () => {
    const study = createStudy(N_MANY);
    await expectAnswer(study);
    study.change(addition(2, trial(N_MANY)));
    study.show();
    expect(study.history.value?.trials.view.nTrials).toBe(N_MANY);
    study.workers[0]?.crash();
    study.workers[1]?.crash();
    expect(study.history.value?.trials.view.nTrials).toBe(N_MANY + 1);
    expect(reported).toHaveBeenCalledTimes(2);
    study.change(addition(3, trial(N_MANY + 1)));
    study.show();
    await expectAnswer(study);
    expect(study.workers).toHaveLength(3);
    study.worker.close();
  });

  it('starts no worker for what is asked for after it was closed', async () => {
    const study = createStudy(N_MANY);
    await expectAnswer(study);
    study.worker.close();
    study.change(addition(2, trial(N_MANY)));
    study.show();
    expect(study.history.value?.trials.view.nTrials).toBe(N_MANY);
    expect(study.workers).toHaveLength(1);
  });
});
