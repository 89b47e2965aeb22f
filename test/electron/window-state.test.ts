import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import {
  isReachable,
  loadWindowState,
  saveWindowState,
} from '../../src-main/electron/window-state.ts';

describe('window state', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'parzen-window-state-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('is what was saved, in folders that are made for it, with nothing left beside it', () => {
    const path = join(dir, 'a', 'b', 'state.json');
    const state = {
      bounds: { x: -5, y: 20, width: 900, height: 700 },
      isMaximized: true,
      backgroundColor: '#18181b',
    };
    saveWindowState(path, state);
    expect(loadWindowState(path)).toEqual(state);
    expect(readdirSync(join(dir, 'a', 'b'))).toEqual(['state.json']);
  });

  it.each([
    ['not JSON', 'x'],
    ['another thing', '[]'],
    ['no size', '{"bounds":{"x":0,"y":0,"width":0,"height":0}}'],
    ['a colour that is none', '{"backgroundColor":"red; x: url(y)"}'],
  ])('is empty when the file has %s', (_title, content) => {
    const path = join(dir, 'state.json');
    writeFileSync(path, content);
    expect(loadWindowState(path)).toEqual({});
  });

  it('is empty when there is no file', () => {
    expect(loadWindowState(join(dir, 'none.json'))).toEqual({});
  });
});

describe('isReachable', () => {
  const left = { x: 0, y: 0, width: 1920, height: 1040 };
  const right = { x: 1920, y: 0, width: 1280, height: 1024 };
  const size = { width: 1000, height: 700 };

  it.each([
    ['in the middle', { x: 100, y: 100 }, true],
    ['on the second screen', { x: 2000, y: 50 }, true],
    ['across both', { x: 1500, y: 50 }, true],
    ['a corner of the title bar', { x: -900, y: 10 }, true],
    ['a sliver only', { x: -950, y: 10 }, false],
    ['on a screen that is gone', { x: 4000, y: 50 }, false],
    ['title bar above the screen', { x: 100, y: -300 }, false],
    ['title bar below the screen', { x: 100, y: 1030 }, false],
  ])('%s', (_title, position, expected) => {
    expect(isReachable({ ...position, ...size }, [left, right])).toBe(expected);
  });
});
