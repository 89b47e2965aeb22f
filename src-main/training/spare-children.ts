import { availableParallelism } from 'node:os';
import type { TrialProcess, TrialProcessOptions } from './trial-process.ts';

/** How long a child is kept that no study wants. */
const KEEP_MS = 60_000;

interface Spare {
  readonly child: TrialProcess;
  readonly timer: NodeJS.Timeout;
}

/** Idle children of studies that have ended, one per core at most. The next study gets them warm: started, and with all that trials run compiled. */
export class SpareChildren {
  readonly #spares: Spare[] = [];
  #isClosed = false;

  /** One that was started in this very way; null where there is none. */
  take(options: TrialProcessOptions): TrialProcess | null {
    const found = this.#spares.findLast(
      ({ child }) => child.state === 'spare' && child.isLike(options),
    );
    if (!found) return null;
    this.#forget(found);
    return found.child;
  }

  /** Takes an idle child over. */
  async keep(child: TrialProcess): Promise<void> {
    if (this.#isClosed) return child.stop();
    child.release();
    const spare = { child, timer: setTimeout(() => void this.#end(spare), KEEP_MS).unref() };
    this.#spares.push(spare);
    const [oldest] = this.#spares;
    if (oldest && this.#spares.length > availableParallelism()) await this.#end(oldest);
  }

  /** Ends them, and from now on all that come. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#spares].map((spare) => this.#end(spare)));
  }

  async #end(spare: Spare): Promise<void> {
    this.#forget(spare);
    await spare.child.stop();
  }

  #forget(spare: Spare): void {
    clearTimeout(spare.timer);
    this.#spares.splice(this.#spares.indexOf(spare), 1);
  }
}
