#!/usr/bin/env node
/**
 * The `parzen` command. Plain JavaScript, so that every Node can read it: one that is too old to run
 * Parzen hands over to the Node that npm installed with the project.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { isStale } from './build-age.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const built = join(root, 'out', 'main', 'cli.js');
const source = join(root, 'src-main', 'cli', 'main.ts');
const ownNode = join(
  root,
  ...['node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node'],
);

// A checkout that was changed since the last build runs from its sources.
const main = existsSync(source) && isStale([built], [join(root, 'src-main')]) ? source : built;

// TypeScript runs as it is from Node 22.18 on.
const [major, minor] = main === source ? [22, 18] : [22, 12];

if (isNodeAtLeast(major, minor) && (main === built || process.features.typescript)) {
  process.argv[1] = main;
  await import(pathToFileURL(main).href);
} else if (existsSync(ownNode)) {
  handOver(ownNode);
} else {
  console.error(
    `Parzen needs Node ${major}.${minor} or newer, but got ${process.versions.node} (${process.execPath}).`,
  );
  process.exitCode = 1;
}

function isNodeAtLeast(wantedMajor, wantedMinor) {
  const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number);
  return ownMajor > wantedMajor || (ownMajor === wantedMajor && ownMinor >= wantedMinor);
}

function handOver(node) {
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  // The terminal sends Ctrl-C to both: the child decides when it has finished. Others are passed on.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('error', (error) => {
    console.error(`Parzen could not start ${node}: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('close', (code, signal) => {
    if (signal) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    } else {
      process.exitCode = code ?? 1;
    }
  });
}
