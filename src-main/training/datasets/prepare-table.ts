import { closest } from 'fastest-levenshtein';
import { TableError } from '../errors.ts';
import { targetsOf } from '../data-targets.ts';
import { isWeightPerClass } from '../hyperparameter.ts';
import type { DataSpec, NetworkStudySpec } from '../spec.ts';
import type { TrainingRows } from '../saved-model.ts';
import { imputations } from '../vocabulary.ts';
import { isNumber, showCell } from './cells.ts';
import type {
  ClassInfo,
  Column,
  DataPart,
  Dataset,
  FeatureEncoding,
  TargetScale,
} from './dataset.ts';
import { categoryBlocks, encodeRows, widthOfAll } from './encode.ts';
import { fitColumn, fitTarget, settingOf } from './fit.ts';
import { encodeTargets, selectRows } from './folds.ts';
import type { FoldSource } from './folds.ts';
import { splitRows } from './split.ts';
import type { Split } from './split.ts';
import { MAX_CATEGORIES, readTable } from './table.ts';
import type { ColumnRequest, Table, TableProgress } from './table.ts';
import type { TableSource } from './table-file.ts';

/**
 * Reads those columns of the table that the spec needs.
 *
 * @throws TableError
 */
export function readForSpec(
  source: TableSource,
  spec: DataSpec,
  onProgress?: (progress: TableProgress) => void,
): Table {
  const { delimiter, format } = spec;
  return readTable(source, {
    format: delimiter === undefined ? format : { ...format, delimiter },
    request: (names) => {
      checkNames(spec, names, source.name);
      return (name) => requestFor(name, spec);
    },
    onProgress,
  });
}

function checkNames(spec: DataSpec, names: readonly string[], source: string): void {
  const settings: [string, readonly string[]][] = [
    ['data.target', targetsOf(spec)],
    ['data.ignore', spec.ignore],
    ['data.categories', spec.categories],
    ['data.numbers', spec.numbers],
    ['data.ordinal', Object.keys(spec.ordinal)],
    ['data.dates', Object.keys(spec.dates)],
    ['data.columns', Object.keys(spec.columns)],
  ];
  const { split } = spec;
  if ('group' in split && split.group !== undefined)
    settings.push(['data.split.group', [split.group]]);
  if ('time' in split) settings.push(['data.split.time', [split.time]]);
  if ('column' in split) settings.push(['data.split.column', [split.column]]);
  for (const [setting, given] of settings) {
    const unknown = given.find((name) => !names.includes(name));
    if (unknown !== undefined)
      throw new TableError(
        `\`${setting}\` must name columns of ${source}, but there is no "${unknown}".${meant(unknown, names)} Its columns are ${listed(names)}.`,
      );
  }
}

/** The nearest name, where upper and lower case count less than other letters. */
function meant(unknown: string, names: readonly string[]): string {
  const lower = closest(
    unknown.toLowerCase(),
    names.map((name) => name.toLowerCase()),
  );
  const name = names.find((one) => one.toLowerCase() === lower);
  return name === undefined ? '' : ` Did you mean "${name}"?`;
}

function listed(names: readonly string[]): string {
  return names.length <= 50
    ? names.join(', ')
    : `${names.slice(0, 50).join(', ')} and ${names.length - 50} more`;
}

function requestFor(name: string, spec: DataSpec): ColumnRequest | null {
  const { split, task } = spec;
  if (targetsOf(spec).includes(name))
    return task === 'classification'
      ? { type: 'text', maxValues: MAX_CATEGORIES }
      : {
          type: 'number',
          allowsPadding: false,
          wayOut: 'It is to be predicted. Correct it, or set `data.task: classification`.',
        };
  if ('group' in split && split.group === name) return { type: 'text', maxValues: Infinity };
  if ('column' in split && split.column === name) return { type: 'text', maxValues: Infinity };
  const date = settingOf(spec.dates, name);
  if ('time' in split && split.time === name && !date) return { type: 'time', format: 'iso' };
  if (spec.ignore.includes(name)) return null;
  if (date) return { type: 'date', format: date.format };
  if (spec.numbers.includes(name))
    return {
      type: 'number',
      allowsPadding: true,
      wayOut: 'Correct or empty the cell, or take the column out of `data.numbers`.',
    };
  if (spec.categories.includes(name) || Object.hasOwn(spec.ordinal, name))
    return { type: 'text', maxValues: MAX_CATEGORIES };
  return { type: 'auto' };
}

