import type { StudyDirection } from '../study/direction.ts';
import type { FrozenTrial } from '../trial/frozen-trial.ts';
import type { Pruner, PruningDecision } from './pruner.ts';

/** The pruner's decision after each report of a trial. */
export interface ExplainedPruning {
  readonly steps: readonly number[];
  readonly decisions: readonly PruningDecision[];
}

/**
 * What a pruner made of each report of a trial, against the trials that were complete by then. Reports carry no time of their own: those of a finished
 * trial are taken as evenly spaced between its start and its end, those of a running one as of now.
 *
 * @param trials All trials of the study.
 * @returns null where the pruner does not compare with one number, or the trial has reported nothing.
 */
export async function explainPruning(
  pruner: Pruner,
  trial: FrozenTrial,
  trials: readonly FrozenTrial[],
  direction: StudyDirection,
): Promise<ExplainedPruning | null> {
  if (!pruner.explain || trial.intermediateValues.size === 0) return null;
  const complete = trials
    .filter(({ state, trialId }) => state === 'complete' && trialId !== trial.trialId)
    .sort((a, b) => endOf(a) - endOf(b));
  const reports = [...trial.intermediateValues];
  const steps: number[] = [];
  const decisions: PruningDecision[] = [];
  for (const [i, [step]] of reports.entries()) {
    const atMs = timeOfReport(trial, (i + 1) / reports.length);
    const nComplete = complete.findIndex((other) => endOf(other) > atMs);
    const known = nComplete < 0 ? complete : complete.slice(0, nComplete);
    const decision = await pruner.explain(
      { directions: [direction], getTrials: async () => known },
      {
        ...trial,
        state: 'running',
        intermediateValues: new Map(reports.slice(0, i + 1)),
      },
    );
    if (!decision) continue;
    steps.push(step);
    decisions.push(decision);
  }
  return { steps, decisions };
}

function endOf({ completedAtMs }: FrozenTrial): number {
  return completedAtMs ?? -Infinity;
}

function timeOfReport({ startedAtMs, completedAtMs }: FrozenTrial, share: number): number {
  if (startedAtMs === null || completedAtMs === null) return Infinity;
  return startedAtMs + share * (completedAtMs - startedAtMs);
}
