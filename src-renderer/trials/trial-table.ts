import type { AttrColumn, ParamColumn, TrialColumns } from '../../src-main/contract/trials.ts';
import type { Distribution } from '../../src-main/tuner/distributions.ts';
import type { AttrValue } from '../../src-main/tuner/trial/frozen-trial.ts';
import { emptyTrialView, type TrialView } from './trial-view.ts';

type NumericArray = Float64Array | Int32Array | Uint8Array;

/** Growable columns of one kind. */
class NumericColumn<T extends NumericArray> {
  array: T;

  constructor(array: T) {
    this.array = array;
  }

  /** Makes room for `length` rows, those from `used` on holding `empty`. */
  grow(length: number, used: number, empty: number): void {
    if (length <= this.array.length) {
      this.array.fill(empty, used, length);
      return;
    }
    const Type = this.array.constructor as new (length: number) => T;
    const grown = new Type(Math.max(length, Math.ceil(this.array.length * 1.5), 64));
    grown.set(this.array.subarray(0, used));
    grown.fill(empty, used);
    this.array = grown;
  }

  scatter(source: ArrayLike<number>, rows: Int32Array): void {
    for (let i = 0; i < rows.length; i++) this.array[rows[i] as number] = source[i] as number;
  }

  /** Into an array of its own: row i of a view given out before stays the trial it was. */
  permute(order: Int32Array): void {
    const before = this.array;
    this.array = before.slice() as T;
    for (let i = 0; i < order.length; i++) this.array[i] = before[order[i] as number] as number;
  }
}

interface Param {
  distribution: Distribution;
  readonly values: NumericColumn<Float64Array>;
}

/**
 * The trials of one study, kept up by applying changes. A change of k rows costs O(k) for each column (a deletion or a trial whose
 * number lies before known ones: O(all)). Applying a change twice is harmless.
 */
export class TrialTable {
  #generation: string | null = null;
  #revision = 0;
  #nTrials = 0;
  #rowOfId = new Map<number, number>();
  #trialIds = new NumericColumn<Int32Array>(new Int32Array());
  #numbers = new NumericColumn<Int32Array>(new Int32Array());
  #states = new NumericColumn<Uint8Array>(new Uint8Array());
  #values: NumericColumn<Float64Array>[] = [];
  #startedAtMs = new NumericColumn<Float64Array>(new Float64Array());
  #completedAtMs = new NumericColumn<Float64Array>(new Float64Array());
  #isFeasible = new NumericColumn<Uint8Array>(new Uint8Array());
  #nIntermediate = new NumericColumn<Int32Array>(new Int32Array());
  #lastSteps = new NumericColumn<Int32Array>(new Int32Array());
  #lastValues = new NumericColumn<Float64Array>(new Float64Array());
  #params = new Map<string, Param>();
  #userAttrs = new Map<string, AttrValue[]>();

  /** Null before the first change. */
  get generation(): string | null {
    return this.#generation;
  }

  get revision(): number {
    return this.#revision;
  }

