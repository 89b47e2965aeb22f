import type { Rng } from '../tuner/math/rng.ts';
import { shuffle } from '../tuner/math/rng.ts';
import { isBetter } from '../tuner/study/direction.ts';
import type { StudyDirection } from '../tuner/study/direction.ts';
import type { TrainingData } from './datasets/dataset.ts';
import { createMetrics, withClassScores } from './models/metrics.ts';
import type { Metrics } from './models/metrics.ts';
import type { Model } from './models/model.ts';
import type { TrainingPlan } from './plan.ts';
import { createSchedule } from './schedule.ts';
import { metricDirections } from './vocabulary.ts';
import type { Metric } from './vocabulary.ts';

/** Epochs shorter than this begin while the answer to the one before is on its way: that takes as long as they do. */
const EAGER_EPOCH_SECONDS = 0.02;

/** What is told of every epoch. */
export interface Epoch {
  /** Counted from 0, through all folds where there are several. */
  readonly epoch: number;
  readonly trainLoss: number;
  /** null for regression. */
  readonly trainAccuracy: number | null;
  readonly valLoss: number;
  readonly valAccuracy: number | null;
  /** How long this epoch took. */
  readonly seconds: number;
}

export interface TrainOptions {
  readonly model: Model;
  readonly data: TrainingData;
  readonly plan: TrainingPlan;
  /** Decides the order of the rows. */
  readonly rng: Rng;
  /** What makes an epoch the best. */
  readonly leading: { readonly metric: Metric; readonly direction: StudyDirection };
  /** Told of every epoch that was trained. */
  readonly onEpoch?: (epoch: Epoch) => void;
  /** Fewer epochs than the plan's; the schedule stays that of the plan. */
  readonly nEpochs?: number;
  /** Which epoch's weights the result holds. @default none */
  readonly keepWeights?: 'best' | 'last';
  /** Asked after every epoch that early stopping did not end training with; throw to give up. */
  readonly afterEpoch?: (validation: Metrics, epoch: number) => Promise<void>;
}

export interface EpochMetrics {
  readonly epoch: number;
  readonly train: Metrics;
  readonly validation: Metrics;
}

export interface TrainResult {
  readonly best: EpochMetrics;
  readonly last: EpochMetrics;
  readonly nEpochs: number;
  readonly endedBy: 'epochs' | 'earlyStopping' | 'divergence';
  /** As `keepWeights` asked for, in the order of `weightInfos`. */
  readonly weights: readonly Float32Array[] | null;
}

/**
 * Trains until the epochs are over, early stopping ends it, or the loss is no longer a finite number (from where no step
 * leads back). After an epoch comes first the question whether it was better, then patience, then `afterEpoch`: an epoch
 * that uses up the patience is not reported, as in the course notebook.
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const { model, data, plan, rng, leading, keepWeights, onEpoch, afterEpoch } = options;
  const nEpochs = options.nEpochs ?? plan.epochs;
  const toTrainMetrics = createMetrics(data, data.train);
  const toValidationMetrics = createMetrics(data, data.validation);
  const order = Int32Array.from({ length: data.train.nRows }, (_, i) => i);
  const leader = createBest(leading.metric, leading.direction, 0);
  const stopping = plan.earlyStopping;
  const stopper =
    stopping &&
    createBest(stopping.metric, directionFor(stopping.metric, leading), stopping.minDelta);
  const scored = (metrics: Metrics, outputs: Float32Array, names?: readonly Metric[]): Metrics =>
    withClassScores(metrics, data, data.validation, outputs, names);
  /** With the scores that decide nothing, which would be a waste in every epoch. */
  const complete = ({
    epoch,
    train: trained,
    validation,
    outputs,
  }: NonNullable<typeof best>): EpochMetrics => ({
    epoch,
    train: trained,
    validation: scored(validation, outputs),
  });
  const schedule = createSchedule(plan);
  const watched = [leading.metric, ...(stopping ? [stopping.metric] : [])];
  let best: (EpochMetrics & { readonly outputs: Float32Array }) | undefined;
  let bestWeights: readonly Float32Array[] | null = null;
  let answer: Promise<void> | undefined;
  for (let epoch = 0; ; epoch++) {
    const startedAt = performance.now();
    const sums = model.runEpoch(epoch, shuffle(order, rng), schedule.rateAt(epoch));
    const seconds = (performance.now() - startedAt) / 1000;
    // What came of the epoch before. If it was to be the last one, this one has not happened.
    await answer;
    const last = {
      epoch,
      train: toTrainMetrics(sums.train),
      validation: scored(
        toValidationMetrics(sums.validation, sums.validationOutputs),
        sums.validationOutputs,
        watched,
      ),
      outputs: sums.validationOutputs,
    };
    const { train: trained, validation } = last;
    schedule.observe(epoch, validation.loss);
    onEpoch?.({
      epoch,
      trainLoss: trained.loss,
      trainAccuracy: trained.accuracy ?? null,
      valLoss: validation.loss,
      valAccuracy: validation.accuracy ?? null,
      seconds,
    });
    if (leader.improves(validation, epoch) || best === undefined) {
      best = last;
      if (keepWeights === 'best') bestWeights = model.getWeights();
    }
    const ended = (endedBy: TrainResult['endedBy']): TrainResult => ({
      best: complete(best ?? last),
      last: complete(last),
      nEpochs: epoch + 1,
      endedBy,
      weights: keepWeights === 'last' ? model.getWeights() : bestWeights,
    });
    if (!Number.isFinite(trained.loss)) return ended('divergence');
    if (
      stopper &&
      !stopper.improves(validation, epoch) &&
      epoch - stopper.epoch >= stopping.patience
    )
      return ended('earlyStopping');
    answer = afterEpoch?.(validation, epoch);
    if (epoch + 1 >= nEpochs || seconds > EAGER_EPOCH_SECONDS) await answer;
    if (epoch + 1 >= nEpochs) return ended('epochs');
    // A refusal comes to light above; until then it is not unhandled.
    answer?.catch(() => {});
    // Lets the question out before the next epoch keeps this thread busy.
    await null;
  }
}

/** The objective's direction where it is the same metric, else the metric's own. */
function directionFor(metric: Metric, leading: TrainOptions['leading']): StudyDirection {
  return metric === leading.metric ? leading.direction : metricDirections[metric];
}

interface Best {
  /** The epoch of the best value, -1 before there is one. */
  epoch: number;
  /** Takes note of the epoch; whether it is better than all before. */
  improves(metrics: Metrics, epoch: number): boolean;
}

function createBest(metric: Metric, direction: StudyDirection, minDelta: number): Best {
  let best = worst(metric, direction);
  const needed = direction === 'maximize' ? minDelta : -minDelta;
  return {
    epoch: -1,
    improves(metrics, epoch) {
      const value = metrics[metric] ?? NaN;
      if (!isBetter(direction, value, best + needed)) return false;
      best = value;
      this.epoch = epoch;
      return true;
    },
  };
}

/** What no first epoch need beat: an accuracy of 0 is no progress. */
function worst(metric: Metric, direction: StudyDirection): number {
  if (direction === 'minimize') return Infinity;
  return metric === 'accuracy' ? 0 : -Infinity;
}
