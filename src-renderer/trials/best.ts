import { isBetter, type StudyDirection } from '../../src-main/tuner/study/direction.ts';
import { paretoFrontOfColumns } from '../../src-main/tuner/study/pareto-front.ts';
import { stateCode, type TrialView } from './trial-view.ts';

/** Whether a trial counts for the best: complete, feasible, not hidden, and with a value. */
export function isCandidate(view: TrialView, row: number, objective = 0): boolean {
  return (
    view.states[row] === stateCode.complete &&
    view.isFeasible[row] === 1 &&
    view.marks?.isHidden[row] !== 1 &&
    !Number.isNaN(view.values[objective]?.[row] ?? NaN)
  );
}

export interface Best {
  readonly value: number;
  /** The first trial that reached it, as Optuna names it. */
  readonly row: number;
  /** All rows with this very value, `row` among them. */
  readonly tiedRows: readonly number[];
}

/** The best of one objective; null while no trial counts. */
export function bestOf(view: TrialView, direction: StudyDirection, objective = 0): Best | null {
  const values = view.values[objective];
  if (!values) return null;
  let best = NaN;
  let tiedRows: number[] = [];
  for (let row = 0; row < view.nTrials; row++) {
    if (!isCandidate(view, row, objective)) continue;
    const value = values[row] as number;
    if (tiedRows.length === 0 || isBetter(direction, value, best)) {
      best = value;
      tiedRows = [row];
    } else if (value === best) tiedRows.push(row);
  }
  const row = tiedRows[0];
  return row === undefined ? null : { value: best, row, tiedRows };
}

/** Rows of the trials that no other one dominates; for one objective, of the best and its ties. */
export function bestRows(
  view: TrialView,
  directions: readonly StudyDirection[],
): readonly number[] {
  const kind = directions.join();
  const known = fronts.get(view);
  if (known?.kind === kind) return known.rows;
  const rows =
    directions.length === 1
      ? (bestOf(view, directions[0] ?? 'minimize')?.tiedRows ?? [])
      : paretoFrontOfColumns(view.values, directions, (row) => isCandidate(view, row));
  fronts.set(view, { kind, rows });
  return rows;
}

/** The header, the table and the charts ask for the same. */
const fronts = new WeakMap<TrialView, { kind: string; rows: readonly number[] }>();
