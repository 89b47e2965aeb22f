import type { Distribution } from '../distributions.ts';
import {
  isFinished,
  trialStates,
  type FrozenTrial,
  type TrialState,
} from '../trial/frozen-trial.ts';
import type { TrialChanges } from './storage.ts';
import { sortedBySteps, type TrialEdit } from './trial-edits.ts';

/** A trial and what happened to it since somebody last looked. */
interface Entry {
  /** As it was last given out; its intermediate values are outdated while `reports` is there. */
  trial: FrozenTrial;
  /** The intermediate values while they are being reported: changed in place, and never given out before they are whole again. */
  reports: Map<number, number> | null;
  /** The revision of the last change. */
  revision: number;
}

/**
 * The trials of one study in memory: by number, by id and by state, with a log of what changed. What it gives out is never changed
 * afterwards; a trial that was not written stays the identical object.
 *
 * A write costs the size of one trial, a report as good as nothing until the trial is looked at; `changesSince` costs what changed.
 */
export class TrialLog {
  /** Ascending by number, then by id. */
  readonly #entries: Entry[] = [];
  readonly #byId = new Map<number, Entry>();
  readonly #byState: Readonly<Record<TrialState, Set<Entry>>>;
  /** Results of `list`, by the states asked for, until one of these states is touched. */
  readonly #lists = new Map<string, readonly FrozenTrial[]>();
  /** The last revision given out. Changes are noted under the next one, at most once per trial. */
  #revision = 0;
  /** By change, the trial's id. */
  #changes: number[] = [];
  /** By change, its revision. */
  #revisions: number[] = [];
  #maxChanges = 1024;
  /** One distribution per parameter name; null when it must be gathered again. */
  #distributions: Map<string, Distribution> | null = new Map();

