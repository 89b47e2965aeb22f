import type { RegressionReport, RegressionScore } from '../../contract/evaluation.ts';
import type { Rng } from '../../tuner/math/rng.ts';
import { regressionInfluences } from '../../training/models/influences.ts';
import { rowIntervals } from '../../tuner/math/intervals.ts';

const MAX_SHOWN = 1000;

export function regressionReport(
  target: string,
  predicted: ArrayLike<number>,
  actual: ArrayLike<number>,
  rng: Rng,
): RegressionReport {
  const nRows = actual.length;
  const step = Math.max(1, nRows / MAX_SHOWN);
  const shown = Int32Array.from({ length: Math.min(nRows, MAX_SHOWN) }, (_, i) =>
    Math.floor(i * step),
  );
  return {
    target,
    nRows,
    ...regressionScores(predicted, actual),
    intervals: rowIntervals<RegressionScore>(
      nRows,
      {
        statistics: (rows) => regressionScores(predicted, actual, rows),
        influences() {
          const { mse, rmse, mae, r2 } = regressionInfluences(predicted, actual);
          return {
            mse: mse.influences,
            rmse: rmse.influences,
            mae: mae.influences,
            r2: r2.influences,
          };
        },
      },
      rng,
    ),
    predicted: Array.from(shown, (row) => predicted[row] as number),
    actual: Array.from(shown, (row) => actual[row] as number),
  };
}

export function regressionScores(
  predicted: ArrayLike<number>,
  actual: ArrayLike<number>,
  rows: Int32Array = Int32Array.from({ length: actual.length }, (_, row) => row),
): Record<RegressionScore, number> {
  let [squares, distances, sum] = [0, 0, 0];
  for (const row of rows) {
    const error = (predicted[row] as number) - (actual[row] as number);
    squares += error * error;
    distances += Math.abs(error);
    sum += actual[row] as number;
  }
  const mean = sum / rows.length;
  let total = 0;
  for (const row of rows) total += ((actual[row] as number) - mean) ** 2;
  const mse = squares / rows.length;
  return {
    mse,
    rmse: Math.sqrt(mse),
    mae: distances / rows.length,
    r2: total > 0 ? 1 - squares / total : squares === 0 ? 1 : 0,
  };
}
