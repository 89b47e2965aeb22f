import type { Channel } from '../../../src-main/contract/channel.ts';
import type {
  CallName,
  EventName,
  Events,
  InputOf,
  OutputOf,
} from '../../../src-main/contract/contract.ts';
import { ContractError } from '../../../src-main/contract/errors.ts';

type Answers = {
  [Name in CallName]?: (
    input: InputOf<Name>,
    signal?: AbortSignal,
  ) => OutputOf<Name> | Promise<OutputOf<Name>>;
};

/** A channel whose answers a test writes down, and whose events it sends. */
export class FakeChannel implements Channel {
  /** The calls made, in order. */
  readonly calls: { readonly name: CallName; readonly input: unknown }[] = [];
  readonly #answers: Answers;
  readonly #listeners = new Map<EventName, Set<(payload: never) => void>>();
  readonly #reconnectListeners = new Set<() => void>();

  constructor(answers: Answers = {}) {
    this.#answers = answers;
  }

  async call<Name extends CallName>(
    name: Name,
    input: InputOf<Name>,
    signal?: AbortSignal,
  ): Promise<OutputOf<Name>> {
    this.calls.push({ name, input });
    const answer = this.#answers[name];
    if (!answer)
      throw new ContractError({ code: 'UNKNOWN_CALL', message: `No answer to ${name}.` });
    return structuredClone(await answer(input, signal));
  }

  subscribe<Name extends EventName>(
    name: Name,
    listener: (payload: Events[Name]) => void,
  ): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  onReconnect(listener: () => void): () => void {
    this.#reconnectListeners.add(listener);
    return () => this.#reconnectListeners.delete(listener);
  }

  emit<Name extends EventName>(name: Name, payload: Events[Name]): void {
    for (const listener of this.#listeners.get(name) ?? [])
      (listener as (payload: Events[Name]) => void)(structuredClone(payload));
  }

  reconnect(): void {
    for (const listener of this.#reconnectListeners) listener();
  }

  /** Listeners of an event, to see that subscriptions end. */
  nListeners(name: EventName): number {
    return this.#listeners.get(name)?.size ?? 0;
  }
}
