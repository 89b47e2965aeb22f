/** Longer lines are cut into several. */
const MAX_CHARACTERS = 65_536;

/** Puts the pieces that a stream arrives in together to lines. */
export interface LineSplitter {
  push(text: string): void;
  /** The stream is over: what has no line end is a line too. */
  end(): void;
}

/** Lines come without their ends, `\n` or `\r\n`. */
export function splitLines(onLine: (line: string) => void): LineSplitter {
  let rest = '';
  return {
    push(text) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() as string;
      for (const line of lines) onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
      for (; rest.length > MAX_CHARACTERS; rest = rest.slice(MAX_CHARACTERS))
        onLine(rest.slice(0, MAX_CHARACTERS));
    },
    end() {
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
}
