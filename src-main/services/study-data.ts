import type { DataChange } from '../contract/runs.ts';
import { tablePath } from '../training/datasets/built-in.ts';
import type { Dataset } from '../training/datasets/dataset.ts';
import { loadDataset, type LoadDatasetOptions } from '../training/datasets/prepare.ts';
import { fileSource, hashOf } from '../training/datasets/table-file.ts';
import { TableError } from '../training/errors.ts';
import type { NetworkStudySpec } from '../training/spec.ts';
import type { FrozenStudy } from '../tuner/storages/storage.ts';
import type { AttrValue } from '../tuner/trial/frozen-trial.ts';
import { ServiceError } from './errors.ts';
import { DATA_CHANGES, DATA_FACTS, DATA_HASH } from './study-attrs.ts';

/** What is kept of a table beside its hash, to say how another one differs. */
interface DataFacts {
  readonly nRows: number;
  readonly columns: readonly string[];
}

/** What a study keeps of its table. */
export function dataAttrs({ tableHash, table }: Dataset): Record<string, AttrValue> {
  return {
    [DATA_HASH]: tableHash,
    [DATA_FACTS]: { nRows: table.nRows, columns: [...table.columnNames] },
  };
}

export interface StudyData {
  readonly dataset: Dataset;
  /** What must be kept with the study where a changed table was accepted, else nothing. */
  readonly attrs: Readonly<Record<string, AttrValue>>;
}

export interface LoadStudyDataOptions extends LoadDatasetOptions {
  /** Takes the table as it is now. @default false */
  readonly acceptsChange?: boolean;
}

/**
 * The study's table made ready.
 *
 * @throws ServiceError `DATA_CHANGED` when it is not the table that the study was created with. TableError when it cannot be used.
 */
export async function loadStudyData(
  study: FrozenStudy,
  spec: NetworkStudySpec,
  { acceptsChange = false, ...options }: LoadStudyDataOptions = {},
): Promise<StudyData> {
  const knownHash = study.systemAttrs[DATA_HASH];
  const dataset = await loadDataset({ spec, baseDir: process.cwd() }, options).catch(
    (error: unknown) => {
      if (error instanceof TableError && isOther(spec, knownHash))
        throw new TableError(
          `${error.message} The table is not the one this study was created with.`,
          { cause: error },
        );
      throw error;
    },
  );
  if (typeof knownHash !== 'string' || knownHash === dataset.tableHash)
    return { dataset, attrs: {} };
  const change = changeOf(study, spec, dataset);
  if (!acceptsChange)
    throw new ServiceError(
      'DATA_CHANGED',
      `The table "${change.table}" is not the one this study was created with${describe(change)}. Trials before and after could not be compared: put the old table back, or create a new study. Or go on with it knowingly.`,
      { details: change },
    );
  const before = (study.systemAttrs[DATA_CHANGES] ?? []) as AttrValue[];
  const now = { at: new Date().toISOString(), from: knownHash, to: dataset.tableHash };
  return { dataset, attrs: { ...dataAttrs(dataset), [DATA_CHANGES]: [...before, now] } };
}

/** Whether the table can be read and is another one. */
function isOther({ data }: NetworkStudySpec, knownHash: unknown): boolean {
  if (typeof knownHash !== 'string') return false;
  try {
    return hashOf(fileSource(tablePath(data.table, process.cwd()))) !== knownHash;
  } catch {
    return false;
  }
}

function changeOf(study: FrozenStudy, spec: NetworkStudySpec, { table }: Dataset): DataChange {
  const known = study.systemAttrs[DATA_FACTS] as DataFacts | undefined;
  return {
    table: spec.data.table,
    nRowsBefore: known?.nRows ?? null,
    nRowsNow: table.nRows,
    columnsGone: known?.columns.filter((name) => !table.columnNames.includes(name)) ?? [],
    columnsNew: known ? table.columnNames.filter((name) => !known.columns.includes(name)) : [],
  };
}

/** What differs, behind a colon; nothing where only cells do, or nobody knows. */
function describe({ nRowsBefore, nRowsNow, columnsGone, columnsNew }: DataChange): string {
  if (nRowsBefore === null) return '';
  const parts = [
    nRowsBefore === nRowsNow
      ? `it has ${nRowsNow} rows as before`
      : `it has ${nRowsNow} rows in place of ${nRowsBefore}`,
    ...(columnsGone.length > 0 ? [`no longer the columns ${listed(columnsGone)}`] : []),
    ...(columnsNew.length > 0 ? [`the new columns ${listed(columnsNew)}`] : []),
  ];
  const isSameShape = nRowsBefore === nRowsNow && parts.length === 1;
  return `: ${parts.join(', ')}${isSameShape ? ' and the same columns, but other cells' : ''}`;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 10).join(', ');
  return names.length > 10 ? `${shown} and ${names.length - 10} more` : shown;
}
