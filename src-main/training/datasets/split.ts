import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { createRng, shuffle } from '../../tuner/math/rng.ts';
import type { Rng } from '../../tuner/math/rng.ts';
import { messageOf, TableError } from '../errors.ts';
import type { SplitSpec } from '../spec.ts';
import { partNames } from './dataset.ts';
import type { Column, PartName } from './dataset.ts';
import type { Table } from './table.ts';

/** The rows of each part; where it has folds, each with parts of its own beside the test rows that all share. */
export interface Split {
  readonly folds: readonly { readonly train: Int32Array; readonly validation: Int32Array }[];
  readonly test: Int32Array;
}

type Parts = Record<PartName, number[]>;

interface SplitContext {
  readonly table: Table;
  /** Rows that may be used, ascending. */
  readonly usable: readonly number[];
  /** Class of each row of the table where classes are to be kept in proportion, else null. */
  readonly classes: Int32Array | null;
  readonly baseDir: string;
}

/**
 * Which rows belong to which part. Rows are listed in the order of the split (explicit rows: as given), which training shuffles anew
 * each epoch anyway.
 *
 * @throws TableError when a part that is needed has no row, or explicit rows overlap or do not exist.
 */
export function splitRows(spec: SplitSpec, context: SplitContext): Split {
  const split = 'folds' in spec ? splitIntoFolds(spec, context) : toSplit(splitOnce(spec, context));
  for (const fold of split.folds)
    for (const part of ['train', 'validation'] as const)
      if (fold[part].length === 0)
        throw new TableError(
          `The split of ${context.table.source} leaves no row to ${part === 'train' ? 'train with' : 'validate with'}: ${wayOut(spec, part, context)}`,
        );
  return split;
}

/** Why a part may have no row, and what to do about it. */
function wayOut(
  spec: SplitSpec,
  part: 'train' | 'validation',
  { table, usable }: SplitContext,
): string {
  const nRows = `${usable.length} usable ${usable.length === 1 ? 'row' : 'rows'}`;
  if ('column' in spec) {
    const { values } = textColumn(table, spec.column);
    const named = part === 'train' ? spec.train : spec.validation;
    return `column "${spec.column}" has the values ${values.slice(0, 20).join(', ')}${values.length > 20 ? ', …' : ''}, and \`data.split.${part}\` takes ${named ? `those that are ${named.join(', ')}` : 'all that others do not name'}.`;
  }
  if ('rows' in spec) return `none of those that it lists for this has all its values.`;
  if ('time' in spec)
    return `${nRows} have ${new Set(usable.map((row) => timeOf(table, spec.time, row))).size} different times in column "${spec.time}", and rows of the same time stay together. Choose other \`data.split.fractions\`, or another split.`;
  if ('group' in spec && spec.group !== undefined)
    return `${nRows} are in ${groupsOf(spec.group, { table, usable }).length} groups of "${spec.group}", which stay whole. Choose other \`data.split.fractions\`, or another split.`;
  return `it has ${nRows}. Use a larger table, or choose other \`data.split.fractions\`.`;
}

function timeOf(table: Table, name: string, row: number): number {
  return (columnFor(table, name) as Extract<Column, { type: 'number' | 'date' }>).values[
    row
  ] as number;
}

function toSplit({ train, validation, test }: Parts): Split {
  return {
    folds: [{ train: Int32Array.from(train), validation: Int32Array.from(validation) }],
    test: Int32Array.from(test),
  };
}

function splitOnce(spec: Exclude<SplitSpec, { folds: unknown }>, context: SplitContext): Parts {
  if ('rows' in spec) return splitByRows(spec, context);
  if ('column' in spec) return splitByColumn(spec, context);
  if ('time' in spec) return splitByTime(spec, context);
  return splitByFractions(spec, context);
}

/** Rows that stay together, in one of the strata that are split each by itself. */
type Unit = readonly number[];

