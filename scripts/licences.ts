/** Collects the licences of all that the app is made of, for the page that shows them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';

import type { Plugin } from 'vite';

import { type ShippedPackages, shippedPackagesFile } from '../src-main/contract/system.ts';
import { closureOf, manifestOf } from './packages.ts';

/** Comes with the window, and is no package of npm's. */
const FONT = {
  name: 'Inter',
  version: '4.1',
  licence: 'OFL-1.1',
  file: 'src-renderer/styles/fonts/inter-LICENSE.txt',
};

/** Puts a list of the packages in the page's bundle, and of those that ship beside it, next to the page. */
export function licencesPlugin(root: string): Plugin {
  return {
    name: 'parzen:licences',
    apply: 'build',
    generateBundle() {
      this.emitFile({
        type: 'asset',
        fileName: shippedPackagesFile,
        source: JSON.stringify(licencesOf(root, [...this.getModuleIds()])),
      });
    },
  };
}

function licencesOf(root: string, modules: readonly string[]): ShippedPackages {
  const { dependencies, optionalDependencies } = manifestOf(root);
  const folders = new Set([
    ...closureOf(root, [...Object.keys({ ...dependencies, ...optionalDependencies }), 'electron']),
    ...modules.flatMap((module) => packageFolderOf(root, module)),
  ]);
  // What electron's package needs downloads it, and does not ship.
  const notShipped = closureOf(root, ['electron']);
  const needed = closureOf(root, Object.keys({ ...dependencies, ...optionalDependencies }));
  const texts: string[] = [];
  const indexOf = (text: string): number => {
    const known = texts.indexOf(text);
    return known >= 0 ? known : texts.push(text) - 1;
  };
  const packages = [...folders]
    .filter(
      (folder) =>
        folder === 'node_modules/electron' || needed.has(folder) || !notShipped.has(folder),
    )
    .map((folder) => {
      const { name, version, license } = manifestOf(join(root, folder));
      const text = licenceTextIn(join(root, folder));
      return {
        name,
        version,
        licence: license ?? '',
        text: text === null ? null : indexOf(text),
      };
    });
  const { file, ...font } = FONT;
  packages.push({ ...font, text: indexOf(readFileSync(join(root, file), 'utf8')) });
  const known = new Map(packages.map((each) => [`${each.name} ${each.version}`, each]));
  return {
    packages: [...known.values()].sort((a, b) => a.name.localeCompare(b.name, 'en')),
    texts,
  };
}

/** The package that a module of the bundle is in; none for our own and those that the bundler makes up. */
function packageFolderOf(root: string, module: string): string[] {
  const path = module.replace(/^\0/, '').split('?')[0]?.split(sep).join('/') ?? '';
  const [folder] = /^.*\/node_modules\/(@[^/]+\/)?[^/]+(?=\/)/.exec(path) ?? [];
  const start = `${root.split(sep).join('/')}/`;
  return folder?.startsWith(start) && existsSync(join(folder, 'package.json'))
    ? [folder.slice(start.length)]
    : [];
}

function licenceTextIn(folder: string): string | null {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /^(licen[cs]e|copying|notice)/i.test(entry.name))
    .map(({ name }) => name);
  const texts = names.sort().map((name) => readFileSync(join(folder, name), 'utf8').trim());
  return texts.length === 0 ? null : texts.join('\n\n');
}
