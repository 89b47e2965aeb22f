/** The desktop app: services, windows and the contract between them over Electron IPC. */
import { basename, dirname, join } from 'node:path';

import {
  app,
  type BrowserWindow,
  dialog,
  Menu,
  nativeTheme,
  Notification,
  session,
  shell,
} from 'electron';
import log from 'electron-log/main';

import { appPaths } from '../app-paths.ts';
import { appVersion } from '../app-version.ts';
import type { RunStatus } from '../contract/runs.ts';
import type { UserSettings } from '../contract/settings.ts';
import { openStorage } from '../open-storage.ts';
import { openPage } from '../page.ts';
import type { Offer } from '../services/app.ts';
import { throttle } from '../services/events.ts';
import { createServices, type Services } from '../services/services.ts';
import { createDispatch } from '../transports/dispatcher.ts';
import { serveIpc } from '../transports/electron-ipc.ts';
import { setLogger } from '../tuner/logger.ts';
import { appOrigin, registerAppScheme, serveApp } from './app-protocol.ts';
import { Background } from './background.ts';
import { askOnClose } from './closing.ts';
import { studyFilesIn } from './command-line.ts';
import { pickPath } from './dialogs.ts';
import { menuTemplate } from './menu.ts';
import { endOfRunNotice, runLine, RunProgress } from './run-progress.ts';
import { isOfOrigin, secureApp } from './security.ts';
import { SleepBlocker } from './sleep-blocker.ts';
import { createMainWindow } from './window.ts';

const paths = appPaths();
const configDir = dirname(paths.settings);
/** Files in the menu; the library lists more. */
const MAX_RECENT = 10;
/** Vite's server while developing; the built page otherwise. */
const developmentUrl = app.isPackaged ? undefined : process.env.ELECTRON_RENDERER_URL;
const pageUrl = developmentUrl ?? `${appOrigin}/`;
const pageOrigin = developmentUrl ? new URL(developmentUrl).origin : appOrigin;

log.transports.file.resolvePathFn = () => paths.log;
log.errorHandler.startCatching({ showDialog: app.isPackaged });
setLogger(log);

app.setName('Parzen');
app.setPath('userData', join(configDir, 'window'));
registerAppScheme();

let services: Services | undefined;
let mainWindow: BrowserWindow | null = null;
let isQuitting = false;
const runs = new RunProgress();
const sleepBlocker = new SleepBlocker();
const background = new Background({
  iconPath: iconPath(32),
  showWindow,
  quit: () => app.quit(),
});
/** Study files that the system asked for before the services were there. */
let filesToOpen = studyFilesIn(process.argv, process.cwd());

if (app.requestSingleInstanceLock()) {
  // Not awaited here: Electron is not ready before its main module has been evaluated.
  start().catch(fail);
} else {
  // The first instance is told of this one's command line, and shows itself.
  app.quit();
}

async function start(): Promise<void> {
  app.on('second-instance', (_event, argv, workingDirectory) => {
    showWindow();
    openFiles(studyFilesIn(argv, workingDirectory));
  });
  app.on('open-file', (event, path) => {
    event.preventDefault();
    openFiles([path]);
  });
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin' && !background.isShown) {
      app.quit();
    }
  });
  app.on('activate', showWindow);
  await app.whenReady();

  secureApp({ pageOrigin, log });
  if (!developmentUrl) {
    serveApp(session.defaultSession, openPage(join(import.meta.dirname, '../renderer')));
  }
  services = await createServices({
    openStorage,
    libraryPath: paths.library,
    canMoveLibrary: true,
    reopensFiles: true,
    settingsPath: paths.settings,
    trustedPath: paths.trusted,
    shell: 'desktop',
    appVersion,
    logPath: paths.log,
    pickPath: (purpose, defaultName) => pickPath(mainWindow, purpose, defaultName),
    revealFile: (path) => shell.showItemInFolder(path),
  });
  log.info(`Parzen ${appVersion} started, with ${services.library.defaultStorageId}`);
  closeServicesBeforeQuit(services);
  const ipc = serveIpc({
    dispatch: createDispatch(services.handlers, log),
    onEmit: services.onEmit,
    isOurPage: ({ url }) => isOfOrigin(url, pageOrigin),
    log,
  });
  app.on('browser-window-created', (_event, window) => ipc.attach(window.webContents));
  applySettings(services.settings.user);
  services.onEmit((name, payload) => {
    if (name === 'settings.changed') {
      applySettings(payload as UserSettings);
    }
  });
  showRuns(services);
  showMenu(services);
  showWindow();
  openFiles(filesToOpen);
}

