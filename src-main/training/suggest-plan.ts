import type { Distribution, ParamValue } from '../tuner/distributions.ts';
import type { ClassInfo, TrainingData } from './datasets/dataset.ts';
import { isWeightPerClass, resolve, resolveLayer, resolveLayers } from './hyperparameter.ts';
import type { Hyperparameter, PerLayer } from './hyperparameter.ts';
import { widthsOfShape } from './network-shape.ts';
import { leadingObjective } from './objectives-of.ts';
import type {
  LayerPlan,
  LossPlan,
  OptimizerPlan,
  SchedulePlan,
  TrainingPlan,
  TrialPlan,
} from './plan.ts';
import type { NetworkStudySpec } from './spec.ts';
import { suggestConvolution, suggestEmbeddings } from './suggest-network.ts';
import type { Suggester } from './suggest-network.ts';
import { lossesOf, lossSettings, optimizerSettings, scheduleSettings } from './vocabulary.ts';
import type {
  Activation,
  ClassWeighting,
  Initializer,
  LossType,
  Metric,
  Norm,
  OptimizerSetting,
  OptimizerType,
  ScheduleSetting,
  ScheduleType,
  Shape,
  Skip,
} from './vocabulary.ts';

type Sizes = Pick<TrainingData, 'task' | 'nFeatures' | 'nOutputs' | 'classes' | 'categories'>;

/**
 * Asks the trial for all that the spec leaves open, always in this order, which is the notebook's: blocks of convolutions, depth, shape, widths, activations and
 * start of the weights, norms, skip connections, embeddings; optimizer, weight decay, learning rate, its other settings; schedule; dropout; loss with its settings, batch size, epochs, patience.
 */
export async function suggestPlan(
  trial: Suggester,
  spec: NetworkStudySpec,
  { task, nFeatures, nOutputs, classes, categories = [] }: Sizes,
): Promise<TrialPlan> {
  const { network, training } = spec;
  const convolution = await suggestConvolution(trial, network, nFeatures);
  const depth =
    network.depth === undefined
      ? (network.width as unknown[]).length
      : await resolve(trial, 'n_layers', network.depth);
  const perLayer = <T extends number | string>(
    name: string,
    value: PerLayer<T>,
    nLayers = depth,
  ): Promise<T[]> => resolveLayers(trial, name, value, nLayers);
  const widthName = 'hidden_dim_layer_{layer}';
  const shape = await resolve<Shape>(trial, 'shape', network.shape);
  const widths =
    shape === 'free' || depth === 0
      ? await perLayer(widthName, network.width)
      : widthsOfShape(
          shape,
          await resolveLayer(trial, widthName, network.width, 0),
          depth,
          nOutputs,
        );
  const activations = await perLayer<Activation>('activation', network.activation);
  // A network without hidden layers takes that of the first one for its outputs.
  const inits = await perLayer<Initializer>('init', network.init, Math.max(depth, 1));
  const norms = await perLayer<Norm>('norm', network.norm);
  const skip = depth < 2 ? 'none' : await resolve<Skip>(trial, 'skip', network.skip);
  const embeddings = await suggestEmbeddings(trial, network, categories);
  const optimizer = await suggestOptimizer(trial, training.optimizer);
  const schedule = await suggestSchedule(trial, training.schedule);
  const dropouts = await perLayer('dropout_rate', network.dropout);
  const layers = widths.map((nUnits, layer): LayerPlan => ({
    nUnits,
    norm: norms[layer] as Norm,
    activation: activations[layer] as Activation,
    dropout: dropouts[layer] as number,
    skip:
      layer === 0 || skip === 'none'
        ? 'none'
        : widths[layer - 1] === nUnits
          ? 'identity'
          : 'projection',
    init: inits[layer] as Initializer,
  }));
  const loss = await suggestLoss(trial, training.loss, lossesOf[task][0] as LossType, classes);
  const batchSize = await resolve(trial, 'batch_size', training.batchSize);
  const epochs = await resolve(trial, 'epochs', training.epochs);
  return {
    network: {
      nInputs: nFeatures,
      embeddings,
      convolution,
      layers,
      nOutputs,
      init: inits.at(-1) as Initializer,
    },
    training: {
      optimizer,
      schedule,
      loss,
      batchSize,
      epochs,
      earlyStopping: await suggestEarlyStopping(
        trial,
        training.earlyStopping,
        leadingObjective(spec).metric,
      ),
    },
  };
}

/** The plan with the largest value of everything that is a number: for sizing and calibration. */
export function largestPlan(spec: NetworkStudySpec, sizes: Sizes): Promise<TrialPlan> {
  return suggestPlan(
    { suggest: async (_name, distribution) => largestValue(distribution) },
    spec,
    sizes,
  );
}

