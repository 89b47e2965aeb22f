import { join, resolve } from 'node:path';
import { existsSync } from 'node:fs';
import { TableError } from '../errors.ts';
import { resourcesDir } from '../resources.ts';
import { builtinTables } from '../vocabulary.ts';
import type { Task } from '../vocabulary.ts';

/** What is known of a table that comes with Parzen. */
export interface BuiltInTable {
  readonly title: string;
  readonly nRows: number;
  readonly nColumns: number;
  readonly target: string;
  readonly task: Task;
  readonly source: string;
}

/** As in resources/tables/README.md. */
export const builtInTables: Readonly<Record<(typeof builtinTables)[number], BuiltInTable>> = {
  breast_cancer: {
    title: 'Breast cancer',
    nRows: 569,
    nColumns: 31,
    target: 'diagnosis',
    task: 'classification',
    source: 'Wolberg, Street, Mangasarian 1995; UCI Machine Learning Repository, CC BY 4.0',
  },
  diabetes: {
    title: 'Diabetes',
    nRows: 442,
    nColumns: 11,
    target: 'progression',
    task: 'regression',
    source: 'Efron, Hastie, Johnstone, Tibshirani 2004, unscaled',
  },
  digits: {
    title: 'Digits',
    nRows: 1797,
    nColumns: 65,
    target: 'digit',
    task: 'classification',
    source: 'Alpaydin, Kaynak 1998 (test part); UCI Machine Learning Repository, CC BY 4.0',
  },
  iris: {
    title: 'Iris',
    nRows: 150,
    nColumns: 5,
    target: 'species',
    task: 'classification',
    source: 'R. A. Fisher 1936; UCI Machine Learning Repository, CC BY 4.0',
  },
  wine: {
    title: 'Wine',
    nRows: 178,
    nColumns: 14,
    target: 'cultivar',
    task: 'classification',
    source: 'Forina et al. 1988; UCI Machine Learning Repository, CC BY 4.0',
  },
};

/** What is known of it where the name is that of a built-in table, else null. */
export function builtInTable(name: string): BuiltInTable | null {
  return Object.hasOwn(builtInTables, name)
    ? builtInTables[name as keyof typeof builtInTables]
    : null;
}

/**
 * The file of a table that a spec names.
 *
 * @throws TableError when there is none.
 */
export function tablePath(table: string, baseDir: string): string {
  const path = builtInTable(table)
    ? join(resourcesDir(), 'tables', `${table}.csv`)
    : resolve(baseDir, table);
  if (!existsSync(path))
    throw new TableError(
      `There is no table ${path}. Give the path of a CSV file relative to the spec, or one of ${builtinTables.join(', ')}.`,
    );
  return path;
}
