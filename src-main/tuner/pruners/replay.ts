/**
 * What another pruner would have made of a study that has run: the recorded curves are played again in the order of time, and each
 * trial ends where the pruner says so. Later trials are judged against what earlier ones would have become.
 *
 * Reports carry no time of their own, so those of a trial are taken as evenly spaced between its start and its end. Three things
 * cannot be known: how a trial that was pruned would have gone on, what the sampler would have tried instead, and that later trials
 * would have started sooner.
 */
import { createBreather } from '../breather.ts';
import { InvalidArgumentError } from '../errors.ts';
import { isBetter, type StudyDirection } from '../study/direction.ts';
import { StudyHistory } from '../study/study-history.ts';
import type { StudyView } from '../study/study-view.ts';
import { constraintAttrs, isFeasible } from '../system-attrs.ts';
import {
  isFinished,
  type Attrs,
  type AttrValue,
  type FrozenTrial,
  type TrialState,
} from '../trial/frozen-trial.ts';
import { checkKeys } from '../options.ts';
import type { Pruner } from './pruner.ts';

/** What is needed of the study; every `StudyView` has it. */
export type ReplayStudy = Pick<
  StudyView,
  'studyId' | 'studyName' | 'directions' | 'seed' | 'getTrials' | 'getSystemAttrs'
>;

export interface ReplayOptions {
  /** The objective that reports belong to. @default 0 */
  pruningObjective?: number;
  /** Ends the replay, which then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * `cut`: the pruner would have ended it. `kept`: it would have run as it did. `unknown`: it was pruned when it ran, but would have gone on, nobody
 * knows how. `silent`: it reported nothing, so no pruner could have ended it.
 */
export type ReplayOutcome = 'cut' | 'kept' | 'unknown' | 'silent';

export interface ReplayedTrial {
  readonly number: number;
  /** The state it ended in when it ran. */
  readonly state: TrialState;
  readonly outcome: ReplayOutcome;
  /** The step of its last report; null unless `cut`. */
  readonly cutAtStep: number | null;
  readonly nReports: number;
  /** Reports that came after it would have been cut. */
  readonly nReportsSaved: number;
}

/** What the pruner costs in one objective. Complete and feasible trials count. */
export interface ReplayedObjective {
  readonly direction: StudyDirection;
  /** The best trial when the study ran; of equal ones the first. */
  readonly before: BestTrial | null;
  /** The best trial that would have completed. */
  readonly after: BestTrial | null;
  /** Whether `before` would have been cut. The best value may be the same for all that. */
  readonly isBestCut: boolean;
}

export interface BestTrial {
  readonly number: number;
  readonly value: number;
}

export interface PrunerReplay {
  /** Finished trials by number. */
  readonly trials: readonly ReplayedTrial[];
  readonly nCut: number;
  readonly nUnknown: number;
  /** Reports there were, such as epochs, and those that would not have been. */
  readonly nReports: number;
  readonly nReportsSaved: number;
  /** `nReportsSaved / nReports`; 0 without reports. */
  readonly savedShare: number;
  /** The time of the reports saved, summed over trials. */
  readonly savedMs: number;
  /** One per direction of the study. */
  readonly objectives: readonly ReplayedObjective[];
}

/**
 * @param study Its finished trials are replayed; nothing is written to it.
 * @param pruner Asked after each report, as in `trial.shouldPrune()`.
 * @throws InvalidArgumentError when the study has no such objective, or for an unknown option.
 */
export async function replayPruner(
  study: ReplayStudy,
  pruner: Pruner,
  options: ReplayOptions = {},
): Promise<PrunerReplay> {
  checkKeys('replayPruner', { pruningObjective: true, signal: true }, options);
  const { pruningObjective = 0, signal } = options;
  const direction = study.directions[pruningObjective];
  if (!direction)
    throw new InvalidArgumentError(
      `\`pruningObjective\` must be the index of one of ${study.directions.length} directions, but got ${pruningObjective}.`,
    );
  const trials = await study.getTrials(['complete', 'pruned', 'fail']);
  const view = new ReplayView(study, direction, await study.getSystemAttrs());
  const runs = trials.map((trial) => new Run(trial, pruningObjective));
  const breathe = createBreather();
  for (const { run, nReported } of inOrderOfTime(runs)) {
    if (run.cutAfter !== null) continue;
    signal?.throwIfAborted();
    if (nReported > run.steps.length) {
      view.put(run.finished(view.systemAttrsOf(run.trial.trialId)));
      continue;
    }
    const running = run.running(nReported, view.systemAttrsOf(run.trial.trialId));
    view.put(running);
    if (nReported > 0 && (await pruner.prune(view, running))) {
      run.cutAfter = nReported;
      view.put(run.cut(view.systemAttrsOf(run.trial.trialId)));
    }
    await breathe();
  }
  return summarize(study.directions, runs);
}

/** A trial being replayed. */
class Run {
  readonly trial: FrozenTrial;
  /** Steps of its reports, ascending, and where each is among them. */
  readonly steps: readonly number[];
  readonly positions: ReadonlyMap<number, number>;
  /** Reports after which it is cut; null while it is not. */
  cutAfter: number | null = null;
  readonly #values: readonly number[];
  readonly #result: readonly number[] | null;

