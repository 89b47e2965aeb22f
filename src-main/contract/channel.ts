import type { CallName, EventName, Events, InputOf, OutputOf } from './contract.ts';

/** The window's side of a transport. Inputs, outputs and payloads are plain data: no classes, functions or Maps; typed arrays, NaN and infinities survive. */
export interface Channel {
  /** @throws ContractError with the code of what went wrong. */
  call<Name extends CallName>(
    name: Name,
    input: InputOf<Name>,
    signal?: AbortSignal,
  ): Promise<OutputOf<Name>>;
  /** @returns A function that ends the subscription. */
  subscribe<Name extends EventName>(
    name: Name,
    listener: (payload: Events[Name]) => void,
  ): () => void;
  /** Called when events may have been missed (a connection came back): fetch snapshots anew. */
  onReconnect(listener: () => void): () => void;
}
