import { describe, expect, it } from 'vitest';
import { explainPruning } from '../../../src-main/tuner/pruners/explain.ts';
import { HyperbandPruner } from '../../../src-main/tuner/pruners/hyperband.ts';
import { NopPruner } from '../../../src-main/tuner/pruners/nop.ts';
import { PatientPruner } from '../../../src-main/tuner/pruners/patient.ts';
import { MedianPruner, PercentilePruner } from '../../../src-main/tuner/pruners/percentile.ts';
import type { Pruner } from '../../../src-main/tuner/pruners/pruner.ts';
import { SuccessiveHalvingPruner } from '../../../src-main/tuner/pruners/successive-halving.ts';
import { ThresholdPruner } from '../../../src-main/tuner/pruners/threshold.ts';
import { WilcoxonPruner } from '../../../src-main/tuner/pruners/wilcoxon.ts';
import { RandomSampler } from '../../../src-main/tuner/samplers/random.ts';
import { InMemoryStorage } from '../../../src-main/tuner/storages/in-memory.ts';
import type { StudyDirection } from '../../../src-main/tuner/study/direction.ts';
import { createStudy, type Study } from '../../../src-main/tuner/study/study.ts';
import type { StudyView } from '../../../src-main/tuner/study/study-view.ts';
import type { Attrs } from '../../../src-main/tuner/trial/frozen-trial.ts';
import { readReferenceNumbers } from '../../helpers/reference.ts';

interface Observed {
  answers: string[];
  system_attrs?: Attrs[];
  bracket_ids_at_end_of_each_trial?: (number | null)[];
}

interface Enforced extends Observed {
  pruned_at_step: (number | null)[];
  final_values?: (number | null)[];
  states?: string[];
}

type Results = Record<string, { observe: Observed; enforce: Enforced }>;

type Reference = Record<'minimize' | 'maximize', { table: number[][]; results: Results }>;

