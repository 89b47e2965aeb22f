import { InvalidArgumentError } from '../errors.ts';
import { GrowingHypervolume } from '../math/growing-hypervolume.ts';
import type { StudyDirection } from './direction.ts';

export interface HypervolumeHistoryOptions {
  /**
   * The corner that volumes are measured from: one finite value per objective, bad in each. Trials that are not better in every objective
   * add nothing.
   * @default a tenth beyond the worst values of the trials that count
   */
  referencePoint?: readonly number[];
  /** Whether a row is feasible (1 or true); others add nothing. @default all are */
  isFeasible?: ArrayLike<number | boolean>;
}

export interface HypervolumeHistory {
  /** By row: the hypervolume of all rows up to it. */
  readonly hypervolumes: Float64Array;
  readonly referencePoint: readonly number[];
}

/**
 * How the hypervolume of a study of several objectives grew (`plot_hypervolume_history` of Optuna, where the reference point must be
 * given).
 *
 * @param values Of complete trials by number: one column per objective. A row with NaN adds nothing.
 * @throws InvalidArgumentError when there is not one column, or one finite reference value, per direction.
 */
export function hypervolumeHistory(
  values: readonly ArrayLike<number>[],
  directions: readonly StudyDirection[],
  { referencePoint, isFeasible }: HypervolumeHistoryOptions = {},
): HypervolumeHistory {
  if (values.length !== directions.length)
    throw new InvalidArgumentError(
      `There must be one column of values per direction (${directions.length}), but got ${values.length}.`,
    );
  if (referencePoint && referencePoint.length !== directions.length)
    throw new InvalidArgumentError(
      `\`referencePoint\` must have one value per direction (${directions.length}), but got ${referencePoint.length}.`,
    );
  if (referencePoint?.some((value) => !Number.isFinite(value)))
    throw new InvalidArgumentError(
      `\`referencePoint\` must be finite, but got ${referencePoint.join(', ')}.`,
    );
  const signs = directions.map((direction) => (direction === 'minimize' ? 1 : -1));
  const nRows = values[0]?.length ?? 0;
  const counts = (row: number): boolean =>
    Boolean(isFeasible?.[row] ?? true) && values.every((column) => !Number.isNaN(column[row]));
  const reference =
    referencePoint?.map((value, k) => value * (signs[k] as number)) ??
    values.map((column, k) => beyondWorst(column, signs[k] as number, counts));

  const growing = new GrowingHypervolume(reference);
  const hypervolumes = new Float64Array(nRows);
  for (let row = 0; row < nRows; row++)
    hypervolumes[row] = counts(row)
      ? growing.add(values.map((column, k) => (column[row] as number) * (signs[k] as number)))
      : growing.volume;
  return {
    hypervolumes,
    referencePoint: reference.map((value, k) => value * (signs[k] as number)),
  };
}

/** As TPE does for several objectives: a tenth of the worst finite loss is added to it. */
function beyondWorst(
  column: ArrayLike<number>,
  sign: number,
  counts: (row: number) => boolean,
): number {
  let worst = -Infinity;
  for (let row = 0; row < column.length; row++) {
    const loss = (column[row] as number) * sign;
    if (loss > worst && loss < Infinity && counts(row)) worst = loss;
  }
  return worst === -Infinity ? 1 : Math.max(1.1 * worst, 0.9 * worst) || 1e-12;
}
