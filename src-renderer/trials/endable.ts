import type { RunStatus } from '../../src-main/contract/runs.ts';
import { rowOfTrial, stateOf, type TrialView } from './trial-view.ts';

/** Trials that can be ended by hand. */
export interface EndableTrials {
  /** Those that this program runs. */
  readonly stoppable: number[];
  /** Those that run or wait, and that it does not run. */
  readonly failable: number[];
}

export function endableTrials(
  view: TrialView,
  run: RunStatus | null,
  trialNumbers: readonly number[],
): EndableTrials {
  const here = new Set(run?.runningTrials.map(({ trialNumber }) => trialNumber));
  const isActive = run !== null && run.endedAtMs === null;
  const states = trialNumbers.map((number) => stateOf(view, rowOfTrial(view, number)));
  return {
    stoppable: trialNumbers.filter((number) => here.has(number)),
    failable: trialNumbers.filter(
      (number, i) =>
        (states[i] === 'running' && !here.has(number)) || (states[i] === 'waiting' && !isActive),
    ),
  };
}
