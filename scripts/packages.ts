import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, sep } from 'node:path';

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** The folders below `root` of these packages and all they depend on, as far as they are installed. */
export function closureOf(root: string, names: readonly string[]): ReadonlySet<string> {
  const folders = new Set<string>();
  const add = (name: string, from: string): void => {
    const folder = folderOf(root, name, from);
    if (folder === undefined || folders.has(folder)) {
      return;
    }
    folders.add(folder);
    const { dependencies, optionalDependencies } = manifestOf(join(root, folder));
    for (const dependency of Object.keys({ ...dependencies, ...optionalDependencies })) {
      add(dependency, join(root, folder));
    }
  };
  for (const name of names) {
    add(name, root);
  }
  return folders;
}

/** Where Node would find the package; undefined for optional ones that are not installed. */
function folderOf(root: string, name: string, from: string): string | undefined {
  const places = createRequire(join(from, 'package.json')).resolve.paths(name) ?? [];
  const place = places.find((path) => existsSync(join(path, name, 'package.json')));
  return place && relative(root, join(place, name)).split(sep).join('/');
}

export function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}
