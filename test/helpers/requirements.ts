import { execFileSync } from 'node:child_process';

import { findElectron, missingLibraries } from '../../scripts/electron-runtime.ts';
import { findTensorflow } from '../../scripts/native-tensorflow.ts';
import { findOnPath } from '../../scripts/processes.ts';

/** What a test may need of the machine. */
export type RequirementName =
  | 'display'
  | 'chromium'
  | 'electron'
  | 'native-tensorflow'
  | 'python-optuna'
  | 'python-optuna-dashboard'
  | 'python-onnxruntime';

export interface Requirement {
  readonly available: boolean;
  /** Why it is missing, in a few words; empty when it is there. */
  readonly reason: string;
  /** The program (`chromium`, `electron`, `python-…`) or package folder (`native-tensorflow`). */
  readonly path: string;
}

/** What CI must have: a test that lacks one of these fails there instead of being skipped. */
const SYSTEM: readonly RequirementName[] = ['display', 'chromium', 'electron'];

const found = (path: string): Requirement => ({ available: true, reason: '', path });
const missing = (reason: string): Requirement => ({ available: false, reason, path: '' });

const checks: Record<RequirementName, () => Requirement> = {
  display() {
    const { DISPLAY, WAYLAND_DISPLAY } = process.env;
    return process.platform !== 'linux' || DISPLAY || WAYLAND_DISPLAY
      ? found(DISPLAY ?? WAYLAND_DISPLAY ?? '')
      : missing('a display, or Xvfb');
  },
  chromium() {
    const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
    const path =
      process.env.PARZEN_CHROMIUM ?? names.map(findOnPath).find((it) => it !== undefined);
    return path ? found(path) : missing('Chromium on PATH or PARZEN_CHROMIUM');
  },
  electron() {
    const electron = findElectron();
    if (!electron) {
      return missing('an Electron runtime (`npm run setup` says why)');
    }
    const libraries = missingLibraries(electron.executable);
    return libraries.length > 0
      ? missing(`the libraries ${libraries.join(', ')} for Electron`)
      : found(electron.executable);
  },
  'native-tensorflow'() {
    const tensorflow = findTensorflow();
    return tensorflow
      ? found(tensorflow.packageDir)
      : missing('native TensorFlow (`npm run setup` says why)');
  },
  'python-optuna': () => pythonWith('Optuna and pandas', 'optuna, pandas'),
  'python-optuna-dashboard': () => pythonWith('Optuna Dashboard', 'optuna_dashboard'),
  'python-onnxruntime': () => pythonWith('ONNX and its runtime', 'onnx, onnxruntime'),
};

function pythonWith(packages: string, modules: string): Requirement {
  const python = process.env.PARZEN_PYTHON ?? 'python3';
  try {
    execFileSync(python, ['-c', `import ${modules}`], { stdio: 'ignore', timeout: 300_000 });
    return found(python);
  } catch {
    return missing(`${packages} in ${python} (PARZEN_PYTHON names another Python)`);
  }
}

const results = new Map<RequirementName, Requirement>();

/** Whether the machine has what a test needs. Looked up once per test file. */
export function requirement(name: RequirementName): Requirement {
  const result = results.get(name) ?? checks[name]();
  results.set(name, result);
  return result;
}

/**
 * For tests that need something of the machine:
 *
 *     const needs = requirements('electron', 'display');
 *     describe.skipIf(needs.missing)(needs.title('the window'), () => …);
 *
 * A skipped test carries the reason in its title. In CI (`CI` is set) a missing display, Chromium or
 * Electron throws instead, so that the file fails.
 */
export function requirements(...names: RequirementName[]): {
  missing: boolean;
  title: (title: string) => string;
} {
  const lacking = names.filter((name) => !requirement(name).available);
  const reasons = lacking.map((name) => requirement(name).reason).join(' and ');
  if (process.env.CI && lacking.some((name) => SYSTEM.includes(name))) {
    throw new Error(`These tests must not be skipped in CI, but they need ${reasons}`);
  }
  return {
    missing: lacking.length > 0,
    title: (title) => (lacking.length > 0 ? `${title} [needs ${reasons}]` : title),
  };
}
