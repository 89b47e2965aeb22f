import type { MenuItemConstructorOptions } from 'electron';

import type { AppCommand } from '../contract/app.ts';

export interface MenuActions {
  readonly openStudyFile: () => void;
  /** One of the page's own; only those it offers now are enabled. */
  readonly command: (command: AppCommand) => void;
  readonly openLibraryFolder: () => void;
  readonly openLog: () => void;
  readonly showAbout: () => void;
}

export interface MenuContext {
  readonly platform: NodeJS.Platform;
  /** Adds what only developers need. */
  readonly isDevelopment: boolean;
  /** What the page can do now. */
  readonly offered: ReadonlySet<AppCommand>;
}

/** The menu bar with the platform's own shortcuts. */
export function menuTemplate(
  actions: MenuActions,
  { platform, isDevelopment, offered }: MenuContext,
): MenuItemConstructorOptions[] {
  const isMac = platform === 'darwin';
  const about: MenuItemConstructorOptions = { label: 'About Parzen', click: actions.showAbout };
  const separator: MenuItemConstructorOptions = { type: 'separator' };
  const item = (
    command: AppCommand,
    label: string,
    accelerator?: string,
  ): MenuItemConstructorOptions => ({
    label,
    accelerator,
    enabled: offered.has(command),
    click: () => actions.command(command),
  });
  const settings = item('showSettings', isMac ? 'Settings…' : '&Settings…', 'CmdOrCtrl+,');
  return [
    ...(isMac ? [macAppMenu(about, settings)] : []),
    {
      label: '&File',
      submenu: [
        item('newStudy', '&New Study…', 'CmdOrCtrl+N'),
        { label: '&Open Study File…', accelerator: 'CmdOrCtrl+O', click: actions.openStudyFile },
        item('exportCsv', '&Export Trials as CSV…', 'CmdOrCtrl+E'),
        separator,
        { label: 'Show Library &Folder', click: actions.openLibraryFolder },
        ...(isMac ? [] : [separator, settings]),
        separator,
        isMac ? { role: 'close' } : { role: 'quit', label: '&Quit', accelerator: 'Ctrl+Q' },
      ],
    },
    { role: 'editMenu' },
    {
      label: '&Study',
      submenu: [
        item('startRun', '&Run', 'CmdOrCtrl+Enter'),
        item('pauseRun', '&Pause'),
        item('stopRun', '&Stop'),
      ],
    },
    {
      label: '&View',
      submenu: [
        item('showLibrary', '&Library', 'CmdOrCtrl+L'),
        item('showCommands', '&Commands…', 'CmdOrCtrl+K'),
        separator,
        { role: 'reload', label: '&Reload Page' },
        ...(isDevelopment ? [{ role: 'toggleDevTools' } as const] : []),
        separator,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        separator,
        { role: 'togglefullscreen' },
      ],
    },
    { role: 'windowMenu' },
    {
      role: 'help',
      submenu: [
        { label: 'Open &Log File', click: actions.openLog },
        ...(isMac ? [] : [separator, about]),
      ],
    },
  ];
}

function macAppMenu(
  about: MenuItemConstructorOptions,
  settings: MenuItemConstructorOptions,
): MenuItemConstructorOptions {
  return {
    label: 'Parzen',
    submenu: [
      about,
      { type: 'separator' },
      settings,
      { type: 'separator' },
      { role: 'services' },
      { type: 'separator' },
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      { type: 'separator' },
      { role: 'quit' },
    ],
  };
}
