import type { ColumnProfile, TableProfile } from '../../src-main/contract/data.ts';
import type { SpecData } from '../../src-main/contract/specs.ts';
import { ownValue } from '../own-value.ts';
import { valueAt, withValueAt } from './spec-path.ts';

/** What a column is for. */
export const columnRoles = [
  'target',
  'feature',
  'number',
  'category',
  'ordinal',
  'date',
  'ignore',
] as const;
export type ColumnRole = (typeof columnRoles)[number];

type Data = Readonly<Record<string, unknown>>;

/** Lists of column names, by the role that stands for them. */
const lists = { ignore: 'ignore', category: 'categories', number: 'numbers' } as const;

export function roleOf(data: Data, column: string): ColumnRole {
  if (targetsOf(data).includes(column)) return 'target';
  if (Object.hasOwn(mapAt(data, 'ordinal'), column)) return 'ordinal';
  if (Object.hasOwn(mapAt(data, 'dates'), column)) return 'date';
  for (const [role, key] of Object.entries(lists))
    if (listAt(data, key).includes(column)) return role as ColumnRole;
  return 'feature';
}

/** The columns to predict. */
export function targetsOf(data: Data): readonly string[] {
  return listAt(data, 'target');
}

/** The roles that make sense for what a column holds. */
export function rolesFor({ type, nDistinct, isDistinctCapped, top }: ColumnProfile): ColumnRole[] {
  const isFew = !isDistinctCapped && nDistinct >= 2 && nDistinct === top.length;
  const areNumbers = top.length > 0 && top.every(({ value }) => Number.isFinite(Number(value)));
  return columnRoles.filter((role) => {
    if (role === 'date') return type === 'date';
    if (role === 'ordinal') return isFew;
    if (role === 'number') return type !== 'number' && areNumbers;
    return true;
  });
}

/** Whether a column goes into the network as one number, which is scaled. */
export function isScaled({ type }: Pick<ColumnProfile, 'type'>, role: ColumnRole): boolean {
  return role === 'number' || (role === 'feature' && type === 'number');
}

/** The data section with a column in another role; an order begins as its values sorted, a date in the format that was seen. */
export function withRole(data: Data, column: ColumnProfile, role: ColumnRole): Data {
  const { name, top } = column;
  const named = Object.fromEntries(
    Object.entries(lists).map(([one, key]) => {
      const names = listAt(data, key).filter((other) => other !== name);
      const now = one === role ? [...names, name] : names;
      return [key, now.length > 0 ? now : undefined];
    }),
  );
  const { [name]: _, ...others } = mapAt(data, 'ordinal');
  const { [name]: _date, ...otherDates } = mapAt(data, 'dates');
  const dates = role === 'date' ? { ...otherDates, [name]: dateOf(column) } : otherDates;
  const ordinal =
    role === 'ordinal'
      ? {
          ...others,
          [name]:
            ownValue(mapAt(data, 'ordinal'), name) ?? sortedValues(top.map(({ value }) => value)),
        }
      : others;
  // Only features are treated in ways of their own.
  const { [name]: ownOfColumn, ...otherOwn } = mapAt(data, 'columns');
  const { scaling: _scaling, ...unscaled } = (ownOfColumn ?? {}) as Data;
  const isUnscaledNow = role === 'category' && Object.keys(unscaled).length > 0;
  const own =
    role === 'target' || role === 'ignore' || role === 'category'
      ? { ...otherOwn, ...(isUnscaledNow ? { [name]: unscaled } : {}) }
      : mapAt(data, 'columns');
  const changed: SpecData = {
    ...data,
    ...named,
    columns: Object.keys(own).length > 0 ? own : undefined,
    dates: Object.keys(dates).length > 0 ? dates : undefined,
    ordinal: Object.keys(ordinal).length > 0 ? ordinal : undefined,
  };
  return withoutUndefined(role === 'target' ? { ...changed, target: name } : changed);
}

/** The data section of a table that was just read: what its profile suggests. */
export function dataFor(profile: TableProfile): Data {
  const { suggested, columns, path, table } = profile;
  const target = suggested.target ?? columns.at(-1)?.name ?? '';
  const task = suggested.task ?? taskFor(columns.find(({ name }) => name === target));
  const ignore = columns
    .filter(({ name, suggestedRole }) => suggestedRole === 'ignore' && name !== target)
    .map(({ name }) => name);
  const dates = columns.filter(
    ({ name, type }) => type === 'date' && name !== target && !ignore.includes(name),
  );
  const hasGaps = columns.some(({ name, nMissing }) => nMissing > 0 && !ignore.includes(name));
  return {
    table: path ?? table,
    task,
    target,
    ...(ignore.length > 0 ? { ignore } : {}),
    ...(dates.length > 0
      ? { dates: Object.fromEntries(dates.map((column) => [column.name, dateOf(column)])) }
      : {}),
    ...(hasGaps ? { missing: 'median' } : {}),
  };
}

/** What is predicted by default: a number where the column has many of them. */
export function taskFor(column: ColumnProfile | undefined): 'classification' | 'regression' {
  return column?.type === 'number' && (column.isDistinctCapped || column.nDistinct > 20)
    ? 'regression'
    : 'classification';
}

/** Where the spec keeps each property of a table's format; those that it does not know are missing. */
export type FormatPaths = Partial<Record<keyof TableProfile['format'], readonly string[]>>;

/** The data section that asks for a format; what it does not ask for is detected. */
export function withFormat(
  data: Data,
  format: Partial<TableProfile['format']>,
  paths: FormatPaths,
): Data {
  return (Object.keys(format) as (keyof typeof format)[]).reduce<Data>((changed, key) => {
    const path = paths[key];
    // The short form of the delimiter must not say something else.
    const { [key]: _, ...rest } = changed;
    return path
      ? withValueAt(path.length > 2 ? rest : changed, path.slice(1), format[key])
      : changed;
  }, data);
}

/** The format that the data section asks for; what it leaves open is detected. */
export function formatOf(data: Data, paths: FormatPaths): Partial<TableProfile['format']> {
  return Object.fromEntries(
    Object.entries(paths).flatMap(([key, path]) => {
      const value = valueAt(data, path.slice(1));
      return value === undefined ? [] : [[key, value]];
    }),
  );
}

function listAt(data: Data, key: string): string[] {
  const value = data[key];
  return (value === undefined ? [] : [value]).flat().map(String);
}

function mapAt(
  data: Data,
  key: 'ordinal' | 'dates' | 'columns',
): Readonly<Record<string, unknown>> {
  return (data[key] ?? {}) as Readonly<Record<string, unknown>>;
}

/** Where day and month could be either way round, the day is taken to come first, as in most of the world. */
function dateOf({ dateFormat }: ColumnProfile): Data {
  return { format: dateFormat ?? 'dayFirst' };
}

function sortedValues(values: readonly string[]): string[] {
  const areNumbers = values.every((value) => value !== '' && Number.isFinite(Number(value)));
  return [...values].sort((a, b) =>
    areNumbers ? Number(a) - Number(b) : a.localeCompare(b, 'en', { numeric: true }),
  );
}

function withoutUndefined(data: Data): Data {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined));
}
