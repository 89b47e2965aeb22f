/** What is done with whole tables, wherever it is done: here, or in a thread of its own. */
import type { NetworkStudySpec } from '../spec.ts';
import type { NumberMarks } from './cells.ts';
import type { Dataset, FeatureEncoding } from './dataset.ts';
import { prepareNewRows } from './new-rows.ts';
import type { NewRows } from './new-rows.ts';
import { checkClassWeights, prepareDataset, readForSpec } from './prepare-table.ts';
import type { PrepareOptions } from './prepare-table.ts';
import { profileTable } from './profile.ts';
import type { TableProfile } from './profile.ts';
import { fileSource } from './table-file.ts';
import type { TableFormat } from './table-format.ts';
import type { TableProgress } from './table.ts';

/** Per task what it needs and what comes of it, both plain data. */
export interface TableTasks {
  profile: {
    input: { path: string; table: string; format?: Partial<TableFormat> };
    result: TableProfile;
  };
  prepare: {
    input: {
      path: string;
      spec: Pick<NetworkStudySpec, 'data' | 'training'>;
      baseDir: string;
      options?: PrepareOptions;
    };
    result: Dataset;
  };
  newRows: {
    input: {
      path: string;
      encodings: readonly FeatureEncoding[];
      like: Partial<NumberMarks>;
      guardFormulas: boolean;
    };
    result: NewRows;
  };
}

export type TableResult = TableTasks[keyof TableTasks]['result'];

export type TableTask = {
  [Name in keyof TableTasks]: { name: Name; input: TableTasks[Name]['input'] };
}[keyof TableTasks];

/** @throws TableError */
export function performTableTask(
  { name, input }: TableTask,
  onProgress: (progress: TableProgress) => void,
): TableResult {
  const source = fileSource(input.path);
  if (name === 'profile') return profileTable(source, input.table, input.format, onProgress);
  if (name === 'newRows') return prepareNewRows(input, onProgress);
  const { spec, baseDir, options } = input;
  const table = readForSpec(source, spec.data, onProgress);
  const dataset = prepareDataset(table, spec.data, baseDir, options);
  checkClassWeights(spec, dataset);
  return dataset;
}
