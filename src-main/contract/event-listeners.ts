import type { EventName, Events } from './contract.ts';

type Listener = (payload: never) => void;

/** Who listens to which event on the window's side of a transport. */
export class EventListeners {
  readonly #byName = new Map<string, Set<{ readonly listener: Listener }>>();
  readonly #onFirst: (name: string) => void;
  readonly #onLast: (name: string) => void;

  /** The functions are called when an event gets its first listener and when it lost its last. */
  constructor(onFirst: (name: string) => void, onLast: (name: string) => void) {
    this.#onFirst = onFirst;
    this.#onLast = onLast;
  }

  /** The events that somebody listens to. */
  names(): string[] {
    return [...this.#byName.keys()];
  }

  /** @returns A function that ends the subscription; calling it again does nothing. */
  subscribe<Name extends EventName>(
    name: Name,
    listener: (payload: Events[Name]) => void,
  ): () => void {
    const subscription = { listener };
    const subscriptions = this.#byName.get(name);
    if (subscriptions) {
      subscriptions.add(subscription);
    } else {
      this.#byName.set(name, new Set([subscription]));
      this.#onFirst(name);
    }
    return () => {
      const current = this.#byName.get(name);
      if (current?.delete(subscription) && current.size === 0) {
        this.#byName.delete(name);
        this.#onLast(name);
      }
    };
  }

  /** Tells all listeners. One that throws does so on its own: the others are told all the same. */
  publish(name: string, payload: unknown): void {
    for (const { listener } of [...(this.#byName.get(name) ?? [])]) {
      try {
        listener(payload as never);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
