import type { StudyDirection } from '../../src-main/tuner/study/direction.ts';
import type { Field } from '../trials/fields.ts';
import { isCandidate } from '../trials/best.ts';
import type { TrialView } from '../trials/trial-view.ts';
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

/**
 * How good each row's target is among all that count: 0 the worst, 1 the best, equal values alike (mid ranks); NaN for rows that do
 * not count. Where nothing is optimized, more is "better".
 */
export function qualityRanks(nTrials: number, target: Target): Float64Array {
  const rows: number[] = [];
  for (let row = 0; row < nTrials; row++) if (target.isCounted(row)) rows.push(row);
  const sign = target.direction === 'minimize' ? -1 : 1;
  rows.sort((a, b) => sign * (target.at(a) - target.at(b)));
  const ranks = new Float64Array(nTrials).fill(NaN);
  const last = Math.max(1, rows.length - 1);
  for (let start = 0; start < rows.length;) {
    let end = start;
    const value = target.at(rows[start] as number);
    while (end < rows.length && target.at(rows[end] as number) === value) end++;
    const rank = rows.length === 1 ? 1 : (start + end - 1) / 2 / last;
    for (let i = start; i < end; i++) ranks[rows[i] as number] = rank;
    start = end;
  }
  return ranks;
}
