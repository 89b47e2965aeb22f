/**
 * A study's trials as columns, kept up by what changed.
 *
 * The row of a trial is its number, so rows are in the order of trial numbers however the trials finish, and what one reader
 * remembers about a row stays true. Rows of trials that do not exist (deleted, or not seen yet) are `absent`.
 * Readers that work incrementally remember `epoch` and how far they have read `finishedRows`:
 *
 *     if (epoch !== history.epoch) startOver();
 *     while (read < history.nFinished) take(history.finishedRows[read++]);
 */
import { describeDistribution, isSameDistribution, type Distribution } from '../distributions.ts';
import type { TrialChanges } from '../storages/storage.ts';
import { constraintValues } from '../system-attrs.ts';
import { isFinished, lastStep, type FrozenTrial, type TrialState } from '../trial/frozen-trial.ts';
import type { StudyDirection } from './direction.ts';

/** What `StudyHistory.states` holds. */
export const rowStates = {
  absent: 0,
  running: 1,
  waiting: 2,
  complete: 3,
  pruned: 4,
  fail: 5,
} as const satisfies Record<TrialState | 'absent', number>;

/** One parameter of all trials. Arrays are indexed by row and may be longer than `nRows`; they are replaced when they grow. */
export interface ParamColumn {
  readonly name: string;
  /** Internal values; NaN where the trial has not got the parameter. */
  readonly values: Float64Array;
  /** Index into `distributions`; only meaningful where `values` is not NaN. */
  readonly distributionIds: Int32Array;
  /** All different distributions the parameter has had. */
  readonly distributions: readonly Distribution[];
  /** The distribution of the trial with the highest number that has the parameter. */
  readonly latestDistribution: Distribution;
}

const INITIAL_CAPACITY = 256;

/** See the head of this file. Arrays are indexed by row, may be longer than `nRows`, and are replaced when they grow: do not keep them. */
export class StudyHistory {
  readonly directions: readonly StudyDirection[];
  /** Running trials by number, as they are now. */
  readonly running: ReadonlyMap<number, FrozenTrial>;
  readonly #running = new Map<number, FrozenTrial>();
  readonly #columns = new Map<string, Column>();
  #capacity = INITIAL_CAPACITY;
  #nRows = 0;
  #revision = 0;
  #epoch = 0;
  #finishedRows = new Int32Array(INITIAL_CAPACITY);
  #nFinished = 0;
  #nComplete = 0;
  #nPruned = 0;
  #trialIds = new Float64Array(INITIAL_CAPACITY);
  #states = new Uint8Array(INITIAL_CAPACITY);
  #values: Float64Array[];
  #lastSteps = filledWithNaN(INITIAL_CAPACITY);
  #lastValues = filledWithNaN(INITIAL_CAPACITY);
  #violations = new Float64Array(INITIAL_CAPACITY);

  constructor(directions: readonly StudyDirection[]) {
    this.directions = directions;
    this.running = this.#running;
    this.#values = directions.map(() => filledWithNaN(INITIAL_CAPACITY));
  }

  /** Grows with every change. */
  get revision(): number {
    return this.#revision;
  }

  /** Grows when a finished trial was deleted: what was read of `finishedRows` is void then. */
  get epoch(): number {
    return this.#epoch;
  }

  /** The highest trial number plus one. */
  get nRows(): number {
    return this.#nRows;
  }

  /** Rows of finished trials in the order in which they finished (as far as known); the first `nFinished` count. */
  get finishedRows(): Int32Array {
    return this.#finishedRows;
  }

  /** Trials that are complete, pruned or failed. */
  get nFinished(): number {
    return this.#nFinished;
  }

  get nComplete(): number {
    return this.#nComplete;
  }

  get nPruned(): number {
    return this.#nPruned;
  }

  /** Codes of `rowStates`. */
  get states(): Uint8Array {
    return this.#states;
  }

  /** One column per objective; NaN where the trial has no values. */
  get values(): readonly Float64Array[] {
    return this.#values;
  }

  /** The highest step a finished trial reported; NaN where it reported nothing. */
  get lastSteps(): Float64Array {
    return this.#lastSteps;
  }

  /** The value reported at `lastSteps`. */
  get lastValues(): Float64Array {
    return this.#lastValues;
  }

  /** Of finished trials: the sum of the violated constraints, 0 where feasible, Infinity where a constraint is NaN. */
  get violations(): Float64Array {
    return this.#violations;
  }

  /** Every parameter any trial has had, by name, in the order of their first appearance. */
  get params(): ReadonlyMap<string, ParamColumn> {
    return this.#columns;
  }

  /** Takes over what `Storage.getTrialChanges` tells. A change told twice does no harm. */
  update({ trials, deletedTrialIds }: Pick<TrialChanges, 'trials' | 'deletedTrialIds'>): void {
    for (const trialId of deletedTrialIds) this.#delete(trialId);
    for (const trial of trials) this.#put(trial);
    if (trials.length + deletedTrialIds.length > 0) this.#revision++;
  }

