interface Place {
  readonly studyName: string;
  readonly path: string;
}

/** The line that continues (or lists) the study in a terminal. */
export function cliLine({ studyName, path }: Place, isRunnable: boolean): string {
  const command = isRunnable ? 'resume' : 'trials';
  return `npx parzen ${command} ${quoteForShell(studyName)} --storage ${quoteForShell(path)}`;
}

/** JSON that people read: lists of plain values take one line. */
export function readableJson(value: unknown, indent = ''): string {
  const inner = `${indent}  `;
  const isNested = (child: unknown): boolean => typeof child === 'object' && child !== null;
  const lines = (open: string, items: readonly string[], close: string): string =>
    items.length === 0
      ? open + close
      : `${open}\n${items.map((item) => inner + item).join(',\n')}\n${indent}${close}`;
  if (Array.isArray(value))
    return value.some(isNested)
      ? lines(
          '[',
          value.map((child) => readableJson(child, inner)),
          ']',
        )
      : `[${value.map((child) => JSON.stringify(child)).join(', ')}]`;
  if (!isNested(value)) return JSON.stringify(value);
  const entries = Object.entries(value as Record<string, unknown>);
  return lines(
    '{',
    entries.map(([name, child]) => `${JSON.stringify(name)}: ${readableJson(child, inner)}`),
    '}',
  );
}

/** For a POSIX shell: single quotes, where the text needs them. */
function quoteForShell(argument: string): string {
  return /^[\w./:=@%+-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}
