import type { RunLogLine } from '../contract/runs.ts';

/** Lines that are kept for windows that look later. */
const MAX_LINES = 500;

/** What the runs of one study said last, in this session. */
export class RunLog {
  readonly #tell: (line: RunLogLine) => void;
  #lines: RunLogLine[] = [];
  #nSaid = 0;

  /** @param tell Told of every line. */
  constructor(tell: (line: RunLogLine) => void) {
    this.#tell = tell;
  }

  /** The oldest first. */
  get lines(): readonly RunLogLine[] {
    return this.#lines;
  }

  add(level: RunLogLine['level'], message: string): void {
    const line = { index: this.#nSaid++, level, message, atMs: Date.now() };
    this.#lines.push(line);
    // Not line by line, which would move all others each time.
    if (this.#lines.length >= 2 * MAX_LINES) this.#lines = this.#lines.slice(-MAX_LINES);
    this.#tell(line);
  }
}
