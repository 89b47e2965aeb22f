export interface SpecDifference {
  /** `training.batchSize` */
  readonly path: string;
  /** By study; empty where it has no such setting. */
  readonly values: readonly string[];
}

type Spec = Readonly<Record<string, unknown>> | null;

/** The settings in which specs differ, by path. Names and descriptions are no settings. */
export function specDifferences(specs: readonly Spec[]): SpecDifference[] {
  const flat = specs.map((spec) => flatten(spec ?? {}));
  const paths = [...new Set(flat.flatMap((entries) => [...entries.keys()]))];
  return paths
    .filter((path) => path !== 'name' && path !== 'description')
    .map((path) => ({ path, values: flat.map((entries) => entries.get(path) ?? '') }))
    .filter(({ values }) => new Set(values).size > 1);
}

/** Objects are followed, lists are values. */
function flatten(value: object, prefix = ''): Map<string, string> {
  const entries = new Map<string, string>();
  for (const [name, child] of Object.entries(value) as [string, unknown][]) {
    const path = prefix + name;
    if (typeof child === 'object' && child !== null && !Array.isArray(child))
      for (const [inner, shown] of flatten(child, `${path}.`)) entries.set(inner, shown);
    else entries.set(path, typeof child === 'string' ? child : JSON.stringify(child));
  }
  return entries;
}
