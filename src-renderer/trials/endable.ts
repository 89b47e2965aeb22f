import type { RunStatus } from '../../src-main/contract/runs.ts';
import type { TrialState } from '../../src-main/tuner/trial/frozen-trial.ts';
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
  const stateNow = (number: number): TrialState | null => {
    const row = rowOfTrial(view, number);
    return row < 0 ? null : stateOf(view, row);
  };
  return {
    stoppable: trialNumbers.filter((number) => here.has(number)),
    failable: trialNumbers.filter((number) => {
      const state = stateNow(number);
      return state === 'waiting' ? !isActive : state === 'running' && !here.has(number);
    }),
  };
}
