import {
  logitInterval,
  meanShareInterval,
  positiveInterval,
  standardErrorOf,
  type Interval,
} from '../../tuner/math/intervals.ts';
import type { DataPart, TrainingData } from '../datasets/dataset.ts';
import type { LossPlan } from '../plan.ts';
import type { Metric } from '../vocabulary.ts';
import { answersOf, logOdds } from './class-scores.ts';
import {
  f1Influences,
  ratioInfluences,
  regressionInfluences,
  rocAucWithError,
} from './influences.ts';
import { computeLoss } from './losses.ts';

/**
 * Of a metric, from how much single rows move it: how far the value of these rows may be from that of all rows that could have been drawn. Without random
 * numbers, and quick.
 *
 * @param outputs Of the network for the rows of the part, as `Model.predict` gives them.
 * @param loss What training minimizes, for the metric `loss`.
 * @returns Null where the rows do not tell it.
 */
export function scoreInterval(
  metric: Metric,
  data: Pick<TrainingData, 'task' | 'nOutputs' | 'targetScales'>,
  { nRows, targets }: DataPart,
  outputs: Float32Array,
  loss: LossPlan,
): Interval | null {
  if (outputs.some((output) => !Number.isFinite(output))) return null;
  const { nOutputs } = data;
  if (metric === 'loss') return lossInterval(loss, outputs, targets, nOutputs, nRows);
  if (data.task === 'regression') return regressionInterval(metric, data, targets, outputs, nRows);
  const answers = answersOf(outputs, nOutputs);
  const shares = Array.from({ length: nOutputs }, () => ({ nTrue: 0, n: 0 }));
  answers.forEach((answer, row) => {
    const share = shares[targets[row] as number] as { nTrue: number; n: number };
    share.n++;
    if (answer === targets[row]) share.nTrue++;
  });
  const present = shares.filter(({ n }) => n > 0);
  // Rows without an error prove no more than their number, class by class.
  const ofPerfect = (): Interval => meanShareInterval(present.map(({ n }) => ({ nTrue: n, n })));
  const ofShare = (value: number, standardError: number): Interval | null => {
    if (value === 1) return ofPerfect();
    return value > 0 && standardError > 0 ? logitInterval(value, standardError) : null;
  };
  switch (metric) {
    case 'accuracy':
      return meanShareInterval([
        { nTrue: shares.reduce((sum, { nTrue }) => sum + nTrue, 0), n: nRows },
      ]);
    case 'balancedAccuracy':
      return meanShareInterval(present);
    case 'f1': {
      const { f1, influences } = f1Influences(targets, answers, nOutputs);
      return ofShare(f1, standardErrorOf(influences));
    }
    case 'rocAuc': {
      const scoresOf = (k: number): Float64Array =>
        Float64Array.from(logOdds(outputs, nOutputs, k));
      const roc = rocAucWithError(scoresOf, targets, nOutputs);
      return roc && ofShare(roc.area, roc.standardError);
    }
    default:
      return lossInterval(plainCrossEntropy, outputs, targets, nOutputs, nRows);
  }
}

const plainCrossEntropy: LossPlan = {
  type: 'crossEntropy',
  delta: 1,
  gamma: 0,
  labelSmoothing: 0,
  classWeights: null,
};

function lossInterval(
  loss: LossPlan,
  outputs: Float32Array,
  targets: Float32Array,
  nOutputs: number,
  nRows: number,
): Interval | null {
  const width = targets.length / nRows;
  const weights = Float64Array.from({ length: nRows }, (_, row) =>
    loss.classWeights ? (loss.classWeights[targets[row] as number] ?? 1) : 1,
  );
  const losses = weights.map((weight, row) => {
    const [ofRow, target] = [
      outputs.subarray(row * nOutputs, (row + 1) * nOutputs),
      targets.subarray(row * width, (row + 1) * width),
    ];
    // Of a single row the mean is not weighted.
    return weight * computeLoss(loss, ofRow, target, nOutputs).loss;
  });
  const { ratio, influences } = ratioInfluences(losses, weights);
  return positiveInterval(ratio, standardErrorOf(influences), nRows);
}

/** Of the mean over the numbers to predict. */
function regressionInterval(
  metric: Metric,
  { nOutputs, targetScales }: Pick<TrainingData, 'nOutputs' | 'targetScales'>,
  targets: Float32Array,
  outputs: Float32Array,
  nRows: number,
): Interval | null {
  const name = metric as 'mse' | 'rmse' | 'mae' | 'r2';
  const influences = new Float64Array(nRows);
  let value = 0;
  for (let k = 0; k < nOutputs; k++) {
    const { scale } = targetScales?.[k] ?? { scale: 1 };
    const column = (from: Float32Array): Float64Array =>
      Float64Array.from(
        { length: nRows },
        (_, row) => scale * (from[row * nOutputs + k] as number),
      );
    const [predicted, actual] = [column(outputs), column(targets)];
    const own = regressionInfluences(predicted, actual)[name];
    value += own.value / nOutputs;
    own.influences.forEach((influence, row) => {
      influences[row] = (influences[row] as number) + influence / nOutputs;
    });
  }
  const standardError = standardErrorOf(influences);
  if (name !== 'r2') return positiveInterval(value, standardError, nRows);
  // What is left to explain, as a share: above 0.
  const rest = positiveInterval(1 - value, standardError, nRows);
  return rest && { low: 1 - rest.high, high: 1 - rest.low };
}
