/** One argument of a line for a POSIX shell, quoted where it needs to be. */
export function quoteArgument(text: string): string {
  return /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
