import type { SpecData } from '../../src-main/contract/specs.ts';
import { stateCode, type TrialView } from './trial-view.ts';

/**
 * Epochs that pruning saved, and those that were trained, as the reports of all trials say; null where the study does not say how many a trial has. What
 * early stopping saves is not counted: a pruned trial might have stopped early, too.
 */
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
    if (view.states[row] === stateCode.pruned)
      saved += Math.max(0, plan.nReports - nReports) * plan.epochsPerReport;
  }
  return { saved, trained };
}

/** How far a trial goes that nothing ends early: how often it reports, after each epoch or of folds after each fold, and the epochs behind one report. */
function epochPlan(spec: SpecData | null): { nReports: number; epochsPerReport: number } | null {
  const nEpochs = mostEpochs(spec);
  if (nEpochs === null) return null;
  const nFolds = foldsOf(spec);
  return nFolds === null
    ? { nReports: nEpochs, epochsPerReport: 1 }
    : { nReports: nFolds, epochsPerReport: nEpochs };
}

/** The most epochs of a trial: a number, or the end of a range or the largest choice. */
function mostEpochs(spec: SpecData | null): number | null {
  const epochs = partOf(spec, 'training')?.epochs;
  if (typeof epochs === 'number') return epochs;
  const { int, choices } = (epochs ?? {}) as { int?: unknown; choices?: unknown };
  const numbers = [int, choices].flat().filter((value) => typeof value === 'number');
  return numbers.length > 0 ? Math.max(...numbers) : null;
}

function foldsOf(spec: SpecData | null): number | null {
  const split = partOf(spec, 'data')?.split as { folds?: unknown; repeats?: unknown } | undefined;
  if (typeof split?.folds !== 'number') return null;
  return split.folds * (typeof split.repeats === 'number' ? split.repeats : 1);
}

function partOf(spec: SpecData | null, key: string): Readonly<Record<string, unknown>> | undefined {
  return spec?.[key] as Readonly<Record<string, unknown>> | undefined;
}
