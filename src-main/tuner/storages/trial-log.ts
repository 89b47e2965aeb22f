import type { Distribution } from '../distributions.ts';
import {
  isFinished,
  lastStep,
  trialStates,
  type FrozenTrial,
  type TrialState,
} from '../trial/frozen-trial.ts';
import { ChangeLog } from './change-log.ts';
import { PackedTrials } from './packed-trials.ts';
import { isSameTrial } from './same-trial.ts';
import type { TrialChanges } from './storage.ts';
import { sortedBySteps, type TrialEdit } from './trial-edits.ts';

/** A list that was given out, and what has happened since. */
interface KeptList {
  readonly states: ReadonlySet<TrialState>;
  readonly trials: readonly FrozenTrial[];
  /** Slots of the trials that are other ones now, came, or went. */
  readonly changed: Set<number>;
}

/** What a trial has reported that is reporting. */
interface Reports {
  /** Changed in place; given out only to who looks in passing, before it is whole again. */
  readonly values: Map<number, number>;
  isAscending: boolean;
  lastStep: number;
  /** The trial for who looks in passing. */
  glance: FrozenTrial | null;
}

type Position = Pick<FrozenTrial, 'number' | 'trialId'>;

const INITIAL_CAPACITY = 256;

/** A list that this many trials have changed in since somebody asked for it is forgotten. */
const MAX_CHANGES_OF_LIST = 64;

/**
 * The trials of one study in memory: by number, by id and by state, with a log of what changed. What it gives out is never changed
 * afterwards; a trial that was not written stays the identical object for whoever has it.
 *
 * Finished trials are kept as numbers and made into objects when they are asked for. A write costs the size of one trial, a report as good as nothing until the
 * trial is looked at; a list what changed since it was asked for last.
 */
export class TrialLog {
  // By slot: a trial keeps the one that it got when it was added, and nobody else gets it.
  #trialIds = new Float64Array(INITIAL_CAPACITY);
  #numbers = new Float64Array(INITIAL_CAPACITY);
  /** Indices in `trialStates`. */
  #states = new Uint8Array(INITIAL_CAPACITY);
  readonly #packed = new PackedTrials();
  /** Unfinished trials as they were last given out; finished ones that somebody may still have. */
  readonly #objects: (FrozenTrial | WeakRef<FrozenTrial> | null)[] = [];
  /** Of trials that are reporting; the intermediate values of the object are outdated. */
  readonly #reports = new Map<number, Reports>();

  /** Slots of the trials that are there, ascending by number, then by id. */
  readonly #order: number[] = [];
  readonly #slotById = new Map<number, number>();
  readonly #counts = trialStates.map(() => 0);
  /** Lists by the states asked for. */
  readonly #lists = new Map<string, KeptList>();
  readonly #changes = new ChangeLog();
  /** One distribution per parameter name; null when it must be gathered again. */
  #distributions: Map<string, Distribution> | null = new Map();

