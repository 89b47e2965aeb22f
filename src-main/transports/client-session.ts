import { type Emit, type EventName, eventNames } from '../contract/contract.ts';
import { contractErrorCodes } from '../contract/errors.ts';
import type { Reply } from '../contract/wire.ts';
import { type Dispatch, failure } from './dispatcher.ts';

/** Tells a listener of everything the services say. @returns A function that ends that. */
export type OnEmit = (listener: Emit) => () => void;

/** The main side of one window: its calls under way and what it wants to be told. */
export class ClientSession {
  readonly #dispatch: Dispatch;
  readonly #calls = new Map<number, AbortController>();
  readonly #subscriptions = new Set<EventName>();

  constructor(dispatch: Dispatch) {
    this.#dispatch = dispatch;
  }

  /** @param id The window's number for the call; one that is under way already is refused. */
  async call(id: number, name: string, input: unknown): Promise<Reply> {
    if (this.#calls.has(id)) {
      return failure({
        code: contractErrorCodes.invalidInput,
        message: `Calls under way must have ids of their own, but got ${id} again.`,
      });
    }
    const controller = new AbortController();
    this.#calls.set(id, controller);
    try {
      return await this.#dispatch(name, input, controller.signal);
    } finally {
      this.#calls.delete(id);
    }
  }

  abort(id: number): void {
    this.#calls.get(id)?.abort();
  }

  /** Events that do not exist are never emitted, so they need no answer. */
  subscribe(name: string): void {
    if (isEventName(name)) {
      this.#subscriptions.add(name);
    }
  }

  unsubscribe(name: string): void {
    if (isEventName(name)) {
      this.#subscriptions.delete(name);
    }
  }

  isSubscribed(name: EventName): boolean {
    return this.#subscriptions.has(name);
  }

  /** The window is gone: its calls are aborted and it is told nothing more. */
  close(): void {
    this.#subscriptions.clear();
    for (const controller of this.#calls.values()) {
      controller.abort();
    }
  }
}

function isEventName(name: string): name is EventName {
  return (eventNames as readonly string[]).includes(name);
}
