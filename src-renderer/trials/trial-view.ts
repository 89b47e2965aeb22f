import type { AttrColumn, ParamColumn } from '../../src-main/contract/trials.ts';
import { trialStates, type TrialState } from '../../src-main/tuner/trial/frozen-trial.ts';
import type { TrialMarks } from './marks.ts';

/**
 * All trials of a study as columns: row i of every column is the same trial, rows ascend by trial number. The arrays belong to the
 * table they come from: read them, never write, and take the next view when the revision changes. A row of an older view is still the
 * trial it was, maybe with newer content.
 */
export interface TrialView {
  readonly revision: number;
  readonly nTrials: number;
  readonly trialIds: Int32Array;
  readonly numbers: Int32Array;
  /** Index into `trialStates`. */
  readonly states: Uint8Array;
  /** Per objective; NaN where there is no value. */
  readonly values: readonly Float64Array[];
  readonly startedAtMs: Float64Array;
  readonly completedAtMs: Float64Array;
  readonly isFeasible: Uint8Array;
  readonly nIntermediate: Int32Array;
  readonly lastSteps: Int32Array;
  readonly lastValues: Float64Array;
  readonly params: readonly ParamColumn[];
  readonly userAttrs: readonly AttrColumn[];
  /** Null where nothing was said of any trial. */
  readonly marks: TrialMarks | null;
}

/** `stateCode.complete` is what `view.states` holds for complete trials. */
export const stateCode = Object.fromEntries(
  trialStates.map((state, code) => [state, code]),
) as Readonly<Record<TrialState, number>>;

export const emptyTrialView: TrialView = {
  revision: 0,
  nTrials: 0,
  trialIds: new Int32Array(),
  numbers: new Int32Array(),
  states: new Uint8Array(),
  values: [],
  startedAtMs: new Float64Array(),
  completedAtMs: new Float64Array(),
  isFeasible: new Uint8Array(),
  nIntermediate: new Int32Array(),
  lastSteps: new Int32Array(),
  lastValues: new Float64Array(),
  params: [],
  userAttrs: [],
  marks: null,
};

export function stateOf(view: TrialView, row: number): TrialState {
  return trialStates[view.states[row] ?? 0] ?? 'waiting';
}

/** The row of a trial, or -1. */
export function rowOfTrial(view: TrialView, trialNumber: number): number {
  return indexOfSorted(view.numbers, trialNumber);
}

/** Position of `value` in an ascending array, or -1. */
export function indexOfSorted(sorted: Int32Array, value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const candidate = sorted[middle] as number;
    if (candidate === value) return middle;
    if (candidate < value) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

export function countStates(view: TrialView): Record<TrialState, number> {
  const counts = new Array<number>(trialStates.length).fill(0);
  for (let row = 0; row < view.nTrials; row++) {
    const code = view.states[row] as number;
    counts[code] = (counts[code] ?? 0) + 1;
  }
  return Object.fromEntries(trialStates.map((state, code) => [state, counts[code] ?? 0])) as Record<
    TrialState,
    number
  >;
}

/** Complete trials that violate a constraint. */
export function countInfeasible(view: TrialView): number {
  let n = 0;
  for (let row = 0; row < view.nTrials; row++)
    if (view.states[row] === stateCode.complete && view.isFeasible[row] === 0) n++;
  return n;
}

export function paramColumn(view: TrialView, name: string): ParamColumn | undefined {
  return view.params.find((column) => column.name === name);
}

/** How many trials have each parameter. */
export function countPresent({ params }: TrialView): { name: string; nTrials: number }[] {
  return params.map(({ name, values }) => {
    let nTrials = 0;
    for (const value of values) if (!Number.isNaN(value)) nTrials++;
    return { name, nTrials };
  });
}
