import type { Emit, EventName, Events } from '../contract/contract.ts';

export type EventListener = <Name extends EventName>(name: Name, payload: Events[Name]) => void;

/** Fans events out to all who listen. A listener that throws does not keep the others from hearing. */
export class EventHub {
  readonly #listeners = new Set<EventListener>();

  readonly emit: Emit = (name, payload) => {
    for (const listener of [...this.#listeners]) {
      try {
        listener(name, payload);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  };

  onEmit(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** Calls `action` at most once per `intervalMs`, the first time at once, and always once more after the last request. */
export function throttle(
  intervalMs: number,
  action: () => void,
): { request(): void; cancel(): void } {
  let timer: NodeJS.Timeout | null = null;
  let isWanted = false;
  const run = (): void => {
    isWanted = false;
    // A program that has nothing else to do ends without it.
    timer = setTimeout(() => {
      timer = null;
      if (isWanted) run();
    }, intervalMs).unref();
    action();
  };
  return {
    request() {
      if (timer) isWanted = true;
      else run();
    },
    cancel() {
      if (timer) clearTimeout(timer);
      timer = null;
      isWanted = false;
    },
  };
}
