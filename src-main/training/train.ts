import { setImmediate as nextTurn } from 'node:timers/promises';
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

/** How long this thread trains before it lets questions out and answers in, which takes as long as a short epoch. */
const TURN_MS = 0.25;

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
  /** Asked after every epoch that early stopping did not end training with; rejects to give up. */
  readonly afterEpoch?: (validation: Metrics, epoch: number) => Promise<void>;
  /**
   * How much is trained while answers of `afterEpoch` are on their way. Epochs beyond one that it gives up after have not happened, though
   * `onEpoch` and `afterEpoch` were told of them. @default 0
   */
  readonly lookaheadMs?: number;
  /** Told when `onEpoch` and `afterEpoch` will not be called for about so long; Infinity: until the answers are there. */
  readonly beforeSilence?: (expectedMs: number) => void;
}

export interface EpochMetrics {
  readonly epoch: number;
  readonly train: Metrics;
  readonly validation: Metrics;
  /** As `Model.predict` gives them for the validation rows. */
  readonly outputs: Float32Array;
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
  const { lookaheadMs = 0, beforeSilence } = options;
  const nEpochs = options.nEpochs ?? plan.epochs;
  const toTrainMetrics = createMetrics(data, data.train);
  const toValidationMetrics = createMetrics(data, data.validation);
  const order = new Int32Array(data.train.nRows).map((_, i) => i);
  const leader = createBest(leading.metric, leading.direction, 0);
  const stopping = plan.earlyStopping;
  const stopper =
    stopping &&
    createBest(stopping.metric, directionFor(stopping.metric, leading), stopping.minDelta);
  const scored = (metrics: Metrics, outputs: Float32Array, names?: readonly Metric[]): Metrics =>
    withClassScores(metrics, data, data.validation, outputs, names);
  /** With the scores that decide nothing, which would be a waste in every epoch. */
  const complete = (epoch: EpochMetrics): EpochMetrics => ({
    ...epoch,
    validation: scored(epoch.validation, epoch.outputs),
  });
  const schedule = createSchedule(plan);
  const watched = [leading.metric, ...(stopping ? [stopping.metric] : [])];
  let best: EpochMetrics | undefined;
  let bestWeights: readonly Float32Array[] | null = null;
  const answers = createAnswers();
  const allAnswers = (): Promise<void> => {
    if (!answers.isRefused) beforeSilence?.(Infinity);
    return answers.all();
  };
  let turnedAtMs = performance.now();
  for (let epoch = 0; ; epoch++) {
    const startedAtMs = performance.now();
    const sums = model.runEpoch(epoch, shuffle(order, rng), schedule.rateAt(epoch));
    const tookMs = performance.now() - startedAtMs;
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
    if (leader.improves(validation, epoch) || best === undefined) {
      best = last;
      if (keepWeights === 'best') bestWeights = model.getWeights();
    }
    let endedBy: TrainResult['endedBy'] | null = null;
    if (!Number.isFinite(trained.loss)) endedBy = 'divergence';
    else if (
      stopper &&
      !stopper.improves(validation, epoch) &&
      epoch - stopper.epoch >= stopping.patience
    )
      endedBy = 'earlyStopping';
    // Whether this epoch is the end is decided only when those before are known to have happened.
    if (endedBy) await allAnswers();
    onEpoch?.({
      epoch,
      trainLoss: trained.loss,
      trainAccuracy: trained.accuracy ?? null,
      valLoss: validation.loss,
      valAccuracy: validation.accuracy ?? null,
      seconds: tookMs / 1000,
    });
    if (!endedBy && afterEpoch) answers.add(afterEpoch(validation, epoch), tookMs);
    if (!endedBy && epoch + 1 >= nEpochs) {
      await allAnswers();
      endedBy = 'epochs';
    }
    if (endedBy)
      return {
        best: complete(best),
        last: complete(last),
        nEpochs: epoch + 1,
        endedBy,
        weights: keepWeights === 'last' ? model.getWeights() : bestWeights,
      };
    const isFarAhead = answers.aheadMs + tookMs > lookaheadMs;
    beforeSilence?.(isFarAhead ? Infinity : tookMs);
    if (performance.now() - turnedAtMs > TURN_MS) {
      await nextTurn();
      turnedAtMs = performance.now();
    }
    if (answers.isRefused || answers.aheadMs + tookMs > lookaheadMs) await allAnswers();
  }
}

/** What `afterEpoch` has been asked and has not answered yet. */
interface Answers {
  /** How long the epochs took that it is about. */
  aheadMs: number;
  isRefused: boolean;
  add(answer: Promise<void>, tookMs: number): void;
  /** Rejects as the first epoch's does that was refused. */
  all(): Promise<void>;
}

function createAnswers(): Answers {
  let all = Promise.resolve();
  return {
    aheadMs: 0,
    isRefused: false,
    add(answer, tookMs) {
      this.aheadMs += tookMs;
      // A refusal comes to light when all are awaited; until then it is not unhandled.
      answer.catch(() => (this.isRefused = true));
      all = all.then(() => answer);
      all.then(
        () => (this.aheadMs -= tookMs),
        () => {},
      );
    },
    all: () => all,
  };
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
