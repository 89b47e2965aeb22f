import type { ColumnProfile, TableProfile } from '../../src-main/contract/data.ts';
import type { SpecData } from '../../src-main/contract/specs.ts';
import { valueAt, withValueAt } from './spec-path.ts';

/** What a column is for. */
export const columnRoles = ['target', 'feature', 'category', 'ordinal', 'ignore'] as const;
export type ColumnRole = (typeof columnRoles)[number];

type Data = Readonly<Record<string, unknown>>;

export function roleOf(data: Data, column: string): ColumnRole {
  if (data.target === column) return 'target';
  if (listAt(data, 'ignore').includes(column)) return 'ignore';
  if (column in ordinalOf(data)) return 'ordinal';
  return listAt(data, 'categories').includes(column) ? 'category' : 'feature';
}

/** The data section with a column in another role; an order begins as its values sorted. */
export function withRole(data: Data, { name, top }: ColumnProfile, role: ColumnRole): Data {
  const without = (key: 'ignore' | 'categories'): string[] =>
    listAt(data, key).filter((one) => one !== name);
  const ignore = [...without('ignore'), ...(role === 'ignore' ? [name] : [])];
  const categories = [...without('categories'), ...(role === 'category' ? [name] : [])];
  const { [name]: _, ...others } = ordinalOf(data);
  const ordinal =
    role === 'ordinal'
      ? { ...others, [name]: ordinalOf(data)[name] ?? sortedValues(top.map(({ value }) => value)) }
      : others;
  const changed: SpecData = {
    ...data,
    ignore: ignore.length > 0 ? ignore : undefined,
    categories: categories.length > 0 ? categories : undefined,
    ordinal: Object.keys(ordinal).length > 0 ? ordinal : undefined,
  };
  return withoutUndefined(role === 'target' ? { ...changed, target: name } : changed);
}

/** The data section of a table that was just read: what its profile suggests. */
export function dataFor(profile: TableProfile, formatPaths: FormatPaths): Data {
  const { suggested, columns, path, table } = profile;
  const target = suggested.target ?? columns.at(-1)?.name ?? '';
  const task = suggested.task ?? taskFor(columns.find(({ name }) => name === target));
  const ignore = columns
    .filter(({ name, suggestedRole }) => suggestedRole === 'ignore' && name !== target)
    .map(({ name }) => name);
  const hasGaps = columns.some(({ name, nMissing }) => nMissing > 0 && !ignore.includes(name));
  const data: Data = {
    table: path ?? table,
    task,
    target,
    ...(ignore.length > 0 ? { ignore } : {}),
    ...(hasGaps ? { missing: 'median' } : {}),
  };
  return path === null ? data : withFormat(data, profile, formatPaths);
}

/** What is predicted by default: a number where the column has many of them. */
export function taskFor(column: ColumnProfile | undefined): 'classification' | 'regression' {
  return column?.type === 'number' && (column.isDistinctCapped || column.nDistinct > 20)
    ? 'regression'
    : 'classification';
}

/** Where the spec keeps each property of a table's format; those that it does not know are missing. */
export type FormatPaths = Partial<Record<keyof TableProfile['format'], readonly string[]>>;

/** The data section with the format that the table was read with. */
export function withFormat(data: Data, { format }: TableProfile, paths: FormatPaths): Data {
  return (Object.keys(paths) as (keyof typeof format)[]).reduce<Data>((changed, key) => {
    const path = paths[key];
    return path ? withValueAt(changed, path.slice(1), format[key]) : changed;
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
  return Array.isArray(value) ? value.map(String) : [];
}

function ordinalOf(data: Data): Readonly<Record<string, readonly unknown[]>> {
  return (data.ordinal ?? {}) as Readonly<Record<string, readonly unknown[]>>;
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
