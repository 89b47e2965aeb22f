import { watch, type Ref } from 'vue';

/** Escape closes what is open, wherever the focus is, and nothing that lies below it. */
export function useEscape(isOpen: Ref<boolean>): void {
  function onKey(event: KeyboardEvent): void {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    isOpen.value = false;
  }
  watch(isOpen, (now, _, onCleanup) => {
    if (!now) return;
    window.addEventListener('keydown', onKey, { capture: true });
    onCleanup(() => window.removeEventListener('keydown', onKey, { capture: true }));
  });
}
