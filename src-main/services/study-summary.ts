import type { StudySummary } from '../contract/library.ts';
import type { FrozenStudy } from '../tuner/storages/storage.ts';
import { isBetter, type StudyDirection } from '../tuner/study/direction.ts';
import { paretoFrontOfColumns } from '../tuner/study/pareto-front.ts';
import { isFeasible, metricNames } from '../tuner/system-attrs.ts';
import { trialStates, type FrozenTrial, type TrialState } from '../tuner/trial/frozen-trial.ts';
import { hiddenTrials } from './annotations.ts';
import { hasSpec, TAGS } from './study-attrs.ts';

const nSparklinePoints = 64;

/** What the library shows of a study, in one pass over its trials. */
export function summarizeStudy(
  study: FrozenStudy,
  trials: readonly FrozenTrial[],
): Omit<StudySummary, 'key' | 'run'> {
  const counts = Object.fromEntries(trialStates.map((state) => [state, 0])) as Record<
    TrialState,
    number
  >;
  const candidates: FrozenTrial[] = [];
  let createdAtMs: number | null = null;
  let lastActivityMs: number | null = null;
  const hidden = hiddenTrials(study.systemAttrs);
  for (const trial of trials) {
    counts[trial.state]++;
    if (trial.startedAtMs !== null && (createdAtMs === null || trial.startedAtMs < createdAtMs))
      createdAtMs = trial.startedAtMs;
    const activity = trial.completedAtMs ?? trial.startedAtMs;
    if (activity !== null && (lastActivityMs === null || activity > lastActivityMs))
      lastActivityMs = activity;
    if (trial.state !== 'complete' || !isFeasible(trial) || hidden.has(trial.number)) continue;
    candidates.push(trial);
  }
  const objectives = study.directions.map((direction, k) => bestOf(candidates, direction, k));
  const isSingle = objectives.length === 1;
  const tags = study.userAttrs[TAGS];
  return {
    studyName: study.studyName,
    directions: study.directions,
    metricNames: metricNames(study.systemAttrs),
    counts,
    best: (isSingle && objectives[0]?.best) || null,
    nFront: isSingle ? null : countFront(candidates, study.directions),
    objectives: objectives.map(({ best, bestSoFar }) => ({
      bestValue: best?.value ?? null,
      sparkline: thin(bestSoFar),
    })),
    createdAtMs,
    lastActivityMs,
    tags: Array.isArray(tags) ? tags.filter((tag): tag is string => typeof tag === 'string') : [],
    isRunnable: hasSpec(study),
  };
}

function bestOf(
  trials: readonly FrozenTrial[],
  direction: StudyDirection,
  objective: number,
): { best: StudySummary['best']; bestSoFar: readonly number[] } {
  let best: { trialNumber: number; value: number; nTied: number } | null = null;
  const bestSoFar: number[] = [];
  for (const { number, values } of trials) {
    const value = values?.[objective] ?? NaN;
    if (Number.isNaN(value)) continue;
    if (best === null || isBetter(direction, value, best.value))
      best = { trialNumber: number, value, nTied: 1 };
    else if (value === best.value) best.nTied++;
    bestSoFar.push(best.value);
  }
  return { best, bestSoFar };
}

function countFront(trials: readonly FrozenTrial[], directions: readonly StudyDirection[]): number {
  const columns = directions.map((_, k) =>
    Float64Array.from(trials, ({ values }) => values?.[k] ?? NaN),
  );
  return paretoFrontOfColumns(columns, directions).length;
}

/** Evenly spaced elements, the first and the last among them. */
function thin(values: readonly number[]): number[] {
  if (values.length <= nSparklinePoints) return [...values];
  const stride = (values.length - 1) / (nSparklinePoints - 1);
  return Array.from(
    { length: nSparklinePoints },
    (_, i) => values[Math.round(i * stride)] as number,
  );
}
