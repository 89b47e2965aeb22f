/**
 * `npm start [-- --browser] [arguments of the app]`: Parzen in its window, or in browser mode where
 * there can be no window. `npm run dev` is the same window with live reload.
 */
import { join } from 'node:path';

import { buildIfStale, electronVite } from './build.ts';
import {
  ELECTRON_DEBIAN_PACKAGES,
  type ElectronProgram,
  findElectron,
  missingLibraries,
} from './electron-runtime.ts';
import { runInForeground } from './processes.ts';
import { setUp } from './setup.ts';

const ROOT = join(import.meta.dirname, '..');

const flags = process.argv.slice(2);
const appArgs = flags.filter((flag) => flag !== '--browser' && flag !== '--dev');

await setUp({ tensorflow: 'cached' });
process.exitCode = flags.includes('--dev') ? await develop() : await start();

async function start(): Promise<number> {
  if (!(await buildIfStale())) {
    return 1;
  }
  const electron = flags.includes('--browser') ? '--browser was given' : whatCanOpenWindow();
  if (typeof electron === 'string') {
    return serve(electron);
  }
  const { exitCode, displayError } = await openWindow(electron);
  return displayError ? serve(displayError) : exitCode;
}

/** The Electron to use, or in words why there can be no window. */
function whatCanOpenWindow(): ElectronProgram | string {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  if (process.platform === 'linux' && !DISPLAY && !WAYLAND_DISPLAY) {
    return 'there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)';
  }
  const electron = findElectron();
  if (!electron) {
    return 'there is no Electron runtime';
  }
  const missing = missingLibraries(electron.executable);
  if (missing.length > 0) {
    return `Electron needs ${missing.join(', ')} (Debian: apt-get install ${ELECTRON_DEBIAN_PACKAGES})`;
  }
  return electron;
}

function electronFlags(): string[] {
  const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
  if (isRoot) {
    console.log('Sandbox    off, because Chromium cannot have one as root');
  }
  return isRoot ? ['--no-sandbox'] : [];
}

async function openWindow(
  electron: ElectronProgram,
): Promise<{ exitCode: number; displayError?: string }> {
  const env = { ...process.env };
  delete env.ELECTRON_RUN_AS_NODE;
  let displayError: string | undefined;
  const exitCode = await runInForeground(
    electron.executable,
    [...electronFlags(), ROOT, ...appArgs],
    {
      env,
      onStderr: (text) => {
        if (/Missing X server|cannot open display|Failed to connect to Wayland/i.test(text)) {
          displayError = `Electron could not open the display ${env.DISPLAY ?? env.WAYLAND_DISPLAY ?? ''}`;
        }
      },
    },
  );
  return { exitCode, ...(exitCode === 0 ? {} : { displayError }) };
}

function serve(reason: string): Promise<number> {
  console.log(`Browser    mode, because ${reason}`);
  return runInForeground(process.execPath, [join(ROOT, 'out', 'main', 'server.js'), ...appArgs]);
}

async function develop(): Promise<number> {
  const electron = whatCanOpenWindow();
  if (typeof electron === 'string') {
    console.error(`No window, because ${electron}`);
    return 1;
  }
  return electronVite(['dev', '--watch', '--', ...electronFlags(), ...appArgs], {
    ELECTRON_EXEC_PATH: electron.executable,
  });
}
