import { closest } from 'fastest-levenshtein';
import { TableError } from '../errors.ts';
import type { DataSpec, LoadedSpec, NetworkStudySpec } from '../spec.ts';
import { imputations } from '../vocabulary.ts';
import type { Imputation } from '../vocabulary.ts';
import { isWeightPerClass } from '../hyperparameter.ts';
import type {
  CategoryBlock,
  ClassInfo,
  DataPart,
  Dataset,
  FeatureEncoding,
  TrainingData,
} from './dataset.ts';
import { splitRows } from './split.ts';
import { tablePath } from './built-in.ts';
import { isMissing, isNumber } from './cells.ts';
import { readTable } from './table.ts';
import type { Table } from './table.ts';

/**
 * Reads the spec's table and makes it ready for training.
 *
 * @throws TableError with row, column, value and the way out.
 */
export function loadDataset({ spec, baseDir }: LoadedSpec<NetworkStudySpec>): Dataset {
  const { data } = spec;
  const table = readTable(tablePath(data.table, baseDir), { delimiter: data.delimiter });
  const dataset = prepareDataset(table, data, baseDir);
  checkClassWeights(spec.training.loss?.classWeights, dataset, data.target);
  return dataset;
}

/** The part of a dataset that training children get. */
export function toTrainingData({
  task,
  nFeatures,
  nOutputs,
  classes,
  targetScale,
  categories,
  train,
  validation,
}: TrainingData): TrainingData {
  return { task, nFeatures, nOutputs, classes, targetScale, categories, train, validation };
}

/** @throws TableError */
export function prepareDataset(table: Table, spec: DataSpec, baseDir: string): Dataset {
  const warnings: string[] = [];
  const target = columnOf(table, spec.target, 'data.target');
  for (const name of spec.ignore) columnOf(table, name, 'data.ignore');
  for (const name of spec.categories) columnOf(table, name, 'data.categories');
  for (const name of Object.keys(spec.ordinal)) columnOf(table, name, 'data.ordinal');

  const unused = new Set([...spec.ignore, spec.target]);
  if ('column' in spec.split) unused.add(spec.split.column);
  const featureNames = [...table.columns.keys()].filter((name) => !unused.has(name));
  if (featureNames.length === 0)
    throw new TableError(`${table.source} has no column left to learn from.`);

  const usable = usableRows(table, featureNames, spec, warnings);
  const isClassification = spec.task === 'classification';
  const rows = splitRows(spec.split, {
    table,
    usable,
    classes: isClassification ? target : null,
    baseDir,
  });

  const fitRows =
    spec.scaling.fit === 'all' ? [...rows.train, ...rows.validation, ...rows.test] : rows.train;
  const imputation = imputations.find((known) => known === spec.missing) ?? null;
  const encodings = featureNames.map((name): FeatureEncoding => {
    const cells = table.columns.get(name) as readonly string[];
    const known = usable.filter((row) => !isMissing(cells[row] as string));
    if (!rows.train.some((row) => !isMissing(cells[row] as string)))
      throw new TableError(
        `${table.source}: column "${name}" has no value in any training row. Put it under \`data.ignore\`.`,
      );
    const order = spec.ordinal[name]?.map(String) ?? null;
    if (order) checkOrder(name, cells, known, order, table);
    const isCategory =
      !order &&
      (spec.categories.includes(name) || known.some((row) => !isNumber(cells[row] as string)));
    return isCategory
      ? fitCategory(name, cells, rows.train, spec, imputation)
      : fitNumber(name, cells, order, rows.train, fitRows, spec, imputation);
  });
  for (const encoding of encodings)
    if (encoding.type === 'category') warnAboutCategories(encoding, table, rows, warnings);

  const classNames = isClassification
    ? sortedClasses(usable.map((row) => target[row] as string))
    : null;
  if (classNames) checkClasses(classNames, target, rows.train, spec, table);
  const targetScale = classNames ? null : fitTarget(target, rows.train, spec, usable, table);
  const classNumbers = classNames && new Map(classNames.map((name, i) => [name, i]));
  const encodeTarget = classNumbers
    ? (cell: string) => classNumbers.get(cell) as number
    : (cell: string) => (Number(cell) - (targetScale?.mean ?? 0)) / (targetScale?.scale ?? 1);

  const part = (selected: readonly number[]): DataPart => ({
    nRows: selected.length,
    features: encodeFeatures(table, encodings, selected),
    targets: Float32Array.from(selected, (row) => encodeTarget(target[row] as string)),
  });
  return {
    task: spec.task,
    nFeatures: encodings.reduce((sum, encoding) => sum + widthOf(encoding), 0),
    nOutputs: classNames?.length ?? 1,
    classes: classNames && countClasses(classNames, target, rows.train),
    targetScale,
    categories: categoryBlocks(encodings),
    train: part(rows.train),
    validation: part(rows.validation),
    test: part(rows.test),
    encodings,
    rows,
    tableHash: table.hash,
    warnings,
  };
}

