/**
 * Which trials are good ("below") and which are the rest ("above"): the split that TPE builds its two densities from.
 *
 * In order of quality: complete trials by value, pruned ones by how far they got and then by value, infeasible ones by how much they
 * violate; of equal ones the earlier trial. With several objectives, complete trials are ranked by fronts, and the front that
 * does not fit as a whole gives those points that add most hypervolume (Ozaki et al., "Multiobjective tree-structured Parzen
 * estimator", JAIR 73, 2022). Follows `_split_trials` of `optuna/samplers/_tpe/sampler.py` (5.0).
 *
 * The split is kept up as trials finish, and the rows that changed sides are logged, so that estimators can follow.
 */
import { selectByHypervolume } from '../../math/hypervolume.ts';
import { nondominationRanks } from '../../math/nondomination.ts';
import { SortedIndices, compareNumbers } from '../../math/sorted-indices.ts';
import { rowStates, type StudyHistory } from '../../study/study-history.ts';
import type { FrozenTrial } from '../../trial/frozen-trial.ts';

const NEITHER = 0;
const BELOW = 1;
const ABOVE = 2;

const LOG_LIMIT = 1 << 16;

export class TrialSplit {
  readonly #history: StudyHistory;
  /** Feasible complete trials from the best on; with several objectives by number. */
  readonly #complete: SortedIndices;
  readonly #pruned: SortedIndices;
  readonly #infeasible: SortedIndices;
  #epoch = -1;
  #nRead = 0;
  #sides = new Uint8Array(0);
  #below: readonly number[] = [];
  #running = new Map<number, FrozenTrial>();
  #log: number[] = [];
  /** Position of the log's first entry, counted over all time. */
  #logStart = 0;
  /** With several objectives: the last selection, and what it was made for. */
  #selection = { nRead: -1, nBelow: -1, rows: [] as number[] };