/** The pruners of the reference by the text that made them there. */
const pruners: Record<string, () => Pruner> = {
  'MedianPruner(n_startup_trials=5, n_warmup_steps=10)': () =>
    new MedianPruner({ nStartupTrials: 5, nWarmupSteps: 10 }),
  'MedianPruner()': () => new MedianPruner(),
  'MedianPruner(n_startup_trials=3, n_warmup_steps=2, interval_steps=3)': () =>
    new MedianPruner({ nStartupTrials: 3, nWarmupSteps: 2, intervalSteps: 3 }),
  'MedianPruner(n_startup_trials=2, n_warmup_steps=0, interval_steps=1, n_min_trials=5)': () =>
    new MedianPruner({ nStartupTrials: 2, nMinTrials: 5 }),
  'MedianPruner(n_startup_trials=3, n_warmup_steps=10, interval_steps=5)': () =>
    new MedianPruner({ nStartupTrials: 3, nWarmupSteps: 10, intervalSteps: 5 }),
  'MedianPruner(n_startup_trials=3, n_warmup_steps=10, interval_steps=7)': () =>
    new MedianPruner({ nStartupTrials: 3, nWarmupSteps: 10, intervalSteps: 7 }),
  'PercentilePruner(25.0)': () => new PercentilePruner({ percentile: 25 }),
  'PercentilePruner(25.0, n_startup_trials=3, n_warmup_steps=5)': () =>
    new PercentilePruner({ percentile: 25, nStartupTrials: 3, nWarmupSteps: 5 }),
  'PercentilePruner(25.0, n_startup_trials=3, n_warmup_steps=4, interval_steps=10)': () =>
    new PercentilePruner({ percentile: 25, nStartupTrials: 3, nWarmupSteps: 4, intervalSteps: 10 }),
  'PercentilePruner(75.0, n_startup_trials=3)': () =>
    new PercentilePruner({ percentile: 75, nStartupTrials: 3 }),
  'SuccessiveHalvingPruner()': () => new SuccessiveHalvingPruner(),
  'SuccessiveHalvingPruner(min_resource=1, reduction_factor=3)': () =>
    new SuccessiveHalvingPruner({ minResource: 1, reductionFactor: 3 }),
  'SuccessiveHalvingPruner(min_resource=2, reduction_factor=3)': () =>
    new SuccessiveHalvingPruner({ minResource: 2, reductionFactor: 3 }),
  'SuccessiveHalvingPruner(min_resource=2, reduction_factor=2, min_early_stopping_rate=1)': () =>
    new SuccessiveHalvingPruner({ minResource: 2, reductionFactor: 2, minEarlyStoppingRate: 1 }),
  'SuccessiveHalvingPruner(min_resource=1, reduction_factor=4, bootstrap_count=2)': () =>
    new SuccessiveHalvingPruner({ minResource: 1, reductionFactor: 4, bootstrapCount: 2 }),
  'HyperbandPruner()': () => new HyperbandPruner(),
  'HyperbandPruner(min_resource=1, max_resource=20, reduction_factor=3)': () =>
    new HyperbandPruner({ minResource: 1, maxResource: 20, reductionFactor: 3 }),
  'HyperbandPruner(min_resource=2, max_resource=20, reduction_factor=2)': () =>
    new HyperbandPruner({ minResource: 2, maxResource: 20, reductionFactor: 2 }),
  'HyperbandPruner(min_resource=1, max_resource=60, reduction_factor=3)': () =>
    new HyperbandPruner({ minResource: 1, maxResource: 60, reductionFactor: 3 }),
  'ThresholdPruner(lower=-0.05, upper=0.8)': () =>
    new ThresholdPruner({ lower: -0.05, upper: 0.8 }),
  'ThresholdPruner(upper=0.8, n_warmup_steps=1, interval_steps=4)': () =>
    new ThresholdPruner({ upper: 0.8, nWarmupSteps: 1, intervalSteps: 4 }),
  'ThresholdPruner(upper=0.4, n_warmup_steps=5, interval_steps=12)': () =>
    new ThresholdPruner({ upper: 0.4, nWarmupSteps: 5, intervalSteps: 12 }),
  'ThresholdPruner(lower=-0.8, upper=0.05)': () =>
    new ThresholdPruner({ lower: -0.8, upper: 0.05 }),
  'ThresholdPruner(upper=0.05, n_warmup_steps=1, interval_steps=4)': () =>
    new ThresholdPruner({ upper: 0.05, nWarmupSteps: 1, intervalSteps: 4 }),
  'PatientPruner(None, patience=3, min_delta=0.0)': () => new PatientPruner({ patience: 3 }),
  'PatientPruner(None, patience=2, min_delta=0.05)': () =>
    new PatientPruner({ patience: 2, minDelta: 0.05 }),
  'PatientPruner(MedianPruner(n_startup_trials=2, n_warmup_steps=0), patience=2)': () =>
    new PatientPruner({ wrapped: new MedianPruner({ nStartupTrials: 2 }), patience: 2 }),
  'NopPruner()': () => new NopPruner(),
  'WilcoxonPruner()': () => new WilcoxonPruner(),
  'WilcoxonPruner(p_threshold=0.25, n_startup_steps=4)': () =>
    new WilcoxonPruner({ pThreshold: 0.25, nStartupSteps: 4 }),
};

/** Plays the table's trials one after the other, as the reference's protocol says. */
async function play(
  text: string,
  direction: StudyDirection,
  table: readonly number[][],
  mode: 'observe' | 'enforce',
  stepWidth: number,
): Promise<Omit<Required<Enforced>, 'bracket_ids_at_end_of_each_trial'> & { study: Study }> {
  const create = pruners[text];
  if (!create) throw new Error(`Unknown pruner of the reference: ${text}`);
  const study = await createStudy({
    storage: new InMemoryStorage(),
    studyName: 'ref',
    direction,
    pruner: create(),
    sampler: new RandomSampler(),
  });
  const answers: string[] = [];
  const prunedAt: (number | null)[] = [];
  for (const values of table) {
    const trial = await study.ask();
    let answer = '';
    for (const [s, value] of values.entries()) {
      await trial.report(value, s * stepWidth);
      answer += (await trial.shouldPrune()) ? '1' : '0';
      if (mode === 'enforce' && answer.endsWith('1')) break;
    }
    answers.push(answer);
    const isPruned = mode === 'enforce' && answer.endsWith('1');
    prunedAt.push(isPruned ? (answer.length - 1) * stepWidth : null);
    if (isPruned) await study.tell(trial, null, { state: 'pruned' });
    else await study.tell(trial, finalValue(text, direction, values));
  }
  const trials = await study.getTrials();
  return {
    study,
    answers,
    pruned_at_step: prunedAt,
    system_attrs: trials.map(({ systemAttrs }) =>
      Object.fromEntries(Object.entries(systemAttrs).filter(([key]) => !key.startsWith('parzen:'))),
    ),
    final_values: trials.map(({ values }) => values?.[0] ?? null),
    states: trials.map(({ state }) => state.toUpperCase()),
  };
}

