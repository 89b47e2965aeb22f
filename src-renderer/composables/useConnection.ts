import { onScopeDispose, readonly, ref, type Ref } from 'vue';

import type { ConnectedChannel, ConnectionState } from '../api/connection.ts';
import { useChannel } from './useChannel.ts';

/** Whether the main side can be reached. */
export function useConnection(): Readonly<Ref<ConnectionState>> {
  const state = ref<ConnectionState>({ name: 'connected' });
  const channel = useChannel() as Partial<ConnectedChannel>;
  const end = channel.onConnectionChange?.((now) => (state.value = now));
  onScopeDispose(() => end?.());
  return readonly(state) as Readonly<Ref<ConnectionState>>;
}