function largestValue(distribution: Distribution): ParamValue {
  if (distribution.type !== 'categorical') return distribution.high;
  const { choices } = distribution;
  return choices.every((choice) => typeof choice === 'number')
    ? Math.max(...choices)
    : (choices[0] ?? null);
}

async function suggestOptimizer(
  trial: Suggester,
  spec: NetworkStudySpec['training']['optimizer'],
): Promise<OptimizerPlan> {
  const type = await resolve<OptimizerType>(trial, 'optimizer', spec.type);
  const weightDecay = await resolve(trial, 'weight_decay', spec.weightDecay);
  const learningRate = await resolve(trial, 'learning_rate', spec.learningRate);
  /** Settings that this optimizer does not have are not asked for. */
  const setting = async <T extends number | boolean>(
    key: OptimizerSetting,
    value: Hyperparameter<T> | undefined,
    byDefault: T,
  ): Promise<T> => {
    const users: readonly OptimizerType[] = optimizerSettings[key];
    return value === undefined || !users.includes(type) ? byDefault : resolve(trial, key, value);
  };
  return {
    type,
    weightDecay,
    learningRate,
    l1: await resolve(trial, 'l1', spec.l1),
    clipNorm: await resolve(trial, 'clip_norm', spec.clipNorm),
    momentum: await setting('momentum', spec.momentum, 0),
    nesterov: await setting('nesterov', spec.nesterov, false),
    alpha: await setting('alpha', spec.alpha, 0.99),
    beta1: await setting('beta1', spec.beta1, 0.9),
    beta2: await setting('beta2', spec.beta2, 0.999),
    epsilon: await setting('epsilon', spec.epsilon, type === 'adagrad' ? 1e-10 : 1e-8),
  };
}

async function suggestSchedule(
  trial: Suggester,
  spec: NetworkStudySpec['training']['schedule'],
): Promise<SchedulePlan> {
  const type = await resolve<ScheduleType>(trial, 'schedule', spec.type);
  /** Settings that this schedule does not have are not asked for. */
  const setting = async (
    key: ScheduleSetting,
    name: string,
    byDefault: number,
  ): Promise<number> => {
    const users: readonly ScheduleType[] = scheduleSettings[key];
    const value = spec[key];
    return value === undefined || !users.includes(type) ? byDefault : resolve(trial, name, value);
  };
  return {
    type,
    every: await setting('every', 'schedule_every', 10),
    factor: await setting('factor', 'schedule_factor', 0.1),
    decay: await setting('decay', 'schedule_decay', 0.95),
    minShare: await setting('minShare', 'schedule_min_share', 0),
    patience: await setting('patience', 'schedule_patience', 10),
    warmupEpochs: await resolve(trial, 'warmup_epochs', spec.warmupEpochs),
  };
}

async function suggestLoss(
  trial: Suggester,
  spec: NetworkStudySpec['training']['loss'],
  byDefault: LossType,
  classes: TrainingData['classes'],
): Promise<LossPlan> {
  const type = await resolve<LossType>(trial, 'loss', spec?.type ?? byDefault);
  /** Settings that this loss does not have are not asked for. */
  const setting = async (
    key: 'delta' | 'gamma' | 'labelSmoothing',
    name: string,
    byDefault: number,
  ): Promise<number> => {
    const users: readonly LossType[] = lossSettings[key];
    const value = spec?.[key];
    return value === undefined || !users.includes(type) ? byDefault : resolve(trial, name, value);
  };
  return {
    type,
    delta: await setting('delta', 'huber_delta', 1),
    gamma: await setting('gamma', 'focal_gamma', 2),
    labelSmoothing: await setting('labelSmoothing', 'label_smoothing', 0),
    classWeights: classes && (await suggestClassWeights(trial, spec?.classWeights, classes)),
  };
}

/** Balanced as scikit-learn has it: rows / (classes * rows of the class). */
async function suggestClassWeights(
  trial: Suggester,
  given: NonNullable<NetworkStudySpec['training']['loss']>['classWeights'],
  classes: readonly ClassInfo[],
): Promise<number[] | null> {
  if (given === undefined) return null;
  if (isWeightPerClass(given)) return classes.map(({ name }) => given[name] ?? 1);
  if ((await resolve<ClassWeighting>(trial, 'class_weights', given)) === 'none') return null;
  const nRows = classes.reduce((sum, { nTrainRows }) => sum + nTrainRows, 0);
  return classes.map(({ nTrainRows }) => nRows / (classes.length * nTrainRows));
}

async function suggestEarlyStopping(
  trial: Suggester,
  spec: NetworkStudySpec['training']['earlyStopping'],
  leading: Metric,
): Promise<TrainingPlan['earlyStopping']> {
  if (!spec) return null;
  return {
    metric: spec.metric ?? leading,
    patience: await resolve(trial, 'patience', spec.patience),
    minDelta: await resolve(trial, 'min_delta', spec.minDelta),
  };
}
