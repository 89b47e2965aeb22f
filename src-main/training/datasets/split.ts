import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { createRng, shuffle } from '../../tuner/math/rng.ts';
import { messageOf, TableError } from '../errors.ts';
import type { SplitSpec } from '../spec.ts';
import { partNames } from './dataset.ts';
import type { PartName } from './dataset.ts';
import type { Table } from './table.ts';

export type Split = Record<PartName, number[]>;

interface SplitContext {
  readonly table: Table;
  /** Rows that may be used, ascending. */
  readonly usable: readonly number[];
  /** Class of each row of the table where classes are to be kept in proportion, else null. */
  readonly classes: readonly string[] | null;
  readonly baseDir: string;
}

/**
 * Which rows belong to which part. Rows are listed in the order of the split (explicit rows: as given), which training shuffles anew
 * each epoch anyway.
 *
 * @throws TableError when a part that is needed has no row, or explicit rows overlap or do not exist.
 */
export function splitRows(spec: SplitSpec, context: SplitContext): Split {
  const split =
    'fractions' in spec
      ? splitByFractions(spec, context)
      : 'rows' in spec
        ? splitByRows(spec, context)
        : splitByColumn(spec, context);
  for (const part of ['train', 'validation'] as const)
    if (split[part].length === 0)
      throw new TableError(
        `The split of ${context.table.source} leaves no row to ${part === 'train' ? 'train with' : 'validate with'}.`,
      );
  return split;
}

function splitByFractions(
  { fractions, stratify, seed }: Extract<SplitSpec, { fractions: unknown }>,
  { usable, classes }: SplitContext,
): Split {
  const groups = new Map<string, number[]>();
  for (const row of usable) {
    const key = stratify !== false && classes ? (classes[row] as string) : '';
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  const rng = createRng(seed, 'split');
  const split: Split = { train: [], validation: [], test: [] };
  const debt = { validation: 0, test: 0 };
  for (const group of groups.values()) {
    const shuffled = shuffle([...group], rng);
    // What rounding takes from one class is given back with the next, so that the parts' sizes are right in total.
    const take = (part: 'validation' | 'test'): number[] => {
      const wanted = fractions[part] * group.length + debt[part];
      const count = Math.min(Math.round(wanted), shuffled.length);
      debt[part] = wanted - count;
      return shuffled.splice(0, count);
    };
    split.test.push(...take('test'));
    split.validation.push(...take('validation'));
    split.train.push(...shuffled);
  }
  return split;
}

const rowsFile = z.object({
  train: z.array(z.int().min(0)),
  validation: z.array(z.int().min(0)),
  test: z.array(z.int().min(0)).default([]),
});

function splitByRows(
  spec: Extract<SplitSpec, { rows: unknown }>,
  { table, usable, baseDir }: SplitContext,
): Split {
  const given = typeof spec.rows === 'string' ? readRowsFile(spec.rows, baseDir) : spec.rows;
  const allowed = new Set(usable);
  const owner = new Map<number, PartName>();
  const split: Split = { train: [], validation: [], test: [] };
  for (const part of partNames)
    for (const row of given[part]) {
      if (row >= table.nRows)
        throw new TableError(
          `The split's ${part} rows must be below ${table.nRows}, the number of rows of ${table.source}, but one is ${row}.`,
        );
      const other = owner.get(row);
      if (other !== undefined)
        throw new TableError(
          other === part
            ? `The split's ${part} rows have row ${row} twice.`
            : `The split's parts must not share rows, but row ${row} is in ${other} and in ${part}.`,
        );
      owner.set(row, part);
      if (allowed.has(row)) split[part].push(row);
    }
  return split;
}

function readRowsFile(path: string, baseDir: string): Split {
  const file = resolve(baseDir, path);
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new TableError(`The split's rows cannot be read from ${file}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const result = rowsFile.safeParse(content);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new TableError(
    `${file} must hold lists of row numbers \`train\`, \`validation\` and, if wanted, \`test\`, but \`${issue?.path.join('.')}\`: ${issue?.message}.`,
  );
}

function splitByColumn(
  spec: Extract<SplitSpec, { column: unknown }>,
  { table, usable }: SplitContext,
): Split {
  const cells = table.columns.get(spec.column);
  if (!cells)
    throw new TableError(
      `${table.source} has no column "${spec.column}" to split by. Its columns are ${[...table.columns.keys()].join(', ')}.`,
    );
  const [validation, test] = [spec.validation, spec.test].map(
    (values) => new Set(values.map(String)),
  );
  const train = spec.train && new Set(spec.train.map(String));
  const split: Split = { train: [], validation: [], test: [] };
  for (const row of usable) {
    const cell = cells[row] as string;
    if (validation?.has(cell)) split.validation.push(row);
    else if (test?.has(cell)) split.test.push(row);
    else if (train?.has(cell) ?? true) split.train.push(row);
  }
  return split;
}
