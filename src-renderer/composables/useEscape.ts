import { watch, type Ref } from 'vue';

/**
 * Escape closes a popover that is open, wherever the focus is, and nothing that lies below it. However it is closed, a focus that was within goes
 * back to where it was when it was opened: to its button.
 */
export function useEscape(isOpen: Ref<boolean>): void {
  watch(isOpen, (now, _, onCleanup) => {
    if (!now) return;
    // The page still shows what it did before: a popover takes the focus later.
    const opener = document.activeElement;
    let isByKey = false;
    function onKey(event: KeyboardEvent): void {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      isByKey = true;
      isOpen.value = false;
    }
    window.addEventListener('keydown', onKey, { capture: true });
    onCleanup(() => {
      window.removeEventListener('keydown', onKey, { capture: true });
      const { activeElement } = document;
      // What was pressed within may be disabled or gone by now: then nothing has the focus.
      const isLost = isByKey && activeElement === document.body;
      const isWithin = activeElement?.closest('.n-popover') != null;
      if ((isLost || isWithin) && opener instanceof HTMLElement) opener.focus();
    });
  });
}
