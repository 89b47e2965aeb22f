import type { SpecData, SpecProblem } from '../../src-main/contract/specs.ts';
import { ownValue } from '../own-value.ts';

export type SpecPath = readonly (string | number)[];

/** What stands there; undefined where nothing does. */
export function valueAt(spec: SpecData, path: SpecPath): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Readonly<Record<string | number, unknown>>)[key]
        : undefined,
    spec,
  );
}

/** The spec with another value there; undefined takes it out, and sections that are empty then with it. */
export function withValueAt(spec: SpecData, path: SpecPath, value: unknown): SpecData {
  return (changed(spec, path, value) ?? {}) as SpecData;
}

function changed(node: unknown, path: SpecPath, value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (Array.isArray(node)) {
    const copy = [...(node as unknown[])];
    const inner = changed(copy[Number(key)], rest, value);
    if (inner === undefined) copy.splice(Number(key), 1);
    else copy[Number(key)] = inner;
    return copy;
  }
  const section = (typeof node === 'object' ? (node ?? {}) : {}) as Readonly<
    Record<string, unknown>
  >;
  const name = String(key);
  const inner = changed(ownValue(section, name), rest, value);
  if (inner !== undefined) return { ...section, [name]: inner };
  const { [name]: _, ...others } = section;
  return Object.keys(others).length > 0 ? others : undefined;
}

/** Whether `path` is `start` or lies in it. */
export function isWithin(path: SpecPath, start: SpecPath): boolean {
  return start.every((key, i) => path[i] === key);
}

/** What is said about a setting, or about something in it. */
export function messagesFor(problems: readonly SpecProblem[], path: SpecPath): string[] {
  return problems.filter((problem) => isWithin(problem.path, path)).map(({ message }) => message);
}
