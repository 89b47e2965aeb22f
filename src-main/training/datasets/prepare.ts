import type { LoadedSpec, NetworkStudySpec } from '../spec.ts';
import { tablePath } from './built-in.ts';
import type { Dataset, TrainingData } from './dataset.ts';
import { runTableTask } from './table-thread.ts';
import type { TableTaskOptions } from './table-thread.ts';

/**
 * Reads the spec's table and makes it ready for training, large ones in a thread of their own.
 *
 * @throws TableError with row, column, value and the way out; the signal's reason when that is aborted.
 */
export async function loadDataset(
  { spec, baseDir }: LoadedSpec<NetworkStudySpec>,
  options?: TableTaskOptions,
): Promise<Dataset> {
  const { data, training } = spec;
  const path = tablePath(data.table, baseDir);
  return runTableTask('prepare', { path, spec: { data, training }, baseDir }, options);
}

/** The part of a dataset that training children get. */
export function toTrainingData({
  task,
  nFeatures,
  nOutputs,
  classes,
  targetScales,
  categories,
  folds,
  train,
  validation,
}: TrainingData): TrainingData {
  return { task, nFeatures, nOutputs, classes, targetScales, categories, folds, train, validation };
}
