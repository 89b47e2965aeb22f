import type { SpecData } from '../../src-main/contract/specs.ts';
import { stateCode, type TrialView } from './trial-view.ts';

/**
 * Epochs that pruning saved, and those that were trained, as the reports of all trials say; null where the study does not say how many epochs a
 * trial has. What early stopping saves is not counted: a pruned trial might have stopped early, too.
 */
export function savedEpochs(
  spec: SpecData | null,
  view: TrialView,
): { readonly saved: number; readonly trained: number } | null {
  const most = mostEpochs(spec);
  if (most === null) return null;
  const nFolds = foldsOf(spec);
  // Of folds each is reported when it ends, otherwise each epoch.
  const [planned, perReport] = nFolds === null ? [most, 1] : [nFolds, most];
  let [saved, trained] = [0, 0];
  for (let row = 0; row < view.nTrials; row++) {
    const nReports = view.nIntermediate[row] ?? 0;
    trained += nReports * perReport;
    if (view.states[row] === stateCode.pruned) saved += Math.max(0, planned - nReports) * perReport;
  }
  return { saved, trained };
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
