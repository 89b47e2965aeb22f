import type { DataPart, TrainingData } from '../datasets/dataset.ts';
import { metricsOf } from '../vocabulary.ts';
import type { Metric } from '../vocabulary.ts';
import { classScores } from './class-scores.ts';
import type { ClassScore } from './class-scores.ts';
import type { Sums } from './losses.ts';

/** Those metrics that the task has. Errors are in the target's own unit, the loss in what training minimizes. */
export type Metrics = Readonly<Partial<Record<Metric, number>>> & { readonly loss: number };

/** Turns sums over a part's rows into metrics; made once per part, used every epoch. */
export function createMetrics(data: TrainingData, part: DataPart): (sums: Sums) => Metrics {
  const { nRows } = part;
  if (data.task === 'classification')
    return ({ loss, correct }) => ({ loss: loss / nRows, accuracy: correct / nRows });
  const nValues = part.targets.length;
  const scale = data.targetScale?.scale ?? 1;
  const total = sumOfSquares(part.targets);
  return ({ loss, squaredError, absoluteError }) => {
    const mse = (squaredError * scale * scale) / nValues;
    return {
      loss: loss / nRows,
      mse,
      rmse: Math.sqrt(mse),
      mae: (absoluteError * scale) / nValues,
      // As scikit-learn has it where all targets are equal.
      r2: total > 0 ? 1 - squaredError / total : squaredError === 0 ? 1 : 0,
    };
  };
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

/** Around the mean. */
function sumOfSquares(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
}