  constructor(trial: FrozenTrial, pruningObjective: number) {
    this.trial = trial;
    const reports = [...trial.intermediateValues].sort(([a], [b]) => a - b);
    this.steps = reports.map(([step]) => step);
    this.positions = new Map(this.steps.map((step, position) => [step, position]));
    this.#values = reports.map(([, value]) => value);
    const value = trial.values?.[trial.state === 'complete' ? pruningObjective : 0];
    this.#result = value === undefined ? null : [value];
  }

  get durationMs(): number {
    const { startedAtMs, completedAtMs } = this.trial;
    return startedAtMs === null || completedAtMs === null
      ? 0
      : Math.max(0, completedAtMs - startedAtMs);
  }

  /** When it makes its n-th report; beyond the last one, when it ends. */
  timeOf(nReported: number): number {
    const share = this.steps.length === 0 ? 0 : Math.min(1, nReported / this.steps.length);
    const atMs = nReported > this.steps.length ? this.durationMs : share * this.durationMs;
    return (this.trial.startedAtMs ?? 0) + atMs;
  }

  running(nReported: number, systemAttrs: Attrs | null): FrozenTrial {
    return {
      ...this.trial,
      state: 'running',
      values: null,
      completedAtMs: null,
      intermediateValues: new CurveStart(this.steps, this.#values, this.positions, nReported),
      // Without what the pruner of the time left, which would mislead this one.
      systemAttrs: systemAttrs ?? constraintAttrs(this.trial.systemAttrs),
    };
  }

  cut(systemAttrs: Attrs | null): FrozenTrial {
    const nReported = this.cutAfter ?? this.steps.length;
    const last = this.#values[nReported - 1] ?? NaN;
    return {
      ...this.running(nReported, systemAttrs),
      state: 'pruned',
      values: Number.isNaN(last) ? null : [last],
      completedAtMs: this.timeOf(nReported),
    };
  }

  finished(systemAttrs: Attrs | null): FrozenTrial {
    return {
      ...this.trial,
      values: this.#result,
      systemAttrs: systemAttrs ?? constraintAttrs(this.trial.systemAttrs),
    };
  }
}

interface Event {
  readonly run: Run;
  /** 0: it starts; one more than it has reports: it ends. */
  readonly nReported: number;
  readonly timeMs: number;
}

function inOrderOfTime(runs: readonly Run[]): Event[] {
  const events = runs.flatMap((run) =>
    Array.from({ length: run.steps.length + 2 }, (_, nReported) => ({
      run,
      nReported,
      timeMs: run.timeOf(nReported),
    })),
  );
  return events.sort(
    (a, b) =>
      a.timeMs - b.timeMs || a.run.trial.number - b.run.trial.number || a.nReported - b.nReported,
  );
}

/** The first reports of a curve, as a map from step to value. */
class CurveStart implements ReadonlyMap<number, number> {
  readonly size: number;
  readonly #steps: readonly number[];
  readonly #values: readonly number[];
  readonly #positions: ReadonlyMap<number, number>;

  constructor(
    steps: readonly number[],
    values: readonly number[],
    positions: ReadonlyMap<number, number>,
    size: number,
  ) {
    this.size = size;
    this.#steps = steps;
    this.#values = values;
    this.#positions = positions;
  }

