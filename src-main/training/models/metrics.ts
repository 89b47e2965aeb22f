import type { DataPart, TrainingData } from '../datasets/dataset.ts';
import { metricsOf } from '../vocabulary.ts';
import type { Metric } from '../vocabulary.ts';
import { classScores } from './class-scores.ts';
import type { ClassScore } from './class-scores.ts';
import type { Sums } from './losses.ts';

/** Those metrics that the task has. Errors are in the target's own unit, the loss in what training minimizes. */
export type Metrics = Readonly<Partial<Record<Metric, number>>> & { readonly loss: number };

/**
 * Turns sums over a part's rows into metrics; made once per part, used every epoch. Several numbers to predict count alike: each metric is the mean over
 * them, as scikit-learn's uniform average, and needs every row's outputs; without them only the loss is known.
 */
export function createMetrics(
  data: TrainingData,
  part: DataPart,
): (sums: Sums, outputs?: Float32Array) => Metrics {
  const { nRows } = part;
  if (data.task === 'classification')
    return ({ loss, correct }) => ({ loss: loss / nRows, accuracy: correct / nRows });
  const totals = sumsOfSquares(part.targets, data.nOutputs);
  const errorsOf = ({ squaredError, absoluteError }: ErrorSums, k: number): Errors => {
    const scale = data.targetScales?.[k]?.scale ?? 1;
    const mse = (squaredError * scale * scale) / nRows;
    const total = totals[k] as number;
    return {
      mse,
      rmse: Math.sqrt(mse),
      mae: (absoluteError * scale) / nRows,
      // As scikit-learn has it where all targets are equal.
      r2: total > 0 ? 1 - squaredError / total : squaredError === 0 ? 1 : 0,
    };
  };
  return (sums, outputs) => {
    const loss = sums.loss / nRows;
    if (data.nOutputs === 1) return { loss, ...errorsOf(sums, 0) };
    if (!outputs) return { loss };
    const perOutput = errorSums(outputs, part.targets, data.nOutputs).map(errorsOf);
    const meanOf = (name: keyof Errors): number =>
      perOutput.reduce((sum, errors) => sum + errors[name], 0) / perOutput.length;
    return {
      loss,
      mse: meanOf('mse'),
      rmse: meanOf('rmse'),
      mae: meanOf('mae'),
      r2: meanOf('r2'),
    };
  };
}

type Errors = Record<'mse' | 'rmse' | 'mae' | 'r2', number>;
type ErrorSums = Pick<Sums, 'squaredError' | 'absoluteError'>;

/** Of each output over all rows. */
function errorSums(outputs: Float32Array, targets: Float32Array, nOutputs: number): ErrorSums[] {
  return Array.from({ length: nOutputs }, (_, k) => {
    let squaredError = 0;
    let absoluteError = 0;
    for (let i = k; i < targets.length; i += nOutputs) {
      const difference = (outputs[i] as number) - (targets[i] as number);
      squaredError += difference * difference;
      absoluteError += Math.abs(difference);
    }
    return { squaredError, absoluteError };
  });
}

/** The metrics with those of these names that are made of every row's outputs; only classification has such. */
export function withClassScores(
  metrics: Metrics,
  data: TrainingData,
  { targets }: DataPart,
  outputs: Float32Array,
  names: readonly Metric[] = metricsOf.classification,
): Metrics {
  if (data.task !== 'classification') return metrics;
  const scores = names
    .filter(isClassScore)
    .map((name) => [name, classScores[name](outputs, targets, data.nOutputs)]);
  return { ...metrics, ...(Object.fromEntries(scores) as Partial<Record<ClassScore, number>>) };
}

function isClassScore(name: Metric): name is ClassScore {
  return name in classScores;
}

/** Of each output around its mean. */
function sumsOfSquares(targets: Float32Array, nOutputs: number): number[] {
  const nRows = targets.length / nOutputs;
  return Array.from({ length: nOutputs }, (_, k) => {
    let sum = 0;
    for (let i = k; i < targets.length; i += nOutputs) sum += targets[i] as number;
    let squares = 0;
    for (let i = k; i < targets.length; i += nOutputs)
      squares += ((targets[i] as number) - sum / nRows) ** 2;
    return squares;
  });
}