function columnOf(table: Table, name: string, setting: string): readonly string[] {
  const cells = table.columns.get(name);
  if (cells) return cells;
  const names = [...table.columns.keys()];
  throw new TableError(
    `\`${setting}\` must name columns of ${table.source}, but there is no "${name}". Did you mean "${closest(name, names)}"? Its columns are ${names.join(', ')}.`,
  );
}

/** The rows that can be used: those without an empty cell where empty cells are not filled in, and always those with a target. */
function usableRows(
  table: Table,
  featureNames: readonly string[],
  { target, missing }: DataSpec,
  warnings: string[],
): number[] {
  const isFilling = missing !== 'error' && missing !== 'drop';
  const needed = isFilling ? [target] : [...featureNames, target];
  const usable: number[] = [];
  for (let row = 0; row < table.nRows; row++) {
    const gap = needed.find((name) => isMissing(table.columns.get(name)?.[row] as string));
    if (gap === undefined) usable.push(row);
    else if (missing === 'error')
      throw new TableError(
        `${table.source}: row ${row}, column "${gap}" has no value (${JSON.stringify(table.columns.get(gap)?.[row])}). Fill it in, put the column under \`data.ignore\`, or set \`data.missing\`: \`drop\` leaves such rows out, ${imputations.join(', ')} fill them in.`,
      );
  }
  const nDropped = table.nRows - usable.length;
  if (nDropped > 0)
    warnings.push(
      isFilling
        ? `${nDropped} of ${table.nRows} rows have no value to predict and are left out.`
        : `${nDropped} of ${table.nRows} rows have empty cells and are left out.`,
    );
  return usable;
}

function checkOrder(
  column: string,
  cells: readonly string[],
  known: readonly number[],
  order: readonly string[],
  table: Table,
): void {
  const row = known.find((one) => !order.includes(cells[one] as string));
  if (row !== undefined)
    throw new TableError(
      `${table.source}: row ${row}, column "${column}" has ${JSON.stringify(cells[row])}, which is not among the values under \`data.ordinal\`: ${order.join(', ')}. Add it at its place.`,
    );
}

function fitCategory(
  column: string,
  cells: readonly string[],
  trainRows: readonly number[],
  { rareCategories }: DataSpec,
  imputation: Imputation | null,
): FeatureEncoding {
  const counts = countValues(
    trainRows.map((row) => cells[row] as string).filter((value) => !isMissing(value)),
  );
  const fill = imputation === 'ownCategory' || imputation === null ? '' : mostFrequent(counts);
  const nMissing = trainRows.filter((row) => isMissing(cells[row] as string)).length;
  if (nMissing > 0) counts.set(fill, (counts.get(fill) ?? 0) + nMissing);
  const values = [...counts.keys()].filter((value) => (counts.get(value) ?? 0) >= rareCategories);
  return {
    column,
    type: 'category',
    values: values.sort(),
    hasOthers: values.length < counts.size,
    fill,
  };
}

