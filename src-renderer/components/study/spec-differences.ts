import { text } from '../../text.ts';

export interface SpecDifference {
  /** `training.batchSize` */
  readonly path: string;
  /** By study, as they are shown; empty where it has no such setting. */
  readonly values: readonly string[];
}

type Spec = Readonly<Record<string, unknown>> | null;

/** The settings in which specs differ, by path. Names and descriptions are no settings; a study without a spec differs in none, as its settings are not known. */
export function specDifferences(specs: readonly Spec[]): SpecDifference[] {
  const flat = specs.map((spec) => flatten(spec ?? {}));
  const known = flat.filter((_, i) => specs[i]);
  const paths = [...new Set(flat.flatMap((entries) => [...entries.keys()]))];
  const differs = (path: string): boolean =>
    new Set(known.map((entries) => JSON.stringify(entries.get(path)))).size > 1;
  return paths
    .filter((path) => path !== 'name' && path !== 'description' && differs(path))
    .map((path) => ({ path, values: flat.map((entries) => shownSetting(entries.get(path))) }));
}

/** Objects are followed, lists are values. */
function flatten(value: object, prefix = ''): Map<string, unknown> {
  const entries = new Map<string, unknown>();
  for (const [name, child] of Object.entries(value) as [string, unknown][]) {
    const path = prefix + name;
    if (typeof child === 'object' && child !== null && !Array.isArray(child))
      for (const [inner, found] of flatten(child, `${path}.`)) entries.set(inner, found);
    else entries.set(path, child);
  }
  return entries;
}

const MAX_SHOWN = 8;

/** Of a long list, such as the numbers of the rows to train on, the beginning. */
function shownSetting(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.length === 0) return text.common.none;
  if (!Array.isArray(value) || value.length <= MAX_SHOWN) return JSON.stringify(value);
  const first = value.slice(0, MAX_SHOWN).map((item) => JSON.stringify(item));
  return text.compareStudies.longList(first.join(', '), value.length);
}
