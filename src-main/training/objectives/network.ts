import { TrialPruned } from '../../tuner/errors.ts';
import { createRng } from '../../tuner/math/rng.ts';
import type { Rng } from '../../tuner/math/rng.ts';
import type { AttrValue } from '../../tuner/trial/frozen-trial.ts';
import type { Trial } from '../../tuner/trial/trial.ts';
import { isWanted } from '../checkpoint.ts';
import type { Checkpoint } from '../checkpoint.ts';
import { chooseBackend, createModelFactory } from '../choose-backend.ts';
import type { TrainingData } from '../datasets/dataset.ts';
import { initialWeights } from '../models/initializers.ts';
import type { ModelFactory } from '../models/model.ts';
import { scoreInterval } from '../models/score-interval.ts';
import { leadingObjective, objectivesOf } from '../objectives-of.ts';
import { countParameters } from '../plan.ts';
import type { TrialPlan } from '../plan.ts';
import {
  lookaheadMsOf,
  reportAhead,
  reportAndShouldPrune,
  setLastUserAttrs,
} from '../remote-trial.ts';
import type { NetworkStudySpec } from '../spec.ts';
import { suggestPlan } from '../suggest-plan.ts';
import { train } from '../train.ts';
import type { EpochMetrics, TrainResult } from '../train.ts';
import type { ObjectiveRun, PrepareObjective } from './objective.ts';

/** The network of a study spec, trained with what the trial suggests. */
export const prepareNetworkObjective: PrepareObjective<'network'> = async ({
  spec,
  data,
  seed,
  backend,
}) => {
  const decision = await chooseBackend(backend, spec, data);
  const factory = await createModelFactory(decision);
  return {
    decision,
    run: (trial, context) => runNetworkTrial({ spec, data, seed, factory }, trial, context),
  };
};

export interface NetworkObjective {
  readonly spec: NetworkStudySpec;
  readonly data: TrainingData;
  readonly seed: number;
  readonly factory: ModelFactory;
}

/**
 * Suggest, build, train, report. The value is the metric of each objective at the best epoch of the first one, or at the last epoch, or a cost. The metric of
 * the first objective is reported after every epoch and the pruner is asked.
 *
 * Where rows are split into folds, that is done with each of them; the values are means over the folds, what is reported is the first objective's of every
 * fold, and the checkpoint is that of the first one.
 *
 * @throws TrialPruned
 */
export async function runNetworkTrial(
  objective: NetworkObjective,
  trial: Trial,
  run: ObjectiveRun,
): Promise<number | readonly number[]> {
  const { spec, data, factory } = objective;
  const startedAt = performance.now();
  const objectives = objectivesOf(spec);
  const leading = leadingObjective(spec);
  // What encodes folds takes all that reads tables, and few studies have any.
  const folds = data.folds ? await import('../datasets/folds.ts') : null;
  const nFolds = folds && run.nEpochs === undefined ? folds.countFolds(data) : 1;
  const progress = { nEpochs: 0, seconds: 0 };
  const results: TrainResult[] = [];
  let nParameters = 0;
  let trainedWith = factory;
  const describe = (more: Record<string, AttrValue>): Promise<void> =>
    setLastUserAttrs(trial, {
      ...more,
      n_parameters: nParameters,
      seconds: (performance.now() - startedAt) / 1000,
      backend: trainedWith.backend,
      engine: trainedWith.engine,
      ...(trainedWith.kernels && { kernels: trainedWith.kernels }),
    });
  /** @throws TrialPruned */
  const reportOrGiveUp = async (
    value: number,
    step: number,
    unit: 'epoch' | 'fold',
  ): Promise<void> => {
    const report = unit === 'epoch' ? reportAhead : reportAndShouldPrune;
    if (!(await report(trial, value, step))) return;
    // Epochs that were trained until the answer came have not happened.
    if (unit === 'epoch') progress.nEpochs = Math.min(progress.nEpochs, step + 1);
    throw new TrialPruned(`Trial was pruned at ${unit} ${step}.`);
  };
  const meanOf = (valueOf: (result: TrainResult) => number): number =>
    results.reduce((sum, result) => sum + valueOf(result), 0) / results.length;
  const scoreOf = ({ metric, value }: ReturnType<typeof leadingObjective>, result: TrainResult) =>
    result[value].validation[metric] ?? NaN;
  try {
    let kept: (Omit<Checkpoint, 'interval'> & { readonly outputs: Float32Array }) | null = null;
    for (let fold = 0; fold < nFolds; fold++) {
      const foldData = folds && nFolds > 1 ? folds.dataOfFold(data, fold) : data;
      const plan = await suggestPlan(trial, spec, foldData);
      if (fold === 0) nParameters = countParameters(plan.network);
      trainedWith = factory.partFor?.(plan) ?? factory;
      const result = await trainPlan({ ...objective, data: foldData }, plan, trial, {
        ...run,
        fold,
        progress,
        keepWeights: fold === 0 ? run.keepWeights : false,
        afterEpoch:
          nFolds > 1 ? undefined : (value, epoch) => reportOrGiveUp(value, epoch, 'epoch'),
      });
      results.push(result);
      if (result.weights) {
        const { epoch, outputs } = result[keptEpoch(leading, run)];
        kept = { plan, weights: result.weights, epoch, outputs };
      }
      if (nFolds > 1) await reportOrGiveUp(scoreOf(leading, result), fold, 'fold');
      run.signal.throwIfAborted();
    }
    const values = objectives.map(({ metric, ...objective }) => {
      if (metric === 'parameters') return nParameters;
      if (metric === 'trainingSeconds') return progress.seconds;
      return meanOf((result) => scoreOf({ metric, ...objective }, result));
    });
    await describe(
      results.length === 1
        ? resultAttrs(results[0] as TrainResult)
        : foldAttrs(
            results,
            results.map((result) => scoreOf(leading, result)),
          ),
    );
    if (kept && isWanted(run.keepWeights ?? false, values[0] as number)) {
      const { outputs, ...learned } = kept;
      const loss = learned.plan.training.loss;
      const interval =
        nFolds > 1 ? null : scoreInterval(leading.metric, data, data.validation, outputs, loss);
      run.onCheckpoint?.({ ...learned, interval });
    }
    return values.length === 1 ? (values[0] as number) : values;
  } catch (error) {
    if (error instanceof TrialPruned) await describe({ epochs: progress.nEpochs });
    throw error;
  }
}

