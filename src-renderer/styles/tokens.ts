/** Reads tokens.css, for what cannot use CSS variables: canvases, and Naive UI, which computes with its colours. */
export type ReadToken = (name: string) => string;

/** Valid until the theme changes. */
export function createTokenReader(element: Element = document.documentElement): ReadToken {
  const style = getComputedStyle(element);
  return (name) => expandHex(style.getPropertyValue(`--${name}`).trim());
}

/** Builds shorten #aabbcc to #abc; those who compute with colours expect six digits. */
export function expandHex(value: string): string {
  return value.replace(/^#([\da-f])([\da-f])([\da-f])$/i, '#$1$1$2$2$3$3');
}
