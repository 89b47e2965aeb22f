import type { Distribution, ParamValue } from '../distributions.ts';
import type { Attrs, FrozenTrial } from '../trial/frozen-trial.ts';
import { NO_INTERMEDIATE_VALUES, NOTHING, externalValue } from './trial-edits.ts';
import { setOwn } from '../own-entries.ts';

/** What trials have in common; neighbours that are alike share one object. */
interface Kind {
  readonly distributions: Readonly<Record<string, Distribution>>;
  readonly names: readonly string[];
  /** Null where the trial has no values. */
  readonly nValues: number | null;
  readonly nReports: number;
  readonly userAttrs: Attrs;
  readonly systemAttrs: Attrs;
}

type Identity = Pick<FrozenTrial, 'trialId' | 'number' | 'state'>;

const INITIAL_CAPACITY = 1024;

/**
 * The contents of trials as rows of numbers: start, end, values, internal parameters, steps and what was reported there. Some 80 bytes for a trial of five
 * parameters, where the objects need ten times as much, and nothing for the garbage collector to follow.
 */
export class PackedTrials {
  #numbers = new Float64Array(INITIAL_CAPACITY);
  #nNumbers = 0;
  /** Of these, those of trials that are gone. */
  #nUnused = 0;
  /** By slot: what its numbers mean; null where there is nothing. */
  readonly #kinds: (Kind | null)[] = [];
  /** By slot: where its numbers begin. */
  #starts = new Uint32Array(INITIAL_CAPACITY);
  #lastKind: Kind | null = null;

  /** @param slot A small whole number, the caller's name for the trial. What was there is replaced. */
  set(slot: number, trial: FrozenTrial): void {
    const kind = this.#kindOf(trial);
    this.delete(slot);
    while (this.#kinds.length <= slot) this.#kinds.push(null);
    if (slot >= this.#starts.length)
      this.#starts = grown(
        this.#starts,
        new Uint32Array(Math.max(slot + 1, 2 * this.#starts.length)),
      );
    this.#kinds[slot] = kind;
    let at = this.#nNumbers;
    this.#starts[slot] = at;
    this.#nNumbers += lengthOf(kind);
    while (this.#nNumbers > this.#numbers.length)
      this.#numbers = grown(this.#numbers, new Float64Array(2 * this.#numbers.length));
    const numbers = this.#numbers;
    numbers[at++] = trial.startedAtMs ?? NaN;
    numbers[at++] = trial.completedAtMs ?? NaN;
    for (const value of trial.values ?? []) numbers[at++] = value;
    for (const name of kind.names) numbers[at++] = trial.internalParams[name] as number;
    for (const [step, value] of trial.intermediateValues) {
      numbers[at++] = step;
      numbers[at++] = value;
    }
  }

  /** The trial in this slot, as a new object. */
  get(slot: number, { trialId, number, state }: Identity): FrozenTrial {
    const kind = this.#kind(slot);
    const numbers = this.#numbers;
    let at = this.#starts[slot] as number;
    const startedAtMs = nullIfNaN(numbers[at++] as number);
    const completedAtMs = nullIfNaN(numbers[at++] as number);
    let values: number[] | null = null;
    if (kind.nValues !== null) {
      values = [];
      for (let i = 0; i < kind.nValues; i++) values.push(numbers[at++] as number);
    }
    const { params, internalParams } = paramsOf(kind, numbers, at);
    at += kind.names.length;
    let intermediateValues: ReadonlyMap<number, number> = NO_INTERMEDIATE_VALUES;
    if (kind.nReports > 0) {
      const reports = new Map<number, number>();
      for (let i = 0; i < kind.nReports; i++)
        reports.set(numbers[at++] as number, numbers[at++] as number);
      intermediateValues = reports;
    }
    return {
      trialId,
      number,
      state,
      values,
      startedAtMs,
      completedAtMs,
      params,
      internalParams,
      distributions: kind.distributions,
      intermediateValues,
      userAttrs: kind.userAttrs,
      systemAttrs: kind.systemAttrs,
    };
  }

  distributions(slot: number): FrozenTrial['distributions'] {
    return this.#kind(slot).distributions;
  }

  /** Lets go of the attributes at once, and of the numbers when half of all are unused. */
  delete(slot: number): void {
    const kind = this.#kinds[slot] ?? null;
    if (kind === null) return;
    this.#kinds[slot] = null;
    this.#nUnused += lengthOf(kind);
    if (this.#nUnused > INITIAL_CAPACITY && 2 * this.#nUnused > this.#nNumbers) this.#closeGaps();
  }

  /** How many numbers there is room for. */
  get capacity(): number {
    return this.#numbers.length;
  }

  clear(): void {
    this.#numbers = new Float64Array(INITIAL_CAPACITY);
    this.#nNumbers = 0;
    this.#nUnused = 0;
    this.#kinds.length = 0;
    this.#lastKind = null;
  }

  /** Moves what is left to a smaller array; costs as much as setting it did. */
  #closeGaps(): void {
    let capacity = INITIAL_CAPACITY;
    while (capacity < this.#nNumbers - this.#nUnused) capacity *= 2;
    const numbers = new Float64Array(capacity);
    let end = 0;
    for (const [slot, kind] of this.#kinds.entries()) {
      if (kind === null) continue;
      const start = this.#starts[slot] as number;
      const length = lengthOf(kind);
      numbers.set(this.#numbers.subarray(start, start + length), end);
      this.#starts[slot] = end;
      end += length;
    }
    this.#numbers = numbers;
    this.#nNumbers = end;
    this.#nUnused = 0;
  }

  #kind(slot: number): Kind {
    const kind = this.#kinds[slot];
    if (!kind) throw new Error(`There is no packed trial in slot ${slot}.`);
    return kind;
  }

  #kindOf({
    distributions,
    values,
    intermediateValues,
    userAttrs,
    systemAttrs,
  }: FrozenTrial): Kind {
    const last = this.#lastKind;
    const nValues = values && values.length;
    const nReports = intermediateValues.size;
    if (
      last !== null &&
      last.distributions === distributions &&
      last.nValues === nValues &&
      last.nReports === nReports &&
      last.userAttrs === userAttrs &&
      last.systemAttrs === systemAttrs
    )
      return last;
    const names = last?.distributions === distributions ? last.names : Object.keys(distributions);
    return (this.#lastKind = { distributions, names, nValues, nReports, userAttrs, systemAttrs });
  }
}

/** Numbers that a trial takes. */
function lengthOf({ names, nValues, nReports }: Kind): number {
  return 2 + (nValues ?? 0) + names.length + 2 * nReports;
}

/** Both forms are one object where they are the same, as where there is no categorical parameter. */
function paramsOf(
  { names, distributions }: Kind,
  numbers: Float64Array,
  start: number,
): Pick<FrozenTrial, 'params' | 'internalParams'> {
  if (names.length === 0) return { params: NOTHING, internalParams: NOTHING };
  const internalParams: Record<string, number> = {};
  let params: Record<string, ParamValue> = internalParams;
  for (const [i, name] of names.entries()) {
    const internalValue = numbers[start + i] as number;
    const value = externalValue(distributions[name] as Distribution, internalValue);
    if (params === internalParams && value !== internalValue) params = { ...internalParams };
    if (params !== internalParams) setOwn(params, name, value);
    setOwn(internalParams, name, internalValue);
  }
  return { params, internalParams };
}

function nullIfNaN(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

function grown<T extends Float64Array | Uint32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
