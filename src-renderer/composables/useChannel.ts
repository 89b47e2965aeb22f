import { inject, type InjectionKey } from 'vue';

import type { Channel } from '../../src-main/contract/channel.ts';

export const channelKey: InjectionKey<Channel> = Symbol('channel');

/** The connection to the main side, provided by main.ts; tests provide their own. */
export function useChannel(): Channel {
  const channel = inject(channelKey, null);
  if (!channel) throw new Error('No channel is provided.');
  return channel;
}
