import type { MenuItemConstructorOptions } from 'electron';
import { describe, expect, it, vi } from 'vitest';

import { appCommands } from '../../src-main/contract/app.ts';
import { menuTemplate, type MenuContext } from '../../src-main/electron/menu.ts';

const context: MenuContext = {
  platform: 'linux',
  isDevelopment: false,
  offered: { commands: new Set(appCommands), tabs: [] },
  recentFiles: [],
  theme: 'system',
};

const actions = () => ({
  command: vi.fn(),
  openStudyFile: vi.fn(),
  openLibraryFolder: vi.fn(),
  openLog: vi.fn(),
  showTab: vi.fn(),
  openRecent: vi.fn(),
  clearRecent: vi.fn(),
  setTheme: vi.fn(),
});

/** What Electron hands to a click, which no item looks at. */
const nothing = [undefined as never, undefined, undefined as never] as const;

function allItems(items: readonly MenuItemConstructorOptions[]): MenuItemConstructorOptions[] {
  return items.flatMap((item) => [
    item,
    ...(Array.isArray(item.submenu) ? allItems(item.submenu) : []),
  ]);
}

describe('menuTemplate', () => {
  it.each(['linux', 'win32', 'darwin'] as const)('offers every action once on %s', (platform) => {
    const all = actions();
    const items = allItems(menuTemplate(all, { ...context, platform }));
    for (const item of items) {
      item.click?.(...nothing);
    }
    for (const name of ['openStudyFile', 'clearRecent', 'openLibraryFolder', 'openLog'] as const) {
      expect(all[name]).toHaveBeenCalledOnce();
    }
    const { command } = all;
    expect(command.mock.calls.flat().sort()).toEqual([...appCommands].sort());
    expect(items.some(({ role }) => role === 'quit')).toBe(true);
    expect(items.some(({ role }) => role === 'toggleDevTools')).toBe(false);
  });

  it('enables what the page can do, and of the page’s commands nothing else', () => {
    const offered = { commands: new Set(['exportCsv'] as const), tabs: [] };
    const all = actions();
    const items = allItems(menuTemplate(all, { ...context, offered }));
    for (const item of items) {
      if (item.enabled !== false) {
        item.click?.(...nothing);
      }
    }
    expect(all.command.mock.calls).toEqual([['exportCsv']]);
    expect(all.openStudyFile).toHaveBeenCalledOnce();
  });

  it.each(['linux', 'win32', 'darwin'] as const)(
    'gives no shortcut to two items on %s',
    (platform) => {
      const items = allItems(
        menuTemplate(actions(), { ...context, platform, isDevelopment: true }),
      );
      const shortcuts = items.flatMap(({ accelerator }) => accelerator ?? []);
      expect(new Set(shortcuts).size).toBe(shortcuts.length);
    },
  );

  it('lists recent files under their own names, and opens the one that is chosen', () => {
    const all = actions();
    const recentFiles = ['/tmp/a & b.db', '/tmp/c.db'];
    const items = allItems(menuTemplate(all, { ...context, recentFiles }));
    items.find(({ label }) => label === '/tmp/a && b.db')?.click?.(...nothing);
    expect(all.openRecent.mock.calls).toEqual([['/tmp/a & b.db']]);
  });

  it('has the tabs of the study that is shown, by number', () => {
    const all = actions();
    const offered = { commands: new Set<never>(), tabs: ['Show Overview', 'Show Trials'] };
    const items = allItems(menuTemplate(all, { ...context, offered }));
    items.find(({ accelerator }) => accelerator === 'CmdOrCtrl+2')?.click?.(...nothing);
    expect(all.showTab.mock.calls).toEqual([[1]]);
  });

  it('marks the theme, and sets another', () => {
    const all = actions();
    const items = allItems(menuTemplate(all, { ...context, theme: 'dark' }));
    const themes = items.filter(({ type }) => type === 'radio');
    expect(themes.map(({ checked }) => checked)).toEqual([false, false, true]);
    themes[1]?.click?.(...nothing);
    expect(all.setTheme.mock.calls).toEqual([['light']]);
  });

  it('gives developers their tools', () => {
    const items = allItems(menuTemplate(actions(), { ...context, isDevelopment: true }));
    expect(items.some(({ role }) => role === 'toggleDevTools')).toBe(true);
  });

  it('has the menu of the app first on a Mac, with About in it', () => {
    const [first] = menuTemplate(actions(), { ...context, platform: 'darwin' });
    expect(first?.label).toBe('Parzen');
  });
});
