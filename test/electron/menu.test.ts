import type { MenuItemConstructorOptions } from 'electron';
import { describe, expect, it, vi } from 'vitest';

import { menuTemplate } from '../../src-main/electron/menu.ts';

const actions = () => ({
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
    const items = allItems(menuTemplate(all, { platform, isDevelopment: false }));
    for (const item of items) {
      item.click?.(undefined as never, undefined, undefined as never);
    }
    for (const action of Object.values(all)) {
      expect(action).toHaveBeenCalledOnce();
    }
    expect(items.some(({ role }) => role === 'quit')).toBe(true);
    expect(items.some(({ role }) => role === 'toggleDevTools')).toBe(false);
  });

  it('gives developers their tools', () => {
    const items = allItems(menuTemplate(actions(), { platform: 'linux', isDevelopment: true }));
    expect(items.some(({ role }) => role === 'toggleDevTools')).toBe(true);
  });

  it('has the menu of the app first on a Mac, with About in it', () => {
    const [first] = menuTemplate(actions(), { platform: 'darwin', isDevelopment: false });
    expect(first?.label).toBe('Parzen');
  });
});
