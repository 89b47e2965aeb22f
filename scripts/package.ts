/**
 * `npm run package`: the installers of this platform, in `dist/`. `npm run package -- --dir`: the installed app as a folder, made
 * again only when something in it has changed. Every platform's package is made on that platform, because the Node that trains
 * and the native addons are those that npm installed here.
 */
import { existsSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';

import { type AfterPackContext, build, type Configuration } from 'electron-builder';

import { isStale } from './build-age.js';
import { buildIfStale } from './build.ts';
import { type ElectronProgram, findElectron } from './electron-runtime.ts';
import { closureOf, manifestOf } from './packages.ts';

const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');
const ARCHIVE = join(DIST, `${process.platform}-unpacked`, 'resources', 'app.asar');
const SOURCES = [
  ...['out/main', 'out/preload', 'out/renderer', 'resources', 'electron-builder.yml'],
  ...['package.json', 'package-lock.json', 'scripts/package.ts'],
];

/** What training children and the thread that reads tables load, beside the bundles. */
const CHILD_PACKAGES = [
  'node',
  'fastest-levenshtein',
  'zod',
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-backend-cpu',
  '@tensorflow/tfjs-backend-wasm',
];
const NATIVE_TENSORFLOW = '@tensorflow/tfjs-node';

if (import.meta.main) {
  const { values } = parseArgs({ options: { dir: { type: 'boolean', default: false } } });
  process.exitCode = await makePackage(values.dir);
}

async function makePackage(dirOnly: boolean): Promise<number> {
  const electron = findElectron();
  const refusal = electron
    ? whyNot(electron, dirOnly)
    : 'there is no Electron; `npm run setup` says why';
  if (!electron || refusal !== undefined) {
    console.error(`Package    none, because ${refusal}`);
    return 1;
  }
  if (!(await buildIfStale())) {
    return 1;
  }
  if (
    dirOnly &&
    !isStale(
      [ARCHIVE],
      SOURCES.map((path) => join(ROOT, path)),
    )
  ) {
    console.log(`Package    ${relative(ROOT, dirname(dirname(ARCHIVE)))} is up to date`);
    return 0;
  }
  const made = await build({ projectDir: ROOT, dir: dirOnly, config: configuration(electron) });
  console.log(`Package    ${dirOnly ? dirname(dirname(ARCHIVE)) : made.join('\n           ')}`);
  return 0;
}

/** Installers go to users: they get the Electron that its makers built, of the version that was tested. */
function whyNot({ source, version }: ElectronProgram, dirOnly: boolean): string | undefined {
  const expected = manifestOf(join(ROOT, 'node_modules', 'electron')).version;
  if (dirOnly || (source === 'official' && version === expected)) {
    return undefined;
  }
  return `installers are made with the official Electron ${expected} only, but got ${version} (${source}); --dir makes a folder to try`;
}

/** What is added to the lists of `electron-builder.yml`, which electron-builder reads by itself. */
function configuration({ executable, version }: ElectronProgram): Configuration {
  const isInstalled = existsSync(join(ROOT, 'node_modules', NATIVE_TENSORFLOW));
  const hasNative = existsSync(join(ROOT, 'node_modules', NATIVE_TENSORFLOW, 'lib'));
  const unpacked = closureOf(ROOT, [...CHILD_PACKAGES, ...(hasNative ? [NATIVE_TENSORFLOW] : [])]);
  const needed = closureOf(
    ROOT,
    Object.keys(manifestOf(ROOT).dependencies ?? {}).filter((name) => name !== NATIVE_TENSORFLOW),
  );
  // Without its addon it cannot be used, and brings a hundred megabytes along.
  const unused =
    isInstalled && !hasNative
      ? [...closureOf(ROOT, [NATIVE_TENSORFLOW])].filter((folder) => !needed.has(folder))
      : [];
  return {
    electronDist:
      process.platform === 'darwin' ? join(executable, '../../../..') : dirname(executable),
    electronVersion: version,
    afterExtract: removeDefaultApp,
    files: unused.map((folder) => `!${folder}/**`),
    asarUnpack: [...unpacked].map((folder) => `${folder}/**`),
  };
}

/** What Electron shows when it is given no app; its own archive has none, an unpacked one does. */
function removeDefaultApp({ appOutDir, packager }: AfterPackContext): Promise<void> {
  rmSync(join(packager.getResourcesDir(appOutDir), 'default_app.asar'), { force: true });
  return Promise.resolve();
}
