/** What is learned from the training rows about each feature column, and about targets. */
import { isBooleanPair } from './cells.ts';
import type { Column, FeatureEncoding, TargetScale } from './dataset.ts';
import { datePartOf, dateParts, datePeriods } from './dates.ts';
import type { DateFormat, DatePart } from './dates.ts';
import { encodeDatePart, numbersOfRows } from './encode.ts';
import type { DataSpec } from '../spec.ts';
import type { Imputation } from '../vocabulary.ts';

export interface FitOptions {
  readonly trainRows: Int32Array;
  /** Where centers and scales of numbers are taken from. */
  readonly scalingRows: Int32Array;
  readonly spec: DataSpec;
  readonly scaling: DataSpec['scaling']['method'];
  /** null: empty cells do not come up. */
  readonly imputation: Imputation | null;
  /** Tells of a cell that cannot be learned from. */
  fail(row: number, problem: string): never;
}

/** @param column Has a value in some training row. */
export function fitColumn(name: string, column: Column, options: FitOptions): FeatureEncoding {
  const { spec } = options;
  if (column.type === 'date') return fitDate(name, column, options);
  if (column.type === 'number') return fitNumber(name, column, null, options);
  const order =
    settingOf(spec.ordinal, name)?.map(String) ?? orderOfBooleans(name, column, options);
  if (!order) return fitCategory(name, column, options);
  return fitNumber(name, column, order, options);
}

/** What a section says of a column; a column may have the name of something that every object has. */
export function settingOf<T>(section: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(section, name) ? section[name] : undefined;
}

/** No before yes, where training rows have nothing else. */
function orderOfBooleans(
  name: string,
  { codes, values }: Extract<Column, { type: 'text' }>,
  { trainRows, spec }: FitOptions,
): string[] | null {
  if (spec.categories.includes(name)) return null;
  const seen = new Set<number>();
  for (const row of trainRows) {
    const code = codes[row] as number;
    if (code >= 0) seen.add(code);
    if (seen.size > 2) return null;
  }
  const words = [...seen].map((code) => values[code] as string);
  if (!isBooleanPair(words)) return null;
  const yes = words.findIndex((word) => /^(true|yes|t|y|on|1)$/i.test(word));
  return [words[1 - yes] as string, words[yes] as string];
}

function fitCategory(
  column: string,
  { codes, values }: Extract<Column, { type: 'text' }>,
  { trainRows, spec, imputation }: FitOptions,
): FeatureEncoding {
  const countOf = new Uint32Array(values.length);
  let nMissing = 0;
  for (const row of trainRows) {
    const code = codes[row] as number;
    if (code < 0) nMissing++;
    else countOf[code] = (countOf[code] as number) + 1;
  }
  const counts = new Map<string, number>();
  values.forEach((value, code) => {
    if (countOf[code] !== 0) counts.set(value, countOf[code] as number);
  });
  const fill = imputation === 'ownCategory' || imputation === null ? '' : mostFrequent(counts);
  if (nMissing > 0) counts.set(fill, (counts.get(fill) ?? 0) + nMissing);
  const kept = [...counts.keys()].filter(
    (value) => (counts.get(value) ?? 0) >= spec.rareCategories,
  );
  return {
    column,
    type: 'category',
    values: kept.sort(),
    hasOthers: kept.length < counts.size,
    fill,
  };
}

function fitNumber(
  name: string,
  column: Column,
  order: readonly string[] | null,
  { trainRows, scalingRows, spec, scaling: method, imputation, fail }: FitOptions,
): FeatureEncoding {
  const known = withoutGaps(numbersOfRows(column, trainRows, order, fail));
  const fill = imputation && imputedValue(imputation, known);
  const isBoolean = order !== null && !Object.hasOwn(spec.ordinal, name);
  const values = numbersOfRows(column, scalingRows, order, fail);
  if (fill !== null)
    for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) values[i] = fill;
  const scaling = centerAndScale(values, isBoolean ? 'none' : method);
  if (!Number.isFinite(scaling.center) || !Number.isFinite(scaling.scale)) {
    const largest = values.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
    fail(
      scalingRows[values.indexOf(largest)] as number,
      `has ${largest}, which is too large to compute with. Correct or empty the cell.`,
    );
  }
  return {
    column: name,
    type: 'number',
    ...scaling,
    order,
    fill,
    flagsMissing: imputation === 'ownCategory' && known.length < trainRows.length,
  };
}

