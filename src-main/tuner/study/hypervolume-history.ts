import { InvalidArgumentError } from '../errors.ts';
import { GrowingHypervolume } from '../math/growing-hypervolume.ts';
import type { StudyDirection } from './direction.ts';
import { paretoFrontOfColumns } from './pareto-front.ts';

export interface HypervolumeHistoryOptions {
  /**
   * The corner that volumes are measured from: one finite value per objective, bad in each. Trials that are not better in every objective
   * add nothing.
   * @default a tenth beyond the worst values of the trials that count, outliers left out unless they are on the Pareto front
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
    beyondWorst(values, directions, counts);

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

/** Values below which quartiles say too little of what is an outlier. */
const MIN_FOR_OUTLIERS = 10;

/**
 * A tenth beyond the worst finite loss of each objective, as TPE does, but for outliers: one diverged trial would make all others look the same.
 * What is on the Pareto front counts, however far off it is. In losses: lower is better.
 */
function beyondWorst(
  values: readonly ArrayLike<number>[],
  directions: readonly StudyDirection[],
  counts: (row: number) => boolean,
): number[] {
  let front: readonly number[] | null = null;
  return values.map((column, k) => {
    const sign = directions[k] === 'minimize' ? 1 : -1;
    const losses = Float64Array.from(column, (value, row) => (counts(row) ? sign * value : NaN));
    const finite = losses.filter(Number.isFinite).sort();
    let worst = finite.at(-1);
    if (worst === undefined) return 1;
    const usual = worstUsual(finite);
    if (usual < worst) {
      front ??= paretoFrontOfColumns(values, directions, counts);
      worst = usual;
      for (const row of front) {
        const loss = losses[row] as number;
        if (loss > worst && loss < Infinity) worst = loss;
      }
    }
    return Math.max(1.1 * worst, 0.9 * worst) || 1e-12;
  });
}

/** The highest that is not "far out": above the upper quartile by more than three times what lies between the quartiles (Tukey, "Exploratory data analysis", 1977). */
function worstUsual(ascending: Float64Array): number {
  const n = ascending.length;
  const worst = ascending[n - 1] as number;
  const lower = ascending[Math.floor((n - 1) / 4)] as number;
  const upper = ascending[Math.ceil((3 * (n - 1)) / 4)] as number;
  // Where most are equal, any other one would be an outlier.
  if (n < MIN_FOR_OUTLIERS || upper === lower) return worst;
  const limit = upper + 3 * (upper - lower);
  return worst <= limit ? worst : (ascending.findLast((loss) => loss <= limit) as number);
}