function iconPath(size: number): string {
  return join(import.meta.dirname, `../../resources/icons/${size}x${size}.png`);
}

function applySettings({ theme, preventSleep }: UserSettings): void {
  nativeTheme.themeSource = theme;
  sleepBlocker.set(preventSleep && runs.nActive > 0);
}

/** The menu bar, always with what the page can do just now. */
function showMenu({ library, requests, settings, onEmit }: Services): void {
  let offered: Offer = { commands: new Set(), tabs: [] };
  const show = (): void => {
    const template = menuTemplate(
      {
        openStudyFile: () => void openChosenFile(),
        openRecent: (path) => openFiles([path]),
        clearRecent: () => settings.clearRecentFiles(),
        command: (command) => requests.command(command),
        showTab: (index) => requests.showTab(index),
        setTheme: (theme) => settings.change({ theme }),
        openLibraryFolder: () => shell.showItemInFolder(library.defaultStorageId),
        openLog: () => shell.showItemInFolder(paths.log),
      },
      {
        platform: process.platform,
        isDevelopment: !app.isPackaged,
        offered,
        recentFiles: settings.recentFiles().slice(0, MAX_RECENT),
        theme: settings.user.theme,
      },
    );
    Menu.setApplicationMenu(Menu.buildFromTemplate(template));
  };
  show();
  requests.onOffer = (offer) => {
    offered = offer;
    show();
  };
  settings.onRecentFiles = show;
  onEmit((name) => {
    if (name === 'settings.changed') {
      show();
    }
  });
}

function showWindow(): void {
  if (!services) {
    return;
  }
  if (mainWindow) {
    if (mainWindow.isMinimized()) {
      mainWindow.restore();
    }
    mainWindow.show();
    mainWindow.focus();
    return;
  }
  mainWindow = createMainWindow({
    pageUrl,
    preloadPath: join(import.meta.dirname, '../preload/preload.cjs'),
    iconPath: iconPath(256),
    statePath: join(configDir, 'window-state.json'),
    log,
    onCrashLoop: (window) => void offerReload(window),
    onHang: (window) => void offerToEndHang(window),
  });
  background.hide();
  const { requests } = services;
  holdWhileRunning(mainWindow, services);
  mainWindow.webContents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
    if (isMainFrame && !isSameDocument) {
      requests.forgetPage();
    }
  });
  mainWindow.on('closed', () => {
    mainWindow = null;
    requests.forgetPage();
  });
}

/** Closing the window does not end running studies before the user has said so. Without windows, a Mac's programs go on anyway. */
function holdWhileRunning(window: BrowserWindow, { settings }: Services): void {
  let isAsking = false;
  window.on('close', (event) => {
    if (isQuitting || runs.nActive === 0 || process.platform === 'darwin') {
      return;
    }
    const { onClose } = settings.user;
    if (onClose === 'keepRunning') {
      background.show();
    }
    if (onClose !== 'ask') {
      return;
    }
    event.preventDefault();
    if (isAsking) {
      return;
    }
    isAsking = true;
    askOnClose(window, runs.nActive, (answer) => settings.change({ onClose: answer }))
      .then((decision) => {
        if (decision === 'keepRunning') {
          background.show();
          window.destroy();
        } else if (decision === 'quit') {
          app.quit();
        }
      })
      .catch((error: unknown) => log.error('The window could not be closed', error))
      .finally(() => (isAsking = false));
  });
}

/** Quits only after running trials went back into the queue and the files are closed. */
function closeServicesBeforeQuit(open: Services): void {
  let isClosed = false;
  let closing: Promise<void> | undefined;
  app.on('before-quit', (event) => {
    isQuitting = true;
    if (isClosed) {
      return;
    }
    event.preventDefault();
    mainWindow?.hide();
    closing ??= open
      .close()
      .catch((error: unknown) => log.error('The services could not be closed', error))
      .then(() => {
        isClosed = true;
        app.quit();
      });
  });
}

