import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { cacheDir, readRuntimes } from '../src-main/runtimes.ts';
import { findOnPath, npm, run } from './processes.ts';
import { moveIntoPlace, noteFailure, noteRuntime, recentFailure } from './setup-cache.ts';

const TFJS_NODE = '4.22.0';

/**
 * The official wheel that libtensorflow is taken from: any one with the C API that tfjs-node 4.22 is
 * written against (2.9) or later will do, and this is the smallest of those that contain the headers
 * it includes. The Python version in its name does not matter, as no Python code is used.
 */
const WHEEL = {
  name: 'tensorflow-cpu',
  version: '2.13.1',
  platform: 'manylinux_2_17_x86_64',
  sha256: '87be6e61314b2c0fa062f71e26e41d6a17e162ffe4da72c820fe8f1fc94d97fe',
};

/** The newest Node-API that both tfjs-node declares and every Node from 18 on has. */
const NAPI_VERSION = 8;

const BUILD = `tfjs-node-${TFJS_NODE}-libtensorflow-${WHEEL.version}`;
const BUILD_DIR = join(cacheDir(), BUILD);
const BUILT_SOURCE = `tfjs-node ${TFJS_NODE} built here with libtensorflow ${WHEEL.version} of ${WHEEL.name}`;
const PACKAGE_PATH = join('node_modules', '@tensorflow', 'tfjs-node');
const LOCKED_PACKAGES = join(import.meta.dirname, 'native-tensorflow');
const SELF_TEST = join(import.meta.dirname, 'tensorflow-self-test.ts');

const UNPACK = `
import sys, zipfile
wheel, target = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    wanted = ('tensorflow/libtensorflow_', 'tensorflow/include/tensorflow/')
    archive.extractall(target, [n for n in archive.namelist() if n.startswith(wanted)])
`;

/** The tfjs-node to use now and where it is from; undefined when there is none. Nothing is loaded. */
export function findTensorflow(): { packageDir: string; source: string } | undefined {
  const official = officialPackageDir();
  if (official) {
    return { packageDir: official, source: 'official' };
  }
  return readRuntimes().tensorflow;
}

/**
 * Gets native TensorFlow: the one npm installed if it works, or one built here from tfjs-node's sources
 * and the libtensorflow of an official Python wheel. `build: false` takes only what is there already.
 */
export async function setUpTensorflow(
  options: { build?: boolean; force?: boolean; limitMs?: number } = {},
): Promise<string> {
  const { build = true, force = false, limitMs = 30 * 60_000 } = options;
  const present = findTensorflow();
  if (!build) {
    return present
      ? `native, ${present.source}`
      : 'wasm; `npm run setup` tries to get the native one';
  }

  const reason = await tryOfficial();
  if (reason === undefined) {
    return `native, official tfjs-node ${TFJS_NODE}`;
  }
  const built = `native, ${BUILT_SOURCE}, because ${reason}`;
  const fallback = `wasm, because ${reason}, and`;
  if (await isBuilt()) {
    noteBuilt();
    return built;
  }
  const lacking = await lackingTools();
  if (lacking) {
    return `${fallback} to build it ${lacking}`;
  }
  const earlier = force ? undefined : recentFailure('tensorflow', BUILD);
  if (earlier !== undefined) {
    return `${fallback} building it failed: ${earlier} (\`npm run setup -- --force\` tries again)`;
  }
  try {
    await buildAddon(AbortSignal.timeout(limitMs));
    noteBuilt();
    return built;
  } catch (error) {
    const { message } = error as Error;
    noteFailure('tensorflow', BUILD, message);
    return `${fallback} building it failed: ${message}`;
  }
}

/** Why the tfjs-node in node_modules cannot be used, or undefined when it works. */
async function tryOfficial(): Promise<string | undefined> {
  const packageDir = officialPackageDir();
  if (!packageDir) {
    return 'npm could not install tfjs-node (its addon is downloaded from elsewhere)';
  }
  try {
    await selfTest(packageDir);
    return undefined;
  } catch (error) {
    return `the tfjs-node that npm installed does not work (${(error as Error).message})`;
  }
}

function officialPackageDir(): string | undefined {
  try {
    const manifest = createRequire(import.meta.url).resolve('@tensorflow/tfjs-node/package.json');
    return existsSync(addonIn(dirname(manifest))) ? dirname(manifest) : undefined;
  } catch {
    return undefined;
  }
}

function addonIn(packageDir: string): string {
  return join(packageDir, 'lib', `napi-v${NAPI_VERSION}`, 'tfjs_binding.node');
}

function compiler(): string | undefined {
  return process.env.CXX || ['c++', 'g++', 'clang++'].find((name) => findOnPath(name));
}

