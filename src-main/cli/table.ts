/** Rows in columns as wide as their widest cell, numbers to the right. */
export function printTable(
  header: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): void {
  const cells = [header, ...rows].map((row) => row.map((cell) => printable(String(cell))));
  const widths = header.map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  for (const [i, row] of cells.entries()) {
    const line = row.map((cell, column) =>
      typeof rows[Math.max(0, i - 1)]?.[column] === 'number'
        ? cell.padStart(widths[column] ?? 0)
        : cell.padEnd(widths[column] ?? 0),
    );
    console.log(line.join('  ').trimEnd());
  }
}

/** Text of a study file as one line that a terminal only shows: line breaks and what terminals take for commands are escaped. */
export function printable(text: string): string {
  return text.replaceAll(
    /[^\P{Cc}\t]|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
