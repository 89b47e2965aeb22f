import { describe, expect, it } from 'vitest';

import {
  isAvailable,
  type PressedKeys,
  shortcutLabel,
  shortcutOf,
  shortcuts,
} from '../../src-renderer/shortcuts.ts';

function press(key: string, modifiers: Partial<PressedKeys> = {}): PressedKeys {
  return { key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...modifiers };
}

describe('shortcutOf', () => {
  it('takes Ctrl, and on a Mac Cmd', () => {
    expect(shortcutOf(press('k', { ctrlKey: true }), false)).toBe(shortcuts.commands);
    expect(shortcutOf(press('k', { metaKey: true }), true)).toBe(shortcuts.commands);
    expect(shortcutOf(press('k', { metaKey: true }), false)).toBe('');
    expect(shortcutOf(press('k', { ctrlKey: true }), true)).toBe('');
  });

  it('knows a sign by what it is, with Shift or without', () => {
    expect(shortcutOf(press('?', { shiftKey: true }), false)).toBe(shortcuts.help);
    expect(shortcutOf(press('?'), false)).toBe(shortcuts.help);
  });

  it('knows nothing of more keys than it names', () => {
    expect(shortcutOf(press('K', { ctrlKey: true, shiftKey: true }), false)).toBe('');
    expect(shortcutOf(press('k', { ctrlKey: true, altKey: true }), false)).toBe('');
    expect(shortcutOf(press('Tab', { shiftKey: true }), false)).toBe('');
  });
});

describe('shortcutLabel', () => {
  it('is written as the platform does', () => {
    expect(shortcutLabel(shortcuts.settings, false)).toBe('Ctrl+,');
    expect(shortcutLabel(shortcuts.settings, true)).toBe('⌘,');
    expect(shortcutLabel(shortcuts.start, false)).toBe('Ctrl+Enter');
    expect(shortcutLabel('mod+2', true)).toBe('⌘2');
    expect(shortcutLabel(shortcuts.help, false)).toBe('?');
  });
});

describe('isAvailable', () => {
  it('leaves to browsers what they keep', () => {
    expect(isAvailable(shortcuts.newStudy, false)).toBe(false);
    expect(isAvailable('mod+1', false)).toBe(false);
    expect(isAvailable(shortcuts.commands, false)).toBe(true);
    expect(isAvailable(shortcuts.newStudy, true)).toBe(true);
  });

  it('has no keys twice', () => {
    const all = Object.values(shortcuts);
    expect(new Set(all).size).toBe(all.length);
  });
});
