import type { MenuItemConstructorOptions } from 'electron';

export interface MenuActions {
  readonly openStudyFile: () => void;
  readonly openLibraryFolder: () => void;
  readonly openLog: () => void;
  readonly showAbout: () => void;
}

/** The menu bar with the platform's own shortcuts; `isDevelopment` adds what only developers need. */
export function menuTemplate(
  actions: MenuActions,
  { platform, isDevelopment }: { platform: NodeJS.Platform; isDevelopment: boolean },
): MenuItemConstructorOptions[] {
  const isMac = platform === 'darwin';
  const about: MenuItemConstructorOptions = { label: 'About Parzen', click: actions.showAbout };
  const separator: MenuItemConstructorOptions = { type: 'separator' };
  return [
    ...(isMac ? [macAppMenu(about)] : []),
    {
      label: '&File',
      submenu: [
        { label: '&Open Study File…', accelerator: 'CmdOrCtrl+O', click: actions.openStudyFile },
        { label: 'Show &Library Folder', click: actions.openLibraryFolder },
        separator,
        isMac ? { role: 'close' } : { role: 'quit', label: '&Quit', accelerator: 'Ctrl+Q' },
      ],
    },
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
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

function macAppMenu(about: MenuItemConstructorOptions): MenuItemConstructorOptions {
  return {
    label: 'Parzen',
    submenu: [
      about,
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
