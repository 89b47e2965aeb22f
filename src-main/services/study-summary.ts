import type { StudySummary } from '../contract/library.ts';
import type { FrozenStudy } from '../tuner/storages/storage.ts';
import { isBetter } from '../tuner/study/direction.ts';
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
  const [direction] = study.directions;
  const isSingle = study.directions.length === 1 && direction !== undefined;
  let best: { trialNumber: number; value: number; nTied: number } | null = null;
  let createdAtMs: number | null = null;
  let lastActivityMs: number | null = null;
  const bestSoFar: number[] = [];
  const hidden = hiddenTrials(study.systemAttrs);
  for (const trial of trials) {
    counts[trial.state]++;
    if (trial.startedAtMs !== null && (createdAtMs === null || trial.startedAtMs < createdAtMs))
      createdAtMs = trial.startedAtMs;
    const activity = trial.completedAtMs ?? trial.startedAtMs;
    if (activity !== null && (lastActivityMs === null || activity > lastActivityMs))
      lastActivityMs = activity;
    const value = trial.values?.[0];
    if (!isSingle || trial.state !== 'complete' || value === undefined || !isFeasible(trial))
      continue;
    if (hidden.has(trial.number)) continue;
    if (best === null || isBetter(direction, value, best.value))
      best = { trialNumber: trial.number, value, nTied: 1 };
    else if (value === best.value) best.nTied++;
    bestSoFar.push(best.value);
  }
  const tags = study.userAttrs[TAGS];
  return {
    studyName: study.studyName,
    directions: study.directions,
    metricNames: metricNames(study.systemAttrs),
    counts,
    best,
    sparkline: thin(bestSoFar),
    createdAtMs,
    lastActivityMs,
    tags: Array.isArray(tags) ? tags.filter((tag): tag is string => typeof tag === 'string') : [],
    isRunnable: hasSpec(study),
  };
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