  constructor(history: StudyHistory) {
    this.#history = history;
    const signs = history.directions.map((direction) => (direction === 'minimize' ? 1 : -1));
    const [sign = 1] = signs;
    const loss = (row: number) => sign * (history.values[0]?.[row] as number);
    this.#complete = new SortedIndices(
      signs.length === 1 ? (a, b) => compareNumbers(loss(a), loss(b)) : () => 0,
    );
    this.#pruned = new SortedIndices((a, b) => {
      const [stepA, stepB] = [history.lastSteps[a] as number, history.lastSteps[b] as number];
      // Descending steps, NaN (no report) last; then ascending losses, NaN as bad as an infinite one.
      return (
        compareNumbers(-stepA, -stepB) ||
        compareNumbers(pruningLoss(history, sign, a), pruningLoss(history, sign, b))
      );
    });
    this.#infeasible = new SortedIndices((a, b) =>
      compareNumbers(history.violations[a] as number, history.violations[b] as number),
    );
  }

  /** The good trials, by number. */
  get below(): readonly number[] {
    return this.#below;
  }

  isAbove(row: number): boolean {
    return this.#sides[row] === ABOVE;
  }

  /** All rows above, by number. */
  above(): number[] {
    const rows: number[] = [];
    for (let row = 0; row < this.#history.nRows; row++)
      if (this.#sides[row] === ABOVE) rows.push(row);
    return rows;
  }

  /** The position in the log of what is still to come. */
  get logEnd(): number {
    return this.#logStart + this.#log.length;
  }

  /** Rows that changed sides, or may have got parameters, since a position of the log; null when that is too long ago. */
  changesSince(position: number): readonly number[] | null {
    return position < this.#logStart ? null : this.#log.slice(position - this.#logStart);
  }

  /**
   * Takes over what happened in the history.
   *
   * @param nBelow How many trials are to be good.
   * @param withRunning Whether running trials count, as bad ones.
   * @param current The trial to be sampled for, which is on neither side.
   */
  refresh(nBelow: number, withRunning: boolean, current: number): void {
    const history = this.#history;
    if (this.#epoch !== history.epoch) this.#startOver();
    if (this.#log.length > LOG_LIMIT) {
      this.#logStart += LOG_LIMIT / 2;
      this.#log = this.#log.slice(LOG_LIMIT / 2);
    }
    if (this.#sides.length < history.states.length) {
      const sides = new Uint8Array(history.states.length);
      sides.set(this.#sides);
      this.#sides = sides;
    }
    this.#readFinished();
    this.#setBelow(this.#select(nBelow));
    this.#setRunning(withRunning, current);
  }

  #startOver(): void {
    this.#epoch = this.#history.epoch;
    this.#nRead = 0;
    this.#complete.clear();
    this.#pruned.clear();
    this.#infeasible.clear();
    this.#sides.fill(NEITHER);
    this.#below = [];
    this.#running.clear();
    this.#logStart = this.logEnd + 1;
    this.#log = [];
    this.#selection = { nRead: -1, nBelow: -1, rows: [] };
  }

  #readFinished(): void {
    const history = this.#history;
    const complete: number[] = [];
    const pruned: number[] = [];
    const infeasible: number[] = [];
    for (; this.#nRead < history.nFinished; this.#nRead++) {
      const row = history.finishedRows[this.#nRead] as number;
      const state = history.states[row];
      if (state === rowStates.fail) continue;
      if ((history.violations[row] as number) > 0) infeasible.push(row);
      else if (state === rowStates.complete) complete.push(row);
      else pruned.push(row);
      this.#setSide(row, ABOVE);
    }
    this.#complete.insertAll(complete);
    this.#pruned.insertAll(pruned);
    this.#infeasible.insertAll(infeasible);
  }

  /** The best trials, by number. */
  #select(nBelow: number): number[] {
    const nComplete = Math.min(nBelow, this.#complete.length);
    const nPruned = Math.min(nBelow - nComplete, this.#pruned.length);
    const nInfeasible = Math.min(nBelow - nComplete - nPruned, this.#infeasible.length);
    const complete =
      this.#history.directions.length === 1
        ? this.#complete.view().subarray(0, nComplete)
        : this.#selectByFronts(nComplete);
    return [
      ...complete,
      ...this.#pruned.view().subarray(0, nPruned),
      ...this.#infeasible.view().subarray(0, nInfeasible),
    ].sort((a, b) => a - b);
  }

  #selectByFronts(nBelow: number): readonly number[] {
    const isKnown = this.#selection.nRead === this.#nRead && this.#selection.nBelow === nBelow;
    if (!isKnown) {
      const rows = [...this.#complete.view()];
      const { directions, values } = this.#history;
      const losses = new Float64Array(rows.length * directions.length);
      rows.forEach((row, i) => {
        directions.forEach((direction, k) => {
          const value = values[k]?.[row] as number;
          losses[i * directions.length + k] = direction === 'minimize' ? value : -value;
        });
      });
      const selected = selectBest(losses, directions.length, nBelow);
      this.#selection = {
        nRead: this.#nRead,
        nBelow,
        rows: selected.map((i) => rows[i] as number),
      };
    }
    return this.#selection.rows;
  }

  #setBelow(rows: readonly number[]): void {
    const before = this.#below;
    const isStillBelow = new Set(rows);
    for (const row of before) if (!isStillBelow.has(row)) this.#setSide(row, ABOVE);
    for (const row of rows) this.#setSide(row, BELOW);
    this.#below = rows;
  }

  #setRunning(withRunning: boolean, current: number): void {
    const history = this.#history;
    for (const row of this.#running.keys())
      if (!withRunning || row === current || !history.running.has(row)) {
        this.#running.delete(row);
        const state = history.states[row];
        const isJudged = state === rowStates.complete || state === rowStates.pruned;
        if (!isJudged) this.#setSide(row, NEITHER);
      }
    if (!withRunning) return;
    for (const [row, trial] of history.running) {
      if (row === current) continue;
      if (this.#running.get(row) !== trial) this.#log.push(row);
      this.#running.set(row, trial);
      this.#sides[row] = ABOVE;
    }
  }

  #setSide(row: number, side: number): void {
    // A finished trial is logged even if it was above before, as running: its parameters may have changed.
    if (this.#sides[row] !== side || side === ABOVE) this.#log.push(row);
    this.#sides[row] = side;
  }
}

function pruningLoss(history: StudyHistory, sign: number, row: number): number {
  if (Number.isNaN(history.lastSteps[row])) return 0;
  const value = history.lastValues[row] as number;
  return Number.isNaN(value) ? Infinity : sign * value;
}

/**
 * The `size` best of points with several objectives: whole fronts as long as they fit, then those of the next front that add
 * most hypervolume.
 *
 * @param losses nPoints x nObjectives, row-major.
 * @returns Their indices.
 */
export function selectBest(losses: Float64Array, nObjectives: number, size: number): number[] {
  const ranks = nondominationRanks(losses, nObjectives, size);
  const fronts: number[][] = [];
  ranks.forEach((rank, i) => (fronts[rank] ??= []).push(i));
  const selected: number[] = [];
  for (const front of fronts) {
    if (selected.length + front.length > size) {
      const points = new Float64Array(front.length * nObjectives);
      front.forEach((index, i) =>
        points.set(
          losses.subarray(index * nObjectives, (index + 1) * nObjectives),
          i * nObjectives,
        ),
      );
      const chosen = selectByHypervolume(
        points,
        referencePoint(points, nObjectives),
        size - selected.length,
      );
      selected.push(...chosen.map((i) => front[i] as number));
      break;
    }
    selected.push(...front);
  }
  return selected;
}

/** A tenth beyond the worst value of each objective. */
function referencePoint(points: Float64Array, nObjectives: number): Float64Array {
  const reference = new Float64Array(nObjectives).fill(-Infinity);
  points.forEach((value, i) => {
    const k = i % nObjectives;
    reference[k] = Math.max(reference[k] as number, value);
  });
  return reference.map((worst) => Math.max(1.1 * worst, 0.9 * worst) || 1e-12);
}
