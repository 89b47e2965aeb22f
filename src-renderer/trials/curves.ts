import type { TrialCurves } from '../../src-main/contract/trials.ts';
import { indexOfSorted, stateCode, type TrialView } from './trial-view.ts';

export interface PickedCurves {
  /** Trials whose curves are wanted, ascending. */
  readonly numbers: Int32Array;
  /** How many reports each has. */
  readonly lengths: Int32Array;
  readonly nLeftOut: number;
}

/**
 * The trials whose curves are worth fetching: all that reported, or, where those are more than `limit`, running ones, those of
 * `always` and an even sample of the others.
 */
export function pickCurves(
  view: TrialView,
  always: ReadonlySet<number> = new Set(),
  limit = 4000,
): PickedCurves {
  const rows: number[] = [];
  for (let row = 0; row < view.nTrials; row++)
    if ((view.nIntermediate[row] as number) > 0) rows.push(row);
  const every = Math.ceil(rows.length / limit);
  const picked =
    every <= 1
      ? rows
      : rows.filter(
          (row, i) =>
            i % every === 0 ||
            view.states[row] === stateCode.running ||
            always.has(view.numbers[row] as number),
        );
  return {
    numbers: Int32Array.from(picked, (row) => view.numbers[row] as number),
    lengths: Int32Array.from(picked, (row) => view.nIntermediate[row] as number),
    nLeftOut: rows.length - picked.length,
  };
}

/** The curves of `numbers`, newer ones instead of known ones; those of trials in neither are left out. */
export function mergeCurves(
  known: TrialCurves | null,
  newer: TrialCurves,
  numbers: Int32Array,
): TrialCurves {
  const sources = new Map<number, { from: TrialCurves; index: number }>();
  for (const from of known ? [known, newer] : [newer])
    for (let index = 0; index < from.numbers.length; index++)
      sources.set(from.numbers[index] as number, { from, index });
  const picked = Array.from(numbers).flatMap((number) => {
    const source = sources.get(number);
    return source ? [{ number, ...source }] : [];
  });
  const offsets = new Int32Array(picked.length + 1);
  picked.forEach(({ from, index }, i) => {
    const length = (from.offsets[index + 1] as number) - (from.offsets[index] as number);
    offsets[i + 1] = (offsets[i] as number) + length;
  });
  const total = offsets[picked.length] as number;
  const steps = new Int32Array(total);
  const values = new Float64Array(total);
  picked.forEach(({ from, index }, i) => {
    const [start, end] = [from.offsets[index] as number, from.offsets[index + 1] as number];
    steps.set(from.steps.subarray(start, end), offsets[i]);
    values.set(from.values.subarray(start, end), offsets[i]);
  });
  return { numbers: Int32Array.from(picked, ({ number }) => number), offsets, steps, values };
}

/** What trials reported at one step. */
export interface StepReports {
  /** Trials whose reports are known, ascending. */
  readonly numbers: Int32Array;
  /** NaN where a trial did not report at the step. */
  readonly values: Float64Array;
}

export function reportsAt(
  { numbers, offsets, steps, values }: TrialCurves,
  step: number,
): StepReports {
  return {
    numbers,
    values: Float64Array.from(numbers, (_, i) => {
      const [start, end] = [offsets[i] as number, offsets[i + 1] as number];
      const place = indexOfSorted(steps.subarray(start, end), step);
      return place < 0 ? NaN : (values[start + place] as number);
    }),
  };
}

/** The steps at which any trial reported, ascending. */
export function reportedSteps({ steps }: TrialCurves): Int32Array {
  return Int32Array.from(new Set(steps)).sort();
}

/** The last step that half of the trials reached; null where none reported. */
export function commonStep({ offsets, steps }: TrialCurves): number | null {
  const lasts: number[] = [];
  for (let i = 1; i < offsets.length; i++)
    if (offsets[i] !== offsets[i - 1]) lasts.push(steps[(offsets[i] as number) - 1] as number);
  lasts.sort((a, b) => b - a);
  return lasts[Math.ceil(lasts.length / 2) - 1] ?? null;
}
