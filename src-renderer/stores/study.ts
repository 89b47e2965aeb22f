import { defineStore } from 'pinia';
import { computed, markRaw, ref, shallowRef, watch } from 'vue';

import { ContractError, contractErrorCodes } from '../../src-main/contract/errors.ts';
import type { StudyKey } from '../../src-main/contract/library.ts';
import type {
  DataChange,
  EpochReport,
  RunLogLine,
  RunStatus,
  UntrustedProgram,
} from '../../src-main/contract/runs.ts';
import type { StudyDetail } from '../../src-main/contract/studies.ts';
import type { StudyDirection } from '../../src-main/tuner/study/direction.ts';
import { hasCode, toShownError, type ShownError } from '../composables/errors.ts';
import type {
  TrialAnnotations,
  TrialColumns,
  TrialCurves,
  TrialDetail,
  TrialPruning,
} from '../../src-main/contract/trials.ts';
import { createThrottle } from '../composables/frame.ts';
import { useChannel } from '../composables/useChannel.ts';
import { text } from '../text.ts';
import { countHidden, markView } from '../trials/marks.ts';
import { TrialTable } from '../trials/trial-table.ts';
import { emptyTrialView, type TrialView } from '../trials/trial-view.ts';
import { createShownTrials, type Look } from '../work/shown-trials.ts';
import { TrialWorker } from '../work/trial-worker.ts';
import { isSameKey, keyId } from './study-key.ts';
import { useChangedTableStore } from './changed-table.ts';
import { useLibraryStore } from './library.ts';
import { useTrustStore } from './trust.ts';

/** What the user agreed to when asked. */
interface Consent {
  readonly trust?: boolean;
  readonly acceptChangedData?: boolean;
}

export interface StartOptions {
  targetTrials?: number;
  timeoutMs?: number;
  jobs?: number;
}

const N_LOG_LINES = 500;
/** Of the page's time, for each of the two that a run changes without end: the trials and the epochs. */
const LIVE_SHARE = 1 / 4;
const noAnnotations: TrialAnnotations = { hidden: [], tags: {}, notes: {} };

/** One study while it is open: its description, its trials, its run. */
export function useStudyStore(key: StudyKey) {
  return defineStore(`study:${keyId(key)}`, () => createStudyState(key))();
}

/** What was there where the new one says the same, so that whatever is computed from it stays. */
function unchanged<T>(before: T | undefined, now: T): T {
  return before !== undefined && JSON.stringify(before) === JSON.stringify(now) ? before : now;
}

function isActiveState(state: RunStatus['state']): boolean {
  return ['starting', 'running', 'pausing', 'stopping'].includes(state);
}

export type StudyStore = ReturnType<typeof useStudyStore>;

