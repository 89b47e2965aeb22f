/** Finish times that the rate is taken from. */
const rateWindow = 10;

/** How far a run is and how fast it goes, in numbers. */
export class RunFigures {
  /** Of the study, whoever ran them. */
  finishedTrials = 0;
  /** Trained in this run. */
  epochs = 0;
  /** Trials that took the values of an equal one in this run. */
  nReused = 0;
  readonly startedAtMs: number;
  readonly #finishTimes: number[] = [];

  constructor(startedAtMs: number) {
    this.startedAtMs = startedAtMs;
  }

  /** A trial of this run has finished. */
  noteFinish(atMs: number): void {
    this.#finishTimes.push(atMs);
    if (this.#finishTimes.length > rateWindow) this.#finishTimes.shift();
  }

  /** Trials per second of late; null before the first has finished. */
  rate(): number | null {
    const times = this.#finishTimes;
    if (times.length === 0) return null;
    const from = times.length < rateWindow ? this.startedAtMs : (times[0] as number);
    const n = times.length < rateWindow ? times.length : times.length - 1;
    const seconds = ((times.at(-1) as number) - from) / 1000;
    return seconds > 0 ? n / seconds : null;
  }

  /** What is left until so many trials have finished, or so much time has passed; null where nothing says when it ends. */
  etaMs(targetTrials: number | null, timeoutMs: number | null, nowMs: number): number | null {
    const rate = this.rate();
    const byTrials =
      targetTrials !== null && rate !== null
        ? (Math.max(0, targetTrials - this.finishedTrials) / rate) * 1000
        : Infinity;
    const byTime =
      timeoutMs !== null ? Math.max(0, this.startedAtMs + timeoutMs - nowMs) : Infinity;
    const eta = Math.min(byTrials, byTime);
    return Number.isFinite(eta) ? Math.round(eta) : null;
  }
}
