/** How good a trained network is on rows it has not seen. */

import type { Interval } from '../tuner/math/intervals.ts';

export type { Interval };

export interface ClassReport {
  readonly name: string;
  /** Rows of the class. */
  readonly support: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Of this class against the rest; null where all rows are of one side, or a probability is NaN. */
  readonly roc: RocCurve | null;
}

export interface RocCurve {
  /** From (0, 0) to (1, 1), corners only. */
  readonly falsePositiveRates: readonly number[];
  readonly truePositiveRates: readonly number[];
  readonly area: number;
}

/** Rows whose answer was given with a probability in (low, high]. */
export interface CalibrationBin {
  readonly low: number;
  readonly high: number;
  readonly nRows: number;
  /** Mean of the probabilities of the answers given. */
  readonly confidence: number;
  /** Share of the answers that are right. */
  readonly accuracy: number;
}

/** Scores beside accuracy that have an interval. */
export type ClassificationScore = 'balancedAccuracy' | 'f1' | 'rocAuc' | 'logLoss';

export interface ClassificationReport {
  readonly nRows: number;
  readonly accuracy: number;
  readonly accuracyInterval: Interval;
  /** Null where the rows do not tell it, as with one row of a class; absent in reports of earlier versions. */
  readonly intervals?: Readonly<Record<ClassificationScore, Interval | null>>;
  readonly balancedAccuracy: number;
  /** Mean over the classes. */
  readonly f1: number;
  /** Of two classes the second's, else the mean over the classes against the rest; null where it is not defined. */
  readonly rocAuc: number | null;
  readonly logLoss: number;
  /** Rows of class i for which the answer was class j. */
  readonly confusion: readonly (readonly number[])[];
  readonly classes: readonly ClassReport[];
  readonly calibration: readonly CalibrationBin[];
  /** Mean distance of confidence and accuracy over the bins, by their rows (Naeini et al. 2015). */
  readonly calibrationError: number;
}

export type RegressionScore = 'mse' | 'rmse' | 'mae' | 'r2';

/** How good predicted numbers are, in the target's own unit. */
export interface RegressionReport {
  readonly target: string;
  readonly nRows: number;
  readonly mse: number;
  readonly rmse: number;
  readonly mae: number;
  /** 1 - squared errors / squared distances from the mean; where all values are equal 1 without and 0 with errors, as scikit-learn has it. */
  readonly r2: number;
  /** Earlier versions had none of the mean squared error. */
  readonly intervals: Readonly<Record<Exclude<RegressionScore, 'mse'>, Interval>> & {
    readonly mse?: Interval;
  };
  /** Row by row, or an even sample of many. */
  readonly predicted: readonly number[];
  readonly actual: readonly number[];
}

export interface ColumnImportance {
  readonly column: string;
  /** How much the score falls when the column's values change places among the rows: mean and deviation over the repetitions. */
  readonly drop: number;
  readonly deviation: number;
}
