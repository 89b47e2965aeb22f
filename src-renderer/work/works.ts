import {
  canBeLog,
  optimizationHistoryInfo,
  type OptimizationHistoryOptions,
} from '../charts/optimization-history.ts';
import type { ShownTrials } from './shown-trials.ts';

/**
 * What is computed over all trials, by name. Arguments and results cross to the worker and back: numbers, texts, arrays and plain
 * objects, no functions. A row of a result is a row of the trials it was computed from.
 */
export const works = {
  history: ({ view, filtered }: ShownTrials, options: OptimizationHistoryOptions) =>
    optimizationHistoryInfo(view, {
      ...options,
      isLog: options.isLog === true && canBeLog(view, options.objective ?? 0),
      mask: filtered.mask,
    }),
} satisfies Record<string, (trials: ShownTrials, args: never) => unknown>;

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