function keptEpoch(
  { value }: ReturnType<typeof leadingObjective>,
  { nEpochs }: ObjectiveRun,
): 'best' | 'last' {
  return nEpochs === undefined ? value : 'last';
}

interface PlanRun extends ObjectiveRun {
  readonly fold: number;
  /** Of all folds so far; goes on counting. */
  readonly progress: { nEpochs: number; seconds: number };
  readonly afterEpoch?: (value: number, epoch: number) => Promise<void>;
}

/** Trains one network. What is random about it derives from seed, trial and fold. */
async function trainPlan(
  { spec, data, seed, factory }: NetworkObjective,
  plan: TrialPlan,
  trial: Trial,
  run: PlanRun,
): Promise<TrainResult> {
  const { signal, onEpoch, keepWeights = false, nEpochs, fold, progress, afterEpoch } = run;
  const leading = leadingObjective(spec);
  const rngFor = (purpose: string): Rng =>
    fold === 0
      ? createRng(seed, trial.number, purpose)
      : createRng(seed, trial.number, purpose, fold);
  const model = factory.create({
    plan,
    data,
    weights: initialWeights(plan.network, rngFor('init')),
    dropoutSeed: rngFor('dropout').uint32(),
  });
  const nBefore = progress.nEpochs;
  try {
    return await train({
      model,
      data,
      plan: nEpochs === undefined ? plan.training : { ...plan.training, earlyStopping: null },
      nEpochs,
      rng: rngFor('shuffle'),
      leading,
      ...(keepWeights === false ? {} : { keepWeights: keptEpoch(leading, run) }),
      onEpoch: (epoch) => {
        progress.nEpochs++;
        progress.seconds += epoch.seconds;
        onEpoch({ ...epoch, epoch: nBefore + epoch.epoch });
      },
      afterEpoch: async (validation, epoch) => {
        await afterEpoch?.(validation[leading.metric] ?? NaN, epoch);
        signal.throwIfAborted();
      },
      lookaheadMs: lookaheadMsOf(trial),
      beforeSilence: run.beforeSilence,
    });
  } finally {
    model.dispose();
  }
}

/** Means over the folds, and how far the folds are apart. */
function foldAttrs(
  results: readonly TrainResult[],
  scores: readonly number[],
): Record<string, AttrValue> {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const all = results.map(resultAttrs);
  const means = Object.entries(all[0] ?? {})
    .filter(([, value]) => typeof value === 'number')
    .map(([key]) => [key, mean(all.map((attrs) => attrs[key] as number))] as const);
  const center = mean(scores);
  const variance =
    scores.reduce((sum, score) => sum + (score - center) ** 2, 0) / (scores.length - 1);
  return {
    ...Object.fromEntries(means),
    best_epoch: Math.round(mean(results.map(({ best }) => best.epoch))),
    epochs: results.reduce((sum, { nEpochs }) => sum + nEpochs, 0),
    fold_values: [...scores],
    fold_deviation: Math.sqrt(variance),
  };
}

/** Names as the notebook and Python people would write them: they become columns of the exported table. */
function resultAttrs({ best, last, nEpochs, endedBy }: TrainResult): Record<string, AttrValue> {
  return {
    best_epoch: best.epoch,
    epochs: nEpochs,
    ended_by: endedBy,
    ...metricAttrs(best),
    last_val_loss: last.validation.loss,
  };
}

function metricAttrs({ train: trained, validation }: EpochMetrics): Record<string, AttrValue> {
  const named = (prefix: string, metrics: object): [string, AttrValue][] =>
    Object.entries(metrics).map(([name, value]) => [
      `${prefix}_${name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`,
      value as number,
    ]);
  return Object.fromEntries([...named('train', trained), ...named('val', validation)]);
}
