import { createPinia, setActivePinia } from 'pinia';
import { createApp } from 'vue';

import type { Channel } from '../../../src-main/contract/channel.ts';
import { channelKey } from '../../../src-renderer/composables/useChannel.ts';

/** Makes stores usable outside a window, with this channel provided. */
export function installChannel(channel: Channel): void {
  const pinia = createPinia();
  createApp({}).provide(channelKey, channel).use(pinia);
  setActivePinia(pinia);
}
