/**
 * Trials as CSV: the bytes of `study.trials_dataframe().to_csv()` (Optuna 5 with pandas), so that scripts written for one read the other.
 *
 * What cannot be told apart here differs there: JavaScript knows one kind of number, so a whole-numbered float in a user attribute or among the choices of a
 * categorical parameter (`12.0`) is written as an integer (`12`).
 */
import { guardFormula, quoteCell } from './csv-cells.ts';
import { InvalidArgumentError } from './errors.ts';
import type { ParamValue } from './distributions.ts';
import { pythonFloatRepr } from './python-float.ts';
import type { StudyDirection } from './study/direction.ts';
import { metricNames } from './system-attrs.ts';
import type { Attrs, AttrValue, FrozenTrial } from './trial/frozen-trial.ts';

export const csvAttrs = [
  'number',
  'value',
  'datetime_start',
  'datetime_complete',
  'duration',
  'params',
  'user_attrs',
  'system_attrs',
  'state',
] as const;
export type CsvAttr = (typeof csvAttrs)[number];

export interface TrialsCsvOptions {
  /** Which columns, in this order. @default all */
  attrs?: readonly CsvAttr[];
  /** Two header rows, as `trials_dataframe(multi_index=True)`. @default false */
  multiIndex?: boolean;
  /** Put an apostrophe before text cells that start with = + - @ tab or return, which spreadsheets run as formulas. @default false */
  guardFormulas?: boolean;
}

/** What the CSV needs to know of the study. */
export interface CsvStudy {
  readonly directions: readonly StudyDirection[];
  readonly systemAttrs: Attrs;
}

type Cell =
  | { readonly kind: 'missing' }
  | { readonly kind: 'int' | 'float'; readonly value: number }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'time' | 'duration'; readonly microseconds: number };

interface Column {
  readonly name: readonly [string, string];
  readonly cells: readonly Cell[];
}

const missing: Cell = { kind: 'missing' };

/**
 * @param trials By number, in any states.
 * @returns UTF-8 text with a header row and `\n` line ends; `""\n` for no trials, as pandas writes an empty frame.
 */
export function trialsToCsv(
  study: CsvStudy,
  trials: readonly FrozenTrial[],
  { attrs = csvAttrs, multiIndex = false, guardFormulas = false }: TrialsCsvOptions = {},
): string {
  for (const attr of attrs)
    if (!csvAttrs.includes(attr))
      throw new InvalidArgumentError(
        `\`attrs\` must be of ${csvAttrs.join(', ')}, but got ${String(attr)}.`,
      );
  if (trials.length === 0) return '""\n';
  const columns = attrs.flatMap((attr) => columnsOf(attr, study, trials));
  const guard = guardFormulas ? guardFormula : (text: string): string => text;
  const header = multiIndex
    ? [columns.map(({ name }) => name[0]), columns.map(({ name }) => name[1])]
    : [columns.map(({ name }) => name.filter(Boolean).join('_'))];
  const lines = header.map((names) => ['', ...names.map(guard)].map(quoteCell).join(','));
  const texts = columns.map(({ cells }) => formatColumn(cells, guard));
  for (let row = 0; row < trials.length; row++)
    lines.push([String(row), ...texts.map((column) => quoteCell(column[row] as string))].join(','));
  return `${lines.join('\n')}\n`;
}

function columnsOf(attr: CsvAttr, study: CsvStudy, trials: readonly FrozenTrial[]): Column[] {
  const plain = (toCell: (trial: FrozenTrial) => Cell): Column[] => [
    { name: [attr, ''], cells: trials.map(toCell) },
  ];
  switch (attr) {
    case 'number':
      return plain((trial) => ({ kind: 'int', value: trial.number }));
    case 'state':
      return plain((trial) => ({ kind: 'text', value: trial.state.toUpperCase() }));
    case 'datetime_start':
      return plain((trial) => timeCell(trial.startedAtMs));
    case 'datetime_complete':
      return plain((trial) => timeCell(trial.completedAtMs));
    case 'duration':
      return plain(({ startedAtMs, completedAtMs }) =>
        startedAtMs === null || completedAtMs === null
          ? missing
          : {
              kind: 'duration',
              microseconds: toMicroseconds(completedAtMs) - toMicroseconds(startedAtMs),
            },
      );
    case 'value':
      return valueColumns(study, trials);
    case 'params':
      return nestedColumns('params', trials, (trial) => trial.params, paramCell);
    case 'user_attrs':
      return nestedColumns('user_attrs', trials, (trial) => trial.userAttrs, attrCell);
    case 'system_attrs':
      return nestedColumns('system_attrs', trials, (trial) => trial.systemAttrs, attrCell);
  }
}

function valueColumns(study: CsvStudy, trials: readonly FrozenTrial[]): Column[] {
  const names = metricNames(study.systemAttrs);
  const cells = (objective: number): Cell[] =>
    trials.map((trial) => {
      const value = trial.values?.[objective];
      return value === undefined ? missing : { kind: 'float', value };
    });
  if (study.directions.length === 1)
    return [{ name: ['value', names?.[0] ?? ''], cells: cells(0) }];
  return study.directions.map((_, objective) => ({
    name: ['values', names?.[objective] ?? String(objective)],
    cells: cells(objective),
  }));
}