  /** @returns False when the change does not fit what is here, which then must be fetched anew from revision 0. */
  apply(change: TrialColumns): boolean {
    if (change.isComplete) {
      this.#adopt(change);
      return true;
    }
    if (change.generation !== this.#generation) return false;
    if (change.revision < this.#revision) return true;
    this.#delete(change.deletedTrialIds);
    this.#merge(change);
    this.#revision = change.revision;
    return true;
  }

  /** The trials as they are now. */
  view(): TrialView {
    const n = this.#nTrials;
    if (this.#generation === null) return emptyTrialView;
    const params: ParamColumn[] = [];
    for (const [name, { distribution, values }] of this.#params)
      params.push({ name, distribution, values: values.array.subarray(0, n) });
    const userAttrs: AttrColumn[] = [];
    for (const [name, values] of this.#userAttrs) userAttrs.push({ name, values });
    return {
      revision: this.#revision,
      nTrials: n,
      trialIds: this.#trialIds.array.subarray(0, n),
      numbers: this.#numbers.array.subarray(0, n),
      states: this.#states.array.subarray(0, n),
      values: this.#values.map((column) => column.array.subarray(0, n)),
      startedAtMs: this.#startedAtMs.array.subarray(0, n),
      completedAtMs: this.#completedAtMs.array.subarray(0, n),
      isFeasible: this.#isFeasible.array.subarray(0, n),
      nIntermediate: this.#nIntermediate.array.subarray(0, n),
      lastSteps: this.#lastSteps.array.subarray(0, n),
      lastValues: this.#lastValues.array.subarray(0, n),
      params,
      userAttrs,
      marks: null,
    };
  }

  /** Takes over the arrays of a full list: a large study is opened without copying it. */
  #adopt(all: TrialColumns): void {
    this.#generation = all.generation;
    this.#revision = all.revision;
    this.#nTrials = all.trialIds.length;
    this.#trialIds = new NumericColumn(all.trialIds);
    this.#numbers = new NumericColumn(all.numbers);
    this.#states = new NumericColumn(all.states);
    this.#values = all.values.map((column) => new NumericColumn(column));
    this.#startedAtMs = new NumericColumn(all.startedAtMs);
    this.#completedAtMs = new NumericColumn(all.completedAtMs);
    this.#isFeasible = new NumericColumn(all.isFeasible);
    this.#nIntermediate = new NumericColumn(all.nIntermediate);
    this.#lastSteps = new NumericColumn(all.lastSteps);
    this.#lastValues = new NumericColumn(all.lastValues);
    this.#params = new Map(
      all.params.map(({ name, distribution, values }) => [
        name,
        { distribution, values: new NumericColumn(values) },
      ]),
    );
    this.#userAttrs = new Map(all.userAttrs.map(({ name, values }) => [name, [...values]]));
    this.#sortRows();
  }

  #merge(change: TrialColumns): void {
    const rows = this.#claimRows(change.trialIds);
    this.#trialIds.scatter(change.trialIds, rows);
    this.#numbers.scatter(change.numbers, rows);
    this.#states.scatter(change.states, rows);
    change.values.forEach((column, k) => this.#values[k]?.scatter(column, rows));
    this.#startedAtMs.scatter(change.startedAtMs, rows);
    this.#completedAtMs.scatter(change.completedAtMs, rows);
    this.#isFeasible.scatter(change.isFeasible, rows);
    this.#nIntermediate.scatter(change.nIntermediate, rows);
    this.#lastSteps.scatter(change.lastSteps, rows);
    this.#lastValues.scatter(change.lastValues, rows);
    this.#mergeParams(change.params, rows);
    this.#mergeUserAttrs(change.userAttrs, rows);
    if (rows.some((row) => !this.#isInOrder(row))) this.#sortRows();
  }

  #isInOrder(row: number): boolean {
    const numbers = this.#numbers.array;
    const number = numbers[row] as number;
    if (row > 0 && (numbers[row - 1] as number) > number) return false;
    return row + 1 >= this.#nTrials || number < (numbers[row + 1] as number);
  }

  /** The rows of these trials, new ones added at the end. */
  #claimRows(trialIds: Int32Array): Int32Array {
    const before = this.#nTrials;
    const rows = new Int32Array(trialIds.length);
    for (let i = 0; i < trialIds.length; i++) {
      const trialId = trialIds[i] as number;
      let row = this.#rowOfId.get(trialId);
      if (row === undefined) {
        row = this.#nTrials++;
        this.#rowOfId.set(trialId, row);
      }
      rows[i] = row;
    }
    if (this.#nTrials > before) {
      for (const { column, empty } of this.#columns()) column.grow(this.#nTrials, before, empty);
      for (const values of this.#userAttrs.values())
        while (values.length < this.#nTrials) values.push(null);
    }
    return rows;
  }

  #mergeParams(params: readonly ParamColumn[], rows: Int32Array): void {
    const given = new Map(params.map((column) => [column.name, column]));
    for (const [name, { distribution }] of given) {
      const known = this.#params.get(name);
      if (known) known.distribution = distribution;
      else
        this.#params.set(name, {
          distribution,
          values: new NumericColumn(new Float64Array(this.#numbers.array.length).fill(NaN)),
        });
    }
    for (const [name, { values }] of this.#params) {
      const column = given.get(name);
      if (column) values.scatter(column.values, rows);
      else for (const row of rows) values.array[row] = NaN;
    }
  }

  #mergeUserAttrs(userAttrs: readonly AttrColumn[], rows: Int32Array): void {
    const given = new Map(userAttrs.map((column) => [column.name, column.values]));
    for (const name of given.keys())
      if (!this.#userAttrs.has(name))
        this.#userAttrs.set(name, new Array<AttrValue>(this.#nTrials).fill(null));
    for (const [name, values] of this.#userAttrs) {
      const column = given.get(name);
      for (let i = 0; i < rows.length; i++) values[rows[i] as number] = column?.[i] ?? null;
    }
  }

  #delete(trialIds: Int32Array): void {
    const gone = new Set<number>();
    for (const trialId of trialIds) {
      const row = this.#rowOfId.get(trialId);
      if (row !== undefined) gone.add(row);
    }
    if (gone.size === 0) return;
    const kept = new Int32Array(this.#nTrials - gone.size);
    for (let row = 0, i = 0; row < this.#nTrials; row++) if (!gone.has(row)) kept[i++] = row;
    this.#nTrials = kept.length;
    this.#arrange(kept);
  }

  /** Brings the rows into the order of trial numbers. */
  #sortRows(): void {
    const numbers = this.#numbers.array;
    let isSorted = true;
    for (let row = 1; row < this.#nTrials && isSorted; row++)
      isSorted = (numbers[row - 1] as number) < (numbers[row] as number);
    if (isSorted) this.#indexRows();
    else {
      const order = Int32Array.from({ length: this.#nTrials }, (_, row) => row);
      this.#arrange(order.sort((a, b) => (numbers[a] as number) - (numbers[b] as number)));
    }
  }

  /** Makes row i what row `order[i]` was. */
  #arrange(order: Int32Array): void {
    for (const { column } of this.#columns()) column.permute(order);
    for (const [name, values] of this.#userAttrs)
      this.#userAttrs.set(
        name,
        Array.from(order, (row) => values[row] ?? null),
      );
    this.#indexRows();
  }

  #indexRows(): void {
    this.#rowOfId = new Map();
    for (let row = 0; row < this.#nTrials; row++)
      this.#rowOfId.set(this.#trialIds.array[row] as number, row);
  }

  *#columns(): Iterable<{ column: NumericColumn<NumericArray>; empty: number }> {
    const whole = [this.#trialIds, this.#numbers, this.#states, this.#isFeasible];
    for (const column of [...whole, this.#nIntermediate])
      yield { column: column as NumericColumn<NumericArray>, empty: 0 };
    yield { column: this.#lastSteps as NumericColumn<NumericArray>, empty: -1 };
    const real = [...this.#values, this.#startedAtMs, this.#completedAtMs, this.#lastValues];
    for (const column of real) yield { column: column as NumericColumn<NumericArray>, empty: NaN };
    for (const { values } of this.#params.values())
      yield { column: values as NumericColumn<NumericArray>, empty: NaN };
  }
}
