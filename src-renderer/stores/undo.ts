import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';

/** Something that was done and can be taken back. */
export interface UndoOffer {
  /** What was done: "3 trials deleted". */
  readonly label: string;
  readonly undo: () => Promise<unknown>;
}

/** Offers that are kept; the oldest is forgotten when another comes. */
const N_KEPT = 20;

/** What the user may take back, in the whole window. */
export const useUndoStore = defineStore('undo', () => {
  const offers = shallowRef<readonly UndoOffer[]>([]);
  /** The offer that is shown for a while; it can be taken back afterwards too. */
  const shown = shallowRef<UndoOffer | null>(null);
  const isBusy = ref(false);
  const last = computed(() => offers.value.at(-1) ?? null);

  function offer(offered: UndoOffer): void {
    offers.value = [...offers.value, offered].slice(-N_KEPT);
    shown.value = offered;
  }

  function withdraw(offered: UndoOffer): void {
    offers.value = offers.value.filter((other) => other !== offered);
    if (shown.value === offered) shown.value = null;
  }

  /**
   * Takes back one thing, the last one where none is named. Where that fails the offer stays, so that it can be tried again.
   *
   * @returns What was taken back; null when there was nothing, or another one is being taken back.
   */
  async function undo(offered: UndoOffer | null = last.value): Promise<UndoOffer | null> {
    if (offered === null || isBusy.value || !offers.value.includes(offered)) return null;
    isBusy.value = true;
    try {
      await offered.undo();
      withdraw(offered);
      return offered;
    } finally {
      isBusy.value = false;
    }
  }

  function hide(): void {
    shown.value = null;
  }

  return { shown, isBusy, last, offer, withdraw, undo, hide };
});
