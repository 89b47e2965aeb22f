/** What charts are asked for, by ids that can cross to the worker, and what these are among the trials: the same on both sides. */
import type { TrialCurves } from '../../src-main/contract/trials.ts';
import type { IntermediateValuesOptions } from '../charts/intermediate-values.ts';
import type { ParallelOptions } from '../charts/parallel-coordinates.ts';
import type { PairOptions } from '../charts/rank.ts';
import type { SliceOptions } from '../charts/slice.ts';
import { targetOf } from '../charts/target.ts';
import { paramColumn } from '../trials/trial-view.ts';
import type { ShownTrials } from './shown-trials.ts';

export interface CurvesArgs {
  readonly curves: TrialCurves;
  readonly options: IntermediateValuesOptions;
  /** Whether trials that the filters leave out are drawn as such. */
  readonly isFiltered: boolean;
}

export interface SliceArgs {
  /** A parameter's name. */
  readonly param: string;
  /** A field's id, here and below. */
  readonly target: string;
}

/** Null where there is no such parameter. */
export function sliceOptions(
  trials: ShownTrials,
  { param, target }: SliceArgs,
): Pick<SliceOptions, 'param' | 'target'> | null {
  const column = paramColumn(trials.view, param);
  return column ? { param: column, target: targetOf(trials, target) } : null;
}

export interface PairArgs {
  /** Names of parameters. */
  readonly x: string;
  readonly y: string;
  readonly target: string;
}

/** Null where one of the parameters is not there. */
export function pairOptions(trials: ShownTrials, { x, y, target }: PairArgs): PairOptions | null {
  const [columnX, columnY] = [paramColumn(trials.view, x), paramColumn(trials.view, y)];
  if (!columnX || !columnY) return null;
  return { x: columnX, y: columnY, target: targetOf(trials, target) };
}

export interface ParallelArgs {
  readonly fieldIds: readonly string[];
  readonly target: string;
  /** Whether the axis of the target is logarithmic, which its values allow. */
  readonly isLog: boolean;
}

export function parallelOptions(
  trials: ShownTrials,
  { fieldIds, target, isLog }: ParallelArgs,
): ParallelOptions {
  return {
    fields: fieldIds.flatMap((wanted) => {
      const field = trials.fields.find(({ id }) => id === wanted);
      return field && isLog && wanted === target ? { ...field, isLog } : (field ?? []);
    }),
    target: targetOf(trials, target),
  };
}
