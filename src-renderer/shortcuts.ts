/** The keys of the window's commands. `mod` is Cmd on a Mac and Ctrl elsewhere. */
export const shortcuts = {
  commands: 'mod+k',
  newStudy: 'mod+n',
  openFile: 'mod+o',
  exportCsv: 'mod+e',
  start: 'mod+enter',
  library: 'mod+l',
  settings: 'mod+,',
  undo: 'mod+z',
  help: '?',
} as const;
export type Shortcut = (typeof shortcuts)[keyof typeof shortcuts] | `mod+${number}`;

/** Browsers keep these for themselves. */
const keptByBrowsers: readonly string[] = [shortcuts.newStudy, shortcuts.library];

/** Whether the page hears of the keys: in the desktop window always. */
export function isAvailable(shortcut: Shortcut, isDesktop: boolean): boolean {
  return isDesktop || !(keptByBrowsers.includes(shortcut) || /^mod\+\d$/.test(shortcut));
}

export interface PressedKeys {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

/** The shortcut that was pressed, as it is written here; letters and signs of a single key count as they are. */
export function shortcutOf(event: PressedKeys, isMac: boolean): string {
  const hasMod = isMac ? event.metaKey : event.ctrlKey;
  const key = event.key.toLowerCase();
  if (event.altKey || (isMac ? event.ctrlKey : event.metaKey)) return '';
  // A sign may need Shift on one keyboard and not on another.
  if (event.shiftKey && (hasMod || key.length > 1)) return '';
  return hasMod ? `mod+${key}` : key;
}

/** As the platform writes it: Ctrl+K, ⌘K. */
export function shortcutLabel(shortcut: Shortcut, isMac: boolean): string {
  const [key = '', mod] = shortcut.split('+').reverse();
  const name = key === 'enter' ? (isMac ? '↩' : 'Enter') : key.toUpperCase();
  if (mod === undefined) return name;
  return isMac ? `⌘${name}` : `Ctrl+${name}`;
}

/** Of the page. */
export const isMac = typeof navigator !== 'undefined' && /mac/i.test(navigator.platform);
