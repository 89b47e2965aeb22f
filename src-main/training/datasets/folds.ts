import type { ClassInfo, Column, FeatureEncoding, TargetScale, TrainingData } from './dataset.ts';
import { categoryBlocks, encodeRows, widthOfAll } from './encode.ts';

/** One fold: which of the development rows train and validate, and what was learned from those that train. */
export interface Fold {
  /** Places among the development rows. */
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly encodings: readonly FeatureEncoding[];
  readonly classes: readonly ClassInfo[] | null;
  readonly targetScales: readonly TargetScale[] | null;
}

/** The rows that tuning may see, not encoded yet: each fold encodes them by what its own training rows have. */
export interface FoldSource {
  readonly columns: ReadonlyMap<string, Column>;
  /** One per number to predict, not standardized; for classification one of class numbers. */
  readonly targets: readonly Float64Array[];
  readonly folds: readonly Fold[];
}

/** Encoded folds are kept as long as all of them together take less. */
const MAX_KEPT_BYTES = 2 ** 28;

const kept = new WeakMap<FoldSource, Map<number, TrainingData>>();

/** Data that is split once has one fold. */
export function countFolds({ folds }: TrainingData): number {
  return folds?.folds.length ?? 1;
}

/** The rows of one fold, counted from 0, ready for training. */
export function dataOfFold(data: TrainingData, fold: number): TrainingData {
  const { folds: source } = data;
  if (!source) return data;
  const known = kept.get(source) ?? new Map<number, TrainingData>();
  const found = known.get(fold);
  if (found) return found;
  const encoded = encodeFold(data, source, fold);
  const { train, validation } = encoded;
  const bytes = 4 * (train.features.length + validation.features.length) * source.folds.length;
  if (bytes < MAX_KEPT_BYTES) kept.set(source, known.set(fold, encoded));
  return encoded;
}

function encodeFold(data: TrainingData, source: FoldSource, fold: number): TrainingData {
  const { encodings, classes, targetScales, ...rows } = source.folds[fold] as Fold;
  const part = (places: Int32Array): TrainingData['train'] => ({
    nRows: places.length,
    features: encodeRows(encodings, source.columns, { source: `Fold ${fold}`, rows: places }),
    targets: encodeTargets(source.targets, places, targetScales),
  });
  return {
    task: data.task,
    nFeatures: widthOfAll(encodings),
    nOutputs: data.nOutputs,
    classes,
    targetScales,
    categories: categoryBlocks(encodings),
    train: part(rows.train),
    validation: part(rows.validation),
  };
}

/** nRows x nOutputs, standardized where there are scales: as training wants them. */
export function encodeTargets(
  targets: readonly Float64Array[],
  rows: Int32Array,
  scales: readonly TargetScale[] | null,
): Float32Array {
  const encoded = new Float32Array(rows.length * targets.length);
  targets.forEach((values, k) => {
    const { mean, scale } = scales?.[k] ?? { mean: 0, scale: 1 };
    rows.forEach((row, i) => {
      encoded[i * targets.length + k] = ((values[row] as number) - mean) / scale;
    });
  });
  return encoded;
}

/** Some rows of a column. */
export function selectRows(column: Column, rows: Int32Array): Column {
  if (column.type === 'text')
    return { ...column, codes: rows.map((row) => column.codes[row] as number) };
  return { ...column, values: Float64Array.from(rows, (row) => column.values[row] as number) };
}
