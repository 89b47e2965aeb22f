import { epochPlan, epochsSaved } from '../../src-main/contract/epoch-plan.ts';
import type { SpecData } from '../../src-main/contract/specs.ts';
import { stateCode, type TrialView } from './trial-view.ts';

/** Epochs that pruning saved, and those that were trained, as the reports of all trials say; null where the study does not say how many a trial has. */
export function savedEpochs(
  spec: SpecData | null,
  view: TrialView,
): { readonly saved: number; readonly trained: number } | null {
  const plan = epochPlan(spec);
  if (plan === null) return null;
  let [saved, trained] = [0, 0];
  for (let row = 0; row < view.nTrials; row++) {
    const nReports = view.nIntermediate[row] ?? 0;
    trained += nReports * plan.epochsPerReport;
    if (view.states[row] === stateCode.pruned) saved += epochsSaved(plan, nReports);
  }
  return { saved, trained };
}
