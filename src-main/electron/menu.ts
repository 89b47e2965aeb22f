import type { MenuItemConstructorOptions } from 'electron';

import type { AppCommand } from '../contract/app.ts';
import type { UserSettings } from '../contract/settings.ts';
import type { Offer } from '../services/app.ts';

export interface MenuActions {
  readonly openStudyFile: () => void;
  /** One of the page's own; only those it offers now are enabled. */
  readonly command: (command: AppCommand) => void;
  readonly showTab: (index: number) => void;
  readonly openRecent: (path: string) => void;
  readonly clearRecent: () => void;
  readonly setTheme: (theme: UserSettings['theme']) => void;
  readonly openLibraryFolder: () => void;
  readonly openLog: () => void;
}

export interface MenuContext {
  readonly platform: NodeJS.Platform;
  /** Adds what only developers need. */
  readonly isDevelopment: boolean;
  /** What the page can do now. */
  readonly offered: Offer;
  /** Newest first. */
  readonly recentFiles: readonly string[];
  readonly theme: UserSettings['theme'];
}

const themes = { system: 'As the &System', light: '&Light', dark: '&Dark' } as const;

/** The menu bar with the platform's own shortcuts. */
export function menuTemplate(
  actions: MenuActions,
  context: MenuContext,
): MenuItemConstructorOptions[] {
  const { platform, isDevelopment, offered } = context;
  const isMac = platform === 'darwin';
  const separator: MenuItemConstructorOptions = { type: 'separator' };
  const item = (
    command: AppCommand,
    label: string,
    accelerator?: string,
  ): MenuItemConstructorOptions => ({
    label,
    accelerator,
    enabled: offered.commands.has(command),
    click: () => actions.command(command),
  });
  const about = item('showAbout', 'About Parzen');
  const settings = item('showSettings', isMac ? 'Settings…' : '&Settings…', 'CmdOrCtrl+,');
  return [
    ...(isMac ? [macAppMenu(about, settings)] : []),
    {
      label: '&File',
      submenu: [
        item('newStudy', '&New Study…', 'CmdOrCtrl+N'),
        { label: '&Open Study File…', accelerator: 'CmdOrCtrl+O', click: actions.openStudyFile },
        recentMenu(actions, context.recentFiles),
        separator,
        item('exportCsv', '&Export Trials as CSV…', 'CmdOrCtrl+E'),
        separator,
        { label: 'Show Library &Folder', click: actions.openLibraryFolder },
        ...(isMac ? [] : [separator, settings]),
        separator,
        { role: 'close', label: 'Close &Window' },
        ...(isMac ? [] : [{ role: 'quit', label: '&Quit', accelerator: 'Ctrl+Q' } as const]),
      ],
    },
    {
      label: '&Edit',
      submenu: [
        // What was typed, where there is nothing else to take back.
        offered.commands.has('undo') ? item('undo', '&Undo', 'CmdOrCtrl+Z') : { role: 'undo' },
        { role: 'redo' },
        separator,
        { role: 'cut' },
        { role: 'copy' },
        { role: 'paste' },
        { role: 'delete' },
        separator,
        { role: 'selectAll' },
      ],
    },
    {
      label: '&Run',
      submenu: [
        item('startRun', '&Run or Resume', 'CmdOrCtrl+Enter'),
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
        ...offered.tabs.map((title, index) => ({
          label: withoutMnemonic(title),
          accelerator: `CmdOrCtrl+${index + 1}`,
          click: () => actions.showTab(index),
        })),
        separator,
        themeMenu(actions, context.theme),
        separator,
        ...(isDevelopment
          ? ([{ role: 'reload' }, { role: 'toggleDevTools' }, separator] as const)
          : []),
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
        item('showShortcuts', '&Keyboard Shortcuts'),
        { label: 'Show &Log File', click: actions.openLog },
        ...(isMac ? [] : [separator, about]),
      ],
    },
  ];
}

function recentMenu(
  { openRecent, clearRecent }: MenuActions,
  paths: readonly string[],
): MenuItemConstructorOptions {
  return {
    label: 'Open &Recent',
    enabled: paths.length > 0,
    submenu: [
      ...paths.map((path) => ({ label: withoutMnemonic(path), click: () => openRecent(path) })),
      { type: 'separator' },
      { label: '&Clear', click: clearRecent },
    ],
  };
}

function themeMenu(
  { setTheme }: MenuActions,
  current: UserSettings['theme'],
): MenuItemConstructorOptions {
  return {
    label: '&Theme',
    submenu: (Object.keys(themes) as (keyof typeof themes)[]).map((theme) => ({
      label: themes[theme],
      type: 'radio',
      checked: theme === current,
      click: () => setTheme(theme),
    })),
  };
}

/** A label in which & is no mark for the keyboard. */
function withoutMnemonic(label: string): string {
  return label.replaceAll('&', '&&');
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