function finalValue(text: string, direction: StudyDirection, values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value));
  if (text.startsWith('Wilcoxon')) return known.reduce((sum, y) => sum + y, 0) / known.length;
  return direction === 'minimize' ? Math.min(...known) : Math.max(...known);
}

/** What is told afterwards of each report is what Optuna answered to it, in the bracket that Optuna says. */
async function expectExplained(study: Study, reference: Partial<Enforced>): Promise<void> {
  const [direction = 'minimize'] = study.directions;
  // One trial after the other, whatever the clock said.
  const trials = (await study.getTrials()).map((trial) => ({
    ...trial,
    startedAtMs: 2 * trial.number,
    completedAtMs: 2 * trial.number + 1,
  }));
  for (const trial of trials) {
    const options = { studyName: study.studyName, direction };
    const { decisions } = (await explainPruning(study.pruner, trial, trials, options))!;
    const told = decisions.map(({ isPruned }) => (isPruned ? '1' : '0')).join('');
    expect(told, `trial ${trial.number}`).toBe(reference.answers?.[trial.number]);
    // Unknown to Optuna too until the first trial has told how long trials are.
    const bracket = decisions.at(-1)?.bracket?.index;
    const expected = reference.bracket_ids_at_end_of_each_trial?.[trial.number] ?? null;
    if (expected !== null) expect(bracket).toBe(expected);
  }
}

/** Trials with the same bracket see each other, and no others. */
async function expectBrackets(study: Study, brackets: readonly (number | null)[]): Promise<void> {
  for (const trial of await study.getTrials()) {
    const bracket = brackets[trial.number] ?? null;
    if (bracket === null) continue;
    const view = (await study.pruner.studyFor?.(study, trial)) as StudyView;
    const seen = (await view.getTrials()).map(({ number }) => number);
    expect(seen.filter((number) => brackets[number] !== null)).toEqual(
      [...brackets.keys()].filter((number) => brackets[number] === bracket),
    );
    const history = await view.getHistory();
    expect([...history.finishedRows.subarray(0, history.nFinished)].sort((a, b) => a - b)).toEqual(
      seen,
    );
  }
}

const { minimize, maximize } = readReferenceNumbers<Reference>('optuna-5.0/pruners.json');
const sparse = readReferenceNumbers<{ results: Results }>('optuna-5.0/pruners_sparse_steps.json');

const cases = [
  ...Object.entries(minimize.results).map(
    ([text, expected]) => ['minimize', text, minimize.table, 1, expected] as const,
  ),
  ...Object.entries(maximize.results).map(
    ([text, expected]) => ['maximize', text, maximize.table, 1, expected] as const,
  ),
  ...Object.entries(sparse.results).map(
    ([text, expected]) => ['minimize', text, minimize.table, 3, expected] as const,
  ),
];

describe.each(cases)('%s, %s, against Optuna', (direction, text, table, stepWidth, expected) => {
  it.each(['observe', 'enforce'] as const)(
    `${stepWidth === 1 ? '' : 'sparse steps, '}%s`,
    async (mode) => {
      const played = await play(text, direction, table, mode, stepWidth);
      const reference: Partial<Enforced> = expected[mode];
      for (const key of Object.keys(played) as (keyof typeof played)[])
        if (key !== 'study' && reference[key]) expect(played[key], key).toEqual(reference[key]);
      await expectExplained(played.study, reference);
      await expectBrackets(played.study, reference.bracket_ids_at_end_of_each_trial ?? []);
    },
  );
});
