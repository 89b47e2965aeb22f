/** A reading that several may wait for: it ends early when none of them does any more. */
export class SharedReading<Result> {
  readonly #abort = new AbortController();
  readonly #result: Promise<Result>;
  #nWaiting = 0;

  /** @param read Begins at once. */
  constructor(read: (signal: AbortSignal) => Promise<Result>) {
    this.#result = read(this.#abort.signal);
  }

  /** Whether it was ended early: then nobody can wait for it any more. */
  get isGivenUp(): boolean {
    return this.#abort.signal.aborted;
  }

  /** @throws The signal's reason when that is aborted; what the reading throws. */
  async wait(signal: AbortSignal): Promise<Result> {
    this.#nWaiting++;
    const leave = (): void => {
      this.#nWaiting--;
      if (this.#nWaiting === 0) this.#abort.abort(signal.reason);
    };
    signal.addEventListener('abort', leave, { once: true });
    try {
      const result = await this.#result;
      signal.throwIfAborted();
      return result;
    } finally {
      signal.removeEventListener('abort', leave);
      if (!signal.aborted) this.#nWaiting--;
    }
  }
}
