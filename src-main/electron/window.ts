import { BrowserWindow, nativeTheme, screen } from 'electron';

import { isReachable, loadWindowState, saveWindowState, type WindowState } from './window-state.ts';

export interface MainWindowOptions {
  readonly pageUrl: string;
  readonly preloadPath: string;
  /** A picture, for systems that take none from the program file. @default none */
  readonly iconPath?: string;
  /** Where position, size and colour are remembered. */
  readonly statePath: string;
  readonly log: { warn(message: string): void; error(message: string, error?: unknown): void };
  /** The page crashed again and again, and loading it once more is no use. */
  readonly onCrashLoop: (window: BrowserWindow) => void;
  /** The page has not answered for a while. */
  readonly onHang: (window: BrowserWindow) => void;
}

const DEFAULT_SIZE = { width: 1280, height: 800 };
const SAVE_DELAY_MS = 500;
/** So many crashes within a minute are not an accident any more. */
const MAX_CRASHES = 3;
const CRASH_WINDOW_MS = 60_000;

/** Opens the window where it was and shows it when there is something to see. */
export function createMainWindow(options: MainWindowOptions): BrowserWindow {
  const { pageUrl, preloadPath, iconPath, statePath, log } = options;
  const state = loadWindowState(statePath);
  const workAreas = screen.getAllDisplays().map(({ workArea }) => workArea);
  const bounds = state.bounds && isReachable(state.bounds, workAreas) ? state.bounds : DEFAULT_SIZE;

  const window = new BrowserWindow({
    ...bounds,
    minWidth: 800,
    minHeight: 560,
    title: 'Parzen',
    icon: iconPath,
    show: false,
    backgroundColor:
      state.backgroundColor ?? (nativeTheme.shouldUseDarkColors ? '#18181b' : '#ffffff'),
    webPreferences: {
      preload: preloadPath,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      // Its dictionaries would be downloaded.
      spellcheck: false,
      // Charts must keep up with a study that is watched from the corner of the eye.
      backgroundThrottling: false,
    },
  });
  if (state.isMaximized) {
    window.maximize();
  }
  window.once('ready-to-show', () => window.show());
  rememberState(window, state, statePath, log);
  reloadAfterCrash(window, options);
  window.webContents.on('console-message', ({ level, message, sourceId, lineNumber }) => {
    if (level === 'error' || level === 'warning') {
      log.warn(`Page: ${message} (${sourceId}:${lineNumber})`);
    }
  });
  window.loadURL(pageUrl).catch((error: unknown) => log.error(`${pageUrl} did not load`, error));
  return window;
}

function rememberState(
  window: BrowserWindow,
  restored: WindowState,
  path: string,
  log: MainWindowOptions['log'],
): void {
  let { backgroundColor } = restored;
  let timer: NodeJS.Timeout | undefined;
  const save = (): void => {
    clearTimeout(timer);
    try {
      saveWindowState(path, {
        bounds: window.getNormalBounds(),
        isMaximized: window.isMaximized(),
        backgroundColor,
      });
    } catch (error) {
      log.error(`${path} could not be written`, error);
    }
  };
  const saveSoon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(save, SAVE_DELAY_MS);
  };
  window.on('resize', saveSoon);
  window.on('move', saveSoon);
  window.webContents.on('did-change-theme-color', (_event, color) => {
    if (color) {
      backgroundColor = color;
      window.setBackgroundColor(color);
      saveSoon();
    }
  });
  window.on('close', save);
}

/** Studies run in the main process and do not notice; the page comes back at the same place and fetches what it shows anew. */
function reloadAfterCrash(
  window: BrowserWindow,
  { log, onCrashLoop, onHang }: MainWindowOptions,
): void {
  const crashes: number[] = [];
  window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    if (reason === 'clean-exit') {
      return;
    }
    log.error(`The page is gone: ${reason} (${exitCode})`);
    const now = Date.now();
    crashes.push(now);
    if (crashes.filter((at) => now - at < CRASH_WINDOW_MS).length >= MAX_CRASHES) {
      crashes.length = 0;
      onCrashLoop(window);
      return;
    }
    // Loading within the event that tells of the crash would be too early.
    setImmediate(() => {
      if (!window.isDestroyed()) {
        window.webContents.reload();
      }
    });
  });
  window.on('unresponsive', () => {
    log.warn('The page does not respond');
    onHang(window);
  });
}