  #put(trial: FrozenTrial): void {
    const row = trial.number;
    this.#reserve(row + 1);
    const state = this.#states[row] as number;
    if (state !== rowStates.absent && this.#trialIds[row] !== trial.trialId) this.#clear(row);
    else if (isFinishedCode(state)) return;
    else if (state !== rowStates.absent) this.#clearParams(row);

    this.#trialIds[row] = trial.trialId;
    this.#states[row] = rowStates[trial.state];
    this.#nRows = Math.max(this.#nRows, row + 1);
    for (const name of Object.keys(trial.internalParams))
      this.#column(name).set(
        row,
        trial.internalParams[name] as number,
        trial.distributions[name] as Distribution,
      );
    if (trial.state === 'running') this.#running.set(row, trial);
    else this.#running.delete(row);
    if (isFinished(trial.state)) this.#putResult(row, trial);
  }

  #putResult(row: number, trial: FrozenTrial): void {
    this.#values.forEach((column, k) => (column[row] = trial.values?.[k] ?? NaN));
    const step = lastStep(trial);
    this.#lastSteps[row] = step ?? NaN;
    this.#lastValues[row] = step === null ? NaN : (trial.intermediateValues.get(step) ?? NaN);
    this.#violations[row] = violation(constraintValues(trial.systemAttrs));
    this.#finishedRows[this.#nFinished++] = row;
    if (trial.state === 'complete') this.#nComplete++;
    else if (trial.state === 'pruned') this.#nPruned++;
  }

  #delete(trialId: number): void {
    const row = this.#trialIds.subarray(0, this.#nRows).indexOf(trialId);
    if (row >= 0 && this.#states[row] !== rowStates.absent) this.#clear(row);
  }

  #clear(row: number): void {
    const state = this.#states[row] as number;
    this.#clearParams(row);
    this.#running.delete(row);
    this.#states[row] = rowStates.absent;
    this.#trialIds[row] = 0;
    if (!isFinishedCode(state)) return;
    for (const column of [...this.#values, this.#lastSteps, this.#lastValues]) column[row] = NaN;
    this.#violations[row] = 0;
    if (state === rowStates.complete) this.#nComplete--;
    else if (state === rowStates.pruned) this.#nPruned--;
    const position = this.#finishedRows.subarray(0, this.#nFinished).indexOf(row);
    this.#finishedRows.copyWithin(position, position + 1, this.#nFinished--);
    this.#epoch++;
  }

  #clearParams(row: number): void {
    for (const column of this.#columns.values()) column.values[row] = NaN;
  }

  #column(name: string): Column {
    let column = this.#columns.get(name);
    if (!column) this.#columns.set(name, (column = new Column(name, this.#capacity)));
    return column;
  }

  #reserve(nRows: number): void {
    if (nRows <= this.#capacity) return;
    const capacity = Math.max(nRows, this.#capacity * 2);
    this.#capacity = capacity;
    this.#finishedRows = grown(this.#finishedRows, new Int32Array(capacity));
    this.#trialIds = grown(this.#trialIds, new Float64Array(capacity));
    this.#states = grown(this.#states, new Uint8Array(capacity));
    this.#values = this.#values.map((column) => grown(column, filledWithNaN(capacity)));
    this.#lastSteps = grown(this.#lastSteps, filledWithNaN(capacity));
    this.#lastValues = grown(this.#lastValues, filledWithNaN(capacity));
    this.#violations = grown(this.#violations, new Float64Array(capacity));
    for (const column of this.#columns.values()) column.reserve(capacity);
  }
}

class Column implements ParamColumn {
  readonly name: string;
  readonly distributions: Distribution[] = [];
  values: Float64Array;
  distributionIds: Int32Array;
  readonly #idOfText = new Map<string, number>();
  #latestRow = -1;
  #latestId = 0;

  constructor(name: string, capacity: number) {
    this.name = name;
    this.values = filledWithNaN(capacity);
    this.distributionIds = new Int32Array(capacity);
  }

  get latestDistribution(): Distribution {
    return this.distributions[this.#latestId] as Distribution;
  }

  set(row: number, value: number, distribution: Distribution): void {
    const id = this.#idOf(distribution);
    this.values[row] = value;
    this.distributionIds[row] = id;
    if (row < this.#latestRow) return;
    this.#latestRow = row;
    this.#latestId = id;
  }

  reserve(capacity: number): void {
    this.values = grown(this.values, filledWithNaN(capacity));
    this.distributionIds = grown(this.distributionIds, new Int32Array(capacity));
  }

  #idOf(distribution: Distribution): number {
    const latest = this.distributions[this.#latestId];
    if (latest && isSameDistribution(latest, distribution)) return this.#latestId;
    const text = describeDistribution(distribution);
    const known = this.#idOfText.get(text);
    if (known !== undefined) return known;
    this.#idOfText.set(text, this.distributions.length);
    return this.distributions.push(distribution) - 1;
  }
}

function isFinishedCode(state: number): boolean {
  return state >= rowStates.complete;
}

function violation(constraints: readonly number[] | null): number {
  let sum = 0;
  for (const value of constraints ?? []) sum += Number.isNaN(value) ? Infinity : Math.max(0, value);
  return sum;
}

function filledWithNaN(length: number): Float64Array {
  return new Float64Array(length).fill(NaN);
}

function grown<T extends Float64Array | Int32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
