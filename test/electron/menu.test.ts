import type { MenuItemConstructorOptions } from 'electron';
import { describe, expect, it, vi } from 'vitest';

import { appCommands } from '../../src-main/contract/app.ts';
import { menuTemplate } from '../../src-main/electron/menu.ts';

const offered = new Set(appCommands);

const actions = () => ({
  command: vi.fn(),
  openStudyFile: vi.fn(),
  openLibraryFolder: vi.fn(),
  openLog: vi.fn(),
  showAbout: vi.fn(),
});

function allItems(items: readonly MenuItemConstructorOptions[]): MenuItemConstructorOptions[] {
  return items.flatMap((item) => [
    item,
    ...(Array.isArray(item.submenu) ? allItems(item.submenu) : []),
  ]);
}

describe('menuTemplate', () => {
  it.each(['linux', 'win32', 'darwin'] as const)('offers every action once on %s', (platform) => {
    const all = actions();
    const items = allItems(menuTemplate(all, { platform, isDevelopment: false, offered }));
    for (const item of items) {
      item.click?.(undefined as never, undefined, undefined as never);
    }
    const { command, ...others } = all;
    for (const action of Object.values(others)) {
      expect(action).toHaveBeenCalledOnce();
    }
    expect(command.mock.calls.flat().sort()).toEqual([...appCommands].sort());
    expect(items.some(({ role }) => role === 'quit')).toBe(true);
    expect(items.some(({ role }) => role === 'toggleDevTools')).toBe(false);
  });

  it('enables what the page can do, and of the page’s commands nothing else', () => {
    const offered = new Set(['exportCsv'] as const);
    const all = actions();
    const items = allItems(menuTemplate(all, { platform: 'linux', isDevelopment: false, offered }));
    for (const item of items) {
      if (item.enabled !== false) {
        item.click?.(undefined as never, undefined, undefined as never);
      }
    }
    expect(all.command.mock.calls).toEqual([['exportCsv']]);
    expect(all.openStudyFile).toHaveBeenCalledOnce();
  });

  it.each(['linux', 'win32', 'darwin'] as const)(
    'gives no shortcut to two items on %s',
    (platform) => {
      const items = allItems(menuTemplate(actions(), { platform, isDevelopment: true, offered }));
      const shortcuts = items.flatMap(({ accelerator }) => accelerator ?? []);
      expect(new Set(shortcuts).size).toBe(shortcuts.length);
    },
  );

  it('gives developers their tools', () => {
    const items = allItems(
      menuTemplate(actions(), { platform: 'linux', isDevelopment: true, offered }),
    );
    expect(items.some(({ role }) => role === 'toggleDevTools')).toBe(true);
  });

  it('has the menu of the app first on a Mac, with About in it', () => {
    const [first] = menuTemplate(actions(), { platform: 'darwin', isDevelopment: false, offered });
    expect(first?.label).toBe('Parzen');
  });
});