/** What a build would need and this machine does not have, as the end of a sentence. */
async function lackingTools(): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return 'Linux on x64 would be needed';
  }
  if (!compiler()) {
    return 'a C++ compiler would be needed (Debian: build-essential)';
  }
  try {
    await run('python3', ['-m', 'pip', '--version'], { label: 'looking for pip' });
    return undefined;
  } catch {
    return 'python3 with pip would be needed (Debian: python3-pip)';
  }
}

/** Whether an earlier build is there and works; one that does not is removed. */
async function isBuilt(): Promise<boolean> {
  if (!existsSync(BUILD_DIR)) {
    return false;
  }
  try {
    await selfTest(join(BUILD_DIR, PACKAGE_PATH));
    return true;
  } catch {
    rmSync(BUILD_DIR, { recursive: true, force: true });
    return false;
  }
}

async function buildAddon(signal: AbortSignal): Promise<void> {
  const temporary = `${BUILD_DIR}.${process.pid}`;
  mkdirSync(temporary, { recursive: true });
  try {
    await installSources(temporary, signal);
    const tensorflow = await unpackWheel(temporary, signal);
    await compile(temporary, tensorflow, signal);
    rmSync(dirname(tensorflow), { recursive: true });
    await selfTest(join(temporary, PACKAGE_PATH), signal);
    moveIntoPlace(temporary, BUILD_DIR);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function noteBuilt(): void {
  noteRuntime({
    tensorflow: {
      packageDir: join(BUILD_DIR, PACKAGE_PATH),
      version: TFJS_NODE,
      source: BUILT_SOURCE,
    },
  });
}

/** tfjs-node with its dependencies, and the headers of Node-API, at locked versions. */
async function installSources(folder: string, signal: AbortSignal): Promise<void> {
  cpSync(LOCKED_PACKAGES, folder, { recursive: true });
  await npm(['ci', '--ignore-scripts', '--prefix', folder], {
    label: 'TensorFlow: installing tfjs-node from npm',
    cwd: folder,
    signal,
  });
}

/** Returns the folder with the two shared libraries and the C headers. */
async function unpackWheel(folder: string, signal: AbortSignal): Promise<string> {
  const download = join(folder, 'wheel');
  mkdirSync(download);
  const requirements = join(download, 'requirements.txt');
  writeFileSync(requirements, `${WHEEL.name}==${WHEEL.version} --hash=sha256:${WHEEL.sha256}\n`);
  const choice = ['--python-version=3.11', '--implementation=cp', '--abi=cp311'];
  await run(
    'python3',
    [
      ...['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps'],
      ...['--only-binary=:all:', ...choice, `--platform=${WHEEL.platform}`],
      ...['--require-hashes', '--no-cache-dir', '--dest', download, '--requirement', requirements],
    ],
    {
      label: `TensorFlow: downloading libtensorflow (${WHEEL.name} ${WHEEL.version})`,
      env: { ...process.env, TMPDIR: download },
      growing: download,
      stallMs: 120_000,
      signal,
    },
  );
  const wheel = readdirSync(download).find((name) => name.endsWith('.whl')) ?? '';
  await run('python3', ['-c', UNPACK, join(download, wheel), download], {
    label: 'TensorFlow: unpacking libtensorflow',
    signal,
  });
  return join(download, 'tensorflow');
}

/**
 * Two source files and one command line: node-gyp would want Node's own headers from nodejs.org, while
 * an addon that speaks Node-API only needs the four headers of `node-api-headers`.
 */
async function compile(folder: string, tensorflow: string, signal: AbortSignal): Promise<void> {
  const packageDir = join(folder, PACKAGE_PATH);
  const libraries = join(packageDir, 'deps', 'lib');
  mkdirSync(libraries, { recursive: true });
  for (const name of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']) {
    renameSync(join(tensorflow, name), join(libraries, name));
  }
  mkdirSync(dirname(addonIn(packageDir)), { recursive: true });
  await run(
    compiler() ?? 'c++',
    [
      ...['-shared', '-fPIC', '-O2', '-std=c++17', '-w', `-DNAPI_VERSION=${NAPI_VERSION}`],
      `-I${join(folder, 'node_modules', 'node-api-headers', 'include')}`,
      `-I${join(tensorflow, 'include')}`,
      ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(packageDir, 'binding', name)),
      `-L${libraries}`,
      ...['-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'],
      '-Wl,-rpath,$ORIGIN/../../deps/lib',
      ...['-o', addonIn(packageDir)],
    ],
    { label: 'TensorFlow: compiling the addon', signal },
  );
}

/** In a process of its own, as a broken addon may take the whole process with it. */
async function selfTest(packageDir: string, signal?: AbortSignal): Promise<void> {
  await run(process.execPath, [SELF_TEST, packageDir], {
    label: 'TensorFlow: testing the addon',
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' },
    signal,
  });
}