  /** Takes up a trial whose id is not known yet. */
  add(trial: FrozenTrial): void {
    const slot = this.#newSlot(trial);
    const position = this.#position(trial);
    if (position === this.#order.length) this.#order.push(slot);
    else this.#order.splice(position, 0, slot);
    this.#slotById.set(trial.trialId, slot);
    this.#count(trial.state, 1);
    this.#setContent(slot, trial, true);
    this.#learnDistributions(trial.distributions);
    this.#note(slot, trial.state);
  }

  /** Replaces a known trial, or adds it. Keeps the object it has when that says the same. */
  put(trial: FrozenTrial): void {
    const slot = this.#slotById.get(trial.trialId);
    if (slot === undefined) this.add(trial);
    else if (this.#numbers[slot] !== trial.number) {
      this.remove(trial.trialId);
      this.add(trial);
    } else if (!isSameTrial(this.#current(slot), trial)) this.#change(slot, trial, true);
  }

  /** Changes fields of a known trial. */
  update(trialId: number, edit: TrialEdit): void {
    const slot = this.#slot(trialId);
    this.#change(slot, { ...this.#current(slot), ...edit }, false);
  }

  /** Sets an intermediate value of a known trial that has not finished. */
  report(trialId: number, step: number, value: number): void {
    const slot = this.#slot(trialId);
    let reports = this.#reports.get(slot);
    if (reports === undefined) {
      const trial = this.#current(slot);
      const values = new Map(trial.intermediateValues);
      reports = { values, isAscending: true, lastStep: lastStep(trial) ?? -1, glance: null };
      this.#reports.set(slot, reports);
    }
    if (step > reports.lastStep) reports.lastStep = step;
    else if (!reports.values.has(step)) reports.isAscending = false;
    reports.values.set(step, value);
    this.#note(slot, this.#state(slot));
  }

  remove(trialId: number): void {
    const slot = this.#slot(trialId);
    const state = this.#state(slot);
    if (Object.keys(this.#distributionsOf(slot)).length > 0) this.#distributions = null;
    this.#order.splice(this.#position({ number: this.#numbers[slot] as number, trialId }), 1);
    this.#slotById.delete(trialId);
    this.#count(state, -1);
    this.#objects[slot] = null;
    this.#reports.delete(slot);
    this.#packed.delete(slot);
    this.#note(slot, state);
    if (this.#order.length === 0) this.#startOver();
  }

  has(trialId: number): boolean {
    return this.#slotById.has(trialId);
  }

  get(trialId: number): FrozenTrial | undefined {
    const slot = this.#slotById.get(trialId);
    return slot === undefined ? undefined : this.#current(slot);
  }

  /**
   * As `get`, for who looks at the trial and lets go of it: what it says of intermediate values may change with its next report. However much was reported,
   * nothing is copied.
   */
  glance(trialId: number): FrozenTrial | undefined {
    const slot = this.#slotById.get(trialId);
    if (slot === undefined) return undefined;
    const reports = this.#reports.get(slot);
    if (!reports?.isAscending) return this.#current(slot);
    return (reports.glance ??= {
      ...(this.#objects[slot] as FrozenTrial),
      intermediateValues: reports.values,
    });
  }

  /** What never waits for the reports, nor for the trial to be unpacked: cheaper than `get`. */
  head(trialId: number): Pick<FrozenTrial, 'number' | 'state'> | undefined {
    const slot = this.#slotById.get(trialId);
    if (slot === undefined) return undefined;
    return { number: this.#numbers[slot] as number, state: this.#state(slot) };
  }

  getByNumber(trialNumber: number): FrozenTrial | undefined {
    const slot = this.#order[this.#position({ number: trialNumber, trialId: 0 })];
    return slot !== undefined && this.#numbers[slot] === trialNumber
      ? this.#current(slot)
      : undefined;
  }

  /** By number; all states, or those given. The array is the same until one of its trials changes. */
  list(states: readonly TrialState[] = trialStates): readonly FrozenTrial[] {
    const wanted = new Set(trialStates.filter((state) => states.includes(state)));
    const key = [...wanted].join();
    const known = this.#lists.get(key);
    if (known?.changed.size === 0) return known.trials;
    const trials = known ? this.#renewed(known) : this.#gathered(wanted);
    this.#lists.set(key, { states: wanted, trials, changed: new Set() });
    return trials;
  }

  count(states: readonly TrialState[] = trialStates): number {
    return trialStates.reduce(
      (sum, state, code) => sum + (states.includes(state) ? (this.#counts[code] as number) : 0),
      0,
    );
  }

  /** Ids of all trials, by number. */
  ids(): number[] {
    return this.#order.map((slot) => this.#trialIds[slot] as number);
  }

  /** The first and the last of the finished trials with ids up to `lastTrialId`. */
  anchors(lastTrialId: number): readonly FrozenTrial[] {
    const isAnchor = (slot: number): boolean =>
      isFinished(this.#state(slot)) && (this.#trialIds[slot] as number) <= lastTrialId;
    const first = this.#order.find(isAnchor);
    const last = this.#order.findLast(isAnchor);
    if (first === undefined || last === undefined) return [];
    return (first === last ? [first] : [first, last]).map((slot) => this.#current(slot));
  }

  /** A distribution that the study has under this name, if it has one. */
  distribution(name: string): Distribution | undefined {
    if (this.#distributions === null) {
      this.#distributions = new Map();
      for (const slot of this.#order) this.#learnDistributions(this.#distributionsOf(slot));
    }
    return this.#distributions.get(name);
  }

  changesSince(sinceRevision: number): TrialChanges {
    const revision = this.#changes.advance();
    if (sinceRevision <= 0)
      return { revision, trials: this.#gathered(new Set(trialStates)), deletedTrialIds: [] };
    const trials: FrozenTrial[] = [];
    const deletedTrialIds: number[] = [];
    for (const trialId of this.#changes.since(sinceRevision)) {
      const trial = this.get(trialId);
      if (trial === undefined) deletedTrialIds.push(trialId);
      else trials.push(trial);
    }
    trials.sort((a, b) => (isBefore(a, b) ? -1 : 1));
    return { revision, trials, deletedTrialIds };
  }

  #slot(trialId: number): number {
    const slot = this.#slotById.get(trialId);
    if (slot === undefined) throw new Error(`The trial with id ${trialId} is not in the log.`);
    return slot;
  }

  #state(slot: number): TrialState {
    return trialStates[this.#states[slot] as number] as TrialState;
  }

  #newSlot({ trialId, number }: Position): number {
    const slot = this.#objects.push(null) - 1;
    if (slot === this.#trialIds.length) {
      this.#trialIds = grown(this.#trialIds, new Float64Array(2 * slot));
      this.#numbers = grown(this.#numbers, new Float64Array(2 * slot));
      this.#states = grown(this.#states, new Uint8Array(2 * slot));
    }
    this.#trialIds[slot] = trialId;
    this.#numbers[slot] = number;
    return slot;
  }

  /** Nothing is there any more: the slots of those that were can be given again. */
  #startOver(): void {
    this.#objects.length = 0;
    this.#packed.clear();
    this.#lists.clear();
  }

  #current(slot: number): FrozenTrial {
    const object = this.#objects[slot] ?? null;
    if (object === null || object instanceof WeakRef) {
      const known = object?.deref();
      if (known !== undefined) return known;
      const trialId = this.#trialIds[slot] as number;
      const number = this.#numbers[slot] as number;
      const trial = this.#packed.get(slot, { trialId, number, state: this.#state(slot) });
      this.#objects[slot] = new WeakRef(trial);
      return trial;
    }
    const reports = this.#reports.get(slot);
    if (reports === undefined) return object;
    const { values, isAscending } = reports;
    const trial = { ...object, intermediateValues: isAscending ? values : sortedBySteps(values) };
    this.#objects[slot] = trial;
    this.#reports.delete(slot);
    return trial;
  }

  #distributionsOf(slot: number): FrozenTrial['distributions'] {
    const object = this.#objects[slot] ?? null;
    return object === null || object instanceof WeakRef
      ? this.#packed.distributions(slot)
      : object.distributions;
  }

  /** @param isHeld Whether somebody else has this object. */
  #change(slot: number, trial: FrozenTrial, isHeld: boolean): void {
    const state = this.#state(slot);
    const distributions = this.#distributionsOf(slot);
    if (trial.state !== state) {
      this.#count(state, -1);
      this.#count(trial.state, 1);
    }
    this.#setContent(slot, trial, isHeld);
    if (trial.distributions !== distributions) {
      const hasLost = Object.keys(distributions).some(
        (name) => !Object.hasOwn(trial.distributions, name),
      );
      if (hasLost) this.#distributions = null;
      else this.#learnDistributions(trial.distributions);
    }
    this.#note(slot, state);
  }

  #setContent(slot: number, trial: FrozenTrial, isHeld: boolean): void {
    this.#states[slot] = trialStates.indexOf(trial.state);
    this.#reports.delete(slot);
    if (isFinished(trial.state)) {
      this.#packed.set(slot, trial);
      this.#objects[slot] = isHeld ? new WeakRef(trial) : null;
    } else this.#objects[slot] = trial;
  }

  #count(state: TrialState, n: number): void {
    const code = trialStates.indexOf(state);
    this.#counts[code] = (this.#counts[code] as number) + n;
  }

  /** @param before The state it had until now. */
  #note(slot: number, before: TrialState): void {
    this.#changes.note(this.#trialIds[slot] as number);
    const now = this.#state(slot);
    for (const [key, { states, changed }] of this.#lists) {
      if (!states.has(before) && !states.has(now)) continue;
      changed.add(slot);
      if (changed.size > MAX_CHANGES_OF_LIST) this.#lists.delete(key);
    }
  }

  #gathered(states: ReadonlySet<TrialState>): FrozenTrial[] {
    const trials: FrozenTrial[] = [];
    for (const slot of this.#order)
      if (states.has(this.#state(slot))) trials.push(this.#current(slot));
    return trials;
  }

  #renewed({ states, trials: before, changed }: KeptList): FrozenTrial[] {
    const trials = [...before];
    for (const slot of changed) {
      const trialId = this.#trialIds[slot] as number;
      const number = this.#numbers[slot] as number;
      const isThere = this.#slotById.get(trialId) === slot && states.has(this.#state(slot));
      const now = isThere ? [this.#current(slot)] : [];
      const i = firstNotBefore(trials.length, (at) =>
        isBefore(trials[at] as FrozenTrial, { number, trialId }),
      );
      trials.splice(i, trials[i]?.trialId === trialId ? 1 : 0, ...now);
    }
    return trials;
  }

  #learnDistributions(distributions: FrozenTrial['distributions']): void {
    if (this.#distributions === null) return;
    for (const name in distributions)
      if (!this.#distributions.has(name))
        this.#distributions.set(name, distributions[name] as Distribution);
  }

  /** Index in the order of the first trial that is not before (number, id). */
  #position({ number, trialId }: Position): number {
    return firstNotBefore(this.#order.length, (at) => {
      const slot = this.#order[at] as number;
      const numberThere = this.#numbers[slot] as number;
      return (
        numberThere < number ||
        (numberThere === number && (this.#trialIds[slot] as number) < trialId)
      );
    });
  }
}

/** The first index from 0 to `length` that is not before what is looked for. */
function firstNotBefore(length: number, isBeforeIt: (at: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBeforeIt(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isBefore(a: Position, b: Position): boolean {
  return a.number < b.number || (a.number === b.number && a.trialId < b.trialId);
}

function grown<T extends Float64Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