/** Columns that are features. */
function featureNamesOf(table: Table, spec: DataSpec): string[] {
  const unused = new Set([...spec.ignore, ...targetsOf(spec)]);
  const { split } = spec;
  if ('column' in split) unused.add(split.column);
  if ('group' in split && split.group !== undefined) unused.add(split.group);
  if ('time' in split && !Object.hasOwn(spec.dates, split.time)) unused.add(split.time);
  const names = table.columnNames.filter((name) => !unused.has(name));
  if (names.length === 0) throw new TableError(`${table.source} has no column left to learn from.`);
  return names;
}

/** What a table is made ready for. */
export interface PrepareOptions {
  /** With `trainAndValidation` the training part has the rows of the first fold's validation part too, which stays besides. @default train */
  readonly rows?: TrainingRows;
  /** What was learned before, in place of learning it anew. */
  readonly known?: Pick<Dataset, 'encodings' | 'targetScales'>;
}

/**
 * Makes a table, read for this spec, ready for training.
 *
 * @throws TableError with row, column, value and the way out.
 */
export function prepareDataset(
  table: Table,
  spec: DataSpec,
  baseDir: string,
  { rows: trainingRows = 'train', known }: PrepareOptions = {},
): Dataset {
  const warnings = [...table.warnings];
  const featureNames = featureNamesOf(table, spec);
  const usable = usableRows(table, featureNames, spec, warnings);
  const targets = readTargets(table, spec, usable);
  const split = splitRows(spec.split, { table, usable, classes: targets.labels, baseDir });
  const [fold] = split.folds as [(typeof split.folds)[number]];
  const isOnAll = trainingRows === 'trainAndValidation';
  const first = isOnAll
    ? { ...fold, train: Int32Array.from([...fold.train, ...fold.validation]) }
    : fold;
  const rows = { ...first, test: split.test };
  const fitOn = (fold: Split['folds'][number]): Fitted =>
    fit(table, featureNames, spec, { ...fold, test: split.test }, targets);
  const fitted = { ...fitOn(first), ...known };
  const width = widthOfAll(fitted.encodings);
  checkSize(table, width, usable.length);
  for (const encoding of fitted.encodings)
    if (encoding.type === 'category') warnAboutCategories(encoding, table, rows, warnings);
  for (const name of featureNames) warnAboutLongNumbers(name, table, warnings);

  const part = (selected: Int32Array): DataPart => ({
    nRows: selected.length,
    features: encodeRows(fitted.encodings, table.columns, { source: table.source, rows: selected }),
    targets: encodeTargets(targets.columns, selected, fitted.targetScales),
  });
  const folds =
    'folds' in spec.split && !isOnAll
      ? foldSource(table, featureNames, targets, split, fitOn)
      : null;
  return {
    task: spec.task,
    nFeatures: width,
    nOutputs: targets.nOutputs,
    classes: fitted.classes,
    targetScales: fitted.targetScales,
    categories: categoryBlocks(fitted.encodings),
    ...(folds && { folds }),
    train: part(rows.train),
    validation: part(rows.validation),
    test: part(rows.test),
    encodings: fitted.encodings,
    rows,
    table: { nRows: table.nRows, columnNames: table.columnNames, format: table.format },
    tableHash: table.hash,
    warnings,
  };
}