function fitNumber(
  column: string,
  cells: readonly string[],
  order: readonly string[] | null,
  trainRows: readonly number[],
  fitRows: readonly number[],
  { scaling }: DataSpec,
  imputation: Imputation | null,
): FeatureEncoding {
  const toNumber = (cell: string): number => (order ? order.indexOf(cell) : Number(cell));
  const known = trainRows
    .map((row) => cells[row] as string)
    .filter((value) => !isMissing(value))
    .map(toNumber);
  const fill = imputation && imputedValue(imputation, known);
  const values = fitRows.map((row) => {
    const value = cells[row] as string;
    return isMissing(value) ? (fill as number) : toNumber(value);
  });
  return {
    column,
    type: 'number',
    ...centerAndScale(values, scaling.method),
    order,
    fill,
    flagsMissing: imputation === 'ownCategory' && known.length < trainRows.length,
  };
}

function imputedValue(imputation: Imputation, known: readonly number[]): number {
  switch (imputation) {
    case 'mean':
      return meanAndDeviation(known).mean;
    case 'median':
    case 'ownCategory':
      return quantile(known, 0.5);
    case 'mode':
      return mostFrequent(countValues(known));
  }
}

function centerAndScale(
  values: readonly number[],
  method: DataSpec['scaling']['method'],
): { center: number; scale: number } {
  switch (method) {
    case 'none':
      return { center: 0, scale: 1 };
    case 'minMax': {
      const low = values.reduce((a, b) => Math.min(a, b), Infinity);
      const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
      return { center: low, scale: high - low || 1 };
    }
    case 'standard': {
      const { mean, deviation } = meanAndDeviation(values);
      return { center: mean, scale: deviation || 1 };
    }
    case 'robust':
      return {
        center: quantile(values, 0.5),
        scale: quantile(values, 0.75) - quantile(values, 0.25) || 1,
      };
  }
}

/** Between two values on the straight line from one to the other, as NumPy's default. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const low = sorted[Math.floor(place)] as number;
  const high = sorted[Math.ceil(place)] as number;
  return low + (high - low) * (place - Math.floor(place));
}

function countValues<T>(values: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** Of equally frequent ones the smallest, as scikit-learn's SimpleImputer. */
function mostFrequent<T extends number | string>(counts: ReadonlyMap<T, number>): T {
  const [first, ...others] = counts;
  return others.reduce(
    (best, one) => (one[1] > best[1] || (one[1] === best[1] && one[0] < best[0]) ? one : best),
    first as [T, number],
  )[0];
}

/** Mean and population standard deviation, as scikit-learn's StandardScaler takes them. */
function meanAndDeviation(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
}

function fitTarget(
  cells: readonly string[],
  trainRows: readonly number[],
  spec: DataSpec,
  usable: readonly number[],
  table: Table,
): { mean: number; scale: number } {
  const wrong = usable.find((row) => !isNumber(cells[row] as string));
  if (wrong !== undefined)
    throw new TableError(
      `${table.source}: row ${wrong}, column "${spec.target}" must be a number for regression, but is ${JSON.stringify(cells[wrong])}. Correct it, or set \`data.task: classification\`.`,
    );
  const { mean, deviation } = meanAndDeviation(trainRows.map((row) => Number(cells[row])));
  return { mean, scale: deviation || 1 };
}

/** Each class once: numbers by size, text by code point. */
function sortedClasses(cells: readonly string[]): string[] {
  const names = [...new Set(cells)];
  return names.every((name) => isNumber(name))
    ? names.sort((a, b) => Number(a) - Number(b))
    : names.sort();
}