function createStudyState(key: StudyKey) {
  const channel = useChannel();
  const trust = useTrustStore();
  const changedTable = useChangedTableStore();
  const library = useLibraryStore();
  const status = ref<'loading' | 'ready' | 'error' | 'deleted'>('loading');
  const error = ref<ShownError | null>(null);
  const detail = shallowRef<StudyDetail | null>(null);
  const run = shallowRef<RunStatus | null>(null);
  /** All trials, hidden ones too. */
  const allTrials = shallowRef<TrialView>(emptyTrialView);
  const showsHidden = ref(false);
  const log = shallowRef<readonly RunLogLine[]>([]);
  /** Epochs of the trials now running, as they come. */
  const liveEpochs = shallowRef<ReadonlyMap<number, readonly EpochReport[]>>(new Map());

  const annotations = computed<TrialAnnotations>((before) =>
    unchanged(before, detail.value?.annotations ?? noAnnotations),
  );
  const directions = computed<readonly StudyDirection[]>((before) =>
    unchanged(before, detail.value?.summary.directions ?? []),
  );
  const metricNames = computed<readonly string[] | null>((before) =>
    unchanged(before, detail.value?.summary.metricNames ?? null),
  );
  /** The trials that charts and tables show. */
  const view = computed(() => markView(allTrials.value, annotations.value, showsHidden.value));
  /** Without filters. */
  const look = computed<Look>(() => ({
    annotations: annotations.value,
    showsHidden: showsHidden.value,
    metricNames: metricNames.value,
    directions: directions.value,
    filters: [],
  }));
  const trials = computed(() => createShownTrials(allTrials.value, view.value, look.value));
  const nHidden = computed(() => countHidden(allTrials.value, annotations.value));
  const isActive = computed(() => run.value !== null && isActiveState(run.value.state));
  const isReadOnly = computed(() => library.storagesById.get(key.storageId)?.isReadOnly === true);
  /** Whether a run can be started here now. */
  const canRun = computed(
    () => !isActive.value && detail.value?.summary.isRunnable === true && !isReadOnly.value,
  );

  const table = new TrialTable();
  const worker = markRaw(new TrialWorker());
  function show(): void {
    const all = table.view();
    worker.publish(all, table.generation ?? '');
    allTrials.value = all;
  }
  function apply(change: TrialColumns): boolean {
    const isApplied = table.apply(change);
    if (isApplied) worker.note(change);
    return isApplied;
  }
  // Every chart and the table follow the view, so large studies are shown anew a little less often, but within a second.
  const publish = createThrottle(
    show,
    () => Math.min(600, 80 + table.view().nTrials / 150),
    LIVE_SHARE,
  );

  let fetching: Promise<void> | null = null;
  let isStale = false;
  /** Resolves when all is here that changed before the call. */
  function refreshTrials(): Promise<void> {
    isStale = true;
    fetching ??= fetchTrials();
    return fetching;
  }

  async function fetchTrials(): Promise<void> {
    try {
      while (isStale) {
        isStale = false;
        const change = await channel.call('trials.changes', {
          key,
          sinceRevision: table.revision,
          generation: table.generation ?? undefined,
        });
        if (!apply(change)) apply(await channel.call('trials.changes', { key, sinceRevision: 0 }));
        if (allTrials.value === emptyTrialView) show();
        else publish.request();
      }
    } finally {
      fetching = null;
    }
  }

  let newestRun: RunStatus | null = null;
  /** The last trials are shown before the word that no more will come. */
  async function showRun(status: RunStatus): Promise<void> {
    newestRun = status;
    if (isActive.value && !isActiveState(status.state)) {
      await tell(refreshTrials());
      show();
      if (newestRun !== status) return;
    }
    run.value = status;
  }

  function setRun(status: RunStatus | null): void {
    newestRun = status;
    run.value = status;
  }

  async function refreshDetail(): Promise<void> {
    detail.value = await channel.call('studies.get', { key });
  }

  const endings: (() => void)[] = [];
  async function open(): Promise<void> {
    if (endings.length > 0) return;
    endings.push(
      channel.subscribe('trials.changed', (event) => {
        if (isSameKey(event.key, key)) void tell(refreshTrials());
      }),
      channel.subscribe('study.changed', (event) => {
        // A deletion can be taken back.
        if (isSameKey(event.key, key))
          void tell(status.value === 'deleted' ? load() : refreshDetail());
      }),
      channel.subscribe('study.deleted', (event) => {
        if (isSameKey(event.key, key)) status.value = 'deleted';
      }),
      channel.subscribe('run.changed', (event) => {
        if (isSameKey(event.key, key)) void showRun(event);
      }),
      channel.subscribe('run.epochs', (event) => {
        if (isSameKey(event.key, key)) addEpochs(event.epochs);
      }),
      channel.subscribe('run.log', (event) => {
        if (isSameKey(event.key, key)) log.value = [...log.value.slice(1 - N_LOG_LINES), event];
      }),
      channel.onReconnect(() => void tell(load())),
    );
    await load().catch((cause: unknown) => {
      error.value = toShownError(cause);
      status.value = 'error';
    });
  }

  async function load(): Promise<void> {
    const fetchRun = async (): Promise<void> => {
      setRun(await channel.call('runs.get', { key }));
    };
    const fetchLog = async (): Promise<void> => {
      const before = new Set(log.value);
      const lines = await channel.call('runs.log', { key });
      // What was said while it was on its way came by itself.
      const last = lines.at(-1)?.index ?? -1;
      const since = log.value.filter((line) => !before.has(line) && line.index > last);
      log.value = [...lines, ...since].slice(-N_LOG_LINES);
    };
    await Promise.all([refreshDetail(), refreshTrials(), fetchRun(), fetchLog()]);
    error.value = null;
    status.value = 'ready';
  }

  async function retry(): Promise<void> {
    status.value = 'loading';
    unfollow();
    await open();
  }

  function close(): void {
    unfollow();
    worker.close();
  }

  function unfollow(): void {
    for (const end of endings.splice(0)) end();
    publish.cancel();
    showEpochs.cancel();
  }

  /** A refresh that fails is shown, and what is here stays; that there is no connection the banner says. */
  async function tell(task: Promise<void>): Promise<void> {
    try {
      await task;
      error.value = null;
    } catch (cause) {
      if (!hasCode(cause, contractErrorCodes.disconnected)) error.value = toShownError(cause);
    }
  }

  const epochs = new Map<number, EpochReport[]>();
  const showEpochs = createThrottle(
    () => (liveEpochs.value = new Map(epochs)),
    undefined,
    LIVE_SHARE,
  );
  function addEpochs(reports: readonly EpochReport[]): void {
    const lists = new Map<number, EpochReport[]>();
    for (const report of reports) {
      const { trialNumber } = report;
      const known = lists.get(trialNumber) ?? [...(epochs.get(trialNumber) ?? [])];
      // The trial runs again, or the report came twice.
      while (known.length > 0 && (known.at(-1) as EpochReport).epoch >= report.epoch) known.pop();
      known.push(report);
      lists.set(trialNumber, known);
    }
    for (const [trialNumber, known] of lists) epochs.set(trialNumber, known);
    showEpochs.request();
  }
  watch(run, (status) => {
    const running = new Set(status?.runningTrials.map(({ trialNumber }) => trialNumber));
    for (const trialNumber of epochs.keys())
      if (!running.has(trialNumber)) epochs.delete(trialNumber);
    showEpochs.request();
  });

  /**
   * Asks the user first where the study has a program of its own that was not agreed to yet, or a table that has changed; does nothing when that is
   * declined.
   */
  async function start(options: StartOptions & Consent = {}): Promise<void> {
    try {
      setRun(await channel.call('runs.start', { key, ...options }));
    } catch (cause) {
      if (hasCode(cause, 'OBJECTIVE_NOT_TRUSTED')) {
        if (await trust.ask(cause.details as UntrustedProgram))
          await start({ ...options, trust: true });
      } else if (hasCode(cause, 'DATA_CHANGED')) {
        if (await changedTable.ask(cause.details as DataChange))
          await start({ ...options, acceptChangedData: true });
      } else throw cause;
    }
  }
  async function pause(): Promise<void> {
    setRun(await channel.call('runs.pause', { key }));
  }
  async function stop(): Promise<void> {
    setRun(await channel.call('runs.stop', { key }));
  }
  async function stopTrial(trialNumber: number): Promise<void> {
    setRun(await channel.call('runs.stopTrial', { key, trialNumber }));
  }
  function failTrials(trialNumbers: number[]): Promise<void> {
    return channel.call('trials.fail', { key, trialNumbers });
  }
  async function setJobs(jobs: number): Promise<void> {
    setRun(await channel.call('runs.setJobs', { key, jobs }));
  }
  async function setTarget(targetTrials: number): Promise<void> {
    setRun(await channel.call('runs.setTarget', { key, targetTrials }));
  }

  /** Writes the CSV to `path`, or gives it back where none is given. */
  function exportCsv(path?: string): Promise<string | null> {
    return channel.call('studies.exportCsv', { key, path });
  }
  async function fetchTrial(trialNumber: number): Promise<TrialDetail> {
    // An address may ask for any number; the main side takes those that a trial can have.
    if (!Number.isSafeInteger(trialNumber))
      throw new ContractError({
        code: 'TRIAL_NOT_FOUND',
        message: text.trial.missing(trialNumber),
      });
    return channel.call('trials.get', { key, trialNumber });
  }
  function fetchPruning(trialNumber: number): Promise<TrialPruning | null> {
    return channel.call('trials.pruning', { key, trialNumber });
  }
  /** All trials' curves, or those of some. */
  function fetchCurves(trialNumbers?: number[]): Promise<TrialCurves> {
    return channel.call('trials.curves', { key, trialNumbers });
  }
  async function enqueue(params: TrialDetail['params']): Promise<void> {
    await channel.call('trials.enqueue', { key, params: { ...params } });
  }
  /** Adds a complete trial. @returns Its number. */
  function addTrial(params: TrialDetail['params'], values: number[]): Promise<number> {
    return channel.call('trials.add', { key, params: { ...params }, values });
  }
  /** @returns What takes it back. */
  async function deleteTrials(trialNumbers: number[]): Promise<() => Promise<void>> {
    const { undoId } = await channel.call('trials.delete', { key, trialNumbers });
    return () => channel.call('trials.restore', { undoId });
  }
  function setHidden(trialNumbers: number[], isHidden: boolean): Promise<void> {
    return channel.call('trials.setHidden', { key, trialNumbers, isHidden });
  }
  function setTags(
    trialNumbers: number[],
    change: { add?: string[]; remove?: string[] },
  ): Promise<void> {
    const { add = [], remove = [] } = change;
    return channel.call('trials.setTags', { key, trialNumbers, add, remove });
  }
  async function giveObjective(spec: string | Record<string, unknown>): Promise<void> {
    await channel.call('studies.giveObjective', { key, spec });
    await refreshDetail();
  }
  async function rename(studyName: string): Promise<void> {
    await channel.call('studies.rename', { key, studyName });
    await refreshDetail();
  }

  return {
    key,
    status,
    error,
    detail,
    run,
    allTrials,
    view,
    look,
    trials,
    worker,
    annotations,
    showsHidden,
    nHidden,
    log,
    liveEpochs,
    directions,
    metricNames,
    isActive,
    isReadOnly,
    canRun,
    open,
    close,
    retry,
    start,
    pause,
    stop,
    stopTrial,
    failTrials,
    setJobs,
    setTarget,
    exportCsv,
    fetchTrial,
    fetchPruning,
    fetchCurves,
    enqueue,
    addTrial,
    deleteTrials,
    setHidden,
    setTags,
    giveObjective,
    rename,
  };
}
