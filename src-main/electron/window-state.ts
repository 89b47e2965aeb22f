import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import type { Rectangle } from 'electron';
import { z } from 'zod';

const windowState = z.object({
  bounds: z
    .object({
      x: z.number().int(),
      y: z.number().int(),
      width: z.number().int().positive(),
      height: z.number().int().positive(),
    })
    .optional(),
  isMaximized: z.boolean().optional(),
  /** Of the page, so that the next window opens in its colour. */
  backgroundColor: z
    .string()
    .regex(/^#[0-9a-f]{6,8}$/i)
    .optional(),
});

/** Where the window was and how it looked; nothing of what it showed. */
export type WindowState = z.infer<typeof windowState>;

/** The state that was saved last; empty when there is none that can be read. */
export function loadWindowState(path: string): WindowState {
  try {
    return windowState.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return {};
  }
}

/** @throws Error of Node when the file cannot be written. */
export function saveWindowState(path: string, state: WindowState): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.tmp`, JSON.stringify(state, null, 2));
  renameSync(`${path}.tmp`, path);
}

/** Whether enough of the window would be on one of the screens to take hold of it. */
export function isReachable(bounds: Rectangle, workAreas: readonly Rectangle[]): boolean {
  const grip = { width: 100, height: 40 };
  return workAreas.some((area) => {
    const shownWidth =
      Math.min(bounds.x + bounds.width, area.x + area.width) - Math.max(bounds.x, area.x);
    // The title bar is what one takes hold of.
    const isTitleShown =
      bounds.y >= area.y - grip.height / 2 && bounds.y <= area.y + area.height - grip.height;
    return shownWidth >= grip.width && isTitleShown;
  });
}
