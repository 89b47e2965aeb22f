import type { StudyDirection } from '../study/direction.ts';
import type { Attrs, FrozenTrial } from '../trial/frozen-trial.ts';
import type { Pruner, PruningDecision } from './pruner.ts';
import { isRungKey } from './successive-halving.ts';

/** The pruner's decision after each report of a trial. */
export interface ExplainedPruning {
  readonly steps: readonly number[];
  readonly decisions: readonly PruningDecision[];
}

/**
 * What a pruner made of each report of a trial, against the others as they were by then. Reports carry no time of their own: those of a finished
 * trial are taken as evenly spaced between its start and its end, those of a running one as of now. Of what falls into the same millisecond that of
 * the trial of the lower number came first.
 *
 * @param trials All trials of the study, by number.
 * @returns null where the pruner is one that does not say how it decides, or the trial has reported nothing.
 */
export async function explainPruning(
  pruner: Pruner,
  trial: FrozenTrial,
  trials: readonly FrozenTrial[],
  study: { readonly studyName: string; readonly direction: StudyDirection },
): Promise<ExplainedPruning | null> {
  if (!pruner.explain || trial.intermediateValues.size === 0) return null;
  const others = trials.filter(({ trialId }) => trialId !== trial.trialId);
  const complete = others.filter(({ state }) => state === 'complete');
  const reports = [...trial.intermediateValues];
  const steps: number[] = [];
  const decisions: PruningDecision[] = [];
  let systemAttrs = withoutRungs(trial.systemAttrs, () => false);
  for (const [i, [step]] of reports.entries()) {
    const atMs = timeOfReport(trial, (i + 1) / reports.length);
    const known = complete.filter((other) => isBefore(other, endOf(other), trial, atMs));
    const decision = await pruner.explain(
      {
        studyName: study.studyName,
        directions: [study.direction],
        getTrials: async (states) =>
          states?.length === 1 && states[0] === 'complete'
            ? known
            : others
                .map((other) => asOf(other, trial, atMs))
                .filter(({ state }) => !states || states.includes(state)),
        // Pruners keep with a trial how far it has come.
        setTrialSystemAttr: async (_, key, value) => {
          systemAttrs = { ...systemAttrs, [key]: value };
        },
      },
      {
        ...trial,
        state: 'running',
        intermediateValues: new Map(reports.slice(0, i + 1)),
        systemAttrs,
      },
    );
    if (!decision) return null;
    steps.push(step);
    decisions.push(decision);
  }
  return { steps, decisions };
}

/** A trial with the reports it had made when the judged one made its own, and the rungs it had reached with them. */
function asOf(trial: FrozenTrial, judged: FrozenTrial, atMs: number): FrozenTrial {
  const { startedAtMs, completedAtMs, intermediateValues } = trial;
  if (completedAtMs !== null && isBefore(trial, completedAtMs, judged, atMs)) return trial;
  const nAll = intermediateValues.size;
  const reports = [...intermediateValues].filter(
    (_, i) =>
      completedAtMs === null || isBefore(trial, timeOfReport(trial, (i + 1) / nAll), judged, atMs),
  );
  const isStarted = startedAtMs !== null && isBefore(trial, startedAtMs, judged, atMs);
  const values = new Set(isStarted ? reports.map(([, value]) => value) : []);
  return {
    ...trial,
    state: isStarted ? 'running' : 'waiting',
    intermediateValues: new Map(isStarted ? reports : []),
    // A rung holds the value that was reported on reaching it.
    systemAttrs: withoutRungs(trial.systemAttrs, (value) => values.has(value as number)),
  };
}

function withoutRungs(attrs: Attrs, isKept: (value: unknown) => boolean): Attrs {
  return Object.fromEntries(
    Object.entries(attrs).filter(([key, value]) => !isRungKey(key) || isKept(value)),
  );
}

function isBefore(one: FrozenTrial, oneMs: number, other: FrozenTrial, otherMs: number): boolean {
  return oneMs < otherMs || (oneMs === otherMs && one.number < other.number);
}

function endOf({ completedAtMs }: FrozenTrial): number {
  return completedAtMs ?? -Infinity;
}

function timeOfReport({ startedAtMs, completedAtMs }: FrozenTrial, share: number): number {
  if (startedAtMs === null || completedAtMs === null) return Infinity;
  return startedAtMs + share * (completedAtMs - startedAtMs);
}