  has(step: number): boolean {
    return (this.#positions.get(step) ?? Infinity) < this.size;
  }

  get(step: number): number | undefined {
    const position = this.#positions.get(step);
    return position !== undefined && position < this.size ? this.#values[position] : undefined;
  }

  *entries(): MapIterator<[number, number]> {
    for (let i = 0; i < this.size; i++) yield [this.#steps[i] as number, this.#values[i] as number];
  }

  *keys(): MapIterator<number> {
    for (let i = 0; i < this.size; i++) yield this.#steps[i] as number;
  }

  *values(): MapIterator<number> {
    for (let i = 0; i < this.size; i++) yield this.#values[i] as number;
  }

  [Symbol.iterator](): MapIterator<[number, number]> {
    return this.entries();
  }

  forEach(visit: (value: number, step: number, map: ReadonlyMap<number, number>) => void): void {
    for (const [step, value] of this) visit(value, step, this);
  }
}

/** The study as it would have been so far. Attributes that the pruner sets stay here. */
class ReplayView implements StudyView {
  readonly studyId: number;
  readonly studyName: string;
  readonly directions: readonly StudyDirection[];
  readonly seed: number;
  #systemAttrs: Attrs;
  /** By trial number, with holes, and where each trial id is. */
  readonly #trials: (FrozenTrial | undefined)[] = [];
  readonly #numberOf = new Map<number, number>();
  readonly #lists = new Map<string, { readonly changes: number; readonly trials: FrozenTrial[] }>();
  /** How often trials came into, changed within, or left a state. */
  readonly #changes = new Map<TrialState, number>();
  readonly #history: StudyHistory;
  readonly #isNew = new Set<number>();

  constructor(study: ReplayStudy, direction: StudyDirection, systemAttrs: Attrs) {
    this.studyId = study.studyId;
    this.studyName = study.studyName;
    this.directions = [direction];
    this.seed = study.seed;
    this.#systemAttrs = systemAttrs;
    this.#history = new StudyHistory(this.directions);
  }

  put(trial: FrozenTrial): void {
    const before = this.#trials[trial.number];
    if (before) this.#count(before.state);
    this.#count(trial.state);
    while (this.#trials.length < trial.number) this.#trials.push(undefined);
    this.#trials[trial.number] = trial;
    this.#numberOf.set(trial.trialId, trial.number);
    this.#isNew.add(trial.number);
  }

  systemAttrsOf(trialId: number): Attrs | null {
    return this.#find(trialId)?.systemAttrs ?? null;
  }

  async getTrials(states?: readonly TrialState[]): Promise<readonly FrozenTrial[]> {
    const asked = states ?? [...this.#changes.keys()];
    const changes = asked.reduce((sum, state) => sum + (this.#changes.get(state) ?? 0), 0);
    const key = states ? [...states].sort().join() : '';
    const known = this.#lists.get(key);
    if (known?.changes === changes) return known.trials;
    const trials: FrozenTrial[] = [];
    for (const trial of this.#trials) if (trial && asked.includes(trial.state)) trials.push(trial);
    this.#lists.set(key, { changes, trials });
    return trials;
  }

  async getHistory(): Promise<StudyHistory> {
    const trials = [...this.#isNew].map((number) => this.#trials[number] as FrozenTrial);
    this.#isNew.clear();
    this.#history.update({ trials, deletedTrialIds: [] });
    return this.#history;
  }

  async getSystemAttrs(): Promise<Attrs> {
    return this.#systemAttrs;
  }

  async setSystemAttr(key: string, value: AttrValue): Promise<void> {
    this.#systemAttrs = { ...this.#systemAttrs, [key]: value };
  }

  async setTrialSystemAttr(trialId: number, key: string, value: AttrValue): Promise<void> {
    const trial = this.#find(trialId);
    if (trial && !isFinished(trial.state))
      this.put({ ...trial, systemAttrs: { ...trial.systemAttrs, [key]: value } });
  }

  stop(): void {
    // There is nothing to stop: the trials have run.
  }

  #find(trialId: number): FrozenTrial | undefined {
    const number = this.#numberOf.get(trialId);
    return number === undefined ? undefined : this.#trials[number];
  }

  #count(state: TrialState): void {
    this.#changes.set(state, (this.#changes.get(state) ?? 0) + 1);
  }
}

function summarize(directions: readonly StudyDirection[], runs: readonly Run[]): PrunerReplay {
  const trials = runs.map(toReplayedTrial);
  const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
  const nReports = sum(trials.map((trial) => trial.nReports));
  const nReportsSaved = sum(trials.map((trial) => trial.nReportsSaved));
  return {
    trials,
    nCut: trials.filter(({ outcome }) => outcome === 'cut').length,
    nUnknown: trials.filter(({ outcome }) => outcome === 'unknown').length,
    nReports,
    nReportsSaved,
    savedShare: nReports === 0 ? 0 : nReportsSaved / nReports,
    savedMs: sum(
      runs.map((run) =>
        run.cutAfter === null ? 0 : run.durationMs * (1 - run.cutAfter / run.steps.length),
      ),
    ),
    objectives: directions.map((direction, k) => {
      const before = bestOf(runs, direction, k);
      return {
        direction,
        before: toBest(before, k),
        after: toBest(
          bestOf(
            runs.filter((run) => run.cutAfter === null),
            direction,
            k,
          ),
          k,
        ),
        isBestCut: before !== null && before.cutAfter !== null,
      };
    }),
  };
}

function toReplayedTrial({ trial, steps, cutAfter }: Run): ReplayedTrial {
  const outcome: ReplayOutcome =
    cutAfter !== null
      ? 'cut'
      : trial.state === 'pruned'
        ? 'unknown'
        : steps.length === 0
          ? 'silent'
          : 'kept';
  return {
    number: trial.number,
    state: trial.state,
    outcome,
    cutAtStep: cutAfter === null ? null : (steps[cutAfter - 1] as number),
    nReports: steps.length,
    nReportsSaved: cutAfter === null ? 0 : steps.length - cutAfter,
  };
}

function bestOf(runs: readonly Run[], direction: StudyDirection, k: number): Run | null {
  let best: Run | null = null;
  for (const run of runs) {
    if (run.trial.state !== 'complete' || !isFeasible(run.trial)) continue;
    if (
      best === null ||
      isBetter(direction, run.trial.values?.[k] as number, best.trial.values?.[k] as number)
    )
      best = run;
  }
  return best;
}

function toBest(run: Run | null, k: number): BestTrial | null {
  return run === null ? null : { number: run.trial.number, value: run.trial.values?.[k] as number };
}
