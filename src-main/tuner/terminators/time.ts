import { checkOptions, type OptionSpec } from '../options.ts';
import type { Terminator } from './terminator.ts';

export interface TimeOptions {
  /** Seconds since the terminator was made: since the run began. */
  seconds: number;
}

export const timeOptions: readonly OptionSpec[] = [
  {
    type: 'number',
    name: 'seconds',
    title: 'Seconds',
    description:
      'The study ends with the first trial that finishes so many seconds after its run began.',
    min: 0,
  },
];

/** Ends a study after some time. It is asked when a trial has finished; `timeoutMs` of `optimize` also starts no new trial. */
export class TimeTerminator implements Terminator {
  readonly name = 'time';
  readonly reason: string;
  readonly #seconds: number;
  readonly #startedAtMs = performance.now();

  /** @throws InvalidArgumentError for an unknown option or a wrong value. */
  constructor(options: TimeOptions) {
    this.#seconds = checkOptions<TimeOptions>('TimeTerminator', timeOptions, options).seconds;
    this.reason = `it has run for ${this.#seconds} seconds`;
  }

  async shouldTerminate(): Promise<boolean> {
    return performance.now() - this.#startedAtMs >= 1000 * this.#seconds;
  }
}
