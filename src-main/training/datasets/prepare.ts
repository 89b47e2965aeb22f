import { checkImage } from '../network-shape.ts';
import type { LoadedSpec, NetworkStudySpec } from '../spec.ts';
import { tablePath } from './built-in.ts';
import type { Dataset, TrainingData } from './dataset.ts';
import type { PrepareOptions } from './prepare-table.ts';
import { runTableTask } from './table-thread.ts';
import type { TableTaskOptions } from './table-thread.ts';

export type LoadDatasetOptions = TableTaskOptions & PrepareOptions;

/**
 * Reads the spec's table and makes it ready for training, large ones in a thread of their own.
 *
 * @throws TableError with row, column, value and the way out; SpecError where rows are no images of the spec's shape; the signal's reason when that is aborted.
 */
export async function loadDataset(
  { spec, baseDir }: LoadedSpec<NetworkStudySpec>,
  { rows, known, ...options }: LoadDatasetOptions = {},
): Promise<Dataset> {
  const { data, network, training } = spec;
  const path = tablePath(data.table, baseDir);
  const task = { path, spec: { data, training }, baseDir, options: { rows, known } };
  const dataset = await runTableTask('prepare', task, options);
  if (network.image) checkImage(network.image, dataset.nFeatures);
  return dataset;
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