function splitByFractions(
  spec: {
    fractions: Record<PartName, number>;
    stratify?: boolean;
    group?: string;
    seed: number;
  },
  context: SplitContext,
): Parts {
  const { fractions, group, seed } = spec;
  const rng = createRng(seed, 'split');
  const parts: Parts = { train: [], validation: [], test: [] };
  if (group !== undefined) {
    const [test, rest] = takeGroups(groupsOf(group, context), fractions.test, rng, context);
    const [validation, train] = takeGroups(
      rest,
      (fractions.validation * context.usable.length) / Math.max(1, rest.flat().length),
      rng,
      { usable: rest.flat() },
    );
    return { train: train.flat(), validation: validation.flat(), test: test.flat() };
  }
  const debt = { validation: 0, test: 0 };
  for (const stratum of strataOf(context.usable, spec, context)) {
    const shuffled = shuffle([...stratum], rng);
    // What rounding takes from one class is given back with the next, so that the parts' sizes are right in total.
    const take = (part: 'validation' | 'test'): number[] => {
      const wanted = fractions[part] * stratum.length + debt[part];
      const count = Math.min(Math.round(wanted), shuffled.length);
      debt[part] = wanted - count;
      return shuffled.splice(0, count);
    };
    append(parts.test, take('test'));
    append(parts.validation, take('validation'));
    append(parts.train, shuffled);
  }
  return parts;
}

/** `push(...rows)` of a million rows is more arguments than there may be. */
function append(rows: number[], more: readonly number[]): void {
  for (const row of more) rows.push(row);
}

/** The rows of each class where classes keep their shares, else all rows in one. */
function strataOf(
  rows: readonly number[],
  { stratify, group }: { stratify?: boolean; group?: string },
  { classes }: SplitContext,
): number[][] {
  if (!classes || !(stratify ?? group === undefined)) return [[...rows]];
  const strata = new Map<number, number[]>();
  for (const row of rows) {
    const label = classes[row] as number;
    const stratum = strata.get(label);
    if (stratum) stratum.push(row);
    else strata.set(label, [row]);
  }
  return [...strata.values()];
}

/** @throws TableError where a row has no group. */
function groupsOf(name: string, { table, usable }: Pick<SplitContext, 'table' | 'usable'>): Unit[] {
  const column = textColumn(table, name);
  const groups = new Map<number, number[]>();
  for (const row of usable) {
    const code = column.codes[row] as number;
    if (code < 0)
      throw new TableError(
        `${table.source}: row ${row}, column "${name}" must say which group the row belongs to, but has no value. Fill it in.`,
      );
    const group = groups.get(code);
    if (group) group.push(row);
    else groups.set(code, [row]);
  }
  return [...groups.values()];
}

function shuffled(groups: readonly Unit[], rng: Rng): Unit[] {
  return shuffle([...groups.keys()], rng).map((i) => groups[i] as Unit);
}

/** Groups with about this share of the rows, and the others. */
function takeGroups(
  groups: readonly Unit[],
  share: number,
  rng: Rng,
  { usable }: Pick<SplitContext, 'usable'>,
): [Unit[], Unit[]] {
  const wanted = share * usable.length;
  const taken: Unit[] = [];
  const left: Unit[] = [];
  let nTaken = 0;
  for (const group of shuffled(groups, rng)) {
    // A group that would take the part further from its size than it is stays out.
    const isNearer = Math.abs(nTaken + group.length - wanted) < Math.abs(nTaken - wanted);
    if (isNearer) {
      taken.push(group);
      nTaken += group.length;
    } else left.push(group);
  }
  return [taken, left];
}

function splitIntoFolds(
  spec: Extract<SplitSpec, { folds: unknown }>,
  context: SplitContext,
): Split {
  const { folds: nFolds, repeats, group, seed } = spec;
  const { usable, table } = context;
  const held = splitByFractions(
    {
      fractions: { train: 1 - spec.test, validation: 0, test: spec.test },
      stratify: spec.stratify,
      group,
      seed,
    },
    context,
  );
  const development = held.train.sort((a, b) => a - b);
  const folds: Split['folds'][number][] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const rng = createRng(seed, 'folds', repeat);
    const foldOf = new Int32Array(table.nRows).fill(-1);
    if (group === undefined) {
      let next = 0;
      for (const stratum of strataOf(development, spec, context))
        for (const row of shuffle([...stratum], rng)) foldOf[row] = next++ % nFolds;
    } else dealGroups(groupsOf(group, { ...context, usable: development }), nFolds, rng, foldOf);
    for (let fold = 0; fold < nFolds; fold++)
      folds.push({
        train: Int32Array.from(development.filter((row) => foldOf[row] !== fold)),
        validation: Int32Array.from(development.filter((row) => foldOf[row] === fold)),
      });
  }
  const empty = folds.findIndex(({ validation }) => validation.length === 0);
  if (empty >= 0)
    throw new TableError(
      `The split of ${table.source} must leave a row${group === undefined ? '' : ' or a group'} to each of ${nFolds} folds, but there are ${development.length} rows of ${usable.length}${group === undefined ? '' : ` in too few groups of "${group}"`}. Set \`data.split.folds\` lower.`,
    );
  return { folds, test: Int32Array.from(held.test) };
}

