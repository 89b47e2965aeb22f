import { TrialPruned } from '../../tuner/errors.ts';
import { createRng } from '../../tuner/math/rng.ts';
import type { AttrValue } from '../../tuner/trial/frozen-trial.ts';
import type { Trial } from '../../tuner/trial/trial.ts';
import { isWanted } from '../checkpoint.ts';
import { chooseBackend, createModelFactory } from '../choose-backend.ts';
import type { TrainingData } from '../datasets/dataset.ts';
import { initialWeights } from '../models/initializers.ts';
import type { ModelFactory } from '../models/model.ts';
import { isCost, leadingObjective, objectivesOf } from '../objectives-of.ts';
import { countParameters } from '../plan.ts';
import { reportAndShouldPrune } from '../remote-trial.ts';
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
 * @throws TrialPruned
 */
export async function runNetworkTrial(
  { spec, data, seed, factory }: NetworkObjective,
  trial: Trial,
  { signal, onEpoch, keepWeights = false, onCheckpoint, nEpochs }: ObjectiveRun,
): Promise<number | readonly number[]> {
  const startedAt = performance.now();
  const plan = await suggestPlan(trial, spec, data);
  const objectives = objectivesOf(spec);
  const leading = leadingObjective(spec);
  const kept = nEpochs === undefined ? leading.value : 'last';
  const model = factory.create({
    plan,
    data,
    weights: initialWeights(plan.network, createRng(seed, trial.number, 'init')),
    dropoutSeed: createRng(seed, trial.number, 'dropout').uint32(),
  });
  let nTrained = 0;
  let trainingSeconds = 0;
  const describe = (more: Record<string, AttrValue>): Promise<unknown> =>
    Promise.all(
      Object.entries({
        ...more,
        n_parameters: countParameters(plan.network),
        seconds: (performance.now() - startedAt) / 1000,
        backend: factory.backend,
        engine: factory.engine,
      }).map(([key, value]) => trial.setUserAttr(key, value)),
    );
  try {
    const result = await train({
      model,
      data,
      plan: nEpochs === undefined ? plan.training : { ...plan.training, earlyStopping: null },
      nEpochs,
      rng: createRng(seed, trial.number, 'shuffle'),
      leading,
      ...(keepWeights === false ? {} : { keepWeights: kept }),
      onEpoch: (epoch) => {
        nTrained++;
        trainingSeconds += epoch.seconds;
        onEpoch(epoch);
      },
      afterEpoch: async (validation, epoch) => {
        const value = validation[leading.metric] ?? NaN;
        if (await reportAndShouldPrune(trial, value, epoch))
          throw new TrialPruned(`Trial was pruned at epoch ${epoch}.`);
        signal.throwIfAborted();
      },
    });
    await describe(resultAttrs(result));
    const costs = { parameters: countParameters(plan.network), trainingSeconds };
    const values = objectives.map(({ metric, value }) =>
      isCost(metric) ? costs[metric] : (result[value].validation[metric] ?? NaN),
    );
    if (result.weights && isWanted(keepWeights, values[0] as number))
      onCheckpoint?.({ plan, weights: result.weights, epoch: result[kept].epoch });
    return values.length === 1 ? (values[0] as number) : values;
  } catch (error) {
    if (error instanceof TrialPruned) await describe({ epochs: nTrained });
    throw error;
  } finally {
    model.dispose();
  }
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
