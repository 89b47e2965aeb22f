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
      tags: Array.from(shown.numbers, (number) => tags[number] ?? []),
      notes: Array.from(shown.numbers, (number) => notes[number] ?? ''),
    },
  };
}

/** How many trials of the view are hidden. */
export function countHidden(view: TrialView, { hidden }: TrialAnnotations): number {
  return hidden.filter((number) => indexOfSorted(view.numbers, number) >= 0).length;
}

function withoutRows(view: TrialView, isGone: Uint8Array): TrialView {
  const rows = new Int32Array(view.nTrials - isGone.reduce((n, gone) => n + gone, 0));
  for (let row = 0, i = 0; row < view.nTrials; row++) if (isGone[row] === 0) rows[i++] = row;
  if (rows.length === view.nTrials) return view;
  const real = (column: Float64Array): Float64Array =>
    Float64Array.from(rows, (row) => column[row] as number);
  const whole = (column: Int32Array): Int32Array =>
    Int32Array.from(rows, (row) => column[row] as number);
  const small = (column: Uint8Array): Uint8Array =>
    Uint8Array.from(rows, (row) => column[row] as number);
  return {
    revision: view.revision,
    nTrials: rows.length,
    trialIds: whole(view.trialIds),
    numbers: whole(view.numbers),
    states: small(view.states),
    values: view.values.map(real),
    startedAtMs: real(view.startedAtMs),
    completedAtMs: real(view.completedAtMs),
    isFeasible: small(view.isFeasible),
    nIntermediate: whole(view.nIntermediate),
    lastSteps: whole(view.lastSteps),
    lastValues: real(view.lastValues),
    params: view.params.map((param) => ({ ...param, values: real(param.values) })),
    userAttrs: view.userAttrs.map(({ name, values }) => ({
      name,
      values: Array.from(rows, (row) => values[row] ?? null),
    })),
    marks: null,
  };
}
