/** Reads tokens.css, for what cannot use CSS variables: canvases, and Naive UI, which computes with its colours. */
export type ReadToken = (name: string) => string;

/** Valid until the theme changes. */
export function createTokenReader(element: Element = document.documentElement): ReadToken {
  const style = getComputedStyle(element);
  return (name) => style.getPropertyValue(`--${name}`).trim();
}