/** All folds, each with what is learned from its own training rows. */
function foldSource(
  table: Table,
  featureNames: readonly string[],
  targets: Targets,
  { folds }: Split,
  fitOn: (fold: Split['folds'][number]) => Fitted,
): FoldSource {
  const [first] = folds as [Split['folds'][number]];
  const development = Int32Array.from([...first.train, ...first.validation]).sort();
  const placeOf = new Int32Array(table.nRows);
  development.forEach((row, place) => {
    placeOf[row] = place;
  });
  const toPlaces = (rows: Int32Array): Int32Array => rows.map((row) => placeOf[row] as number);
  const columns = featureNames.map((name) => [name, table.columns.get(name) as Column] as const);
  return {
    columns: new Map(columns.map(([name, column]) => [name, selectRows(column, development)])),
    targets: targets.columns.map((values) =>
      Float64Array.from(development, (row) => values[row] as number),
    ),
    folds: folds.map((fold) => {
      const fitted = fitOn(fold);
      // What cannot be encoded is said now, with the row's number in the table.
      for (const rows of [fold.train, fold.validation])
        encodeRows(fitted.encodings, table.columns, { source: table.source, rows });
      return { train: toPlaces(fold.train), validation: toPlaces(fold.validation), ...fitted };
    }),
  };
}

interface Fitted {
  readonly encodings: readonly FeatureEncoding[];
  readonly classes: readonly ClassInfo[] | null;
  readonly targetScales: readonly TargetScale[] | null;
}

/** All that is learned from the training rows of one split. */
function fit(
  table: Table,
  featureNames: readonly string[],
  spec: DataSpec,
  rows: Dataset['rows'],
  targets: Targets,
): Fitted {
  const scalingRows =
    spec.scaling.fit === 'all'
      ? Int32Array.from(new Set([...rows.train, ...rows.validation, ...rows.test]))
      : rows.train;
  const encodings = featureNames.map((name) => {
    const column = table.columns.get(name) as Column;
    checkTrainingCells(name, column, rows.train, table, spec);
    const own = settingOf(spec.columns, name);
    const encoding = fitColumn(name, column, {
      trainRows: rows.train,
      scalingRows,
      spec,
      scaling: own?.scaling ?? spec.scaling.method,
      imputation: imputations.find((known) => known === missingOf(name, spec)) ?? null,
      fail: (row, problem) => {
        throw new TableError(`${table.source}: row ${row}, column "${name}" ${problem}`);
      },
    });
    if (own?.scaling !== undefined && encoding.type === 'category')
      throw new TableError(
        `\`data.columns.${name}.scaling\` must be left out: column "${name}" of ${table.source} holds categories, which become 0 and 1.`,
      );
    return encoding;
  });
  return { encodings, ...targets.fit(rows.train) };
}

function checkTrainingCells(
  name: string,
  column: Column,
  trainRows: Int32Array,
  table: Table,
  spec: DataSpec,
): void {
  const hasValue =
    column.type === 'text'
      ? trainRows.some((row) => (column.codes[row] as number) >= 0)
      : trainRows.some((row) => !Number.isNaN(column.values[row]));
  if (!hasValue)
    throw new TableError(
      `${table.source}: column "${name}" has no value in any training row. Put it under \`data.ignore\`.`,
    );
  const isGiven = spec.categories.includes(name) || Object.hasOwn(spec.ordinal, name);
  if (column.type !== 'text' || isGiven) return;
  // What a column is must not be decided by rows that training does not see.
  const isNumeric = column.values.map((value) => isNumber(value, table.format));
  const codeOf = (row: number): number => column.codes[row] as number;
  if (!trainRows.every((row) => codeOf(row) < 0 || isNumeric[codeOf(row)])) return;
  const odd = column.codes.findIndex((code) => code >= 0 && !isNumeric[code]);
  throw new TableError(
    `${table.source}: row ${odd}, column "${name}" has ${showCell(column.values[codeOf(odd)] as string)}, but all training rows have numbers. Correct or empty the cell, or put the column under \`data.categories\`.`,
  );
}

/** What is asked for, of every row of the table. */
interface Targets {
  readonly nOutputs: number;
  /** Class of each row as a number of no meaning, for splitting; null for regression. */
  readonly labels: Int32Array | null;
  fit(trainRows: Int32Array): Omit<Fitted, 'encodings'>;
  /** One per number to predict; for classification one of class numbers. */
  readonly columns: readonly Float64Array[];
}

function readTargets(table: Table, spec: DataSpec, usable: readonly number[]): Targets {
  const columns = targetsOf(spec).map((name) => table.columns.get(name) as Column);
  const [first] = columns as [Column];
  return first.type === 'text'
    ? classTargets(first, table, spec, usable)
    : numberTargets(columns.map((column) => (column as { values: Float64Array }).values));
}