function nestedColumns<Value>(
  group: string,
  trials: readonly FrozenTrial[],
  recordOf: (trial: FrozenTrial) => Readonly<Record<string, Value>>,
  toCell: (value: Value, trial: FrozenTrial, name: string) => Cell,
): Column[] {
  const names = new Set<string>();
  for (const trial of trials) for (const name of Object.keys(recordOf(trial))) names.add(name);
  return [...names].sort().map((name) => ({
    name: [group, name],
    cells: trials.map((trial) => {
      const record = recordOf(trial);
      return Object.hasOwn(record, name) ? toCell(record[name] as Value, trial, name) : missing;
    }),
  }));
}

function paramCell(value: ParamValue, trial: FrozenTrial, name: string): Cell {
  return trial.distributions[name]?.type === 'float' && typeof value === 'number'
    ? { kind: 'float', value }
    : attrCell(value);
}

function attrCell(value: AttrValue): Cell {
  if (value === null) return missing;
  if (typeof value === 'boolean') return { kind: 'bool', value };
  if (typeof value === 'number') return { kind: Number.isInteger(value) ? 'int' : 'float', value };
  return { kind: 'text', value: typeof value === 'string' ? value : pythonRepr(value) };
}

function timeCell(timeMs: number | null): Cell {
  return timeMs === null ? missing : { kind: 'time', microseconds: toMicroseconds(timeMs) };
}

function toMicroseconds(timeMs: number): number {
  return Math.round(timeMs * 1000);
}

/**
 * Text of a column's cells, by pandas' rules: integers with holes or floats beside them become floats, booleans with holes stay; times of a column all
 * have microseconds or none has.
 */
function formatColumn(cells: readonly Cell[], guard: (text: string) => string): string[] {
  const kinds = new Set(cells.map((cell) => cell.kind));
  const isNumeric = [...kinds].every(
    (kind) => kind === 'int' || kind === 'float' || kind === 'missing',
  );
  const asFloats = isNumeric && (kinds.has('float') || kinds.has('missing'));
  const fractions = cells.some(
    (cell) => 'microseconds' in cell && cell.microseconds % 1_000_000 !== 0,
  );
  const dayLength = 86_400_000_000;
  const wholeDays = cells.every(
    (cell) => !('microseconds' in cell) || cell.microseconds % dayLength === 0,
  );
  return cells.map((cell) => {
    switch (cell.kind) {
      case 'missing':
        return '';
      case 'bool':
        return cell.value ? 'True' : 'False';
      case 'text':
        return guard(cell.value);
      case 'int':
      case 'float':
        return formatNumber(cell.value, asFloats || cell.kind === 'float');
      case 'time':
        return formatTime(cell.microseconds, wholeDays, fractions);
      case 'duration':
        return formatDuration(cell.microseconds, wholeDays, fractions);
    }
  });
}

function formatNumber(value: number, asFloat: boolean): string {
  if (Number.isNaN(value)) return '';
  return asFloat ? pythonFloatRepr(value) : BigInt(value).toString();
}

function formatTime(microseconds: number, wholeDays: boolean, fractions: boolean): string {
  const wholeMs = Math.floor(microseconds / 1000);
  const iso = new Date(wholeMs).toISOString();
  if (wholeDays) return iso.slice(0, 10);
  const seconds = `${iso.slice(0, 10)} ${iso.slice(11, 19)}`;
  return fractions ? `${seconds}.${fractionOf(microseconds)}` : seconds;
}

function formatDuration(microseconds: number, wholeDays: boolean, fractions: boolean): string {
  const days = Math.floor(microseconds / 86_400_000_000);
  if (wholeDays) return `${days} days`;
  const rest = Math.floor((microseconds - days * 86_400_000_000) / 1_000_000);
  const clock = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
  const sign = days < 0 ? '+' : '';
  return `${days} days ${sign}${clock}${fractions ? `.${fractionOf(microseconds)}` : ''}`;
}

function fractionOf(microseconds: number): string {
  return String(((microseconds % 1_000_000) + 1_000_000) % 1_000_000).padStart(6, '0');
}

/** Python's `repr` of a list or dict, which is what pandas writes for them. */
function pythonRepr(value: AttrValue): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number')
    return Number.isInteger(value) ? BigInt(value).toString() : pythonFloatRepr(value);
  if (typeof value === 'string') return pythonStringRepr(value);
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`;
  const entries = Object.entries(value as Attrs);
  return `{${entries.map(([key, one]) => `${pythonStringRepr(key)}: ${pythonRepr(one)}`).join(', ')}}`;
}

function pythonStringRepr(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const names: Record<string, string> = {
    '\\': '\\\\',
    '\n': '\\n',
    '\r': '\\r',
    '\t': '\\t',
    [mark]: `\\${mark}`,
  };
  const escaped = text.replace(
    /[\\'"\p{Cc}]/gu,
    (character) =>
      names[character] ??
      (character === "'" || character === '"'
        ? character
        : `\\x${character.codePointAt(0)?.toString(16).padStart(2, '0')}`),
  );
  return `${mark}${escaped}${mark}`;
}
