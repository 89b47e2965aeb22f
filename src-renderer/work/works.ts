import { contourInfo } from '../charts/contour.ts';
import { edfInfo } from '../charts/edf.ts';
import { hypervolumeInfo, type HypervolumeOptions } from '../charts/hypervolume.ts';
import {
  canBeLog,
  optimizationHistoryInfo,
  reportReader,
  valuesOf,
  type OptimizationHistoryOptions,
} from '../charts/optimization-history.ts';
import { parallelInfo } from '../charts/parallel-coordinates.ts';
import { paretoFrontInfo, type ParetoFrontOptions } from '../charts/pareto-front.ts';
import { rankInfo } from '../charts/rank.ts';
import { sliceInfo, targetAxis } from '../charts/slice.ts';
import { targetOf } from '../charts/target.ts';
import { timelineInfo, type TimelineOptions } from '../charts/timeline.ts';
import type { ExpressionError } from '../trials/expression.ts';
import { bestOf, bestRows } from '../trials/best.ts';
import { countChoices } from '../trials/fields.ts';
import { sortRows, type Sort } from '../trials/sort.ts';
import { countPresent, type TrialView } from '../trials/trial-view.ts';
import { canCurvesBeLog, intermediateValuesInfo } from '../charts/intermediate-values.ts';
import { pairOptions, parallelOptions, sliceOptions } from './options.ts';
import type { CurvesArgs, PairArgs, ParallelArgs, SliceArgs } from './options.ts';
import type { ShownTrials } from './shown-trials.ts';

export interface BestTrials {
  /** Of the best trial and its ties, or of the front; ascending. */
  readonly numbers: Int32Array;
  /** The best of each objective: its value, the first trial that reached it, and how many did. Null while no trial counts. */
  readonly objectives: readonly (Readonly<Record<'value' | 'number' | 'nTied', number>> | null)[];
}

export interface PassingTrials {
  /** Of the trials that pass the filters, ascending. */
  readonly numbers: Int32Array;
  /** What is wrong with the expression among the filters, and where in it. */
  readonly problem: Readonly<Pick<ExpressionError, 'message' | 'position'>> | null;
}

/**
 * What is computed over all trials, by name. Arguments and results cross to the worker and back: numbers, texts, arrays and plain
 * objects, no functions. A row of a result is a row of the trials it was computed from.
 */
export const works = {
  best: ({ view, look }: ShownTrials, _: null): BestTrials => ({
    numbers: numbersOf(view, bestRows(view, look.directions)),
    objectives: look.directions.map((direction, objective) => {
      const best = bestOf(view, direction, objective);
      if (!best) return null;
      const { value, row, tiedRows } = best;
      return { value, number: view.numbers[row] as number, nTied: tiedRows.length };
    }),
  }),

  filter: ({ view, filtered: { rows, problem } }: ShownTrials, _: null): PassingTrials => ({
    numbers: numbersOf(view, rows),
    problem: problem && { message: problem.message, position: problem.position },
  }),

  /** The same in the order of a table. */
  order: ({ view, fields, filtered }: ShownTrials, { sorts }: { sorts: readonly Sort[] }) =>
    numbersOf(view, sortRows(filtered.rows, sorts, fields)),

  /** How many trials have each of a field's choices. */
  choices: ({ view, fields }: ShownTrials, { fieldId }: { fieldId: string }) => {
    const field = fields.find(({ id }) => id === fieldId);
    return field ? countChoices(view, field) : [];
  },

  history: (trials: ShownTrials, options: OptimizationHistoryOptions) => {
    const { objective = 0, otherFieldId = null, reports = null } = options;
    const { view, filtered } = trials;
    const otherAt = otherFieldId === null ? null : targetOf(trials, otherFieldId).at;
    const at = reports ? reportReader(view, reports) : otherAt;
    const isLog = options.isLog === true && canBeLog(valuesOf(view, objective, at));
    return optimizationHistoryInfo(view, { ...options, isLog, mask: filtered.mask }, at);
  },

  paretoFront: ({ view, filtered }: ShownTrials, options: ParetoFrontOptions) =>
    paretoFrontInfo(view, { ...options, mask: filtered.mask }),

  hypervolume: ({ view }: ShownTrials, options: HypervolumeOptions) =>
    hypervolumeInfo(view, options),

  timeline: (trials: ShownTrials, options: TimelineOptions) => {
    const { colorFieldId = null } = options;
    const target = colorFieldId === null ? null : targetOf(trials, colorFieldId);
    return timelineInfo(trials.view, { ...options, mask: trials.filtered.mask }, target);
  },

  /** Null where there are no curves yet. */
  curves: ({ view, filtered }: ShownTrials, args: CurvesArgs | null) => {
    if (!args) return null;
    const { curves, options, isFiltered } = args;
    const canBeLog = canCurvesBeLog(curves);
    const isLog = options.isLog === true && canBeLog;
    const mask = isFiltered ? filtered.mask : null;
    const info = intermediateValuesInfo(curves, view, { ...options, isLog, mask });
    return { canBeLog, isLog, info };
  },

  /** Of a target. */
  axis: (trials: ShownTrials, { target, wantsLog }: { target: string; wantsLog: boolean }) =>
    targetAxis(trials.view, targetOf(trials, target), wantsLog),

  slice: (trials: ShownTrials, args: SliceArgs) => {
    const options = sliceOptions(trials, args);
    return options && sliceInfo(trials.view, { ...options, mask: trials.filtered.mask });
  },

  parallel: (trials: ShownTrials, args: ParallelArgs) =>
    parallelInfo(trials.view, {
      ...parallelOptions(trials, args),
      mask: trials.filtered.mask,
    }),

  /** How many trials have each parameter. */
  presence: ({ view }: ShownTrials, _: null) => countPresent(view),

  contour: (trials: ShownTrials, args: PairArgs) => {
    const options = pairOptions(trials, args);
    return options && contourInfo(trials.view, { ...options, mask: trials.filtered.mask });
  },

  rank: (trials: ShownTrials, args: PairArgs) => {
    const options = pairOptions(trials, args);
    return options && rankInfo(trials.view, { ...options, mask: trials.filtered.mask });
  },

  /** Of the trials that count and pass the filters. */
  edf: (trials: ShownTrials, { target }: { target: string }) => {
    const { at, isCounted } = targetOf(trials, target);
    return edfInfo(Float64Array.from(trials.filtered.rows.filter(isCounted), at));
  },
} satisfies Record<string, (trials: ShownTrials, args: never) => unknown>;

function numbersOf({ numbers }: TrialView, rows: ArrayLike<number>): Int32Array {
  return Int32Array.from(rows, (row) => numbers[row] as number);
}

export type WorkName = keyof typeof works;
export type WorkArgs<Name extends WorkName> = Parameters<(typeof works)[Name]>[1];
export type WorkResult<Name extends WorkName> = ReturnType<(typeof works)[Name]>;

/** The types of name, arguments and result belong together, which the compiler cannot follow through the map. */
export function runWork<Name extends WorkName>(
  name: Name,
  trials: ShownTrials,
  args: WorkArgs<Name>,
): WorkResult<Name> {
  const work = works[name] as (trials: ShownTrials, args: WorkArgs<Name>) => WorkResult<Name>;
  return work(trials, args);
}