/** Large groups first, each to the fold that has the fewest rows. */
function dealGroups(groups: readonly Unit[], nFolds: number, rng: Rng, foldOf: Int32Array): void {
  const sizes = new Array<number>(nFolds).fill(0);
  const ordered = shuffled(groups, rng).sort((a, b) => b.length - a.length);
  for (const group of ordered) {
    const fold = sizes.indexOf(Math.min(...sizes));
    for (const row of group) foldOf[row] = fold;
    sizes[fold] = (sizes[fold] as number) + group.length;
  }
}

function splitByTime(
  { time, fractions }: Extract<SplitSpec, { time: unknown }>,
  { table, usable }: SplitContext,
): Parts {
  const column = columnFor(table, time);
  if (column.type === 'text') throw new Error('A column of text has no order.');
  const { values } = column;
  const gap = usable.find((row) => Number.isNaN(values[row]));
  if (gap !== undefined)
    throw new TableError(
      `${table.source}: row ${gap}, column "${time}" must say when the row was, but has no value. Fill it in.`,
    );
  const at = (row: number | undefined): number => values[row as number] as number;
  const ordered = [...usable].sort((a, b) => at(a) - at(b) || a - b);
  /** The first place from here on where the time changes. */
  const boundary = (place: number): number => {
    let end = place;
    while (end > 0 && end < ordered.length && at(ordered[end - 1]) === at(ordered[end])) end++;
    return end;
  };
  const nTrain = boundary(Math.round(fractions.train * ordered.length));
  const nKnown =
    fractions.test === 0
      ? ordered.length
      : boundary(Math.max(nTrain, Math.round((1 - fractions.test) * ordered.length)));
  return {
    train: ordered.slice(0, nTrain),
    validation: ordered.slice(nTrain, nKnown),
    test: ordered.slice(nKnown),
  };
}

const rowsFile = z.object({
  train: z.array(z.int().min(0)),
  validation: z.array(z.int().min(0)),
  test: z.array(z.int().min(0)).default([]),
});

function splitByRows(
  spec: Extract<SplitSpec, { rows: unknown }>,
  { table, usable, baseDir }: SplitContext,
): Parts {
  const given = typeof spec.rows === 'string' ? readRowsFile(spec.rows, baseDir) : spec.rows;
  const allowed = new Set(usable);
  const owner = new Map<number, PartName>();
  const split: Parts = { train: [], validation: [], test: [] };
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

function readRowsFile(path: string, baseDir: string): Parts {
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
): Parts {
  const column = textColumn(table, spec.column);
  for (const part of ['train', 'validation', 'test'] as const)
    for (const value of spec[part] ?? [])
      // The part's own name is the default: a table need not have a part to test with.
      if (value !== part && !column.values.includes(String(value)))
        throw new TableError(
          `\`data.split.${part}\` must name values of column "${spec.column}" of ${table.source}, but none of its cells is ${JSON.stringify(String(value))}. Its values are ${column.values.slice(0, 20).join(', ')}${column.values.length > 20 ? ', …' : ''}.`,
        );
  const [validation, test] = [spec.validation, spec.test].map(
    (values) => new Set(values.map(String)),
  );
  const train = spec.train && new Set(spec.train.map(String));
  const split: Parts = { train: [], validation: [], test: [] };
  for (const row of usable) {
    const code = column.codes[row] as number;
    if (code < 0)
      throw new TableError(
        `${table.source}: row ${row}, column "${spec.column}" must say which part the row belongs to, but has no value. Fill it in.`,
      );
    const cell = column.values[code] as string;
    if (validation?.has(cell)) split.validation.push(row);
    else if (test?.has(cell)) split.test.push(row);
    else if (train?.has(cell) ?? true) split.train.push(row);
  }
  return split;
}

function columnFor(table: Table, name: string): Column {
  return table.columns.get(name) as Column;
}

function textColumn(table: Table, name: string): Extract<Column, { type: 'text' }> {
  const column = columnFor(table, name);
  if (column.type !== 'text') throw new Error(`The column "${name}" was not read as text.`);
  return column;
}