  constructor() {
    this.#byState = Object.fromEntries(
      trialStates.map((state) => [state, new Set<Entry>()]),
    ) as Record<TrialState, Set<Entry>>;
  }

  /** Takes up a trial whose id is not known yet. */
  add(trial: FrozenTrial): void {
    const entry: Entry = { trial, reports: null, revision: 0 };
    const last = this.#entries.at(-1);
    if (last === undefined || isBefore(last.trial, trial)) this.#entries.push(entry);
    else this.#entries.splice(this.#position(trial.number, trial.trialId), 0, entry);
    this.#byId.set(trial.trialId, entry);
    this.#byState[trial.state].add(entry);
    this.#learnDistributions(trial);
    this.#note(entry);
  }

  /** Replaces a known trial, or adds it. Keeps the object it has when that says the same. */
  put(trial: FrozenTrial): void {
    const entry = this.#byId.get(trial.trialId);
    if (entry === undefined) this.add(trial);
    else if (entry.trial.number !== trial.number) {
      this.remove(trial.trialId);
      this.add(trial);
    } else if (!isSameTrial(this.#current(entry), trial)) this.#change(entry, trial);
  }

  /** Changes fields of a known trial. */
  update(trialId: number, edit: TrialEdit): void {
    const entry = this.#entry(trialId);
    this.#change(entry, edited(this.#current(entry), edit));
  }

  /** Sets an intermediate value of a known trial. */
  report(trialId: number, step: number, value: number): void {
    const entry = this.#entry(trialId);
    entry.reports ??= new Map(entry.trial.intermediateValues);
    entry.reports.set(step, value);
    this.#note(entry);
  }

  remove(trialId: number): void {
    const entry = this.#entry(trialId);
    this.#entries.splice(this.#position(entry.trial.number, trialId), 1);
    this.#byId.delete(trialId);
    this.#byState[entry.trial.state].delete(entry);
    if (Object.keys(entry.trial.distributions).length > 0) this.#distributions = null;
    entry.revision = 0;
    this.#note(entry);
  }

  has(trialId: number): boolean {
    return this.#byId.has(trialId);
  }

  get(trialId: number): FrozenTrial | undefined {
    const entry = this.#byId.get(trialId);
    return entry && this.#current(entry);
  }

  /** What never waits for the reports: cheaper than `get` while a trial reports. */
  head(trialId: number): Pick<FrozenTrial, 'number' | 'state'> | undefined {
    return this.#byId.get(trialId)?.trial;
  }

  getByNumber(trialNumber: number): FrozenTrial | undefined {
    const entry = this.#entries[this.#position(trialNumber, 0)];
    return entry?.trial.number === trialNumber ? this.#current(entry) : undefined;
  }

  /** By number; all states, or those given. The array is the same until one of its trials changes. */
  list(states: readonly TrialState[] = trialStates): readonly FrozenTrial[] {
    const wanted = trialStates.filter((state) => states.includes(state));
    const key = wanted.join();
    let list = this.#lists.get(key);
    if (list === undefined) {
      const entries =
        wanted.length === trialStates.length
          ? this.#entries
          : wanted
              .flatMap((state) => [...this.#byState[state]])
              .sort((a, b) => (isBefore(a.trial, b.trial) ? -1 : 1));
      list = entries.map((entry) => this.#current(entry));
      this.#lists.set(key, list);
    }
    return list;
  }

  count(states: readonly TrialState[] = trialStates): number {
    return trialStates.reduce(
      (sum, state) => sum + (states.includes(state) ? this.#byState[state].size : 0),
      0,
    );
  }

  /** Ids of all trials, by number. */
  ids(): number[] {
    return this.#entries.map((entry) => entry.trial.trialId);
  }

  /** The first and the last of the finished trials with ids up to `lastTrialId`. */
  anchors(lastTrialId: number): readonly FrozenTrial[] {
    const isAnchor = ({ trial }: Entry): boolean =>
      isFinished(trial.state) && trial.trialId <= lastTrialId;
    const first = this.#entries.find(isAnchor);
    const last = this.#entries.findLast(isAnchor);
    if (first === undefined || last === undefined) return [];
    return first === last ? [first.trial] : [first.trial, last.trial];
  }

  /** A distribution that the study has under this name, if it has one. */
  distribution(name: string): Distribution | undefined {
    if (this.#distributions === null) {
      this.#distributions = new Map();
      for (const entry of this.#entries) this.#learnDistributions(entry.trial);
    }
    return this.#distributions.get(name);
  }

  changesSince(sinceRevision: number): TrialChanges {
    this.#revision = Math.max(this.#revision, this.#revisions.at(-1) ?? 0);
    if (sinceRevision <= 0)
      return { revision: this.#revision, trials: this.list(), deletedTrialIds: [] };
    const changedIds = new Set<number>();
    for (let i = this.#changes.length - 1; i >= 0; i--) {
      if ((this.#revisions[i] as number) <= sinceRevision) break;
      changedIds.add(this.#changes[i] as number);
    }
    const trials: FrozenTrial[] = [];
    const deletedTrialIds: number[] = [];
    for (const trialId of changedIds) {
      const trial = this.get(trialId);
      if (trial === undefined) deletedTrialIds.push(trialId);
      else trials.push(trial);
    }
    trials.sort((a, b) => (isBefore(a, b) ? -1 : 1));
    return { revision: this.#revision, trials, deletedTrialIds };
  }

  #entry(trialId: number): Entry {
    const entry = this.#byId.get(trialId);
    if (entry === undefined) throw new Error(`The trial with id ${trialId} is not in the log.`);
    return entry;
  }

  #current(entry: Entry): FrozenTrial {
    if (entry.reports !== null) {
      const intermediateValues = isAscending(entry.reports.keys())
        ? entry.reports
        : sortedBySteps(entry.reports);
      entry.trial = { ...entry.trial, intermediateValues };
      entry.reports = null;
    }
    return entry.trial;
  }

  #change(entry: Entry, trial: FrozenTrial): void {
    const { state, distributions } = entry.trial;
    this.#dropLists(state);
    if (trial.state !== state) {
      this.#byState[state].delete(entry);
      this.#byState[trial.state].add(entry);
    }
    if (trial.distributions !== distributions) {
      const hasLost = Object.keys(distributions).some(
        (name) => !Object.hasOwn(trial.distributions, name),
      );
      if (hasLost) this.#distributions = null;
      else this.#learnDistributions(trial);
    }
    entry.trial = trial;
    entry.reports = null;
    this.#note(entry);
  }

  #note(entry: Entry): void {
    this.#dropLists(entry.trial.state);
    const revision = this.#revision + 1;
    if (entry.revision === revision) return;
    entry.revision = revision;
    this.#changes.push(entry.trial.trialId);
    this.#revisions.push(revision);
    if (this.#changes.length >= Math.max(this.#maxChanges, 2 * this.#entries.length))
      this.#keepLastChanges();
  }

  #keepLastChanges(): void {
    const lastByTrial = new Map(this.#changes.map((trialId, i) => [trialId, i]));
    const isLast = (_: number, i: number): boolean =>
      lastByTrial.get(this.#changes[i] as number) === i;
    this.#revisions = this.#revisions.filter(isLast);
    this.#changes = this.#changes.filter(isLast);
    this.#maxChanges = 2 * this.#changes.length + 1024;
  }

  #dropLists(state: TrialState): void {
    for (const key of this.#lists.keys()) if (key.includes(state)) this.#lists.delete(key);
  }

  #learnDistributions(trial: FrozenTrial): void {
    if (this.#distributions === null) return;
    for (const name in trial.distributions)
      if (!this.#distributions.has(name))
        this.#distributions.set(name, trial.distributions[name] as Distribution);
  }

  /** Index of the first entry that is not before (number, id). */
  #position(trialNumber: number, trialId: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore((this.#entries[middle] as Entry).trial, { number: trialNumber, trialId }))
        low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** All fields written out, as objects so made need less memory. */
function edited(trial: FrozenTrial, edit: TrialEdit): FrozenTrial {
  const all = { ...trial, ...edit };
  return {
    trialId: all.trialId,
    number: all.number,
    state: all.state,
    values: all.values,
    startedAtMs: all.startedAtMs,
    completedAtMs: all.completedAtMs,
    params: all.params,
    internalParams: all.internalParams,
    distributions: all.distributions,
    intermediateValues: all.intermediateValues,
    userAttrs: all.userAttrs,
    systemAttrs: all.systemAttrs,
  };
}

type Position = Pick<FrozenTrial, 'number' | 'trialId'>;

function isBefore(a: Position, b: Position): boolean {
  return a.number < b.number || (a.number === b.number && a.trialId < b.trialId);
}

function isAscending(steps: Iterable<number>): boolean {
  let last = -1;
  for (const step of steps) {
    if (step < last) return false;
    last = step;
  }
  return true;
}

/** Whether two trials say the same, -0 being 0 and NaN being NaN. */
function isSameTrial(a: FrozenTrial, b: FrozenTrial): boolean {
  return (
    a.state === b.state &&
    a.startedAtMs === b.startedAtMs &&
    a.completedAtMs === b.completedAtMs &&
    isSame(a.values, b.values) &&
    isSame(a.internalParams, b.internalParams) &&
    isSame(a.params, b.params) &&
    isSame(a.distributions, b.distributions) &&
    isSame([...a.intermediateValues.keys()], [...b.intermediateValues.keys()]) &&
    isSame([...a.intermediateValues.values()], [...b.intermediateValues.values()]) &&
    isSame(a.userAttrs, b.userAttrs) &&
    isSame(a.systemAttrs, b.systemAttrs)
  );
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
    return a !== a && b !== b;
  const keys = Object.keys(a);
  return (
    Array.isArray(a) === Array.isArray(b) &&
    keys.length === Object.keys(b).length &&
    keys.every(
      (key) =>
        Object.hasOwn(b, key) &&
        isSame((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
    )
  );
}
