import {
  isSameDistribution,
  toInternal,
  type Distribution,
  type ParamValue,
  type SearchSpace,
} from '../../distributions.ts';
import { getOwn } from '../../own-entries.ts';
import type { StudyHistory } from '../../study/study-history.ts';
import type { FrozenTrial } from '../../trial/frozen-trial.ts';
import { ParzenEstimator, type KernelOptions } from './parzen-estimator.ts';
import { TrialSplit } from './split.ts';

/** Under which Optuna's workers tell what they sampled for a running trial: JSON, in pieces `:0`, `:1`, … */
const RELATIVE_PARAMS = 'tpe:relative_params';
/** Estimators kept; a study with more parameters sampled alone computes some of them anew. */
const MAX_ESTIMATORS = 256;

/** What one sampler knows of one study: the split, and for each set of parameters the density of the bad trials, kept up. */
export class TpeState {
  readonly history: StudyHistory;
  readonly #options: KernelOptions;
  readonly #split: TrialSplit;
  readonly #estimators = new Map<string, Estimator>();
  /** Internal values of running trials that were sampled and may not be suggested yet, by row. */
  readonly #announced = new Map<number, Readonly<Record<string, number>>>();

  constructor(history: StudyHistory, options: KernelOptions) {
    this.history = history;
    this.#options = options;
    this.#split = new TrialSplit(history);
  }

  /** See `TrialSplit.refresh`. To be called before the densities are asked for. */
  refresh(nBelow: number, withRunning: boolean, current: number): void {
    this.#split.refresh(nBelow, withRunning, current);
    for (const row of this.#announced.keys())
      if (row !== current && !this.history.running.has(row)) this.#announced.delete(row);
  }

  /** Lets later trials know what this one is going to try. */
  announce(trial: FrozenTrial, internalParams: Readonly<Record<string, number>>): void {
    this.#announced.set(trial.number, internalParams);
  }

  /** The density of the good trials that have all these parameters. */
  below(space: SearchSpace): ParzenEstimator {
    const isMultiObjective = this.history.directions.length > 1;
    const estimator = new ParzenEstimator(
      space,
      isMultiObjective ? { ...this.#options, weights: evenWeights } : this.#options,
    );
    // Numbered anew, in the same order: an estimator's arrays are as long as its highest row.
    this.#split.below.forEach((row, i) => {
      const values = this.#valuesOf(row, space);
      if (values) estimator.add(i, values);
    });
    return estimator;
  }

  /** The density of the bad trials that have all these parameters. */
  above(space: SearchSpace): ParzenEstimator {
    const key = Object.keys(space).join('\0');
    let entry = this.#estimators.get(key);
    if (!entry || !isSameSpace(entry.space, space))
      entry = { space, parzen: new ParzenEstimator(space, this.#options), position: -1 };
    // The most recently used is last.
    this.#estimators.delete(key);
    this.#estimators.set(key, entry);
    if (this.#estimators.size > MAX_ESTIMATORS)
      this.#estimators.delete(this.#estimators.keys().next().value as string);
    this.#follow(entry);
    return entry.parzen;
  }

  #follow(entry: Estimator): void {
    const { parzen, space } = entry;
    const changes = entry.position < 0 ? null : this.#split.changesSince(entry.position);
    if (changes === null) {
      parzen.clear();
      parzen.reserve(this.history.nRows);
      for (const row of this.#split.above()) {
        const values = this.#valuesOf(row, space);
        if (values) parzen.add(row, values);
      }
    } else
      for (const row of new Set(changes)) {
        const values = this.#split.isAbove(row) ? this.#valuesOf(row, space) : null;
        const isContained = parzen.has(row);
        if (isContained && values && parzen.hasValues(row, values)) continue;
        if (isContained) parzen.remove(row);
        if (values) parzen.add(row, values);
      }
    entry.position = this.#split.logEnd;
  }

  /** Internal values of a trial in the order of the space; null where one is missing. */
  #valuesOf(row: number, space: SearchSpace): number[] | null {
    const running = this.history.running.get(row);
    const announced = running
      ? (this.#announced.get(row) ?? announcedByOptuna(running, space))
      : null;
    const values: number[] = [];
    for (const name of Object.keys(space)) {
      let value = this.history.params.get(name)?.values[row] ?? NaN;
      if (Number.isNaN(value)) value = (announced && getOwn(announced, name)) ?? NaN;
      if (Number.isNaN(value)) return null;
      values.push(value);
    }
    return values;
  }
}

interface Estimator {
  readonly space: SearchSpace;
  readonly parzen: ParzenEstimator;
  /** How far it has followed the split's log. */
  position: number;
}

function isSameSpace(a: SearchSpace, b: SearchSpace): boolean {
  return Object.keys(b).every((name) =>
    isSameDistribution(a[name] as Distribution, b[name] as Distribution),
  );
}

function evenWeights(n: number): Float64Array {
  return new Float64Array(n).fill(1);
}

function announcedByOptuna(trial: FrozenTrial, space: SearchSpace): Record<string, number> | null {
  const pieces: string[] = [];
  for (;;) {
    const piece = trial.systemAttrs[`${RELATIVE_PARAMS}:${pieces.length}`];
    if (typeof piece !== 'string') break;
    pieces.push(piece);
  }
  if (pieces.length === 0) return null;
  try {
    const params = JSON.parse(pieces.join('')) as Record<string, ParamValue>;
    return Object.fromEntries(
      Object.keys(params)
        .filter((name) => Object.hasOwn(space, name))
        .map((name) => [
          name,
          toInternal(space[name] as Distribution, getOwn(params, name) ?? null),
        ]),
    );
  } catch {
    // Not all pieces are written yet, or a value does not fit the distribution.
    return null;
  }
}