function classTargets(
  { codes, values }: Extract<Column, { type: 'text' }>,
  table: Table,
  spec: DataSpec,
  usable: readonly number[],
): Targets {
  const used = new Set(usable.map((row) => codes[row] as number));
  const names = sortedClasses([...used].map((code) => values[code] as string));
  const [target] = targetsOf(spec) as [string];
  if (names.length < 2)
    throw new TableError(
      `${table.source}: column "${target}" must have at least two classes, but has only ${showCell(names[0] as string)}.`,
    );
  if (names.length > 1000)
    throw new TableError(
      `${table.source}: column "${target}" has ${names.length} different values, more than 1000 classes. Is it a number to predict? Then set \`data.task: regression\`.`,
    );
  const numbers = new Map(names.map((name, i) => [name, i]));
  const numberOf = Int32Array.from(values, (value) => numbers.get(value) ?? -1);
  const classOf = (row: number): number => numberOf[codes[row] as number] as number;
  return {
    nOutputs: names.length,
    labels: codes,
    fit(trainRows) {
      const counts = names.map(() => 0);
      for (const row of trainRows) counts[classOf(row)] = (counts[classOf(row)] as number) + 1;
      const absent = names.find((_, i) => counts[i] === 0);
      if (absent !== undefined)
        throw new TableError(
          `${table.source}: no training row${'folds' in spec.split ? ' of one of the folds' : ''} has the class ${showCell(absent)} of column "${target}". Use a stratified split, or leave the class out of the table${'folds' in spec.split ? ', or have fewer folds' : ''}.`,
        );
      return {
        classes: names.map((name, i) => ({ name, nTrainRows: counts[i] as number })),
        targetScales: null,
      };
    },
    columns: [Float64Array.from(codes, (_, row) => classOf(row))],
  };
}

function numberTargets(columns: readonly Float64Array[]): Targets {
  return {
    nOutputs: columns.length,
    labels: null,
    fit: (trainRows) => ({
      classes: null,
      targetScales: columns.map((values) => fitTarget(values, trainRows)),
    }),
    columns,
  };
}

/** Each class once: numbers by size, text by code point. */
function sortedClasses(names: string[]): string[] {
  return names.every((name) => isNumber(name))
    ? names.sort((a, b) => Number(a) - Number(b))
    : names.sort();
}

/** What is done about the empty cells of a column; targets are treated as the table is. */
function missingOf(name: string, spec: DataSpec): DataSpec['missing'] {
  return settingOf(spec.columns, name)?.missing ?? spec.missing;
}

function wayOutOfGap(name: string, spec: DataSpec): string {
  if (targetsOf(spec).includes(name))
    return 'It is to be predicted. Fill it in, or set `data.missing`: `drop` and all that fills in features leave such rows out.';
  const own = settingOf(spec.columns, name)?.missing !== undefined;
  return `Fill it in, put the column under \`data.ignore\`, or set \`${own ? `data.columns.${name}.missing` : 'data.missing'}\`: \`drop\` leaves such rows out, ${imputations.join(', ')} fill them in.`;
}

function isFilledIn(missing: DataSpec['missing']): boolean {
  return missing !== 'error' && missing !== 'drop';
}

/** The rows that can be used: those without an empty cell where empty cells are not filled in, and always those with a target. */
function usableRows(
  table: Table,
  featureNames: readonly string[],
  spec: DataSpec,
  warnings: string[],
): number[] {
  const isGap = new Uint8Array(table.nRows);
  const whole = featureNames.filter((name) => !isFilledIn(missingOf(name, spec)));
  const isFilling = isFilledIn(spec.missing) && whole.length === 0;
  const needed = [...whole, ...targetsOf(spec)];
  for (const name of needed) {
    const column = table.columns.get(name) as Column;
    const first = markGaps(column, isGap);
    if (first >= 0 && missingOf(name, spec) === 'error')
      throw new TableError(
        `${table.source}: row ${first}, column "${name}" has no value. ${wayOutOfGap(name, spec)}`,
      );
  }
  const usable: number[] = [];
  for (let row = 0; row < table.nRows; row++) if (isGap[row] === 0) usable.push(row);
  if (usable.length === 0)
    throw new TableError(
      `${table.source} has ${isFilling ? 'no row with a value to predict' : `no row in which all of ${listed(needed)} have a value`}.${!isFilling ? ' Put columns that are often empty under `data.ignore`, or let `data.missing` fill them in.' : ''}`,
    );
  const nDropped = table.nRows - usable.length;
  if (nDropped > 0)
    warnings.push(
      isFilling
        ? `${nDropped} of ${table.nRows} rows have no value to predict and are left out.`
        : `${nDropped} of ${table.nRows} rows have empty cells and are left out.`,
    );
  return usable;
}

