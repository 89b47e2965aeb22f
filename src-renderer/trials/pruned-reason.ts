import type { TrialCurves } from '../../src-main/contract/trials.ts';
import { isBetter, type StudyDirection } from '../../src-main/tuner/study/direction.ts';
import { indexOfSorted, rowOfTrial, stateCode, type TrialView } from './trial-view.ts';

export interface PrunedReason {
  /** The step it was pruned at. */
  readonly step: number;
  /** The best it had reported until then. */
  readonly ownBest: number;
  /** The median of what complete trials reported at that step; null where none did. */
  readonly median: number | null;
  readonly nOthers: number;
}

/** What a pruned trial looked like beside the others when it was pruned; null where it reported nothing. */
export function prunedReason(
  curves: TrialCurves,
  view: TrialView,
  trialNumber: number,
  direction: StudyDirection,
): PrunedReason | null {
  const own = indexOfSorted(curves.numbers, trialNumber);
  const [start = 0, end = 0] = own < 0 ? [] : [curves.offsets[own], curves.offsets[own + 1]];
  if (end <= start) return null;
  const step = curves.steps[end - 1] as number;
  let ownBest = NaN;
  for (let k = start; k < end; k++) {
    const value = curves.values[k] as number;
    if (Number.isNaN(ownBest) || isBetter(direction, value, ownBest)) ownBest = value;
  }
  const others: number[] = [];
  for (let i = 0; i < curves.numbers.length; i++) {
    const row = rowOfTrial(view, curves.numbers[i] as number);
    if (i === own || view.states[row] !== stateCode.complete) continue;
    const at = curves.steps.subarray(curves.offsets[i], curves.offsets[i + 1]).indexOf(step);
    const value = at < 0 ? NaN : (curves.values[(curves.offsets[i] as number) + at] as number);
    if (!Number.isNaN(value)) others.push(value);
  }
  others.sort((a, b) => a - b);
  const middle = (others.length - 1) / 2;
  const median =
    others.length === 0
      ? null
      : ((others[Math.floor(middle)] as number) + (others[Math.ceil(middle)] as number)) / 2;
  return { step, ownBest, median, nOthers: others.length };
}
