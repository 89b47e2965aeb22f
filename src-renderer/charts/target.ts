import type { StudyDirection } from '../../src-main/tuner/study/direction.ts';
import { text } from '../text.ts';
import { valueFieldId, type Field } from '../trials/fields.ts';
import { isCandidate } from '../trials/best.ts';
import type { TrialView } from '../trials/trial-view.ts';
import type { ShownTrials } from '../work/shown-trials.ts';
import { drawnValue } from './point-groups.ts';

/** What a chart explains: an objective, or any other number of a trial. */
export interface Target {
  readonly fieldId: string;
  readonly title: string;
  /** Which end is better; null for what is not optimized. */
  readonly direction: StudyDirection | null;
  /** NaN where the trial has nothing to draw. */
  readonly at: (row: number) => number;
  /** Whether a row counts for statistics: complete, feasible, with a value. */
  readonly isCounted: (row: number) => boolean;
}

export function createTarget(
  view: TrialView,
  field: Field,
  directions: readonly StudyDirection[],
): Target {
  const objective = field.group === 'value' ? Number(field.id.slice('value:'.length)) : -1;
  const at =
    objective >= 0
      ? (row: number) => drawnValue(view, row, objective)
      : (row: number) => field.key(row);
  return {
    fieldId: field.id,
    title: field.title,
    direction: directions[objective] ?? null,
    at,
    isCounted: (row) => isCandidate(view, row, Math.max(0, objective)) && !Number.isNaN(at(row)),
  };
}

/** What a field is as a target; the first objective where there is no such field. */
export function targetOf({ view, fields, look }: ShownTrials, fieldId: string): Target {
  const field = [fieldId, valueFieldId(0)]
    .map((wanted) => fields.find(({ id }) => id === wanted))
    .find((found) => found !== undefined);
  if (field) return createTarget(view, field, look.directions);
  const nothing = { fieldId: valueFieldId(0), title: text.fields.value, direction: null };
  return { ...nothing, at: () => NaN, isCounted: () => false };
}

/**
 * How good each row's target is among all that count: 0 the worst, 1 the best, equal values alike (mid ranks); NaN for rows that do
 * not count. Where nothing is optimized, more is "better".
 */
export function qualityRanks(nTrials: number, target: Target): Float64Array {
  const ranks = new Float64Array(nTrials).fill(NaN);
  const counted = new Float64Array(nTrials);
  let n = 0;
  for (let row = 0; row < nTrials; row++) {
    if (!target.isCounted(row)) continue;
    ranks[row] = target.at(row);
    counted[n++] = ranks[row] as number;
  }
  // Numbers are sorted much faster than rows by what they stand for.
  const sorted = counted.subarray(0, n).sort();
  const isDown = target.direction === 'minimize';
  for (let row = 0; row < nTrials; row++) {
    const value = ranks[row] as number;
    if (Number.isNaN(value)) continue;
    const place = (countBelow(sorted, value) + countUpTo(sorted, value) - 1) / 2;
    ranks[row] = n === 1 ? 1 : (isDown ? n - 1 - place : place) / (n - 1);
  }
  return ranks;
}

/** Rows by their quality ranks, the worst first and those that do not count before them; equal ones stay in order. */
export function orderByQuality(rows: readonly number[], ranks: Float64Array): Int32Array {
  // Different ranks are at least half a place apart, so places can be counted instead of compared.
  const nPlaces = 2 * ranks.length + 2;
  const placeOf = (row: number): number => {
    const rank = ranks[row] as number;
    return Number.isNaN(rank) ? 0 : 1 + Math.floor(rank * 2 * ranks.length);
  };
  const next = new Int32Array(nPlaces + 1);
  const step = (place: number, by: number): number => (next[place] = (next[place] as number) + by);
  for (const row of rows) step(placeOf(row) + 1, 1);
  for (let place = 0; place < nPlaces; place++) step(place + 1, next[place] as number);
  const ordered = new Int32Array(rows.length);
  for (const row of rows) ordered[step(placeOf(row), 1) - 1] = row;
  return ordered;
}

function countBelow(sorted: Float64Array, value: number): number {
  return partition(sorted, (candidate) => candidate < value);
}

function countUpTo(sorted: Float64Array, value: number): number {
  return partition(sorted, (candidate) => candidate <= value);
}

/** How many of the first entries pass, where no later one does. */
function partition(sorted: Float64Array, passes: (candidate: number) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (passes(sorted[middle] as number)) low = middle + 1;
    else high = middle;
  }
  return low;
}
