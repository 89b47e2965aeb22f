import type { Channel } from '../../src-main/contract/channel.ts';

/**
 * `waiting`: the connection was lost and will be tried again soon. `closed`: it will not be tried again,
 * for the given reason.
 */
export type ConnectionState =
  | { readonly name: 'connecting' | 'connected' | 'waiting' }
  | { readonly name: 'closed'; readonly reason: string };

/** A channel that knows whether anybody is at the other end. */
export interface ConnectedChannel extends Channel {
  /** Calls `listener` with the state now and whenever it changes. @returns A function that ends that. */
  onConnectionChange(listener: (state: ConnectionState) => void): () => void;
  close(): void;
}
