import { defineStore } from 'pinia';
import { shallowRef } from 'vue';

import type { Registries } from '../../src-main/contract/analysis.ts';
import { useChannel } from '../composables/useChannel.ts';

/** The samplers, pruners, stop rules and importance evaluators there are; fetched once. */
export const useRegistriesStore = defineStore('registries', () => {
  const channel = useChannel();
  const registries = shallowRef<Registries | null>(null);
  let pending: Promise<void> | null = null;

  function load(): Promise<void> {
    pending ??= channel.call('analysis.registries', {}).then(
      (fetched) => {
        registries.value = fetched;
      },
      () => {
        // Asked again the next time: what is missing meanwhile is a choice, not the chart.
        pending = null;
      },
    );
    return pending;
  }

  return { registries, load };
});