/** @returns The first row without a value, or -1. */
function markGaps(column: Column, isGap: Uint8Array): number {
  let first = -1;
  for (let row = 0; row < isGap.length; row++) {
    const isEmpty =
      column.type === 'text' ? (column.codes[row] as number) < 0 : Number.isNaN(column.values[row]);
    if (!isEmpty) continue;
    if (first < 0) first = row;
    isGap[row] = 1;
  }
  return first;
}

/** Features that would need more memory than machines have are a mistake in the columns. */
function checkSize(table: Table, width: number, nRows: number): void {
  const bytes = 4 * width * nRows;
  if (bytes <= 8 * 2 ** 30) return;
  throw new TableError(
    `${table.source} must become less than 8 GB of numbers, but ${nRows} rows with ${width} features are ${Math.round(bytes / 2 ** 30)} GB. Put columns with many categories under \`data.ignore\`, or set \`data.rareCategories\` higher.`,
  );
}

/** @throws TableError */
export function checkClassWeights(
  { data, training }: Pick<NetworkStudySpec, 'data' | 'training'>,
  { classes }: Pick<Dataset, 'classes'>,
): void {
  const given = training.loss?.classWeights;
  if (given === undefined || !isWeightPerClass(given)) return;
  const names = classes?.map(({ name }) => name) ?? [];
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new TableError(
      `\`training.loss.classWeights\` must name classes of column "${targetsOf(data)[0]}", which are ${names.join(', ')}, but names "${unknown}".`,
    );
}

/** From here on whole numbers are no longer told apart from their neighbours. */
const LARGEST_WHOLE = 2 ** 53;

function warnAboutLongNumbers(name: string, { columns }: Table, warnings: string[]): void {
  const column = columns.get(name) as Column;
  if (column.type !== 'number') return;
  const { values } = column;
  const row = values.findIndex((value) => Math.abs(value) > LARGEST_WHOLE);
  if (row < 0 || !values.every((value) => Number.isNaN(value) || Number.isInteger(value))) return;
  warnings.push(
    `Column "${name}" has whole numbers with more digits than are kept, first in row ${row}, so that neighbours become the same. Where they are ids, put it under \`data.ignore\`.`,
  );
}

function warnAboutCategories(
  { column: name, values, hasOthers, fill }: Extract<FeatureEncoding, { type: 'category' }>,
  table: Table,
  rows: Dataset['rows'],
  warnings: string[],
): void {
  const column = table.columns.get(name) as Extract<Column, { type: 'text' }>;
  const valueOf = (row: number): string => {
    const code = column.codes[row] as number;
    return code < 0 ? fill : (column.values[code] as string);
  };
  const seen = new Set(values);
  for (const row of rows.train) seen.add(valueOf(row));
  const unknown = new Set<string>();
  for (const part of [rows.validation, rows.test])
    for (const row of part) if (!seen.has(valueOf(row))) unknown.add(valueOf(row));
  if (unknown.size === 0) return;
  const shown = [...unknown]
    .slice(0, 10)
    .map((value) => (value === '' ? 'an empty cell' : showCell(value)));
  if (unknown.size > shown.length) shown.push(`${unknown.size - shown.length} more`);
  warnings.push(
    `Column "${name}": ${shown.join(', ')} ${unknown.size === 1 ? 'is' : 'are'} in no training row and count${unknown.size === 1 ? 's' : ''} as ${hasOthers ? 'one of the rare' : 'none of the known'} categories.`,
  );
}