/** Progress in the taskbar or dock, and a notification when a study ends while nobody looks. */
function showRuns({ onEmit, handlers, library, requests, settings }: Services): void {
  const describe = async (): Promise<void> => {
    const studies = await Promise.all(
      runs.active.map(async (run) => ({
        label: runLine((await library.summary(run.key)).studyName, run),
        show: () => {
          showWindow();
          requests.showStudy(run.key);
        },
      })),
    );
    background.describe(runs.summary, studies);
  };
  // Where a menu is open, a new one takes its place: not too often.
  const describing = throttle(1000, () => {
    describe().catch((error: unknown) => log.warn('The tray menu could not be renewed', error));
  });
  describing.request();
  onEmit((name, payload) => {
    if (name !== 'run.changed') {
      return;
    }
    const ended = runs.update(payload as RunStatus);
    describing.request();
    sleepBlocker.set(settings.user.preventSleep && runs.nActive > 0);
    const { progress } = runs;
    mainWindow?.setProgressBar(progress === 'unknown' ? 2 : (progress ?? -1));
    const isWanted = settings.user.notifications && Notification.isSupported();
    if (ended && isWanted && !mainWindow?.isFocused()) {
      const { signal } = new AbortController();
      handlers['studies.get']({ key: ended.key }, { signal })
        .then(({ summary }) => {
          const notification = new Notification(endOfRunNotice(summary.studyName, ended));
          notification.on('click', () => {
            showWindow();
            requests.showStudy(ended.key);
          });
          notification.show();
        })
        .catch((error: unknown) => log.warn('No notification was shown', error));
    }
  });
}

async function openChosenFile(): Promise<void> {
  const path = await pickPath(mainWindow, 'study-file');
  if (path !== null) {
    openFiles([path]);
  }
}

/** Opens study files that were named outside the window, and shows them in it. */
function openFiles(files: readonly string[]): void {
  if (!services) {
    filesToOpen = [...filesToOpen, ...files];
    return;
  }
  for (const path of files) {
    void openFile(services, path, false);
  }
}

async function openFile(open: Services, path: string, migrate: boolean): Promise<void> {
  try {
    const { storageId } = await open.library.open(path, { migrate });
    showWindow();
    await open.requests.showFile(storageId);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    log.warn(`${path} could not be opened`, error);
    const canMigrate = code === 'STORAGE_NEEDS_MIGRATION';
    const { response } = await dialog.showMessageBox({
      type: canMigrate ? 'question' : 'error',
      message: canMigrate
        ? `Convert ${basename(path)} to the schema of today’s Optuna?`
        : `${basename(path)} could not be opened`,
      detail: canMigrate ? `${message}\n\nA copy is kept beside the file.` : message,
      buttons: canMigrate ? ['Convert', 'Cancel'] : ['OK'],
      cancelId: canMigrate ? 1 : 0,
    });
    if (canMigrate && response === 0) {
      await openFile(open, path, true);
    }
  }
}

async function offerReload(window: BrowserWindow): Promise<void> {
  const { response } = await dialog.showMessageBox({
    type: 'error',
    message: 'The window crashed several times',
    detail: `Running studies go on. The log says more: ${paths.log}`,
    buttons: ['Load Again', 'Quit'],
    cancelId: 0,
  });
  if (response === 1) {
    app.quit();
  } else if (!window.isDestroyed()) {
    // Not where it was: that may be what it crashes of.
    await window.loadURL(pageUrl);
  }
}

/** A crash is what one can come back from: the page is loaded again where it was. */
async function offerToEndHang(window: BrowserWindow): Promise<void> {
  const answered = new AbortController();
  window.once('responsive', () => answered.abort());
  const { response } = await dialog.showMessageBox(window, {
    type: 'warning',
    message: 'The window does not respond',
    detail: 'Running studies go on. Loading it again loses nothing that was saved.',
    buttons: ['Wait', 'Load Again'],
    defaultId: 0,
    cancelId: 0,
    signal: answered.signal,
  });
  if (response === 1 && !window.isDestroyed()) {
    window.webContents.forcefullyCrashRenderer();
  }
}

/** Without services there is nothing to show in a window. */
function fail(error: unknown): void {
  log.error('Parzen could not start', error);
  const message = error instanceof Error ? error.message : String(error);
  dialog.showErrorBox('Parzen could not start', `${message}\n\nThe log: ${paths.log}`);
  app.exit(1);
}
