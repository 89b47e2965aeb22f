import type { TrialAnnotations } from '../../src-main/contract/trials.ts';
import { indexOfSorted, type TrialView } from './trial-view.ts';

/** What people said of the trials of a view, row by row. */
export interface TrialMarks {
  /** 1: hidden, and here only because hidden trials are shown. */
  readonly isHidden: Uint8Array;
  readonly tags: readonly (readonly string[])[];
  /** How the note begins; empty where there is none. */
  readonly notes: readonly string[];
}

/** The view with its marks, without hidden trials unless they are to be shown. The very view where nothing was said. */
export function markView(
  view: TrialView,
  annotations: TrialAnnotations,
  showsHidden: boolean,
): TrialView {
  const { hidden, tags, notes } = annotations;
  const isMarked = [hidden, Object.keys(tags), Object.keys(notes)].some(({ length }) => length > 0);
  if (!isMarked) return view;
  const isHidden = new Uint8Array(view.nTrials);
  for (const number of hidden) {
    const row = indexOfSorted(view.numbers, number);
    if (row >= 0) isHidden[row] = 1;
  }
  const shown = showsHidden ? view : withoutRows(view, isHidden);
  return {
    ...shown,
    marks: {
      isHidden: showsHidden ? isHidden : new Uint8Array(shown.nTrials),
      tags: byRow(shown, tags, []),
      notes: byRow(shown, notes, ''),
    },
  };
}

/** How many trials of the view are hidden. */
export function countHidden(view: TrialView, { hidden }: TrialAnnotations): number {
  return hidden.filter((number) => indexOfSorted(view.numbers, number) >= 0).length;
}

function byRow<T>(view: TrialView, byNumber: Readonly<Record<number, T>>, nothing: T): T[] {
  const rows = new Array<T>(view.nTrials).fill(nothing);
  for (const [number, said] of Object.entries(byNumber)) {
    const row = indexOfSorted(view.numbers, Number(number));
    if (row >= 0) rows[row] = said;
  }
  return rows;
}

function withoutRows(view: TrialView, isGone: Uint8Array): TrialView {
  const runs = keptRuns(isGone);
  const nTrials = runs.reduce((n, [start, end]) => n + end - start, 0);
  if (nTrials === view.nTrials) return view;
  /** Whole runs are copied much faster than single rows. */
  const keep = <T extends Float64Array | Int32Array | Uint8Array>(column: T): T => {
    const kept = column.slice(0, nTrials) as T;
    let at = 0;
    for (const [start, end] of runs) {
      kept.set(column.subarray(start, end), at);
      at += end - start;
    }
    return kept;
  };
  return {
    revision: view.revision,
    nTrials,
    trialIds: keep(view.trialIds),
    numbers: keep(view.numbers),
    states: keep(view.states),
    values: view.values.map(keep),
    startedAtMs: keep(view.startedAtMs),
    completedAtMs: keep(view.completedAtMs),
    isFeasible: keep(view.isFeasible),
    nIntermediate: keep(view.nIntermediate),
    lastSteps: keep(view.lastSteps),
    lastValues: keep(view.lastValues),
    params: view.params.map((param) => ({ ...param, values: keep(param.values) })),
    userAttrs: view.userAttrs.map(({ name, values }) => ({
      name,
      values: runs.flatMap(([start, end]) => values.slice(start, end)),
    })),
    marks: null,
  };
}

/** The rows that stay, as ranges [start, end). */
function keptRuns(isGone: Uint8Array): [start: number, end: number][] {
  const runs: [number, number][] = [];
  let start = 0;
  for (let row = 0; row <= isGone.length; row++) {
    if (row < isGone.length && isGone[row] === 0) continue;
    if (row > start) runs.push([start, row]);
    start = row + 1;
  }
  return runs;
}
