/** What is done with whole tables, wherever it is done: here, or in a thread of its own. */
import type { NetworkStudySpec } from '../spec.ts';
import type { Dataset } from './dataset.ts';
import { checkClassWeights, prepareDataset, readForSpec } from './prepare-table.ts';
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
    input: { path: string; spec: Pick<NetworkStudySpec, 'data' | 'training'>; baseDir: string };
    result: Dataset;
  };
}

export type TableTask = {
  [Name in keyof TableTasks]: { name: Name; input: TableTasks[Name]['input'] };
}[keyof TableTasks];

/** What the thread says. */
export type TableReply =
  | { readonly type: 'progress'; readonly progress: TableProgress }
  | { readonly type: 'done'; readonly result: TableProfile | Dataset }
  | { readonly type: 'refused'; readonly message: string };

/** @throws TableError */
export function performTableTask(
  { name, input }: TableTask,
  onProgress: (progress: TableProgress) => void,
): TableProfile | Dataset {
  const source = fileSource(input.path);
  if (name === 'profile') return profileTable(source, input.table, input.format, onProgress);
  const { spec, baseDir } = input;
  const dataset = prepareDataset(readForSpec(source, spec.data, onProgress), spec.data, baseDir);
  checkClassWeights(spec, dataset);
  return dataset;
}