function fitDate(
  name: string,
  column: Column,
  { trainRows, scalingRows, spec, scaling: method, imputation, fail }: FitOptions,
): FeatureEncoding {
  const settings = settingOf(spec.dates, name);
  const known = withoutGaps(numbersOfRows(column, trainRows, null, fail));
  const forScale =
    scalingRows === trainRows ? known : withoutGaps(numbersOfRows(column, scalingRows, null, fail));
  const parts = settings?.parts ?? varyingParts(known);
  return {
    column: name,
    type: 'date',
    format: settings?.format ?? ('iso' satisfies DateFormat),
    parts: parts.map((part) => {
      const isCyclic = datePeriods[part] !== null && (settings?.cyclic ?? true);
      const scaling = isCyclic
        ? { center: 0, scale: 1 }
        : centerAndScale(
            forScale.map((wallMs) => datePartOf(wallMs, part)),
            method,
          );
      const encoding = { part, isCyclic, ...scaling };
      return { ...encoding, fill: meanOfEach(known, (wallMs) => encodeDatePart(encoding, wallMs)) };
    }),
    allowsMissing: imputation !== null,
    flagsMissing: imputation === 'ownCategory' && known.length < trainRows.length,
  };
}

/** The parts that are not the same in all these dates; the year where all are the same. */
function varyingParts(dates: Float64Array): DatePart[] {
  const first = dates[0] as number;
  const varying = dateParts.filter((part) =>
    dates.some((wallMs) => datePartOf(wallMs, part) !== datePartOf(first, part)),
  );
  return varying.length > 0 ? varying : ['year'];
}

function meanOfEach(dates: Float64Array, encode: (wallMs: number) => number[]): number[] {
  const sums = encode(dates[0] as number).map(() => 0);
  for (const wallMs of dates)
    encode(wallMs).forEach((value, k) => {
      sums[k] = (sums[k] as number) + value;
    });
  return sums.map((sum) => sum / dates.length);
}

function imputedValue(imputation: Imputation, known: Float64Array): number {
  switch (imputation) {
    case 'mean':
      return meanAndDeviation(known).mean;
    case 'median':
    case 'ownCategory':
      return quantiles(known, [0.5])[0] as number;
    case 'mode':
      return mostFrequent(countValues(known));
  }
}

function centerAndScale(
  values: Float64Array,
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
    case 'robust': {
      const [low, median, high] = quantiles(values, [0.25, 0.5, 0.75]) as [number, number, number];
      return { center: median, scale: high - low || 1 };
    }
  }
}

/** Between two values on the straight line from one to the other, as NumPy's default. */
function quantiles(values: Float64Array, shares: readonly number[]): number[] {
  const sorted = values.toSorted();
  return shares.map((share) => {
    const place = share * (sorted.length - 1);
    const low = sorted[Math.floor(place)] as number;
    const high = sorted[Math.ceil(place)] as number;
    return low + (high - low) * (place - Math.floor(place));
  });
}

function countValues(values: Float64Array): Map<number, number> {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** Of equally frequent ones the smallest, as scikit-learn's SimpleImputer. */
function mostFrequent<T extends number | string>(counts: ReadonlyMap<T, number>): T {
  let best: [T, number] | undefined;
  for (const one of counts)
    if (!best || one[1] > best[1] || (one[1] === best[1] && one[0] < best[0])) best = one;
  return (best as [T, number])[0];
}

function withoutGaps(values: Float64Array): Float64Array {
  const known = new Float64Array(values.length);
  let nKnown = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!Number.isNaN(value)) known[nKnown++] = value;
  }
  return known.subarray(0, nKnown);
}

/** Mean and population standard deviation, as scikit-learn's StandardScaler takes them. */
function meanAndDeviation(values: Float64Array): { mean: number; deviation: number } {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  const mean = sum / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += ((values[i] as number) - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / values.length) };
}

/** Of the numbers to predict in the training rows. */
export function fitTarget(values: Float64Array, trainRows: Int32Array): TargetScale {
  const { mean, deviation } = meanAndDeviation(
    Float64Array.from(trainRows, (row) => values[row] as number),
  );
  return { mean, scale: deviation || 1 };
}
