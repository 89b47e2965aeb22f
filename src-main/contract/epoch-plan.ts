import type { SpecData } from './specs.ts';

/** How far a trial goes that nothing ends early. */
export interface EpochPlan {
  /** How often it reports: after each epoch, or of folds after each fold. */
  readonly nReports: number;
  /** The epochs behind one report. */
  readonly epochsPerReport: number;
}

/** @returns null where the study does not say how many epochs a trial has, such as one of an own program. */
export function epochPlan(spec: SpecData | null): EpochPlan | null {
  const nEpochs = mostEpochs(spec);
  if (nEpochs === null) return null;
  const nFolds = foldsOf(spec);
  return nFolds === null
    ? { nReports: nEpochs, epochsPerReport: 1 }
    : { nReports: nFolds, epochsPerReport: nEpochs };
}

/**
 * The epochs that pruning saved of a pruned trial with so many reports. What early stopping saves is not counted: a pruned trial might have stopped
 * early, too.
 */
export function epochsSaved({ nReports, epochsPerReport }: EpochPlan, nReported: number): number {
  return Math.max(0, nReports - nReported) * epochsPerReport;
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
