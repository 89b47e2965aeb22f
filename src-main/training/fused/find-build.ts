import { existsSync } from 'node:fs';

/** A compiled file of the engine: beside the sources; beside a bundle, or one folder above the chunk that a bundler made of this file. */
export function findBuild(name: string): URL | undefined {
  return [`./${name}`, `../${name}`]
    .map((path) => new URL(path, import.meta.url))
    .find((url) => existsSync(url));
}