function checkClasses(
  classNames: readonly string[],
  target: readonly string[],
  trainRows: readonly number[],
  spec: DataSpec,
  table: Table,
): void {
  if (classNames.length < 2)
    throw new TableError(
      `${table.source}: column "${spec.target}" must have at least two classes, but has only ${JSON.stringify(classNames[0])}.`,
    );
  if (classNames.length > 1000)
    throw new TableError(
      `${table.source}: column "${spec.target}" has ${classNames.length} different values, more than 1000 classes. Is it a number to predict? Then set \`data.task: regression\`.`,
    );
  const inTrain = new Set(trainRows.map((row) => target[row]));
  const absent = classNames.find((name) => !inTrain.has(name));
  if (absent !== undefined)
    throw new TableError(
      `${table.source}: no training row has the class ${JSON.stringify(absent)} of column "${spec.target}". Use a stratified split, or leave the class out of the table.`,
    );
}

function countClasses(
  classNames: readonly string[],
  target: readonly string[],
  trainRows: readonly number[],
): ClassInfo[] {
  const counts = new Map<string, number>();
  for (const row of trainRows) {
    const name = target[row] as string;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return classNames.map((name) => ({ name, nTrainRows: counts.get(name) ?? 0 }));
}

function checkClassWeights(given: unknown, { classes }: Dataset, target: string): void {
  if (!isWeightPerClass(given)) return;
  const names = classes?.map(({ name }) => name) ?? [];
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new TableError(
      `\`training.loss.classWeights\` must name classes of column "${target}", which are ${names.join(', ')}, but names "${unknown}".`,
    );
}

function warnAboutCategories(
  { column, values, hasOthers, fill }: Extract<FeatureEncoding, { type: 'category' }>,
  table: Table,
  rows: Dataset['rows'],
  warnings: string[],
): void {
  const cells = table.columns.get(column) as readonly string[];
  const seen = new Set([...values, ...rows.train.map((row) => cells[row] as string)]);
  const unknown = new Set(
    [...rows.validation, ...rows.test]
      .map((row) => cells[row] as string)
      .map((value) => (isMissing(value) ? fill : value))
      .filter((value) => !seen.has(value)),
  );
  if (unknown.size > 0)
    warnings.push(
      `Column "${column}": ${[...unknown].map((value) => (value === '' ? 'an empty cell' : JSON.stringify(value))).join(', ')} ${unknown.size === 1 ? 'is' : 'are'} in no training row and count${unknown.size === 1 ? 's' : ''} as ${hasOthers ? 'one of the rare' : 'none of the known'} categories.`,
    );
}

function widthOf(encoding: FeatureEncoding): number {
  return encoding.type === 'number'
    ? 1 + Number(encoding.flagsMissing)
    : encoding.values.length + Number(encoding.hasOthers);
}

function categoryBlocks(encodings: readonly FeatureEncoding[]): CategoryBlock[] {
  let start = 0;
  return encodings.flatMap((encoding) => {
    const block = { column: encoding.column, start, size: widthOf(encoding) };
    start += block.size;
    return encoding.type === 'category' ? [block] : [];
  });
}

function encodeFeatures(
  table: Table,
  encodings: readonly FeatureEncoding[],
  rows: readonly number[],
): Float32Array {
  const width = encodings.reduce((sum, encoding) => sum + widthOf(encoding), 0);
  const features = new Float32Array(rows.length * width);
  let offset = 0;
  for (const encoding of encodings) {
    const cells = table.columns.get(encoding.column) as readonly string[];
    rows.forEach((row, i) => {
      const cell = cells[row] as string;
      const start = i * width + offset;
      const isGap = isMissing(cell);
      if (encoding.type === 'number') {
        const { order, center, scale, fill, flagsMissing } = encoding;
        const known = order ? order.indexOf(cell) : Number(cell);
        features[start] = ((isGap ? (fill as number) : known) - center) / scale;
        if (flagsMissing) features[start + 1] = Number(isGap);
      } else {
        const { values, hasOthers, fill } = encoding;
        const k = values.indexOf(isGap ? fill : cell);
        if (k >= 0) features[start + k] = 1;
        else if (hasOthers) features[start + values.length] = 1;
      }
    });
    offset += widthOf(encoding);
  }
  return features;
}
